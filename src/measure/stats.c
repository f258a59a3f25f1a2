#include "measure/stats.h"

#include <math.h>
#include <stdlib.h>

#define Z95 1.959963984540054

static const StatsRange range_unknown = {NAN, NAN};

void stats_mean_add(StatsMean *mean, double value)
{
    mean->n++;
    double before = value - mean->mean;
    mean->mean += before / (double)mean->n;
    mean->squares += before * (value - mean->mean);
}

StatsRange stats_mean_range(const StatsMean *mean)
{
    if (mean->n < 2) return range_unknown;
    double n = (double)mean->n;
    double half = Z95 * sqrt(mean->squares / (n - 1) / n);
    return (StatsRange){mean->mean - half, mean->mean + half};
}

StatsRange stats_share_range(uint64_t hits, uint64_t n)
{
    if (n == 0) return range_unknown;
    double count = (double)n, share = (double)hits / count, z2 = Z95 * Z95;
    double centre = (share + z2 / (2 * count)) / (1 + z2 / count);
    double half =
        Z95 / (1 + z2 / count) * sqrt(share * (1 - share) / count + z2 / (4 * count * count));
    return (StatsRange){fmax(0, centre - half), fmin(1, centre + half)};
}

static int int64_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

double stats_median(int64_t *values, size_t count)
{
    if (count == 0) return NAN;
    qsort(values, count, sizeof *values, int64_compare);
    if (count % 2) return (double)values[count / 2];
    return ((double)values[count / 2 - 1] + (double)values[count / 2]) / 2;
}

StatsRange stats_median_range(const int64_t *sorted, size_t count)
{
    if (count < 6) return range_unknown;
    double n = (double)count;
    double half = Z95 * sqrt(n) / 2;
    double low = floor(n / 2 - half), high = ceil(n / 2 + half) + 1;
    size_t first = low < 1 ? 1 : (size_t)low;
    size_t last = high > n ? count : (size_t)high;
    return (StatsRange){(double)sorted[first - 1], (double)sorted[last - 1]};
}

int64_t stats_quantile(const int64_t *sorted, size_t count, double share)
{
    if (count == 0) return 0;
    double rank = ceil(share * (double)count);
    size_t index = rank < 1 ? 1 : (size_t)rank;
    return sorted[(index > count ? count : index) - 1];
}
