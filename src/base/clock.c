#include "base/clock.h"

#include <stdatomic.h>
#include <time.h>

/* 0 = the real clock. The only mutable global of the house: threading a clock through every
 * call would say nothing that this does not. */
static _Atomic int64_t simulated_ms;

int64_t clock_real_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void)
{
    int64_t simulated = atomic_load_explicit(&simulated_ms, memory_order_relaxed);
    return simulated ? simulated : clock_real_ms();
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_simulate(int64_t now_ms)
{
    g_assert(now_ms > 0);
    atomic_store(&simulated_ms, now_ms);
}

void clock_advance(int64_t by_ms)
{
    int64_t before = atomic_fetch_add(&simulated_ms, by_ms);
    g_assert(before > 0 && before + by_ms > 0);
}

void clock_restore(void) { atomic_store(&simulated_ms, 0); }

bool clock_is_simulated(void) { return atomic_load(&simulated_ms) != 0; }
