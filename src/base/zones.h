/* base/zones.h: time zones and calendar arithmetic, from one list of names.
 *
 * The list is the system's tzdata (tzdata.zi), read once; a name that is not on it is refused, so
 * that no stranger ever makes us open a file of his naming. Rules that go on for ever (the footer
 * of a zone file) are unrolled to 2437 and repeat every 400 years, as the calendar does.
 * Everything is immutable once loaded and may be used from any thread without locks; a Zone
 * lives as long as the process.
 *
 * Range: 1970-01-01 to 9999-12-31 UTC. Instants outside are clamped to it. Local times that a
 * clock change skips are taken as if the clock had not changed yet (02:30 becomes 03:30); those
 * that happen twice mean the first. "Day" is the calendar day: 23 to 25 hours long.
 *
 *     const Zone *zone = zone_find(SLICE("Europe/London"), error);
 *     int64_t midnight_ms = zone_floor(zone, now_ms, ZONE_DAY);
 *     int64_t same_time_next_month_ms = zone_add(zone, now_ms, ZONE_MONTH, 1);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

#define ZONE_MS_MIN ((int64_t)0)
#define ZONE_MS_MAX ((int64_t)253402300799999) /* 9999-12-31T23:59:59.999Z */

typedef struct Zone Zone;

typedef enum ZoneUnit { ZONE_HOUR, ZONE_DAY, ZONE_WEEK, ZONE_MONTH, ZONE_YEAR } ZoneUnit;

/* A local date and time. */
typedef struct Calendar {
    int year;    /* 1970..9999 */
    int month;   /* 1..12 */
    int day;     /* 1..31 */
    int hour;    /* 0..23 */
    int minute;  /* 0..59 */
    int second;  /* 0..59 */
    int ms;      /* 0..999 */
    int weekday; /* 1 = Monday .. 7 = Sunday (ISO 8601); ignored on the way in */
} Calendar;

/* The zone of this name, exactly as IANA spells it, or NULL. Errors: KITH_ERROR_INVALID (not on
 * the list), KITH_ERROR_UNAVAILABLE (tzdata cannot be read). The first use reads its file. */
const Zone *zone_find(Slice name, GError **error);

/* UTC; needs no file. */
const Zone *zone_utc(void);

const char *zone_name(const Zone *zone);

/* All names, sorted, NULL-terminated; owned by the list. Errors: KITH_ERROR_UNAVAILABLE. */
const char *const *zones_list(GError **error);

/* What to add to UTC to get local time, ms. About 15 ns. */
int64_t zone_offset_ms(const Zone *zone, int64_t utc_ms);

/* The local calendar of an instant. */
void zone_calendar(const Zone *zone, int64_t utc_ms, Calendar *ret_local);

/* The instant of a local calendar, which must pass calendar_check. */
int64_t zone_utc_ms(const Zone *zone, const Calendar *local);

/* Whether every field is in range and the day exists in that month. */
bool calendar_check(const Calendar *local);

/* The start of the hour, day, week (Monday), month or year that contains the instant. */
int64_t zone_floor(const Zone *zone, int64_t utc_ms, ZoneUnit unit);

/* The same local time `count` units on (or back, when negative). Months and years that lack the
 * day take their last one (31 January + 1 month = 28 or 29 February). Hours are exact. */
int64_t zone_add(const Zone *zone, int64_t utc_ms, ZoneUnit unit, int64_t count);

/* Days since 1970-01-01 of a civil date, and back; proleptic Gregorian, any year +-10,000.
 * (Howard Hinnant, "chrono-compatible low-level date algorithms".) */
int64_t days_from_civil(int year, int month, int day);
void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);

/* Days of a month, 28..31. */
int month_days(int year, int month);
