#include "base/dates.h"

#include "base/error.h"

static void reads_what_people_write(void)
{
    static const struct {
        const char *why, *text;
        DateOrder order;
        const char *want; /* NULL = refused */
    } cases[] = {
        {"database", "2010-12-01 08:26:00", DATE_YMD, "2010-12-01T08:26:00.000Z"},
        {"order does not matter with the year in front", "2010-12-01 08:26:00", DATE_MDY,
         "2010-12-01T08:26:00.000Z"},
        {"RFC 3339", "2026-01-02T03:04:05.678Z", DATE_YMD, "2026-01-02T03:04:05.678Z"},
        {"offset", "2026-01-02T03:04:05+01:30", DATE_YMD, "2026-01-02T01:34:05.000Z"},
        {"Shopify export", "2013-10-01 09:37:10 -0400", DATE_YMD, "2013-10-01T13:37:10.000Z"},
        {"offset in hours", "2013-10-01 09:37 +02", DATE_YMD, "2013-10-01T07:37:00.000Z"},
        {"UTC in words", "2013-10-01 09:37:10 UTC", DATE_YMD, "2013-10-01T09:37:10.000Z"},
        {"date only", "2010-12-01", DATE_YMD, "2010-12-01T00:00:00.000Z"},
        {"no separators", "20101201", DATE_YMD, "2010-12-01T00:00:00.000Z"},
        {"basic ISO form", "20101201T082600Z", DATE_YMD, "2010-12-01T08:26:00.000Z"},
        {"slashes, year first", "2010/12/1 8:26", DATE_YMD, "2010-12-01T08:26:00.000Z"},
        {"British", "01/12/2010 08:26", DATE_DMY, "2010-12-01T08:26:00.000Z"},
        {"American", "12/1/2010 8:26", DATE_MDY, "2010-12-01T08:26:00.000Z"},
        {"American, afternoon", "12/1/2010 8:26 PM", DATE_MDY, "2010-12-01T20:26:00.000Z"},
        {"midnight", "12/1/2010 12:05 am", DATE_MDY, "2010-12-01T00:05:00.000Z"},
        {"noon", "12/1/2010 12:05 p.m.", DATE_MDY, "2010-12-01T12:05:00.000Z"},
        {"German", "1.12.2010 08:26", DATE_DMY, "2010-12-01T08:26:00.000Z"},
        {"two-digit year", "1.12.10", DATE_DMY, "2010-12-01T00:00:00.000Z"},
        {"two-digit year of the last century", "1.12.99", DATE_DMY, "1999-12-01T00:00:00.000Z"},
        {"month in words", "1 Dec 2010", DATE_YMD, "2010-12-01T00:00:00.000Z"},
        {"American words", "December 1, 2010 8:26 pm", DATE_YMD, "2010-12-01T20:26:00.000Z"},
        {"German words", "1. März 2011", DATE_YMD, "2011-03-01T00:00:00.000Z"},
        {"seconds", "1291191960", DATE_EPOCH_S, "2010-12-01T08:26:00.000Z"},
        {"milliseconds", "1291191960123", DATE_EPOCH_MS, "2010-12-01T08:26:00.123Z"},
        {"leap second", "2016-12-31T23:59:60Z", DATE_YMD, "2016-12-31T23:59:59.000Z"},
        {"white space around", "  2010-12-01 ", DATE_YMD, "2010-12-01T00:00:00.000Z"},
        {"year 0", "0000-01-01", DATE_YMD, NULL},
        {"year 292278994", "292278994-08-17T07:12:55.807Z", DATE_YMD, NULL},
        {"year 10000", "10000-01-01", DATE_YMD, NULL},
        {"before 1970", "1969-12-31", DATE_YMD, NULL},
        {"offset leads out of the range", "1970-01-01T00:00:00+02:00", DATE_YMD, NULL},
        {"epoch milliseconds of year 292278994", "9223372036854775807", DATE_EPOCH_MS, NULL},
        {"no such day", "2011-02-29", DATE_YMD, NULL},
        {"month 13", "13/13/2011", DATE_DMY, NULL},
        {"hour 25", "2011-01-01 25:00", DATE_YMD, NULL},
        {"13 PM", "1/1/2011 13:00 PM", DATE_MDY, NULL},
        {"empty", "", DATE_YMD, NULL},
        {"words", "yesterday", DATE_YMD, NULL},
        {"something behind", "2010-12-01 08:26:00 maybe", DATE_YMD, NULL},
        {"negative epoch", "-5", DATE_EPOCH_S, NULL},
        {"offset of 40 hours", "2010-12-01T00:00:00+40:00", DATE_YMD, NULL},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t at_ms = 0;
        g_autoptr(GError) error = NULL;
        char text[DATE_TEXT_SIZE];
        g_test_message("%s: %s", cases[i].why, cases[i].text);
        bool good = date_parse(slice_of(cases[i].text), cases[i].order, zone_utc(), &at_ms, &error);
        g_assert_cmpint(good, ==, cases[i].want != NULL);
        if (!good) g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
        date_format_iso(at_ms, text);
        if (good) g_assert_cmpstr(text, ==, cases[i].want);
    }
}

static void local_time_is_of_the_zone(void)
{
    const Zone *london = zone_find(SLICE("Europe/London"), NULL);
    int64_t at_ms;
    g_assert_true(date_parse(SLICE("01/07/2011 12:00"), DATE_DMY, london, &at_ms, NULL));
    g_assert_cmpint(at_ms, ==, 1309518000000);
    g_assert_true(date_parse(SLICE("2011-07-01T12:00:00Z"), DATE_DMY, london, &at_ms, NULL));
    g_assert_cmpint(at_ms, ==, 1309521600000);
}

static void guesses_the_order(void)
{
    static const struct {
        const char *why, *samples[4];
        bool found, certain;
        DateOrder want;
    } cases[] = {
        {"year first", {"2010-12-01", "2010-12-13"}, true, true, DATE_YMD},
        {"a day over 12 in front", {"01/02/2010", "13/02/2010"}, true, true, DATE_DMY},
        {"a day over 12 behind", {"01/02/2010", "02/13/2010"}, true, true, DATE_MDY},
        {"ambiguous: day first, and says so", {"01/02/2010", "03/04/2010"}, true, false, DATE_DMY},
        {"the same either way", {"01/01/2010", "03/03/2010"}, true, true, DATE_YMD},
        {"epoch seconds", {"1291191960", ""}, true, true, DATE_EPOCH_S},
        {"epoch milliseconds", {"1291191960000"}, true, true, DATE_EPOCH_MS},
        {"no dates", {"red", "blue"}, false, false, DATE_YMD},
        {"nothing but blanks", {"", " "}, false, false, DATE_YMD},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        Slice samples[4];
        for (size_t j = 0; j < 4; j++)
            samples[j] = slice_of(cases[i].samples[j]);
        DateOrder order = DATE_YMD;
        bool certain = false;
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(date_order_guess(samples, 4, &order, &certain), ==, cases[i].found);
        if (!cases[i].found) continue;
        g_assert_cmpint(order, ==, cases[i].want);
        g_assert_cmpint(certain, ==, cases[i].certain);
    }
}

static void iso_only(void)
{
    int64_t at_ms;
    g_assert_true(date_parse_iso(SLICE("2026-01-02T03:04:05.678Z"), &at_ms));
    g_assert_cmpint(at_ms, ==, 1767323045678);
    g_assert_true(date_parse_iso(SLICE("2026-01-02T03:04:05.678901+00:00"), &at_ms));
    g_assert_cmpint(at_ms, ==, 1767323045678);
    g_assert_false(date_parse_iso(SLICE("01/02/2026"), &at_ms));
    g_assert_false(date_parse_iso(SLICE("2026-13-02T03:04:05.678Z"), &at_ms));
    g_assert_false(date_parse_iso(SLICE("2026-1x-02T03:04:05.678Z"), &at_ms));
    g_assert_false(date_parse_iso(SLICE(""), &at_ms));
    int y, m, d;
    g_assert_true(date_parse_day(SLICE("2024-02-29"), &y, &m, &d));
    g_assert_false(date_parse_day(SLICE("2023-02-29"), &y, &m, &d));
    g_assert_false(date_parse_day(SLICE("2023-2-9"), &y, &m, &d));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dates/reads", reads_what_people_write);
    g_test_add_func("/dates/zone", local_time_is_of_the_zone);
    g_test_add_func("/dates/order", guesses_the_order);
    g_test_add_func("/dates/iso", iso_only);
    return g_test_run();
}
