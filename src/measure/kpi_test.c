#include "measure/kpi.h"

#include "base/clock.h"
#include "measure/history_fixture.h"

#include <math.h>

/* What one tiny history must give for one figure. NAN: cannot be given. */
typedef struct Want {
    const char *why;
    KpiName name;
    const char *from, *to; /* NULL: open */
    double value;
    uint64_t n;
} Want;

static KpiPeriod period_of(const Want *want)
{
    return (KpiPeriod){want->from ? history_day(want->from) : DAY_OPEN_START,
                       want->to ? history_day(want->to) : DAY_OPEN_END};
}

static void wants_check(const View *view, const Want *wants, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        KpiReport report;
        KpiPeriod period = period_of(&wants[i]);
        kpi_report_init(&report, view, &period);
        const KpiValue *value = &report.values[wants[i].name];
        g_test_message("%s: %s = %g (n %" G_GUINT64_FORMAT ")", wants[i].why,
                       kpi_table[wants[i].name].name, value->value, value->n);
        if (isnan(wants[i].value))
            g_assert_true(isnan(value->value));
        else
            g_assert_cmpfloat_with_epsilon(value->value, wants[i].value, 1e-9);
        g_assert_cmpuint(value->n, ==, wants[i].n);
    }
}

/* Anna buys three times, Ben twice on one day, Cara once with a late refund, the till twice. */
static const Bought shop[] = {
    {1, "2024-01-10", 10000},
    {1, "2024-02-09", 5000},
    {1, "2024-03-10", 3000},
    {2, "2024-01-20", 2000, .at_ms = DAY_MS / 3},
    {2, "2024-01-20", 2000, .at_ms = DAY_MS / 2},
    {3, "2024-02-29", 8000, 3000, "2024-03-05"},
    {0, "2024-01-11", 4000},
    {0, "2024-03-11", 1000, 500, NULL},
};

static void sales_of_a_period(void)
{
    static const Want wants[] = {
        {"everybody", KPI_CUSTOMERS, NULL, NULL, 3, 3},
        {"only January", KPI_CUSTOMERS, "2024-01-01", "2024-02-01", 2, 2},
        {"the end is not in the period", KPI_CUSTOMERS, "2024-01-10", "2024-01-20", 1, 1},
        {"first ever orders", KPI_NEW_CUSTOMERS, "2024-02-01", "2024-03-01", 1, 1},
        {"Anna came back in February", KPI_REPEAT_CUSTOMERS, "2024-02-01", "2024-03-01", 1, 1},
        {"Ben's second order is the same day", KPI_REPEAT_CUSTOMERS, NULL, NULL, 1, 1},
        {"both of Ben's orders count", KPI_ORDERS, NULL, NULL, 6, 6},
        {"the till is apart", KPI_ORDERS_UNKNOWN, NULL, NULL, 2, 2},
        {"as ordered", KPI_REVENUE, NULL, NULL, 30000, 6},
        {"the refund is not of February", KPI_NET_REVENUE, "2024-02-01", "2024-03-01", 13000, 2},
        {"but of March", KPI_NET_REVENUE, "2024-03-01", "2024-04-01", 0, 1},
        {"by its own date", KPI_REFUNDS, "2024-03-01", "2024-04-01", 3000, 1},
        {"the till's refund", KPI_REFUNDS_UNKNOWN, NULL, NULL, 500, 2},
        {"the whole shop", KPI_REVENUE_ALL, NULL, NULL, 35000, 8},
        {"after all refunds", KPI_NET_REVENUE_ALL, NULL, NULL, 31500, 8},
        {"by value", KPI_IDENTIFIED_SHARE, NULL, NULL, 30000.0 / 35000, 8},
        {"by orders", KPI_IDENTIFIED_SHARE_ORDERS, NULL, NULL, 6.0 / 8, 8},
        {"by lines", KPI_IDENTIFIED_SHARE_LINES, NULL, NULL, 12.0 / 16, 16},
        {"nothing sold, nothing to divide", KPI_IDENTIFIED_SHARE, "2023-01-01", "2023-02-01", NAN,
         0},
    };
    g_autoptr(View) view = history_view(shop, G_N_ELEMENTS(shop), "2024-03-20");
    wants_check(view, wants, G_N_ELEMENTS(wants));
}

static void values_of_orders(void)
{
    static const Want wants[] = {
        {"net of the refund that names it", KPI_AOV, NULL, NULL, 27000.0 / 6, 6},
        {"in its order's month", KPI_AOV, "2024-02-01", "2024-03-01", 5000, 2},
        {"the middle", KPI_AOV_MEDIAN, NULL, NULL, 4000, 6},
        {"orders after the first ever", KPI_AOV_REPEAT, NULL, NULL, 10000.0 / 3, 3},
        {"per buyer", KPI_FREQUENCY, NULL, NULL, 2, 3},
        {"nobody bought", KPI_AOV, "2023-01-01", "2023-02-01", NAN, 0},
    };
    g_autoptr(View) view = history_view(shop, G_N_ELEMENTS(shop), "2024-03-20");
    wants_check(view, wants, G_N_ELEMENTS(wants));
}

/* Cohort of January: one returns in time, one exactly on the last day, one a day late, one never,
 * one twice on the first day; one of February is too young. */
static void bought_again_at_equal_age(void)
{
    static const Bought rows[] = {
        {1, "2024-01-01", 1}, {1, "2024-01-20", 1}, {2, "2024-01-02", 1}, {2, "2024-06-30", 1},
        {3, "2024-01-03", 1}, {3, "2024-07-02", 1}, {4, "2024-01-04", 1}, {5, "2024-01-05", 1},
        {5, "2024-01-05", 1}, {6, "2024-02-20", 1}, {6, "2024-02-25", 1},
    };
    static const Want wants[] = {
        {"180 days, the last one counts", KPI_REPEAT_RATE, NULL, NULL, 2.0 / 5, 5},
        {"nobody old enough", KPI_REPEAT_RATE, "2024-02-01", "2024-03-01", NAN, 0},
    };
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-07-10");
    wants_check(view, wants, G_N_ELEMENTS(wants));
}

/* With a usual gap of 40 days, active is 100 days. S = {1, 2, 3}; 2 is lost; 4 is new; 5 comes
 * back after 200 days. (E - N) / S = 2 / 3, never above 1. */
static void retention_with_a_fitted_window(void)
{
    static const Bought rows[] = {
        {1, "2024-06-01", 1}, {1, "2024-09-01", 1}, {2, "2024-06-02", 1}, {3, "2024-06-03", 1},
        {3, "2024-10-03", 1}, {4, "2024-10-01", 1}, {5, "2024-03-01", 1}, {5, "2024-10-02", 1},
    };
    static const Want wants[] = {
        {"kept", KPI_RETENTION, "2024-07-01", "2024-10-15", 2.0 / 3, 3},
        {"lost", KPI_CHURN, "2024-07-01", "2024-10-15", 1.0 / 3, 3},
        {"apart, and 3 was silent for 122 days", KPI_REACTIVATED, "2024-07-01", "2024-10-15", 2, 2},
        {"without a start: over the last window", KPI_RETENTION, NULL, NULL, 2.0 / 3, 3},
    };
    g_autoptr(Facts) facts = history_facts(rows, G_N_ELEMENTS(rows));
    g_autoptr(View) view = view_new(facts, &(ViewOptions){.zone = zone_utc(),
                                                          .now = history_day("2024-10-15") * DAY_MS,
                                                          .gap_days = 40});
    g_assert_cmpint(view->window_days, ==, 100);
    wants_check(view, wants, 3);
}

static void quiet_by_the_own_rhythm(void)
{
    static const struct {
        const char *why;
        int32_t silence, gap_doubled;
        uint32_t days;
        bool want;
    } cases[] = {
        {"exactly 2.5 times is not yet quiet", 25, 20, 3, false},
        {"a day more is", 26, 20, 3, true},
        {"two purchases are no rhythm", 900, 20, 2, false},
        {"half a day counts: median 10.5", 26, 21, 4, false},
        {"27 > 26.25", 27, 21, 4, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_assert_true(view_is_quiet(cases[i].silence, cases[i].gap_doubled, cases[i].days) ==
                      cases[i].want);
    }
}

static void quiet_people_and_their_money(void)
{
    static const Bought rows[] = {
        {1, "2024-01-01", 1000}, {1, "2024-01-11", 1000}, {1, "2024-01-21", 1000},
        {2, "2024-01-01", 500},  {2, "2024-01-31", 500},  {2, "2024-03-01", 500},
        {3, "2023-12-01", 700},  {3, "2023-12-01", 700},  {3, "2023-12-02", 700},
        {4, "2022-01-01", 9000}, {4, "2022-01-03", 9000}, {4, "2022-01-05", 9000},
        {5, "2024-03-09", 10},
    };
    static const Want wants[] = {
        {"1 after 50 days at 10, 4 long ago; 2 is in rhythm, 3 has two days", KPI_QUIET_UNUSUALLY,
         NULL, NULL, 2, 2},
        {"4 spent nothing in 12 months", KPI_MONEY_AT_STAKE, NULL, NULL, 3000, 2},
        {"1 is the best customer of the year", KPI_QUIET_GOOD, NULL, NULL, 1, 1},
    };
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-03-11");
    wants_check(view, wants, G_N_ELEMENTS(wants));
    KpiScope scope;
    kpi_scope_init(&scope, view, &(KpiPeriod){DAY_OPEN_START, DAY_OPEN_END});
    g_autoptr(GArray) members = kpi_members(view, &scope, KPI_QUIET_UNUSUALLY);
    g_assert_cmpuint(members->len, ==, 2);
    g_assert_cmpint(g_array_index(members, KpiMember, 0).person, ==, 1);
    g_assert_cmpint(g_array_index(members, KpiMember, 0).weight, ==, 3000);
    g_assert_cmpint(g_array_index(members, KpiMember, 1).person, ==, 4);
}

static void old_exports_are_seen_as_of_their_end(void)
{
    static const Bought rows[] = {{1, "2011-11-01", 1}, {2, "2011-12-09", 1}};
    g_autoptr(View) old = history_view(rows, 2, "2024-06-01");
    g_assert_true(old->stale);
    g_assert_cmpint(old->as_of, ==, history_day("2011-12-10") * DAY_MS);
    g_autoptr(View) fresh = history_view(rows, 2, "2012-01-08");
    g_assert_false(fresh->stale);
    g_assert_cmpint(fresh->as_of_day, ==, history_day("2012-01-08"));
    g_autoptr(View) empty = history_view(rows, 0, "2024-06-01");
    g_assert_false(empty->stale);
}

/* 00:30 on 31 March 2024 in Ljubljana is still 30 March in UTC, and the day has 23 hours. */
static void days_are_those_of_the_zone(void)
{
    static const Bought rows[] = {{1, "2024-03-30", 1, .at_ms = DAY_MS - CLOCK_HOUR_MS / 2},
                                  {1, "2024-03-31", 1, .at_ms = DAY_MS - 3 * CLOCK_HOUR_MS},
                                  {1, "2024-03-31", 1, .at_ms = DAY_MS - 2 * CLOCK_HOUR_MS}};
    g_autoptr(Facts) facts = history_facts(rows, 3);
    const Zone *zone = zone_find(SLICE("Europe/Ljubljana"), NULL);
    g_assert_nonnull(zone);
    g_autoptr(View) view =
        view_new(facts, &(ViewOptions){.zone = zone, .now = history_day("2024-05-20") * DAY_MS});
    g_assert_cmpint(view->day[0], ==, history_day("2024-03-31"));
    g_assert_cmpint(view->day[1], ==, history_day("2024-03-31"));
    g_assert_cmpint(view->day[2], ==, history_day("2024-04-01"));
    g_assert_true(view->stale);
    g_assert_cmpint(view->as_of_day, ==, history_day("2024-04-02"));
    g_assert_cmpint(view->as_of, ==, history_day("2024-04-02") * DAY_MS - 2 * CLOCK_HOUR_MS);
}

static void orders_of_the_future_do_not_count(void)
{
    static const Bought rows[] = {
        {1, "2024-01-01", 100}, {1, "2024-02-01", 100}, {2, "2024-02-01", 1}};
    static const Want wants[] = {{"one", KPI_CUSTOMERS, NULL, NULL, 1, 1},
                                 {"one order", KPI_ORDERS, NULL, NULL, 1, 1},
                                 {"its money", KPI_REVENUE_ALL, NULL, NULL, 100, 1}};
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-01-10");
    wants_check(view, wants, G_N_ELEMENTS(wants));
}

static void unknown_rates_count_but_bear_no_money(void)
{
    static const Bought rows[] = {{1, "2024-01-01", 100}, {1, "2024-01-02", FACTS_UNKNOWN}};
    static const Want wants[] = {{"both", KPI_ORDERS, NULL, NULL, 2, 2},
                                 {"known money", KPI_REVENUE, NULL, NULL, 100, 2},
                                 {"mean of the rated", KPI_AOV, NULL, NULL, 100, 1}};
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-01-10");
    wants_check(view, wants, G_N_ELEMENTS(wants));
    KpiReport report;
    kpi_report_init(&report, view, &(KpiPeriod){DAY_OPEN_START, DAY_OPEN_END});
    g_assert_cmpuint(report.unrated_orders, ==, 1);
}

static void previous_period_has_equal_length(void)
{
    g_autoptr(View) view = history_view(shop, G_N_ELEMENTS(shop), "2024-03-20");
    KpiReport report, before;
    kpi_report_init(&report, view, &(KpiPeriod){DAY_OPEN_START, DAY_OPEN_END});
    g_assert_false(kpi_report_before(&before, &report, view));
    KpiPeriod march = {history_day("2024-03-01"), history_day("2024-04-01")};
    kpi_report_init(&report, view, &march);
    g_assert_true(kpi_report_before(&before, &report, view));
    g_assert_cmpint(before.scope.period.from, ==, history_day("2024-02-10"));
    g_assert_cmpint(before.scope.period.to, ==, history_day("2024-03-01"));
    g_assert_cmpfloat(before.values[KPI_REVENUE].value, ==, 8000);
    g_assert_true(isnan(before.values[KPI_QUIET_UNUSUALLY].value));
}

/* The plain way: every question asked of every pair of orders, no arrays, no order. */
typedef struct Model {
    const Bought *rows;
    size_t count;
    int32_t from, to, window;
} Model;

static int32_t model_day(const Model *model, size_t i) { return history_day(model->rows[i].date); }

/* Any order of this person on days [from, to)? */
static bool model_any(const Model *model, int64_t person, int32_t from, int32_t to)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->rows[i].person == person && model_day(model, i) >= from &&
            model_day(model, i) < to)
            return true;
    return false;
}

static void model_check_person(const Model *m, const View *view, const KpiScope *scope, int64_t id)
{
    int64_t index = facts_person_index(view->facts, id), revenue = 0, refunds = 0;
    if (index < 0) {
        g_assert_false(model_any(m, id, INT32_MIN, INT32_MAX));
        return;
    }
    KpiPerson person;
    kpi_person_init(&person, view, scope, (uint32_t)index);
    uint32_t orders = 0;
    bool repeats = false;
    for (size_t i = 0; i < m->count; i++) {
        int32_t day = model_day(m, i);
        if (m->rows[i].person != id || day < m->from || day >= m->to) continue;
        orders++;
        revenue += m->rows[i].revenue;
        refunds += m->rows[i].refund;
        repeats |= model_any(m, id, INT32_MIN, day);
    }
    bool before = model_any(m, id, INT32_MIN, m->from);
    g_assert_cmpuint(person.orders, ==, orders);
    g_assert_cmpint(person.revenue, ==, revenue);
    g_assert_cmpint(person.refunds, ==, refunds);
    g_assert_true(person.is_new == (orders > 0 && !before));
    g_assert_true(person.repeats == repeats);
    g_assert_true(person.active_start == model_any(m, id, m->from - m->window, m->from));
    g_assert_true(person.active_end == model_any(m, id, m->to - m->window, m->to));
}

static void random_histories_agree_with_the_plain_way(void)
{
    enum { ROUNDS = 60, ROWS = 120, PEOPLE = 12 };
    for (int round = 0; round < ROUNDS; round++) {
        char dates[ROWS][DAY_TEXT_SIZE];
        Bought rows[ROWS];
        for (size_t i = 0; i < ROWS; i++) {
            day_format(history_day("2024-01-01") + g_test_rand_int_range(0, 300), dates[i]);
            int64_t revenue = g_test_rand_int_range(1, 9999);
            int64_t refund = g_test_rand_int_range(0, 4) ? 0 : revenue / 2;
            rows[i] = (Bought){g_test_rand_int_range(0, PEOPLE), dates[i], revenue, refund};
        }
        g_autoptr(View) view = history_view(rows, ROWS, "2024-11-05");
        int32_t from = history_day("2024-01-01") + g_test_rand_int_range(1, 150);
        KpiPeriod period = {from, from + g_test_rand_int_range(1, 150)};
        KpiScope scope;
        kpi_scope_init(&scope, view, &period);
        Model model = {rows, ROWS, period.from, period.to, scope.window_days};
        for (int64_t person = 1; person < PEOPLE; person++)
            model_check_person(&model, view, &scope, person);
    }
}

static void the_table_is_whole(void)
{
    for (size_t i = 0; i < KPI_COUNT; i++) {
        const KpiDef *def = &kpi_table[i];
        g_assert_nonnull(def->name);
        g_assert_nonnull(def->label);
        g_assert_nonnull(def->formula);
        g_assert_nonnull(def->pitfalls);
        g_assert_true((def->member != NULL) == (def->weight != NULL));
        g_assert_cmpint(kpi_find(def->name), ==, (int)i);
    }
    g_assert_cmpint(kpi_find("nonsense"), ==, KPI_COUNT);
}

/* Values of Wilson's interval from Newcombe 1998, table I (81/263 and 0/10 to 4 places). */
static void intervals_meet_published_values(void)
{
    StatsRange range = stats_share_range(81, 263);
    g_assert_cmpfloat_with_epsilon(range.low, 0.2553, 5e-5);
    g_assert_cmpfloat_with_epsilon(range.high, 0.3662, 5e-5);
    range = stats_share_range(0, 20);
    g_assert_cmpfloat(range.low, ==, 0);
    g_assert_cmpfloat_with_epsilon(range.high, 0.1611, 5e-5);
    g_assert_true(isnan(stats_share_range(0, 0).low));
}

static void days_and_dates(void)
{
    for (int32_t day = -800000; day < 800000; day += 37) {
        int y, m, d;
        civil_from_days(day, &y, &m, &d);
        g_assert_cmpint(day_of(y, m, d), ==, day);
        g_assert_cmpint(day_month(month_first_day(day_month(day))), ==, day_month(day));
    }
    int32_t day;
    g_assert_true(day_parse("2024-02-29", &day));
    g_assert_false(day_parse("2023-02-29", &day));
    g_assert_false(day_parse("2023-13-01", &day));
    g_assert_false(day_parse("2023-1-01", &day));
    g_assert_false(day_parse("../../etc/", &day));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/measure/kpi/table", the_table_is_whole);
    g_test_add_func("/measure/kpi/sales", sales_of_a_period);
    g_test_add_func("/measure/kpi/order_values", values_of_orders);
    g_test_add_func("/measure/kpi/repeat_rate", bought_again_at_equal_age);
    g_test_add_func("/measure/kpi/retention", retention_with_a_fitted_window);
    g_test_add_func("/measure/kpi/quiet_rule", quiet_by_the_own_rhythm);
    g_test_add_func("/measure/kpi/quiet_people", quiet_people_and_their_money);
    g_test_add_func("/measure/kpi/as_of", old_exports_are_seen_as_of_their_end);
    g_test_add_func("/measure/kpi/zone", days_are_those_of_the_zone);
    g_test_add_func("/measure/kpi/future", orders_of_the_future_do_not_count);
    g_test_add_func("/measure/kpi/unrated", unknown_rates_count_but_bear_no_money);
    g_test_add_func("/measure/kpi/previous", previous_period_has_equal_length);
    g_test_add_func("/measure/kpi/model", random_histories_agree_with_the_plain_way);
    g_test_add_func("/measure/kpi/intervals", intervals_meet_published_values);
    g_test_add_func("/measure/kpi/days", days_and_dates);
    return g_test_run();
}
