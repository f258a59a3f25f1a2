/* store/postgres_bulk.h: many rows of one plain insert, as one array per parameter in PostgreSQL's
 * binary form. Private to store/postgres.c.
 *
 * A binary array: dimensions (1), whether it has nulls, type of the elements, length, lower bound
 * (1), each a 32-bit big-endian number; then per element its size in bytes (-1 = null) and its
 * bytes (src/backend/utils/adt/arrayfuncs.c, array_recv).
 */
#pragma once
#include "store/db.h"

enum {
    BULK_ROWS_MAX = 512,
    BULK_BYTES_MAX = 4 << 20, /* of all columns; beyond, the rows are sent */
};

typedef struct Bulk {
    const DbStatement *statement; /* NULL = empty */
    int rows, columns;
    size_t bytes;
    GByteArray *arrays[DB_FIELDS_MAX]; /* made when first used */
} Bulk;

/* Whether one more row of this statement may join. */
bool bulk_fits(const Bulk *bulk, const DbStatement *statement);

/* Adds a row; the values are copied. */
void bulk_add(Bulk *bulk, const DbStatement *statement, const DbValue *values);

/* Completes the arrays for sending and empties the bulk; they stay valid until the next bulk_add.
 */
void bulk_finish(Bulk *bulk, const char **ret_values, int *ret_lengths);
void bulk_clear(Bulk *bulk);

/* Type of the array whose elements have this letter. */
unsigned bulk_type(char letter);
