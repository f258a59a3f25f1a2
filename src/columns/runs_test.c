#include "columns/runs_set.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder_new(void)
{
    GError *error = NULL;
    char *path = g_dir_make_tmp("kith-runs-XXXXXX", &error);
    g_assert_no_error(error);
    return path;
}

static void folder_remove(char *path)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    for (const char *name; listing && (name = g_dir_read_name(listing));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
    g_rmdir(path);
    g_free(path);
}

static Runs *set_open(const char *folder, uint32_t head_entries)
{
    GError *error = NULL;
    RunsOptions options = {.folder = folder, .name = "person", .head_entries = head_entries};
    Runs *runs = runs_open(&options, &error);
    g_assert_no_error(error);
    return runs;
}

static void set_flush(Runs *runs)
{
    GError *error = NULL;
    runs_flush(runs, &error);
    g_assert_no_error(error);
}

/* The plain model: key -> rising list of values, with the same tombs and bound applied. */
static GHashTable *model_new(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                 (GDestroyNotify)g_array_unref);
}

static void model_add(GHashTable *model, uint64_t key, uint64_t value)
{
    GArray *values = g_hash_table_lookup(model, &key);
    if (!values) {
        values = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        g_hash_table_insert(model, g_memdup2(&key, sizeof key), values);
    }
    g_array_append_val(values, value);
}

static void compare_key(const RunsView *view, GHashTable *model, uint64_t key, uint64_t value_min)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    runs_find(view, key, found);
    const GArray *want = g_hash_table_lookup(model, &key);
    guint at = 0;
    for (guint i = 0; want && i < want->len; i++) {
        uint64_t value = g_array_index(want, uint64_t, i);
        if (value < value_min) continue;
        g_assert_cmpuint(at, <, found->len);
        g_assert_cmpuint(g_array_index(found, uint64_t, at), ==, value);
        at++;
    }
    g_assert_cmpuint(at, ==, found->len);
    bool hit;
    runs_hits(view, &key, 1, &hit);
    if (at > 0) g_assert_true(hit);
}

enum { KEYS = 700 };

static uint64_t key_at(int index)
{
    /* Ids share their leading bits, hashes do not, and the ends of the range are special. */
    static const uint64_t ends[] = {0, 1, UINT64_MAX, UINT64_MAX - 1, INT64_MAX};
    if (index < (int)G_N_ELEMENTS(ends)) return ends[index];
    return index % 2 ? UINT64_C(0x0123400000000000) + (uint64_t)index : run_mix((uint64_t)index);
}

static void compare_all(Runs *runs, GHashTable *model, uint64_t value_min)
{
    g_autoptr(RunsView) view = runs_view(runs);
    for (int i = 0; i < KEYS; i++)
        compare_key(view, model, key_at(i), value_min);
}

typedef struct Random {
    Runs *runs;
    GHashTable *model;
    uint64_t last, value_min;
    uint64_t merges; /* of earlier openings */
    char *folder;
} Random;

static void count_merges(Random *random)
{
    RunsStats stats;
    runs_stats(random->runs, &stats);
    random->merges += stats.merges;
    g_assert_cmpuint(stats.failures, ==, 0);
}

static void random_step(Random *random)
{
    int what = g_test_rand_int_range(0, 4000);
    uint64_t key = key_at(g_test_rand_int_range(0, KEYS));
    if (what > 20) {
        random->last += (uint64_t)g_test_rand_int_range(1, 4);
        runs_add(random->runs, key, random->last);
        model_add(random->model, key, random->last);
    } else if (what > 12) {
        GError *error = NULL;
        runs_remove(random->runs, key, &error);
        g_assert_no_error(error);
        g_hash_table_remove(random->model, &key);
    } else if (what > 10) {
        runs_purge(random->runs);
    } else if (what > 8) {
        random->value_min = MAX(random->value_min, random->last / 4);
        runs_expire(random->runs, random->value_min);
    } else if (what > 5) {
        runs_seal(random->runs);
    } else if (what > 3) {
        set_flush(random->runs);
    } else {
        count_merges(random);
        runs_free(random->runs);
        random->runs = set_open(random->folder, 900);
        g_assert_cmpuint(runs_through(random->runs), ==, random->last);
    }
}

static void agrees_with_a_plain_model(void)
{
    Random random = {.folder = folder_new(), .model = model_new()};
    random.runs = set_open(random.folder, 900);
    for (int i = 0; i < 60000; i++) {
        random_step(&random);
        if (i % 5000 == 0) compare_all(random.runs, random.model, random.value_min);
    }
    set_flush(random.runs);
    compare_all(random.runs, random.model, random.value_min);
    count_merges(&random);
    g_assert_cmpuint(random.merges, >, 0);
    runs_free(random.runs);
    g_hash_table_unref(random.model);
    folder_remove(random.folder);
}

static void sorts_any_order(void)
{
    for (int round = 0; round < 20; round++) {
        size_t count = (size_t)g_test_rand_int_range(0, 3000);
        g_autofree RunPair *pairs = g_new0(RunPair, count + 1);
        g_autofree RunPair *spare = g_new0(RunPair, count + 1);
        for (size_t i = 0; i < count; i++)
            pairs[i] = (RunPair){run_mix((uint64_t)g_test_rand_int_range(0, 99)),
                                 run_mix((uint64_t)g_test_rand_int())};
        run_sort(pairs, spare, count);
        for (size_t i = 1; i < count; i++)
            g_assert_true(
                pairs[i - 1].key < pairs[i].key ||
                (pairs[i - 1].key == pairs[i].key && pairs[i - 1].value <= pairs[i].value));
    }
}

/* Three files of 100 entries each with gaps so that they are not merged. */
static char *three_files(void)
{
    char *folder = folder_new();
    Runs *runs = set_open(folder, 1000);
    for (uint64_t i = 1; i <= 300; i++) {
        runs_add(runs, i % 7, i);
        if (i % 100 == 0) set_flush(runs);
    }
    runs_free(runs);
    return folder;
}

static void heals(const char *folder)
{
    g_autoptr(Runs) runs = set_open(folder, 1000);
    uint64_t through = runs_through(runs);
    g_assert_cmpuint(through % 100, ==, 0);
    for (uint64_t i = through + 1; i <= 300; i++)
        runs_add(runs, i % 7, i);
    g_autoptr(RunsView) view = runs_view(runs);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (uint64_t key = 0; key < 7; key++)
        runs_find(view, key, found);
    g_assert_cmpuint(found->len, ==, 300);
}

typedef struct FileCopy {
    char *path, *data;
    gsize size;
} FileCopy;

static void file_copy_clear(gpointer data)
{
    FileCopy *copy = data;
    g_free(copy->path);
    g_free(copy->data);
}

static GArray *files_read(const char *folder)
{
    GArray *copies = g_array_new(FALSE, TRUE, sizeof(FileCopy));
    g_array_set_clear_func(copies, file_copy_clear);
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(listing));) {
        FileCopy copy = {.path = g_build_filename(folder, name, NULL)};
        g_assert_true(g_file_get_contents(copy.path, &copy.data, &copy.size, NULL));
        g_array_append_val(copies, copy);
    }
    return copies;
}

static void files_restore(const char *folder, GArray *copies)
{
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(listing));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
    }
    for (guint i = 0; i < copies->len; i++) {
        FileCopy *copy = &g_array_index(copies, FileCopy, i);
        g_assert_true(g_file_set_contents(copy->path, copy->data, (gssize)copy->size, NULL));
    }
}

static void every_flipped_bit_is_found(void)
{
    char *folder = three_files();
    g_autoptr(GArray) copies = files_read(folder);
    g_assert_cmpuint(copies->len, ==, 4);
    for (guint i = 0; i < copies->len; i++) {
        FileCopy *copy = &g_array_index(copies, FileCopy, i);
        for (int round = 0; round < 150; round++) {
            files_restore(folder, copies);
            gsize at = round < 100 ? (gsize)round * copy->size / 100
                                   : (gsize)g_test_rand_int_range(0, (gint32)copy->size);
            char flip = (char)(1 << g_test_rand_int_range(0, 8));
            copy->data[at] ^= flip;
            g_assert_true(g_file_set_contents(copy->path, copy->data, (gssize)copy->size, NULL));
            RunsStats stats;
            Runs *runs = set_open(folder, 1000);
            runs_stats(runs, &stats);
            g_assert_cmpuint(stats.damaged, >, 0);
            g_assert_cmpuint(runs_through(runs), <, 300);
            runs_free(runs);
            heals(folder);
            copy->data[at] ^= flip;
        }
    }
    folder_remove(folder);
}

static void a_cut_or_missing_file_is_found(void)
{
    char *folder = three_files();
    g_autoptr(GArray) copies = files_read(folder);
    for (guint i = 0; i < copies->len; i++) {
        FileCopy *copy = &g_array_index(copies, FileCopy, i);
        for (int cut = 0; cut < 20; cut++) {
            files_restore(folder, copies);
            if (cut == 0)
                g_unlink(copy->path);
            else
                g_assert_true(g_file_set_contents(copy->path, copy->data,
                                                  (gssize)(copy->size * (gsize)cut / 20), NULL));
            heals(folder);
        }
    }
    folder_remove(folder);
}

static bool folder_has_value(const char *folder, uint64_t value)
{
    g_autoptr(GArray) copies = files_read(folder);
    bool found = false;
    for (guint i = 0; i < copies->len; i++) {
        FileCopy *copy = &g_array_index(copies, FileCopy, i);
        found = found || memmem(copy->data, copy->size, &value, sizeof value) != NULL;
    }
    return found;
}

static void a_removed_key_leaves_the_files(void)
{
    enum { CANARY_KEY = 4242 };
    const uint64_t canary = UINT64_C(0x0badc0ffee0ddf00);
    char *folder = folder_new();
    Runs *runs = set_open(folder, 1000);
    for (uint64_t i = 1; i < 2500; i++)
        runs_add(runs, i % 50, i);
    runs_add(runs, CANARY_KEY, canary);
    set_flush(runs);
    g_assert_true(folder_has_value(folder, canary));
    runs_add(runs, CANARY_KEY, canary + 1);
    runs_add(runs, 1, canary + 0x10); /* how far a file reaches is written down, and may stay */
    g_assert_true(runs_remove(runs, CANARY_KEY, NULL));
    runs_free(runs); /* the tomb outlives a restart */
    runs = set_open(folder, 1000);
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    g_autoptr(RunsView) view = runs_view(runs);
    g_assert_cmpuint(runs_find(view, CANARY_KEY, found), ==, 0);
    runs_add(runs, CANARY_KEY, canary + 0x20); /* the key may be born again */
    runs_purge(runs);
    set_flush(runs);
    g_assert_false(folder_has_value(folder, canary));
    g_assert_false(folder_has_value(folder, canary + 1));
    g_autoptr(RunsView) later = runs_view(runs);
    g_assert_cmpuint(runs_find(later, CANARY_KEY, found), ==, 1);
    runs_free(runs);
    folder_remove(folder);
}

typedef struct Reading {
    Runs *runs;
    gint stop;
    uint64_t reads;
} Reading;

static gpointer reads_on(gpointer data)
{
    Reading *reading = data;
    while (!g_atomic_int_get(&reading->stop)) {
        g_autoptr(RunsView) view = runs_view(reading->runs);
        g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(uint64_t));
        runs_find(view, 3, found);
        /* Key 3 holds 3, 13, 23, … without gaps, as far as this view goes. */
        for (guint i = 0; i < found->len; i++)
            g_assert_cmpuint(g_array_index(found, uint64_t, i), ==, 3 + 10 * (uint64_t)i);
        reading->reads++;
    }
    return NULL;
}

static void readers_see_no_gaps_while_the_writer_writes(void)
{
    char *folder = folder_new();
    Reading reading = {.runs = set_open(folder, 2000)};
    GThread *threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = g_thread_new("reader", reads_on, &reading);
    for (uint64_t value = 0; value < 60000; value++)
        runs_add(reading.runs, value % 10, value);
    set_flush(reading.runs);
    g_atomic_int_set(&reading.stop, 1);
    for (int i = 0; i < 2; i++)
        g_thread_join(threads[i]);
    g_assert_cmpuint(reading.reads, >, 0);
    runs_free(reading.runs);
    folder_remove(folder);
}

static void counts_and_failures_are_told(void)
{
    char *folder = folder_new();
    Runs *runs = set_open(folder, 100);
    g_assert_cmpuint(runs_through(runs), ==, 0);
    runs_cover(runs, 77);
    set_flush(runs);
    g_assert_cmpuint(runs_through(runs), ==, 77);
    runs_add(runs, 1, 80);
    g_autofree char *away = g_strconcat(folder, "-away", NULL);
    g_assert_cmpint(g_rename(folder, away), ==, 0);
    GError *error = NULL;
    g_assert_false(runs_flush(runs, &error));
    g_assert_nonnull(strstr(error->message, "could not"));
    g_clear_error(&error);
    g_assert_cmpint(g_rename(away, folder), ==, 0);
    while (!runs_flush(runs, NULL))
        continue;
    g_assert_cmpuint(runs_through(runs), ==, 80);
    runs_free(runs);
    folder_remove(folder);
}

static void bench(void)
{
    if (!g_test_perf()) return;
    enum { ENTRIES = 20 * 1000 * 1000, BATCH = 100 };
    char *folder = folder_new();
    Runs *runs = set_open(folder, 0);
    static uint64_t keys[BATCH];
    static bool hits[BATCH];
    g_test_timer_start();
    for (uint64_t i = 0; i < ENTRIES; i += BATCH) {
        g_autoptr(RunsView) view = runs_view(runs);
        for (uint64_t k = 0; k < BATCH; k++)
            keys[k] = run_mix(i + k);
        runs_hits(view, keys, BATCH, hits);
        for (uint64_t k = 0; k < BATCH; k++)
            runs_add(runs, keys[k], i + k);
    }
    double seconds = g_test_timer_elapsed();
    g_test_message("look up and add: %.1f ns an entry", seconds * 1e9 / ENTRIES);
    set_flush(runs);
    g_test_message("with sealing and merging: %.1f s", g_test_timer_elapsed());
    runs_free(runs);
    g_test_timer_start();
    runs = set_open(folder, 0);
    g_test_message("open: %.3f s", g_test_timer_elapsed());
    runs_free(runs);
    folder_remove(folder);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/runs/sorts", sorts_any_order);
    g_test_add_func("/runs/model", agrees_with_a_plain_model);
    g_test_add_func("/runs/flips", every_flipped_bit_is_found);
    g_test_add_func("/runs/cuts", a_cut_or_missing_file_is_found);
    g_test_add_func("/runs/removed", a_removed_key_leaves_the_files);
    g_test_add_func("/runs/readers", readers_see_no_gaps_while_the_writer_writes);
    g_test_add_func("/runs/failures", counts_and_failures_are_told);
    g_test_add_func("/runs/bench", bench);
    return g_test_run();
}
