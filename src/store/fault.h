/* store/fault.h: makes the Nth call to the database fail, for the fault loop.
 *
 * Off unless a test turns it on.
 * A call is: begin, commit, savepoint, release, exec, one, open, and each step of a cursor. The
 * failure is KITH_ERROR_UNAVAILABLE, as a full disk would give. Thread safe.
 *
 *     for (int64_t n = 1;; n++) {
 *         store_fault_at(n);
 *         bool done = the_operation(&error);
 *         if (!store_fault_hit()) break;          // it went through untouched
 *         … nothing half-done? …
 *     }
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The nth call from now on fails once; 0 = never. Resets the count and the hit. */
void store_fault_at(int64_t nth);

/* From the nth call on every call fails until store_fault_at(0): a disk that stays full. */
void store_fault_from(int64_t nth);

/* Whether the planned failure has happened. */
bool store_fault_hit(void);

/* Calls counted since store_fault_at or store_fault_from. */
int64_t store_fault_count(void);
