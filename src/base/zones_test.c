#include "base/zones.h"

#include "base/clock.h"
#include "base/error.h"

static const Zone *get(const char *name)
{
    g_autoptr(GError) error = NULL;
    const Zone *zone = zone_find(slice_of(name), &error);
    g_assert_no_error(error);
    return zone;
}

static void refuses_what_is_not_listed(void)
{
    static const struct {
        const char *why, *name;
    } cases[] = {
        {"leaves the folder", "../../etc/passwd"},
        {"absolute", "/etc/passwd"},
        {"inside, but climbs", "Europe/../../../../etc/passwd"},
        {"a file of the folder that is no zone", "tzdata.zi"},
        {"a folder", "Europe"},
        {"empty", ""},
        {"wrong case", "europe/london"},
        {"unknown", "Mars/Olympus_Mons"},
        {"much too long",
         "Europe/LondonLondonLondonLondonLondonLondonLondonLondonLondonLondonLondon"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].why);
        g_assert_null(zone_find(slice_of(cases[i].name), &error));
        g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    }
}

static void every_listed_zone_loads(void)
{
    const char *const *names = zones_list(NULL);
    g_assert_nonnull(names);
    size_t count = 0;
    for (; names[count]; count++) {
        const Zone *zone = get(names[count]);
        g_assert_cmpstr(zone_name(zone), ==, names[count]);
        int64_t offset = zone_offset_ms(zone, 1700000000000);
        g_assert_cmpint(offset, >=, -12 * CLOCK_HOUR_MS);
        g_assert_cmpint(offset, <=, 14 * CLOCK_HOUR_MS);
    }
    g_assert_cmpint((int)count, >, 400);
}

static Calendar calendar(int y, int mo, int d, int h, int mi)
{
    return (Calendar){.year = y, .month = mo, .day = d, .hour = h, .minute = mi};
}

static void turns_local_into_utc(void)
{
    static const struct {
        const char *why, *zone;
        int y, mo, d, h, mi;
        int64_t want_ms;
    } cases[] = {
        {"winter", "Europe/London", 2010, 12, 1, 8, 26, 1291191960000},
        {"summer", "Europe/London", 2011, 7, 1, 12, 0, 1309518000000},
        {"gap: 01:30 does not exist, becomes 02:30 summer time", "Europe/London", 2011, 3, 27, 1,
         30, 1301189400000},
        {"fold: the first 01:30", "Europe/London", 2011, 10, 30, 1, 30, 1319934600000},
        {"half-hour zone", "Asia/Kolkata", 2024, 1, 1, 0, 0, 1704047400000},
        {"southern summer time", "Australia/Sydney", 2024, 1, 1, 0, 0, 1704027600000},
        {"negative summer time", "Europe/Dublin", 2024, 7, 1, 0, 0, 1719788400000},
        {"beyond the file: rule of 2037 in 2060", "Europe/Berlin", 2060, 7, 1, 0, 0, 2855858400000},
        {"beyond the table", "Europe/Berlin", 9000, 7, 1, 0, 0, 221861023200000},
        {"Samoa skipped 30 December 2011", "Pacific/Apia", 2011, 12, 30, 12, 0, 1325282400000},
        {"UTC", "UTC", 1970, 1, 1, 0, 0, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Calendar local = calendar(cases[i].y, cases[i].mo, cases[i].d, cases[i].h, cases[i].mi);
        g_test_message("%s", cases[i].why);
        g_assert_true(calendar_check(&local));
        g_assert_cmpint(zone_utc_ms(get(cases[i].zone), &local), ==, cases[i].want_ms);
    }
}

static void floors_and_adds(void)
{
    const Zone *london = get("Europe/London");
    Calendar spring = calendar(2011, 3, 26, 2, 30); /* a Saturday; clocks change that night */
    int64_t at = zone_utc_ms(london, &spring);
    Calendar back;
    zone_calendar(london, at, &back);
    g_assert_cmpint(back.weekday, ==, 6);
    g_assert_cmpint(zone_add(london, at, ZONE_DAY, 2) - at, ==, 2 * CLOCK_DAY_MS - CLOCK_HOUR_MS);
    int64_t sunday = zone_add(london, at, ZONE_DAY, 1);
    g_assert_cmpint(zone_add(london, zone_floor(london, sunday, ZONE_DAY), ZONE_DAY, 1) -
                        zone_floor(london, sunday, ZONE_DAY),
                    ==, 23 * CLOCK_HOUR_MS);
    zone_calendar(london, zone_floor(london, sunday, ZONE_WEEK), &back);
    g_assert_cmpint(back.day, ==, 21);
    zone_calendar(london, zone_floor(london, sunday, ZONE_MONTH), &back);
    g_assert_cmpint(back.day * 100 + back.hour, ==, 100);
    zone_calendar(london, zone_floor(london, sunday, ZONE_YEAR), &back);
    g_assert_cmpint(back.month * 100 + back.day, ==, 101);
    Calendar end = calendar(2024, 1, 31, 9, 0);
    int64_t month = zone_utc_ms(london, &end);
    zone_calendar(london, zone_add(london, month, ZONE_MONTH, 1), &back);
    g_assert_cmpint(back.month * 100 + back.day, ==, 229);
    zone_calendar(london, zone_add(london, month, ZONE_MONTH, -14), &back);
    g_assert_cmpint(back.year * 10000 + back.month * 100 + back.day, ==, 20221130);
}

static void stays_in_range(void)
{
    const Zone *zone = get("America/New_York");
    Calendar local;
    zone_calendar(zone, INT64_MAX, &local);
    g_assert_cmpint(local.year, ==, 9999);
    zone_calendar(zone, INT64_MIN, &local);
    g_assert_cmpint(local.year, ==, 1969); /* local time of 1970-01-01 UTC */
    g_assert_cmpint(zone_add(zone, INT64_MAX, ZONE_YEAR, INT64_MAX), ==, ZONE_MS_MAX);
    g_assert_cmpint(zone_add(zone, 0, ZONE_DAY, INT64_MIN), ==, ZONE_MS_MIN);
    static const Calendar bad[] = {{2023, 2, 29}, {1969, 12, 31}, {10000, 1, 1},   {2024, 13, 1},
                                   {2024, 0, 1},  {2024, 4, 31},  {2024, 1, 1, 24}};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(calendar_check(&bad[i]));
}

/* There and back for every zone, at instants chosen at random. */
static void round_trips(void)
{
    const char *const *names = zones_list(NULL);
    size_t count = g_strv_length((char **)names);
    for (size_t i = 0; i < count; i += 7) {
        const Zone *zone = get(names[i]);
        for (int j = 0; j < 200; j++) {
            int64_t at = (int64_t)(g_test_rand_double() * 8e13) + CLOCK_DAY_MS;
            Calendar local;
            zone_calendar(zone, at, &local);
            int64_t back = zone_utc_ms(zone, &local);
            /* Only the second pass of a repeated hour (or half of it) may come back earlier. */
            g_assert_cmpint(at - back, >=, 0);
            g_assert_cmpint(at - back, <=, CLOCK_DAY_MS);
            if (zone_offset_ms(zone, back) == zone_offset_ms(zone, at))
                g_assert_cmpint(back, ==, at);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/zones/refuses", refuses_what_is_not_listed);
    g_test_add_func("/zones/loads_all", every_listed_zone_loads);
    g_test_add_func("/zones/local_to_utc", turns_local_into_utc);
    g_test_add_func("/zones/floor_add", floors_and_adds);
    g_test_add_func("/zones/range", stays_in_range);
    g_test_add_func("/zones/round_trips", round_trips);
    return g_test_run();
}
