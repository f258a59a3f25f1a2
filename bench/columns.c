/* bench/columns.c: how fast event columns are built, appended to, saved and opened, and their size.
 *
 *     kith-columns-bench FOLDER EVENTS PEOPLE
 *
 * Prints one JSON object. Making up the events is not counted. FOLDER gets the snapshot, which is
 * removed at the end.
 */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "columns/event_columns.h"
#include "history.h"

enum { BATCH = 4096, GROUP = 1024 /* events a publish, as the writer groups them */ };

typedef struct Bench {
    History history;
    EventColumns *columns;
    EventFact facts[BATCH];
    EventValue values[BATCH];
    double append_s, ready_s, live_s, save_s, load_s, count_ms, last_ms;
    double append_cpu_s, ready_cpu_s, live_cpu_s; /* of all threads */
} Bench;

static const char *const properties[HISTORY_NAMES] = {[HISTORY_PRODUCT_VIEW] = "category",
                                                      [HISTORY_ADD_TO_CART] = "category",
                                                      [HISTORY_ORDER] = "revenue"};

static double now_s(void) { return (double)g_get_monotonic_time() / 1e6; }

static double cpu_s(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static int64_t stem_of(uint32_t person) { return ((int64_t)person + 1) * 28672 + 4096; }

static void batch_make(Bench *bench, uint64_t from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HistoryEvent event = history_event(&bench->history, from + i);
        EventValue *value = &bench->values[i];
        *value = (EventValue){.kind = EVENT_NUMBER, .number = event.revenue_micro};
        if (event.category)
            *value = (EventValue){
                .kind = EVENT_TEXT, .text = event.category, .length = strlen(event.category)};
        bench->facts[i] =
            (EventFact){(uint32_t)event.name, stem_of(event.person), event.at, event.id, value};
    }
}

static void names_hold(const Bench *bench)
{
    for (uint32_t name = 0; name < HISTORY_NAMES; name++)
        g_assert_true(event_columns_hold(bench->columns, name, &properties[name],
                                         properties[name] ? 1 : 0, NULL));
}

static void names_build(Bench *bench, uint64_t events)
{
    names_hold(bench);
    for (uint64_t from = 0; from < events; from += BATCH) {
        size_t count = MIN(events - from, (uint64_t)BATCH);
        batch_make(bench, from, count);
        double started = now_s(), cpu = cpu_s();
        event_columns_append(bench->columns, bench->facts, count);
        bench->append_s += now_s() - started;
        bench->append_cpu_s += cpu_s() - cpu;
    }
    double started = now_s(), cpu = cpu_s();
    for (uint32_t name = 0; name < HISTORY_NAMES; name++)
        g_assert_true(event_columns_ready(bench->columns, name, NULL));
    event_columns_publish(bench->columns, INT64_MAX);
    bench->ready_s = now_s() - started;
    bench->ready_cpu_s = cpu_s() - cpu;
}

/* Events as they come in while everything is held: folds run beside. */
static void live_append(Bench *bench, uint64_t from, uint64_t events)
{
    for (uint64_t end = from + events; from < end; from += BATCH) {
        batch_make(bench, from, BATCH);
        double started = now_s(), cpu = cpu_s();
        for (size_t at = 0; at < BATCH; at += GROUP) {
            event_columns_append(bench->columns, bench->facts + at, GROUP);
            event_columns_publish(bench->columns, INT64_MAX);
        }
        bench->live_s += now_s() - started;
        bench->live_cpu_s += cpu_s() - cpu;
    }
}

/* Rows with at least three orders in the last 90 days, from the arrival layout. */
static uint32_t orders_count(const Bench *bench, const EventView *view)
{
    const EventBase *base = event_view_name(view, HISTORY_ORDER)->base;
    int64_t end = bench->history.start_ms + bench->history.span_ms;
    uint32_t rows = event_view_rows(view), found = 0;
    g_autofree uint8_t *counts = g_new0(uint8_t, rows);
    for (uint32_t i = event_arrival_find(base, end - INT64_C(90) * 86400000); i < base->count;
         i++) {
        uint8_t *count = &counts[base->arrival_rows[i]];
        *count = (uint8_t)(*count + (*count < 255));
    }
    for (uint32_t row = 0; row < rows; row++)
        found += counts[row] >= 3;
    return found;
}

/* Rows whose last order is more than 60 days ago, from the grouped layout. */
static uint32_t orders_last(const Bench *bench, const EventView *view)
{
    const EventBase *base = event_view_name(view, HISTORY_ORDER)->base;
    int64_t end = bench->history.start_ms + bench->history.span_ms;
    uint32_t found = 0;
    for (uint32_t g = 0; g < base->groups; g++)
        if (base->offsets[g + 1] > base->offsets[g])
            found += event_base_at(base, base->offsets[g + 1] - 1) < end - INT64_C(60) * 86400000;
    return found;
}

static double best_ms(const Bench *bench, uint32_t (*scan)(const Bench *, const EventView *))
{
    g_autoptr(EventView) view = event_columns_view(bench->columns);
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        double started = now_s();
        g_assert_true(scan(bench, view) > 0);
        best = MIN(best, (now_s() - started) * 1e3);
    }
    return best;
}

/* Bytes of properties, which the 24 bytes an event do not hold. */
static uint64_t property_bytes(const EventColumns *of)
{
    g_autoptr(EventView) view = event_columns_view((EventColumns *)(uintptr_t)of);
    uint64_t bytes = 0;
    for (uint32_t name = 0; name < HISTORY_NAMES; name++) {
        const EventName *columns = event_view_name(view, name);
        for (uint32_t p = 0; p < columns->property_count; p++)
            bytes += columns->base->count * UINT64_C(2) * (columns->base->grouped[p].codes ? 4 : 8);
    }
    return bytes;
}

static void save_and_load(Bench *bench, const EventColumnsOptions *options, const char *folder)
{
    g_autofree char *path = g_build_filename(folder, "columns", NULL);
    double started = now_s();
    g_assert_true(event_columns_save(bench->columns, path, NULL));
    bench->save_s = now_s() - started;
    event_columns_free(bench->columns);
    bench->columns = event_columns_new(options);
    started = now_s();
    g_assert_true(event_columns_load(bench->columns, path, NULL));
    bench->load_s = now_s() - started;
    g_unlink(path);
}

static void print(const Bench *bench, const EventUsage *built, uint64_t live)
{
    double events = (double)built->events;
    uint64_t plain = built->base_bytes + built->crowd_bytes - property_bytes(bench->columns);
    printf("{\"events\": %.0f, \"rows\": %u, \"build_per_second\": %.0f, \"append_s\": %.2f, "
           "\"ready_s\": %.2f, \"bytes_an_event\": %.2f, \"live_per_second\": %.0f, "
           "\"folds\": %.0f, \"save_s\": %.2f, \"load_s\": %.2f, \"count_ms\": %.2f, "
           "\"last_ms\": %.2f, \"append_cpu_s\": %.2f, \"ready_cpu_s\": %.2f, "
           "\"live_cpu_s\": %.2f}\n",
           events, built->rows, events / (bench->append_s + bench->ready_s), bench->append_s,
           bench->ready_s, (double)plain / events, (double)live / bench->live_s,
           (double)built->folds, bench->save_s, bench->load_s, bench->count_ms, bench->last_ms,
           bench->append_cpu_s, bench->ready_cpu_s, bench->live_cpu_s);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: kith-columns-bench FOLDER EVENTS PEOPLE\n");
        return 2;
    }
    Bench *bench = g_new0(Bench, 1);
    uint64_t events = g_ascii_strtoull(argv[2], NULL, 10);
    uint64_t live = MAX(events / 20 / BATCH, 1) * BATCH;
    bench->history =
        history_two_years(events + live, (uint32_t)g_ascii_strtoull(argv[3], NULL, 10));
    EventColumnsOptions options = {.bytes_max = UINT64_C(16) << 30};
    EventUsage usage;
    bench->columns = event_columns_new(&options);
    names_build(bench, events);
    bench->count_ms = best_ms(bench, orders_count);
    bench->last_ms = best_ms(bench, orders_last);
    live_append(bench, events, live);
    event_columns_fold(bench->columns);
    event_columns_usage(bench->columns, &usage);
    save_and_load(bench, &options, argv[1]);
    print(bench, &usage, live);
    event_columns_free(bench->columns);
    g_free(bench);
    return 0;
}
