#include "columns/event_crowd.h"

#include "columns/run_sort.h"

#include <sys/mman.h>

enum { SLOTS_FIRST = 4096 };

static CrowdTable *table_new(uint32_t slots)
{
    size_t bytes = sizeof(CrowdTable) + slots * sizeof(CrowdSlot);
    CrowdTable *table =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED) g_error("no memory for %zu bytes", bytes); /* as g_malloc does */
    madvise(table, bytes, MADV_HUGEPAGE); /* a look-up then misses the cache, not the page table */
    table->bytes = bytes;
    table->refs = 1;
    table->mask = slots - 1;
    return table;
}

void crowd_table_unref(CrowdTable *table)
{
    if (table && g_atomic_int_dec_and_test(&table->refs)) munmap(table, table->bytes);
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
    crowd->bytes = SLOTS_FIRST * sizeof(CrowdSlot);
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

static void table_put(CrowdTable *table, int64_t stem, uint32_t row)
{
    uint32_t slot = crowd_slot(table, stem);
    while (table->slots[slot].entry != 0)
        slot = (slot + 1) & table->mask;
    __atomic_store_n(&table->slots[slot].stem, stem, __ATOMIC_RELAXED);
    __atomic_store_n(&table->slots[slot].entry, row + 1, __ATOMIC_RELEASE);
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
    crowd->bytes += slots / 2 * sizeof(CrowdSlot);
    crowd_table_unref(crowd->table);
    crowd->table = table;
}

uint64_t crowd_growth(const Crowd *crowd)
{
    unsigned block;
    uint64_t bytes = is_full(crowd) ? ((uint64_t)crowd->table->mask + 1) * sizeof(CrowdSlot) : 0;
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
    if (crowd_find(crowd->table, crowd->rows, stem, &row)) return row;
    __atomic_store_n(row_new(crowd), stem, __ATOMIC_RELAXED);
    table_put(crowd->table, stem, crowd->rows);
    return crowd->rows++;
}

uint32_t crowd_hole(Crowd *crowd)
{
    row_new(crowd);
    return crowd->rows++;
}

void crowd_forget(Crowd *crowd, uint32_t row)
{
    int64_t *place = stem_place(crowd->stems, row, NULL), stem = *place;
    __atomic_store_n(place, 0, __ATOMIC_RELAXED);
    if (stem == 0) return;
    uint32_t slot = crowd_slot(crowd->table, stem);
    while (crowd->table->slots[slot].entry != row + 1)
        slot = (slot + 1) & crowd->table->mask;
    __atomic_store_n(&crowd->table->slots[slot].stem, 0, __ATOMIC_RELAXED);
}
