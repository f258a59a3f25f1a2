#include "timeline/import_row.h"

#include "base/error.h"
#include "base/text.h"
#include "people/identity.h"
#include "timeline/import_cell.h"
#include "timeline/import_words.h"
#include "timeline/orders.h"

void import_row_cache_clear(ImportRowCache *cache)
{
    g_clear_pointer(&cache->lines, g_array_unref);
    g_clear_pointer(&cache->handle, g_free);
    g_clear_pointer(&cache->title, g_free);
    g_clear_pointer(&cache->category, g_free);
}

Slice import_id_text(Slice text)
{
    /* Spreadsheets keep long numbers whole behind an apostrophe. */
    if (text.size > 1 && text.data[0] == '\'') text = (Slice){text.data + 1, text.size - 1};
    if (text.size > 1 && text.data[0] == '#') text = (Slice){text.data + 1, text.size - 1};
    size_t digits = 0;
    while (digits < text.size && g_ascii_isdigit(text.data[digits]))
        digits++;
    size_t zeros = digits + 1;
    if (digits == 0 || zeros >= text.size || text.data[digits] != '.') return text;
    while (zeros < text.size && text.data[zeros] == '0')
        zeros++;
    return zeros == text.size ? (Slice){text.data, digits} : text;
}

/* Words of Shopify's "Financial Status", WooCommerce's statuses, and German shops. */
static const struct {
    const char *word;
    ImportStatus status;
} statuses[] = {
    {"cancelled", STATUS_CANCELLED},
    {"canceled", STATUS_CANCELLED},
    {"voided", STATUS_CANCELLED},
    {"expired", STATUS_CANCELLED},
    {"storniert", STATUS_CANCELLED},
    {"abgebrochen", STATUS_CANCELLED},
    {"wc-cancelled", STATUS_CANCELLED},
    {"refunded", STATUS_REFUNDED},
    {"erstattet", STATUS_REFUNDED},
    {"wc-refunded", STATUS_REFUNDED},
    {"failed", STATUS_NONE},
    {"wc-failed", STATUS_NONE},
    {"draft", STATUS_NONE},
    {"checkout-draft", STATUS_NONE},
    {"trash", STATUS_NONE},
    {"fehlgeschlagen", STATUS_NONE},
};

static ImportStatus status_read(Slice text)
{
    for (size_t i = 0; text.size && i < G_N_ELEMENTS(statuses); i++)
        if (text_equal_ascii_case(text, slice_of(statuses[i].word))) return statuses[i].status;
    return STATUS_PLACED;
}

static Slice trim_fast(Slice text)
{
    if (!text.size) return text;
    uint8_t first = (uint8_t)text.data[0], last = (uint8_t)text.data[text.size - 1];
    if (first > ' ' && first < 0x7F && last > ' ' && last < 0x7F) return text;
    return text_trim(text);
}

/* Exports put an apostrophe before what a spreadsheet would take for a formula ("'+49 30 …") or
 * for a number ("'01067"). */
static Slice guard_strip(Slice text, ImportFieldId field)
{
    if (text.size < 2 || text.data[0] != '\'') return text;
    bool code = field == COLUMN_ZIP || field == COLUMN_PHONE || field == COLUMN_PRODUCT;
    bool guarded = strchr("=+-@", text.data[1]) || (code && g_ascii_isdigit(text.data[1]));
    return guarded ? (Slice){text.data + 1, text.size - 1} : text;
}

static void texts_read(const ImportPlan *plan, const CsvReader *csv, ImportRow *row)
{
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++) {
        int column = plan->columns[i];
        row->text[i] = (Slice){"", 0};
        if (column < 0) continue;
        row->text[i] = guard_strip(trim_fast(csv_field(csv, (size_t)column)), (ImportFieldId)i);
    }
}

/* Go prints the offset and then the zone's name: "2024-01-02 03:04:05 +0000 UTC". */
static Slice zone_name_strip(Slice text)
{
    size_t size = text.size;
    while (size > 0 && g_ascii_isupper(text.data[size - 1]))
        size--;
    bool offset = size > 6 && size < text.size && text.data[size - 1] == ' ' &&
                  (text.data[size - 6] == '+' || text.data[size - 6] == '-');
    return offset ? (Slice){text.data, size - 1} : text;
}

static bool date_read(const ImportPlan *plan, ImportRowCache *cache, ImportRow *row, GError **error)
{
    Slice text = zone_name_strip(row->text[COLUMN_DATE]);
    if (!text.size) return true;
    bool known = text.size == cache->size && memcmp(text.data, cache->text, text.size) == 0;
    int64_t at = cache->at;
    if (!known && !date_parse(text, plan->date_order, plan->zone, &at, error)) return false;
    if (!known && text.size <= sizeof(cache->text)) {
        memcpy(cache->text, text.data, text.size);
        cache->size = text.size;
        cache->at = at;
    }
    row->at = db_int(at);
    return true;
}

static bool cancelled_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    Slice text = row->text[COLUMN_CANCELLED_AT];
    if (!text.size) return true;
    int64_t at;
    if (!date_parse(text, plan->date_order, plan->zone, &at, error)) return false;
    row->cancelled_at = db_int(at);
    return true;
}

static bool currency_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    memcpy(row->currency, plan->currency, sizeof(row->currency));
    Slice text = row->text[COLUMN_CURRENCY];
    return !text.size || currency_parse(text, row->currency, error);
}

/* Adds the name of the field to the reason. */
static bool decimal_read(const ImportPlan *plan, const ImportRow *row, ImportFieldId field,
                         int64_t *ret_micros, GError **error)
{
    if (decimal_parse(row->text[field], plan->decimal, ret_micros, error)) return true;
    g_prefix_error(error, "%s: ", import_field(field)->name);
    return false;
}

/* An amount in minor units; not set when the field is empty. */
static bool amount_read(const ImportPlan *plan, const ImportRow *row, ImportFieldId field,
                        DbInt *ret_amount, GError **error)
{
    int64_t micros, minor;
    if (!row->text[field].size) return true;
    if (!decimal_read(plan, row, field, &micros, error)) return false;
    int digits = *row->currency ? currency_digits(row->currency) : 2;
    if (!money_from_micros(micros, digits, &minor))
        return fail(error, KITH_ERROR_LIMIT, "%s: the amount is too large",
                    import_field(field)->name);
    *ret_amount = db_int(minor);
    return true;
}

static bool line_value_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    int digits = *row->currency ? currency_digits(row->currency) : 2;
    if (row->text[COLUMN_PRICE].size) {
        if (!decimal_read(plan, row, COLUMN_PRICE, &row->price, error)) return false;
        return money_multiply(row->quantity, row->price, digits, &row->value) ||
               fail(error, KITH_ERROR_LIMIT, "quantity times price is too large");
    }
    DbInt total = {0};
    if (!amount_read(plan, row, COLUMN_LINE_TOTAL, &total, error)) return false;
    if (!total.set) return true;
    int64_t micros = 0;
    decimal_parse(row->text[COLUMN_LINE_TOTAL], plan->decimal, &micros, NULL);
    row->value = total.value;
    /* Price of one, for the record; the value itself is what the file says. */
    row->price =
        row->quantity ? (int64_t)((__int128)micros * DECIMAL_SCALE / row->quantity) : micros;
    if (row->quantity < 0 && row->value > 0) row->value = -row->value;
    return true;
}

static bool line_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    row->has_line = row->text[COLUMN_PRICE].size || row->text[COLUMN_LINE_TOTAL].size ||
                    row->text[COLUMN_PRODUCT].size || row->text[COLUMN_ITEM].size;
    row->quantity = DECIMAL_SCALE;
    if (row->text[COLUMN_QUANTITY].size &&
        !decimal_read(plan, row, COLUMN_QUANTITY, &row->quantity, error))
        return false;
    return !row->has_line || line_value_read(plan, row, error);
}

static bool is_c_key(Slice key)
{
    if (key.size < 2 || (key.data[0] != 'C' && key.data[0] != 'c')) return false;
    for (size_t i = 1; i < key.size; i++)
        if (!g_ascii_isdigit(key.data[i])) return false;
    return true;
}

static bool refunded_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    int64_t micros, minor;
    if (!import_cell_refunds(row->text[COLUMN_REFUNDED], &micros))
        return amount_read(plan, row, COLUMN_REFUNDED, &row->refunded, error);
    int digits = *row->currency ? currency_digits(row->currency) : 2;
    if (!money_from_micros(micros, digits, &minor))
        return fail(error, KITH_ERROR_LIMIT, "refunded: the amount is too large");
    row->refunded = db_int(minor);
    return true;
}

static bool cells_read(const ImportPlan *plan, const CsvReader *csv, ImportRowCache *cache,
                       ImportRow *row, GError **error)
{
    row->text[COLUMN_COUPON] = import_cell_coupon(row->text[COLUMN_COUPON]);
    if (!plan->items_columns) return true;
    if (!cache->lines) cache->lines = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    g_array_set_size(cache->lines, 0);
    if (!import_cells_lines(plan, csv, row, cache->lines, error)) return false;
    if (cache->lines->len) row->lines = cache->lines;
    return true;
}

static bool order_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    if (!row->text[COLUMN_ORDER].size)
        return fail(error, KITH_ERROR_INVALID, "there is no order number");
    if (!row->text[COLUMN_NUMBER].size) row->text[COLUMN_NUMBER] = row->text[COLUMN_ORDER];
    row->text[COLUMN_ORDER] = import_id_text(row->text[COLUMN_ORDER]);
    row->is_refund_key = plan->c_means_refund && is_c_key(row->text[COLUMN_ORDER]);
    row->status = status_read(row->text[COLUMN_STATUS]);
    return line_read(plan, row, error) &&
           amount_read(plan, row, COLUMN_TOTAL, &row->total, error) &&
           amount_read(plan, row, COLUMN_TAX, &row->tax, error) &&
           amount_read(plan, row, COLUMN_SHIPPING, &row->shipping, error) &&
           amount_read(plan, row, COLUMN_DISCOUNT, &row->discount, error) &&
           refunded_read(plan, row, error) && cancelled_read(plan, row, error);
}

static bool person_named(const ImportRow *row)
{
    return row->text[COLUMN_CUSTOMER].size || row->text[COLUMN_EMAIL].size ||
           row->text[COLUMN_PHONE].size || row->text[COLUMN_ANONYMOUS].size;
}

/* A word of permission that is in no table is no permission, and no refusal either. */
static bool word_check(const ImportRow *row, ImportFieldId field, GError **error)
{
    Slice text = row->text[field];
    if (import_word(text) != WORD_UNKNOWN) return true;
    Slice shown = text_cut(text, 60);
    return fail(error, KITH_ERROR_INVALID, "%s: \"%.*s\" is neither yes nor no",
                import_field(field)->name, (int)shown.size, shown.data);
}

static bool customer_read(const ImportRow *row, GError **error)
{
    if (!person_named(row))
        return fail(error, KITH_ERROR_INVALID,
                    "there is no customer number, e-mail address or phone");
    return word_check(row, COLUMN_ACCEPTS_EMAIL, error) &&
           word_check(row, COLUMN_ACCEPTS_SMS, error);
}

static bool address_check(const ImportRow *row, GError **error)
{
    static const struct {
        ImportFieldId field;
        IdentityKind kind;
    } fields[] = {{COLUMN_EMAIL, IDENTITY_EMAIL}, {COLUMN_PHONE, IDENTITY_PHONE}};
    IdentityValue value;
    bool any = false;
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        Slice text = row->text[fields[i].field];
        if (!text.size) continue;
        IdentityVerdict verdict = identity_normalize(fields[i].kind, text, &value);
        if (verdict != IDENTITY_USABLE)
            return fail(error, KITH_ERROR_INVALID, "%s is %s", import_field(fields[i].field)->label,
                        identity_verdict_name(verdict));
        any = true;
    }
    return any || fail(error, KITH_ERROR_INVALID, "there is no e-mail address or phone");
}

static bool consent_read(const ImportRow *row, GError **error)
{
    return address_check(row, error) && word_check(row, COLUMN_ACCEPTS_EMAIL, error) &&
           word_check(row, COLUMN_ACCEPTS_SMS, error) && word_check(row, COLUMN_STATUS, error);
}

/* A row that says somebody subscribed does not belong here; an unknown reason is one all the same.
 */
static bool suppression_read(const ImportRow *row, GError **error)
{
    ImportWord word = import_word(row->text[COLUMN_STATUS]);
    if (!address_check(row, error)) return false;
    return (word != WORD_YES && word != WORD_PENDING) ||
           fail(error, KITH_ERROR_INVALID, "status: \"%.*s\" is no reason never to write",
                (int)MIN(row->text[COLUMN_STATUS].size, 60), row->text[COLUMN_STATUS].data);
}

static bool rate_read(const ImportPlan *plan, ImportRow *row, GError **error)
{
    if (!row->text[COLUMN_CURRENCY].size || !row->at.set)
        return fail(error, KITH_ERROR_INVALID, "a rate needs a currency and a date");
    if (!decimal_read(plan, row, COLUMN_RATE, &row->price, error)) return false;
    return row->price > 0 || fail(error, KITH_ERROR_INVALID, "rate: must be above 0");
}

static void cache_text(char **kept, Slice text)
{
    g_free(*kept);
    *kept = g_strndup(text.data, text.size);
}

/* Rows of one handle are one product: the first says its name and category, the
 * others a variant or nothing but a picture. */
static void product_join(ImportRowCache *cache, ImportRow *row)
{
    Slice handle = row->text[COLUMN_HANDLE];
    if (row->text[COLUMN_ITEM].size || !handle.size) {
        cache_text(&cache->handle, handle);
        cache_text(&cache->title, row->text[COLUMN_ITEM]);
        cache_text(&cache->category, row->text[COLUMN_CATEGORY]);
        return;
    }
    bool variant = row->text[COLUMN_PRODUCT].size || row->text[COLUMN_PRICE].size;
    row->skip = !variant;
    if (!cache->handle || !slice_is(handle, cache->handle)) return;
    row->text[COLUMN_ITEM] = slice_of(cache->title);
    if (!row->text[COLUMN_CATEGORY].size) row->text[COLUMN_CATEGORY] = slice_of(cache->category);
}

static bool product_read(const ImportPlan *plan, ImportRowCache *cache, ImportRow *row,
                         GError **error)
{
    if (plan->columns[COLUMN_HANDLE] >= 0) product_join(cache, row);
    if (!row->text[COLUMN_PRODUCT].size) row->text[COLUMN_PRODUCT] = row->text[COLUMN_HANDLE];
    if (!row->text[COLUMN_PRODUCT].size)
        return fail(error, KITH_ERROR_INVALID, "there is no product number");
    return amount_read(plan, row, COLUMN_PRICE, &row->total, error);
}

static bool kind_read(const ImportPlan *plan, ImportRowCache *cache, ImportRow *row, GError **error)
{
    switch (plan->kind) {
    case IMPORT_ORDERS:
        return order_read(plan, row, error);
    case IMPORT_CUSTOMERS:
        return customer_read(row, error);
    case IMPORT_PRODUCTS:
        return product_read(plan, cache, row, error);
    case IMPORT_EVENTS:
        if (!row->text[COLUMN_EVENT].size || !row->at.set)
            return fail(error, KITH_ERROR_INVALID, "an event needs a name and a date");
        return person_named(row) || fail(error, KITH_ERROR_INVALID, "nobody is named");
    case IMPORT_RATES:
        return rate_read(plan, row, error);
    case IMPORT_CONSENTS:
        return consent_read(row, error);
    case IMPORT_SUPPRESSIONS:
        return suppression_read(row, error);
    case IMPORT_AUTO:
    case IMPORT_KINDS:
        break;
    }
    g_assert_not_reached();
}

bool import_row_read(const ImportPlan *plan, const CsvReader *csv, ImportRowCache *cache,
                     ImportRow *ret_row, GError **error)
{
    memset(ret_row, 0, sizeof(*ret_row));
    ret_row->line = csv_line(csv);
    ret_row->offset = csv_offset(csv);
    if (csv_problem(csv))
        return fail(error, KITH_ERROR_INVALID, "the line is %s", csv_problem(csv));
    texts_read(plan, csv, ret_row);
    if (!date_read(plan, cache, ret_row, error)) return false;
    if (!currency_read(plan, ret_row, error)) return false;
    ret_row->text[COLUMN_CUSTOMER] = import_id_text(ret_row->text[COLUMN_CUSTOMER]);
    if (plan->kind == IMPORT_ORDERS && !cells_read(plan, csv, cache, ret_row, error)) return false;
    return kind_read(plan, cache, ret_row, error);
}
