#include <math.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/json_write.h"
#include "people/consent.h"
#include "people/resolve.h"
#include "people/trait.h"
#include "timeline/import_run.h"
#include "timeline/import_sql.h"
#include "timeline/payload.h"
#include "timeline/rates.h"

/* ---- who ---------------------------------------------------------------------------------- */

static bool person_resolve(ImportRun *run, Db *db, const ImportRow *row, int64_t now,
                           ResolveResult *ret_who, GError **error)
{
    ResolveInput input = {.source_id = run->source_id,
                          .shop_id = run->shop_id,
                          .trust = TRUST_FILE,
                          .user_id = row->text[COLUMN_CUSTOMER],
                          .anonymous_id = row->text[COLUMN_ANONYMOUS],
                          .email = row->text[COLUMN_EMAIL],
                          .phone = row->text[COLUMN_PHONE],
                          .at = now};
    *ret_who = (ResolveResult){0};
    if (!input.user_id.size && !input.anonymous_id.size && !input.email.size && !input.phone.size)
        return true;
    return people_resolve(run->parts->people, db, &input, ret_who, error);
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

enum { TRAITS_BYTES_MAX = 64 * 1024 };

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

static bool traits_write(ImportRun *run, Db *db, const ImportRow *row, int64_t stem, int64_t now,
                         unsigned *ret_written, GError **error)
{
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
    if (count == 0 || text.failed || stem <= 0 || seen_before(run, stem, buffer_slice(&text)))
        return true;
    for (size_t i = 0; i < count; i++)
        traits[i].json = (Slice){text.data + offsets[i], offsets[i + 1] - offsets[i]};
    TraitReport report = {.stem = stem,
                          .source_id = run->source_id,
                          .trust = TRUST_FILE,
                          .occurred_at = row->at.set ? row->at.value : now,
                          .received_at = now,
                          .traits = traits,
                          .count = count};
    TraitOutcome outcome = {0};
    if (!people_traits_put(run->parts->people, db, &report, &outcome, error)) return false;
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

static OrderReport order_report(const ImportRun *run, const ImportItem *item, int64_t stem,
                                int64_t now)
{
    const ImportRow *row = &item->row;
    OrderReport report = {.shop_id = run->shop_id,
                          .order_key = row->text[COLUMN_ORDER],
                          .number = row->text[COLUMN_NUMBER],
                          .source_id = run->source_id,
                          .trust = TRUST_FILE,
                          .import_id = run->import_id,
                          .stem = stem,
                          .revenue = row->total,
                          .tax = row->tax,
                          .shipping = row->shipping,
                          .discount = row->discount,
                          .coupon = row->text[COLUMN_COUPON],
                          .occurred_at = row->at,
                          .cancelled_at = row->cancelled_at,
                          .received_at = now,
                          .lines = (const OrderLine *)(void *)item->lines->data,
                          .line_count = item->lines->len};
    memcpy(report.currency, row->currency, sizeof(report.currency));
    if (row->status == STATUS_CANCELLED && !report.cancelled_at.set) report.cancelled_at = row->at;
    return report;
}

static bool refund_write(ImportRun *run, Db *db, const ImportRow *row, const RefundReport *partial,
                         ImportCounts *counts, GError **error)
{
    RefundReport report = *partial;
    report.shop_id = run->shop_id;
    report.refund_key = row->text[COLUMN_ORDER];
    report.source_id = run->source_id;
    report.trust = TRUST_FILE;
    report.import_id = run->import_id;
    memcpy(report.currency, row->currency, sizeof(report.currency));
    report.occurred_at = row->at.value;
    RefundOutcome outcome;
    if (!refunds_report(run->parts->orders, db, &report, &outcome, error)) return false;
    counts->refunds += outcome.created;
    counts->unchanged += !outcome.created && !outcome.changed;
    return true;
}

/* Lines that give back: a refund of their own, or of the order they stand in. */
static bool refund_lines_write(ImportRun *run, Db *db, const ImportItem *item, RefundReport *report,
                               ImportCounts *counts, GError **error)
{
    int64_t sum;
    if (!lines_sum(item->refund_lines, &sum) || sum == INT64_MIN)
        return fail(error, KITH_ERROR_LIMIT, "line %" G_GINT64_FORMAT ": the amount is too large",
                    item->row.line);
    if (item->refund_lines->len == 0 && item->row.is_refund_key && item->row.total.set)
        sum = item->row.total.value;
    report->amount = ABS(sum);
    report->lines = (const OrderLine *)(void *)item->refund_lines->data;
    report->line_count = item->refund_lines->len;
    if (report->amount == 0) {
        counts->no_value++;
        return true;
    }
    return refund_write(run, db, &item->row, report, counts, error);
}

/* What the shop's own columns say was paid back of this order. */
static bool refund_column_write(ImportRun *run, Db *db, const ImportItem *item,
                                RefundReport *report, ImportCounts *counts, GError **error)
{
    const ImportRow *row = &item->row;
    bool amount = row->refunded.set && row->refunded.value != 0;
    if (!amount && row->status != STATUS_REFUNDED) return true;
    report->order_key = row->text[COLUMN_ORDER];
    report->amount = amount ? ABS(row->refunded.value) : 0;
    return refund_write(run, db, row, report, counts, error);
}

static bool placed_write(ImportRun *run, Db *db, const ImportItem *item, int64_t stem, int64_t now,
                         ImportCounts *counts, GError **error)
{
    OrderReport report = order_report(run, item, stem, now);
    OrderOutcome outcome;
    if (!orders_import(run->parts->orders, db, &report, &outcome, error)) return false;
    counts->orders += outcome.created;
    counts->updated += !outcome.created && outcome.changed;
    counts->unchanged += !outcome.created && !outcome.changed;
    return true;
}

static bool order_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                        GError **error)
{
    const ImportRow *row = &item->row;
    int64_t now = clock_now_ms(), bought;
    ResolveResult who;
    unsigned written;
    if (row->status == STATUS_NONE) {
        counts->no_value++;
        return true;
    }
    if (!person_resolve(run, db, row, now, &who, error)) return false;
    counts->customers += who.created;
    if (!traits_write(run, db, row, who.stem, now, &written, error)) return false;
    RefundReport refund = {.stem = who.stem, .received_at = now};
    if (!lines_sum(item->lines, &bought))
        return fail(error, KITH_ERROR_LIMIT, "line %" G_GINT64_FORMAT ": the amount is too large",
                    row->line);
    bool placed = !row->is_refund_key && (row->total.set ? row->total.value : bought) > 0;
    if (placed && !placed_write(run, db, item, who.stem, now, counts, error)) return false;
    if (!placed && item->refund_lines->len == 0 && !row->is_refund_key) counts->no_value++;
    if (item->refund_lines->len > 0 || row->is_refund_key) {
        if (placed) refund.order_key = row->text[COLUMN_ORDER];
        return refund_lines_write(run, db, item, &refund, counts, error);
    }
    return !placed || refund_column_write(run, db, item, &refund, counts, error);
}

/* ---- customers ---------------------------------------------------------------------------- */

/* A "yes" of the file is a permission given to the shop; a "no" there only means nobody asked. */
static bool consent_write(ImportRun *run, Db *db, const ImportRow *row, const ResolveResult *who,
                          bool sms, GError **error)
{
    Slice said = row->text[sms ? COLUMN_ACCEPTS_SMS : COLUMN_ACCEPTS_EMAIL];
    Slice address = row->text[sms ? COLUMN_PHONE : COLUMN_EMAIL];
    if (!import_is_yes(said) || !address.size || who->person_id <= 0) return true;
    g_autofree char *text = g_strndup(address.data, address.size);
    int64_t now = clock_now_ms();
    ConsentQuery query = {.person_id = who->person_id,
                          .address = text,
                          .channel = sms ? "sms" : "email",
                          .topic = "newsletter",
                          .at_ms = now,
                          .known_at_ms = INT64_MAX};
    ConsentState state;
    if (!people_consent_state(run->parts->people, db, &query, &state, error)) return false;
    if (state == CONSENT_GRANTED || state == CONSENT_DENIED) return true;
    g_autofree char *proof = g_strdup_printf("import %" G_GINT64_FORMAT ", line %" G_GINT64_FORMAT,
                                             run->import_id, row->line);
    ConsentInput input = {.stem = who->stem,
                          .address = text,
                          .channel = query.channel,
                          .topic = query.topic,
                          .state = CONSENT_GRANTED,
                          .basis = "given to the shop",
                          .proof = proof,
                          .actor = "import",
                          .source_id = run->source_id,
                          .trust = TRUST_FILE,
                          .occurred_at = row->at.set ? row->at.value : now,
                          .received_at = now};
    return people_consent_put(run->parts->people, db, &input, error);
}

static bool customer_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                           GError **error)
{
    const ImportRow *row = &item->row;
    int64_t now = clock_now_ms();
    ResolveResult who;
    unsigned written = 0;
    if (!person_resolve(run, db, row, now, &who, error)) return false;
    if (!traits_write(run, db, row, who.stem, now, &written, error)) return false;
    if (!consent_write(run, db, row, &who, false, error)) return false;
    if (!consent_write(run, db, row, &who, true, error)) return false;
    counts->customers += who.created;
    counts->items += who.created || written > 0;
    counts->unchanged += !who.created && written == 0;
    return true;
}

/* ---- products, events, rates -------------------------------------------------------------- */

static bool product_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                          GError **error)
{
    const ImportRow *row = &item->row;
    const char *texts[IMPORT_FIELDS_MAX];
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        texts[i] = row->text[i].size ? row->text[i].data : NULL; /* arena copies end with NUL */
    g_autofree char *key =
        g_strndup(row->text[COLUMN_PRODUCT].data, row->text[COLUMN_PRODUCT].size);
    ProductPutParams params = {.shop_id = run->shop_id,
                               .product_key = key,
                               .name = texts[COLUMN_ITEM] ? texts[COLUMN_ITEM] : key,
                               .variant = texts[COLUMN_VARIANT],
                               .category = texts[COLUMN_CATEGORY],
                               .price = row->total,
                               .currency = *row->currency ? row->currency : NULL,
                               .url = texts[COLUMN_URL],
                               .image_url = texts[COLUMN_IMAGE],
                               .trust = TRUST_FILE,
                               .changed_at = clock_now_ms()};
    int64_t stock, changed;
    if (texts[COLUMN_STOCK] && decimal_parse(row->text[COLUMN_STOCK], DECIMAL_POINT, &stock, NULL))
        params.stock = db_int(stock / DECIMAL_SCALE);
    if (!sql_product_put(db, &params, &changed, error)) return false;
    counts->items += changed > 0;
    counts->unchanged += changed == 0;
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
static bool event_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                        GError **error)
{
    const ImportRow *row = &item->row;
    int64_t now = clock_now_ms();
    ResolveResult who;
    if (!person_resolve(run, db, row, now, &who, error)) return false;
    g_auto(Buffer) payload = BUFFER_INIT(PAYLOAD_BYTES_MAX);
    g_autoptr(GError) bad = NULL;
    if (!event_payload(row, &payload, &bad)) buffer_reset(&payload);
    g_autofree char *message =
        row->text[COLUMN_MESSAGE].size
            ? g_strndup(row->text[COLUMN_MESSAGE].data, row->text[COLUMN_MESSAGE].size)
            : NULL;
    EventInput input = {.person_id = who.stem,
                        .name = event_name_canonical(row->text[COLUMN_EVENT]),
                        .type = EVENT_TRACK,
                        .flags = EVENT_IMPORTED,
                        .source_id = run->source_id,
                        .occurred_at = MIN(row->at.value, now),
                        .received_at = now,
                        .message_id = message,
                        .payload = payload.size ? buffer_text(&payload) : NULL};
    if (!event_append(run->parts->timeline, db, &input, NULL, error)) return false;
    counts->customers += who.created;
    counts->items++;
    return true;
}

static bool rate_write(Db *db, const ImportItem *item, ImportCounts *counts, GError **error)
{
    const ImportRow *row = &item->row;
    /* Nine decimals: six are in `price`, the rest only matter for very small rates, which a double
     * holds exactly enough. */
    g_autofree char *text = g_strndup(row->text[COLUMN_RATE].data, row->text[COLUMN_RATE].size);
    double exact = g_ascii_strtod(g_strdelimit(text, ",", '.'), NULL);
    bool same = fabs(exact - (double)row->price / DECIMAL_SCALE) < 1e-6;
    int64_t nanos = same ? llround(exact * 1e9) : row->price * 1000;
    int64_t day = row->at.value / CLOCK_DAY_MS;
    counts->items++;
    return rate_set(db, row->currency, day, nanos, error);
}

bool import_item_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                       GError **error)
{
    switch (run->plan->kind) {
    case IMPORT_ORDERS:
        return order_write(run, db, item, counts, error);
    case IMPORT_CUSTOMERS:
        return customer_write(run, db, item, counts, error);
    case IMPORT_PRODUCTS:
        return product_write(run, db, item, counts, error);
    case IMPORT_EVENTS:
        return event_write(run, db, item, counts, error);
    case IMPORT_RATES:
        return rate_write(db, item, counts, error);
    case IMPORT_AUTO:
    case IMPORT_KINDS:
        break;
    }
    g_assert_not_reached();
}
