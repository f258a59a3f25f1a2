/* store/metrics.h: counters of the store, readable at any time without locks.
 *
 * Written by the store's own threads with relaxed atomics; a reader sees each number whole, not
 * all of one instant.
 */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

enum { STORE_BUCKETS = 11 };

/* Upper bounds of the buckets of a histogram of milliseconds; the last is "more". */
extern const double store_bucket_ms[STORE_BUCKETS];

typedef struct StoreHistogram {
    _Atomic int64_t bucket[STORE_BUCKETS]; /* values <= the bound and > the one before */
    _Atomic int64_t count;
    _Atomic int64_t sum_us;
} StoreHistogram;

typedef struct StoreMetrics {
    _Atomic int64_t groups;          /* transactions committed */
    _Atomic int64_t groups_failed;   /* rolled back as a whole */
    _Atomic int64_t units;           /* units committed */
    _Atomic int64_t units_failed;    /* units told an error */
    _Atomic int64_t units_retried;   /* runs repeated after deadlock or lost connection */
    _Atomic int64_t units_slow;      /* over 5 ms */
    _Atomic int64_t unit_slowest_us; /* since start */
    _Atomic(const char *) unit_slowest_place;
    _Atomic int64_t transactions_long; /* over 200 ms */
    _Atomic int64_t queue_depth;       /* units waiting */
    _Atomic int64_t queue_oldest_us;   /* monotonic time of the oldest's submission, 0 = none */
    StoreHistogram group_ms;           /* begin to durable */
    StoreHistogram commit_ms;          /* COMMIT alone */
    _Atomic int64_t group_size_last;   /* units of the last group */
    _Atomic int64_t wal_bytes;         /* length of the log now; SQLite */
    _Atomic int64_t wal_bytes_max;     /* since start */
    _Atomic int64_t checkpoints;       /* rounds of the checkpoint thread */
    _Atomic int64_t wal_restarts;      /* times the log began anew */
    _Atomic int64_t readers_cut;       /* reader transactions ended by the clock */
    _Atomic int64_t readers_open;      /* now */
    _Atomic int64_t reconnects;        /* PostgreSQL connections opened anew */
    _Atomic int64_t parked;            /* items and jobs that need attention */
    _Atomic int64_t jobs_waiting;      /* due and not yet taken, at the last look */
    _Atomic int64_t disk_free_bytes;   /* for the data folder's file system */
    _Atomic int64_t disk_data_bytes;   /* database with its log */
    _Atomic int64_t disk_days_left;    /* at the growth of the last days; -1 = unknown */
} StoreMetrics;

/* Adds one duration. */
void store_histogram_add(StoreHistogram *histogram, int64_t us);

/* Raises `*maximum` to `value`. */
void store_metric_max(_Atomic int64_t *maximum, int64_t value);

static inline void store_metric_add(_Atomic int64_t *metric, int64_t by)
{
    atomic_fetch_add_explicit(metric, by, memory_order_relaxed);
}
static inline void store_metric_set(_Atomic int64_t *metric, int64_t value)
{
    atomic_store_explicit(metric, value, memory_order_relaxed);
}
static inline int64_t store_metric_get(const _Atomic int64_t *metric)
{
    return atomic_load_explicit(metric, memory_order_relaxed);
}
