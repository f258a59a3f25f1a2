#include "segments/picked.h"

#include "base/csv.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "base/text.h"
#include "segments/segments_sql.h"

#include <string.h>

enum { PICK_SAMPLES = 3, PICK_UNKNOWN_ROWS = 100, PICK_VALUE_BYTES = 120 };

/* Names of columns that say who it is, the surest first, in the form of column_fold. */
static const struct {
    const char *column, *by;
} usual[] = {
    {"personid", "person_id"},    {"kithid", "person_id"},   {"userid", "user_id"},
    {"customerid", "user_id"},    {"externalid", "user_id"}, {"kundennummer", "user_id"},
    {"email", "email"},           {"emailaddress", "email"}, {"mail", "email"},
    {"subscriberemail", "email"}, {"emailadresse", "email"},
};

typedef struct Reading {
    Segments *segments;
    const PickedFile *file;
    CsvReader *csv;
    CsvFormat format;
    GPtrArray *columns; /* names */
    guint column;       /* index */
    const char *by;     /* "email", "user_id", "person_id", "auto" */
    GArray *ids;
    GHashTable *seen; /* of them */
    json_t *samples;  /* a list for each column */
    json_t *unknown;  /* the first of them */
    int64_t rows, repeated, empty, unknown_count;
} Reading;

/* "E-Mail Address" -> "emailaddress". */
static char *column_fold(const char *name)
{
    g_autofree char *fold = text_fold(slice_of(name));
    GString *out = g_string_new(NULL);
    for (const char *at = fold; *at; at++)
        if (!strchr(" -_.", *at)) g_string_append_c(out, *at);
    return g_string_free(out, FALSE);
}

static char *value_copy(Slice value) { return g_strndup(value.data, value.size); }

/* A value as a page shows it: cut at a whole character. */
static json_t *value_json(Slice value)
{
    size_t size = MIN(value.size, PICK_VALUE_BYTES);
    while (size < value.size && size > 0 && (value.data[size] & 0xC0) == 0x80)
        size--;
    json_t *json = json_stringn(value.data, size);
    return json ? json : json_string("?");
}

/* ---- columns ---- */

/* No column is named like an address or a number: such a first record is somebody already. */
static bool header_is_row(const Reading *reading)
{
    for (size_t i = 0; i < csv_field_count(reading->csv); i++) {
        int64_t id;
        Slice cell = text_trim(csv_field(reading->csv, i));
        if ((cell.size && memchr(cell.data, '@', cell.size)) || id_parse(cell, &id, NULL))
            return true;
    }
    return false;
}

static void columns_read(Reading *reading)
{
    if (header_is_row(reading)) reading->format.header = false;
    for (size_t i = 0; i < csv_field_count(reading->csv); i++) {
        Slice name = text_trim(csv_field(reading->csv, i));
        g_ptr_array_add(reading->columns,
                        reading->format.header ? value_copy(name) : g_strdup_printf("%zu", i + 1));
        json_array_append_new(reading->samples, json_array());
    }
}

static int column_find(const Reading *reading, const char *name)
{
    g_autofree char *fold = text_fold(slice_of(name));
    for (guint i = 0; i < reading->columns->len; i++) {
        g_autofree char *other = text_fold(slice_of(reading->columns->pdata[i]));
        if (g_str_equal(fold, other)) return (int)i;
    }
    return -1;
}

static bool column_named(Reading *reading, GError **error)
{
    int column = column_find(reading, reading->file->column);
    g_autofree char *all = NULL;
    if (column >= 0) {
        reading->column = (guint)column;
        return true;
    }
    g_ptr_array_add(reading->columns, NULL);
    all = g_strjoinv("\", \"", (char **)reading->columns->pdata);
    g_ptr_array_remove_index(reading->columns, reading->columns->len - 1);
    return fail(error, KITH_ERROR_INVALID, "the file has no column \"%.100s\"; it has \"%.300s\"",
                reading->file->column, all);
}

/* By the usual names; a file of one column needs none. */
static bool column_guess(Reading *reading, GError **error)
{
    for (size_t k = 0; k < G_N_ELEMENTS(usual); k++)
        for (guint i = 0; i < reading->columns->len; i++) {
            g_autofree char *fold = column_fold(reading->columns->pdata[i]);
            if (!g_str_equal(fold, usual[k].column)) continue;
            reading->column = i;
            if (g_str_equal(reading->by, "auto")) reading->by = usual[k].by;
            return true;
        }
    if (reading->columns->len == 1) return true;
    return fail(error, KITH_ERROR_INVALID,
                "no column looks like an e-mail address, a customer id or a person id: name it");
}

/* ---- people ---- */

/* A number that nobody has is nobody's id. */
static int64_t by_id(const Reading *reading, Slice value)
{
    int64_t id = 0;
    bool found = false;
    SegmentPersonRow row;
    if (!id_parse(value, &id, NULL) || id <= 0) return 0;
    Store *store = segments_store(reading->segments);
    int64_t person = people_person(segments_people(reading->segments), id);
    Db *db = store_reader_begin(store, NULL);
    if (!db) return 0;
    bool done = sql_segment_person(db, &(SegmentPersonParams){person}, &row, &found, NULL);
    store_reader_end(store, db);
    return done && found ? person : 0;
}

static int64_t person_of(const Reading *reading, Slice value)
{
    People *people = segments_people(reading->segments);
    bool any = g_str_equal(reading->by, "auto");
    bool address = memchr(value.data, '@', value.size) != NULL;
    if (g_str_equal(reading->by, "email") || (any && address))
        return people_find(people, IDENTITY_EMAIL, 0, value);
    if (g_str_equal(reading->by, "person_id")) return by_id(reading, value);
    int64_t person = people_find(people, IDENTITY_USER_ID, 0, value);
    return person || !any ? person : by_id(reading, value);
}

static void unknown_note(Reading *reading, Slice value)
{
    if (reading->unknown_count++ >= PICK_UNKNOWN_ROWS) return;
    json_array_append_new(reading->unknown,
                          json_pack("{s:I, s:o}", "line", (json_int_t)csv_line(reading->csv),
                                    "value", value_json(value)));
}

static void samples_note(Reading *reading)
{
    for (guint i = 0; reading->rows <= PICK_SAMPLES && i < reading->columns->len; i++)
        json_array_append_new(json_array_get(reading->samples, i),
                              value_json(text_trim(csv_field(reading->csv, i))));
}

static void row_take(Reading *reading)
{
    Slice value = text_trim(csv_field(reading->csv, reading->column));
    reading->rows++;
    samples_note(reading);
    if (value.size == 0) {
        reading->empty++;
        return;
    }
    bool text = !csv_problem(reading->csv) && g_utf8_validate(value.data, (gssize)value.size, NULL);
    int64_t person = text ? person_of(reading, value) : 0;
    if (person <= 0 || people_is_erased(segments_people(reading->segments), person)) {
        unknown_note(reading, value);
        return;
    }
    if (g_hash_table_contains(reading->seen, &person)) {
        reading->repeated++;
        return;
    }
    g_hash_table_add(reading->seen, g_memdup2(&person, sizeof person));
    g_array_append_val(reading->ids, person);
}

/* ---- the whole ---- */

static bool rows_read(Reading *reading, GError **error)
{
    GError *failure = NULL;
    bool more = true;
    if (!reading->format.header) row_take(reading); /* the first record was a row */
    while (more && reading->rows <= LIMIT_SEGMENT_PICKS) {
        more = csv_next(reading->csv, &failure);
        if (more) row_take(reading);
    }
    if (failure) {
        g_propagate_error(error, failure);
        return false;
    }
    if (reading->rows > LIMIT_SEGMENT_PICKS)
        return fail(error, KITH_ERROR_LIMIT,
                    "a list is read from at most %d rows; this file has more", LIMIT_SEGMENT_PICKS);
    if (reading->rows == 0)
        return fail(error, KITH_ERROR_INVALID, "the file has no row below its header");
    return true;
}

static bool file_read(Reading *reading, GError **error)
{
    GError *failure = NULL;
    if (!csv_sniff_file(reading->file->path, &reading->format, error)) return false;
    reading->csv = csv_open(reading->file->path, &reading->format, LIMIT_CSV_RECORD_BYTES, error);
    if (!reading->csv) return false;
    if (!csv_next(reading->csv, &failure)) {
        if (!failure) return fail(error, KITH_ERROR_INVALID, "the file is empty");
        g_propagate_error(error, failure);
        return false;
    }
    columns_read(reading);
    bool named = reading->file->column && reading->file->column[0];
    return (named ? column_named(reading, error) : column_guess(reading, error)) &&
           rows_read(reading, error);
}

static json_t *reading_json(const Reading *reading)
{
    json_t *columns = json_array();
    for (guint i = 0; i < reading->columns->len; i++)
        json_array_append_new(columns, json_pack("{s:o, s:O}", "name",
                                                 value_json(slice_of(reading->columns->pdata[i])),
                                                 "samples", json_array_get(reading->samples, i)));
    return json_pack("{s:o, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:O}", "columns", columns, "column",
                     value_json(slice_of(reading->columns->pdata[reading->column])), "by",
                     reading->by, "rows", (json_int_t)reading->rows, "found",
                     (json_int_t)reading->ids->len, "repeated", (json_int_t)reading->repeated,
                     "empty", (json_int_t)reading->empty, "unknown",
                     (json_int_t)reading->unknown_count, "unknown_sample", reading->unknown);
}

json_t *picked_read(Segments *segments, const PickedFile *file, GArray **ret_people, GError **error)
{
    Reading reading = {.segments = segments, .file = file, .by = file->by ? file->by : "auto"};
    reading.columns = g_ptr_array_new_with_free_func(g_free);
    reading.ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    reading.seen = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    reading.samples = json_array();
    reading.unknown = json_array();
    json_t *reply = file_read(&reading, error) ? reading_json(&reading) : NULL;
    if (reply) *ret_people = g_array_ref(reading.ids);
    csv_close(reading.csv);
    g_ptr_array_unref(reading.columns);
    g_array_unref(reading.ids);
    g_hash_table_unref(reading.seen);
    json_decref(reading.samples);
    json_decref(reading.unknown);
    return reply;
}
