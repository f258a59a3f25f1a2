/* columns/event_crowd.h: inside of columns/: stem <-> row.
 *
 * Rows are given out in order of first appearance and stay. One writer adds; readers look up
 * without locks up to the number of rows that their view knows. Growth makes a new table of slots;
 * the old lives as long as a view that holds it.
 */
#pragma once
#include "columns/run_sort.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { CROWD_BLOCKS = 23, CROWD_FIRST = 1024 }; /* blocks double: 2^33 rows */

/* The stems by row; shared by all tables. */
typedef struct CrowdStems {
    int refs; /* atomic */
    int64_t *blocks[CROWD_BLOCKS];
} CrowdStems;

/* The stem stands beside its row, so that a look-up touches one line of memory. */
typedef struct CrowdSlot {
    int64_t stem;   /* atomic; 0: forgotten */
    uint32_t entry; /* row + 1, 0 = free; atomic, written last */
    uint32_t spare;
} CrowdSlot;

typedef struct CrowdTable {
    int refs; /* atomic */
    uint32_t mask;
    size_t bytes; /* of all of it: a mapping */
    CrowdSlot slots[];
} CrowdTable;

/* The writer's side. */
typedef struct Crowd {
    CrowdStems *stems;
    CrowdTable *table;
    uint32_t rows;
    uint64_t bytes; /* of stems and table */
} Crowd;

void crowd_init(Crowd *crowd);
void crowd_clear(Crowd *crowd);
void crowd_stems_unref(CrowdStems *stems);
void crowd_table_unref(CrowdTable *table);

/* The row of a stem, added when it is new. */
uint32_t crowd_add(Crowd *crowd, int64_t stem);
/* A row without a stem, for one who restores a crowd. */
uint32_t crowd_hole(Crowd *crowd);
/* Bytes that the next new row would take. */
uint64_t crowd_growth(const Crowd *crowd);
/* Forgets the stem of a row; the row stays. */
void crowd_forget(Crowd *crowd, uint32_t row);

/* The readers' side: below `rows` of their view. */
int64_t crowd_stem(const CrowdStems *stems, uint32_t row);
static inline uint32_t crowd_slot(const CrowdTable *table, int64_t stem)
{
    return (uint32_t)run_mix((uint64_t)stem) & table->mask;
}

static inline bool crowd_find(const CrowdTable *table, uint32_t rows, int64_t stem,
                              uint32_t *ret_row)
{
    if (stem == 0) return false;
    for (uint32_t at = crowd_slot(table, stem);; at = (at + 1) & table->mask) {
        const CrowdSlot *slot = &table->slots[at];
        uint32_t entry = __atomic_load_n(&slot->entry, __ATOMIC_ACQUIRE);
        if (entry == 0) return false;
        if (entry > rows || __atomic_load_n(&slot->stem, __ATOMIC_RELAXED) != stem) continue;
        *ret_row = entry - 1;
        return true;
    }
}

/* Fetches what crowd_find will read. */
static inline void crowd_prefetch(const CrowdTable *table, int64_t stem)
{
    __builtin_prefetch(&table->slots[crowd_slot(table, stem)]);
}
