#include "timeline/import_run.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "people/consent.h"
#include "timeline/import_sql.h"

enum { LOOK_EVERY_ROWS = 256, SHOW_EVERY_ROWS = 4096, SHOW_EVERY_US = 250000 };

/* Some items and the place that is reached once they are stored. */
typedef struct Batch {
    ImportRun *run;
    GPtrArray *items; /* of ImportItem */
    size_t rows;
    int64_t position, line;
    ImportCounts read; /* what the reader had counted when the batch was closed */
} Batch;

static const struct {
    const char *name;
    size_t offset;
} count_names[] = {
    {"rows", offsetof(ImportCounts, rows)},
    {"orders", offsetof(ImportCounts, orders)},
    {"refunds", offsetof(ImportCounts, refunds)},
    {"customers", offsetof(ImportCounts, customers)},
    {"items", offsetof(ImportCounts, items)},
    {"unchanged", offsetof(ImportCounts, unchanged)},
    {"updated", offsetof(ImportCounts, updated)},
    {"no_value", offsetof(ImportCounts, no_value)},
    {"nobody", offsetof(ImportCounts, nobody)},
    {"rejected", offsetof(ImportCounts, rejected)},
    {"rejected_bytes", offsetof(ImportCounts, rejected_bytes)},
};

static int64_t *count_at(ImportCounts *counts, size_t i)
{
    return (int64_t *)(void *)((char *)counts + count_names[i].offset);
}

json_t *import_counts_json(const ImportCounts *counts)
{
    json_t *json = json_object();
    ImportCounts copy = *counts;
    for (size_t i = 0; i < G_N_ELEMENTS(count_names); i++)
        json_object_set_new(json, count_names[i].name, json_integer(*count_at(&copy, i)));
    return json;
}

ImportCounts import_counts_load(const char *text)
{
    ImportCounts counts = {0};
    json_t *json = json_loads(text, 0, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(count_names); i++)
        *count_at(&counts, i) = json_integer_value(json_object_get(json, count_names[i].name));
    json_decref(json);
    return counts;
}

/* ---- the writer's side -------------------------------------------------------------------- */

/* What the reader counts replaces; what the writer counts adds up. */
static ImportCounts counts_total(const ImportRun *run, const Batch *batch)
{
    ImportCounts total = run->written;
    total.rows = batch->read.rows;
    total.nobody = batch->read.nobody;
    total.rejected = batch->read.rejected;
    total.rejected_bytes = batch->read.rejected_bytes;
    return total;
}

/* A row that was read but not taken: its number is too long, its sum over the range. */
typedef struct Refused {
    int64_t line;
    char *reason;
} Refused;

static void refused_free(void *data)
{
    Refused *refused = data;
    g_free(refused->reason);
    g_free(refused);
}

/* The row's own fault is noted and the import goes on; anything else ends it. */
static bool item_refuse(ImportRun *run, const ImportItem *item, GError *problem, GError **error)
{
    KithError code = error_code(problem);
    if (code != KITH_ERROR_INVALID && code != KITH_ERROR_LIMIT)
        return g_propagate_error(error, problem), false;
    Refused *refused = g_new0(Refused, 1);
    refused->line = item->row.line;
    refused->reason = g_strdup(problem->message);
    g_error_free(problem);
    g_mutex_lock(&run->lock);
    g_ptr_array_add(run->refused, refused);
    g_mutex_unlock(&run->lock);
    return true;
}

static bool batch_write(Db *db, Batch *batch, GError **error)
{
    ImportRun *run = batch->run;
    People *people = run->parts->people;
    people_denials_hold(people); /* one fsync for all denials of a batch */
    for (guint i = 0; i < batch->items->len; i++) {
        const ImportItem *item = batch->items->pdata[i];
        GError *problem = NULL;
        if (import_item_write(run, db, item, &run->written, &problem)) continue;
        if (!item_refuse(run, item, problem, error)) return false;
    }
    if (!people_denials_flush(people, error)) return false;
    ImportCounts total = counts_total(run, batch);
    json_t *json = import_counts_json(&total);
    char *text = json_dumps(json, JSON_COMPACT);
    ImportProgressParams params = {.import_id = run->import_id,
                                   .position = batch->position,
                                   .line = batch->line,
                                   .counts = text};
    bool good = sql_import_progress(db, &params, NULL, error);
    free(text);
    json_decref(json);
    return good;
}

static bool batch_run(Db *db, void *data, GError **error)
{
    Batch *batch = data;
    if (batch->run->failed)
        return fail(error, KITH_ERROR_UNAVAILABLE, "an earlier part of the file was not stored");
    if (batch_write(db, batch, error)) return true;
    batch->run->failed = true;
    return false;
}

static void batch_free(Batch *batch)
{
    for (guint i = 0; i < batch->items->len; i++)
        import_item_release(batch->run->group, batch->items->pdata[i]);
    g_ptr_array_unref(batch->items);
    g_free(batch);
}

static void batch_done(void *data, const GError *error)
{
    Batch *batch = data;
    ImportRun *run = batch->run;
    if (error) run->failed = true;
    if (!error) orders_changed(run->parts->orders);
    ImportCounts total = counts_total(run, batch);
    g_mutex_lock(&run->lock);
    if (error && !run->failure) run->failure = g_error_copy(error);
    if (!error) run->committed = total;
    batch_free(batch);
    run->in_flight--;
    g_cond_signal(&run->changed);
    g_mutex_unlock(&run->lock);
}

/* ---- the reader's side -------------------------------------------------------------------- */

static Batch *batch_new(ImportRun *run)
{
    Batch *batch = g_new0(Batch, 1);
    batch->run = run;
    batch->items = g_ptr_array_new();
    return batch;
}

static bool failure_take(ImportRun *run, GError **error)
{
    g_mutex_lock(&run->lock);
    GError *failure = run->failure ? g_error_copy(run->failure) : NULL;
    g_mutex_unlock(&run->lock);
    if (failure) g_propagate_error(error, failure);
    return failure == NULL;
}

/* Waits until at most `left` batches are on their way. */
static void batches_wait(ImportRun *run, int left)
{
    g_mutex_lock(&run->lock);
    while (run->in_flight > left)
        g_cond_wait(&run->changed, &run->lock);
    g_mutex_unlock(&run->lock);
}

static bool batch_submit(ImportRun *run, Batch **in_out, GError **error)
{
    Batch *batch = *in_out;
    batch->position = csv_offset_next(run->csv);
    batch->line = csv_line_next(run->csv);
    import_group_oldest(run->group, &batch->position, &batch->line);
    if (run->rejected) fflush(run->rejected);
    batch->read = run->read;
    batches_wait(run, IMPORT_BATCHES_MAX - 1);
    g_mutex_lock(&run->lock);
    run->in_flight++;
    g_mutex_unlock(&run->lock);
    *in_out = batch_new(run);
    writer_submit(store_writer(run->parts->store), WRITER_REST, batch_run, batch_done, batch);
    return failure_take(run, error);
}

static bool item_take(ImportRun *run, Batch **in_out, ImportItem *item, GError **error)
{
    g_ptr_array_add((*in_out)->items, item);
    (*in_out)->rows += 1 + item->lines->len + item->refund_lines->len;
    return (*in_out)->rows < IMPORT_BATCH_ROWS || batch_submit(run, in_out, error);
}

/* ---- rejected rows ------------------------------------------------------------------------ */

static bool rejected_open(ImportRun *run, GError **error)
{
    if (run->rejected) return true;
    run->rejected = fopen(run->rejected_path, run->read.rejected_bytes ? "r+be" : "wbe");
    bool good = run->rejected != NULL;
    /* What was written behind the stored place is written again. */
    good = good && ftruncate(fileno(run->rejected), run->read.rejected_bytes) == 0 &&
           fseek(run->rejected, 0, SEEK_END) == 0;
    return good || fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", run->rejected_path,
                        g_strerror(errno));
}

static void rejected_header(ImportRun *run, Buffer *out)
{
    char delimiter = run->plan->csv.delimiter;
    buffer_append_text(out, "line");
    buffer_append_char(out, delimiter);
    buffer_append_text(out, "reason");
    for (size_t i = 0; i < run->plan->column_count; i++) {
        buffer_append_char(out, delimiter);
        csv_append_field(out, slice_of(run->plan->headers[i]), delimiter, true);
    }
    buffer_append_text(out, "\r\n");
}

/* Line, reason and the row as it was (when the reader is still on it), such that a spreadsheet
 * runs nothing of it. */
static bool row_reject(ImportRun *run, int64_t line, const char *reason, GError **error)
{
    if (!rejected_open(run, error)) return false;
    g_auto(Buffer) out = BUFFER_INIT(4 * LIMIT_CSV_RECORD_BYTES);
    char delimiter = run->plan->csv.delimiter;
    if (run->read.rejected_bytes == 0) rejected_header(run, &out);
    buffer_append_int(&out, line);
    buffer_append_char(&out, delimiter);
    csv_append_field(&out, slice_of(reason), delimiter, true);
    size_t count = line == csv_line(run->csv) ? csv_field_count(run->csv) : 0;
    for (size_t i = 0; i < count; i++) {
        buffer_append_char(&out, delimiter);
        csv_append_field(&out, csv_field(run->csv, i), delimiter, true);
    }
    buffer_append_text(&out, "\r\n");
    if (fwrite(buffer_text(&out), 1, out.size, run->rejected) != out.size)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", run->rejected_path,
                    g_strerror(errno));
    run->read.rejected++;
    run->read.rejected_bytes += (int64_t)out.size;
    return true;
}

/* Writes down what the writer's side refused since. */
static bool refused_reject(ImportRun *run, GError **error)
{
    g_mutex_lock(&run->lock);
    g_autoptr(GPtrArray) refused = run->refused;
    run->refused = g_ptr_array_new_with_free_func(refused_free);
    g_mutex_unlock(&run->lock);
    for (guint i = 0; i < refused->len; i++) {
        const Refused *row = refused->pdata[i];
        if (!row_reject(run, row->line, row->reason, error)) return false;
    }
    return true;
}

/* ---- progress ----------------------------------------------------------------------------- */

static void progress_fill(ImportRun *run, ImportProgress *progress)
{
    g_mutex_lock(&run->lock);
    ImportCounts counts = run->committed;
    g_mutex_unlock(&run->lock);
    int64_t passed_us = MAX(clock_monotonic_us() - run->started_us, 1);
    int64_t bytes = csv_bytes_read(run->csv), total = csv_bytes_total(run->csv);
    int64_t here = bytes - run->started_bytes;
    *progress = (ImportProgress){
        .bytes_total = total,
        .bytes_done = bytes,
        .rows = run->read.rows,
        .orders = counts.orders,
        .refunds = counts.refunds,
        .customers = counts.customers,
        .items = counts.items,
        .unchanged = counts.unchanged,
        .updated = counts.updated,
        .no_value = counts.no_value,
        .nobody = run->read.nobody,
        .rejected = run->read.rejected,
        .rate = (run->read.rows - run->started_rows) * 1000000 / passed_us,
        .seconds_left = here > 0 ? (total - bytes) * (passed_us / 1000) / here / 1000 : -1,
    };
}

/* False when somebody asked to stop. */
static bool progress_show(ImportRun *run, bool now)
{
    int64_t us = clock_monotonic_us();
    if (!now && us - run->shown_us < SHOW_EVERY_US) return !g_atomic_int_get(&run->stop);
    run->shown_us = us;
    ImportProgress progress;
    progress_fill(run, &progress);
    if (run->progress) {
        g_mutex_lock(run->progress_lock);
        *run->progress = progress;
        g_mutex_unlock(run->progress_lock);
    }
    bool go_on = !run->show || run->show(run->show_context, &progress);
    return go_on && !g_atomic_int_get(&run->stop);
}

/* ---- the loop ----------------------------------------------------------------------------- */

/* Turns one record into an item or adds it to one. A bad record is rejected. */
static bool record_take(ImportRun *run, ImportRowCache *cache, Batch **in_out, GError **error)
{
    ImportRow row;
    ImportItem *item = NULL;
    g_autoptr(GError) reason = NULL;
    run->read.rows++;
    bool good = import_row_read(run->plan, run->csv, cache, &row, &reason);
    if (good && row.skip) return true;
    if (good && run->plan->kind == IMPORT_ORDERS)
        good = import_group_add(run->group, &row, &item, &reason);
    else if (good)
        good = (item = import_group_single(run->group, &row, &reason)) != NULL;
    if (!good) return row_reject(run, row.line, reason->message, error);
    bool named = row.text[COLUMN_CUSTOMER].size || row.text[COLUMN_EMAIL].size ||
                 row.text[COLUMN_PHONE].size;
    run->read.nobody += run->plan->kind == IMPORT_ORDERS && (row.has_line || row.lines) && !named;
    return !item || item_take(run, in_out, item, error);
}

static bool records_take(ImportRun *run, Batch **in_out, GError **error)
{
    g_auto(ImportRowCache) cache = {0};
    GError *failure = NULL;
    bool header = run->plan->csv.header && run->position == 0;
    for (unsigned i = 0; csv_next(run->csv, &failure); i++) {
        if (header) {
            header = false;
            continue;
        }
        if (!record_take(run, &cache, in_out, error)) return false;
        if (i % LOOK_EVERY_ROWS != 0) continue;
        if (!refused_reject(run, error)) return false;
        if (!progress_show(run, i % SHOW_EVERY_ROWS == 0))
            return fail(error, KITH_ERROR_CONFLICT, "the import was stopped; start it to go on");
    }
    if (failure) return g_propagate_error(error, failure), false;
    for (ImportItem *item; (item = import_group_take(run->group));)
        if (!item_take(run, in_out, item, error)) return false;
    if (!batch_submit(run, in_out, error)) return false;
    batches_wait(run, 0);
    if (!refused_reject(run, error)) return false;
    return batch_submit(run, in_out, error); /* the last counts */
}

static bool run_begin(ImportRun *run, GError **error)
{
    run->csv = csv_open(run->path, &run->plan->csv, LIMIT_CSV_RECORD_BYTES, error);
    if (!run->csv) return false;
    if (!csv_seek(run->csv, run->position, run->line, error)) return false;
    run->group = import_group_new();
    run->seen = keymap_new(0);
    run->refused = g_ptr_array_new_with_free_func(refused_free);
    run->read = run->written = run->committed = run->counts;
    run->started_us = clock_monotonic_us();
    run->started_bytes = csv_bytes_read(run->csv);
    run->started_rows = run->read.rows;
    g_mutex_init(&run->lock);
    g_cond_init(&run->changed);
    return true;
}

static void run_end(ImportRun *run)
{
    g_clear_pointer(&run->csv, csv_close);
    if (!run->group) return;
    g_clear_pointer(&run->group, import_group_free);
    g_clear_pointer(&run->seen, keymap_free);
    g_clear_error(&run->failure);
    g_clear_pointer(&run->refused, g_ptr_array_unref);
    if (run->rejected) fclose(run->rejected);
    run->rejected = NULL;
    g_mutex_clear(&run->lock);
    g_cond_clear(&run->changed);
}

bool import_run_file(ImportRun *run, GError **error)
{
    bool good = run_begin(run, error);
    if (good) {
        Batch *batch = batch_new(run);
        good = records_take(run, &batch, error);
        batches_wait(run, 0);
        if (good) good = failure_take(run, error);
        batch_free(batch);
        progress_show(run, true);
        run->counts = run->committed;
    }
    run_end(run);
    return good;
}
