/* measure/stats.h: the few intervals that every figure carries, at 95 %.
 *
 * Pure functions over plain numbers; no allocation, no clock. An interval that cannot be given
 * (no observations, one observation of a mean) is {NAN, NAN}, never a made-up one.
 *
 *     StatsRange range = stats_share_range(52, 100);     0.423 .. 0.615
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct StatsRange {
    double low, high; /* both NAN: unknown */
} StatsRange;

/* A running mean and variance (Welford 1962). Start with {0}. */
typedef struct StatsMean {
    uint64_t n;
    double mean, squares; /* squares: sum of squared differences from the mean */
} StatsMean;

void stats_mean_add(StatsMean *mean, double value);

/* Normal interval of the mean with the unbiased variance; NAN below two values. */
StatsRange stats_mean_range(const StatsMean *mean);

/* Wilson score interval of hits/n (Wilson 1927): behaves at 0, 1 and small n. NAN when n = 0. */
StatsRange stats_share_range(uint64_t hits, uint64_t n);

/* Median of `count` values; the array is put in order (rising). NAN when count = 0. O(n log n). */
double stats_median(int64_t *values, size_t count);

/* Interval of the median by order statistics (binomial, normal approximation); `sorted` rises.
 * NAN below six values, where no pair of order statistics reaches 95 %. */
StatsRange stats_median_range(const int64_t *sorted, size_t count);

/* The value at or below which `share` (0..1) of the sorted values lie (nearest rank), 0 if none. */
int64_t stats_quantile(const int64_t *sorted, size_t count, double share);
