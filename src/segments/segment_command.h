/* segments/segment_command.h: `kith segment count|list|explain|export 'RULE' [--at TIME] [--json]`.
 */
#pragma once
#include "base/console.h"
#include "segments/segments.h"

typedef struct SegmentCommand {
    const char *verb; /* count, list, explain, why or export */
    const char *rule;
    const char *person;   /* of why: id, e-mail address or user id */
    const char *at;       /* a date; NULL: now */
    const char *known_at; /* of a watched segment: as recorded then; NULL: what is known now */
    bool json;
} SegmentCommand;

/* Prints and returns the exit status (CONSOLE_…). A rule that cannot be read is usage. */
int segment_command(Segments *segments, Console *console, const SegmentCommand *command);
