#include "segments/model.h"

/* Berlin, by hand. */

int64_t model_last_sunday(int year, int month)
{
    int64_t day = days_from_civil(year, month, 31);
    return day - (day + 4) % 7; /* 1970-01-01 was a Thursday */
}

int64_t model_offset(int64_t at)
{
    int year, month, day;
    civil_from_days(at / DAY, &year, &month, &day);
    int64_t summer = model_last_sunday(year, 3) * DAY + HOUR;
    int64_t winter = model_last_sunday(year, 10) * DAY + HOUR;
    return at >= summer && at < winter ? 2 * HOUR : HOUR;
}

int64_t model_day_of(int64_t at) { return (at + model_offset(at)) / DAY; }

/* What happens twice means the first; what is skipped is taken by the clock before. */
int64_t model_utc(int64_t local)
{
    int64_t summer = local - 2 * HOUR;
    return model_offset(summer) == 2 * HOUR ? summer : local - HOUR;
}

/* No clock changes at midnight. */
int64_t model_midnight(int64_t day) { return model_utc(day * DAY); }

int64_t model_month_start(int64_t at, int months)
{
    int year, month, day;
    civil_from_days(model_day_of(at), &year, &month, &day);
    int index = year * 12 + month - 1 + months;
    return model_midnight(days_from_civil(index / 12, index % 12 + 1, 1));
}

int64_t model_shift(int64_t at, int64_t months)
{
    int year, month, day;
    int64_t local = at + model_offset(at), today = local / DAY;
    civil_from_days(today, &year, &month, &day);
    int64_t index = year * 12 + month - 1 + months;
    int64_t first = days_from_civil((int)(index / 12), (int)(index % 12) + 1, 1);
    int64_t next = days_from_civil((int)((index + 1) / 12), (int)((index + 1) % 12) + 1, 1);
    return model_utc(MIN(first + day - 1, next - 1) * DAY + (local - today * DAY));
}
