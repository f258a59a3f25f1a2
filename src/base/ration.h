/* base/ration.h: work that anybody may ask for at any time takes a share of the time at most.
 *
 * What is shown of everything (figures, counts) is made anew when it is asked for and old. When
 * everything changes all the time, those who look would keep a core busy. Each making is paid for
 * by RATION_SHARE times as long, and as long as less than RATION_AHEAD_US is owed it may be done:
 * so small work is done at every asking, and long work takes one part of RATION_SHARE of a core.
 * Not thread safe; the owner's lock.
 *
 *     if (ration_allows(&ration, clock_monotonic_us())) …; ration_take(&ration, began_us, now_us);
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define RATION_SHARE    20
#define RATION_AHEAD_US INT64_C(5000000)

typedef struct Ration {
    int64_t paid_us; /* up to this monotonic time everything is paid for; 0: nothing was done yet */
} Ration;

static inline bool ration_allows(const Ration *ration, int64_t now_us)
{
    return ration->paid_us - now_us < RATION_AHEAD_US;
}

static inline void ration_take(Ration *ration, int64_t began_us, int64_t now_us)
{
    if (ration->paid_us < now_us) ration->paid_us = now_us;
    ration->paid_us += RATION_SHARE * (now_us - began_us);
}
