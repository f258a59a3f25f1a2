#include "base/zones.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/zones_file.h"

/* Every zone that was asked for, by its place in the list; filled under the lock, read by all. */
typedef struct ZoneList {
    char **names; /* sorted, NULL-terminated */
    size_t count;
    Zone *_Atomic *zones; /* beside names; NULL until first asked for */
} ZoneList;

static Zone utc = {.name = "UTC"};

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void name_add(GPtrArray *names, const char *name, size_t size)
{
    if (zone_name_check((Slice){name, size})) g_ptr_array_add(names, g_strndup(name, size));
}

/* tzdata.zi: "Z Name …" begins a zone, "L Target Name" a link (zic(8), zishrink form). */
static void names_read(GPtrArray *names, const char *text)
{
    for (const char *line = text; *line;) {
        const char *end = strchrnul(line, '\n');
        const char *name = line + 2;
        if (g_str_has_prefix(line, "L ")) {
            const char *space = memchr(name, ' ', (size_t)(end - name));
            name = space ? space + 1 : end;
        }
        if (line[0] == 'Z' || line[0] == 'L')
            name_add(names, name, MIN(strcspn(name, " \n"), (size_t)(end - name)));
        line = *end ? end + 1 : end;
    }
}

static ZoneList *list_load(GError **error)
{
    g_autofree char *text = NULL;
    if (!g_file_get_contents(ZONES_FOLDER "/tzdata.zi", &text, NULL, NULL)) {
        fail(error, KITH_ERROR_UNAVAILABLE,
             "could not read the list of time zones " ZONES_FOLDER
             "/tzdata.zi; install the package tzdata");
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new();
    names_read(names, text);
    name_add(names, "UTC", 3);
    qsort(names->pdata, names->len, sizeof(char *), name_compare);
    size_t kept = 0;
    for (size_t i = 0; i < names->len; i++) {
        bool twin = kept && strcmp(names->pdata[i], names->pdata[kept - 1]) == 0;
        if (twin)
            g_free(names->pdata[i]);
        else
            names->pdata[kept++] = names->pdata[i];
    }
    ZoneList *list = g_new0(ZoneList, 1);
    list->count = kept;
    g_ptr_array_set_size(names, (int)kept);
    g_ptr_array_add(names, NULL);
    list->names = (char **)g_ptr_array_free(names, FALSE);
    list->zones = (Zone * _Atomic *)g_new0(Zone *, kept);
    return list;
}

static GMutex load_lock;

/* The list, read at the first call that succeeds. */
static ZoneList *list_get(GError **error)
{
    static ZoneList *_Atomic shared;
    if (shared) return shared;
    g_autoptr(GMutexLocker) locked = g_mutex_locker_new(&load_lock);
    if (!shared) shared = list_load(error);
    return shared;
}

const char *const *zones_list(GError **error)
{
    ZoneList *list = list_get(error);
    return list ? (const char *const *)list->names : NULL;
}

/* Place of a name in the list, or -1. */
static ssize_t list_place(const ZoneList *list, const char *name)
{
    char **at = bsearch(&name, list->names, list->count, sizeof(char *), name_compare);
    return at ? at - list->names : -1;
}

const Zone *zone_find(Slice name, GError **error)
{
    if (slice_is(name, "UTC")) return &utc;
    ZoneList *list = list_get(error);
    if (!list) return NULL;
    char text[ZONE_NAME_MAX + 1] = "";
    if (zone_name_check(name)) memcpy(text, name.data, name.size);
    ssize_t place = *text ? list_place(list, text) : -1;
    if (place < 0) {
        fail(error, KITH_ERROR_INVALID,
             "time zone \"%.*s\" is not known; use a name such as Europe/London",
             (int)MIN(name.size, 64), name.data ? name.data : "");
        return NULL;
    }
    if (list->zones[place]) return list->zones[place];
    g_autoptr(GMutexLocker) locked = g_mutex_locker_new(&load_lock);
    if (!list->zones[place]) list->zones[place] = zone_file_load(list->names[place], error);
    return list->zones[place];
}

const Zone *zone_utc(void) { return &utc; }

const char *zone_name(const Zone *zone) { return zone->name; }

static int64_t utc_clamp(int64_t utc_ms) { return CLAMP(utc_ms, ZONE_MS_MIN, ZONE_MS_MAX); }

/* Rules repeat every 400 years: an instant beyond the table has a twin inside it. */
static int64_t table_second(int64_t utc_s)
{
    if (utc_s < ZONE_TABLE_END_S) return utc_s;
    return ZONE_TABLE_END_S - ZONE_CYCLE_S + (utc_s - ZONE_TABLE_END_S) % ZONE_CYCLE_S;
}

int64_t zone_offset_ms(const Zone *zone, int64_t utc_ms)
{
    int64_t at = table_second(utc_clamp(utc_ms) / 1000);
    size_t low = 0, high = zone->change_count; /* the first change after `at` */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->changes[middle].at_s <= at)
            low = middle + 1;
        else
            high = middle;
    }
    int32_t offset_s = low ? zone->changes[low - 1].offset_s : zone->first_offset_s;
    return (int64_t)offset_s * 1000;
}

int64_t days_from_civil(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day = days - era * 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *ret_day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *ret_month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

int month_days(int year, int month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool calendar_check(const Calendar *local)
{
    return local->year >= 1970 && local->year <= 9999 && local->month >= 1 && local->month <= 12 &&
           local->day >= 1 && local->day <= month_days(local->year, local->month) &&
           local->hour >= 0 && local->hour <= 23 && local->minute >= 0 && local->minute <= 59 &&
           local->second >= 0 && local->second <= 59 && local->ms >= 0 && local->ms <= 999;
}

static int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

void zone_calendar(const Zone *zone, int64_t utc_ms, Calendar *ret_local)
{
    utc_ms = utc_clamp(utc_ms);
    int64_t local_ms = utc_ms + zone_offset_ms(zone, utc_ms);
    int64_t days = floor_divide(local_ms, CLOCK_DAY_MS);
    int64_t rest = local_ms - days * CLOCK_DAY_MS;
    civil_from_days(days, &ret_local->year, &ret_local->month, &ret_local->day);
    ret_local->hour = (int)(rest / CLOCK_HOUR_MS);
    ret_local->minute = (int)(rest / CLOCK_MINUTE_MS % 60);
    ret_local->second = (int)(rest / CLOCK_SECOND_MS % 60);
    ret_local->ms = (int)(rest % 1000);
    ret_local->weekday = (int)(((days + 3) % 7 + 7) % 7) + 1;
}

/* The instant whose local time is this. Offsets change by a day at most and never twice within
 * two, so the offsets a day before and after are the only candidates. */
static int64_t local_to_utc(const Zone *zone, int64_t local_ms)
{
    int64_t before = zone_offset_ms(zone, local_ms - CLOCK_DAY_MS);
    int64_t after = zone_offset_ms(zone, local_ms + CLOCK_DAY_MS);
    int64_t first = local_ms - before;
    if (zone_offset_ms(zone, first) == before) return utc_clamp(first);
    int64_t second = local_ms - after;
    if (zone_offset_ms(zone, second) == after) return utc_clamp(second);
    return utc_clamp(first); /* in a gap: the old offset lands behind it */
}

int64_t zone_utc_ms(const Zone *zone, const Calendar *local)
{
    int64_t time_ms =
        ((local->hour * 60 + local->minute) * 60 + local->second) * (int64_t)1000 + local->ms;
    int64_t days = days_from_civil(local->year, local->month, local->day);
    return local_to_utc(zone, days * CLOCK_DAY_MS + time_ms);
}

/* Local midnight of a date given as days since 1970. */
static int64_t day_start(const Zone *zone, int64_t days)
{
    return local_to_utc(zone, days * CLOCK_DAY_MS);
}

int64_t zone_floor(const Zone *zone, int64_t utc_ms, ZoneUnit unit)
{
    Calendar local;
    zone_calendar(zone, utc_ms, &local);
    int64_t days = days_from_civil(local.year, local.month, local.day);
    switch (unit) {
    case ZONE_HOUR: {
        int64_t offset = zone_offset_ms(zone, utc_ms);
        return floor_divide(utc_ms + offset, CLOCK_HOUR_MS) * CLOCK_HOUR_MS - offset;
    }
    case ZONE_DAY:
        return day_start(zone, days);
    case ZONE_WEEK:
        return day_start(zone, days - (local.weekday - 1));
    case ZONE_MONTH:
        return day_start(zone, days - (local.day - 1));
    case ZONE_YEAR:
        return day_start(zone, days_from_civil(local.year, 1, 1));
    }
    g_assert_not_reached();
}

static int64_t months_add(const Zone *zone, Calendar *local, int64_t count)
{
    int64_t months = (int64_t)local->year * 12 + local->month - 1 + count;
    int64_t year = floor_divide(months, 12);
    if (year < 1970) return ZONE_MS_MIN;
    if (year > 9999) return ZONE_MS_MAX;
    local->year = (int)year;
    local->month = (int)(months - year * 12) + 1;
    local->day = MIN(local->day, month_days(local->year, local->month));
    return zone_utc_ms(zone, local);
}

int64_t zone_add(const Zone *zone, int64_t utc_ms, ZoneUnit unit, int64_t count)
{
    count = CLAMP(count, -100000000, 100000000); /* far beyond the range, far from overflow */
    if (unit == ZONE_HOUR) return utc_clamp(utc_ms + count * CLOCK_HOUR_MS);
    if (unit == ZONE_DAY || unit == ZONE_WEEK) {
        int64_t days = unit == ZONE_WEEK ? count * 7 : count;
        int64_t local_ms = utc_clamp(utc_ms) + zone_offset_ms(zone, utc_ms);
        return local_to_utc(zone, local_ms + days * CLOCK_DAY_MS);
    }
    Calendar local;
    zone_calendar(zone, utc_ms, &local);
    return months_add(zone, &local, unit == ZONE_YEAR ? count * 12 : count);
}
