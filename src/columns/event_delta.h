/* columns/event_delta.h: inside of columns/: occurrences not folded yet, in order of arrival.
 *
 * A delta is a list of segments that never move; a segment's entries are found by row through
 * chains of buckets. One writer appends; readers see the entries below the count of their view.
 * Segments begin small and double, so that a rare name costs little and a look-up visits few.
 */
#pragma once
#include "columns/event_view.h"

enum {
    SEGMENT_FIRST = 256,    /* entries */
    SEGMENT_BITS_MAX = 18,  /* the largest has 2^18 entries */
    SEGMENTS_MAX = 1 << 14, /* so that 32 bits name an entry */
};

typedef struct EventSegment {
    uint32_t capacity; /* a power of two */
    uint32_t *rows;    /* all arrays in one piece of memory with this struct */
    int64_t *ats, *ids;
    int64_t *cells[EVENT_PROPERTIES_MAX];
    uint32_t *heads;    /* by row & (capacity - 1): newest entry + 1; atomic; NULL: no chains */
    uint32_t *previous; /* older entry of the same bucket + 1 */
} EventSegment;

typedef struct EventDelta {
    int refs;       /* atomic */
    uint64_t first; /* ordinal of the first entry */
    uint64_t count;
    uint32_t properties;
    bool chained;  /* false while a name is built: nobody looks a row up */
    uint32_t wide; /* bit p: a cell of property p is no code */
    uint64_t bytes;
    GPtrArray *segments; /* of EventSegment */
    EventSegment *last;  /* of them; NULL: none yet */
    uint32_t tail;       /* entries in it */
} EventDelta;

typedef struct EventEntry {
    uint32_t row;
    int64_t at, id;
    const int64_t *cells; /* one per property */
} EventEntry;

EventDelta *event_delta_new(uint64_t first, uint32_t properties, bool chained);
EventDelta *event_delta_ref(EventDelta *delta);
void event_delta_unref(EventDelta *delta);

/* Bytes that the next entry would take beyond those there are. */
uint64_t event_delta_growth(const EventDelta *delta);
static inline bool event_delta_has_room(const EventDelta *delta)
{
    return delta->last && delta->tail < delta->last->capacity;
}
void event_delta_add(EventDelta *delta, const EventEntry *entry);

/* Appends the delta's entries below `count` as parts (of EventPart). */
void event_delta_parts(const EventDelta *delta, uint64_t count, GArray *parts);

/* The newest entry of a row in a part, resp. the next older one; -1: none. */
int64_t event_part_newest(const EventPart *part, uint32_t row);
int64_t event_part_older(const EventPart *part, uint32_t row, int64_t entry);
