#include <math.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json_write.h"
#include "people/permission.h"
#include "people/person.h"
#include "people/resolve.h"
#include "people/trait.h"
#include "timeline/import_consent.h"
#include "timeline/import_sql.h"
#include "timeline/payload.h"
#include "timeline/rates.h"

/* One item on its way into the store. */
typedef struct ItemWrite {
    ImportRun *run;
    Db *db;
    const ImportItem *item;
    const ImportRow *row; /* of the item */
    ImportCounts *counts;
    int64_t now;
    ResolveResult who; /* zeroed: nobody is named */
} ItemWrite;

/* ---- who ---------------------------------------------------------------------------------- */

static bool person_resolve(ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    ResolveInput input = {.source_id = write->run->source_id,
                          .shop_id = write->run->shop_id,
                          .trust = TRUST_FILE,
                          .user_id = row->text[COLUMN_CUSTOMER],
                          .anonymous_id = row->text[COLUMN_ANONYMOUS],
                          .email = row->text[COLUMN_EMAIL],
                          .phone = row->text[COLUMN_PHONE],
                          .at = write->now};
    if (!input.user_id.size && !input.anonymous_id.size && !input.email.size && !input.phone.size)
        return true;
    if (!people_resolve(write->run->parts->people, write->db, &input, &write->who, error))
        return false;
    write->counts->customers += write->who.created;
    return true;
}

static const struct {
    ImportFieldId field;
    Slice trait;
} trait_fields[] = {
    {COLUMN_EMAIL, {"email", 5}},        {COLUMN_PHONE, {"phone", 5}},
    {COLUMN_NAME, {"name", 4}},          {COLUMN_FIRST_NAME, {"firstName", 9}},
    {COLUMN_LAST_NAME, {"lastName", 8}}, {COLUMN_COUNTRY, {"country", 7}},
    {COLUMN_CITY, {"city", 4}},          {COLUMN_ZIP, {"postalCode", 10}},
    {COLUMN_COMPANY, {"company", 7}},    {COLUMN_BIRTHDAY, {"birthday", 8}},
    {COLUMN_LANGUAGE, {"language", 8}},
};

enum { TRAITS_BYTES_MAX = 64 * 1024, IMPORT_TAGS_MAX = 1000 };

/* Whether this run wrote just that for this stem before; notes it if not. */
static bool seen_before(ImportRun *run, int64_t stem, Slice text)
{
    g_auto(Buffer) key = BUFFER_INIT(TRAITS_BYTES_MAX + 32);
    buffer_append_int(&key, stem);
    buffer_append_char(&key, ':');
    buffer_append(&key, text);
    if (keymap_count(run->seen) >= IMPORT_SEEN_MAX) keymap_clear(run->seen);
    bool added = true;
    keymap_add(run->seen, keyhash128(run->seen_key, key.data, key.size), 1, NULL, &added);
    return !added;
}

static bool traits_write(const ItemWrite *write, unsigned *ret_written, GError **error)
{
    const ImportRow *row = write->row;
    int64_t stem = write->who.stem;
    g_auto(Buffer) text = BUFFER_INIT(TRAITS_BYTES_MAX);
    TraitValue traits[G_N_ELEMENTS(trait_fields)];
    size_t offsets[G_N_ELEMENTS(trait_fields) + 1], count = 0;
    *ret_written = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(trait_fields); i++) {
        Slice value = row->text[trait_fields[i].field];
        if (!value.size) continue;
        traits[count].name = trait_fields[i].trait;
        offsets[count++] = text.size;
        json_append_quoted(&text, value);
    }
    offsets[count] = text.size;
    if (count == 0 || text.failed || stem <= 0 ||
        seen_before(write->run, stem, buffer_slice(&text)))
        return true;
    for (size_t i = 0; i < count; i++)
        traits[i].json = (Slice){text.data + offsets[i], offsets[i + 1] - offsets[i]};
    TraitReport report = {.stem = stem,
                          .source_id = write->run->source_id,
                          .trust = TRUST_FILE,
                          .occurred_at = row->at.set ? row->at.value : write->now,
                          .received_at = write->now,
                          .traits = traits,
                          .count = count};
    TraitOutcome outcome = {0};
    if (!people_traits_put(write->run->parts->people, write->db, &report, &outcome, error))
        return false;
    *ret_written = outcome.written;
    return true;
}

/* ---- orders and refunds ------------------------------------------------------------------- */

static bool lines_sum(const GArray *lines, int64_t *ret_sum)
{
    int64_t sum = 0;
    for (guint i = 0; i < lines->len; i++)
        if (__builtin_add_overflow(sum, g_array_index(lines, OrderLine, i).value, &sum))
            return false;
    *ret_sum = sum;
    return true;
}

static OrderReport order_report(const ItemWrite *write)
{
    const ImportRow *row = write->row;
    const ImportRun *run = write->run;
    const GArray *lines = write->item->lines;
    OrderReport report = {.shop_id = run->shop_id,
                          .order_key = row->text[COLUMN_ORDER],
                          .number = row->text[COLUMN_NUMBER],
                          .source_id = run->source_id,
                          .trust = TRUST_FILE,
                          .import_id = run->import_id,
                          .stem = write->who.stem,
                          .revenue = row->total,
                          .tax = row->tax,
                          .shipping = row->shipping,
                          .discount = row->discount,
                          .coupon = row->text[COLUMN_COUPON],
                          .occurred_at = row->at,
                          .cancelled_at = row->cancelled_at,
                          .received_at = write->now,
                          .lines = (const OrderLine *)(void *)lines->data,
                          .line_count = lines->len};
    memcpy(report.currency, row->currency, sizeof(report.currency));
    if (row->status == STATUS_CANCELLED && !report.cancelled_at.set) report.cancelled_at = row->at;
    return report;
}

static bool refund_write(const ItemWrite *write, const RefundReport *partial, GError **error)
{
    const ImportRun *run = write->run;
    RefundReport report = *partial;
    report.shop_id = run->shop_id;
    report.refund_key = write->row->text[COLUMN_ORDER];
    report.source_id = run->source_id;
    report.trust = TRUST_FILE;
    report.import_id = run->import_id;
    report.stem = write->who.stem;
    memcpy(report.currency, write->row->currency, sizeof(report.currency));
    report.occurred_at = write->row->at.value;
    report.received_at = write->now;
    RefundOutcome outcome;
    if (!refunds_report(run->parts->orders, write->db, &report, &outcome, error)) return false;
    write->counts->refunds += outcome.created;
    write->counts->unchanged += !outcome.created && !outcome.changed;
    return true;
}

static bool sum_fail(const ItemWrite *write, GError **error)
{
    return fail(error, KITH_ERROR_LIMIT, "line %" G_GINT64_FORMAT ": the amount is too large",
                write->row->line);
}

/* Lines that give back: a refund of their own, or of the order they stand in. */
static bool refund_lines_write(const ItemWrite *write, bool placed, GError **error)
{
    const GArray *lines = write->item->refund_lines;
    int64_t sum;
    if (!lines_sum(lines, &sum) || sum == INT64_MIN) return sum_fail(write, error);
    if (lines->len == 0 && write->row->total.set) sum = write->row->total.value;
    if (sum == 0) {
        write->counts->no_value++;
        return true;
    }
    RefundReport report = {.amount = ABS(sum),
                           .lines = (const OrderLine *)(void *)lines->data,
                           .line_count = lines->len};
    if (placed) report.order_key = write->row->text[COLUMN_ORDER];
    return refund_write(write, &report, error);
}

/* What the shop's own columns say was paid back of this order. */
static bool refund_column_write(const ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    bool amount = row->refunded.set && row->refunded.value != 0;
    if (!amount && row->status != STATUS_REFUNDED) return true;
    RefundReport report = {.order_key = row->text[COLUMN_ORDER],
                           .amount = amount ? ABS(row->refunded.value) : 0};
    return refund_write(write, &report, error);
}

static bool placed_write(const ItemWrite *write, GError **error)
{
    OrderReport report = order_report(write);
    OrderOutcome outcome;
    if (!orders_import(write->run->parts->orders, write->db, &report, &outcome, error))
        return false;
    write->counts->orders += outcome.created;
    write->counts->updated += !outcome.created && outcome.changed;
    write->counts->unchanged += !outcome.created && !outcome.changed;
    return true;
}

/* Addresses that came with a purchase: what permits writing to customers (people/permission.h). */
static bool addresses_note(const ItemWrite *write, GError **error)
{
    static const struct {
        ImportFieldId field;
        IdentityKind kind;
    } fields[] = {{COLUMN_EMAIL, IDENTITY_EMAIL}, {COLUMN_PHONE, IDENTITY_PHONE}};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        Slice text = write->row->text[fields[i].field];
        if (!text.size || seen_before(write->run, -1 - (int64_t)fields[i].kind, text)) continue;
        People *people = write->run->parts->people;
        if (!people_address_ordered(people, write->db, fields[i].kind, text, error)) return false;
    }
    return true;
}

static bool order_write(ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    int64_t bought;
    unsigned written;
    if (row->status == STATUS_NONE) {
        write->counts->no_value++;
        return true;
    }
    if (!lines_sum(write->item->lines, &bought)) return sum_fail(write, error);
    if (!person_resolve(write, error) || !traits_write(write, &written, error)) return false;
    bool placed = !row->is_refund_key && (row->total.set ? row->total.value : bought) > 0;
    bool gives_back = row->is_refund_key || write->item->refund_lines->len > 0;
    if (placed && (!placed_write(write, error) || !addresses_note(write, error))) return false;
    if (gives_back) return refund_lines_write(write, placed, error);
    if (!placed) write->counts->no_value++;
    return !placed || refund_column_write(write, error);
}

/* ---- customers ---------------------------------------------------------------------------- */

static bool saying_write(const ItemWrite *write, unsigned *in_out_written, GError **error)
{
    ImportSaying saying = {.run = write->run,
                           .db = write->db,
                           .row = write->row,
                           .now = write->now,
                           .stem = MAX(write->who.stem, 0)};
    if (write->run->plan->kind == IMPORT_SUPPRESSIONS)
        return import_suppression_write(&saying, in_out_written, error);
    return import_saying_write(&saying, in_out_written, error);
}

static bool tags_write(const ItemWrite *write, unsigned *in_out_written, GError **error)
{
    Slice text = write->row->text[COLUMN_TAGS];
    if (!text.size || write->who.person_id <= 0) return true;
    g_autofree char *copy = g_strndup(text.data, text.size);
    g_auto(GStrv) tags = g_strsplit(copy, ",", IMPORT_TAGS_MAX);
    HandTags input = {.person_id = write->who.person_id,
                      .tags = (const char *const *)tags,
                      .count = g_strv_length(tags),
                      .actor = "import",
                      .at = write->now};
    unsigned added = 0;
    if (!people_tags_add(write->run->parts->people, write->db, &input, &added, error)) return false;
    *in_out_written += added;
    return true;
}

static bool note_write(const ItemWrite *write, unsigned *in_out_written, GError **error)
{
    Slice text = write->row->text[COLUMN_NOTE];
    if (!text.size || write->who.person_id <= 0) return true;
    g_autofree char *body = g_strndup(text.data, text.size);
    HandText note = {write->who.person_id, body, "import", write->now};
    bool added = false;
    if (!people_note_add_once(write->run->parts->people, write->db, &note, &added, error))
        return false;
    *in_out_written += added;
    return true;
}

static bool customer_write(ItemWrite *write, GError **error)
{
    unsigned written = 0;
    if (!person_resolve(write, error) || !traits_write(write, &written, error)) return false;
    if (!saying_write(write, &written, error)) return false;
    if (!tags_write(write, &written, error) || !note_write(write, &written, error)) return false;
    bool news = write->who.created || written > 0;
    write->counts->items += news;
    write->counts->unchanged += !news;
    return true;
}

/* Who refused or was never asked is not made a person by it. */
static bool list_write(ItemWrite *write, GError **error)
{
    const ImportPlan *plan = write->run->plan;
    unsigned written = 0;
    bool invited = plan->kind == IMPORT_CONSENTS && import_saying_invites(plan, write->row);
    if (invited && (!person_resolve(write, error) || !traits_write(write, &written, error)))
        return false;
    if (!saying_write(write, &written, error)) return false;
    write->counts->items += written > 0 || write->who.created;
    write->counts->unchanged += !written && !write->who.created;
    return true;
}

/* ---- products, events, rates -------------------------------------------------------------- */

static bool product_write(const ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    const char *texts[IMPORT_FIELDS_MAX];
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        texts[i] = row->text[i].size ? row->text[i].data : NULL; /* arena copies end with NUL */
    g_autofree char *key =
        g_strndup(row->text[COLUMN_PRODUCT].data, row->text[COLUMN_PRODUCT].size);
    ProductPutParams params = {.shop_id = write->run->shop_id,
                               .product_key = key,
                               .name = texts[COLUMN_ITEM] ? texts[COLUMN_ITEM] : key,
                               .variant = texts[COLUMN_VARIANT],
                               .category = texts[COLUMN_CATEGORY],
                               .price = row->total,
                               .currency = *row->currency ? row->currency : NULL,
                               .url = texts[COLUMN_URL],
                               .image_url = texts[COLUMN_IMAGE],
                               .trust = TRUST_FILE,
                               .changed_at = write->now};
    int64_t stock, changed;
    if (texts[COLUMN_STOCK] && decimal_parse(row->text[COLUMN_STOCK], DECIMAL_POINT, &stock, NULL))
        params.stock = db_int(stock / DECIMAL_SCALE);
    if (!sql_product_put(write->db, &params, &changed, error)) return false;
    write->counts->items += changed > 0;
    write->counts->unchanged += changed == 0;
    return true;
}

static bool event_payload(const ImportRow *row, Buffer *out, GError **error)
{
    Slice properties = row->text[COLUMN_PROPERTIES];
    if (!properties.size) return true;
    g_autoptr(PayloadCoder) coder = payload_coder_new();
    PayloadParts parts = {.properties = properties};
    return payload_encode(coder, &parts, out, error);
}

/* Exactly once: the place in the file is stored with the row, and a file whose content was
 * imported before is not read again (import.c). */
static bool event_write(ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    if (!person_resolve(write, error)) return false;
    g_auto(Buffer) payload = BUFFER_INIT(PAYLOAD_BYTES_MAX);
    g_autoptr(GError) bad = NULL;
    if (!event_payload(row, &payload, &bad)) buffer_reset(&payload);
    g_autofree char *message =
        row->text[COLUMN_MESSAGE].size
            ? g_strndup(row->text[COLUMN_MESSAGE].data, row->text[COLUMN_MESSAGE].size)
            : NULL;
    EventInput input = {.person_id = write->who.stem,
                        .name = event_name_canonical(row->text[COLUMN_EVENT]),
                        .type = EVENT_TRACK,
                        .flags = EVENT_IMPORTED,
                        .source_id = write->run->source_id,
                        .occurred_at = MIN(row->at.value, write->now),
                        .received_at = write->now,
                        .message_id = message,
                        .payload = payload.size ? buffer_text(&payload) : NULL};
    if (!event_append(write->run->parts->timeline, write->db, &input, NULL, error)) return false;
    write->counts->items++;
    return true;
}

static bool rate_write(const ItemWrite *write, GError **error)
{
    const ImportRow *row = write->row;
    /* Nine decimals: six are in `price`, the rest only matter for very small rates, which a double
     * holds exactly enough. */
    g_autofree char *text = g_strndup(row->text[COLUMN_RATE].data, row->text[COLUMN_RATE].size);
    double exact = g_ascii_strtod(g_strdelimit(text, ",", '.'), NULL);
    bool same = fabs(exact - (double)row->price / DECIMAL_SCALE) < 1e-6;
    int64_t nanos = same ? llround(exact * 1e9) : row->price * 1000;
    int64_t day = row->at.value / CLOCK_DAY_MS;
    write->counts->items++;
    return rate_set(write->db, row->currency, day, nanos, error);
}

bool import_item_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                       GError **error)
{
    ItemWrite write = {.run = run,
                       .db = db,
                       .item = item,
                       .row = &item->row,
                       .counts = counts,
                       .now = clock_now_ms()};
    switch (run->plan->kind) {
    case IMPORT_ORDERS:
        return order_write(&write, error);
    case IMPORT_CUSTOMERS:
        return customer_write(&write, error);
    case IMPORT_PRODUCTS:
        return product_write(&write, error);
    case IMPORT_EVENTS:
        return event_write(&write, error);
    case IMPORT_RATES:
        return rate_write(&write, error);
    case IMPORT_CONSENTS:
    case IMPORT_SUPPRESSIONS:
        return list_write(&write, error);
    case IMPORT_AUTO:
    case IMPORT_KINDS:
        break;
    }
    g_assert_not_reached();
}
