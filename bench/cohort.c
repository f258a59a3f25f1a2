/* bench/cohort.c: the cohort matrix that /api/cohorts answers with, of the orders of
 * bench/history.h.
 *
 *     kith-cohort-bench FOLDER EVENTS PEOPLE [ROUNDS]
 *
 * FOLDER as of kith-segments-bench. Timed is cohort_now: the business's zone, the columns as they
 * are now, months of the zone, counting, the table. Prints one JSON object; its answer lists all
 * cells that are not 0 as cohort:later:people, a cohort being year * 12 + month.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "measure/cohort_now.h"
#include "stage.h"

enum { ROUNDS_MAX = 1000 };

static double clock_ms(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const GError *error, const char *what)
{
    fprintf(stderr, "kith-cohort-bench: %s: %s\n", what, error ? error->message : "failed");
    exit(1);
}

static int64_t person_of(void *people, int64_t stem)
{
    return stem == 0 ? 0 : people_person(people, stem);
}

static int64_t version_of(void *none)
{
    (void)none;
    return 0;
}

static void ask(Measure *measure, CohortNow *ret_now)
{
    g_autoptr(GError) error = NULL;
    if (!cohort_now(measure, NULL, ret_now, &error)) die(error, "the matrix");
    if (!ret_now->held) die(NULL, "the columns do not hold the orders");
}

static void answer_print(Measure *measure)
{
    g_auto(CohortNow) now = {0};
    const char *between = "";
    ask(measure, &now);
    const CohortTable *table = now.table;
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

static void rounds_print(Measure *measure, int rounds)
{
    double wall_ms[ROUNDS_MAX], cpu_ms[ROUNDS_MAX];
    for (int i = 0; i < rounds; i++) {
        g_auto(CohortNow) now = {0};
        double started = clock_ms(CLOCK_MONOTONIC), cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
        ask(measure, &now);
        wall_ms[i] = clock_ms(CLOCK_MONOTONIC) - started;
        cpu_ms[i] = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    }
    qsort(wall_ms, (size_t)rounds, sizeof(double), double_compare);
    qsort(cpu_ms, (size_t)rounds, sizeof(double), double_compare);
    printf("\"engine\": \"columns\", \"ms\": %.3f, \"best_ms\": %.3f, \"cpu_ms\": %.3f, "
           "\"rounds\": %d",
           wall_ms[rounds / 2], wall_ms[0], cpu_ms[rounds / 2], rounds);
}

int main(int argc, char **argv)
{
    int rounds = argc == 5 ? (int)g_ascii_strtoll(argv[4], NULL, 10) : 11;
    if (argc < 4 || argc > 5 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: kith-cohort-bench FOLDER EVENTS PEOPLE [ROUNDS]\n");
        return 2;
    }
    g_autoptr(GError) error = NULL;
    StageOptions options = {.folder = argv[1],
                            .events = g_ascii_strtoull(argv[2], NULL, 10),
                            .people = (uint32_t)g_ascii_strtoull(argv[3], NULL, 10)};
    g_autoptr(Stage) stage = stage_open(&options, &error);
    if (!stage) die(error, options.folder);
    clock_simulate(history_end(&stage->history));
    g_autoptr(Measure) measure = measure_new(&(MeasureOptions){.store = stage->store,
                                                               .person = person_of,
                                                               .version = version_of,
                                                               .data = stage->people,
                                                               .segments = stage->segments});
    printf("{");
    answer_print(measure);
    rounds_print(measure, rounds);
    printf("}\n");
    return 0;
}
