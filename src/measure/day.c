#include "measure/day.h"

#include "base/zones.h"

#include <glib.h>
#include <string.h>

int32_t day_of(int32_t year, int32_t month, int32_t day)
{
    return (int32_t)days_from_civil(year, month, day);
}

int32_t day_month(int32_t day)
{
    int32_t year, month, day_of_month;
    civil_from_days(day, &year, &month, &day_of_month);
    return year * 12 + month - 1;
}

/* Division that rounds down also below zero. */
static int32_t floor_div(int32_t a, int32_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

int32_t month_first_day(int32_t month)
{
    int32_t year = floor_div(month, 12);
    return day_of(year, month - year * 12 + 1, 1);
}

void day_format(int32_t day, char ret_text[DAY_TEXT_SIZE])
{
    int32_t year, month, day_of_month;
    civil_from_days(day, &year, &month, &day_of_month);
    g_snprintf(ret_text, DAY_TEXT_SIZE, "%04d-%02d-%02d", year, month, day_of_month);
}

void month_format(int32_t month, char ret_text[DAY_TEXT_SIZE])
{
    int32_t year = floor_div(month, 12);
    g_snprintf(ret_text, DAY_TEXT_SIZE, "%04d-%02d", year, month - year * 12 + 1);
}

bool day_parse(const char *text, int32_t *ret_day)
{
    static const char shape[] = "0000-00-00";
    if (strlen(text) != sizeof shape - 1) return false;
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == '-' ? text[i] != '-' : !g_ascii_isdigit(text[i])) return false;
    int32_t year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    int32_t month = (text[5] - '0') * 10 + text[6] - '0';
    int32_t day = (text[8] - '0') * 10 + text[9] - '0';
    if (year < 1 || month < 1 || month > 12 || day < 1) return false;
    int32_t number = day_of(year, month, day);
    if (number >= month_first_day(year * 12 + month)) return false;
    *ret_day = number;
    return true;
}
