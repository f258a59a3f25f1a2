#include "net/metrics.h"

#include "net/router.h"

#include <math.h>

typedef struct Source {
    MetricsSource write;
    void *data;
} Source;

struct Metrics {
    GArray *sources;
};

const double metrics_bounds_s[ROUTE_TIME_BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                     0.1,   0.25,   0.5,   1,    5,     INFINITY};

unsigned metrics_bucket(int64_t time_us)
{
    unsigned bucket = 0;
    while (bucket < ROUTE_TIME_BUCKETS - 1 && (double)time_us > metrics_bounds_s[bucket] * 1e6)
        bucket++;
    return bucket;
}

Metrics *metrics_new(void)
{
    Metrics *metrics = g_new0(Metrics, 1);
    metrics->sources = g_array_new(FALSE, FALSE, sizeof(Source));
    return metrics;
}

void metrics_free(Metrics *metrics)
{
    if (!metrics) return;
    g_array_unref(metrics->sources);
    g_free(metrics);
}

void metrics_add(Metrics *metrics, MetricsSource source, void *data)
{
    Source entry = {source, data};
    g_array_append_val(metrics->sources, entry);
}

char *metrics_text(const Metrics *metrics)
{
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < metrics->sources->len; i++) {
        const Source *source = &g_array_index(metrics->sources, Source, i);
        source->write(out, source->data);
    }
    return g_string_free(out, FALSE);
}

void metric_head(GString *out, const char *name, const char *type, const char *help)
{
    g_string_append_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metric_sample(GString *out, const char *name, const char *labels, double value)
{
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    if (isinf(value))
        g_strlcpy(number, "+Inf", sizeof number);
    else
        g_ascii_formatd(number, sizeof number, "%.15g", value);
    g_string_append_printf(out, *labels ? "%s{%s} %s\n" : "%s%s %s\n", name, labels, number);
}

void metric_write(GString *out, const char *name, const char *type, const char *help, double value)
{
    metric_head(out, name, type, help);
    metric_sample(out, name, "", value);
}
