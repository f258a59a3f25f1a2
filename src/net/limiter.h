/* net/limiter.h: token buckets for keys that strangers choose, in a fixed amount of memory.
 *
 * A bucket holds up to `burst` tokens and gains `per_minute` a minute. Buckets lie in a
 * set-associative table of fixed size under a keyed hash: a flood of new keys evicts the bucket
 * of its set that was idle longest, and never grows. Thread safe (one short mutex).
 *
 *     if (!limiter_take(logins, address, strlen(address), now_us, &wait_s)) ... 429 ...
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Limiter Limiter;

/* `per_minute` and `burst` 1..10,000,000; `slots` is rounded up to a power of two, at least 64. */
Limiter *limiter_new(uint32_t per_minute, uint32_t burst, uint32_t slots);
void limiter_free(Limiter *limiter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Limiter, limiter_free)

/* Takes one token of the key's bucket. False: none left; `ret_wait_s` (may be NULL) is then the
 * seconds until the next, at least 1. `now_us`: a monotonic clock. */
bool limiter_take(Limiter *limiter, const void *key, size_t size, int64_t now_us,
                  unsigned *ret_wait_s);
