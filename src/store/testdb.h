/* store/testdb.h: stores for tests, on SQLite and on PostgreSQL. Not part of the product.
 *
 * Each test store has a folder of its own under the temporary folder and, on PostgreSQL, a
 * database of its own in one temporary cluster per test process (or in the server that
 * KITH_TEST_POSTGRES, a postgres:// address, names). All is removed at the end of the process.
 *
 *     for (DbKind kind = 0; kind < DB_KINDS; kind++) {
 *         if (!test_store_has(kind)) continue;         // prints a skip
 *         TestStore *test = test_store_new(kind);
 *         … test->store …
 *         test_store_reopen(test);                     // close and open again
 *         test_store_free(test);
 *     }
 */
#pragma once
#include "store/store.h"

typedef struct TestStore {
    Store *store;
    DbKind kind;
    char *dir;      /* the data folder */
    char *database; /* address; NULL on SQLite */
} TestStore;

/* Whether this kind of database can be tested here; a test in progress is marked skipped if not. */
bool test_store_has(DbKind kind);

/* A new, empty store; the test ends when it cannot be made. */
TestStore *test_store_new(DbKind kind);

/* Only the folder and the database, not opened: `store` is NULL. */
TestStore *test_store_place(DbKind kind);

void test_store_open(TestStore *test);
void test_store_close(TestStore *test);
void test_store_reopen(TestStore *test);
void test_store_free(TestStore *test);

/* Runs SQL on a connection of its own; the first value of the first row as text (NULL = none).
 * The caller frees. For looking into tables that have no statement. */
char *test_store_sql(TestStore *test, const char *sql);

/* The same as a number; -1 = none. */
int64_t test_store_number(TestStore *test, const char *sql);

/* Removes a folder with all that is in it. */
void test_dir_remove(const char *dir);

/* Registers `test` once per database, as "/path/sqlite" and "/path/postgres". */
void test_store_add(const char *path, void (*test)(TestStore *test));

/* Registers it for one of the databases alone. */
void test_store_add_on(DbKind kind, const char *path, void (*test)(TestStore *test));
