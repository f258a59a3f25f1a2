/* segments/edges.h: the instants after which a leaf may say something else though nothing happens.
 *
 * For each occurrence that a leaf hears of: when it becomes visible (an event at t counts from
 * t + 1 ms on), and when it comes into or leaves the leaf's window. Months and years clamp at the
 * ends of months, so that an instant can leave and come back: all crossings are given. What is
 * judged by days (birthdays, silence) changes at local midnights: the first at which the leaf
 * itself says something else. Too many edges do no harm, a missing one does. Private to segments/.
 */
#pragma once
#include "segments/judge_private.h"

enum { EDGE_DAYS_MAX = 400 /* midnights looked at in one go */ };

/* Appends the edges of a filled evaluation that lie after its moment (int64_t, any order): all that
 * can be told from here, and for leaves judged by days the next. */
bool edges_find(Judge *judge, Evaluation *evaluation, GArray *edges, GError **error);

/* Who is told of where an occurrence crosses the ends of a window. */
typedef struct EdgesSink {
    void (*point)(void *data, int64_t at); /* at this instant */
    /* At those that edges_shift finds. */
    void (*shift)(void *data, RuleUnit unit, int64_t count, int64_t at);
    void *data;
} EdgesSink;
void edges_crossings(const Moment *moment, const RuleWindow *window, int64_t at,
                     const EdgesSink *sink);

/* Appends the instants at which an occurrence comes into or leaves a window. */
void edges_window(const Moment *moment, const RuleWindow *window, int64_t at, GArray *edges);

/* The instant from which on `now` and `count` of a unit that is always as long, weeks at most, are
 * past `at`. */
int64_t edges_exact(RuleUnit unit, int64_t count, int64_t at);

/* Appends the instants `now` at which `shifted(now) > at` changes, where shifted adds `count` of
 * `unit`; for tests too. */
void edges_shift(const Moment *moment, RuleUnit unit, int64_t count, int64_t at, GArray *edges);

/* Appends where each date begins that stands anywhere inside a value (int64_t). */
void edges_dates(const Moment *moment, const json_t *value, GArray *dates);

/* Local midnight `days` after the moment's day. */
int64_t edges_midnight(const Moment *moment, int64_t days);

/* Appends the instants at which what somebody agreed to may change by itself. */
typedef struct ConsentEdges {
    People *people;
    const RuleNode *node; /* of RULE_CONSENT or RULE_BOUNCED */
    int64_t person_id, at;
} ConsentEdges;
bool edges_consent(const ConsentEdges *ask, Db *db, GArray *edges, GError **error);
