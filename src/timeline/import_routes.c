#include "timeline/import_routes.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "net/reason.h"
#include "net/request.h"
#include "timeline/import_private.h"

enum { IMPORT_NAME_BYTES_MAX = 200 };

static const char *const kind_names[] = {"auto",  "orders",   "customers",    "products", "events",
                                         "rates", "consents", "suppressions", NULL};
static const char *const format_names[] = {
    "auto", "generic", "shopify", "woocommerce", "mailchimp", "klaviyo", "brevo", "listmonk", NULL};
static const char *const says_names[] = {"subscribed", "unsubscribed", "bounced", "complaint",
                                         "cleaned",    "manual",       NULL};
static const char *const date_orders[] = {"ymd", "dmy", "mdy", "epoch_s", "epoch_ms", NULL};
static const char *const delimiters[] = {",", ";", "\t", "|", NULL};
static const char *const states[] = {"uploaded", "ready",   "running", "done",
                                     "failed",   "stopped", NULL};

typedef struct UploadQuery {
    const char *name, *kind;
} UploadQuery;

static const Field upload_fields[] = {
    {"name", FIELD_TEXT, .required = true, .offset = offsetof(UploadQuery, name), .min = 1,
     .max = IMPORT_NAME_BYTES_MAX, .doc = "Name of the file, for people."},
    {"kind", FIELD_TEXT, .offset = offsetof(UploadQuery, kind), .choices = kind_names,
     .doc = "What is in it; auto: by its header."},
};
static const Schema upload_query = SCHEMA("ImportUpload", UploadQuery, upload_fields);

typedef struct ChangeInput {
    const char *kind, *format, *currency, *zone, *delimiter, *date_order, *shop, *says;
    bool decimal_comma, not_suppressions;
    json_t *mapping;
} ChangeInput;

static const Field change_fields[] = {
    {"kind", FIELD_TEXT, .offset = offsetof(ChangeInput, kind), .choices = kind_names},
    {"format", FIELD_TEXT, .offset = offsetof(ChangeInput, format), .choices = format_names},
    {"mapping", FIELD_JSON, .offset = offsetof(ChangeInput, mapping),
     .doc = "{field: column name, or null}; fields that are not named stay as they are."},
    {"currency", FIELD_TEXT, .offset = offsetof(ChangeInput, currency), .max = 3},
    {"zone", FIELD_TEXT, .offset = offsetof(ChangeInput, zone), .max = 63},
    {"delimiter", FIELD_TEXT, .offset = offsetof(ChangeInput, delimiter), .choices = delimiters},
    {"date_order", FIELD_TEXT, .offset = offsetof(ChangeInput, date_order), .choices = date_orders},
    {"decimal_comma", FIELD_BOOL, .offset = offsetof(ChangeInput, decimal_comma)},
    {"shop", FIELD_TEXT, .offset = offsetof(ChangeInput, shop), .max = IMPORT_SHOP_BYTES_MAX},
    {"says", FIELD_TEXT, .offset = offsetof(ChangeInput, says), .choices = says_names,
     .doc = "Of consents and suppressions: what a row says that has no word of its own."},
    {"not_suppressions", FIELD_BOOL, .offset = offsetof(ChangeInput, not_suppressions),
     .doc =
         "The file looks like addresses never to write to (assumed.suppression_hint), and is not."},
};
static const Schema change_input = SCHEMA("ImportChange", ChangeInput, change_fields);

#define COUNT_FIELDS                                                                               \
    {"rows", FIELD_INT, .required = true, .doc = "Records read."},                                 \
        {"orders", FIELD_INT, .required = true, .doc = "Orders that were new."},                   \
        {"customers", FIELD_INT, .required = true, .doc = "People who were new."},                 \
        {"refunds", FIELD_INT, .required = true},                                                  \
        {"items", FIELD_INT, .required = true, .doc = "Products, events, rates, news of people."}, \
        {"updated", FIELD_INT, .required = true, .doc = "Orders known before that changed."},      \
        {"unchanged", FIELD_INT, .required = true, .doc = "Said nothing new."},                    \
        {"no_value", FIELD_INT, .required = true, .doc = "Nothing of positive value: no order."},  \
        {"nobody", FIELD_INT, .required = true, .doc = "Order lines without a known customer."},   \
        {"rejected", FIELD_INT, .required = true, .doc = "Rows that cannot be read."},             \
        {"bytes_total", FIELD_INT, .required = true}, {"bytes_done", FIELD_INT},                   \
        {"rate", FIELD_INT, .doc = "Rows a second while it runs."}, {"seconds_left", FIELD_INT},   \
        {"error", FIELD_TEXT},                                                                     \
        {"reason", FIELD_OBJECT, .of = &reason_schema, .doc = "The error, to be translated."},     \
        {"created_at", FIELD_TIME, .required = true}, {"started_at", FIELD_TIME},                  \
    {                                                                                              \
        "ended_at", FIELD_TIME                                                                     \
    }

#define HEAD_FIELDS                                                                                \
    {"id", FIELD_ID, .required = true}, {"name", FIELD_TEXT, .required = true},                    \
        {"kind", FIELD_TEXT, .required = true, .choices = kind_names},                             \
        {"format", FIELD_TEXT, .required = true, .choices = format_names},                         \
    {                                                                                              \
        "state", FIELD_TEXT, .required = true, .choices = states                                   \
    }

static const Field column_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"samples", FIELD_TEXTS, .required = true},
    {"field", FIELD_TEXT, .doc = "The field it is read into, or null."},
};
static const Schema column_schema = SCHEMA_REPLY("ImportColumn", column_fields);

static const Field field_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"label", FIELD_TEXT, .required = true},
    {"required", FIELD_BOOL, .required = true},
    {"doc", FIELD_TEXT, .required = true},
};
static const Schema field_schema = SCHEMA_REPLY("ImportField", field_fields);

static const Field money_fields[] = {
    {"minor", FIELD_INT, .required = true},
    {"currency", FIELD_TEXT, .required = true},
};
static const Schema money_schema = SCHEMA_REPLY("ImportMoney", money_fields);

static const char *const word_names[] = {
    "yes", "no", "pending", "unsubscribed", "bounced", "complained", "cleaned", "manual", NULL};
static const Field preview_fields[] = {
    {"line", FIELD_INT, .required = true},
    {"order_key", FIELD_TEXT},
    {"at", FIELD_TIME},
    {"person", FIELD_TEXT},
    {"total", FIELD_OBJECT, .of = &money_schema},
    {"lines", FIELD_INT, .required = true},
    {"says", FIELD_TEXT, .choices = word_names,
     .doc = "Of customers and lists: what the row says about mail; null: nothing."},
    {"problem", FIELD_TEXT},
    {"reason", FIELD_OBJECT, .of = &reason_schema, .doc = "The problem, to be translated."},
};
static const Schema preview_schema = SCHEMA_REPLY("ImportPreview", preview_fields);

static const Field assumed_fields[] = {
    {"delimiter", FIELD_TEXT},
    {"encoding", FIELD_TEXT},
    {"bom", FIELD_BOOL},
    {"newline", FIELD_TEXT},
    {"header", FIELD_BOOL},
    {"date_order", FIELD_TEXT, .choices = date_orders},
    {"date_certain", FIELD_BOOL},
    {"decimal_comma", FIELD_BOOL},
    {"date_fixed", FIELD_BOOL},
    {"decimal_fixed", FIELD_BOOL},
    {"decimal_certain", FIELD_BOOL},
    {"zone", FIELD_TEXT},
    {"currency", FIELD_TEXT},
    {"c_means_refund", FIELD_BOOL},
    {"shop", FIELD_TEXT},
    {"says", FIELD_TEXT},
    {"not_suppressions", FIELD_BOOL},
    {"suppression_hint", FIELD_TEXT,
     .doc = "Why these look like addresses never to write to; null: they do not."},
};
static const Schema assumed_schema = SCHEMA_REPLY("ImportAssumed", assumed_fields);

static const Field import_fields[] = {
    HEAD_FIELDS,
    COUNT_FIELDS,
    {"columns", FIELD_LIST, .required = true, .of = &column_schema},
    {"fields", FIELD_LIST, .required = true, .of = &field_schema},
    {"mapping", FIELD_JSON, .required = true, .doc = "{field: column name, or null}."},
    {"assumed", FIELD_OBJECT, .required = true, .of = &assumed_schema},
    {"preview", FIELD_LIST, .required = true, .of = &preview_schema},
};
static const Schema import_schema = SCHEMA_REPLY("Import", import_fields);

static const Field brief_fields[] = {HEAD_FIELDS, COUNT_FIELDS};
static const Schema brief_schema = SCHEMA_REPLY("ImportBrief", brief_fields);
static const Field list_fields[] = {
    {"imports", FIELD_LIST, .required = true, .of = &brief_schema},
};
static const Schema list_schema = SCHEMA_REPLY("Imports", list_fields);

static const Field id_fields[] = {{"id", FIELD_ID, .required = true}};
static const Schema id_schema = SCHEMA_REPLY("ImportId", id_fields);

/* ---- handlers ----------------------------------------------------------------------------- */

static int64_t import_id_get(Request *request) { return request_path_id(request, "id"); }

static bool reply_import(Request *request, int64_t import_id, GError **error)
{
    json_t *json = imports_json(request_context(request), import_id, error);
    return json && request_reply_json(request, 200, json);
}

static bool import_list(Request *request, GError **error)
{
    json_t *list = imports_list_json(request_context(request), error);
    return list && request_reply_json(request, 200, json_pack("{s:o}", "imports", list));
}

static bool import_get(Request *request, GError **error)
{
    return reply_import(request, import_id_get(request), error);
}

/* Moves the uploaded body into DATA/imports. The caller frees the path. */
static char *upload_keep(Request *request, Imports *imports, GError **error)
{
    int64_t size = 0;
    const char *file = request_file(request, &size);
    if (!file || size == 0) {
        fail(error, KITH_ERROR_INVALID, "the file is empty");
        return NULL;
    }
    Store *store = imports_store(imports);
    char id[ID_TEXT_SIZE];
    id_format(store_id_next(store), id);
    g_autofree char *folder = g_build_filename(store_dir(store), "imports", NULL);
    g_autofree char *path = g_strdup_printf("%s/%s.csv", folder, id);
    if ((g_mkdir(folder, 0700) != 0 && errno != EEXIST) || g_rename(file, path) != 0) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not keep the file: %s", g_strerror(errno));
        return NULL;
    }
    return g_steal_pointer(&path);
}

static bool import_upload(Request *request, GError **error)
{
    Imports *imports = request_context(request);
    const UploadQuery *query = request_query(request);
    g_autofree char *path = upload_keep(request, imports, error);
    if (!path) return false;
    ImportOptions options = IMPORT_OPTIONS_NONE;
    if (query->kind) import_kind_find(query->kind, &options.kind);
    ImportFile file = {.name = query->name, .path = path, .options = &options};
    int64_t import_id;
    if (!imports_add(imports, &file, &import_id, error)) {
        g_unlink(path);
        return false;
    }
    char id[ID_TEXT_SIZE];
    id_format(import_id, id);
    return request_reply_json(request, 201, json_pack("{s:s}", "id", id));
}

/* What a person says stays; what was only guessed is guessed anew from the columns as they are. */
static void reading_apply(Request *request, ImportOptions *options)
{
    const ChangeInput *input = request_input(request);
    DateOrder order;
    if (!options->date_fixed) options->date_order = -1;
    if (!options->decimal_fixed) options->decimal = -1;
    if (request_given(request, "decimal_comma")) {
        options->decimal = input->decimal_comma ? DECIMAL_COMMA : DECIMAL_POINT;
        options->decimal_fixed = true;
    }
    if (input->date_order && date_order_find(input->date_order, &order)) {
        options->date_order = (int)order;
        options->date_fixed = true;
    }
}

/* The stored options with what the request changes. `in_out_mapping` is the caller's. */
static bool change_apply(Request *request, const ImportRecord *record, json_t *mapping,
                         ImportOptions *options, GError **error)
{
    const ChangeInput *input = request_input(request);
    bool anew = input->kind || input->format;
    if (!import_options_load(NULL, record->assumed, options, error)) return false;
    options->kind = record->kind;
    options->format = record->format;
    if (input->kind) import_kind_find(input->kind, &options->kind);
    if (input->format) import_format_find(input->format, &options->format);
    if (!anew && record->mapping) json_object_update(mapping, record->mapping);
    if (json_is_object(input->mapping)) json_object_update(mapping, input->mapping);
    options->mapping = json_object_size(mapping) ? mapping : NULL;
    options->mapping_only = !anew && options->mapping;
    if (input->delimiter) options->delimiter = input->delimiter[0];
    if (input->zone) g_strlcpy(options->zone, input->zone, sizeof(options->zone));
    if (input->says) g_strlcpy(options->says, input->says, sizeof(options->says));
    options->not_suppressions |= input->not_suppressions;
    if (input->shop) g_strlcpy(options->shop, input->shop, sizeof(options->shop));
    reading_apply(request, options);
    return !input->currency || currency_parse(slice_of(input->currency), options->currency, error);
}

static bool import_change(Request *request, GError **error)
{
    Imports *imports = request_context(request);
    int64_t import_id = import_id_get(request);
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, error)) return false;
    ImportOptions options;
    json_t *mapping = json_object();
    bool good = change_apply(request, &record, mapping, &options, error) &&
                imports_change(imports, import_id, &options, error);
    json_decref(mapping);
    return good && reply_import(request, import_id, error);
}

static bool import_start(Request *request, GError **error)
{
    int64_t import_id = import_id_get(request);
    if (!imports_start(request_context(request), import_id, error)) return false;
    return request_reply_empty(request, 202);
}

static bool import_stop(Request *request, GError **error)
{
    if (!imports_stop(request_context(request), import_id_get(request), error)) return false;
    return request_reply_empty(request, 202);
}

static bool import_rejected(Request *request, GError **error)
{
    g_autofree char *path =
        imports_rejected_path(request_context(request), import_id_get(request), error);
    if (!path) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) {
        if (fd >= 0) close(fd);
        return fail(error, KITH_ERROR_NOT_FOUND, "no row of this import was rejected");
    }
    return request_reply_file(request, "text/csv; charset=utf-8", fd, about.st_size,
                              "rejected.csv");
}

static bool import_delete(Request *request, GError **error)
{
    if (!imports_delete(request_context(request), import_id_get(request), error)) return false;
    return request_reply_empty(request, 204);
}

static const Route routes[] = {
    {"POST", "/api/imports", SCOPE_USER, .query = &upload_query, .reply = &id_schema,
     .handle = import_upload, .summary = "Upload a file to import", .body = BODY_FILE,
     .body_max = (size_t)LIMIT_UPLOAD_MB * 1024 * 1024},
    {"GET", "/api/imports", SCOPE_USER, .reply = &list_schema, .handle = import_list,
     .summary = "List the imports"},
    {"GET", "/api/imports/{id}", SCOPE_USER, .reply = &import_schema, .handle = import_get,
     .summary = "One import: columns, mapping, preview, progress"},
    {"PUT", "/api/imports/{id}", SCOPE_USER, .request = &change_input, .reply = &import_schema,
     .handle = import_change, .summary = "Change how a file is read"},
    {"POST", "/api/imports/{id}/start", SCOPE_USER, .handle = import_start,
     .summary = "Start or go on with an import"},
    {"POST", "/api/imports/{id}/stop", SCOPE_USER, .handle = import_stop,
     .summary = "Stop an import"},
    {"GET", "/api/imports/{id}/rejected", SCOPE_USER, .handle = import_rejected,
     .summary = "Rows that cannot be read, as CSV"},
    {"DELETE", "/api/imports/{id}", SCOPE_USER, .handle = import_delete,
     .summary = "Remove an import from the list"},
};

void import_add_routes(Server *server, Imports *imports)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), imports);
}
