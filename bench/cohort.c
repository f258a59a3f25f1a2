/* bench/cohort.c: the cohort matrix of measure/cohort.h over the orders of bench/history.h.
 *
 *     kith-cohort-bench EVENTS PEOPLE [ROUNDS]
 *
 * The orders stand in memory as facts, as they do in a running server; timed is the table that
 * /api/cohorts answers with. Prints one JSON object; its answer lists all cells that are not 0 as
 * cohort:later:people, a cohort being year * 12 + month.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "history.h"
#include "measure/cohort.h"

enum { ROUNDS_MAX = 1000, MINOR = 10000 /* micro-units in a cent */ };

static double clock_ms(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static Facts *facts_make(const History *history)
{
    g_autoptr(FactsBuilder) builder = facts_builder_new();
    for (uint64_t i = 0; i < history->events; i++) {
        HistoryEvent event = history_event(history, i);
        if (event.name != HISTORY_ORDER) continue;
        int64_t revenue = event.revenue_micro / MINOR;
        facts_builder_order(builder, &(FactsOrder){.person = (int64_t)event.person + 1,
                                                   .order_id = event.id,
                                                   .at = event.at,
                                                   .revenue = revenue,
                                                   .net = revenue,
                                                   .lines = 1});
    }
    return facts_builder_finish(builder, &(FactsOrigin){.currency = "EUR"});
}

static void answer_print(const CohortTable *table)
{
    const char *between = "";
    printf("\"answer\": \"");
    for (uint32_t r = 0; r < table->month_count; r++) {
        for (uint32_t k = 0; r + k < table->month_count; k++) {
            uint32_t people = cohort_table_cell(table, r, k);
            if (people == 0) continue;
            printf("%s%u:%u:%u", between, 1 + (unsigned)table->first_month + r, k, people);
            between = " ";
        }
    }
    printf("\", ");
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void rounds_print(const View *view, int rounds)
{
    double wall_ms[ROUNDS_MAX], cpu_ms[ROUNDS_MAX];
    for (int i = 0; i < rounds; i++) {
        double started = clock_ms(CLOCK_MONOTONIC), cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
        cohort_table_free(cohort_table_new(view));
        wall_ms[i] = clock_ms(CLOCK_MONOTONIC) - started;
        cpu_ms[i] = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    qsort(wall_ms, (size_t)rounds, sizeof(double), double_compare);
    qsort(cpu_ms, (size_t)rounds, sizeof(double), double_compare);
    printf("\"engine\": \"facts\", \"ms\": %.3f, \"best_ms\": %.3f, \"cpu_ms\": %.3f, "
           "\"rounds\": %d",
           wall_ms[rounds / 2], wall_ms[0], cpu_ms[rounds / 2], rounds);
}

int main(int argc, char **argv)
{
    int rounds = argc == 4 ? (int)g_ascii_strtoll(argv[3], NULL, 10) : 11;
    if (argc < 3 || argc > 4 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: kith-cohort-bench EVENTS PEOPLE [ROUNDS]\n");
        return 2;
    }
    History history = history_two_years(g_ascii_strtoull(argv[1], NULL, 10),
                                        (uint32_t)g_ascii_strtoull(argv[2], NULL, 10));
    g_autoptr(Facts) facts = facts_make(&history);
    ViewOptions options = {.zone = zone_utc(), .now = history_end(&history)};
    g_autoptr(View) view = view_new(facts, &options);
    g_autoptr(CohortTable) table = cohort_table_new(view);
    printf("{\"orders\": %u, ", facts->order_count);
    answer_print(table);
    rounds_print(view, rounds);
    printf("}\n");
    return 0;
}
