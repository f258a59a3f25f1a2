#include "messages/manners.h"

#include "base/clock.h"

enum { HOUR = CLOCK_HOUR_MS };

/* 2026-03-29 is the night in which the clock of Berlin goes from 02:00 to 03:00. */
static int64_t at(const Zone *zone, int month, int day, int hour, int minute)
{
    Calendar local = {.year = 2026, .month = month, .day = day, .hour = hour, .minute = minute};
    return zone_utc_ms(zone, &local);
}

static void quiet_hours_are_the_persons(void)
{
    static const struct {
        const char *why, *zone;
        int month, day, hour, minute; /* in that zone */
        int want_day, want_hour;      /* 0: now */
    } cases[] = {
        {"noon", "Europe/Berlin", 5, 4, 12, 0, 0, 0},
        {"the last minute before night", "Europe/Berlin", 5, 4, 20, 59, 0, 0},
        {"night begins", "Europe/Berlin", 5, 4, 21, 0, 5, 8},
        {"after midnight", "Europe/Berlin", 5, 5, 1, 30, 5, 8},
        {"the last minute of the night", "America/New_York", 5, 5, 7, 59, 5, 8},
        {"day begins", "America/New_York", 5, 5, 8, 0, 0, 0},
        {"before the clock goes forward", "Europe/Berlin", 3, 28, 23, 30, 29, 8},
        {"an hour before it does", "Europe/Berlin", 3, 29, 1, 59, 29, 8},
        {"the night it goes back", "Europe/Berlin", 10, 25, 2, 30, 25, 8},
    };
    Manners manners = MANNERS_DEFAULT;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Zone *zone = zone_find(slice_of(cases[i].zone), NULL);
        int64_t now = at(zone, cases[i].month, cases[i].day, cases[i].hour, cases[i].minute);
        MannersAsk ask = {.zone = zone, .now_ms = now};
        MannersAnswer answer = manners_ask(&manners, &ask);
        int64_t want = cases[i].want_hour
                           ? at(zone, cases[i].month, cases[i].want_day, cases[i].want_hour, 0)
                           : now;
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(answer.wait_until_ms, ==, want);
        g_assert_cmpstr(answer.reason, ==, cases[i].want_hour ? "quiet_hours" : NULL);
    }
}

static void cap_and_gap(void)
{
    static const struct {
        const char *why;
        int64_t per_week, gap_hours;
        int64_t ago_hours[3]; /* oldest first, 0: none */
        int64_t want_hours;   /* from now */
        const char *reason;
    } cases[] = {
        {"nothing sent", 2, 24, {0}, 0, NULL},
        {"one long ago", 2, 24, {100}, 0, NULL},
        {"one an hour ago", 2, 24, {1}, 23, "too_soon"},
        {"two this week", 2, 0, {160, 100}, 8, "week_full"},
        {"three this week, two allowed", 2, 0, {160, 100, 50}, 68, "week_full"},
        {"any number", 0, 0, {3, 2, 1}, 0, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Manners manners = {0, 0, cases[i].per_week, cases[i].gap_hours};
        int64_t now = INT64_C(1800000000000), sent[3];
        size_t count = 0;
        for (int at_ago = 0; at_ago < 3 && cases[i].ago_hours[at_ago]; at_ago++)
            sent[count++] = now - cases[i].ago_hours[at_ago] * HOUR;
        MannersAsk ask = {zone_utc(), now, sent, count};
        MannersAnswer answer = manners_ask(&manners, &ask);
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(answer.wait_until_ms - now, ==, cases[i].want_hours * HOUR);
        g_assert_cmpstr(answer.reason, ==, cases[i].reason);
    }
}

/* The rules against a plain reading of them, minute by minute, on random histories. */
static void a_model_agrees(void)
{
    for (int round = 0; round < 300; round++) {
        Manners manners = {g_random_int_range(0, 1440), g_random_int_range(0, 1440),
                           g_random_int_range(0, 4), g_random_int_range(0, 48)};
        const Zone *zone = zone_find(SLICE("Europe/London"), NULL);
        int64_t now = INT64_C(1774008000000) + g_random_int_range(0, 60 * 24 * 20) * 60000LL;
        int64_t sent[4];
        for (int i = 0; i < 4; i++)
            sent[i] = now - (4 - i) * g_random_int_range(1, 40) * (int64_t)HOUR;
        for (int i = 1; i < 4; i++)
            if (sent[i] < sent[i - 1]) sent[i] = sent[i - 1];
        MannersAsk ask = {zone, now, sent, 4};
        MannersAnswer answer = manners_ask(&manners, &ask);
        for (int64_t t = now; t <= answer.wait_until_ms; t += 60000) {
            Calendar local;
            zone_calendar(zone, t, &local);
            int64_t minute = local.hour * 60 + local.minute, week = 0;
            for (int i = 0; i < 4; i++)
                week += sent[i] > t - MANNERS_WEEK_MS;
            bool night = manners.quiet_from <= manners.quiet_to
                             ? minute >= manners.quiet_from && minute < manners.quiet_to
                             : minute >= manners.quiet_from || minute < manners.quiet_to;
            bool may = !night && (!manners.per_week || week < manners.per_week) &&
                       t >= sent[3] + manners.gap_hours * HOUR;
            g_assert_cmpint(may, ==, t == answer.wait_until_ms);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/manners/quiet", quiet_hours_are_the_persons);
    g_test_add_func("/manners/cap", cap_and_gap);
    g_test_add_func("/manners/model", a_model_agrees);
    return g_test_run();
}
