/* timeline/import_command.h: `kith import KIND FILE.csv …`: what the command line does. */
#pragma once
#include "base/console.h"
#include "timeline/import.h"

typedef struct ImportCommand {
    const char *kind;        /* orders | customers | products | events | rates | consents |
                                suppressions | auto */
    const char *path;        /* as typed */
    const char *format;      /* NULL = auto */
    const char *const *maps; /* "field=Column" */
    size_t map_count;
    const char *shop, *currency, *zone; /* NULL = not said */
    const char *delimiter;              /* one byte, or "tab"; NULL = sniffed */
    const char *date_order;             /* ymd, dmy, mdy, epoch_s, epoch_ms; NULL = guessed */
    const char *says;                   /* of lists: what a row without a word says; or NULL */
    bool not_suppressions;              /* it looks like addresses never to write to, and is not */
    bool decimal_comma;                 /* else guessed */
    bool dry_run, json;
} ImportCommand;

/* Imports a file, or goes on with the import of the same content that was interrupted; tells what
 * it assumed, shows progress, prints the counts. Returns the exit status (CONSOLE_…). */
int import_command(Imports *imports, Console *console, const ImportCommand *command);
