#include <glib/gstdio.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/dates.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/money.h"
#include "net/request.h"
#include "people/list.h"
#include "segments/rule_input.h"
#include "segments/segments_routes.h"

#include <string.h>

enum { EXPORT_CHUNK = 500, EXPORT_LINE_BYTES = 64 * 1024 };

typedef struct ExportInput {
    const char *rule, *at;
    FieldList columns;
} ExportInput;

/* How a member of a row of people (people/list.h) becomes a cell. */
typedef enum CellKind {
    CELL_TEXT,
    CELL_TIME,
    CELL_NUMBER,
    CELL_MONEY,
    CELL_CURRENCY,
    CELL_TEXTS
} CellKind;

static const struct {
    const char *column, *member;
    CellKind kind;
} cells[] = {
    {"id", "id", CELL_TEXT},
    {"name", "name", CELL_TEXT},
    {"email", "email", CELL_TEXT},
    {"country", "country", CELL_TEXT},
    {"created_at", "created_at", CELL_TIME},
    {"orders", "orders", CELL_NUMBER},
    {"spent", "spent", CELL_MONEY},
    {"currency", "spent", CELL_CURRENCY},
    {"first_order_at", "first_order_at", CELL_TIME},
    {"last_order_at", "last_order_at", CELL_TIME},
    {"tags", "tags", CELL_TEXTS},
};
static const char *const column_names[] = {
    "id",    "name",     "email",          "country",       "created_at", "orders",
    "spent", "currency", "first_order_at", "last_order_at", "tags",       NULL};

static const Field export_input_fields[] = {
    {"rule", FIELD_TEXT, .required = true, .max = LIMIT_RULE_BYTES,
     .offset = offsetof(ExportInput, rule), .doc = RULE_DOC},
    {"at", FIELD_TEXT, .max = AT_BYTES_MAX, .offset = offsetof(ExportInput, at), .doc = AT_DOC},
    {"columns", FIELD_TEXTS, .max = G_N_ELEMENTS(cells), .choices = column_names,
     .offset = offsetof(ExportInput, columns), .doc = "In this order; none: all of them."},
};
static const Schema export_input = SCHEMA("SegmentExportInput", ExportInput, export_input_fields);

typedef struct Export {
    Segments *segments;
    const GArray *ids;
    guint from;
    size_t columns[G_N_ELEMENTS(cells)]; /* indexes of `cells` */
    size_t column_count;
    FILE *file;
} Export;

static void columns_choose(Export *export, const FieldList *names)
{
    for (size_t i = 0; i < MIN(names->count, G_N_ELEMENTS(cells)); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(cells); k++)
            if (strcmp(cells[k].column, ((const char *const *)names->items)[i]) == 0)
                export->columns[export->column_count++] = k;
    for (size_t k = 0; names->count == 0 && k < G_N_ELEMENTS(cells); k++)
        export->columns[export->column_count++] = k;
}

/* ---- cells ---- */

static char *time_text(const json_t *value)
{
    char at[DATE_TEXT_SIZE];
    if (!json_is_integer(value)) return g_strdup("");
    date_format_iso(json_integer_value(value), at);
    return g_strdup(at);
}

static char *money_text(const json_t *value)
{
    char text[MONEY_TEXT_SIZE];
    const char *currency = json_string_value(json_object_get(value, "currency"));
    int64_t minor = json_integer_value(json_object_get(value, "minor"));
    if (!currency || !currency[0]) return g_strdup("");
    money_format(minor, currency_digits(currency), text);
    return g_strdup(text);
}

static char *texts_text(const json_t *list)
{
    GString *out = g_string_new(NULL);
    for (size_t i = 0; i < json_array_size(list); i++)
        g_string_append_printf(out, "%s%s", i ? " " : "",
                               json_string_value(json_array_get(list, i)));
    return g_string_free(out, FALSE);
}

static char *cell_text(const json_t *row, size_t cell)
{
    const json_t *value = json_object_get(row, cells[cell].member);
    const char *text;
    switch (cells[cell].kind) {
    case CELL_TEXT:
        text = json_string_value(value);
        return g_strdup(text ? text : "");
    case CELL_TIME:
        return time_text(value);
    case CELL_NUMBER:
        return g_strdup_printf("%" G_GINT64_FORMAT, (int64_t)json_integer_value(value));
    case CELL_MONEY:
        return money_text(value);
    case CELL_CURRENCY:
        text = json_string_value(json_object_get(value, "currency"));
        return g_strdup(text ? text : "");
    case CELL_TEXTS:
        return texts_text(value);
    }
    g_assert_not_reached();
}

/* ---- the file ---- */

static bool line_write(const Export *export, const json_t *row, GError **error)
{
    g_auto(Buffer) line = BUFFER_INIT(EXPORT_LINE_BYTES);
    for (size_t i = 0; i < export->column_count; i++) {
        size_t cell = export->columns[i];
        g_autofree char *text = row ? cell_text(row, cell) : g_strdup(cells[cell].column);
        bool guard = row && (cells[cell].kind == CELL_TEXT || cells[cell].kind == CELL_TEXTS);
        if (i > 0) buffer_append_char(&line, ',');
        csv_append_field(&line, slice_of(text), ',', guard);
    }
    buffer_append_text(&line, "\r\n");
    if (!line.failed && fwrite(line.data, 1, line.size, export->file) == line.size) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not write the export");
}

static json_t *rows_read(Export *export, GError **error)
{
    Store *store = segments_store(export->segments);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    guint count = MIN(EXPORT_CHUNK, export->ids->len - export->from);
    g_array_append_vals(ids, &g_array_index(export->ids, int64_t, export->from), count);
    export->from += count;
    Db *db = store_reader_begin(store, error);
    if (!db) return NULL;
    json_t *rows = people_rows_json(segments_people(export->segments), db, ids, error);
    store_reader_end(store, db);
    return rows;
}

static bool lines_write(Export *export, GError **error)
{
    bool done = line_write(export, NULL, error);
    while (done && export->from < export->ids->len) {
        json_t *rows = rows_read(export, error);
        done = rows != NULL;
        for (size_t i = 0; done && i < json_array_size(rows); i++)
            done = line_write(export, json_array_get(rows, i), error);
        json_decref(rows);
    }
    if (!done) return false;
    if (fflush(export->file) == 0) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not write the export");
}

/* A file that has no name any more: nothing stays when the reply is through, or is not. */
static int export_write(Export *export, GError **error)
{
    export->file = tmpfile();
    if (!export->file) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not make a file for the export");
        return -1;
    }
    bool done = lines_write(export, error);
    int fd = done ? dup(fileno(export->file)) : -1;
    if (done && fd < 0) fail(error, KITH_ERROR_UNAVAILABLE, "could not open the export");
    fclose(export->file);
    return fd;
}

static bool export_post(Request *request, GError **error)
{
    int64_t at;
    GError *failure = NULL;
    const ExportInput *input = request_input(request);
    RuleInput asked = {.rule = input->rule};
    g_autoptr(Rule) rule = rule_input_read(request, &asked, error);
    if (!rule || !at_input_read(request, input->at, &at, error)) return false;
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = at};
    g_autoptr(SegmentAnswer) answer = segments_ask(request_context(request), &ask, &failure);
    if (!answer) return rule_input_fail(request, failure, error);
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    Export export = {.segments = request_context(request), .ids = ids};
    columns_choose(&export, &input->columns);
    int fd = export_write(&export, error);
    if (fd < 0) return false;
    return request_reply_file(request, "text/csv; charset=utf-8", fd, lseek(fd, 0, SEEK_END),
                              "people.csv");
}

static const Route export_routes[] = {
    {"POST", "/api/segments/export", SCOPE_USER, .request = &export_input, .handle = export_post,
     .summary = "The people a rule means, as a CSV file"},
};

void segments_add_export_routes(Server *server, Segments *segments)
{
    server_add_routes(server, export_routes, G_N_ELEMENTS(export_routes), segments);
}
