/* columns/event_crowd.h: inside of columns/: stem <-> row.
 *
 * Rows are given out in order of first appearance and stay. One writer adds; readers look up
 * without locks up to the number of rows that their view knows. Growth makes a new table of slots;
 * the old lives as long as a view that holds it.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { CROWD_BLOCKS = 23, CROWD_FIRST = 1024 }; /* blocks double: 2^33 rows */

/* The stems by row; shared by all tables. */
typedef struct CrowdStems {
    int refs; /* atomic */
    int64_t *blocks[CROWD_BLOCKS];
} CrowdStems;

typedef struct CrowdTable {
    int refs; /* atomic */
    uint32_t mask;
    uint32_t slots[]; /* row + 1, 0 = free; atomic */
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
/* Fetch what crowd_add will read: first the slot, then, once that is there, the stem. */
void crowd_prefetch(const Crowd *crowd, int64_t stem);
void crowd_prefetch_stem(const Crowd *crowd, int64_t stem);
/* Forgets the stem of a row; the row stays. */
void crowd_forget(Crowd *crowd, uint32_t row);

/* The readers' side: below `rows` of their view. */
int64_t crowd_stem(const CrowdStems *stems, uint32_t row);
bool crowd_find(const CrowdStems *stems, const CrowdTable *table, uint32_t rows, int64_t stem,
                uint32_t *ret_row);
