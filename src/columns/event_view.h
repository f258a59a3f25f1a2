/* columns/event_view.h: reading event columns: immutable arrays of one instant.
 *
 * A view holds, for each event name, a *base* and a *delta*. The base has its occurrences twice:
 * grouped by row (a person's stem) and in order of time. The delta is what came since the last
 * fold, in order of arrival, in parts; there are seldom more than a million of it. A view never
 * changes and is released with event_view_unref; take one per question.
 *
 * What is valid: everything in base and delta but what a *reset* voids: a reset of a row voids the
 * whole base part of the row and its entries of the delta with an ordinal below `from`. Resets come
 * from erasure and from occurrences that were replaced (an order that was cancelled); there are
 * few.
 *
 * Cells. A property of an occurrence is an int64 cell: missing, a code of the property's dictionary
 * (texts by their fold, false, true, and what the owner calls *other*, say lists), a number (times
 * 10^6), or, once a dictionary is full, a keyed hash, good for equality only. Ask a rule's test
 * once for each entry of the dictionary, then look codes up; types are never mixed by accident.
 *
 * Threads: any. Nothing here locks.
 *
 *     g_autoptr(EventView) view = event_columns_view(columns);
 *     const EventName *name = event_view_name(view, name_id);   // NULL: not held, use SQL
 *     const EventBase *base = name->base;
 *     for (uint32_t g = 0; g < base->groups; g++)
 *         for (uint32_t i = base->offsets[g]; i < base->offsets[g + 1]; i++)
 *             use(event_base_row(base, g), event_base_at(base, i), event_cell(&base->grouped[0],
 * i)); then each part of name->parts, unless event_part_void(name, part, i)
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define EVENT_AT_MIN     (-(INT64_C(1) << 47)) /* instants held: years -2490 to 6429 */
#define EVENT_AT_MAX     ((INT64_C(1) << 47) - 1)
#define EVENT_NUMBER_MAX INT64_C(9200000000000000000) /* 9.2 x 10^12, times 10^6 */

enum {
    EVENT_PROPERTIES_MAX = 16, /* of one name */
    EVENT_CODE_MISSING = 0,
    EVENT_CODE_FALSE = 1,
    EVENT_CODE_TRUE = 2,
    EVENT_CODE_FIRST = 3 /* of the dictionary's own entries */
};

#define EVENT_CELL_MISSING       INT64_MIN
#define EVENT_CELL_OF_CODE(code) (INT64_MIN + (int64_t)(code))

/* Below -EVENT_NUMBER_MAX a cell is a code, above EVENT_NUMBER_MAX a hash, else a number. */
static inline bool event_cell_is_number(int64_t cell)
{
    return cell >= -EVENT_NUMBER_MAX && cell <= EVENT_NUMBER_MAX;
}
static inline bool event_cell_is_code(int64_t cell) { return cell < -EVENT_NUMBER_MAX; }
static inline bool event_cell_is_hash(int64_t cell) { return cell > EVENT_NUMBER_MAX; }
static inline uint32_t event_cell_code(int64_t cell) { return (uint32_t)(cell - INT64_MIN); }

/* One property in the order of one layout. Exactly one of the two is set. */
typedef struct EventColumn {
    const uint32_t *codes; /* every cell is a code (missing included) */
    const int64_t *cells;
} EventColumn;

static inline int64_t event_cell(const EventColumn *column, size_t i)
{
    return column->codes ? EVENT_CELL_OF_CODE(column->codes[i]) : column->cells[i];
}

/* Rows with occurrences stand in groups. In a name that many have, group g is row g (and may be
 * empty); in a rare one only rows with occurrences have a group. */
typedef struct EventBase {
    uint32_t groups;
    uint32_t count;             /* occurrences */
    const uint32_t *group_rows; /* rising; NULL: group g is row g */
    /* grouped: sorted by row, instant, id */
    const uint32_t *offsets; /* groups + 1; [offsets[g], offsets[g + 1]) is group g */
    const uint32_t *ticks;   /* instant = EVENT_AT_MIN + (tick << 16) + fine */
    const uint16_t *fines;
    const int64_t *ids;
    EventColumn grouped[EVENT_PROPERTIES_MAX];
    /* arrival: sorted by instant */
    const uint32_t *arrival_rows;
    const uint32_t *arrival_lows; /* low 32 bits of (instant - EVENT_AT_MIN) */
    EventColumn arrival[EVENT_PROPERTIES_MAX];
} EventBase;

static inline uint32_t event_base_row(const EventBase *base, uint32_t group)
{
    return base->group_rows ? base->group_rows[group] : group;
}

static inline int64_t event_base_at(const EventBase *base, size_t i)
{
    return EVENT_AT_MIN + (int64_t)(((uint64_t)base->ticks[i] << 16) | base->fines[i]);
}

/* The grouped range of a row; false (and an empty range): it has nothing here. O(1), rare names
 * O(log groups). */
bool event_base_range(const EventBase *base, uint32_t row, uint32_t *ret_from, uint32_t *ret_to);

/* The first position of the arrival layout whose instant is not before `at`. O(log). */
uint32_t event_arrival_find(const EventBase *base, int64_t at);
/* The instant of a position of the arrival layout. O(log of the years covered). */
int64_t event_arrival_at(const EventBase *base, uint32_t position);

/* A stretch of the delta, in order of arrival. Entry i has ordinal `first` + i. */
typedef struct EventPart {
    uint64_t first;
    uint32_t count;
    const uint32_t *rows;
    const int64_t *ats, *ids;
    const int64_t *cells[EVENT_PROPERTIES_MAX];
    const struct EventSegment *segment; /* of columns/ */
} EventPart;

typedef struct EventReset {
    uint32_t row;
    uint64_t from;
} EventReset;

typedef struct EventProperty {
    const char *path; /* as the owner named it */
    const struct EventDictionary *dictionary;
    uint32_t codes;       /* codes in use are below this */
    bool dictionary_full; /* new values are hashes from now on */
    bool texts_hashed;    /* some texts are hashes: only equality can be answered */
    bool other_hashed;    /* some *other* values are hashes: nothing can be answered of those */
} EventProperty;

typedef struct EventName {
    uint32_t name;
    const EventBase *base;
    const EventPart *parts;
    uint32_t part_count;
    const EventReset *resets; /* sorted by row, one a row */
    uint32_t reset_count;
    const EventProperty *properties;
    uint32_t property_count;
} EventName;

typedef struct EventView EventView;
void event_view_unref(EventView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventView, event_view_unref)

/* The name's columns, or NULL: it is not held (never asked for, being built, or over budget). */
const EventName *event_view_name(const EventView *view, uint32_t name);

/* Highest event id the owner said is contained. */
int64_t event_view_through(const EventView *view);

/* Stems and rows. Rows are dense and stay: 0 to event_view_rows - 1. */
uint32_t event_view_rows(const EventView *view);
int64_t event_view_stem(const EventView *view, uint32_t row);                /* 0: forgotten */
bool event_view_row(const EventView *view, int64_t stem, uint32_t *ret_row); /* false: unknown */

/* Position of a property in `properties`, -1: not held. */
int event_name_property(const EventName *name, const char *path);

/* Is the row's base part, resp. this entry of the delta void? O(log resets). */
bool event_base_void(const EventName *name, uint32_t row);
bool event_part_void(const EventName *name, const EventPart *part, uint32_t i);

/* One valid occurrence of a row: where its cells stand. */
typedef struct EventHit {
    int64_t at, id;
    const EventPart *part; /* NULL: in the base */
    uint32_t position;     /* in the part, resp. in the grouped layout */
} EventHit;

/* Appends the row's valid occurrences to `hits` (of EventHit), sorted by (at, id), base and delta
 * merged; returns how many. About a microsecond. */
size_t event_row(const EventName *name, uint32_t row, GArray *hits);
int64_t event_hit_cell(const EventName *name, const EventHit *hit, unsigned property);

/* Appends the rows with anything in the delta or a reset to `rows` (of uint32_t), sorted, each
 * once: a scan may judge all rows by the base alone and then these by event_row. */
void event_name_touched(const EventName *name, GArray *rows);

/* An entry of a dictionary. */
typedef enum EventKind {
    EVENT_MISSING,
    EVENT_FALSE,
    EVENT_TRUE,
    EVENT_NUMBER,
    EVENT_TEXT, /* folded by the owner */
    EVENT_OTHER /* bytes that mean something to the owner, e.g. the JSON of a list */
} EventKind;

typedef struct EventWord {
    EventKind kind;   /* EVENT_MISSING also: no occurrence bears this code any more */
    const char *text; /* of EVENT_TEXT and EVENT_OTHER; ends with 0 behind `length` bytes */
    uint32_t length;
} EventWord;

/* The entry of a code below property->codes. Valid as long as the view. */
EventWord event_word(const EventProperty *property, uint32_t code);

/* The cells that a folded text may stand as: a code and a hash; EVENT_CELL_MISSING where there is
 * no such. Compare cells with both. */
void event_text_cells(const EventProperty *property, const char *text, size_t length,
                      int64_t ret_cells[2]);
