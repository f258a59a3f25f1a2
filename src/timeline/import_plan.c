#include "timeline/import_plan.h"

#include <sodium.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "timeline/import_words.h"

void import_plan_free(ImportPlan *plan)
{
    if (!plan) return;
    g_strfreev(plan->headers);
    g_free(plan->suppression_hint);
    g_clear_pointer(&plan->rows, g_ptr_array_unref);
    g_free(plan);
}

/* ---- reading the beginning ---------------------------------------------------------------- */

static char **record_copy(const CsvReader *csv)
{
    size_t count = csv_field_count(csv);
    char **copy = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        Slice field = csv_field(csv, i);
        size_t valid = text_utf8_valid(field.data, field.size);
        copy[i] = g_strndup(field.data, valid);
    }
    return copy;
}

static char **numbered_headers(size_t count)
{
    char **headers = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++)
        headers[i] = g_strdup_printf("Column %zu", i + 1);
    return headers;
}

static bool beginning_read(ImportPlan *plan, CsvReader *csv, GError **error)
{
    GError *failure = NULL;
    while (plan->rows->len < IMPORT_SAMPLE_ROWS && csv_next(csv, &failure)) {
        if (!plan->headers) {
            plan->column_count = csv_field_count(csv);
            plan->headers =
                plan->csv.header ? record_copy(csv) : numbered_headers(plan->column_count);
            if (plan->csv.header) continue;
        }
        g_ptr_array_add(plan->rows, record_copy(csv));
    }
    if (failure) return g_propagate_error(error, failure), false;
    if (!plan->headers) return fail(error, KITH_ERROR_INVALID, "the file has no lines");
    return true;
}

static bool plan_open(ImportPlan *plan, const char *path, const ImportOptions *options,
                      GError **error)
{
    if (!csv_sniff_file(path, &plan->csv, error)) return false;
    if (options->delimiter) plan->csv.delimiter = options->delimiter;
    g_autoptr(CsvReader) csv = csv_open(path, &plan->csv, LIMIT_CSV_RECORD_BYTES, error);
    return csv && beginning_read(plan, csv, error);
}

/* ---- columns ------------------------------------------------------------------------------ */

static int column_find(const ImportPlan *plan, const char *name)
{
    Slice wanted = text_trim(slice_of(name));
    for (size_t i = 0; i < plan->column_count; i++)
        if (text_equal_ascii_case(text_trim(slice_of(plan->headers[i])), wanted)) return (int)i;
    return -1;
}

static bool mapping_apply(ImportPlan *plan, const ImportOptions *options, GError **error)
{
    const char *name;
    json_t *value;
    json_object_foreach(options->mapping, name, value)
    {
        int field = import_field_find(name);
        if (field < 0 || !import_field_used(plan->kind, (ImportFieldId)field))
            return fail(error, KITH_ERROR_INVALID, "%s have no field \"%s\"",
                        import_kind_name(plan->kind), name);
        const char *column = json_string_value(value);
        plan->columns[field] = column && *column ? column_find(plan, column) : -1;
        if (column && *column && plan->columns[field] < 0)
            return fail(error, KITH_ERROR_INVALID, "the file has no column \"%s\"", column);
    }
    return true;
}

/* A column that the user gave to one field is free for no other guess. */
static void guesses_clear(ImportPlan *plan, const ImportOptions *options)
{
    const char *name;
    json_t *value;
    json_object_foreach(options->mapping, name, value)
    {
        int column = json_is_string(value) ? column_find(plan, json_string_value(value)) : -1;
        for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
            if (column >= 0 && plan->columns[i] == column) plan->columns[i] = -1;
    }
}

/* A list of addresses that nobody named otherwise is one of those never to be written to. */
static void kind_by_hint(ImportPlan *plan, const ImportOptions *options)
{
    bool people = plan->kind == IMPORT_CUSTOMERS || plan->kind == IMPORT_AUTO;
    int columns[IMPORT_FIELDS_MAX];
    if (options->kind != IMPORT_AUTO || plan->vendor || !people || options->not_suppressions)
        return;
    import_columns_guess(IMPORT_SUPPRESSIONS, plan->headers, plan->column_count, columns);
    bool addresses = columns[COLUMN_EMAIL] >= 0 || columns[COLUMN_PHONE] >= 0;
    if (plan->suppression_hint && addresses) plan->kind = IMPORT_SUPPRESSIONS;
}

static bool columns_choose(ImportPlan *plan, const ImportOptions *options, GError **error)
{
    char *const *headers = plan->headers;
    if (options->format != FORMAT_GENERIC)
        plan->vendor =
            import_vendor_find(headers, plan->column_count, options->kind, options->format);
    if (!plan->vendor && options->format > FORMAT_GENERIC)
        return fail(error, KITH_ERROR_INVALID, "this is not an export of %s: its header differs",
                    import_format_name(options->format));
    plan->format = plan->vendor ? plan->vendor->format : FORMAT_GENERIC;
    plan->kind = options->kind;
    if (plan->kind == IMPORT_AUTO)
        plan->kind =
            plan->vendor ? plan->vendor->kind : import_kind_guess(headers, plan->column_count);
    kind_by_hint(plan, options);
    if (plan->kind == IMPORT_AUTO && options->mapping) plan->kind = IMPORT_ORDERS;
    if (plan->kind == IMPORT_AUTO)
        return fail(error, KITH_ERROR_INVALID,
                    "cannot tell what is in this file; say orders, customers, products, events, "
                    "rates, consents or suppressions, and which column means what");
    if (plan->vendor)
        import_vendor_columns(plan->vendor, headers, plan->column_count, plan->columns);
    else
        import_columns_guess(plan->kind, headers, plan->column_count, plan->columns);
    if (!options->mapping) return true;
    guesses_clear(plan, options);
    for (int i = 0; options->mapping_only && i < IMPORT_FIELDS_MAX; i++)
        plan->columns[i] = -1;
    return mapping_apply(plan, options, error);
}

/* ---- dates, numbers, zone ----------------------------------------------------------------- */

/* The samples of a field's column, added to `samples` (of Slice). */
static void samples_add(const ImportPlan *plan, ImportFieldId field, GArray *samples)
{
    int column = plan->columns[field];
    for (guint i = 0; column >= 0 && i < plan->rows->len; i++) {
        char **row = plan->rows->pdata[i];
        Slice text = (int)g_strv_length(row) > column ? slice_of(row[column]) : (Slice){"", 0};
        if (text_trim(text).size) g_array_append_val(samples, text);
    }
}

static void dates_guess(ImportPlan *plan, const ImportOptions *options)
{
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(Slice));
    samples_add(plan, COLUMN_DATE, samples);
    plan->date_order = DATE_YMD;
    plan->date_certain = true;
    date_order_guess((const Slice *)(void *)samples->data, samples->len, &plan->date_order,
                     &plan->date_certain);
    plan->date_fixed = options->date_fixed;
    if (options->date_order < 0) return;
    bool guessed = plan->date_certain && plan->date_order == (DateOrder)options->date_order;
    plan->date_certain = plan->date_fixed || guessed;
    plan->date_order = (DateOrder)options->date_order;
}

static void decimals_guess(ImportPlan *plan, const ImportOptions *options)
{
    static const ImportFieldId numbers[] = {COLUMN_PRICE, COLUMN_LINE_TOTAL, COLUMN_TOTAL,
                                            COLUMN_QUANTITY, COLUMN_RATE};
    g_autoptr(GArray) samples = g_array_new(FALSE, FALSE, sizeof(Slice));
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        samples_add(plan, numbers[i], samples);
    plan->decimal = decimal_style_guess((const Slice *)(void *)samples->data, samples->len,
                                        &plan->decimal_certain);
    plan->decimal_fixed = options->decimal_fixed;
    if (options->decimal < 0) return;
    bool guessed = plan->decimal_certain && plan->decimal == (DecimalStyle)options->decimal;
    plan->decimal_certain = plan->decimal_fixed || guessed;
    plan->decimal = (DecimalStyle)options->decimal;
}

/* "C" and digits: how many shops and tills number a credit note. */
static bool is_c_key(const char *key)
{
    if ((key[0] != 'C' && key[0] != 'c') || !key[1]) return false;
    return strspn(key + 1, "0123456789") == strlen(key + 1);
}

/* Off where such keys have positive quantities, or where every key looks so. */
static bool c_means_refund(const ImportPlan *plan)
{
    int key = plan->columns[COLUMN_ORDER], quantity = plan->columns[COLUMN_QUANTITY];
    guint other = 0;
    for (guint i = 0; key >= 0 && i < plan->rows->len; i++) {
        char **row = plan->rows->pdata[i];
        int count = (int)g_strv_length(row);
        if (count <= key) continue;
        other += !is_c_key(row[key]);
        bool positive = quantity >= 0 && count > quantity && row[quantity][0] != '-';
        if (is_c_key(row[key]) && positive) return false;
    }
    return other > 0;
}

static bool places_set(ImportPlan *plan, const ImportOptions *options, GError **error)
{
    g_strlcpy(plan->currency, options->currency, sizeof(plan->currency));
    g_strlcpy(plan->zone_name, options->zone, sizeof(plan->zone_name));
    g_strlcpy(plan->shop, options->shop, sizeof(plan->shop));
    plan->zone = zone_utc();
    if (*plan->zone_name) plan->zone = zone_find(slice_of(plan->zone_name), error);
    if (!plan->zone) return false;
    if (*plan->currency && currency_digits(plan->currency) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "currency \"%s\" is not known; use an ISO 4217 code such as EUR",
                    plan->currency);
    return true;
}

/* line_item_1 is followed by as many as the largest order of the export has lines. */
static void items_set(ImportPlan *plan)
{
    int first = plan->columns[COLUMN_ITEMS];
    plan->items_columns = first >= 0;
    plan->items_numbered =
        first >= 0 && slice_is(text_trim(slice_of(plan->headers[first])), "line_item_1");
    for (int i = 1; plan->items_numbered && first + i < (int)plan->column_count; i++) {
        g_autofree char *name = g_strdup_printf("line_item_%d", i + 1);
        if (!slice_is(text_trim(slice_of(plan->headers[first + i])), name)) return;
        plan->items_columns = i + 1;
    }
}

static void list_look(ImportPlan *plan, const char *path, const ImportOptions *options)
{
    g_autofree char *base = g_path_get_basename(path);
    const char *name = options->file_name ? options->file_name : base;
    g_strlcpy(plan->says, options->says, sizeof(plan->says));
    plan->not_suppressions = options->not_suppressions;
    plan->suppression_hint = import_suppression_hint(plan, name);
}

ImportPlan *import_plan_new(const char *path, const ImportOptions *options, GError **error)
{
    g_autoptr(ImportPlan) plan = g_new0(ImportPlan, 1);
    plan->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    if (!plan_open(plan, path, options, error)) return NULL;
    list_look(plan, path, options);
    if (!columns_choose(plan, options, error)) return NULL;
    items_set(plan);
    if (!*plan->says && plan->vendor && plan->vendor->says)
        g_strlcpy(plan->says, plan->vendor->says, sizeof(plan->says));
    if (!places_set(plan, options, error)) return NULL;
    dates_guess(plan, options);
    decimals_guess(plan, options);
    plan->c_means_refund = plan->kind == IMPORT_ORDERS && c_means_refund(plan);
    return g_steal_pointer(&plan);
}

/* Whose permission a list is about, and what it says. */
static void list_missing(const ImportPlan *plan, GString *missing)
{
    bool list = plan->kind == IMPORT_CONSENTS || plan->kind == IMPORT_SUPPRESSIONS;
    bool addresses = plan->columns[COLUMN_EMAIL] >= 0 || plan->columns[COLUMN_PHONE] >= 0;
    bool words = plan->columns[COLUMN_ACCEPTS_EMAIL] >= 0 || plan->columns[COLUMN_STATUS] >= 0 ||
                 plan->columns[COLUMN_ACCEPTS_SMS] >= 0;
    if (list && !addresses)
        g_string_append_printf(missing, "%sa column for \"email\"", missing->len ? ", " : "");
    if (plan->kind == IMPORT_CONSENTS && !words && !*plan->says)
        g_string_append_printf(
            missing,
            "%sa column that says yes or no (\"accepts_email\" or \"status\"), or "
            "what every row says",
            missing->len ? ", " : "");
}

/* Addresses that asked to be left alone must not come in as people to write to. */
static bool list_check(const ImportPlan *plan, GError **error)
{
    bool people = plan->kind == IMPORT_CUSTOMERS || plan->kind == IMPORT_CONSENTS;
    bool words = plan->kind == IMPORT_CONSENTS && !*plan->says;
    if (!people || words || plan->vendor || plan->not_suppressions || !plan->suppression_hint)
        return true;
    return fail(error, KITH_ERROR_INVALID,
                "%s: are these addresses that are never to be written to? If so, import them as "
                "suppressions; if they are %s all the same, say so (not_suppressions)",
                plan->suppression_hint, import_kind_name(plan->kind));
}

bool import_plan_check(const ImportPlan *plan, GError **error)
{
    if (!list_check(plan, error)) return false;
    GString *missing = g_string_new(NULL);
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (import_field_required(plan->kind, (ImportFieldId)i) && plan->columns[i] < 0)
            g_string_append_printf(missing, "%sa column for \"%s\"", missing->len ? ", " : "",
                                   import_field((ImportFieldId)i)->name);
    bool dated = plan->kind == IMPORT_ORDERS || plan->kind == IMPORT_EVENTS;
    if (dated && !*plan->zone_name)
        g_string_append_printf(missing, "%sthe time zone", missing->len ? ", " : "");
    bool priced = plan->kind == IMPORT_ORDERS && plan->columns[COLUMN_CURRENCY] < 0;
    if (priced && !*plan->currency)
        g_string_append_printf(missing, "%sthe currency", missing->len ? ", " : "");
    list_missing(plan, missing);
    g_autofree char *text = g_string_free(missing, FALSE);
    return !*text || fail(error, KITH_ERROR_INVALID, "%s cannot be imported yet: missing %s",
                          import_kind_name(plan->kind), text);
}

/* ---- as JSON ------------------------------------------------------------------------------ */

json_t *import_plan_mapping(const ImportPlan *plan)
{
    json_t *mapping = json_object();
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++) {
        int column = plan->columns[i];
        if (!import_field_used(plan->kind, (ImportFieldId)i)) continue;
        json_object_set_new(mapping, import_field((ImportFieldId)i)->name,
                            column < 0 ? json_null() : json_string(plan->headers[column]));
    }
    return mapping;
}

json_t *import_plan_assumed(const ImportPlan *plan)
{
    char delimiter[2] = {plan->csv.delimiter, '\0'};
    return json_pack(
        "{s:s, s:s, s:b, s:s, s:b, s:s, s:b, s:b, s:b, s:b, s:b, s:s, s:s, s:b, s:s, s:s, s:b, "
        "s:s?}",
        "delimiter", delimiter, "encoding", csv_encoding_name(plan->csv.encoding), "bom",
        plan->csv.bom, "newline", csv_newline_name(plan->csv.newline), "header", plan->csv.header,
        "date_order", date_order_name(plan->date_order), "date_certain", plan->date_certain,
        "date_fixed", plan->date_fixed, "decimal_comma", plan->decimal == DECIMAL_COMMA,
        "decimal_certain", plan->decimal_certain, "decimal_fixed", plan->decimal_fixed, "zone",
        plan->zone_name, "currency", plan->currency, "c_means_refund", plan->c_means_refund, "shop",
        plan->shop, "says", plan->says, "not_suppressions", plan->not_suppressions,
        "suppression_hint", plan->suppression_hint);
}

static json_t *column_samples(const ImportPlan *plan, size_t column)
{
    json_t *samples = json_array();
    for (guint i = 0; i < plan->rows->len && json_array_size(samples) < IMPORT_SHOWN_SAMPLES; i++) {
        char **row = plan->rows->pdata[i];
        if (g_strv_length(row) <= column || !*row[column]) continue;
        bool seen = false;
        for (size_t j = 0; j < json_array_size(samples); j++)
            seen = seen || strcmp(json_string_value(json_array_get(samples, j)), row[column]) == 0;
        Slice shown = text_cut(slice_of(row[column]), 80);
        if (!seen) json_array_append_new(samples, json_stringn(shown.data, shown.size));
    }
    return samples;
}

json_t *import_plan_columns(const ImportPlan *plan)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < plan->column_count; i++) {
        const char *field = NULL;
        for (int j = 0; j < IMPORT_FIELDS_MAX; j++)
            if (plan->columns[j] == (int)i) field = import_field((ImportFieldId)j)->name;
        json_array_append_new(columns,
                              json_pack("{s:s, s:o, s:s?}", "name", plan->headers[i], "samples",
                                        column_samples(plan, i), "field", field));
    }
    return columns;
}

void import_plan_header_hash(const ImportPlan *plan, uint8_t ret_hash[16])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, 16);
    const char *kind = import_kind_name(plan->kind);
    crypto_generichash_update(&state, (const uint8_t *)kind, strlen(kind) + 1);
    for (size_t i = 0; i < plan->column_count; i++)
        crypto_generichash_update(&state, (const uint8_t *)plan->headers[i],
                                  strlen(plan->headers[i]) + 1);
    crypto_generichash_final(&state, ret_hash, 16);
}

static const char *member_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

bool import_options_load(const json_t *mapping, const json_t *assumed, ImportOptions *ret_options,
                         GError **error)
{
    ImportOptions options = IMPORT_OPTIONS_NONE;
    options.mapping = json_is_object(mapping) ? (json_t *)mapping : NULL;
    const char *currency = member_text(assumed, "currency");
    const char *order = member_text(assumed, "date_order");
    const json_t *comma = json_object_get(assumed, "decimal_comma");
    DateOrder date_order;
    if (*currency && !currency_parse(slice_of(currency), options.currency, error)) return false;
    if (*order && !date_order_find(order, &date_order))
        return fail(error, KITH_ERROR_INVALID, "date order \"%s\" is none of ymd, dmy, mdy, …",
                    order);
    if (*order) options.date_order = (int)date_order;
    if (json_is_boolean(comma))
        options.decimal = json_is_true(comma) ? DECIMAL_COMMA : DECIMAL_POINT;
    g_strlcpy(options.says, member_text(assumed, "says"), sizeof(options.says));
    options.not_suppressions = json_is_true(json_object_get(assumed, "not_suppressions"));
    options.date_fixed = json_is_true(json_object_get(assumed, "date_fixed"));
    options.decimal_fixed = json_is_true(json_object_get(assumed, "decimal_fixed"));
    options.delimiter = member_text(assumed, "delimiter")[0];
    g_strlcpy(options.zone, member_text(assumed, "zone"), sizeof(options.zone));
    g_strlcpy(options.shop, member_text(assumed, "shop"), sizeof(options.shop));
    *ret_options = options;
    return true;
}
