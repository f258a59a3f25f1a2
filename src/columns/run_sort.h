/* columns/run_sort.h: the order of runs, and a stable sort into it.
 *
 * Keys are spread by a bijective mixer before they are sorted, so that any 2^b equal slices of
 * the mixed range hold about equally many keys whatever the keys look like (person ids share
 * their leading bits), and a small table of slices finds a key in one step. Callers choose keys
 * that strangers cannot choose (minted ids, keyed hashes). Pure; no state.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RunPair {
    uint64_t key;   /* mixed by run_mix */
    uint64_t value; /* event id */
} RunPair;

/* A bijection of 64-bit numbers that spreads neighbours (the finaliser of MurmurHash3). */
static inline uint64_t run_mix(uint64_t key)
{
    key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
    key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return key ^ key >> 33;
}

/* Sorts by key, then value. `spare` has room for `count` pairs too and is overwritten.
 * Radix sort: about 25 ns a pair for millions of pairs. */
void run_sort(RunPair *pairs, RunPair *spare, size_t count);

/* 64-bit checksum of a buffer, seeded with the checksum of what came before it (or 0).
 * Finds every single flipped bit; not keyed, no defence against forgery. About 10 GB/s. */
uint64_t run_checksum(uint64_t seed, const void *data, size_t size);
