/* measure/day.h: dates as day numbers and months as month numbers, so that all figures are integer
 * arithmetic after one look at the zone.
 *
 * A day is the number of days since 1970-01-01 in the proleptic Gregorian calendar, a month is
 * year * 12 + month - 1. Both may be negative. Pure.
 *
 *     int32_t day = day_of(2011, 12, 9);
 *     int32_t month = day_month(day);      2011 * 12 + 11
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { DAY_TEXT_SIZE = 16, DAY_YEAR_MAX = 9999 };

#define DAY_MS INT64_C(86400000)

/* No first or last day: an open end of a period. */
#define DAY_OPEN_START INT32_MIN
#define DAY_OPEN_END   INT32_MAX

/* The day number of a date; month 1..12, day 1..31 (not checked against the month's length). */
int32_t day_of(int32_t year, int32_t month, int32_t day);

/* The month number a day lies in. */
int32_t day_month(int32_t day);

/* The first day of a month. */
int32_t month_first_day(int32_t month);

/* Writes "2011-12-09" or "2011-12". */
void day_format(int32_t day, char ret_text[DAY_TEXT_SIZE]);
void month_format(int32_t month, char ret_text[DAY_TEXT_SIZE]);

/* Reads exactly "YYYY-MM-DD" of a date that exists, years 1..DAY_YEAR_MAX; false otherwise. */
bool day_parse(const char *text, int32_t *ret_day);
