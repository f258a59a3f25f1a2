/* The cohort table from columns beside the one from facts: cell by cell, in zones whose clocks
 * change at midnight too, while people are joined, parted and erased and orders come late. */
#include "measure/cohort_columns.h"

#include "measure/cohort_now.h"
#include "measure/day.h"
#include "people/erase.h"
#include "people/merge.h"
#include "segments/feed.h"
#include "segments/segments_fixture.h"

enum { PEOPLE = 24, ORDERS = 160, ROUNDS = 10, ROWS = 700, OCCURRENCES = 6000 };

/* Newfoundland set its clocks back at 00:01 on 1 November 2009, Paraguay at midnight of 1 April
 * 2001, Samoa left out 30 December 2011. */
static const char *const zones[] = {"UTC",          "Europe/Berlin",     "America/New_York",
                                    "Asia/Kolkata", "America/St_Johns",  "America/Asuncion",
                                    "Pacific/Apia", "Africa/Casablanca", "Australia/Lord_Howe"};

static int below(int count) { return g_test_rand_int_range(0, count); }

static const Zone *zone_at(size_t i)
{
    g_autoptr(GError) error = NULL;
    const Zone *zone = zone_find(slice_of(zones[i]), &error);
    g_assert_no_error(error);
    return zone;
}

/* Mostly beside where a month begins in some zone. */
static int64_t instant_make(int32_t first_month, int32_t last_month)
{
    static const int64_t reaches[] = {2 * CLOCK_MINUTE_MS, CLOCK_HOUR_MS, 40 * CLOCK_HOUR_MS,
                                      20 * CLOCK_DAY_MS};
    int64_t reach = reaches[below(G_N_ELEMENTS(reaches))];
    int32_t month = g_test_rand_int_range(first_month, last_month + 1);
    int64_t at = month_first_day(month) * DAY_MS - below(29) * CLOCK_HOUR_MS / 2;
    at += below(2) ? 14 * CLOCK_HOUR_MS : 0;
    return at + (int64_t)(g_test_rand_double() * 2 * (double)reach) - reach;
}

/* ---- stretches ---- */

static int16_t month_plain(const Zone *zone, const int32_t range[2], int32_t as_of_day, int64_t at)
{
    int32_t day = view_day_of(zone, at), month = day_month(day);
    if (day > as_of_day) return EVENT_MONTH_NEVER;
    if (month < range[0]) return EVENT_MONTH_BEFORE;
    return month > range[1] ? EVENT_MONTH_NEVER : (int16_t)(month - range[0]);
}

static int16_t month_stretched(const EventMonths *months, int64_t at)
{
    int16_t found = months->months[0];
    for (uint32_t i = 1; i < months->count && months->starts[i] <= at; i++)
        found = months->months[i];
    return found;
}

static void stretches_compare(const Zone *zone, const int32_t range[2], int32_t as_of_day)
{
    g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) month_of = g_array_new(FALSE, FALSE, sizeof(int16_t));
    EventMonths months = cohort_months(zone, range, as_of_day, starts, month_of);
    for (uint32_t i = 1; i < months.count; i++) {
        int64_t start = months.starts[i];
        g_assert_cmpint(start, >, months.starts[i - 1]);
        for (int64_t at = start - 2; at < start + 2; at++)
            g_assert_cmpint(month_stretched(&months, at), ==,
                            month_plain(zone, range, as_of_day, at));
    }
    for (int i = 0; i < 300; i++) {
        int64_t at = instant_make(range[0] - 2, range[1] + 2);
        g_assert_cmpint(month_stretched(&months, at), ==, month_plain(zone, range, as_of_day, at));
    }
}

static void months_begin_where_the_clock_says(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(zones); i++) {
        const Zone *zone = zone_at(i);
        for (int k = 0; k < 10; k++) {
            int32_t first = 1999 * 12 + below(150), last = first + below(40);
            int32_t as_of = month_first_day(last) + below(35) - 2;
            stretches_compare(zone, (int32_t[]){first, last}, as_of);
        }
    }
    int32_t around[2] = {2009 * 12 + 8, 2009 * 12 + 11};
    for (int32_t day = day_of(2009, 10, 30); day < day_of(2009, 11, 4); day++)
        stretches_compare(zone_at(4), around, day);
}

/* ---- counting ---- */

static EventColumns *columns_make(GArray *instants[ROWS], bool several)
{
    EventColumns *columns = event_columns_new(&(EventColumnsOptions){0});
    g_assert_true(event_columns_hold(columns, 1, NULL, 0, NULL));
    g_assert_true(event_columns_ready(columns, 1, NULL));
    for (int64_t id = 1; id <= OCCURRENCES; id++) {
        int row = several ? below(ROWS) : below(9);
        EventFact fact = {.name = 1, .stem = row + 1, .id = id};
        fact.at = instant_make(2005 * 12, 2012 * 12);
        g_array_append_val(instants[row], fact.at);
        event_columns_append(columns, &fact, 1);
    }
    event_columns_publish(columns, OCCURRENCES);
    event_columns_fold(columns);
    return columns;
}

static int at_compare(const void *a_pointer, const void *b_pointer)
{
    int64_t a = *(const int64_t *)a_pointer, b = *(const int64_t *)b_pointer;
    return (a > b) - (a < b);
}

static void counts_compare(const EventView *view, GArray *instants[ROWS], const Zone *zone)
{
    g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) month_of = g_array_new(FALSE, FALSE, sizeof(int16_t));
    int32_t range[2] = {2004 * 12 + below(40), 2011 * 12 + below(14)};
    EventMonths months =
        cohort_months(zone, range, month_first_day(range[1]) + below(31), starts, month_of);
    g_autofree uint64_t *left_out = g_new0(uint64_t, ROWS / 64 + 1);
    EventMonthsScan scan = {&months, event_view_name(view, 1)->base, left_out, 1};
    g_autoptr(EventMonthsTable) fast = event_months_table_new(months.size);
    g_autoptr(EventMonthsTable) plain = event_months_table_new(months.size);
    for (int row = 0; row < ROWS; row++) {
        uint32_t place;
        const int64_t *ats = (const int64_t *)(void *)instants[row]->data;
        event_months_person(&months, ats, instants[row]->len, plain);
        if (below(4) || !event_view_row(view, row + 1, &place)) continue;
        left_out[place / 64] |= UINT64_C(1) << place % 64;
        event_months_person(&months, ats, instants[row]->len, fast);
    }
    event_months_run(&scan, fast);
    g_assert_cmpint(fast->lowest, ==, plain->lowest);
    g_assert_cmpint(fast->highest, ==, plain->highest);
    for (uint32_t first = 0; first < months.size; first++)
        for (uint32_t month = first; month < months.size; month++)
            g_assert_cmpuint(event_months_cell(fast, first, month), ==,
                             event_months_cell(plain, first, month));
}

static void everybody_is_counted_as_each_alone(void)
{
    for (int several = 0; several < 2; several++) {
        GArray *instants[ROWS];
        for (int row = 0; row < ROWS; row++)
            instants[row] = g_array_new(FALSE, FALSE, sizeof(int64_t));
        g_autoptr(EventColumns) columns = columns_make(instants, several);
        g_autoptr(EventView) view = event_columns_view(columns);
        for (int row = 0; row < ROWS; row++)
            g_array_sort(instants[row], at_compare);
        for (size_t i = 0; i < G_N_ELEMENTS(zones); i++)
            counts_compare(view, instants, zone_at(i));
        for (int row = 0; row < ROWS; row++)
            g_array_unref(instants[row]);
    }
}

/* ---- a living shop ---- */

typedef struct Town {
    Shop shop;
    Segments *segments;
    Feed *feed;
    int64_t ids[PEOPLE], merges[ROUNDS], winner, loser, merge;
    bool gone[PEOPLE];
    int orders, merged;
} Town;

static int64_t person_of(void *data, int64_t stem)
{
    Town *town = data;
    return stem == 0 ? 0 : people_person(town->shop.people, stem);
}

static int64_t version_of(void *none)
{
    (void)none;
    return 0;
}

static void tell(Town *town, int person, int64_t at, const char *name, int order)
{
    char iso[DATE_TEXT_SIZE];
    static int messages = 0;
    date_format_iso(at, iso);
    const char *who = person == PEOPLE ? "anonymousId" : "userId";
    fixture_send(&town->shop,
                 g_strdup_printf("{\"type\":\"track\",\"messageId\":\"c%d\",\"%s\":\"u%d\","
                                 "\"event\":\"%s\",\"timestamp\":\"%s\",\"properties\":"
                                 "{\"order_id\":\"o%d\",\"revenue\":%d,\"currency\":\"EUR\"}}",
                                 messages++, who, person, name, iso, order, 1 + below(90)));
}

/* One in eight is of a visitor whom nobody knows, one in ten is cancelled. */
static void order_tell(Town *town, int32_t first_month)
{
    int person = below(8) ? below(PEOPLE) : PEOPLE, order = town->orders++;
    int64_t at = MIN(instant_make(first_month, 2024 * 12 + 4), FIXTURE_NOW - 1);
    if (person < PEOPLE && town->gone[person]) return;
    tell(town, person, at, "Order Completed", order);
    if (below(10) == 0) tell(town, person, at, "Order Cancelled", order);
}

static bool join_run(Db *db, void *data, GError **error)
{
    Town *town = data;
    MergeInput input = {town->winner, town->loser, "by hand", "test", FIXTURE_NOW};
    return people_merge(town->shop.people, db, &input, &town->merge, error);
}

static bool part_run(Db *db, void *data, GError **error)
{
    Town *town = data;
    MergeUndo undo = {town->merge, "test", FIXTURE_NOW};
    return people_merge_undo(town->shop.people, db, &undo, error);
}

static bool erase_run(Db *db, void *data, GError **error)
{
    Town *town = data;
    int64_t erasure_id;
    return people_erase(town->shop.people, db, town->winner, &erasure_id, error);
}

static void act(Town *town, WriterRun run)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(town->shop.test->store), WRITER_REST, run, town, &error);
    g_assert_no_error(error);
}

/* Joins two who are themselves, parts two who were joined, or forgets somebody and who they are. */
static void people_change(Town *town)
{
    int one = below(PEOPLE), other = below(PEOPLE), chance = below(6);
    town->winner = people_person(town->shop.people, town->ids[one]);
    town->loser = people_person(town->shop.people, town->ids[other]);
    if (town->gone[one] || town->gone[other]) return;
    if (chance < 3 && town->winner != town->loser && town->merged < ROUNDS) {
        act(town, join_run);
        town->merges[town->merged++] = town->merge;
    } else if (chance == 3 && town->merged > 0) {
        town->merge = town->merges[--town->merged];
        act(town, part_run);
    } else if (chance == 4) {
        for (int i = 0; i < PEOPLE; i++)
            if (people_person(town->shop.people, town->ids[i]) == town->winner)
                town->gone[i] = true;
        act(town, erase_run);
        town->merged = 0; /* joins of who is gone cannot be parted */
    }
}

static Measure *measure_of(Town *town, bool held)
{
    return measure_new(&(MeasureOptions){.store = town->shop.test->store,
                                         .person = person_of,
                                         .version = version_of,
                                         .data = town,
                                         .segments = held ? town->segments : NULL});
}

static void tables_compare(const CohortNow *held, const CohortNow *plain)
{
    g_assert_true(held->held);
    g_assert_false(plain->held);
    g_assert_cmpint(held->moment.at, ==, plain->moment.at);
    g_assert_cmpint(held->moment.day, ==, plain->moment.day);
    g_assert_cmpint(held->moment.stale, ==, plain->moment.stale);
    g_assert_cmpstr(held->currency, ==, plain->currency);
    g_assert_true(held->zone == plain->zone);
    const CohortTable *a = held->table, *b = plain->table;
    g_assert_cmpint(a->complete_month, ==, b->complete_month);
    g_assert_cmpuint(a->month_count, ==, b->month_count);
    if (a->month_count == 0) return;
    g_assert_cmpint(a->first_month, ==, b->first_month);
    for (uint32_t r = 0; r < a->month_count; r++)
        for (uint32_t k = 0; k < a->month_count - r; k++)
            g_assert_cmpuint(cohort_table_cell(a, r, k), ==, cohort_table_cell(b, r, k));
}

static void agree(Town *town)
{
    g_autoptr(Measure) columns = measure_of(town, true), facts = measure_of(town, false);
    feed_settle(town->feed);
    for (size_t i = 0; i <= G_N_ELEMENTS(zones); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(CohortNow) held = {0}, plain = {0};
        const Zone *zone = i < G_N_ELEMENTS(zones) ? zone_at(i) : NULL;
        cohort_now(columns, zone, &held, &error);
        g_assert_no_error(error);
        cohort_now(facts, zone, &plain, &error);
        g_assert_no_error(error);
        tables_compare(&held, &plain);
    }
}

static void town_open(Town *town, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    *town = (Town){0};
    clock_simulate(FIXTURE_NOW);
    shop_open(&town->shop, test);
    writer_call(store_writer(test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    for (int i = 0; i < PEOPLE; i++) {
        char user[16];
        g_snprintf(user, sizeof user, "u%d", i);
        fixture_traits(&town->shop, user, "\"vip\":true");
        town->ids[i] = shop_person(&town->shop, user);
    }
    town->segments = fixture_segments(&town->shop);
    segments_set_limits(town->segments, &(EventScanLimits){.parallel_min = 1});
}

static void town_feed(Town *town)
{
    g_autoptr(GError) error = NULL;
    FeedOptions options = {.store = town->shop.test->store,
                           .people = town->shop.people,
                           .timeline = town->shop.timeline};
    town->feed = feed_new(&options, &error);
    g_assert_no_error(error);
    segments_set_feed(town->segments, town->feed);
}

static void town_close(Town *town)
{
    feed_free(town->feed);
    segments_free(town->segments);
    shop_end(&town->shop);
    clock_restore();
}

static void columns_say_what_facts_say(TestStore *test)
{
    Town town;
    town_open(&town, test);
    for (int i = 0; i < ORDERS / 2; i++)
        order_tell(&town, 2022 * 12);
    town_feed(&town);
    agree(&town);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < ORDERS / 2 / ROUNDS; i++)
            order_tell(&town, round % 2 ? 2009 * 12 + 9 : 2022 * 12);
        people_change(&town);
        if (round % 4 == 3) g_assert_true(people_erase_all(town.shop.people, NULL));
        agree(&town);
    }
    clock_simulate(FIXTURE_NOW + 50 * CLOCK_DAY_MS); /* as of the day after the newest order */
    agree(&town);
    town_close(&town);
}

/* Rows end with the last month in which anybody known bought, also when visitors bought long after;
 * more than COHORT_MONTHS_MAX of them there never are. */
static void very_old_orders_fall_out(TestStore *test)
{
    Town town;
    town_open(&town, test);
    town_feed(&town);
    agree(&town);
    tell(&town, PEOPLE, FIXTURE_NOW - CLOCK_DAY_MS, "Order Completed", 1);
    agree(&town);
    for (int i = 0; i < 12; i++)
        tell(&town, i % 5, day_of(1972 + 3 * (i / 3), 1 + i, 1) * DAY_MS, "Order Completed",
             10 + i);
    agree(&town);
    tell(&town, 1, FIXTURE_NOW - CLOCK_DAY_MS, "Order Completed", 30);
    agree(&town);
    town_close(&town);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/measure/cohort/stretches", months_begin_where_the_clock_says);
    g_test_add_func("/measure/cohort/counted", everybody_is_counted_as_each_alone);
    test_store_add("/measure/cohort/columns", columns_say_what_facts_say);
    test_store_add("/measure/cohort/old", very_old_orders_fall_out);
    return g_test_run();
}
