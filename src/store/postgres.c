#include "store/postgres.h"

#include <libpq-fe.h>

#include "store/postgres_bulk.h"
#include "store/store.h"

enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_VARCHAR = 1043,
    PENDING_MAX = 256, /* statements sent without waiting; their answers fit the socket's buffer */
    CONNECT_SECONDS = 5,
};

typedef struct PostgresDb {
    Db db;
    PGconn *connection;
    unsigned names;                          /* of prepared statements, so far */
    const DbStatement *pending[PENDING_MAX]; /* sent, not yet answered; NULL = a savepoint */
    int pending_count;
    Bulk bulk;             /* rows of a plain insert, not yet sent */
    const char *bulk_name; /* its prepared statement */
} PostgresDb;

typedef struct PostgresPrepared {
    DbPrepared prepared;
    char name[16];
    char bulk_name[16]; /* of the form over arrays; "" = has none */
    PGresult *result;
    int row, row_count;
} PostgresPrepared;

/* Parameters in libpq's form; numbers in network order live in `numbers`. */
typedef struct Parameters {
    int count;
    const char *values[DB_FIELDS_MAX];
    int lengths[DB_FIELDS_MAX];
    int formats[DB_FIELDS_MAX];
    uint64_t numbers[DB_FIELDS_MAX];
} Parameters;

static PostgresDb *of(Db *db) { return (PostgresDb *)db; }

static KithError code_of(const char *state)
{
    if (g_str_has_prefix(state, "23")) return KITH_ERROR_CONFLICT;
    if (g_str_has_prefix(state, "22")) return KITH_ERROR_INVALID;
    if (strcmp(state, "57014") == 0) return KITH_ERROR_TIMEOUT;
    if (g_str_has_prefix(state, "54")) return KITH_ERROR_LIMIT;
    static const char *const passing[] = {"08", "40", "53", "57", "55", "58", "25"};
    for (size_t i = 0; i < G_N_ELEMENTS(passing); i++)
        if (g_str_has_prefix(state, passing[i])) return KITH_ERROR_UNAVAILABLE;
    return KITH_ERROR_INTERNAL;
}

/* What to do about it, when that is known. */
static const char *advice_of(const char *state)
{
    if (strcmp(state, "53100") == 0) return "; free some space on the database server";
    if (strcmp(state, "57014") == 0)
        return "; the reader's time is over: read in smaller key ranges";
    return "";
}

static bool vanishes(const char *state)
{
    return strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0;
}

static bool connection_fail(Db *db, const char *what, GError **error)
{
    db->broken = true;
    db->retry = true;
    g_autofree char *text = g_strdup(PQerrorMessage(of(db)->connection));
    g_strdelimit(g_strchomp(text), "\n", ' ');
    return fail(error, KITH_ERROR_UNAVAILABLE,
                "could not %s: lost the connection to PostgreSQL (%s); nothing of this "
                "transaction was stored",
                what, text);
}

/* Whether this failure means that the connection is gone or going. */
static bool connection_lost(Db *db, const PGresult *result)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    return PQstatus(of(db)->connection) == CONNECTION_BAD || !state ||
           g_str_has_prefix(state, "08") || g_str_has_prefix(state, "57P") ||
           strcmp(state, "25P03") == 0; /* it stood idle inside a transaction for too long */
}

/* The error of a failed result. Only the primary message: details may hold values of rows. */
static bool result_fail(Db *db, const PGresult *result, const char *what, GError **error)
{
    if (connection_lost(db, result)) return connection_fail(db, what, error);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (vanishes(state)) db->retry = true;
    return fail(error, code_of(state), "could not %s: %s (%s)%s", what, text, state,
                advice_of(state));
}

static char *statement_what(const char *verb, const DbStatement *statement)
{
    return g_strdup_printf("%s statement %s (%s)", verb, statement->name, statement->place);
}

/* ---- the pipeline ---- */

/* Reads the answer to one sent statement; keeps the first failure that is not "aborted". */
static void pending_read(Db *db, const DbStatement *statement, GError **error)
{
    PostgresDb *postgres = of(db);
    PGresult *result = PQgetResult(postgres->connection);
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!good && status != PGRES_PIPELINE_ABORTED && error && !*error) {
        g_autofree char *what =
            statement ? statement_what("run", statement) : g_strdup("begin a unit");
        result_fail(db, result, what, error);
    }
    PQclear(result);
    while ((result = PQgetResult(postgres->connection)))
        PQclear(result);
}

/* Waits for all that was sent. */
static bool sent_settle(Db *db, GError **error)
{
    PostgresDb *postgres = of(db);
    int count = postgres->pending_count;
    if (PQpipelineStatus(postgres->connection) == PQ_PIPELINE_OFF) return true;
    postgres->pending_count = 0;
    GError *failure = NULL;
    if (PQpipelineSync(postgres->connection) != 1)
        connection_fail(db, "send to the database", &failure);
    for (int i = 0; i < count && !db->broken; i++)
        pending_read(db, postgres->pending[i], &failure);
    PGresult *sync = db->broken ? NULL : PQgetResult(postgres->connection);
    if (!db->broken && PQresultStatus(sync) != PGRES_PIPELINE_SYNC && !failure)
        connection_fail(db, "read from the database", &failure);
    PQclear(sync);
    if (!db->broken && PQexitPipelineMode(postgres->connection) != 1 && !failure)
        connection_fail(db, "read from the database", &failure);
    if (!failure) return true;
    g_propagate_error(error, failure);
    return false;
}

static bool pipeline_enter(Db *db, GError **error)
{
    PostgresDb *postgres = of(db);
    if (postgres->pending_count == PENDING_MAX && !sent_settle(db, error)) return false;
    if (PQpipelineStatus(postgres->connection) != PQ_PIPELINE_OFF) return true;
    return PQenterPipelineMode(postgres->connection) == 1 ||
           connection_fail(db, "send to the database", error);
}

/* Sends the rows of a plain insert that wait. */
static bool bulk_flush(Db *db, GError **error)
{
    PostgresDb *postgres = of(db);
    const DbStatement *statement = postgres->bulk.statement;
    const char *values[DB_FIELDS_MAX];
    int lengths[DB_FIELDS_MAX], formats[DB_FIELDS_MAX], count = postgres->bulk.columns;
    if (!statement) return true;
    bulk_finish(&postgres->bulk, values, lengths);
    for (int i = 0; i < count; i++)
        formats[i] = 1;
    if (!pipeline_enter(db, error)) return false;
    if (PQsendQueryPrepared(postgres->connection, postgres->bulk_name, count, values, lengths,
                            formats, 1) != 1)
        return connection_fail(db, "send to the database", error);
    postgres->pending[postgres->pending_count++] = statement;
    return true;
}

/* Sends what waits, and waits for all answers. */
static bool settle(Db *db, GError **error)
{
    return bulk_flush(db, error) && sent_settle(db, error);
}

/* ---- prepared statements ---- */

static bool type_fits(Oid type, char letter)
{
    switch (g_ascii_tolower(letter)) {
    case 'i':
        return type == OID_INT8 || type == OID_INT4 || type == OID_INT2 || type == OID_BOOL;
    case 'f':
        return type == OID_FLOAT8;
    case 't':
        return type == OID_TEXT || type == OID_VARCHAR || type == OID_NAME;
    default:
        return type == OID_BYTEA;
    }
}

static bool description_check(const PGresult *result, const DbStatement *statement, GError **error)
{
    int columns = PQnfields(result), params = PQnparams(result);
    if (params != (int)strlen(statement->params) ||
        (statement->kind != DB_EXEC && columns != (int)strlen(statement->columns)))
        return fail(error, KITH_ERROR_INTERNAL,
                    "statement %s (%s) gives %d columns and takes %d parameters, declared are %zu "
                    "and %zu",
                    statement->name, statement->place, columns, params, strlen(statement->columns),
                    strlen(statement->params));
    for (int i = 0; statement->kind != DB_EXEC && i < columns; i++)
        if (!type_fits(PQftype(result, i), statement->columns[i]))
            return fail(error, KITH_ERROR_INTERNAL,
                        "column %d (%s) of statement %s (%s) has PostgreSQL type %u, which is not "
                        "the declared one: CAST it",
                        i + 1, PQfname(result, i), statement->name, statement->place,
                        PQftype(result, i));
    return true;
}

static Oid param_type(char letter)
{
    switch (g_ascii_tolower(letter)) {
    case 'i':
        return OID_INT8;
    case 'f':
        return OID_FLOAT8;
    case 't':
        return OID_TEXT;
    default:
        return OID_BYTEA;
    }
}

static bool server_prepare(Db *db, const char *name, const DbStatement *statement, bool bulk,
                           GError **error)
{
    PGconn *connection = of(db)->connection;
    g_autofree char *what = statement_what("prepare", statement);
    Oid types[DB_FIELDS_MAX];
    int count = (int)strlen(statement->params);
    for (int i = 0; i < count; i++)
        types[i] = bulk ? bulk_type(statement->params[i]) : param_type(statement->params[i]);
    PGresult *result =
        PQprepare(connection, name,
                  bulk ? statement->bulk[DB_POSTGRES] : statement->sql[DB_POSTGRES], count, types);
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK || result_fail(db, result, what, error);
    PQclear(result);
    if (!done) return false;
    result = PQdescribePrepared(connection, name);
    done = PQresultStatus(result) == PGRES_COMMAND_OK || result_fail(db, result, what, error);
    done = done && description_check(result, statement, error);
    PQclear(result);
    return done;
}

static DbPrepared *prepare(Db *db, const DbStatement *statement, GError **error)
{
    if (!settle(db, error)) return NULL;
    PostgresPrepared *prepared = g_new0(PostgresPrepared, 1);
    unsigned number = ++of(db)->names;
    g_snprintf(prepared->name, sizeof prepared->name, "k%u", number);
    if (statement->bulk[DB_POSTGRES])
        g_snprintf(prepared->bulk_name, sizeof prepared->bulk_name, "b%u", number);
    if (server_prepare(db, prepared->name, statement, false, error) &&
        (!statement->bulk[DB_POSTGRES] ||
         server_prepare(db, prepared->bulk_name, statement, true, error)))
        return &prepared->prepared;
    g_free(prepared);
    return NULL;
}

static void value_set(Parameters *parameters, int index, const DbValue *value)
{
    parameters->formats[index] = value->type != 't';
    switch (value->type) {
    case 'i':
    case 'f': {
        uint64_t bits;
        memcpy(&bits, &value->i64, sizeof bits);
        parameters->numbers[index] = GUINT64_TO_BE(bits);
        parameters->values[index] = (const char *)&parameters->numbers[index];
        parameters->lengths[index] = sizeof bits;
        return;
    }
    case 't':
    case 'b':
        parameters->values[index] = value->bytes.data;
        parameters->lengths[index] = (int)value->bytes.size;
        return;
    default:
        parameters->values[index] = NULL;
        parameters->lengths[index] = 0;
    }
}

static void parameters_fill(Parameters *parameters, const DbStatement *statement,
                            const DbValue *values)
{
    parameters->count = (int)strlen(statement->params);
    for (int i = 0; i < parameters->count; i++)
        value_set(parameters, i, &values[i]);
}

static bool sent(DbPrepared *prepared, const Parameters *parameters, GError **error)
{
    Db *db = prepared->db;
    PostgresDb *postgres = of(db);
    if (!bulk_flush(db, error) || !pipeline_enter(db, error)) return false;
    if (PQsendQueryPrepared(postgres->connection, ((PostgresPrepared *)prepared)->name,
                            parameters->count, parameters->values, parameters->lengths,
                            parameters->formats, 1) != 1)
        return connection_fail(db, "send to the database", error);
    postgres->pending[postgres->pending_count++] = prepared->statement;
    return true;
}

/* Lets a row of a plain insert wait for its like. */
static bool bulk_join(DbPrepared *prepared, const DbValue *values, GError **error)
{
    PostgresDb *postgres = of(prepared->db);
    if (!bulk_fits(&postgres->bulk, prepared->statement) && !bulk_flush(prepared->db, error))
        return false;
    bulk_add(&postgres->bulk, prepared->statement, values);
    postgres->bulk_name = ((PostgresPrepared *)prepared)->bulk_name;
    return true;
}

static PGresult *run(DbPrepared *prepared, const Parameters *parameters, GError **error)
{
    Db *db = prepared->db;
    if (!settle(db, error)) return NULL;
    PGresult *result =
        PQexecPrepared(of(db)->connection, ((PostgresPrepared *)prepared)->name, parameters->count,
                       parameters->values, parameters->lengths, parameters->formats, 1);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return result;
    g_autofree char *what = statement_what("run", prepared->statement);
    result_fail(db, result, what, error);
    PQclear(result);
    return NULL;
}

static bool prepared_exec(DbPrepared *prepared, const DbValue *values, int64_t *ret_changed,
                          GError **error)
{
    Parameters parameters;
    bool waits = ret_changed || !prepared->db->in_transaction;
    if (!waits && prepared->statement->bulk[DB_POSTGRES]) return bulk_join(prepared, values, error);
    parameters_fill(&parameters, prepared->statement, values);
    if (!waits) return sent(prepared, &parameters, error);
    PGresult *result = run(prepared, &parameters, error);
    if (!result) return false;
    if (ret_changed) *ret_changed = g_ascii_strtoll(PQcmdTuples(result), NULL, 10);
    PQclear(result);
    return true;
}

static void result_drop(PostgresPrepared *prepared)
{
    PQclear(prepared->result);
    prepared->result = NULL;
    prepared->row = prepared->row_count = 0;
}

static bool prepared_open(DbPrepared *prepared, const DbValue *values, GError **error)
{
    PostgresPrepared *postgres = (PostgresPrepared *)prepared;
    Parameters parameters;
    result_drop(postgres);
    parameters_fill(&parameters, prepared->statement, values);
    postgres->result = run(prepared, &parameters, error);
    if (!postgres->result) return false;
    postgres->row_count = PQntuples(postgres->result);
    return true;
}

static int64_t number_read(const char *data, int size)
{
    uint64_t bits = 0;
    for (int i = 0; i < size; i++)
        bits = bits << 8 | (uint8_t)data[i];
    if (size == 4) return (int32_t)bits;
    if (size == 2) return (int16_t)bits;
    return (int64_t)bits;
}

static DbValue cell_read(const PGresult *result, int row, int column, char letter)
{
    if (PQgetisnull(result, row, column)) return (DbValue){.type = 'n'};
    const char *data = PQgetvalue(result, row, column);
    int size = PQgetlength(result, row, column);
    if (letter == 't' || letter == 'b')
        return (DbValue){.type = letter, .bytes = {data, (size_t)size}};
    DbValue value = {.type = letter, .i64 = number_read(data, size)};
    if (letter == 'f') memcpy(&value.f64, &(int64_t){value.i64}, sizeof value.f64);
    return value;
}

static int prepared_step(DbPrepared *prepared, GError **error G_GNUC_UNUSED)
{
    PostgresPrepared *postgres = (PostgresPrepared *)prepared;
    if (postgres->row >= postgres->row_count) return 0;
    const char *columns = prepared->statement->columns;
    for (int i = 0; columns[i]; i++)
        prepared->cells[i] =
            cell_read(postgres->result, postgres->row, i, g_ascii_tolower(columns[i]));
    postgres->row++;
    return 1;
}

/* The row of a `one` lives until the next use: its result is kept until then. */
static void prepared_reset(DbPrepared *prepared)
{
    if (prepared->statement->kind == DB_MANY) result_drop((PostgresPrepared *)prepared);
}

static void prepared_release(DbPrepared *prepared) { result_drop((PostgresPrepared *)prepared); }

/* ---- transactions ---- */

static bool script(Db *db, const char *sql, GError **error)
{
    PostgresDb *postgres = of(db);
    GError *failure = NULL;
    if (strcmp(sql, "SAVEPOINT unit") == 0) {
        if (!bulk_flush(db, error) || !pipeline_enter(db, error)) return false;
        if (PQsendQueryParams(postgres->connection, sql, 0, NULL, NULL, NULL, NULL, 1) != 1)
            return connection_fail(db, "send to the database", error);
        postgres->pending[postgres->pending_count++] = NULL;
        return true;
    }
    bool undo = g_str_has_prefix(sql, "ROLLBACK");
    if (!settle(db, &failure) && !undo) {
        g_propagate_error(error, failure);
        return false;
    }
    g_clear_error(&failure);
    if (db->broken)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not run \"%.60s\": no connection", sql);
    PGresult *result = PQexec(postgres->connection, sql);
    ExecStatusType status = PQresultStatus(result);
    bool done =
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!done) {
        g_autofree char *what = g_strdup_printf("run \"%.60s\"", sql);
        result_fail(db, result, what, error);
    }
    PQclear(result);
    return done;
}

/* An error at COMMIT on a lost connection means "unknown"; a COMMIT of a failed transaction
 * answers ROLLBACK. */
static bool commit(Db *db, GError **error)
{
    if (!settle(db, error)) return false;
    PGresult *result = PQexec(of(db)->connection, "COMMIT");
    bool done =
        PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    if (!done && PQresultStatus(result) == PGRES_COMMAND_OK) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not commit: the transaction had failed");
    } else if (!done) {
        if (connection_lost(db, result)) {
            db->broken = db->unknown = true;
            fail(error, KITH_ERROR_UNAVAILABLE,
                 "lost the connection to PostgreSQL at COMMIT: unknown whether it was stored; "
                 "sending the same again is safe");
        } else {
            result_fail(db, result, "commit", error);
        }
    }
    PQclear(result);
    return done;
}

static bool alive(Db *db)
{
    PostgresDb *postgres = of(db);
    if (PQstatus(postgres->connection) == CONNECTION_BAD) return false;
    PGTransactionStatusType status = PQtransactionStatus(postgres->connection);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE;
}

static void cut(Db *db)
{
    if (!script(db, "ROLLBACK", NULL)) db->broken = true;
}

static void close_connection(Db *db)
{
    bulk_clear(&of(db)->bulk);
    PQfinish(of(db)->connection);
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
    .close = close_connection,
};

/* ---- opening ---- */

static void notice_drop(void *data G_GNUC_UNUSED, const char *text G_GNUC_UNUSED) {}

/* A database with tables but without our table of migrations belongs to somebody else. */
static bool ours_check(Db *db, GError **error)
{
    PGresult *result =
        PQexec(of(db)->connection,
               "SELECT to_regclass('migration') IS NOT NULL OR NOT EXISTS (SELECT 1 FROM "
               "pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN "
               "('r', 'p'))");
    bool read = PQresultStatus(result) == PGRES_TUPLES_OK ||
                result_fail(db, result, "look at the database", error);
    bool ours = read && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    if (!read || ours) return ours;
    return fail(error, KITH_ERROR_INVALID,
                "the PostgreSQL database \"%s\" holds tables of another program: make an empty "
                "database for Kith",
                PQdb(of(db)->connection));
}

static bool session_setup(Db *db, PostgresRole role, GError **error)
{
    g_autofree char *sql = g_strdup_printf(
        "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
        "SET synchronous_commit = on; SET lock_timeout = '5s'; SET bytea_output = 'hex';"
        "SET idle_in_transaction_session_timeout = '%s'; SET statement_timeout = 0",
        role == POSTGRES_READER ? "10s" : "60s");
    return script(db, sql, error) && (role == POSTGRES_READER || ours_check(db, error));
}

static bool connect_to(Db *db, const char *address, GError **error)
{
    const char *const names[] = {"dbname", "connect_timeout", "fallback_application_name", NULL};
    const char *const values[] = {address, G_STRINGIFY(5), "kith", NULL};
    G_STATIC_ASSERT(CONNECT_SECONDS == 5);
    of(db)->connection = PQconnectdbParams(names, values, 1);
    if (PQstatus(of(db)->connection) == CONNECTION_OK) return true;
    g_autofree char *text = g_strdup(PQerrorMessage(of(db)->connection));
    g_strdelimit(g_strchomp(text), "\n", ' ');
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not connect to PostgreSQL: %s", text);
}

Db *postgres_open(const char *address, PostgresRole role, GError **error)
{
    if (!g_str_has_prefix(address, "postgres://") && !g_str_has_prefix(address, "postgresql://")) {
        fail(error, KITH_ERROR_INVALID,
             "--database: write an address such as postgres://user@host:5432/name");
        return NULL;
    }
    PostgresDb *postgres = g_new0(PostgresDb, 1);
    Db *db = &postgres->db;
    db_init(db, &driver, DB_POSTGRES);
    bool done = connect_to(db, address, error);
    if (done) PQsetNoticeProcessor(postgres->connection, notice_drop, NULL);
    if (done && session_setup(db, role, error)) return db;
    db_free(db);
    return NULL;
}
