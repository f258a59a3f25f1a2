/* store/sqlite_bulk.h: many rows of one plain insert, run as one statement. Private to
 * store/sqlite.c.
 *
 * A statement costs SQLite more than the row it inserts: cursors, journals and memory are opened
 * and closed for each. So rows inserted one after the other wait here and are read back by one
 * `INSERT … SELECT … FROM kith_rows`, where `kith_rows` is a virtual table (sqlite.org/vtab.html)
 * over the rows that wait.
 *
 *     sqlite_bulk_join(bulk, statement, values)    while rows of the same statement come
 *     … step the statement's form for many rows …
 *     sqlite_bulk_drop(bulk)                       they are stored, or undone
 */
#pragma once
#include <sqlite3.h>

#include "store/db.h"

enum {
    SQLITE_BULK_ROWS_MAX = 512,
    SQLITE_BULK_BYTES_MAX = 1 << 20, /* of texts and blobs; beyond, the rows are run */
};

typedef struct SqliteBulk {
    const DbStatement *statement; /* NULL = empty */
    DbPrepared *prepared;         /* of that statement */
    unsigned rows, columns;
    GArray *values;    /* of DbValue, row after row; data of texts and blobs are offsets in bytes */
    GByteArray *bytes; /* texts and blobs of all rows */
} SqliteBulk;

void sqlite_bulk_init(SqliteBulk *bulk);
void sqlite_bulk_clear(SqliteBulk *bulk);

/* Makes `kith_rows` known to a connection; the bulk must outlive it. A SQLite code. */
int sqlite_bulk_register(SqliteBulk *bulk, sqlite3 *handle);

/* Whether one more row of this statement may join those that wait. */
bool sqlite_bulk_fits(const SqliteBulk *bulk, const DbStatement *statement);

/* Adds a row; the values are copied. */
void sqlite_bulk_join(SqliteBulk *bulk, DbPrepared *prepared, const DbValue *values);

/* The values of the first row, for a bulk of one; valid until the bulk changes. */
void sqlite_bulk_first(const SqliteBulk *bulk, DbValue ret_values[DB_FIELDS_MAX]);

/* Forgets all rows, keeps the memory. */
void sqlite_bulk_drop(SqliteBulk *bulk);
