/* store/db_driver.h: what a database driver gives to db.c, and the inside of a Db. Private to
 * store/.
 *
 * Transactions: `db_begin` … `db_commit` or `db_rollback`; inside, savepoints by number. A driver
 * marks a connection `broken` when it must be opened anew; `retry` says that the last failure was
 * of the kind that vanishes when the whole transaction is run again (deadlock, serialization,
 * lost connection), `unknown` that a COMMIT may or may not have happened.
 */
#pragma once
#include "store/db.h"

typedef struct DbDriver DbDriver;

typedef struct DbStamp {
    int64_t deadline_us; /* monotonic; 0 = none. Statements fail after it */
    bool cut;            /* the transaction's time is over: every call fails */
    bool ended;          /* and the watch has rolled it back */
} DbStamp;

struct Db {
    const DbDriver *driver;
    DbKind kind;
    Store *store;
    GHashTable *prepared; /* DbStatement * -> DbPrepared *, owned */
    GMutex mutex;         /* readers: held around each call, so that the cutter may end them */
    bool locked;          /* whether `mutex` is used */
    DbStamp stamp;
    bool broken;
    bool retry;
    bool unknown;
    bool in_transaction;
    const char *opener; /* G_STRLOC of who began the transaction */
    /* Told of each statement that was run and writes; NULL: nobody asks. */
    void (*written)(void *data, const DbStatement *statement, const DbValue *values);
    void *written_data;
};

struct DbPrepared {
    Db *db;
    const DbStatement *statement;
    bool busy;        /* a cursor stands on it */
    bool transient;   /* not in the cache: freed when finished */
    int column_count; /* of the statement */
    DbValue cells[DB_FIELDS_MAX];
    char *buffer; /* text and blobs of the row at hand */
    size_t buffer_size;
};

struct DbDriver {
    /* Prepares; NULL on error. */
    DbPrepared *(*prepare)(Db *db, const DbStatement *statement, GError **error);
    /* Binds and, on PostgreSQL, runs. `ret_changed` only for exec; NULL = not wanted. */
    bool (*exec)(DbPrepared *prepared, const DbValue *values, int64_t *ret_changed, GError **error);
    bool (*open)(DbPrepared *prepared, const DbValue *values, GError **error);
    /* 1: a row is in `cells`; 0: end; -1: error. */
    int (*step)(DbPrepared *prepared, GError **error);
    void (*reset)(DbPrepared *prepared);
    void (*release)(DbPrepared *prepared);
    /* Runs SQL without parameters and rows; may hold several statements. */
    bool (*script)(Db *db, const char *sql, GError **error);
    /* Waits for what was sent without waiting; PostgreSQL only. */
    bool (*settle)(Db *db, GError **error);
    bool (*commit)(Db *db, GError **error);
    /* Whether the transaction still stands; SQLite ends it by itself on a full disk. */
    bool (*alive)(Db *db);
    /* Ends the transaction at once, whatever stands open. */
    void (*cut)(Db *db);
    void (*close)(Db *db);
};

/* Sets up the common part; the driver's `open` calls it. */
void db_init(Db *db, const DbDriver *driver, DbKind kind);
void db_free(Db *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Db, db_free)

/* Runs fixed SQL of the store itself (pragmas, migrations). */
bool db_script(Db *db, const char *sql, GError **error);

/* Begins a transaction: `mode` is "IMMEDIATE", "DEFERRED" or "READ". Remembers the opener. */
bool db_begin_at(Db *db, const char *mode, const char *opener, GError **error);
#define db_begin(db, mode, error) db_begin_at(db, mode, G_STRLOC, error)
bool db_commit(Db *db, GError **error);
void db_rollback(Db *db);
bool db_alive(Db *db);

/* Waits for statements that were sent without waiting; false when one of them failed. */
bool db_settle(Db *db, GError **error);

bool db_savepoint(Db *db, GError **error);
bool db_savepoint_release(Db *db, GError **error);
bool db_savepoint_rollback(Db *db, GError **error);

/* Makes room in a prepared statement's buffer for `size` bytes; NULL when memory is short. */
char *db_prepared_room(DbPrepared *prepared, size_t size);

/* Checks that no cell is null that must not be. */
bool db_row_check(DbPrepared *prepared, GError **error);

/* Ends a reader's transaction from another thread: open cursors fail with KITH_ERROR_TIMEOUT. */
void db_cut(Db *db);

/* Counts a call to the database; false when the fault hook wants it to fail (store/fault.h). */
bool db_fault(GError **error);
