#include "store/metrics.h"

#include <math.h>

const double store_bucket_ms[STORE_BUCKETS] = {0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000, INFINITY};

void store_histogram_add(StoreHistogram *histogram, int64_t us)
{
    int at = 0;
    while (at < STORE_BUCKETS - 1 && (double)us > store_bucket_ms[at] * 1000)
        at++;
    store_metric_add(&histogram->bucket[at], 1);
    store_metric_add(&histogram->count, 1);
    store_metric_add(&histogram->sum_us, us);
}

void store_metric_max(_Atomic int64_t *maximum, int64_t value)
{
    int64_t now = store_metric_get(maximum);
    while (now < value && !atomic_compare_exchange_weak(maximum, &now, value))
        ;
}
