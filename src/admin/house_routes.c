#include "admin/admin_private.h"
#include "admin/admin_sql.h"
#include "base/error.h"
#include "net/audit.h"
#include "store/attention.h"
#include "timeline/retention.h"
#include "timeline/timeline.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

enum { AUDIT_PAGE = 100, PARKED_PAGE = 200, DISK_DEPTH_MAX = 8 };

static Db *reader(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    return store_reader_begin(admin->options.store, error);
}

static void reader_end(Request *request, Db *db)
{
    Admin *admin = request_context(request);
    store_reader_end(admin->options.store, db);
}

/* ---- audit ---- */

typedef struct AuditQuery {
    int64_t cursor;
} AuditQuery;
static const Field audit_query_fields[] = {
    {"cursor", FIELD_ID, .otherwise = INT64_MAX, .offset = offsetof(AuditQuery, cursor)},
};
static const Schema audit_query = SCHEMA("AuditQuery", AuditQuery, audit_query_fields);
static const Field audit_entry_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"actor", FIELD_TEXT, .required = true, .doc = "\"account 12\", \"key 34\", \"command line\""},
    {"action", FIELD_TEXT, .required = true},
    {"subject", FIELD_TEXT, .required = true},
    {"detail", FIELD_JSON},
};
static const Schema audit_entry = SCHEMA_REPLY("AuditEntry", audit_entry_fields);
static const Field audit_fields[] = {
    {"entries", FIELD_LIST, .required = true, .of = &audit_entry},
    {"next", FIELD_ID, .doc = "cursor of the next page; null at the end"},
};
static const Schema audit_reply = SCHEMA_REPLY("Audit", audit_fields);

static bool audit_read(Db *db, int64_t before, json_t *list, int64_t *ret_next, GError **error)
{
    AdminAuditParams params = {.before = before, .limit = AUDIT_PAGE + 1};
    g_auto(DbCursor) cursor = {0};
    AdminAuditRow row;
    *ret_next = 0;
    if (!sql_admin_audit_open(db, &params, &cursor, error)) return false;
    for (int count = 0, more = 0; !more && sql_admin_audit_next(&cursor, &row);) {
        more = ++count > AUDIT_PAGE;
        if (more) break;
        *ret_next = count == AUDIT_PAGE ? row.audit_id : 0;
        json_t *detail = row.detail ? json_loads(row.detail, JSON_DECODE_ANY, NULL) : json_null();
        json_array_append_new(list, json_pack("{s:o, s:I, s:s, s:s, s:s, s:o?}", "id",
                                              admin_id(row.audit_id), "at", (json_int_t)row.at,
                                              "actor", row.actor, "action", row.action, "subject",
                                              row.subject, "detail", detail));
    }
    return db_cursor_finish(&cursor, error);
}

static bool audit_get(Request *request, GError **error)
{
    const AuditQuery *query = request_query(request);
    json_auto_t *list = json_array();
    int64_t next = 0;
    Db *db = reader(request, error);
    if (!db) return false;
    bool ok = audit_read(db, query->cursor, list, &next, error);
    reader_end(request, db);
    return ok && request_reply_json(request, 200,
                                    json_pack("{s:O, s:o}", "entries", list, "next",
                                              next ? admin_id(next) : json_null()));
}

/* ---- retention ---- */

static const Field kept_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .doc = "events kept; null: not counted"},
    {"days", FIELD_INT, .doc = "kept so long; null: for ever"},
    {"oldest_at", FIELD_TIME, .doc = "when the first one arrived"},
};
static const Schema kept_schema = SCHEMA_REPLY("KeptEvent", kept_fields);
static const Field retention_fields[] = {
    {"events", FIELD_LIST, .required = true, .of = &kept_schema},
};
static const Schema retention_reply = SCHEMA_REPLY("Retention", retention_fields);

/* name_id -> days */
static bool retention_read(Db *db, GHashTable *days, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    AdminRetentionRow row;
    if (!sql_admin_retention_open(db, &cursor, error)) return false;
    while (sql_admin_retention_next(&cursor, &row)) {
        gint64 *key = g_memdup2(&row.name_id, sizeof row.name_id);
        g_hash_table_insert(days, key, GINT_TO_POINTER((gint)row.days));
    }
    return db_cursor_finish(&cursor, error);
}

static json_t *retention_json(Admin *admin, GHashTable *days)
{
    json_t *list = json_array();
    if (!admin->options.timeline) return list;
    g_autoptr(GArray) names = names_list(timeline_names(admin->options.timeline));
    for (unsigned i = 0; i < names->len; i++) {
        const NameInfo *name = &g_array_index(names, NameInfo, i);
        gint64 name_id = name->name_id;
        int kept = GPOINTER_TO_INT(g_hash_table_lookup(days, &name_id));
        json_array_append_new(list, json_pack("{s:s, s:n, s:o, s:I}", "name", name->name, "count",
                                              "days", kept ? json_integer(kept) : json_null(),
                                              "oldest_at", (json_int_t)name->first_at));
    }
    return list;
}

static bool retention_answer(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    g_autoptr(GHashTable) days = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    Db *db = reader(request, error);
    if (!db) return false;
    bool ok = retention_read(db, days, error);
    reader_end(request, db);
    return ok && request_reply_json(request, 200,
                                    json_pack("{s:o}", "events", retention_json(admin, days)));
}

typedef struct RetentionInput {
    const char *name;
    int64_t days;
} RetentionInput;
static const Field retention_input_fields[] = {
    {"name", FIELD_TEXT, .required = true, .max = 200, .offset = offsetof(RetentionInput, name)},
    {"days", FIELD_INT, .min = 1, .max = RETENTION_DAYS_MAX,
     .offset = offsetof(RetentionInput, days), .doc = "null: for ever"},
};
static const Schema retention_input =
    SCHEMA("RetentionInput", RetentionInput, retention_input_fields);

typedef struct RetentionWork {
    int64_t name_id, days;
    AuditEntry audit;
} RetentionWork;

static bool retention_write(Db *db, void *data, GError **error)
{
    const RetentionWork *work = data;
    AdminRetentionSetParams set = {.name_id = work->name_id, .days = work->days};
    AdminRetentionDropParams drop = {.name_id = work->name_id};
    bool ok = work->days ? sql_admin_retention_set(db, &set, NULL, error)
                         : sql_admin_retention_drop(db, &drop, NULL, error);
    return ok && audit_add(db, &work->audit, error);
}

static bool retention_put(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const RetentionInput *input = request_input(request);
    Names *names = admin->options.timeline ? timeline_names(admin->options.timeline) : NULL;
    RetentionWork work = {.name_id = names ? names_find(names, slice_of(input->name)) : 0,
                          .days = input->days};
    if (!work.name_id)
        return request_fail_field(request, "name", "no event of this name was seen", error);
    if (input->days && !retention_allowed(slice_of(input->name)))
        return request_fail_field(request, "name", "figures stand on these events: kept for ever",
                                  error);
    work.audit = (AuditEntry){.audit_id = store_id_next(admin->options.store),
                              .at = request_now_ms(request),
                              .by = request_actor(request),
                              .action = "retention.change",
                              .kind = "event name",
                              .id = work.name_id};
    return writer_call(store_writer(admin->options.store), WRITER_REST, retention_write, &work,
                       error) &&
           retention_answer(request, error);
}

static bool retention_get(Request *request, GError **error)
{
    return retention_answer(request, error);
}

/* ---- disk ---- */

static const Field part_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"bytes", FIELD_INT, .required = true},
};
static const Schema part_schema = SCHEMA_REPLY("DiskPart", part_fields);
static const Field disk_fields[] = {
    {"data_bytes", FIELD_INT, .required = true},
    {"free_bytes", FIELD_INT, .required = true},
    {"days_left", FIELD_INT, .doc = "at the growth of the last days; null: not known yet"},
    {"parts", FIELD_LIST, .required = true, .of = &part_schema},
};
static const Schema disk_reply = SCHEMA_REPLY("Disk", disk_fields);

/* Bytes on disk of a file, or of a folder and what is below. */
static int64_t path_bytes(const char *path, int depth)
{
    GStatBuf info;
    if (depth > DISK_DEPTH_MAX || g_lstat(path, &info) != 0) return 0;
    int64_t bytes = (int64_t)info.st_blocks * 512;
    if (!S_ISDIR(info.st_mode)) return bytes;
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *below = g_build_filename(path, name, NULL);
        bytes += path_bytes(below, depth + 1);
    }
    return bytes;
}

static json_t *parts_json(const char *data_dir, int64_t *ret_bytes)
{
    json_t *parts = json_array();
    g_autoptr(GDir) folder = g_dir_open(data_dir, 0, NULL);
    *ret_bytes = 0;
    for (const char *name; folder && (name = g_dir_read_name(folder));) {
        g_autofree char *path = g_build_filename(data_dir, name, NULL);
        int64_t bytes = path_bytes(path, 0);
        *ret_bytes += bytes;
        json_array_append_new(parts,
                              json_pack("{s:s, s:I}", "name", name, "bytes", (json_int_t)bytes));
    }
    return parts;
}

static bool disk_get(Request *request, GError **error)
{
    (void)error;
    Admin *admin = request_context(request);
    const StoreMetrics *metrics = store_metrics(admin->options.store);
    int64_t bytes = 0, days = store_metric_get(&metrics->disk_days_left);
    json_t *parts = parts_json(store_dir(admin->options.store), &bytes);
    if (store_kind(admin->options.store) == DB_POSTGRES) {
        int64_t database = store_metric_get(&metrics->disk_data_bytes);
        json_array_append_new(
            parts, json_pack("{s:s, s:I}", "name", "database", "bytes", (json_int_t)database));
        bytes += database;
    }
    return request_reply_json(
        request, 200,
        json_pack("{s:I, s:I, s:o, s:o}", "data_bytes", (json_int_t)bytes, "free_bytes",
                  (json_int_t)store_metric_get(&metrics->disk_free_bytes), "days_left",
                  days >= 0 ? json_integer(days) : json_null(), "parts", parts));
}

/* ---- what needs attention ---- */

static const Field parked_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"stage", FIELD_TEXT, .required = true},
    {"reason", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
};
static const Schema parked_schema = SCHEMA_REPLY("Parked", parked_fields);
static const Field attention_fields[] = {
    {"parked", FIELD_LIST, .required = true, .of = &parked_schema},
};
static const Schema attention_reply = SCHEMA_REPLY("ParkedItems", attention_fields);

static bool parked_read(Db *db, json_t *list, GError **error)
{
    AdminParkedParams params = {.limit = PARKED_PAGE};
    g_auto(DbCursor) cursor = {0};
    AdminParkedRow row;
    if (!sql_admin_parked_open(db, &params, &cursor, error)) return false;
    while (sql_admin_parked_next(&cursor, &row))
        json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:I}", "id", admin_id(row.parked_id),
                                              "stage", row.stage, "reason", row.reason, "at",
                                              (json_int_t)row.at));
    return db_cursor_finish(&cursor, error);
}

static bool attention_get(Request *request, GError **error)
{
    json_auto_t *list = json_array();
    Db *db = reader(request, error);
    if (!db) return false;
    bool ok = parked_read(db, list, error);
    reader_end(request, db);
    return ok && request_reply_json(request, 200, json_pack("{s:O}", "parked", list));
}

typedef struct AttentionInput {
    const char *action;
} AttentionInput;
static const char *const actions[] = {"retry", "drop", NULL};
static const Field attention_input_fields[] = {
    {"action", FIELD_TEXT, .required = true, .choices = actions,
     .offset = offsetof(AttentionInput, action)},
};
static const Schema attention_input =
    SCHEMA("AttentionInput", AttentionInput, attention_input_fields);

static bool attention_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const AttentionInput *input = request_input(request);
    return attention_settle(admin->options.store, request_path_id(request, "id"),
                            strcmp(input->action, "retry") == 0, error) &&
           admin_done(request);
}

static const Route routes[] = {
    {"GET", "/api/audit", SCOPE_USER, .query = &audit_query, .reply = &audit_reply,
     .handle = audit_get, .summary = "Who did what, newest first"},
    {"GET", "/api/retention", SCOPE_USER, .reply = &retention_reply, .handle = retention_get,
     .summary = "How long events of each name are kept"},
    {"PUT", "/api/retention", SCOPE_OWNER, .request = &retention_input, .reply = &retention_reply,
     .handle = retention_put, .summary = "Keep events of a name so many days, or for ever"},
    {"GET", "/api/disk", SCOPE_USER, .reply = &disk_reply, .handle = disk_get,
     .summary = "What the data folder holds and how long the disk lasts"},
    {"GET", "/api/attention", SCOPE_USER, .reply = &attention_reply, .handle = attention_get,
     .summary = "Items that Kith put aside because it failed on them twice"},
    {"POST", "/api/attention/{id}", SCOPE_USER, .request = &attention_input,
     .reply = &admin_done_reply, .handle = attention_post,
     .summary = "Try an item again, or drop it"},
};

void house_routes_add(Admin *admin, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), admin);
}
