#include "net/limiter.h"

#include "base/keyhash.h"

#include <sodium.h>

enum { WAYS = 4 };

typedef struct Bucket {
    uint64_t hash; /* 0: empty */
    double tokens;
    int64_t at_us;
} Bucket;

struct Limiter {
    GMutex mutex;
    double per_us, burst;
    uint32_t sets; /* power of two */
    uint8_t secret[KEYHASH_KEY_SIZE];
    Bucket *buckets;
};

Limiter *limiter_new(uint32_t per_minute, uint32_t burst, uint32_t slots)
{
    g_assert(per_minute > 0 && burst > 0 && sodium_init() >= 0);
    Limiter *limiter = g_new0(Limiter, 1);
    g_mutex_init(&limiter->mutex);
    limiter->per_us = (double)per_minute / 60e6;
    limiter->burst = burst;
    limiter->sets = 16;
    while (limiter->sets * WAYS < slots)
        limiter->sets *= 2;
    limiter->buckets = g_new0(Bucket, (size_t)limiter->sets * WAYS);
    randombytes_buf(limiter->secret, sizeof limiter->secret);
    return limiter;
}

void limiter_free(Limiter *limiter)
{
    if (!limiter) return;
    g_mutex_clear(&limiter->mutex);
    g_free(limiter->buckets);
    g_free(limiter);
}

/* The key's bucket; a new key takes the place of the one that was idle longest. */
static Bucket *bucket_get(Limiter *limiter, uint64_t hash, int64_t now_us)
{
    Bucket *set = limiter->buckets + (hash & (limiter->sets - 1)) * WAYS;
    Bucket *oldest = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) return &set[i];
        if (set[i].hash == 0 || set[i].at_us < oldest->at_us) oldest = &set[i];
    }
    *oldest = (Bucket){.hash = hash, .tokens = limiter->burst, .at_us = now_us};
    return oldest;
}

bool limiter_take(Limiter *limiter, const void *key, size_t size, int64_t now_us,
                  unsigned *ret_wait_s)
{
    uint64_t hash = MAX(keyhash64(limiter->secret, key, size), 1);
    g_mutex_lock(&limiter->mutex);
    Bucket *bucket = bucket_get(limiter, hash, now_us);
    double gained = (double)MAX(now_us - bucket->at_us, 0) * limiter->per_us;
    bucket->tokens = MIN(bucket->tokens + gained, limiter->burst);
    bucket->at_us = now_us;
    bool ok = bucket->tokens >= 1;
    if (ok) bucket->tokens -= 1;
    double missing = 1 - bucket->tokens;
    g_mutex_unlock(&limiter->mutex);
    if (!ok && ret_wait_s) *ret_wait_s = (unsigned)(missing / limiter->per_us / 1e6) + 1;
    return ok;
}
