/* store/store.h: one business's data: the folder, the database, its writer and its readers.
 *
 * store_open takes the folder for this process alone (a lock that ends with the process), brings
 * the schema up to date, leases a node number for ids and starts the writer. Everything that
 * changes the database goes through store_writer; everything that reads takes a reader, whose
 * transaction is a snapshot and is cut after STORE_READER_MS_MAX: long scans go in key ranges.
 * Thread safe but for open and close.
 *
 *     StoreOptions options = {.data_dir = "shop"};
 *     g_autoptr(Store) store = store_open(&options, error);
 *     Db *db = store_reader_begin(store, error);
 *     if (!db) return false;
 *     bool done = sql_person_find(db, …, error);
 *     store_reader_end(store, db);
 *
 * The folder: kith.db (with -wal, -shm; SQLite only), secret.key, epoch, never.log, lock, database
 * (the address of a PostgreSQL, when that is used), and what other folders keep in their own
 * subfolders.
 */
#pragma once
#include "store/db.h"
#include "store/metrics.h"
#include "store/writer.h"

enum {
    STORE_READERS_MAX = 16,     /* connections of the pool; further readers wait */
    STORE_READER_MS_MAX = 2000, /* while it is served, a reader's transaction is cut then */
    STORE_SECRET_SIZE = 32,
};

typedef struct Store Store;

typedef struct StoreOptions {
    const char *data_dir; /* made (0700) when missing; must be empty or ours */
    const char *database; /* NULL = what the folder remembers, else DATA/kith.db;
                             postgres://… = PostgreSQL, remembered */
    bool must_exist;      /* refuse to make a new store */
    bool shared;          /* PostgreSQL: claim nothing; for who keeps nothing of it in memory */
    int claim_ms;         /* PostgreSQL: how long to wait for another process; 0 = 15 s */
    int reader_ms;        /* a reader's transaction is cut after this; 0 = STORE_READER_MS_MAX */
} StoreOptions;

/* Opens or makes a store. NULL on error: KITH_ERROR_CONFLICT (another process holds the folder,
 * or, for longer than claim_ms, the database; newer schema, edited migration, other database than
 * remembered), KITH_ERROR_INVALID (not a Kith
 * folder or database), KITH_ERROR_NOT_FOUND (must_exist), KITH_ERROR_UNAVAILABLE. */
Store *store_open(const StoreOptions *options, GError **error);

/* Runs what the writer still has, then closes. All readers must have been ended. */
void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

DbKind store_kind(const Store *store);

/* The data folder, absolute. Owned by the store. */
const char *store_dir(const Store *store);

/* A new id: 41 bits of ms since 2024, 10 of node, 12 of counter; rising. */
int64_t store_id_next(Store *store);

/* The number of this node, 0..1023. */
uint32_t store_node(const Store *store);

Writer *store_writer(Store *store);

/* Erasure's last step: copies SQLite's log into the database and cuts the file to nothing, so that
 * no old page is left in it (deleted rows are zeroed in the database by secure_delete). Waits for
 * readers, at most some seconds: then KITH_ERROR_UNAVAILABLE, try again. Does nothing on
 * PostgreSQL. Never from the writer's thread, nor with a reader in hand. */
bool store_log_empty(Store *store, GError **error);

/* Takes a reader from the pool (waits for one, at most 2 s: then KITH_ERROR_UNAVAILABLE) and
 * begins its snapshot. */
Db *store_reader_begin_at(Store *store, const char *opener, GError **error);
#define store_reader_begin(store, error) store_reader_begin_at((store), G_STRLOC, (error))
void store_reader_end(Store *store, Db *db);

/* 32 secret bytes for one purpose, derived from DATA/secret.key; the same at each start. Kept and
 * owned by the store. Purposes are literals: "identity", "stem", "session" … */
const uint8_t *store_secret(Store *store, const char *purpose);

/* Whether this store came from a copy or a backup (its epoch differs from the folder's): then
 * nothing is sent or triggered until a person says so. `ret_reason` (may be NULL): text, owned by
 * the store; NULL when not held. Thread safe, no locks. */
bool store_held(Store *store, const char **ret_reason);

/* A person has looked: sending and triggers may go on. Waits for the commit. */
bool store_release(Store *store, GError **error);

/* Counters; valid as long as the store. */
const StoreMetrics *store_metrics(Store *store);
