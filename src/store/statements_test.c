#include "store/statements.h"

#include "store/testdb.h"

/* Columns, parameters and their types are checked by the driver when a statement is prepared. */
static void every_statement_is_prepared(TestStore *test)
{
    g_assert_cmpuint(sql_statement_count, >, 0);
    Db *db = store_reader_begin(test->store, NULL);
    g_assert(db);
    for (size_t i = 0; i < sql_statement_count; i++) {
        g_autoptr(GError) error = NULL;
        if (!db_check(db, &sql_statements[i], &error)) {
            g_test_message("%s", error->message);
            g_test_fail();
            store_reader_end(test->store, db);
            db = store_reader_begin(test->store, NULL);
        }
    }
    store_reader_end(test->store, db);
    g_test_message("%zu statements", sql_statement_count);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions(); /* both databases are told about */
    test_store_add("/store/statements", every_statement_is_prepared);
    return g_test_run();
}
