#include "net/metrics.h"

#include "net/exchange.h"
#include "store/store.h"

/* The store's counters as lines of /metrics: one table. */
typedef struct Line {
    const char *name, *type, *help;
    size_t offset; /* of an _Atomic int64_t in StoreMetrics */
    double scale;
} Line;

#define AT(field) offsetof(StoreMetrics, field)

static const Line lines[] = {
    {"kith_writer_groups_total", "counter", "transactions committed", AT(groups), 1},
    {"kith_writer_groups_failed_total", "counter", "groups rolled back", AT(groups_failed), 1},
    {"kith_writer_units_total", "counter", "units committed", AT(units), 1},
    {"kith_writer_units_failed_total", "counter", "units told an error", AT(units_failed), 1},
    {"kith_writer_units_retried_total", "counter", "units run again", AT(units_retried), 1},
    {"kith_writer_units_slow_total", "counter", "units over 5 ms", AT(units_slow), 1},
    {"kith_writer_unit_slowest_seconds", "gauge", "since start", AT(unit_slowest_us), 1e-6},
    {"kith_writer_group_units", "gauge", "units of the last group", AT(group_size_last), 1},
    {"kith_writer_transactions_long_total", "counter", "over 200 ms", AT(transactions_long), 1},
    {"kith_writer_queue_units", "gauge", "units waiting", AT(queue_depth), 1},
    {"kith_wal_bytes", "gauge", "length of the log", AT(wal_bytes), 1},
    {"kith_wal_bytes_max", "gauge", "since start", AT(wal_bytes_max), 1},
    {"kith_wal_checkpoints_total", "counter", "rounds of the checkpoint thread", AT(checkpoints),
     1},
    {"kith_wal_restarts_total", "counter", "times the log began anew", AT(wal_restarts), 1},
    {"kith_readers_cut_total", "counter", "reads ended by the clock", AT(readers_cut), 1},
    {"kith_readers_open", "gauge", "reads under way", AT(readers_open), 1},
    {"kith_database_reconnects_total", "counter", "connections opened anew", AT(reconnects), 1},
    {"kith_parked_items", "gauge", "items that need attention", AT(parked), 1},
    {"kith_jobs_waiting", "gauge", "jobs due and not taken", AT(jobs_waiting), 1},
    {"kith_disk_free_bytes", "gauge", "of the data folder's disk", AT(disk_free_bytes), 1},
    {"kith_disk_data_bytes", "gauge", "database with its log", AT(disk_data_bytes), 1},
    {"kith_disk_left_days", "gauge", "at the growth of late; -1: unknown", AT(disk_days_left), 1},
};

static const _Atomic int64_t *line_value(const StoreMetrics *metrics, const Line *line)
{
    return (const _Atomic int64_t *)(const void *)((const char *)metrics + line->offset);
}

static void histogram_write(GString *out, const char *name, const char *help,
                            const StoreHistogram *histogram)
{
    g_autofree char *bucket = g_strconcat(name, "_bucket", NULL);
    g_autofree char *sum = g_strconcat(name, "_sum", NULL);
    g_autofree char *count = g_strconcat(name, "_count", NULL);
    double cumulative = 0;
    metric_head(out, name, "histogram", help);
    for (int i = 0; i < STORE_BUCKETS; i++) {
        char labels[48] = "le=\"+Inf\"";
        if (i < STORE_BUCKETS - 1)
            g_snprintf(labels, sizeof labels, "le=\"%g\"", store_bucket_ms[i] / 1000);
        cumulative += (double)store_metric_get(&histogram->bucket[i]);
        metric_sample(out, bucket, labels, cumulative);
    }
    metric_sample(out, sum, "", (double)store_metric_get(&histogram->sum_us) / 1e6);
    metric_sample(out, count, "", (double)store_metric_get(&histogram->count));
}

void store_metrics_write(GString *out, void *data)
{
    Store *store = data;
    const StoreMetrics *metrics = store_metrics(store);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        metric_write(out, lines[i].name, lines[i].type, lines[i].help,
                     (double)store_metric_get(line_value(metrics, &lines[i])) * lines[i].scale);
    metric_write(out, "kith_writer_queue_age_seconds", "gauge", "age of the oldest unit waiting",
                 (double)writer_age_ms(store_writer(store)) / 1000);
    histogram_write(out, "kith_writer_group_seconds", "begin to durable", &metrics->group_ms);
    histogram_write(out, "kith_writer_commit_seconds", "the commit alone", &metrics->commit_ms);
}
