#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "net/reason.h"
#include "timeline/import_consent.h"
#include "timeline/import_private.h"
#include "timeline/import_sql.h"

enum { PREVIEW_ROWS = 200, PREVIEW_ORDERS = 8, LIST_ROWS = 200 };

static json_t *id_json(int64_t id)
{
    char text[ID_TEXT_SIZE];
    id_format(id, text);
    return json_string(text);
}

static json_t *optional_json(DbInt value)
{
    return value.set ? json_integer(value.value) : json_null();
}

/* ---- preview ------------------------------------------------------------------------------ */

/* Null when there is nothing, as in a row that could not be taken apart. */
static json_t *slice_json(Slice text)
{
    return text.size ? json_stringn(text.data, text.size) : json_null();
}

/* A sentence under `name`, and its reason beside it. */
static void sentence_set(json_t *json, const char *name, const char *sentence)
{
    g_autofree char *valid = sentence ? g_utf8_make_valid(sentence, -1) : NULL;
    json_object_set_new(json, name, valid ? json_string(valid) : json_null());
    json_object_set_new(json, "reason", reason_json(valid));
}

static json_t *money_json(int64_t minor, const char *currency)
{
    return json_pack("{s:I, s:s}", "minor", (json_int_t)minor, "currency", currency);
}

static json_t *person_json(const ImportRow *row)
{
    static const ImportFieldId names[] = {COLUMN_NAME, COLUMN_EMAIL, COLUMN_CUSTOMER, COLUMN_PHONE};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (row->text[names[i]].size) return slice_json(row->text[names[i]]);
    return json_null();
}

static json_t *row_json(const ImportRow *row, const char *problem)
{
    json_t *json =
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:i}", "line", (json_int_t)row->line, "order_key",
                  slice_json(row->text[COLUMN_ORDER]), "at", optional_json(row->at), "person",
                  person_json(row), "total", json_null(), "lines", 0);
    sentence_set(json, "problem", problem);
    return json;
}

/* What a row that is no order says about permission, under "says". */
static json_t *saying_json(const ImportPlan *plan, const ImportRow *row, const char *problem)
{
    const char *says = import_word_name(import_saying_word(plan, row));
    json_t *json = row_json(row, problem);
    json_object_set_new(json, "says", says ? json_string(says) : json_null());
    return json;
}

static json_t *item_json(const ImportItem *item)
{
    int64_t sum = 0;
    for (guint i = 0; i < item->lines->len; i++)
        sum += g_array_index(item->lines, OrderLine, i).value;
    for (guint i = 0; i < item->refund_lines->len; i++)
        sum -= ABS(g_array_index(item->refund_lines, OrderLine, i).value);
    if (item->row.total.set) sum = item->row.total.value;
    json_t *json = row_json(&item->row, NULL);
    json_object_set_new(json, "total", money_json(sum, item->row.currency));
    json_object_set_new(json, "lines", json_integer(item->lines->len + item->refund_lines->len));
    return json;
}

static void preview_orders(ImportGroup *group, json_t *list)
{
    for (ImportItem *item; (item = import_group_take(group));) {
        if (json_array_size(list) < PREVIEW_ORDERS) json_array_append_new(list, item_json(item));
        import_item_release(group, item);
    }
}

/* What the rows of a preview share. */
typedef struct Preview {
    const ImportPlan *plan;
    const CsvReader *csv;
    ImportGroup *group;
    ImportRowCache cache;
    json_t *list;
} Preview;

static void preview_row(Preview *preview)
{
    ImportRow row;
    ImportItem *done = NULL;
    g_autoptr(GError) problem = NULL;
    const ImportPlan *plan = preview->plan;
    ImportGroup *group = preview->group;
    json_t *list = preview->list;
    bool good = import_row_read(plan, preview->csv, &preview->cache, &row, &problem);
    if (good && row.skip) return;
    if (good && plan->kind == IMPORT_ORDERS) {
        good = import_group_add(group, &row, &done, &problem);
        if (done) import_item_release(group, done);
        if (good) return;
    }
    if (json_array_size(list) < PREVIEW_ORDERS)
        json_array_append_new(list, saying_json(plan, &row, problem ? problem->message : NULL));
}

json_t *import_preview(const ImportPlan *plan, const char *path)
{
    json_t *list = json_array();
    g_autoptr(CsvReader) csv = csv_open(path, &plan->csv, LIMIT_CSV_RECORD_BYTES, NULL);
    g_autoptr(ImportGroup) group = import_group_new();
    bool header = plan->csv.header;
    Preview preview = {.plan = plan, .csv = csv, .group = group, .list = list};
    for (int i = 0; csv && i < PREVIEW_ROWS && csv_next(csv, NULL); i++) {
        if (!header) preview_row(&preview);
        header = false;
    }
    import_row_cache_clear(&preview.cache);
    preview_orders(group, list);
    return list;
}

/* ---- one import --------------------------------------------------------------------------- */

static json_t *fields_json(ImportKind kind)
{
    json_t *list = json_array();
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++) {
        const ImportField *field = import_field((ImportFieldId)i);
        if (!import_field_used(kind, (ImportFieldId)i)) continue;
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s}", "name", field->name, "label",
                                              field->label, "required",
                                              import_field_required(kind, (ImportFieldId)i), "doc",
                                              field->doc));
    }
    return list;
}

static void counts_set(json_t *json, const ImportCounts *counts)
{
    json_t *numbers = import_counts_json(counts);
    json_object_del(numbers, "rejected_bytes");
    json_object_update(json, numbers);
    json_decref(numbers);
}

static void progress_set(json_t *json, const ImportProgress *progress)
{
    ImportCounts counts = {.rows = progress->rows,
                           .orders = progress->orders,
                           .refunds = progress->refunds,
                           .customers = progress->customers,
                           .items = progress->items,
                           .unchanged = progress->unchanged,
                           .updated = progress->updated,
                           .no_value = progress->no_value,
                           .nobody = progress->nobody,
                           .rejected = progress->rejected};
    counts_set(json, &counts);
    json_object_set_new(json, "bytes_done", json_integer(progress->bytes_done));
    json_object_set_new(json, "rate", json_integer(progress->rate));
    json_object_set_new(json, "seconds_left",
                        progress->seconds_left < 0 ? json_null()
                                                   : json_integer(progress->seconds_left));
}

/* Progress of the import that runs now; false when it is not this one. */
static bool running_progress(Imports *imports, int64_t import_id, ImportProgress *ret_progress)
{
    g_mutex_lock(&imports->lock);
    bool runs = imports->run && imports->run->import_id == import_id;
    if (runs) *ret_progress = imports->progress;
    g_mutex_unlock(&imports->lock);
    return runs;
}

static json_t *head_json(int64_t import_id, const char *name, const char *kind, const char *format,
                         const char *state)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "id", id_json(import_id), "name", name, "kind",
                     kind, "format", format, "state", state);
}

static void plan_set(Imports *imports, json_t *json, const ImportRecord *record)
{
    g_autoptr(GError) problem = NULL;
    g_autoptr(ImportPlan) plan = import_record_plan(imports, record, &problem);
    bool gone = !g_file_test(record->file_path, G_FILE_TEST_EXISTS);
    if (!plan && !gone) { /* the file cannot be read as it is said to be: show it as it is */
        ImportOptions options = IMPORT_OPTIONS_NONE;
        options.kind = record->kind == IMPORT_AUTO ? IMPORT_ORDERS : record->kind;
        plan = import_plan_new(record->file_path, &options, NULL);
    }
    json_object_set_new(json, "columns", plan ? import_plan_columns(plan) : json_array());
    json_object_set_new(json, "fields", fields_json(plan ? plan->kind : record->kind));
    json_object_set_new(json, "mapping",
                        plan ? import_plan_mapping(plan) : json_incref(record->mapping));
    json_object_set_new(json, "assumed",
                        plan ? import_plan_assumed(plan) : json_incref(record->assumed));
    json_object_set_new(json, "preview",
                        plan ? import_preview(plan, record->file_path) : json_array());
}

json_t *imports_json(Imports *imports, int64_t import_id, GError **error)
{
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, error)) return NULL;
    json_t *json = head_json(import_id, record.file_name, import_kind_name(record.kind),
                             import_format_name(record.format), record.state);
    ImportCounts counts = import_counts_load(record.counts);
    bool done = strcmp(record.state, "done") == 0;
    counts_set(json, &counts);
    json_object_set_new(json, "bytes_total", json_integer(record.file_bytes));
    json_object_set_new(json, "bytes_done",
                        json_integer(done ? record.file_bytes : record.position));
    json_object_set_new(json, "rate", json_integer(0));
    json_object_set_new(json, "seconds_left", json_null());
    sentence_set(json, "error", record.error);
    json_object_set_new(json, "created_at", json_integer(record.created_at));
    json_object_set_new(json, "started_at", optional_json(record.started_at));
    json_object_set_new(json, "ended_at", optional_json(record.ended_at));
    ImportProgress progress;
    if (running_progress(imports, import_id, &progress)) progress_set(json, &progress);
    plan_set(imports, json, &record);
    return json;
}

/* ---- the list ----------------------------------------------------------------------------- */

static json_t *list_row_json(Imports *imports, const ImportListRow *row)
{
    json_t *json = head_json(row->import_id, row->file_name, row->kind, row->format, row->state);
    ImportCounts counts = import_counts_load(row->counts);
    counts_set(json, &counts);
    json_object_set_new(json, "bytes_total", json_integer(row->file_bytes));
    sentence_set(json, "error", row->error);
    json_object_set_new(json, "created_at", json_integer(row->created_at));
    json_object_set_new(json, "started_at", optional_json(row->started_at));
    json_object_set_new(json, "ended_at", optional_json(row->ended_at));
    ImportProgress progress;
    if (running_progress(imports, row->import_id, &progress)) progress_set(json, &progress);
    return json;
}

json_t *imports_list_json(Imports *imports, GError **error)
{
    Db *db = store_reader_begin(imports->parts.store, error);
    if (!db) return NULL;
    json_t *list = json_array();
    g_auto(DbCursor) cursor = {0};
    ImportListRow row;
    bool good = sql_import_list_open(db, &(ImportListParams){.rows = LIST_ROWS}, &cursor, error);
    while (good && sql_import_list_next(&cursor, &row))
        json_array_append_new(list, list_row_json(imports, &row));
    good = good && db_cursor_finish(&cursor, error);
    store_reader_end(imports->parts.store, db);
    if (good) return list;
    json_decref(list);
    return NULL;
}
