#include "app/demo_random.h"

#include <glib.h>
#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void random_init(Random *random, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        random->state[i] = splitmix(&seed);
}

void random_split(Random *random, uint64_t seed, uint64_t index)
{
    uint64_t mixed = index;
    random_init(random, seed ^ splitmix(&mixed));
}

static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

uint64_t random_next(Random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_unit(Random *random) { return (double)(random_next(random) >> 11) * 0x1p-53; }

uint32_t random_below(Random *random, uint32_t count)
{
    return (uint32_t)(random_unit(random) * count);
}

double random_exponential(Random *random, double rate)
{
    return -log1p(-random_unit(random)) / rate;
}

double random_normal(Random *random)
{
    double radius = sqrt(-2 * log1p(-random_unit(random)));
    return radius * cos(2 * G_PI * random_unit(random));
}

double random_gamma(Random *random, double shape, double mean)
{
    if (shape < 1) {
        double boost = pow(1 - random_unit(random), 1 / shape);
        return random_gamma(random, shape + 1, mean * (shape + 1) / shape) * boost;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = random_normal(random), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log1p(-random_unit(random)) < x * x / 2 + d - d * v + d * log(v))
            return d * v * mean / shape;
    }
}

uint32_t random_poisson(Random *random, double mean)
{
    double limit = exp(-mean), product = random_unit(random);
    uint32_t count = 0;
    for (; product > limit; count++)
        product *= random_unit(random);
    return count;
}

size_t random_pick(Random *random, const double *weights, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    double left = random_unit(random) * sum;
    for (size_t i = 0; i + 1 < count; i++) {
        left -= weights[i];
        if (left < 0) return i;
    }
    return count - 1;
}
