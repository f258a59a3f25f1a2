/* segments/segment_command.h: `kith segment count|list|explain|export 'RULE' [--at TIME] [--json]`,
 * `why 'RULE' PERSON`, `create NAME 'RULE'`, `create NAME --members FILE.csv`.
 */
#pragma once
#include "base/console.h"
#include "segments/segments.h"

typedef struct SegmentCommand {
    const char *verb; /* count, list, explain, why, export or create */
    const char *rule;
    const char *person;   /* of why: id, e-mail address or user id */
    const char *at;       /* a date; NULL: now */
    const char *known_at; /* of a watched segment: as recorded then; NULL: what is known now */
    const char *name;     /* of create */
    const char *members;  /* of create: a CSV file instead of a rule; or NULL */
    const char *column;   /* of it, that says who it is; or NULL */
    const char *by;       /* email, user_id, person_id; NULL: by what stands in it */
    bool json;
} SegmentCommand;

/* Prints and returns the exit status (CONSOLE_…). A rule that cannot be read is usage. */
int segment_command(Segments *segments, Console *console, const SegmentCommand *command);
