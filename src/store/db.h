/* store/db.h: one connection to a database, SQLite or PostgreSQL, behind typed calls.
 *
 * Nobody writes these calls by hand: tools/sqlgen.py turns `x.sql` into `x_sql.h`, whose functions
 * fill a DbValue array and call db_exec, db_one or db_open below.
 *
 * A Db belongs to one thread at a time. Each statement is prepared once per connection and kept.
 * Text and blobs of a row are copies that live until the next call with the same statement on the
 * same Db. A statement may be open several times at once (nested cursors): the second use is
 * prepared apart and dropped when finished.
 *
 *     PersonNamesRow row;
 *     g_auto(DbCursor) cursor = {0};
 *     if (!sql_person_names_open(db, &params, &cursor, error)) return false;
 *     while (sql_person_names_next(&cursor, &row)) use(row.name);
 *     return db_cursor_finish(&cursor, error);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

typedef enum DbKind { DB_SQLITE, DB_POSTGRES, DB_KINDS } DbKind;
typedef enum DbCall { DB_EXEC, DB_ONE, DB_MANY } DbCall;

enum { DB_FIELDS_MAX = 64 /* parameters or columns of one statement */ };

typedef struct Db Db;
typedef struct Store Store;
typedef struct DbPrepared DbPrepared;

typedef struct DbBytes {
    const void *data; /* NULL = null */
    size_t size;
} DbBytes;

typedef struct DbInt {
    bool set; /* false = null */
    int64_t value;
} DbInt;

typedef struct DbFloat {
    bool set;
    double value;
} DbFloat;

/* A named statement; made by tools/sqlgen.py, lives as long as the program. */
typedef struct DbStatement {
    const char *name;  /* "identity_find" */
    const char *place; /* "people/people.sql:12" */
    DbCall kind;
    const char *params;  /* a letter each: i f t b; capital = may be null */
    const char *names;   /* of the parameters, with commas between */
    const char *columns; /* as params */
    const char *writes;  /* the one table it changes; NULL: none */
    const char *sql[DB_KINDS];
    const char *bulk[DB_KINDS]; /* a plain insert for many rows, of arrays (PostgreSQL) or of the
                                   rows that wait (SQLite); else NULL */
} DbStatement;

/* The place of a parameter by its name; -1: there is none. */
int db_statement_place(const DbStatement *statement, const char *name);

/* One value on its way to or from the database. */
typedef struct DbValue {
    char type; /* 'i' 'f' 't' 'b', 'n' = null */
    union {
        int64_t i64;
        double f64;
        DbBytes bytes; /* of a text: without its NUL, which follows */
    };
} DbValue;

static inline DbValue db_value_i64(int64_t value) { return (DbValue){.type = 'i', .i64 = value}; }
static inline DbValue db_value_f64(double value) { return (DbValue){.type = 'f', .f64 = value}; }
static inline DbValue db_value_int(DbInt value)
{
    return (DbValue){.type = value.set ? 'i' : 'n', .i64 = value.value};
}
static inline DbValue db_value_float(DbFloat value)
{
    return (DbValue){.type = value.set ? 'f' : 'n', .f64 = value.value};
}
static inline DbValue db_value_text(const char *value)
{
    return (DbValue){.type = value ? 't' : 'n', .bytes = {value, value ? strlen(value) : 0}};
}
static inline DbValue db_value_blob(DbBytes value)
{
    return (DbValue){.type = value.data ? 'b' : 'n', .bytes = value};
}
static inline DbInt db_int(int64_t value) { return (DbInt){true, value}; }
static inline DbFloat db_float(double value) { return (DbFloat){true, value}; }

/* Runs a statement without rows. `ret_changed` (may be NULL): rows inserted, changed or deleted;
 * with NULL, inside a transaction, the failure may be reported only at the next other statement
 * or at the end of the unit. Errors: KITH_ERROR_CONFLICT (unique, check, not null),
 * KITH_ERROR_UNAVAILABLE (connection, disk full, deadlock: a retry may help), KITH_ERROR_TIMEOUT
 * (reader's 2 s are over), KITH_ERROR_INTERNAL (damaged database, wrong SQL). The same for all
 * calls below. */
bool db_exec(Db *db, const DbStatement *statement, const DbValue *values, int64_t *ret_changed,
             GError **error);

typedef struct DbCursor {
    Db *db;
    DbPrepared *prepared; /* NULL = closed */
    const DbValue *cells; /* the row at hand */
    bool row;             /* there is a row at hand */
    GError *failure;
} DbCursor;

/* Opens a cursor before its first row. `ret_cursor` is written always. */
bool db_open(Db *db, const DbStatement *statement, const DbValue *values, DbCursor *ret_cursor,
             GError **error);

/* Goes to the next row; false at the end or on failure (db_cursor_finish tells which). */
bool db_cursor_next(DbCursor *cursor);

/* Closes; false if the iteration failed. Safe to call twice and on a zeroed cursor. */
bool db_cursor_finish(DbCursor *cursor, GError **error);
void db_cursor_clear(DbCursor *cursor);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DbCursor, db_cursor_clear)

/* Reads the first row of a statement and closes it; `ret_cursor->row` says whether there is one.
 * Its cells live until the statement's next use. */
bool db_one(Db *db, const DbStatement *statement, const DbValue *values, DbCursor *ret_cursor,
            GError **error);

static inline int64_t db_cursor_i64(const DbCursor *cursor, int index)
{
    return cursor->cells[index].i64;
}
static inline double db_cursor_f64(const DbCursor *cursor, int index)
{
    return cursor->cells[index].f64;
}
static inline const char *db_cursor_text(const DbCursor *cursor, int index)
{
    const DbValue *cell = &cursor->cells[index];
    return cell->type == 'n' ? NULL : cell->bytes.data;
}
static inline DbBytes db_cursor_blob(const DbCursor *cursor, int index)
{
    const DbValue *cell = &cursor->cells[index];
    return cell->type == 'n' ? (DbBytes){NULL, 0} : cell->bytes;
}
static inline DbInt db_cursor_int(const DbCursor *cursor, int index)
{
    const DbValue *cell = &cursor->cells[index];
    return (DbInt){cell->type != 'n', cell->type == 'n' ? 0 : cell->i64};
}
static inline DbFloat db_cursor_float(const DbCursor *cursor, int index)
{
    const DbValue *cell = &cursor->cells[index];
    return (DbFloat){cell->type != 'n', cell->type == 'n' ? 0 : cell->f64};
}

/* PostgreSQL: makes (unless it is there), resp. drops the partition of one number of a table that
 * is partitioned by range of a whole number; it is called TABLE_NUMBER. `table` is a literal. */
bool db_partition_make(Db *db, const char *table, int64_t number, GError **error);
bool db_partition_drop(Db *db, const char *table, int64_t number, GError **error);

/* Which database is behind this connection. */
DbKind db_kind(const Db *db);

/* The store this connection belongs to. */
Store *db_store(const Db *db);

/* Prepares a statement and checks its number and types of columns and parameters; for tests. */
bool db_check(Db *db, const DbStatement *statement, GError **error);
