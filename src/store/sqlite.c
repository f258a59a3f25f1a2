#include "store/sqlite.h"

#include "base/clock.h"
#include "store/sqlite_bulk.h"

enum { PROGRESS_STEPS = 4000 /* virtual machine steps between looks at the clock: about 0.1 ms */ };

typedef struct SqliteDb {
    Db db;
    sqlite3 *handle;
    SqliteBulk bulk; /* rows of a plain insert, not yet run */
} SqliteDb;

typedef struct SqlitePrepared {
    DbPrepared prepared;
    sqlite3_stmt *handle;
    sqlite3_stmt *bulk_handle; /* its form for many rows; NULL = has none */
} SqlitePrepared;

static sqlite3 *handle_of(Db *db) { return ((SqliteDb *)db)->handle; }

static SqliteBulk *bulk_of(Db *db) { return &((SqliteDb *)db)->bulk; }

sqlite3 *sqlite_handle(Db *db)
{
    g_assert(db->kind == DB_SQLITE);
    return handle_of(db);
}

static KithError code_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return KITH_ERROR_CONFLICT;
    case SQLITE_TOOBIG:
        return KITH_ERROR_LIMIT;
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
        return KITH_ERROR_TIMEOUT;
    case SQLITE_NOTADB:
        return KITH_ERROR_INVALID;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return KITH_ERROR_UNAVAILABLE;
    default:
        return KITH_ERROR_INTERNAL;
    }
}

/* What to do about it, when that is known. */
static const char *advice_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "; free some space, nothing acknowledged was lost";
    case SQLITE_CORRUPT:
        return "; the file is damaged: stop, keep a copy, restore the last backup";
    case SQLITE_NOTADB:
        return "; the file is not a database: choose another folder or move it away";
    case SQLITE_INTERRUPT:
        return "; the reader's time is over: read in smaller key ranges";
    default:
        return "";
    }
}

bool sqlite_fail(sqlite3 *handle, int code, const char *what, GError **error)
{
    const char *text = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    return fail(error, code_of(code), "could not %s: %s%s", what, text, advice_of(code));
}

static bool statement_fail(DbPrepared *prepared, int code, GError **error)
{
    g_autofree char *what = g_strdup_printf("run statement %s (%s)", prepared->statement->name,
                                            prepared->statement->place);
    return sqlite_fail(handle_of(prepared->db), code, what, error);
}

static sqlite3_stmt *text_prepare(Db *db, const DbStatement *statement, const char *sql,
                                  GError **error)
{
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v3(handle_of(db), sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code == SQLITE_OK) return handle;
    g_autofree char *what =
        g_strdup_printf("prepare statement %s (%s)", statement->name, statement->place);
    sqlite_fail(handle_of(db), code, what, error);
    return NULL;
}

static DbPrepared *prepare(Db *db, const DbStatement *statement, GError **error)
{
    sqlite3_stmt *handle = text_prepare(db, statement, statement->sql[DB_SQLITE], error);
    if (!handle) return NULL;
    int columns = sqlite3_column_count(handle), params = sqlite3_bind_parameter_count(handle);
    bool rows = statement->kind != DB_EXEC;
    if ((rows && columns != (int)strlen(statement->columns)) ||
        params != (int)strlen(statement->params)) {
        fail(error, KITH_ERROR_INTERNAL,
             "statement %s (%s) gives %d columns and takes %d parameters, declared are %zu and %zu",
             statement->name, statement->place, columns, params, strlen(statement->columns),
             strlen(statement->params));
        sqlite3_finalize(handle);
        return NULL;
    }
    const char *bulk = statement->bulk[DB_SQLITE];
    sqlite3_stmt *bulk_handle = bulk ? text_prepare(db, statement, bulk, error) : NULL;
    if (bulk && !bulk_handle) {
        sqlite3_finalize(handle);
        return NULL;
    }
    SqlitePrepared *prepared = g_new0(SqlitePrepared, 1);
    prepared->handle = handle;
    prepared->bulk_handle = bulk_handle;
    return &prepared->prepared;
}

static int value_bind(sqlite3_stmt *handle, int index, const DbValue *value)
{
    switch (value->type) {
    case 'i':
        return sqlite3_bind_int64(handle, index, value->i64);
    case 'f':
        return sqlite3_bind_double(handle, index, value->f64);
    case 't':
        return sqlite3_bind_text64(handle, index, value->bytes.data, value->bytes.size,
                                   SQLITE_STATIC, SQLITE_UTF8);
    case 'b':
        return sqlite3_bind_blob64(handle, index, value->bytes.data, value->bytes.size,
                                   SQLITE_STATIC);
    default:
        return sqlite3_bind_null(handle, index);
    }
}

/* Parameters point at the caller's memory: `open` must copy, `exec` runs at once. */
static bool values_bind(DbPrepared *prepared, const DbValue *values, GError **error)
{
    sqlite3_stmt *handle = ((SqlitePrepared *)prepared)->handle;
    for (int i = 0; prepared->statement->params[i]; i++) {
        int code = value_bind(handle, i + 1, &values[i]);
        if (code != SQLITE_OK) return statement_fail(prepared, code, error);
    }
    return true;
}

static bool values_bind_copied(DbPrepared *prepared, const DbValue *values, GError **error)
{
    sqlite3_stmt *handle = ((SqlitePrepared *)prepared)->handle;
    for (int i = 0; prepared->statement->params[i]; i++) {
        const DbValue *value = &values[i];
        int code;
        if (value->type == 't')
            code = sqlite3_bind_text64(handle, i + 1, value->bytes.data, value->bytes.size,
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
        else if (value->type == 'b')
            code = sqlite3_bind_blob64(handle, i + 1, value->bytes.data, value->bytes.size,
                                       SQLITE_TRANSIENT);
        else
            code = value_bind(handle, i + 1, value);
        if (code != SQLITE_OK) return statement_fail(prepared, code, error);
    }
    return true;
}

/* Runs a statement to its end and makes it ready for its next use. */
static bool handle_run(DbPrepared *prepared, sqlite3_stmt *handle, GError **error)
{
    int code;
    do
        code = sqlite3_step(handle);
    while (code == SQLITE_ROW);
    bool done = code == SQLITE_DONE || statement_fail(prepared, code, error);
    sqlite3_reset(handle);
    return done;
}

/* Runs the inserts that wait. */
static bool bulk_flush(Db *db, GError **error)
{
    SqliteBulk *bulk = bulk_of(db);
    if (!bulk->statement) return true;
    SqlitePrepared *prepared = (SqlitePrepared *)bulk->prepared;
    bool done;
    if (bulk->rows == 1) {
        DbValue values[DB_FIELDS_MAX];
        sqlite_bulk_first(bulk, values);
        done = values_bind(bulk->prepared, values, error) &&
               handle_run(bulk->prepared, prepared->handle, error);
        sqlite3_clear_bindings(prepared->handle);
    } else {
        done = handle_run(bulk->prepared, prepared->bulk_handle, error);
    }
    sqlite_bulk_drop(bulk);
    return done;
}

/* Lets a row of a plain insert wait for its like. */
static bool bulk_join(DbPrepared *prepared, const DbValue *values, GError **error)
{
    SqliteBulk *bulk = bulk_of(prepared->db);
    if (!sqlite_bulk_fits(bulk, prepared->statement) && !bulk_flush(prepared->db, error))
        return false;
    sqlite_bulk_join(bulk, prepared, values);
    return true;
}

static bool prepared_exec(DbPrepared *prepared, const DbValue *values, int64_t *ret_changed,
                          GError **error)
{
    bool waits = ret_changed || !prepared->db->in_transaction || prepared->transient;
    sqlite3_stmt *handle = ((SqlitePrepared *)prepared)->handle;
    if (!waits && ((SqlitePrepared *)prepared)->bulk_handle)
        return bulk_join(prepared, values, error);
    if (!bulk_flush(prepared->db, error) || !values_bind(prepared, values, error)) return false;
    int code;
    do
        code = sqlite3_step(handle);
    while (code == SQLITE_ROW);
    if (code != SQLITE_DONE) return statement_fail(prepared, code, error);
    if (ret_changed) {
        bool writes = !sqlite3_stmt_readonly(handle);
        *ret_changed = writes ? sqlite3_changes64(handle_of(prepared->db)) : 0;
    }
    return true;
}

static bool prepared_open(DbPrepared *prepared, const DbValue *values, GError **error)
{
    return bulk_flush(prepared->db, error) && values_bind_copied(prepared, values, error);
}

/* Bytes that the text and blob columns of the row at hand need in the buffer. */
static size_t row_bytes(sqlite3_stmt *handle, const char *columns)
{
    size_t bytes = 0;
    for (int i = 0; columns[i]; i++) {
        char letter = g_ascii_tolower(columns[i]);
        if (letter != 't' && letter != 'b') continue;
        if (letter == 't') sqlite3_column_text(handle, i); /* converts, so that the size is right */
        bytes += (size_t)sqlite3_column_bytes(handle, i) + 1;
    }
    return bytes;
}

static DbValue cell_read(sqlite3_stmt *handle, int index, char letter, char **at)
{
    if (sqlite3_column_type(handle, index) == SQLITE_NULL) return (DbValue){.type = 'n'};
    if (letter == 'i') return db_value_i64(sqlite3_column_int64(handle, index));
    if (letter == 'f') return db_value_f64(sqlite3_column_double(handle, index));
    const void *data = letter == 't' ? (const void *)sqlite3_column_text(handle, index)
                                     : sqlite3_column_blob(handle, index);
    size_t size = (size_t)sqlite3_column_bytes(handle, index);
    char *copy = *at;
    if (size) memcpy(copy, data, size);
    copy[size] = '\0';
    *at += size + 1;
    return (DbValue){.type = letter, .bytes = {copy, size}};
}

static int prepared_step(DbPrepared *prepared, GError **error)
{
    sqlite3_stmt *handle = ((SqlitePrepared *)prepared)->handle;
    int code = sqlite3_step(handle);
    if (code == SQLITE_DONE) return 0;
    if (code != SQLITE_ROW) {
        statement_fail(prepared, code, error);
        return -1;
    }
    const char *columns = prepared->statement->columns;
    size_t bytes = row_bytes(handle, columns);
    char *at = bytes ? db_prepared_room(prepared, bytes) : NULL;
    if (bytes && !at) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not read a row of %zu bytes: out of memory",
             bytes);
        return -1;
    }
    for (int i = 0; columns[i]; i++)
        prepared->cells[i] = cell_read(handle, i, g_ascii_tolower(columns[i]), &at);
    return 1;
}

static void prepared_reset(DbPrepared *prepared)
{
    sqlite3_stmt *handle = ((SqlitePrepared *)prepared)->handle;
    sqlite3_reset(handle);
    if (prepared->statement->params[0]) sqlite3_clear_bindings(handle);
}

static void prepared_release(DbPrepared *prepared)
{
    sqlite3_finalize(((SqlitePrepared *)prepared)->handle);
    sqlite3_finalize(((SqlitePrepared *)prepared)->bulk_handle);
}

static bool script(Db *db, const char *sql, GError **error)
{
    if (g_str_has_prefix(sql, "ROLLBACK"))
        sqlite_bulk_drop(bulk_of(db));
    else if (!bulk_flush(db, error))
        return false;
    int code = sqlite3_exec(handle_of(db), sql, NULL, NULL, NULL);
    if (code == SQLITE_OK) return true;
    g_autofree char *what = g_strdup_printf("run \"%.60s\"", sql);
    return sqlite_fail(handle_of(db), code, what, error);
}

static bool settle(Db *db, GError **error) { return bulk_flush(db, error); }

static bool commit(Db *db, GError **error) { return script(db, "COMMIT", error); }

static bool alive(Db *db) { return !sqlite3_get_autocommit(handle_of(db)); }

static void cut(Db *db)
{
    for (sqlite3_stmt *at = NULL; (at = sqlite3_next_stmt(handle_of(db), at));)
        sqlite3_reset(at);
    sqlite3_exec(handle_of(db), "ROLLBACK", NULL, NULL, NULL);
}

static void close_handle(Db *db)
{
    sqlite3_close_v2(handle_of(db));
    sqlite_bulk_clear(bulk_of(db));
}

static const DbDriver driver = {
    .prepare = prepare,
    .exec = prepared_exec,
    .open = prepared_open,
    .step = prepared_step,
    .reset = prepared_reset,
    .release = prepared_release,
    .script = script,
    .settle = settle,
    .commit = commit,
    .alive = alive,
    .cut = cut,
    .close = close_handle,
};

/* Stops a running statement when the reader's time is over. */
static int deadline_check(void *data)
{
    const Db *db = data;
    return db->stamp.deadline_us && clock_monotonic_us() > db->stamp.deadline_us;
}

static bool pragma_read(sqlite3 *handle, const char *sql, int64_t *ret_value, GError **error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    bool row = code == SQLITE_ROW;
    if (row) *ret_value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return row || sqlite_fail(handle, code, "read the database file", error);
}

int64_t sqlite_page_bytes(Db *db)
{
    int64_t bytes = SQLITE_PAGE_BYTES;
    pragma_read(handle_of(db), "PRAGMA page_size", &bytes, NULL);
    return bytes;
}

/* A file that holds tables but not our mark belongs to somebody else. */
static bool ours_check(sqlite3 *handle, const char *path, GError **error)
{
    int64_t mark = 0, tables = 0;
    if (!pragma_read(handle, "SELECT count(*) FROM sqlite_master", &tables, error)) {
        g_prefix_error(error, "%s: ", path);
        return false;
    }
    if (!pragma_read(handle, "PRAGMA application_id", &mark, error)) return false;
    if (mark == SQLITE_KITH_ID || (mark == 0 && tables == 0)) return true;
    return fail(error, KITH_ERROR_INVALID,
                "%s is a SQLite database of another program: choose another folder", path);
}

static bool writer_setup(Db *db, const char *path, GError **error)
{
    sqlite3_exec(handle_of(db), "PRAGMA page_size=8192", NULL, NULL, NULL);
    return ours_check(handle_of(db), path, error) &&
           script(db, "PRAGMA journal_mode=WAL; PRAGMA application_id=1265202280", error);
}

static bool role_setup(Db *db, const char *path, SqliteRole role, GError **error)
{
    sqlite3_extended_result_codes(handle_of(db), 1);
    sqlite3_busy_timeout(handle_of(db), 5000);
    int code = sqlite_bulk_register(bulk_of(db), handle_of(db));
    if (code != SQLITE_OK) return sqlite_fail(handle_of(db), code, "open the database", error);
    if (role == SQLITE_WRITER && !writer_setup(db, path, error)) return false;
    if (role == SQLITE_READER)
        sqlite3_progress_handler(handle_of(db), PROGRESS_STEPS, deadline_check, db);
    /* A reader keeps its pages while idle: few, the kernel's cache serves them all. */
    const char *cache =
        role == SQLITE_WRITER ? "PRAGMA cache_size=-32768" : "PRAGMA cache_size=-4096";
    return script(db, cache, error) &&
           script(db,
                  "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0;"
                  "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
                  "PRAGMA trusted_schema=OFF",
                  error);
}

Db *sqlite_open(const char *path, SqliteRole role, GError **error)
{
    G_STATIC_ASSERT(SQLITE_KITH_ID == 1265202280 && SQLITE_PAGE_BYTES == 8192);
    SqliteDb *sqlite = g_new0(SqliteDb, 1);
    Db *db = &sqlite->db;
    db_init(db, &driver, DB_SQLITE);
    sqlite_bulk_init(&sqlite->bulk);
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= role == SQLITE_READER ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    flags |= role == SQLITE_WRITER ? SQLITE_OPEN_CREATE : 0;
    int code = sqlite3_open_v2(path, &sqlite->handle, flags, NULL);
    if (code != SQLITE_OK) {
        g_autofree char *what = g_strdup_printf("open %s", path);
        sqlite_fail(sqlite->handle, code, what, error);
        db_free(db);
        return NULL;
    }
    if (!role_setup(db, path, role, error)) {
        db_free(db);
        return NULL;
    }
    return db;
}
