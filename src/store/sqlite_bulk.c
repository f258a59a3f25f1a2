#include "store/sqlite_bulk.h"

#include "store/db_driver.h"

typedef struct RowsTable {
    sqlite3_vtab table; /* SQLite's part comes first */
    SqliteBulk *bulk;
} RowsTable;

typedef struct RowsCursor {
    sqlite3_vtab_cursor cursor; /* SQLite's part comes first */
    const SqliteBulk *bulk;
    unsigned row;
} RowsCursor;

void sqlite_bulk_init(SqliteBulk *bulk)
{
    *bulk = (SqliteBulk){.values = g_array_new(FALSE, FALSE, sizeof(DbValue)),
                         .bytes = g_byte_array_new()};
}

void sqlite_bulk_clear(SqliteBulk *bulk)
{
    if (bulk->values) g_array_unref(bulk->values);
    if (bulk->bytes) g_byte_array_unref(bulk->bytes);
    *bulk = (SqliteBulk){0};
}

bool sqlite_bulk_fits(const SqliteBulk *bulk, const DbStatement *statement)
{
    return !bulk->statement || (bulk->statement == statement && bulk->rows < SQLITE_BULK_ROWS_MAX &&
                                bulk->bytes->len < SQLITE_BULK_BYTES_MAX);
}

static bool is_sized(const DbValue *value) { return value->type == 't' || value->type == 'b'; }

void sqlite_bulk_join(SqliteBulk *bulk, DbPrepared *prepared, const DbValue *values)
{
    if (!bulk->statement) {
        bulk->statement = prepared->statement;
        bulk->prepared = prepared;
        bulk->columns = (unsigned)strlen(prepared->statement->params);
    }
    guint at = bulk->values->len;
    g_array_append_vals(bulk->values, values, bulk->columns);
    DbValue *row = &g_array_index(bulk->values, DbValue, at);
    for (unsigned i = 0; i < bulk->columns; i++) {
        if (!is_sized(&row[i])) continue;
        const void *data = row[i].bytes.data;
        row[i].bytes.data = GUINT_TO_POINTER(bulk->bytes->len);
        if (row[i].bytes.size) g_byte_array_append(bulk->bytes, data, (guint)row[i].bytes.size);
    }
    bulk->rows++;
}

/* A value with its data where it lies now. */
static DbValue value_at(const SqliteBulk *bulk, unsigned row, unsigned column)
{
    DbValue value = g_array_index(bulk->values, DbValue, row * bulk->columns + column);
    if (is_sized(&value))
        value.bytes.data =
            value.bytes.size ? bulk->bytes->data + GPOINTER_TO_UINT(value.bytes.data) : (void *)"";
    return value;
}

void sqlite_bulk_first(const SqliteBulk *bulk, DbValue ret_values[DB_FIELDS_MAX])
{
    for (unsigned i = 0; i < bulk->columns; i++)
        ret_values[i] = value_at(bulk, 0, i);
}

void sqlite_bulk_drop(SqliteBulk *bulk)
{
    bulk->statement = NULL;
    bulk->prepared = NULL;
    bulk->rows = 0;
    g_array_set_size(bulk->values, 0);
    g_byte_array_set_size(bulk->bytes, 0);
}

/* ---- the virtual table ---- */

static int rows_connect(sqlite3 *handle, void *bulk, int count G_GNUC_UNUSED,
                        const char *const *arguments G_GNUC_UNUSED, sqlite3_vtab **ret_table,
                        char **ret_error G_GNUC_UNUSED)
{
    GString *sql = g_string_new("CREATE TABLE kith_rows (p1");
    for (int i = 2; i <= DB_FIELDS_MAX; i++)
        g_string_append_printf(sql, ", p%d", i);
    g_string_append_c(sql, ')');
    int code = sqlite3_declare_vtab(handle, sql->str);
    g_string_free(sql, TRUE);
    if (code != SQLITE_OK) return code;
    RowsTable *table = g_new0(RowsTable, 1);
    table->bulk = bulk;
    *ret_table = &table->table;
    return SQLITE_OK;
}

static int rows_disconnect(sqlite3_vtab *table)
{
    g_free(table);
    return SQLITE_OK;
}

static int rows_best_index(sqlite3_vtab *table G_GNUC_UNUSED, sqlite3_index_info *info)
{
    info->estimatedRows = SQLITE_BULK_ROWS_MAX;
    return SQLITE_OK;
}

static int rows_open(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
    RowsCursor *cursor = g_new0(RowsCursor, 1);
    cursor->bulk = ((RowsTable *)table)->bulk;
    *ret_cursor = &cursor->cursor;
    return SQLITE_OK;
}

static int rows_close(sqlite3_vtab_cursor *cursor)
{
    g_free(cursor);
    return SQLITE_OK;
}

static int rows_filter(sqlite3_vtab_cursor *cursor, int plan G_GNUC_UNUSED,
                       const char *text G_GNUC_UNUSED, int count G_GNUC_UNUSED,
                       sqlite3_value **values G_GNUC_UNUSED)
{
    ((RowsCursor *)cursor)->row = 0;
    return SQLITE_OK;
}

static int rows_next(sqlite3_vtab_cursor *cursor)
{
    ((RowsCursor *)cursor)->row++;
    return SQLITE_OK;
}

static int rows_eof(sqlite3_vtab_cursor *cursor)
{
    const RowsCursor *rows = (const RowsCursor *)cursor;
    return rows->row >= rows->bulk->rows;
}

/* The bulk does not change while its statement runs, so that SQLite need not copy. */
static int rows_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const RowsCursor *rows = (const RowsCursor *)cursor;
    DbValue value = value_at(rows->bulk, rows->row, (unsigned)column);
    switch (value.type) {
    case 'i':
        sqlite3_result_int64(context, value.i64);
        break;
    case 'f':
        sqlite3_result_double(context, value.f64);
        break;
    case 't':
        sqlite3_result_text64(context, value.bytes.data, value.bytes.size, SQLITE_STATIC,
                              SQLITE_UTF8);
        break;
    case 'b':
        sqlite3_result_blob64(context, value.bytes.data, value.bytes.size, SQLITE_STATIC);
        break;
    default:
        sqlite3_result_null(context);
    }
    return SQLITE_OK;
}

static int rows_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = ((RowsCursor *)cursor)->row;
    return SQLITE_OK;
}

/* Eponymous (no xCreate): there is one, under its own name, and nobody can make another. */
static const sqlite3_module rows_module = {
    .iVersion = 1,
    .xConnect = rows_connect,
    .xBestIndex = rows_best_index,
    .xDisconnect = rows_disconnect,
    .xOpen = rows_open,
    .xClose = rows_close,
    .xFilter = rows_filter,
    .xNext = rows_next,
    .xEof = rows_eof,
    .xColumn = rows_column,
    .xRowid = rows_rowid,
};

int sqlite_bulk_register(SqliteBulk *bulk, sqlite3 *handle)
{
    return sqlite3_create_module(handle, "kith_rows", &rows_module, bulk);
}
