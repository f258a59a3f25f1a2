#include "columns/event_crowd.h"

#include "columns/run_sort.h"

enum { SLOTS_FIRST = 4096 };

static CrowdTable *table_new(uint32_t slots)
{
    CrowdTable *table = g_malloc0(sizeof *table + slots * sizeof(uint32_t));
    table->refs = 1;
    table->mask = slots - 1;
    return table;
}

void crowd_table_unref(CrowdTable *table)
{
    if (table && g_atomic_int_dec_and_test(&table->refs)) g_free(table);
}

void crowd_stems_unref(CrowdStems *stems)
{
    if (!stems || !g_atomic_int_dec_and_test(&stems->refs)) return;
    for (unsigned i = 0; i < CROWD_BLOCKS; i++)
        g_free(stems->blocks[i]);
    g_free(stems);
}

void crowd_init(Crowd *crowd)
{
    *crowd = (Crowd){.stems = g_new0(CrowdStems, 1), .table = table_new(SLOTS_FIRST)};
    crowd->stems->refs = 1;
    crowd->bytes = SLOTS_FIRST * sizeof(uint32_t);
}

void crowd_clear(Crowd *crowd)
{
    crowd_stems_unref(crowd->stems);
    crowd_table_unref(crowd->table);
    *crowd = (Crowd){0};
}

/* Block b holds CROWD_FIRST << b rows, from CROWD_FIRST * (2^b - 1) on. */
static int64_t *stem_place(const CrowdStems *stems, uint32_t row, unsigned *ret_block)
{
    uint32_t group = row / CROWD_FIRST + 1;
    unsigned block = 31 - (unsigned)__builtin_clz(group);
    if (ret_block) *ret_block = block;
    if (!stems->blocks[block]) return NULL;
    return stems->blocks[block] + (row - CROWD_FIRST * ((1U << block) - 1));
}

int64_t crowd_stem(const CrowdStems *stems, uint32_t row)
{
    return __atomic_load_n(stem_place(stems, row, NULL), __ATOMIC_RELAXED);
}

static uint32_t slot_of(const CrowdTable *table, int64_t stem)
{
    return (uint32_t)run_mix((uint64_t)stem) & table->mask;
}

bool crowd_find(const CrowdStems *stems, const CrowdTable *table, uint32_t rows, int64_t stem,
                uint32_t *ret_row)
{
    if (stem == 0) return false;
    for (uint32_t slot = slot_of(table, stem);; slot = (slot + 1) & table->mask) {
        uint32_t entry = __atomic_load_n(&table->slots[slot], __ATOMIC_ACQUIRE);
        if (entry == 0) return false;
        if (entry > rows || crowd_stem(stems, entry - 1) != stem) continue;
        *ret_row = entry - 1;
        return true;
    }
}

static void table_put(CrowdTable *table, int64_t stem, uint32_t row)
{
    uint32_t slot = slot_of(table, stem);
    while (table->slots[slot] != 0)
        slot = (slot + 1) & table->mask;
    __atomic_store_n(&table->slots[slot], row + 1, __ATOMIC_RELEASE);
}

static bool is_full(const Crowd *crowd) { return crowd->rows >= crowd->table->mask / 2; }

static void table_grow(Crowd *crowd)
{
    uint32_t slots = (crowd->table->mask + 1) * 2;
    CrowdTable *table = table_new(slots);
    for (uint32_t row = 0; row < crowd->rows; row++) {
        int64_t stem = crowd_stem(crowd->stems, row);
        if (stem != 0) table_put(table, stem, row);
    }
    crowd->bytes += slots / 2 * sizeof(uint32_t);
    crowd_table_unref(crowd->table);
    crowd->table = table;
}

uint64_t crowd_growth(const Crowd *crowd)
{
    unsigned block;
    uint64_t bytes = is_full(crowd) ? ((uint64_t)crowd->table->mask + 1) * sizeof(uint32_t) : 0;
    if (!stem_place(crowd->stems, crowd->rows, &block))
        bytes += ((uint64_t)CROWD_FIRST << block) * sizeof(int64_t);
    return bytes;
}

/* The next row, with a place for its stem. */
static int64_t *row_new(Crowd *crowd)
{
    g_assert(crowd->rows < UINT32_MAX - 1);
    if (is_full(crowd)) table_grow(crowd);
    unsigned block;
    int64_t *place = stem_place(crowd->stems, crowd->rows, &block);
    if (!place) {
        size_t count = (size_t)CROWD_FIRST << block;
        crowd->stems->blocks[block] = g_new0(int64_t, count);
        crowd->bytes += count * sizeof(int64_t);
        place = stem_place(crowd->stems, crowd->rows, NULL);
    }
    return place;
}

uint32_t crowd_add(Crowd *crowd, int64_t stem)
{
    uint32_t row;
    if (crowd_find(crowd->stems, crowd->table, crowd->rows, stem, &row)) return row;
    __atomic_store_n(row_new(crowd), stem, __ATOMIC_RELAXED);
    table_put(crowd->table, stem, crowd->rows);
    return crowd->rows++;
}

uint32_t crowd_hole(Crowd *crowd)
{
    row_new(crowd);
    return crowd->rows++;
}

void crowd_prefetch(const Crowd *crowd, int64_t stem)
{
    __builtin_prefetch(&crowd->table->slots[slot_of(crowd->table, stem)]);
}

void crowd_prefetch_stem(const Crowd *crowd, int64_t stem)
{
    uint32_t entry = crowd->table->slots[slot_of(crowd->table, stem)];
    if (entry != 0) __builtin_prefetch(stem_place(crowd->stems, entry - 1, NULL));
}

void crowd_forget(Crowd *crowd, uint32_t row)
{
    __atomic_store_n(stem_place(crowd->stems, row, NULL), 0, __ATOMIC_RELAXED);
}
