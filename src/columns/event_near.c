#include "columns/event_near.h"

#include <string.h>

enum {
    LANES = 16,
    MANY = 8 * LANES, /* of `first` in a row: it is not worth comparing all of them */
    TICK_SHIFT = 16,
    SPAN_TICKS_MAX = 1 << 24 /* 35 years: so that what comes before never looks near */
};

typedef uint32_t Ticks __attribute__((vector_size(LANES * sizeof(uint32_t))));

bool event_near_can(const EventNear *near)
{
    bool rows = near->first && near->then && !near->first->group_rows && !near->then->group_rows;
    return rows && near->span_ms >= 0 && near->span_ms >> TICK_SHIFT < SPAN_TICKS_MAX;
}

static inline bool any_of(const Ticks *found)
{
    uint64_t words[sizeof *found / sizeof(uint64_t)], any = 0;
    memcpy(words, found, sizeof words);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        any |= words[i];
    return any != 0;
}

/* Whether any of `then` lies up to `span` ticks behind any of the first `count` lanes. */
static inline __attribute__((always_inline)) bool lanes_near(const uint32_t *firsts, uint32_t count,
                                                             const uint32_t *then,
                                                             uint32_t then_count, uint32_t span)
{
    static const Ticks places = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    Ticks ticks, found = {0};
    memcpy(&ticks, firsts, sizeof ticks);
    for (uint32_t i = 0; i < then_count; i++)
        found |= (Ticks)((then[i] - ticks) <= span);
    found &= (Ticks)(places < count);
    return any_of(&found);
}

/* `reach`: what may be read from there on. */
static inline __attribute__((always_inline)) bool row_near(const uint32_t counts[2],
                                                           const uint32_t *firsts,
                                                           const uint32_t *then, size_t reach,
                                                           uint32_t span)
{
    if (counts[0] > MANY || counts[0] + LANES > reach) return true;
    bool near = false;
    for (uint32_t at = 0; at < counts[0]; at += LANES)
        near |= lanes_near(firsts + at, counts[0] - at, then, counts[1], span);
    return near;
}

EVENT_HOT static uint32_t rows_near(const EventNear *near, uint32_t from, uint32_t to,
                                    uint32_t *ret_rows)
{
    const EventBase *first = near->first, *then = near->then;
    uint32_t span = (uint32_t)(near->span_ms >> TICK_SHIFT) + 1, found = 0;
    for (uint32_t row = from; row < to; row++) {
        uint32_t at = first->offsets[row], other = then->offsets[row];
        uint32_t counts[2] = {first->offsets[row + 1] - at, then->offsets[row + 1] - other};
        ret_rows[found] = row;
        if (counts[0] > 0 && counts[1] > 0)
            found += row_near(counts, first->ticks + at, then->ticks + other,
                              (size_t)first->count - at, span);
    }
    return found;
}

uint32_t event_near_rows(const EventNear *near, uint32_t from, uint32_t to, uint32_t *ret_rows)
{
    g_assert(to - from <= EVENT_NEAR_ROWS);
    to = MIN(to, MIN(near->first->groups, near->then->groups));
    return from < to ? rows_near(near, from, to, ret_rows) : 0;
}
