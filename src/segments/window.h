/* segments/window.h: the instants and days that a window of a rule means, seen from a moment.
 *
 * Windows are half-open, [from, to), in UTC ms. Minutes, hours, days and weeks are exact multiples
 * (a day has 24 h); months and years, and all calendar words, are those of the zone. Pure.
 */
#pragma once
#include "base/zones.h"
#include "segments/language.h"

typedef struct Moment {
    int64_t now; /* UTC ms: what a rule is judged at; nothing from then on has happened */
    const Zone *zone;
} Moment;

typedef struct Range {
    int64_t from, to; /* [from, to); INT64_MIN, INT64_MAX = open */
} Range;

/* The instants a window means, ahead of now too. */
Range window_range(const RuleWindow *window, const Moment *moment);

/* The same of what has happened: never from now on. */
Range window_past(const RuleWindow *window, const Moment *moment);

/* The longest time between two steps, as the instant it ends after `from`. */
int64_t window_span_end(const RuleWindow *span, const Moment *moment, int64_t from);

/* The calendar days a window of birthdays means, as days since 1970: [from, to). */
Range window_days(const RuleWindow *window, const Moment *moment);

/* The local day of an instant, days since 1970. */
int64_t window_day_of(const Moment *moment, int64_t at);

/* Reads the "YYYY-MM-DD" that a text begins with: a day that exists, years 1 to 9999. */
bool window_day_parse(const char *text, int *ret_year, int *ret_month, int *ret_day);

/* The instants a written date means: a bare day from its start to the start of the next in the
 * zone, a date with a time that one millisecond. False when it is none. Any year 1..9999. */
bool window_date(const char *text, const Moment *moment, Range *ret_range);
