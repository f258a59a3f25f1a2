#include "segments/window.h"

#include "base/clock.h"
#include "base/dates.h"

#include <string.h>

static int64_t shifted(const Moment *moment, int64_t at, RuleUnit unit, int64_t count)
{
    static const int64_t exact[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    if (unit <= RULE_WEEK) return at + count * exact[unit];
    if (unit == RULE_QUARTER) return zone_add(moment->zone, at, ZONE_MONTH, 3 * count);
    return zone_add(moment->zone, at, unit == RULE_MONTH ? ZONE_MONTH : ZONE_YEAR, count);
}

/* Before 1970 zones say nothing: days are those of UTC. */
static int64_t day_start(const Zone *zone, int year, int month, int day)
{
    Calendar local = {.year = year, .month = month, .day = day};
    if (year < 1970) return days_from_civil(year, month, day) * CLOCK_DAY_MS;
    return zone_utc_ms(zone, &local);
}

static int digits_read(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (!g_ascii_isdigit(text[i])) return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

bool window_day_parse(const char *text, int *ret_year, int *ret_month, int *ret_day)
{
    if (strlen(text) < 10 || text[4] != '-' || text[7] != '-') return false;
    int year = digits_read(text, 4), month = digits_read(text + 5, 2),
        day = digits_read(text + 8, 2);
    if (year < 1 || month < 1 || month > 12) return false;
    if (day < 1 || day > month_days(year, month)) return false;
    *ret_year = year;
    *ret_month = month;
    *ret_day = day;
    return true;
}

bool window_date(const char *text, const Moment *moment, Range *ret_range)
{
    int year, month, day;
    Slice slice = slice_of(text);
    if (!window_day_parse(text, &year, &month, &day)) return false;
    if (slice.size == 10) {
        int next_year, next_month, next_day;
        civil_from_days(days_from_civil(year, month, day) + 1, &next_year, &next_month, &next_day);
        ret_range->from = day_start(moment->zone, year, month, day);
        ret_range->to = day_start(moment->zone, next_year, next_month, next_day);
        return true;
    }
    if (!date_parse(slice, DATE_YMD, moment->zone, &ret_range->from, NULL)) return false;
    ret_range->to = ret_range->from + 1;
    return true;
}

/* Dates of a rule were checked when it was read. */
static Range date_of(const char *text, const Moment *moment)
{
    Range range = {0, 0};
    window_date(text, moment, &range);
    return range;
}

static int64_t period_start(const Moment *moment, RuleUnit unit)
{
    static const ZoneUnit units[RULE_UNITS] = {[RULE_DAY] = ZONE_DAY,
                                               [RULE_WEEK] = ZONE_WEEK,
                                               [RULE_MONTH] = ZONE_MONTH,
                                               [RULE_QUARTER] = ZONE_MONTH,
                                               [RULE_YEAR] = ZONE_YEAR};
    Calendar local;
    int64_t start = zone_floor(moment->zone, moment->now, units[unit]);
    if (unit != RULE_QUARTER) return start;
    zone_calendar(moment->zone, start, &local);
    return zone_add(moment->zone, start, ZONE_MONTH, -((local.month - 1) % 3));
}

/* Local midnights that lie whole calendar units apart. */
static int64_t period_step(const Moment *moment, int64_t start, RuleUnit unit, int64_t count)
{
    if (unit == RULE_DAY) return zone_add(moment->zone, start, ZONE_DAY, count);
    if (unit == RULE_WEEK) return zone_add(moment->zone, start, ZONE_WEEK, count);
    return shifted(moment, start, unit, count);
}

static Range period_range(const RuleWindow *window, const Moment *moment)
{
    int64_t start = period_start(moment, window->unit);
    return (Range){period_step(moment, start, window->unit, window->step),
                   period_step(moment, start, window->unit, window->step + 1)};
}

Range window_range(const RuleWindow *window, const Moment *moment)
{
    int64_t now = moment->now;
    switch (window->kind) {
    case RULE_LAST:
    case RULE_LESS_AGO:
        return (Range){shifted(moment, now, window->unit, -window->from), now};
    case RULE_NEXT:
        return (Range){now, shifted(moment, now, window->unit, window->from)};
    case RULE_MORE_AGO:
        return (Range){INT64_MIN, shifted(moment, now, window->unit, -window->from)};
    case RULE_BETWEEN_AGO:
        return (Range){shifted(moment, now, window->unit, -window->from),
                       shifted(moment, now, window->unit, -window->to)};
    case RULE_SINCE:
        return (Range){date_of(window->date, moment).from, INT64_MAX};
    case RULE_BEFORE:
        return (Range){INT64_MIN, date_of(window->date, moment).from};
    case RULE_AFTER:
        return (Range){date_of(window->date, moment).to, INT64_MAX};
    case RULE_ON:
        return date_of(window->date, moment);
    case RULE_BETWEEN_DATE:
        return (Range){date_of(window->date, moment).from, date_of(window->until, moment).to};
    case RULE_PERIOD:
        return period_range(window, moment);
    case RULE_ALWAYS:
    case RULE_WINDOWS:
        break;
    }
    return (Range){INT64_MIN, INT64_MAX};
}

Range window_past(const RuleWindow *window, const Moment *moment)
{
    Range range = window_range(window, moment);
    range.to = MIN(range.to, moment->now);
    return range;
}

int64_t window_span_end(const RuleWindow *span, const Moment *moment, int64_t from)
{
    if (span->kind == RULE_ALWAYS) return INT64_MAX;
    return shifted(moment, from, span->unit, span->from);
}

int64_t window_day_of(const Moment *moment, int64_t at)
{
    int64_t local = at + zone_offset_ms(moment->zone, at);
    return local >= 0 ? local / CLOCK_DAY_MS : -((CLOCK_DAY_MS - 1 - local) / CLOCK_DAY_MS);
}

static int64_t days_shifted(const Moment *moment, RuleUnit unit, int64_t count)
{
    int64_t today = window_day_of(moment, moment->now);
    if (unit <= RULE_DAY) return today + count;
    if (unit == RULE_WEEK) return today + 7 * count;
    return window_day_of(moment, shifted(moment, moment->now, unit, count));
}

Range window_days(const RuleWindow *window, const Moment *moment)
{
    int64_t today = window_day_of(moment, moment->now);
    if (window->kind == RULE_NEXT)
        return (Range){today, days_shifted(moment, window->unit, window->from)};
    if (window->kind == RULE_LAST)
        return (Range){days_shifted(moment, window->unit, -window->from), today};
    Range range = window_range(window, moment);
    return (Range){window_day_of(moment, range.from), window_day_of(moment, range.to - 1) + 1};
}
