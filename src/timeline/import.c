#include "timeline/import.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "timeline/business.h"
#include "timeline/import_private.h"
#include "timeline/import_sql.h"

Imports *imports_new(const ImportParts *parts)
{
    Imports *imports = g_new0(Imports, 1);
    imports->parts = *parts;
    g_mutex_init(&imports->lock);
    return imports;
}

void imports_free(Imports *imports)
{
    if (!imports) return;
    g_mutex_lock(&imports->lock);
    imports->closing = true;
    if (imports->run) g_atomic_int_set(&imports->run->stop, 1);
    GThread *thread = g_steal_pointer(&imports->thread);
    g_mutex_unlock(&imports->lock);
    if (thread) g_thread_join(thread);
    g_mutex_clear(&imports->lock);
    g_free(imports);
}

Store *imports_store(const Imports *imports) { return imports->parts.store; }

/* ---- rows --------------------------------------------------------------------------------- */

void import_record_clear(ImportRecord *record)
{
    g_free(record->file_name);
    g_free(record->file_path);
    g_free(record->error);
    g_free(record->counts);
    g_clear_pointer(&record->mapping, json_decref);
    g_clear_pointer(&record->assumed, json_decref);
}

static void record_fill(ImportRecord *record, const ImportFindRow *row)
{
    record->source_id = row->source_id;
    record->shop_id = row->shop_id;
    import_kind_find(row->kind, &record->kind);
    import_format_find(row->format, &record->format);
    record->file_name = g_strdup(row->file_name);
    record->file_path = g_strdup(row->file_path);
    record->file_bytes = row->file_bytes;
    record->mapping = json_loads(row->mapping, 0, NULL);
    record->assumed = json_loads(row->assumed, 0, NULL);
    g_strlcpy(record->state, row->state, sizeof(record->state));
    record->position = row->position;
    record->line = row->line;
    record->counts = g_strdup(row->counts);
    record->error = g_strdup(row->error);
    record->created_at = row->created_at;
    record->started_at = row->started_at;
    record->ended_at = row->ended_at;
}

bool import_record_load(Imports *imports, int64_t import_id, ImportRecord *ret_record,
                        GError **error)
{
    Db *db = store_reader_begin(imports->parts.store, error);
    if (!db) return false;
    ImportFindRow row;
    bool found = false;
    bool good =
        sql_import_find(db, &(ImportFindParams){.import_id = import_id}, &row, &found, error);
    *ret_record = (ImportRecord){.import_id = import_id};
    if (good && found) record_fill(ret_record, &row);
    store_reader_end(imports->parts.store, db);
    if (good && !found)
        return fail(error, KITH_ERROR_NOT_FOUND, "there is no import %" G_GINT64_FORMAT, import_id);
    return good;
}

/* ---- planning ----------------------------------------------------------------------------- */

static bool business_defaults(Imports *imports, ImportOptions *options, GError **error)
{
    Db *db = store_reader_begin(imports->parts.store, error);
    if (!db) return false;
    Business business;
    bool good = business_load(db, &business, error);
    store_reader_end(imports->parts.store, db);
    if (!good) return false;
    if (!*options->currency) g_strlcpy(options->currency, business.currency, CURRENCY_SIZE);
    if (!*options->zone) g_strlcpy(options->zone, business.zone, sizeof(options->zone));
    return true;
}

/* The mapping kept for a file with this header; NULL when there is none. New reference. */
static json_t *mapping_kept(Imports *imports, const ImportPlan *plan, json_t **ret_assumed)
{
    uint8_t hash[16];
    import_plan_header_hash(plan, hash);
    Db *db = store_reader_begin(imports->parts.store, NULL);
    if (!db) return NULL;
    ImportMappingFindParams params = {.header_hash = {hash, sizeof(hash)}};
    ImportMappingFindRow row;
    bool found = false;
    json_t *mapping = NULL;
    if (sql_import_mapping_find(db, &params, &row, &found, NULL) && found) {
        mapping = json_loads(row.mapping, 0, NULL);
        *ret_assumed = json_loads(row.assumed, 0, NULL);
    }
    store_reader_end(imports->parts.store, db);
    return mapping;
}

static ImportPlan *plan_by_kept(Imports *imports, const char *path, const ImportOptions *options,
                                ImportPlan *guessed)
{
    json_t *assumed = NULL, *mapping = mapping_kept(imports, guessed, &assumed);
    ImportOptions kept = *options, before;
    ImportPlan *plan = NULL;
    if (mapping && import_options_load(mapping, assumed, &before, NULL)) {
        kept.mapping = mapping;
        kept.mapping_only = true;
        kept.kind = guessed->kind;
        if (!kept.date_fixed && before.date_fixed) kept.date_order = before.date_order;
        if (!kept.decimal_fixed && before.decimal_fixed) kept.decimal = before.decimal;
        kept.date_fixed |= before.date_fixed;
        kept.decimal_fixed |= before.decimal_fixed;
        plan = import_plan_new(path, &kept, NULL);
    }
    json_decref(mapping);
    json_decref(assumed);
    if (!plan) return guessed;
    import_plan_free(guessed);
    return plan;
}

ImportPlan *imports_plan(Imports *imports, const char *path, const ImportOptions *options,
                         GError **error)
{
    ImportOptions full = *options;
    if (!business_defaults(imports, &full, error)) return NULL;
    ImportPlan *plan = import_plan_new(path, &full, error);
    bool open = plan && !plan->vendor && !options->mapping;
    return open ? plan_by_kept(imports, path, &full, plan) : plan;
}

ImportPlan *import_record_plan(Imports *imports, const ImportRecord *record, GError **error)
{
    ImportOptions options;
    if (!import_options_load(record->mapping, record->assumed, &options, error)) return NULL;
    options.kind = record->kind;
    options.format = record->format;
    options.file_name = record->file_name;
    options.mapping_only = options.mapping != NULL && json_object_size(options.mapping) > 0;
    if (!options.mapping_only) options.mapping = NULL;
    return imports_plan(imports, record->file_path, &options, error);
}

/* ---- adding ------------------------------------------------------------------------------- */

static bool file_hash(const char *path, uint8_t ret_hash[16], int64_t *ret_bytes, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, errno == ENOENT ? KITH_ERROR_NOT_FOUND : KITH_ERROR_UNAVAILABLE,
                    "could not open %s: %s", path, g_strerror(errno));
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 16);
    g_autofree uint8_t *block = g_malloc(1 << 18);
    ssize_t size;
    *ret_bytes = 0;
    while ((size = read(fd, block, 1 << 18)) > 0) {
        crypto_generichash_update(&state, block, (size_t)size);
        *ret_bytes += size;
    }
    close(fd);
    crypto_generichash_final(&state, ret_hash, 16);
    return size == 0 ||
           fail(error, KITH_ERROR_UNAVAILABLE, "could not read %s: %s", path, g_strerror(errno));
}

/* Values of an `import` row on their way to the writer. */
typedef struct RowWrite {
    ImportInsertParams insert;
    ImportPlanPutParams plan;
    bool is_new, keep_mapping;
    const ImportPlan *of;
    const char *shop;
    Store *store;
} RowWrite;

enum { SHOP_FIRST = 1 };

/* The shop of this name; the first shop stands for "". Made when it is not there. */
static bool shop_find(Db *db, RowWrite *write, int64_t *ret_shop_id, GError **error)
{
    bool found = false;
    int64_t now = clock_now_ms();
    ImportShopFindRow row;
    ImportShopInsertParams insert = {.shop_id = SHOP_FIRST, .name = "Shop", .created_at = now};
    *ret_shop_id = SHOP_FIRST;
    if (!*write->shop) return sql_import_shop_insert(db, &insert, NULL, error);
    if (!sql_import_shop_find(db, &(ImportShopFindParams){.name = write->shop}, &row, &found,
                              error))
        return false;
    if (found) return *ret_shop_id = row.shop_id, true;
    insert.shop_id = *ret_shop_id = store_id_next(write->store);
    insert.name = write->shop;
    return sql_import_shop_insert(db, &insert, NULL, error);
}

/* Lists speak for themselves, not for the shop's own files. */
static const char *source_name(const ImportPlan *plan)
{
    static const char *const names[IMPORT_FORMATS] = {
        [FORMAT_MAILCHIMP] = "Mailchimp",
        [FORMAT_KLAVIYO] = "Klaviyo",
        [FORMAT_BREVO] = "Brevo",
        [FORMAT_LISTMONK] = "listmonk",
    };
    bool list = plan && (plan->kind == IMPORT_CONSENTS || plan->kind == IMPORT_SUPPRESSIONS);
    if (!list) return "Files";
    return names[plan->format] ? names[plan->format] : "Lists";
}

static bool source_find(Db *db, RowWrite *write, int64_t shop_id, int64_t *ret_source_id,
                        GError **error)
{
    ImportSourceFindRow row;
    bool found = false;
    const char *name = source_name(write->of);
    ImportSourceFindParams find = {.shop_id = shop_id, .name = name};
    if (!sql_import_source_find(db, &find, &row, &found, error)) return false;
    *ret_source_id = found ? row.source_id : store_id_next(write->store);
    ImportSourceInsertParams insert = {.source_id = *ret_source_id,
                                       .trust = TRUST_FILE,
                                       .name = name,
                                       .shop_id = shop_id,
                                       .created_at = clock_now_ms()};
    return found || sql_import_source_insert(db, &insert, NULL, error);
}

static bool mapping_keep(Db *db, const RowWrite *write, GError **error)
{
    uint8_t hash[16];
    import_plan_header_hash(write->of, hash);
    ImportMappingPutParams params = {.header_hash = {hash, sizeof(hash)},
                                     .kind = write->plan.kind,
                                     .mapping = write->plan.mapping,
                                     .assumed = write->plan.assumed,
                                     .changed_at = clock_now_ms()};
    return sql_import_mapping_put(db, &params, NULL, error);
}

static bool row_write(Db *db, void *data, GError **error)
{
    RowWrite *write = data;
    ImportPlanPutParams *plan = &write->plan;
    if (!shop_find(db, write, &plan->shop_id, error)) return false;
    if (!source_find(db, write, plan->shop_id, &plan->source_id, error)) return false;
    if (write->keep_mapping && !mapping_keep(db, write, error)) return false;
    if (!write->is_new) return sql_import_plan_put(db, plan, NULL, error);
    ImportInsertParams insert = write->insert;
    insert.import_id = plan->import_id;
    insert.source_id = plan->source_id;
    insert.shop_id = plan->shop_id;
    insert.kind = plan->kind;
    insert.format = plan->format;
    insert.mapping = plan->mapping;
    insert.assumed = plan->assumed;
    insert.state = plan->state;
    insert.error = plan->error;
    return sql_import_insert(db, &insert, NULL, error);
}

static char *dump_steal(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    char *copy = g_strdup(text);
    free(text);
    json_decref(json);
    return copy;
}

/* Stores the row as the plan (or its failure) says. */
static bool plan_store(Imports *imports, RowWrite *write, const ImportPlan *plan,
                       const ImportOptions *options, const GError *problem, GError **error)
{
    g_autoptr(GError) incomplete = NULL;
    bool ready = plan && import_plan_check(plan, &incomplete);
    g_autofree char *mapping = dump_steal(plan ? import_plan_mapping(plan) : json_object());
    g_autofree char *assumed = dump_steal(plan ? import_plan_assumed(plan) : json_object());
    ImportKind kind = plan ? plan->kind : options->kind;
    write->of = plan;
    write->shop = options->shop;
    write->store = imports->parts.store;
    write->keep_mapping = ready && !plan->vendor && options->mapping;
    write->plan.kind = import_kind_name(kind);
    write->plan.format = import_format_name(plan ? plan->format : options->format);
    write->plan.mapping = mapping;
    write->plan.assumed = assumed;
    write->plan.state = ready ? "ready" : "uploaded";
    write->plan.error = problem ? problem->message : incomplete ? incomplete->message : NULL;
    return writer_call(store_writer(imports->parts.store), WRITER_REST, row_write, write, error);
}

/* An unfinished import of the same bytes, 0 when there is none. Events are never read twice: a
 * finished one counts too. */
static bool unfinished_find(Imports *imports, const uint8_t hash[16], const ImportPlan *plan,
                            int64_t *ret_import_id, GError **error)
{
    *ret_import_id = 0;
    Db *db = store_reader_begin(imports->parts.store, error);
    if (!db) return false;
    ImportShopFindRow shop = {.shop_id = SHOP_FIRST};
    ImportSameRow row;
    bool found = true;
    bool good = !*plan->shop ||
                sql_import_shop_find(db, &(ImportShopFindParams){plan->shop}, &shop, &found, error);
    ImportSameParams params = {
        .file_hash = {hash, 16}, .kind = import_kind_name(plan->kind), .shop_id = shop.shop_id};
    if (good && found) good = sql_import_same(db, &params, &row, &found, error);
    if (good && found) {
        bool open = strcmp(row.state, "running") == 0 || strcmp(row.state, "stopped") == 0 ||
                    strcmp(row.state, "failed") == 0;
        if (open || (plan->kind == IMPORT_EVENTS && strcmp(row.state, "done") == 0))
            *ret_import_id = row.import_id;
    }
    store_reader_end(imports->parts.store, db);
    return good;
}

bool imports_add(Imports *imports, const ImportFile *file, int64_t *ret_import_id, GError **error)
{
    uint8_t hash[16];
    int64_t bytes = 0, same = 0;
    g_autofree char *path = g_canonicalize_filename(file->path, NULL);
    if (!file_hash(path, hash, &bytes, error)) return false;
    g_autoptr(GError) problem = NULL;
    ImportOptions named = *file->options;
    named.file_name = file->name;
    g_autoptr(ImportPlan) plan = imports_plan(imports, path, &named, &problem);
    if (!plan && file->again) return g_propagate_error(error, g_steal_pointer(&problem)), false;
    if (plan && (file->again || plan->kind == IMPORT_EVENTS) &&
        !unfinished_find(imports, hash, plan, &same, error))
        return false;
    if (same) return *ret_import_id = same, true;
    RowWrite write = {.is_new = true,
                      .insert = {.file_name = file->name,
                                 .file_path = path,
                                 .file_bytes = bytes,
                                 .file_hash = {hash, sizeof(hash)},
                                 .counts = "{}",
                                 .created_at = clock_now_ms()}};
    write.plan.import_id = store_id_next(imports->parts.store);
    if (!plan_store(imports, &write, plan, file->options, problem, error)) return false;
    *ret_import_id = write.plan.import_id;
    return true;
}

bool imports_change(Imports *imports, int64_t import_id, const ImportOptions *options,
                    GError **error)
{
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, error)) return false;
    if (strcmp(record.state, "ready") != 0 && strcmp(record.state, "uploaded") != 0)
        return fail(error, KITH_ERROR_CONFLICT, "the import is %s already", record.state);
    ImportOptions named = *options;
    named.file_name = record.file_name;
    g_autoptr(ImportPlan) plan = imports_plan(imports, record.file_path, &named, error);
    if (!plan) return false;
    RowWrite write = {.plan = {.import_id = import_id}};
    return plan_store(imports, &write, plan, options, NULL, error);
}

/* ---- deleting ----------------------------------------------------------------------------- */

static bool delete_run(Db *db, void *data, GError **error)
{
    int64_t changed;
    ImportDeleteParams params = {.import_id = *(int64_t *)data};
    if (!sql_import_delete(db, &params, &changed, error)) return false;
    return changed || fail(error, KITH_ERROR_CONFLICT, "the import is running; stop it first");
}

bool imports_delete(Imports *imports, int64_t import_id, GError **error)
{
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, error)) return false;
    if (!writer_call(store_writer(imports->parts.store), WRITER_REST, delete_run, &import_id,
                     error))
        return false;
    if (!import_file_is_ours(imports, record.file_path)) return true;
    g_autofree char *rejected = import_rejected_name(record.file_path);
    g_unlink(record.file_path);
    g_unlink(rejected);
    return true;
}

char *import_rejected_name(const char *path)
{
    size_t size = strlen(path);
    bool csv = size > 4 && g_ascii_strcasecmp(path + size - 4, ".csv") == 0;
    return g_strdup_printf("%.*s.rejected.csv", (int)(csv ? size - 4 : size), path);
}

char *imports_rejected_path(Imports *imports, int64_t import_id, GError **error)
{
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, error)) return NULL;
    return import_rejected_name(record.file_path);
}
