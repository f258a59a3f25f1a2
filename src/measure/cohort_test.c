#include "measure/cohort.h"

#include "measure/history_fixture.h"

#include <stdio.h>

static void months_of_a_tiny_shop(void)
{
    static const Bought rows[] = {
        {1, "2023-12-31", 1}, {1, "2024-01-01", 1}, {1, "2024-01-30", 1}, {2, "2023-12-01", 1},
        {3, "2024-02-29", 1}, {3, "2024-03-01", 1}, {0, "2023-11-01", 1},
    };
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-03-15");
    g_autoptr(CohortTable) table = cohort_table_new(view);
    g_assert_cmpint(table->first_month, ==, 2023 * 12 + 11);
    g_assert_cmpuint(table->month_count, ==, 4);
    g_assert_cmpuint(cohort_table_cell(table, 0, 0), ==, 2);
    g_assert_cmpuint(cohort_table_cell(table, 0, 1), ==, 1); /* twice in January, counted once */
    g_assert_cmpuint(cohort_table_cell(table, 0, 2), ==, 0);
    g_assert_cmpuint(cohort_table_cell(table, 1, 0), ==, 0);
    g_assert_cmpuint(cohort_table_cell(table, 2, 1), ==, 1);
    g_assert_true(cohort_table_complete(table, 0, 2));
    g_assert_false(cohort_table_complete(table, 2, 1)); /* March is still running */
}

static void an_empty_shop_has_no_cohorts(void)
{
    g_autoptr(View) view = history_view(NULL, 0, "2024-03-15");
    g_autoptr(CohortTable) table = cohort_table_new(view);
    g_assert_cmpuint(table->month_count, ==, 0);
    g_autoptr(GArray) curves = curves_new(view);
    g_assert_cmpuint(curves->len, ==, 0);
}

/* Four people of Q1, looked at on 20 April: 1 returns after 10 days, 2 after 30, 3 (19 days old)
 * and 4 (100 days old) never. Kaplan-Meier by hand: 1 - 3/4, then 1 - 3/4 * 1/2. */
static void a_curve_knows_what_is_complete(void)
{
    static const Bought rows[] = {
        {1, "2024-02-01", 1}, {1, "2024-02-11", 1}, {2, "2024-02-01", 1},
        {2, "2024-03-02", 1}, {3, "2024-03-31", 1}, {4, "2024-01-11", 1},
    };
    g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-04-20");
    g_autoptr(GArray) curves = curves_new(view);
    g_assert_cmpuint(curves->len, ==, 1);
    const Curve *curve = &g_array_index(curves, Curve, 0);
    g_assert_cmpstr(curve->label, ==, "2024-Q1");
    g_assert_cmpuint(curve->size, ==, 4);
    g_assert_cmpint(curve->complete_days, ==, 19);
    g_assert_cmpint(curve->last_day, ==, 99);
    g_assert_cmpfloat(curve->share[9], ==, 0);
    g_assert_cmpfloat_with_epsilon(curve->share[10], 0.25, 1e-12);
    g_assert_cmpfloat_with_epsilon(curve->share[29], 0.25, 1e-12);
    g_assert_cmpfloat_with_epsilon(curve->share[30], 1 - 0.75 * 0.5, 1e-12);
    g_assert_cmpfloat_with_epsilon(curve->share[99], 1 - 0.75 * 0.5, 1e-12);
}

/* Where everybody was watched, the estimate is the plain share. */
static void complete_parts_are_plain_counts(void)
{
    enum { ROWS = 400 };
    char dates[ROWS][DAY_TEXT_SIZE];
    Bought rows[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        day_format(history_day("2024-01-01") + g_test_rand_int_range(0, 200), dates[i]);
        rows[i] = (Bought){g_test_rand_int_range(1, 150), dates[i], 1};
    }
    g_autoptr(View) view = history_view(rows, ROWS, "2024-07-25");
    g_autoptr(GArray) curves = curves_new(view);
    const Facts *facts = view->facts;
    for (uint32_t c = 0; c < curves->len; c++) {
        const Curve *curve = &g_array_index(curves, Curve, c);
        for (int32_t d = 0; d <= curve->complete_days; d++) {
            uint32_t back = 0;
            for (uint32_t i = 0; i < facts->person_count; i++) {
                int32_t first = view->day[facts->start[i]], second = INT32_MAX;
                for (uint32_t k = facts->start[i]; k < facts->start[i + 1]; k++)
                    if (view->day[k] > first) second = MIN(second, view->day[k]);
                if (first >= curve->from && first < curve->to && second <= first + d) back++;
            }
            g_assert_cmpfloat_with_epsilon(curve->share[d], (double)back / curve->size, 1e-9);
        }
    }
}

/* CDNOW's published sample: 2,357 people of January to March 1997; 946 came back by 30 September
 * (x > 0), so all months of first purchase hold 2,357 and the rows are distinct buyers. */
static void cdnow_cohorts(void)
{
    const char *data = g_getenv("KITH_TEST_DATA");
    g_autofree char *path = g_build_filename(data ? data : "", "orders", "cdnow_sample.txt", NULL);
    FILE *file = data ? fopen(path, "r") : NULL;
    if (!file) {
        g_test_skip("shared data absent (KITH_TEST_DATA)");
        return;
    }
    g_autoptr(FactsBuilder) builder = facts_builder_new();
    g_autoptr(GHashTable) plain = g_hash_table_new(g_direct_hash, g_direct_equal);
    int64_t id = 0;
    int sample, date;
    double dollars;
    while (fscanf(file, "%*d %d %d %*d %lf", &sample, &date, &dollars) == 3) {
        int32_t day = day_of(date / 10000, date / 100 % 100, date % 100);
        facts_builder_order(builder, &(FactsOrder){.person = sample,
                                                   .order_id = ++id,
                                                   .at = day * DAY_MS,
                                                   .revenue = (int64_t)(dollars * 100 + 0.5),
                                                   .lines = 1});
        int month = date / 10000 * 12 + date / 100 % 100 - 1 - 1997 * 12;
        g_hash_table_add(plain, GINT_TO_POINTER(sample * 64 + month + 1));
    }
    fclose(file);
    g_autoptr(Facts) facts = facts_builder_finish(builder, &(FactsOrigin){0});
    g_autoptr(View) view = view_new(
        facts, &(ViewOptions){.zone = zone_utc(), .now = history_day("2020-01-01") * DAY_MS});
    g_autoptr(CohortTable) table = cohort_table_new(view);
    uint32_t people = 0, cells = 0;
    for (uint32_t r = 0; r < table->month_count; r++) {
        people += cohort_table_cell(table, r, 0);
        for (uint32_t k = 0; k < table->month_count - r; k++)
            cells += cohort_table_cell(table, r, k);
    }
    g_assert_cmpuint(id, ==, 6919);
    g_assert_cmpuint(people, ==, 2357);
    g_assert_cmpuint(cells, ==, g_hash_table_size(plain));
    g_assert_cmpuint(table->month_count, ==, 18);
    g_assert_true(view->stale);
    g_assert_cmpint(view->as_of_day, ==, history_day("1998-07-01"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/measure/cohort/months", months_of_a_tiny_shop);
    g_test_add_func("/measure/cohort/empty", an_empty_shop_has_no_cohorts);
    g_test_add_func("/measure/cohort/curve", a_curve_knows_what_is_complete);
    g_test_add_func("/measure/cohort/complete", complete_parts_are_plain_counts);
    g_test_add_func("/measure/cohort/cdnow", cdnow_cohorts);
    return g_test_run();
}
