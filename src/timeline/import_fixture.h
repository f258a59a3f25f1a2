/* timeline/import_fixture.h: a whole timeline with imports, for tests of the import. */
#pragma once
#include <glib/gstdio.h>
#include <unistd.h>

#include "store/testdb.h"
#include "timeline/import.h"
#include "timeline/order_events.h"

typedef struct ImportBench {
    TestStore *test;
    People *people;
    Timeline *timeline;
    Orders *orders;
    Imports *imports;
    char *folder;
} ImportBench;

static inline void import_bench_open(ImportBench *bench)
{
    GError *error = NULL;
    bench->people = people_open(bench->test->store, &error);
    g_assert_no_error(error);
    bench->timeline = timeline_open(bench->test->store, bench->people, &error);
    g_assert_no_error(error);
    bench->orders = orders_new(bench->test->store, bench->people, &order_events, bench->timeline);
    ImportParts parts = {bench->test->store, bench->people, bench->timeline, bench->orders};
    bench->imports = imports_new(&parts);
}

static inline void import_bench_close(ImportBench *bench)
{
    imports_free(bench->imports);
    orders_free(bench->orders);
    timeline_free(bench->timeline);
    people_free(bench->people);
}

static inline void import_bench_init(ImportBench *bench, TestStore *test)
{
    *bench = (ImportBench){.test = test, .folder = g_dir_make_tmp("kith-import-XXXXXX", NULL)};
    import_bench_open(bench);
}

static inline void import_bench_clear(ImportBench *bench)
{
    import_bench_close(bench);
    GDir *dir = g_dir_open(bench->folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(bench->folder, name, NULL);
        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(bench->folder);
    g_free(bench->folder);
}

/* A file of this content in the bench's folder; the caller frees the path. */
static inline char *import_bench_file(ImportBench *bench, const char *name, const char *text)
{
    char *path = g_build_filename(bench->folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

/* Adds and runs a file; its id. */
static inline int64_t import_bench_run(ImportBench *bench, const char *path,
                                       const ImportOptions *options)
{
    GError *error = NULL;
    int64_t import_id;
    ImportFile file = {.name = "test.csv", .path = path, .options = options};
    imports_add(bench->imports, &file, &import_id, &error);
    g_assert_no_error(error);
    imports_run(bench->imports, import_id, NULL, NULL, &error);
    g_assert_no_error(error);
    return import_id;
}

/* One number of GET /api/imports/{id}. */
static inline int64_t import_bench_count(ImportBench *bench, int64_t import_id, const char *name)
{
    json_t *json = imports_json(bench->imports, import_id, NULL);
    g_assert_nonnull(json);
    g_assert_nonnull(json_object_get(json, name));
    int64_t count = json_integer_value(json_object_get(json, name));
    json_decref(json);
    return count;
}
