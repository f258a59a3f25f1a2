/* app/liquid_command.h: `kith liquid render|check`: the door of template authors and of conformance
 * suites to the template engine. Needs no data folder.
 *
 *     kith liquid render mail.liquid --data '{"person": {"first_name": "Ann"}}'
 *     kith liquid render cases.jsonl --jsonl
 *     kith liquid check mail.liquid
 *
 * --jsonl: one case a line, {"template": "…", "data": {…}, "templates": {"name": "…"},
 * "html": false}; for each one line comes back, {"result": "…"} or {"error": {"code": "invalid",
 * "message": "line 1, column 4: …"}}, with the "name" of the case where it has one.
 */
#pragma once
#include "base/console.h"

typedef struct LiquidCommand {
    const char *verb;     /* "render" or "check" */
    const char *file;     /* NULL or "-": standard input */
    const char *data;     /* JSON, or the name of a file with it; NULL: none */
    const char *partials; /* folder of NAME.liquid for render and include, or NULL */
    const char *zone;     /* of dates; NULL: UTC */
    bool html;            /* escape what is written out */
    bool jsonl, json;
} LiquidCommand;

/* Runs it and returns the exit status (CONSOLE_…). */
int liquid_command(Console *console, const LiquidCommand *command);
