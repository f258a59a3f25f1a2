#include "store/db_driver.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/fault.h"

static struct {
    _Atomic bool on, lasting, hit;
    _Atomic int64_t nth, count;
} fault;

static void fault_plan(int64_t nth, bool lasting)
{
    atomic_store(&fault.on, false);
    atomic_store(&fault.count, 0);
    atomic_store(&fault.hit, false);
    atomic_store(&fault.nth, nth);
    atomic_store(&fault.lasting, lasting);
    atomic_store(&fault.on, nth > 0);
}

void store_fault_at(int64_t nth) { fault_plan(nth, false); }

void store_fault_from(int64_t nth) { fault_plan(nth, true); }

bool store_fault_hit(void) { return atomic_load(&fault.hit); }

int64_t store_fault_count(void) { return atomic_load(&fault.count); }

bool db_fault(GError **error)
{
    if (G_LIKELY(!atomic_load_explicit(&fault.on, memory_order_relaxed))) return true;
    int64_t count = atomic_fetch_add(&fault.count, 1) + 1;
    int64_t nth = atomic_load(&fault.nth);
    if (count != nth && !(atomic_load(&fault.lasting) && count > nth)) return true;
    atomic_store(&fault.hit, true);
    return fail(error, KITH_ERROR_UNAVAILABLE,
                "could not write to the database: planned fault at call %" G_GINT64_FORMAT, count);
}

static void prepared_release(gpointer data)
{
    DbPrepared *prepared = data;
    char *buffer = prepared->buffer;
    prepared->db->driver->release(prepared);
    free(buffer);
    g_free(prepared);
}

void db_init(Db *db, const DbDriver *driver, DbKind kind)
{
    db->driver = driver;
    db->kind = kind;
    db->prepared = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, prepared_release);
    g_mutex_init(&db->mutex);
}

void db_free(Db *db)
{
    if (!db) return;
    g_hash_table_destroy(db->prepared);
    db->driver->close(db);
    g_mutex_clear(&db->mutex);
    g_free(db);
}

DbKind db_kind(const Db *db) { return db->kind; }

Store *db_store(const Db *db) { return db->store; }

static void enter(Db *db)
{
    if (db->locked) g_mutex_lock(&db->mutex);
}

static void leave(Db *db)
{
    if (db->locked) g_mutex_unlock(&db->mutex);
}

/* Whether this connection may run one more call now. */
static bool ready_check(Db *db, GError **error)
{
    if (db->stamp.cut || (db->stamp.deadline_us && clock_monotonic_us() > db->stamp.deadline_us)) {
        db->stamp.cut = true;
        return fail(error, KITH_ERROR_TIMEOUT,
                    "could not go on reading: a reader's transaction is cut after its time; "
                    "read in smaller key ranges");
    }
    if (db->broken)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not reach the database: connection lost");
    return db_fault(error);
}

char *db_prepared_room(DbPrepared *prepared, size_t size)
{
    if (size > prepared->buffer_size) {
        size_t wanted = MAX(size, prepared->buffer_size * 2);
        char *buffer = realloc(prepared->buffer, wanted);
        if (!buffer) return NULL;
        prepared->buffer = buffer;
        prepared->buffer_size = wanted;
    }
    return prepared->buffer;
}

bool db_row_check(DbPrepared *prepared, GError **error)
{
    const DbStatement *statement = prepared->statement;
    for (int i = 0; i < prepared->column_count; i++)
        if (prepared->cells[i].type == 'n' && g_ascii_islower(statement->columns[i]))
            return fail(error, KITH_ERROR_INTERNAL,
                        "column %d of statement %s (%s) is null but has no '?'", i + 1,
                        statement->name, statement->place);
    return true;
}

/* The prepared form of a statement, from the cache unless that one is in use. */
static DbPrepared *prepared_get(Db *db, const DbStatement *statement, GError **error)
{
    DbPrepared *prepared = g_hash_table_lookup(db->prepared, statement);
    if (prepared && !prepared->busy) return prepared;
    bool transient = prepared != NULL;
    prepared = db->driver->prepare(db, statement, error);
    if (!prepared) return NULL;
    prepared->db = db;
    prepared->statement = statement;
    prepared->transient = transient;
    prepared->column_count = (int)strlen(statement->columns);
    if (!transient) g_hash_table_insert(db->prepared, (gpointer)statement, prepared);
    return prepared;
}

static void prepared_finish(DbPrepared *prepared)
{
    prepared->db->driver->reset(prepared);
    prepared->busy = false;
    if (prepared->transient) prepared_release(prepared);
}

static bool exec_entered(Db *db, const DbStatement *statement, const DbValue *values,
                         int64_t *ret_changed, GError **error)
{
    if (!ready_check(db, error)) return false;
    DbPrepared *prepared = prepared_get(db, statement, error);
    if (!prepared) return false;
    bool done = db->driver->exec(prepared, values, ret_changed, error);
    prepared_finish(prepared);
    if (done && db->written && statement->writes) db->written(db->written_data, statement, values);
    return done;
}

bool db_exec(Db *db, const DbStatement *statement, const DbValue *values, int64_t *ret_changed,
             GError **error)
{
    enter(db);
    bool done = exec_entered(db, statement, values, ret_changed, error);
    leave(db);
    return done;
}

static bool open_entered(Db *db, const DbStatement *statement, const DbValue *values,
                         DbCursor *ret_cursor, GError **error)
{
    if (!ready_check(db, error)) return false;
    DbPrepared *prepared = prepared_get(db, statement, error);
    if (!prepared) return false;
    if (!db->driver->open(prepared, values, error)) {
        prepared_finish(prepared);
        return false;
    }
    if (db->written && statement->writes) db->written(db->written_data, statement, values);
    prepared->busy = true;
    ret_cursor->prepared = prepared;
    ret_cursor->cells = prepared->cells;
    return true;
}

bool db_open(Db *db, const DbStatement *statement, const DbValue *values, DbCursor *ret_cursor,
             GError **error)
{
    *ret_cursor = (DbCursor){.db = db};
    enter(db);
    bool done = open_entered(db, statement, values, ret_cursor, error);
    leave(db);
    return done;
}

static int step_entered(DbCursor *cursor, GError **error)
{
    if (!ready_check(cursor->db, error)) return -1;
    int state = cursor->db->driver->step(cursor->prepared, error);
    if (state == 1 && !db_row_check(cursor->prepared, error)) return -1;
    return state;
}

bool db_cursor_next(DbCursor *cursor)
{
    if (!cursor->prepared || cursor->failure) return false;
    enter(cursor->db);
    cursor->row = step_entered(cursor, &cursor->failure) == 1;
    leave(cursor->db);
    return cursor->row;
}

bool db_cursor_finish(DbCursor *cursor, GError **error)
{
    if (cursor->prepared) {
        enter(cursor->db);
        prepared_finish(cursor->prepared);
        leave(cursor->db);
        cursor->prepared = NULL;
    }
    cursor->row = false;
    if (!cursor->failure) return true;
    g_propagate_error(error, g_steal_pointer(&cursor->failure));
    return false;
}

void db_cursor_clear(DbCursor *cursor)
{
    db_cursor_finish(cursor, NULL);
    g_clear_error(&cursor->failure);
}

bool db_one(Db *db, const DbStatement *statement, const DbValue *values, DbCursor *ret_cursor,
            GError **error)
{
    if (!db_open(db, statement, values, ret_cursor, error)) return false;
    bool row = db_cursor_next(ret_cursor);
    /* A cached statement keeps its row buffer; a transient one would lose it when finished. */
    g_assert(!ret_cursor->prepared->transient);
    if (!db_cursor_finish(ret_cursor, error)) return false;
    ret_cursor->row = row;
    return true;
}

bool db_check(Db *db, const DbStatement *statement, GError **error)
{
    enter(db);
    DbPrepared *prepared = prepared_get(db, statement, error);
    leave(db);
    return prepared != NULL;
}

bool db_script(Db *db, const char *sql, GError **error)
{
    enter(db);
    bool done = ready_check(db, error) && db->driver->script(db, sql, error);
    leave(db);
    return done;
}

bool db_partition_make(Db *db, const char *table, int64_t number, GError **error)
{
    g_assert(db->kind == DB_POSTGRES);
    g_autofree char *sql = g_strdup_printf("CREATE TABLE IF NOT EXISTS %s_%" G_GINT64_FORMAT
                                           " PARTITION OF %s FOR VALUES FROM (%" G_GINT64_FORMAT
                                           ") TO (%" G_GINT64_FORMAT ")",
                                           table, number, table, number, number + 1);
    return db_script(db, sql, error);
}

bool db_partition_drop(Db *db, const char *table, int64_t number, GError **error)
{
    g_assert(db->kind == DB_POSTGRES);
    g_autofree char *sql =
        g_strdup_printf("DROP TABLE IF EXISTS %s_%" G_GINT64_FORMAT, table, number);
    return db_script(db, sql, error);
}

bool db_begin_at(Db *db, const char *mode, const char *opener, GError **error)
{
    static const struct {
        const char *mode, *sql[DB_KINDS];
    } modes[] = {
        {"IMMEDIATE", {"BEGIN IMMEDIATE", "BEGIN"}},
        {"DEFERRED", {"BEGIN DEFERRED", "BEGIN"}},
        {"READ", {"BEGIN DEFERRED", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}},
    };
    g_assert(!db->in_transaction);
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        if (strcmp(modes[i].mode, mode) != 0) continue;
        db->retry = db->unknown = false;
        if (!db_script(db, modes[i].sql[db->kind], error)) return false;
        db->in_transaction = true;
        db->opener = opener;
        return true;
    }
    g_assert_not_reached();
}

bool db_commit(Db *db, GError **error)
{
    enter(db);
    bool done = ready_check(db, error) && db->driver->commit(db, error);
    if (done) db->in_transaction = false;
    leave(db);
    if (!done) db_rollback(db);
    return done;
}

void db_rollback(Db *db)
{
    enter(db);
    if (db->in_transaction) {
        db->in_transaction = false;
        bool done = db->broken || db->stamp.ended || db->driver->script(db, "ROLLBACK", NULL);
        /* SQLite ends a transaction by itself on some errors: then there is nothing to roll back.
         */
        if (!done && db->kind == DB_POSTGRES) db->broken = true;
    }
    leave(db);
}

bool db_alive(Db *db) { return !db->broken && db->driver->alive(db); }

bool db_settle(Db *db, GError **error)
{
    enter(db);
    bool done = ready_check(db, error) && db->driver->settle(db, error);
    leave(db);
    return done;
}

bool db_savepoint(Db *db, GError **error) { return db_script(db, "SAVEPOINT unit", error); }

bool db_savepoint_release(Db *db, GError **error)
{
    enter(db);
    bool done = ready_check(db, error) && db->driver->settle(db, error) &&
                db->driver->script(db, "RELEASE SAVEPOINT unit", error);
    leave(db);
    return done;
}

bool db_savepoint_rollback(Db *db, GError **error)
{
    enter(db);
    bool done = !db->broken &&
                db->driver->script(db, "ROLLBACK TO SAVEPOINT unit; RELEASE SAVEPOINT unit", error);
    leave(db);
    return done;
}

void db_cut(Db *db)
{
    g_mutex_lock(&db->mutex);
    db->stamp.cut = true;
    if (db->in_transaction && !db->broken) db->driver->cut(db);
    g_mutex_unlock(&db->mutex);
}

int db_statement_place(const DbStatement *statement, const char *name)
{
    int place = 0;
    size_t length = strlen(name);
    for (const char *at = statement->names; at && *at; place++) {
        size_t size = strcspn(at, ",");
        if (size == length && strncmp(at, name, size) == 0) return place;
        at += size + (at[size] == ',');
    }
    return -1;
}
