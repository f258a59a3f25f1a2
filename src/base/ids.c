#include "base/ids.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/error.h"

enum { COUNTER_BITS = 12, NODE_BITS = 10, TIME_SHIFT = COUNTER_BITS + NODE_BITS };

struct IdMint {
    _Atomic int64_t last; /* (ms since epoch << COUNTER_BITS) | counter of the last id */
    int64_t node;
};

IdMint *id_mint_new(uint32_t node, int64_t highest)
{
    g_assert(node <= ID_NODE_MAX && highest >= 0);
    IdMint *mint = g_new0(IdMint, 1);
    mint->node = node;
    id_mint_raise(mint, highest);
    return mint;
}

void id_mint_free(IdMint *mint) { g_free(mint); }

int64_t id_mint_next(IdMint *mint)
{
    int64_t now = MAX(clock_real_ms() - ID_EPOCH_MS, 0) << COUNTER_BITS;
    int64_t last = atomic_load_explicit(&mint->last, memory_order_relaxed);
    int64_t next;
    do
        next = MAX(last + 1, now);
    while (!atomic_compare_exchange_weak(&mint->last, &last, next));
    int64_t counter = next & ((1 << COUNTER_BITS) - 1);
    return (next >> COUNTER_BITS) << TIME_SHIFT | mint->node << COUNTER_BITS | counter;
}

void id_mint_raise(IdMint *mint, int64_t seen)
{
    if (seen <= 0) return;
    /* All counters of that millisecond count as used: another node may have minted it. */
    int64_t floor = (seen >> TIME_SHIFT) << COUNTER_BITS | ((1 << COUNTER_BITS) - 1);
    int64_t last = atomic_load(&mint->last);
    while (last < floor && !atomic_compare_exchange_weak(&mint->last, &last, floor))
        ;
}

int64_t id_time_ms(int64_t id) { return (id >> TIME_SHIFT) + ID_EPOCH_MS; }

int64_t id_floor(int64_t at_ms)
{
    if (at_ms <= ID_EPOCH_MS) return 0;
    int64_t since = MIN(at_ms - ID_EPOCH_MS, ((int64_t)1 << 41) - 1);
    return since << TIME_SHIFT;
}

bool id_parse(Slice text, int64_t *ret_id, GError **error)
{
    int64_t id = 0;
    bool good = text.size >= 1 && text.size <= 19 && text.data[0] != '0';
    for (size_t i = 0; good && i < text.size; i++) {
        int digit = text.data[i] - '0';
        good = digit >= 0 && digit <= 9 && !__builtin_mul_overflow(id, 10, &id) &&
               !__builtin_add_overflow(id, digit, &id);
    }
    if (!good)
        return fail(error, KITH_ERROR_INVALID, "id \"%.*s\": must be a positive whole number",
                    (int)MIN(text.size, 40), text.data ? text.data : "");
    *ret_id = id;
    return true;
}

size_t id_format(int64_t id, char ret_text[ID_TEXT_SIZE])
{
    char digits[ID_TEXT_SIZE];
    size_t count = 0, out = 0;
    uint64_t rest = id < 0 ? 0 - (uint64_t)id : (uint64_t)id;
    do
        digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    if (id < 0) ret_text[out++] = '-';
    while (count)
        ret_text[out++] = digits[--count];
    ret_text[out] = '\0';
    return out;
}

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
guint id_hash(gconstpointer id)
{
    uint64_t x = (uint64_t) * (const int64_t *)id;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (guint)(x ^ x >> 31);
}
