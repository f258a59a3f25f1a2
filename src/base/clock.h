/* base/clock.h: the one source of time.
 *
 * Nothing else in Kith reads a wall clock, so that a test (or a rehearsal) can drive months in
 * seconds. `clock_now_ms` is the business's time: simulated when a test says so. `clock_real_ms`
 * is always the machine's: only ids, leases and file names use it. Thread safe; no locks.
 *
 *     clock_simulate(1700000000000);      // a test
 *     clock_advance(24 * 3600 * 1000);
 *     clock_restore();
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_SECOND_MS = 1000, CLOCK_MINUTE_MS = 60000, CLOCK_HOUR_MS = 3600000 };
#define CLOCK_DAY_MS ((int64_t)86400000)

/* Business time, UTC epoch milliseconds; the simulated instant while one is set. */
int64_t clock_now_ms(void);

/* The machine's time, UTC epoch milliseconds, never simulated. May step back. */
int64_t clock_real_ms(void);

/* Microseconds since some fixed moment; never steps back, never simulated. For durations. */
int64_t clock_monotonic_us(void);

/* Sets the simulated instant (epoch ms, > 0); time stands still until it is moved. */
void clock_simulate(int64_t now_ms);

/* Moves the simulated instant by `by_ms` (may be negative). A simulation must be on. */
void clock_advance(int64_t by_ms);

/* Ends the simulation. */
void clock_restore(void);

/* Whether a simulated instant is set. */
bool clock_is_simulated(void);
