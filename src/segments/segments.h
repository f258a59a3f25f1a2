/* segments/segments.h: who is meant by a rule: every person for whom it is true at a moment.
 *
 * The universe is every person of the store (merged ones once, erased ones and visitors not at
 * all); `not` is over it. A rule is taken apart into leaves; each is filled by fixed statements in
 * key-ranged chunks, the same on both databases, and becomes a set of people; and, or and not join
 * the sets (docs/adr/0007). So an answer costs one pass over the tables that the rule needs: orders
 * are few, events may be many.
 *
 * Asked at a moment T, a rule sees what had happened before T, as far as it is known today.
 * Thread safe; never from the writer's thread, nor with a reader in hand.
 *
 *     SegmentAsk ask = {.rules = &rule, .count = 1, .at = clock_now_ms()};
 *     g_autoptr(SegmentAnswer) answer = segments_ask(segments, &ask, error);
 *     set_count(answer->sets[0]);
 */
#pragma once
#include "columns/event_scan.h"
#include "people/people.h"
#include "segments/language.h"
#include "segments/set.h"
#include "segments/window.h"
#include "store/store.h"
#include "timeline/timeline.h"

typedef struct Segments Segments;

/* A chunk stays well under the time of a reader also where each row is looked into. */
enum { SEGMENTS_CHUNK_ROWS = 20000 };

typedef struct Feed Feed; /* segments/feed.h */

/* What an answer was read from. */
typedef enum SegmentEngine {
    SEGMENT_SQL,     /* the database */
    SEGMENT_COLUMNS, /* the columns in memory, kept equal to it */
    SEGMENT_BOTH,    /* parts of the rule from one, parts from the other */
    SEGMENT_ENGINES
} SegmentEngine;

/* How a leaf was filled from columns. */
typedef enum SegmentKernel {
    SEGMENT_KERNEL_NONE, /* occurrence by occurrence */
    SEGMENT_KERNEL_TOTALS,
    SEGMENT_KERNEL_FIELDS,
    SEGMENT_KERNEL_INSTANTS,
    SEGMENT_KERNEL_SEQUENCE,
    SEGMENT_KERNEL_ROWS,
    SEGMENT_KERNELS
} SegmentKernel;

typedef struct SegmentsOptions {
    Store *store; /* all three outlive the Segments */
    People *people;
    Timeline *timeline;
    int64_t chunk_rows;     /* read in one go; 0: SEGMENTS_CHUNK_ROWS */
    Feed *feed;             /* columns that are kept equal, or NULL: SQL answers everything */
    EventScanLimits limits; /* when columns are read in which way; 0: the defaults */
} SegmentsOptions;

Segments *segments_new(const SegmentsOptions *options);
void segments_free(Segments *segments);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Segments, segments_free)

/* Answers from columns where they hold what a rule needs; NULL: no longer. The feed is the
 * caller's; only while nobody asks. */
void segments_set_feed(Segments *segments, Feed *feed);
Feed *segments_feed(Segments *segments);
/* Other limits from now on; only while nobody asks. */
void segments_set_limits(Segments *segments, const EventScanLimits *limits);

/* "sql", "columns", "both". */
const char *segment_engine_name(SegmentEngine engine);

Store *segments_store(Segments *segments);
People *segments_people(Segments *segments);
Timeline *segments_timeline(Segments *segments);

typedef struct SegmentAsk {
    const Rule *const *rules; /* answered in one pass together */
    size_t count;
    int64_t at; /* UTC ms: the moment they are judged at; 1970 to 9999 */
    bool parts; /* keep the set of every part, for explanations */
} SegmentAsk;

/* What a rule costs each time it is asked. */
typedef struct SegmentCost {
    SegmentEngine engine; /* that its own parts were read from */
    uint64_t entries;     /* looked at in columns: occurrences within their windows, and one value
                             a person for each part about people */
    uint64_t rows;        /* read from the database; what two parts read together counts once */
} SegmentCost;

typedef struct SegmentAnswer {
    int64_t at;
    const Zone *zone; /* the calendar words were judged in */
    int64_t
        newest_order; /* UTC ms, of those counted; INT64_MIN: none, or no rule looks at orders */
    GArray *people;   /* of int64_t: the universe, rising */
    SegmentEngine engine;
    uint32_t kernels[SEGMENT_KERNELS]; /* leaves filled from columns, by how */
    int64_t took_us;                   /* from the question to the answer */
    size_t count;                      /* of sets and costs */
    PersonSet **sets;                  /* one for each rule asked */
    SegmentCost *costs;                /* the same */
    GHashTable *parts; /* const RuleNode * -> PersonSet *, when asked for; else NULL */
} SegmentAnswer;

/* The people of each rule. Errors: KITH_ERROR_INVALID (unknown event or segment, other currency
 * than the business's, segments that lead in a circle), the database's. NULL on failure. */
SegmentAnswer *segments_ask(Segments *segments, const SegmentAsk *ask, GError **error);
void segment_answer_free(SegmentAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SegmentAnswer, segment_answer_free)

/* The ids of one set, rising; the caller's. */
GArray *segment_answer_ids(const SegmentAnswer *answer, size_t index);

/* Whether everything that a rule names is known here, without asking it. `ret_problem` (may be
 * NULL) as in rule_parse, for the text it was read from. */
bool segments_check(Segments *segments, const Rule *rule, Slice text, RuleProblem *ret_problem,
                    GError **error);

/* The business's zone; UTC while the profile is empty. */
bool segments_zone(Segments *segments, const Zone **ret_zone, GError **error);

/* Reads what --at and `at` take: a day (its start in the business's zone), or a date with a time.
 */
bool segments_at(Segments *segments, const char *text, int64_t *ret_at, GError **error);
