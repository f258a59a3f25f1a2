/* Typed values, rows and failures are the same on both databases. */
#include "store/db.h"

#include "store/db_driver.h"
#include "store/fault.h"
#include "store/testdb.h"

#define ALL_TABLE                                                                                  \
    "CREATE TABLE sample (id INTEGER PRIMARY KEY, whole INTEGER, part REAL, name TEXT, data BLOB)"
#define ALL_TABLE_PG                                                                               \
    "CREATE TABLE sample (id BIGINT PRIMARY KEY, whole BIGINT, part DOUBLE PRECISION, name TEXT, " \
    "data BYTEA)"

static const DbStatement table_make = {.name = "table_make",
                                       .place = "test",
                                       .kind = DB_EXEC,
                                       .params = "",
                                       .columns = "",
                                       .sql = {ALL_TABLE, ALL_TABLE_PG}};
static const DbStatement insert = {
    .name = "insert",
    .place = "test",
    .kind = DB_EXEC,
    .params = "iIFTB",
    .columns = "",
    .sql = {"INSERT INTO sample VALUES (?1, ?2, ?3, ?4, ?5)",
            "INSERT INTO sample VALUES ($1, $2, $3, $4, $5)"},
    .bulk = {
        "INSERT INTO sample SELECT u.p1, u.p2, u.p3, u.p4, u.p5 FROM kith_rows AS u",
        "INSERT INTO sample SELECT u.p1, u.p2, u.p3, u.p4, u.p5 FROM unnest(CAST($1 AS BIGINT[]), "
        "CAST($2 AS BIGINT[]), CAST($3 AS DOUBLE PRECISION[]), CAST($4 AS TEXT[]), "
        "CAST($5 AS BYTEA[])) AS u (p1, p2, p3, p4, p5)"}};
static const DbStatement find = {
    .name = "find",
    .place = "test",
    .kind = DB_ONE,
    .params = "i",
    .columns = "IFTB",
    .sql = {"SELECT whole, part, name, data FROM sample WHERE id = ?1",
            "SELECT whole, part, name, data FROM sample WHERE id = $1"}};
static const DbStatement above = {.name = "above",
                                  .place = "test",
                                  .kind = DB_MANY,
                                  .params = "i",
                                  .columns = "it",
                                  .sql = {"SELECT id, name FROM sample WHERE id > ?1 ORDER BY id",
                                          "SELECT id, name FROM sample WHERE id > $1 ORDER BY id"}};
static const DbStatement change = {.name = "change",
                                   .place = "test",
                                   .kind = DB_EXEC,
                                   .params = "i",
                                   .columns = "",
                                   .sql = {"UPDATE sample SET whole = whole + 1 WHERE id > ?1",
                                           "UPDATE sample SET whole = whole + 1 WHERE id > $1"}};

typedef bool (*Check)(Db *db, GError **error);

static bool check_run(Db *db, void *data, GError **error) { return ((Check)data)(db, error); }

static void writing(TestStore *test, Check check)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(test->store), WRITER_REST, check_run, (void *)check, &error);
    g_assert_no_error(error);
}

static bool row_put(Db *db, int64_t id, const char *name, GError **error)
{
    const DbValue values[] = {db_value_i64(id), db_value_int((DbInt){0}),
                              db_value_float((DbFloat){0}), db_value_text(name),
                              db_value_blob((DbBytes){0})};
    return db_exec(db, &insert, values, NULL, error);
}

static bool make(Db *db, GError **error) { return db_exec(db, &table_make, NULL, NULL, error); }

static bool values_come_back(Db *db, GError **error)
{
    static const char data[] = {0, 1, (char)255, 0, 'x'};
    const DbValue values[] = {db_value_i64(INT64_MIN), db_value_int(db_int(INT64_MAX)),
                              db_value_float(db_float(-1.5e300)), db_value_text("Zoë €"),
                              db_value_blob((DbBytes){data, sizeof data})};
    int64_t changed = 0;
    DbCursor row;
    g_assert_true(db_exec(db, &insert, values, &changed, error));
    g_assert_cmpint(changed, ==, 1);
    g_assert_true(db_one(db, &find, &(DbValue){.type = 'i', .i64 = INT64_MIN}, &row, error));
    g_assert_true(row.row);
    g_assert_cmpint(db_cursor_int(&row, 0).value, ==, INT64_MAX);
    g_assert_cmpfloat(db_cursor_float(&row, 1).value, ==, -1.5e300);
    g_assert_cmpstr(db_cursor_text(&row, 2), ==, "Zoë €");
    DbBytes bytes = db_cursor_blob(&row, 3);
    g_assert_cmpmem(bytes.data, (int)bytes.size, data, (int)sizeof data);
    return true;
}

static bool nulls_and_empties_differ(Db *db, GError **error)
{
    const DbValue empty[] = {db_value_i64(2), db_value_int(db_int(0)), db_value_float(db_float(0)),
                             db_value_text(""), db_value_blob((DbBytes){"", 0})};
    DbCursor row;
    g_assert_true(row_put(db, 1, NULL, error) && db_exec(db, &insert, empty, NULL, error));
    g_assert_true(db_one(db, &find, &(DbValue){.type = 'i', .i64 = 1}, &row, error));
    g_assert_false(db_cursor_int(&row, 0).set);
    g_assert_false(db_cursor_float(&row, 1).set);
    g_assert_null(db_cursor_text(&row, 2));
    g_assert_null(db_cursor_blob(&row, 3).data);
    g_assert_true(db_one(db, &find, &(DbValue){.type = 'i', .i64 = 2}, &row, error));
    g_assert_true(db_cursor_int(&row, 0).set);
    g_assert_true(db_cursor_float(&row, 1).set);
    g_assert_cmpstr(db_cursor_text(&row, 2), ==, "");
    g_assert_nonnull(db_cursor_blob(&row, 3).data);
    g_assert_true(db_one(db, &find, &(DbValue){.type = 'i', .i64 = 3}, &row, error));
    g_assert_false(row.row);
    return true;
}

static bool rows_put(Db *db, GError **error)
{
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++)
        g_assert_true(row_put(db, 10 + i, names[i], error));
    return true;
}

/* The same statement stands open twice; the outer row's text stays its own. */
static bool cursors_nest(Db *db, GError **error)
{
    int seen = 0;
    DbCursor outer, inner;
    DbValue from = db_value_i64(9);
    g_assert_true(db_open(db, &above, &from, &outer, error));
    while (db_cursor_next(&outer)) {
        const char *name = db_cursor_text(&outer, 1);
        g_autofree char *kept = g_strdup(name);
        DbValue next = db_value_i64(db_cursor_i64(&outer, 0));
        g_assert_true(db_open(db, &above, &next, &inner, error));
        while (db_cursor_next(&inner))
            seen++;
        g_assert_true(db_cursor_finish(&inner, error));
        g_assert_cmpstr(name, ==, kept);
    }
    g_assert_cmpint(seen, ==, 3);
    return db_cursor_finish(&outer, error);
}

static bool counts_are_told(Db *db, GError **error)
{
    int64_t changed = -1;
    DbValue from = db_value_i64(10), beyond = db_value_i64(1000);
    g_assert_true(db_exec(db, &change, &from, &changed, error));
    g_assert_cmpint(changed, ==, 2);
    g_assert_true(db_exec(db, &change, &beyond, &changed, error));
    g_assert_cmpint(changed, ==, 0);
    return true;
}

/* Row `i` of many: every kind of value, with nulls among them. */
static void row_values(int64_t i, DbValue values[5], char text[16])
{
    g_snprintf(text, 16, "row %d", (int)i);
    values[0] = db_value_i64(1000 + i);
    values[1] = db_value_int((DbInt){i % 3 != 0, -i});
    values[2] = db_value_float((DbFloat){i % 4 != 0, (double)i / 8});
    values[3] = db_value_text(i % 5 ? text : NULL);
    values[4] = db_value_blob((DbBytes){i % 7 ? text : NULL, 3});
}

/* More than go into one sending, with other statements between. */
static bool many_rows_put(Db *db, GError **error)
{
    int64_t changed = 0;
    DbValue values[5], from = db_value_i64(1000 + 699);
    char text[16];
    for (int64_t i = 0; i < 1700; i++) {
        row_values(i, values, text);
        if (!db_exec(db, &insert, values, NULL, error)) return false;
        if (i != 700) continue;
        g_assert_true(db_exec(db, &change, &from, &changed, error)); /* sees the rows before it */
        g_assert_cmpint(changed, ==, 1);
    }
    return true;
}

static bool many_rows_check(Db *db, GError **error)
{
    DbValue want[5];
    DbCursor row;
    char text[16];
    for (int64_t i = 0; i < 1700; i++) {
        row_values(i, want, text);
        g_assert_true(db_one(db, &find, &want[0], &row, error));
        g_assert_true(row.row);
        g_assert_cmpint(db_cursor_int(&row, 0).set, ==, want[1].type != 'n');
        if (want[1].type != 'n')
            g_assert_cmpint(db_cursor_int(&row, 0).value, ==, i == 700 ? 1 - i : -i);
        g_assert_cmpint(db_cursor_float(&row, 1).set, ==, want[2].type != 'n');
        if (want[2].type != 'n') g_assert_cmpfloat(db_cursor_float(&row, 1).value, ==, want[2].f64);
        g_assert_cmpstr(db_cursor_text(&row, 2), ==, i % 5 ? text : NULL);
        g_assert_cmpuint(db_cursor_blob(&row, 3).size, ==, i % 7 ? 3 : 0);
    }
    return true;
}

static void many_rows(TestStore *test)
{
    writing(test, make);
    writing(test, many_rows_put);
    writing(test, many_rows_check);
}

static void values(TestStore *test)
{
    writing(test, make);
    writing(test, values_come_back);
    writing(test, nulls_and_empties_differ);
    writing(test, rows_put);
    writing(test, cursors_nest);
    writing(test, counts_are_told);
}

static bool same_twice(Db *db, GError **error)
{
    return row_put(db, 1, "x", error) && row_put(db, 1, "y", error);
}

static bool null_unexpected(Db *db, GError **error)
{
    static const DbStatement strict = {
        .name = "strict",
        .place = "test",
        .kind = DB_ONE,
        .params = "i",
        .columns = "t",
        .sql = {"SELECT name FROM sample WHERE id = ?1", "SELECT name FROM sample WHERE id = $1"}};
    DbCursor row;
    DbValue id = db_value_i64(5);
    return row_put(db, 5, NULL, error) && db_one(db, &strict, &id, &row, error);
}

static bool wrong_sql(Db *db, GError **error)
{
    static const DbStatement wrong = {
        .name = "wrong",
        .place = "x/x.sql:7",
        .kind = DB_EXEC,
        .params = "",
        .columns = "",
        .sql = {"UPDATE nothing SET x = 1", "UPDATE nothing SET x = 1"}};
    return db_exec(db, &wrong, NULL, NULL, error);
}

static bool wrong_columns(Db *db, GError **error)
{
    static const DbStatement wrong = {
        .name = "narrow",
        .place = "x/x.sql:9",
        .kind = DB_ONE,
        .params = "",
        .columns = "i",
        .sql = {"SELECT id, name FROM sample", "SELECT id, name FROM sample"}};
    DbCursor row;
    return db_one(db, &wrong, NULL, &row, error);
}

/* A failing unit is undone alone, says what failed, and the writer goes on. */
static void failures(TestStore *test)
{
    static const struct {
        const char *why;
        Check run;
        KithError code;
        const char *says;
    } cases[] = {
        {"a key twice", same_twice, KITH_ERROR_CONFLICT, "insert (test)"},
        {"a null that was not declared", null_unexpected, KITH_ERROR_INTERNAL, "has no '?'"},
        {"no such table", wrong_sql, KITH_ERROR_INTERNAL, "x/x.sql:7"},
        {"other columns than declared", wrong_columns, KITH_ERROR_INTERNAL, "x/x.sql:9"},
    };
    writing(test, make);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_test_message("%s", cases[i].why);
        g_assert_false(writer_call(store_writer(test->store), WRITER_REST, check_run,
                                   (void *)cases[i].run, &error));
        g_assert_error(error, KITH_ERROR, (int)cases[i].code);
        g_assert_nonnull(strstr(error->message, cases[i].says));
        g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM sample"), ==, 0);
    }
    writing(test, rows_put);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM sample"), ==, 3);
}

/* Readers cannot write, whatever they run. */
static void readers_only_read(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    writing(test, make);
    Db *db = store_reader_begin(test->store, &error);
    g_assert_no_error(error);
    g_assert_false(row_put(db, 1, "x", &error) && db_settle(db, &error));
    g_assert_nonnull(error);
    store_reader_end(test->store, db);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM sample"), ==, 0);
}

/* A reader sees one instant, however much is written meanwhile. */
static void readers_see_a_snapshot(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    DbValue from = db_value_i64(0);
    DbCursor cursor;
    int seen = 0;
    writing(test, make);
    Db *db = store_reader_begin(test->store, &error);
    g_assert_true(db_open(db, &above, &from, &cursor, &error));
    g_assert_false(db_cursor_next(&cursor));
    g_assert_true(db_cursor_finish(&cursor, &error));
    writing(test, rows_put);
    g_assert_true(db_open(db, &above, &from, &cursor, &error));
    while (db_cursor_next(&cursor))
        seen++;
    g_assert_true(db_cursor_finish(&cursor, &error));
    g_assert_cmpint(seen, ==, 0);
    store_reader_end(test->store, db);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/db/values", values);
    test_store_add("/store/db/many", many_rows);
    test_store_add("/store/db/failures", failures);
    test_store_add("/store/db/readers-only-read", readers_only_read);
    test_store_add("/store/db/snapshot", readers_see_a_snapshot);
    return g_test_run();
}
