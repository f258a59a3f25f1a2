/* net/metrics.h: the page /metrics, in the text format of Prometheus.
 *
 * A module that has figures adds a source: a function that appends lines. It runs on a worker for
 * each scrape, so it only reads counters. Names begin with "kith_", units last ("_seconds",
 * "_bytes", "_total"), labels never carry what a stranger wrote.
 *
 *     metrics_add(metrics, timeline_metrics, timeline);
 *     static void timeline_metrics(GString *out, void *data)
 *     {
 *         metric_write(out, "kith_dedup_hits_total", "counter", "events seen before", hits);
 *     }
 */
#pragma once
#include <glib.h>
#include <stdint.h>

typedef struct Metrics Metrics;
typedef void (*MetricsSource)(GString *out, void *data);

Metrics *metrics_new(void);
void metrics_free(Metrics *metrics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Metrics, metrics_free)

/* Before the server starts. */
void metrics_add(Metrics *metrics, MetricsSource source, void *data);

/* The whole page; the caller frees it. */
char *metrics_text(const Metrics *metrics);

/* One metric without labels, with its HELP and TYPE lines. `type`: "counter" or "gauge". */
void metric_write(GString *out, const char *name, const char *type, const char *help, double value);
/* The HELP and TYPE lines alone, and one sample with labels as written ("route=\"/x\""). */
void metric_head(GString *out, const char *name, const char *type, const char *help);
void metric_sample(GString *out, const char *name, const char *labels, double value);

/* Request times: bucket of a duration, and upper bounds in seconds (the last is +Inf). */
unsigned metrics_bucket(int64_t time_us);
extern const double metrics_bounds_s[];
