/* app/demo_random.h: random numbers for the demo shop: the same for a seed on every machine.
 *
 * xoshiro256** by Blackman and Vigna (2018), seeded by splitmix64. Not for secrets. One Random
 * belongs to one thread.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state[4];
} Random;

void random_init(Random *random, uint64_t seed);

/* A stream of its own for item `index`, so that more of one thing does not change another. */
void random_split(Random *random, uint64_t seed, uint64_t index);

uint64_t random_next(Random *random);
double random_unit(Random *random);                             /* [0, 1) */
uint32_t random_below(Random *random, uint32_t count);          /* 0 .. count - 1, count > 0 */
double random_exponential(Random *random, double rate);         /* mean 1 / rate */
double random_normal(Random *random);                           /* mean 0, deviation 1 */
double random_gamma(Random *random, double shape, double mean); /* Marsaglia and Tsang 2000 */
uint32_t random_poisson(Random *random, double mean);           /* mean below 500 (Knuth) */

/* An index, by weights >= 0 that are not all 0. */
size_t random_pick(Random *random, const double *weights, size_t count);
