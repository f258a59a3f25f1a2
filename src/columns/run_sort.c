#include "columns/run_sort.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 6, SMALL = 256 };

static int pair_compare(const void *left, const void *right)
{
    const RunPair *a = left, *b = right;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

static bool values_rise(const RunPair *pairs, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (pairs[i].value < pairs[i - 1].value) return false;
    return true;
}

static uint64_t digit_of(const RunPair *pair, unsigned pass, bool by_value)
{
    uint64_t number = by_value ? pair->value : pair->key;
    return number >> (pass * DIGIT_BITS) & (DIGITS - 1);
}

static void sort_pass(const RunPair *from, RunPair *to, size_t count, unsigned pass, bool by_value)
{
    size_t starts[DIGITS] = {0};
    for (size_t i = 0; i < count; i++)
        starts[digit_of(&from[i], pass, by_value)]++;
    size_t next = 0;
    for (size_t i = 0; i < DIGITS; i++) {
        size_t here = starts[i];
        starts[i] = next;
        next += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[digit_of(&from[i], pass, by_value)]++] = from[i];
}

static void sort_number(RunPair *pairs, RunPair *spare, size_t count, bool by_value)
{
    for (unsigned pass = 0; pass < PASSES; pass += 2) {
        sort_pass(pairs, spare, count, pass, by_value);
        sort_pass(spare, pairs, count, pass + 1, by_value);
    }
}

/* Least significant digit first is stable: pairs that arrive in order of value (the usual case,
 * event ids rise) need no passes for the value. */
void run_sort(RunPair *pairs, RunPair *spare, size_t count)
{
    if (count <= SMALL) {
        if (count > 1) qsort(pairs, count, sizeof *pairs, pair_compare);
        return;
    }
    if (!values_rise(pairs, count)) sort_number(pairs, spare, count, true);
    sort_number(pairs, spare, count, false);
}

static inline uint64_t lane_step(uint64_t lane, uint64_t word)
{
    lane += word * UINT64_C(0xc2b2ae3d27d4eb4f);
    lane = lane << 31 | lane >> 33;
    return lane * UINT64_C(0x9e3779b185ebca87);
}

static uint64_t word_at(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

uint64_t run_checksum(uint64_t seed, const void *data, size_t size)
{
    const unsigned char *at = data, *end = at + size;
    uint64_t lanes[4] = {seed + 1, seed + 2, seed + 3, seed + 4};
    for (; end - at >= 32; at += 32)
        for (int i = 0; i < 4; i++)
            lanes[i] = lane_step(lanes[i], word_at(at + 8 * i));
    uint64_t sum = size;
    for (int i = 0; i < 4; i++)
        sum = lane_step(sum ^ run_mix(lanes[i]), lanes[i]);
    for (; end - at >= 8; at += 8)
        sum = lane_step(sum, word_at(at));
    for (; at < end; at++)
        sum = lane_step(sum, *at);
    return run_mix(sum);
}
