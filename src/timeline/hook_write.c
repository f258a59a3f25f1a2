#include "timeline/hook_private.h"

#include "base/error.h"
#include "base/json_write.h"
#include "people/consent.h"
#include "people/permission.h"
#include "people/trait.h"
#include "timeline/business.h"
#include "timeline/hooks_sql.h"
#include "timeline/payload.h"

enum { TRAITS_MAX = 9, TRAITS_BYTES_MAX = 64 * 1024 };

bool hook_say(HookWork *work, HookState state, const char *reason)
{
    work->state = state;
    g_free(work->reason);
    work->reason = g_strdup(reason);
    return true;
}

/* ── people ──────────────────────────────────────────────────────────────────────────────────── */

static bool person_traits(HookWork *work, const HookPerson *person, GError **error)
{
    const struct {
        Slice name, value;
    } said[TRAITS_MAX] = {
        {SLICE("email"), person->email},
        {SLICE("phone"), person->phone},
        {SLICE("firstName"), person->first_name},
        {SLICE("lastName"), person->last_name},
        {SLICE("company"), person->company},
        {SLICE("country"), person->country},
        {SLICE("city"), person->city},
        {SLICE("postalCode"), person->zip},
        {SLICE("language"), person->language},
    };
    g_auto(Buffer) text = BUFFER_INIT(TRAITS_BYTES_MAX);
    size_t offsets[TRAITS_MAX + 1], count = 0;
    TraitValue traits[TRAITS_MAX];
    for (size_t i = 0; i < TRAITS_MAX; i++) {
        if (said[i].value.size == 0) continue;
        traits[count].name = said[i].name;
        offsets[count++] = text.size;
        json_append_quoted(&text, said[i].value);
    }
    offsets[count] = text.size;
    if (count == 0) return true;
    if (text.failed) return fail(error, KITH_ERROR_LIMIT, "the customer's details are too long");
    for (size_t i = 0; i < count; i++)
        traits[i].json = (Slice){text.data + offsets[i], offsets[i + 1] - offsets[i]};
    TraitReport report = {.stem = person->stem,
                          .source_id = work->source_id,
                          .trust = TRUST_SHOP,
                          .occurred_at = work->said_at,
                          .received_at = work->now,
                          .traits = traits,
                          .count = count};
    return people_traits_put(work->hooks->parts.people, work->db, &report, NULL, error);
}

bool hook_person(HookWork *work, HookPerson *person, GError **error)
{
    ResolveResult who = {0};
    ResolveInput input = {.source_id = work->source_id,
                          .shop_id = work->shop_id,
                          .trust = TRUST_SHOP,
                          .user_id = slice_of(person->user_id),
                          .email = person->email,
                          .phone = person->phone,
                          .at = work->now};
    if (!input.user_id.size && !input.email.size && !input.phone.size) return true;
    if (!people_resolve(work->hooks->parts.people, work->db, &input, &who, error)) return false;
    person->stem = who.stem;
    person->person_id = who.person_id;
    return who.stem <= 0 || person_traits(work, person, error);
}

/* What the ledger says already need not be said again; the rest is judged by its times. */
bool hook_consent(HookWork *work, const HookPerson *person, const char *channel, HookConsent says,
                  int64_t at, GError **error)
{
    static const ConsentState states[] = {CONSENT_UNKNOWN, CONSENT_GRANTED, CONSENT_PENDING,
                                          CONSENT_DENIED};
    People *people = work->hooks->parts.people;
    Slice address = strcmp(channel, "sms") == 0 ? person->phone : person->email;
    if (says == HOOK_SAYS_NOTHING || address.size == 0 || person->person_id <= 0) return true;
    g_autofree char *text = g_strndup(address.data, address.size);
    g_autofree char *proof =
        g_strdup_printf("%s %s", work->late ? "shop API" : "webhook", work->topic);
    ConsentQuery query = {.person_id = person->person_id,
                          .address = text,
                          .channel = channel,
                          .topic = "newsletter",
                          .at_ms = work->now,
                          .known_at_ms = INT64_MAX};
    ConsentState state;
    if (!people_consent_state(people, work->db, &query, &state, error)) return false;
    if (state == states[says] || state == CONSENT_DENIED) return true;
    ConsentInput input = {.stem = person->stem,
                          .address = text,
                          .channel = channel,
                          .topic = "newsletter",
                          .state = states[says],
                          .reason = DENIAL_UNSUBSCRIBED,
                          .basis =
                              says == HOOK_SAYS_NO ? "said no in the shop" : "given to the shop",
                          .proof = proof,
                          .actor = work->late ? "shop API" : "webhook",
                          .source_id = work->source_id,
                          .trust = TRUST_SHOP,
                          .occurred_at = at > 0 ? MIN(at, work->now) : work->said_at,
                          .received_at = work->now};
    return people_consent_put(people, work->db, &input, error);
}

/* ── as of when ──────────────────────────────────────────────────────────────────────────────── */

static char *subject_text(const char *kind, const char *id)
{
    return g_strdup_printf("%s %s", kind, id);
}

bool hook_subject_newer(HookWork *work, const char *kind, const char *id, const char *order_key,
                        bool *ret_newer, GError **error)
{
    g_autofree char *subject = subject_text(kind, id);
    HookSubjectFindRow row;
    bool found;
    HookSubjectFindParams find = {.source_id = work->source_id, .subject = subject};
    if (!sql_hook_subject_find(work->db, &find, &row, &found, error)) return false;
    *ret_newer = !found || row.said_at <= work->said_at;
    if (!*ret_newer) return hook_say(work, HOOK_OLD, NULL);
    HookSubjectPutParams put = {.source_id = work->source_id,
                                .subject = subject,
                                .order_key = order_key,
                                .said_at = work->said_at};
    return sql_hook_subject_put(work->db, &put, NULL, error);
}

bool hook_order_key(HookWork *work, const char *id, char **ret_key, GError **error)
{
    g_autofree char *subject = subject_text("order", id);
    HookSubjectFindRow row;
    bool found;
    HookSubjectFindParams find = {.source_id = work->source_id, .subject = subject};
    if (!sql_hook_subject_find(work->db, &find, &row, &found, error)) return false;
    *ret_key = found ? g_strdup(row.order_key) : NULL;
    return true;
}

/* ── orders ──────────────────────────────────────────────────────────────────────────────────── */

static bool currency_of(HookWork *work, Slice said, char ret_code[CURRENCY_SIZE], GError **error)
{
    Business business;
    if (said.size > 0) return currency_parse(said, ret_code, error);
    if (!business_load(work->db, &business, error)) return false;
    if (!*business.currency)
        return fail(error, KITH_ERROR_INVALID,
                    "no currency is named and the business has none: set it under Settings");
    g_strlcpy(ret_code, business.currency, CURRENCY_SIZE);
    return true;
}

static bool minor_of(DbInt micros, int digits, DbInt *ret_minor, GError **error)
{
    *ret_minor = (DbInt){0};
    if (!micros.set) return true;
    if (!money_from_micros(micros.value, digits, &ret_minor->value))
        return fail(error, KITH_ERROR_INVALID, "an amount of the order is out of range");
    ret_minor->set = true;
    return true;
}

static bool order_amounts(const HookOrder *order, OrderReport *report, GError **error)
{
    int digits = currency_digits(report->currency);
    for (guint i = 0; order->lines && i < order->lines->len; i++) {
        OrderLine *line = &g_array_index(order->lines, OrderLine, i);
        if (!money_multiply(line->price, line->quantity, digits, &line->value))
            return fail(error, KITH_ERROR_INVALID, "line %u of the order is out of range", i + 1);
    }
    return minor_of(order->revenue, digits, &report->revenue, error) &&
           minor_of(order->tax, digits, &report->tax, error) &&
           minor_of(order->shipping, digits, &report->shipping, error) &&
           minor_of(order->discount, digits, &report->discount, error);
}

/* Whoever bought may be written to as a customer, if the business attested so (permission.h). */
static bool order_addresses(HookWork *work, const HookPerson *person, GError **error)
{
    People *people = work->hooks->parts.people;
    return (person->email.size == 0 ||
            people_address_ordered(people, work->db, IDENTITY_EMAIL, person->email, error)) &&
           (person->phone.size == 0 ||
            people_address_ordered(people, work->db, IDENTITY_PHONE, person->phone, error));
}

static bool order_noted(HookWork *work, const OrderOutcome *outcome)
{
    work->order_new = outcome->created;
    work->order_changed = outcome->changed && !outcome->created;
    return true;
}

bool hook_order(HookWork *work, const HookOrder *order, const HookPerson *person, GError **error)
{
    OrderReport report = {.shop_id = work->shop_id,
                          .order_key = order->order_key,
                          .number = order->number,
                          .source_id = work->source_id,
                          .trust = TRUST_SHOP,
                          .late = work->late,
                          .stem = person->stem,
                          .coupon = order->coupon,
                          .occurred_at = {order->occurred_at > 0, order->occurred_at},
                          .cancelled_at = {order->cancelled_at > 0, order->cancelled_at},
                          .test = order->test,
                          .received_at = work->now};
    OrderOutcome outcome;
    if (order->lines) {
        report.lines = (const OrderLine *)(void *)order->lines->data;
        report.line_count = order->lines->len;
    }
    return currency_of(work, order->currency, report.currency, error) &&
           order_amounts(order, &report, error) &&
           orders_report(work->hooks->parts.orders, work->db, &report, &outcome, error) &&
           order_noted(work, &outcome) && (order->test || order_addresses(work, person, error));
}

bool hook_order_delete(HookWork *work, GError **error)
{
    g_autofree char *id = hook_id(work->body, "id"), *key = NULL;
    if (!id) return true;
    if (!hook_order_key(work, id, &key, error)) return false;
    if (!key) return hook_say(work, HOOK_IGNORED, "this order was never reported");
    HookOrder order = {.order_key = slice_of(key), .cancelled_at = work->now};
    return hook_order(work, &order, &(HookPerson){0}, error);
}

bool hook_refund_note(HookWork *work, const char *order_ref, const char *refund_ref, int64_t micros,
                      int64_t at, GError **error)
{
    HookRefundPutParams put = {.source_id = work->source_id,
                               .order_ref = order_ref,
                               .refund_ref = refund_ref,
                               .amount = micros,
                               .occurred_at = at};
    return sql_hook_refund_put(work->db, &put, NULL, error);
}

static bool refunds_sum(HookWork *work, const char *order_ref, int64_t *ret_micros, int64_t *ret_at,
                        GError **error)
{
    HookRefundsParams params = {.source_id = work->source_id, .order_ref = order_ref};
    g_auto(DbCursor) cursor = {0};
    HookRefundsRow row;
    bool fits = true;
    *ret_micros = *ret_at = 0;
    if (!sql_hook_refunds_open(work->db, &params, &cursor, error)) return false;
    while (sql_hook_refunds_next(&cursor, &row)) {
        fits = fits && !__builtin_add_overflow(*ret_micros, row.amount, ret_micros);
        *ret_at = MAX(*ret_at, row.occurred_at);
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    return fits || fail(error, KITH_ERROR_INVALID, "the refunds of the order are out of range");
}

bool hook_refunds_report(HookWork *work, const char *order_ref, Slice currency, GError **error)
{
    int64_t micros, at;
    g_autofree char *key = NULL;
    DbInt amount;
    RefundOutcome outcome;
    if (!hook_order_key(work, order_ref, &key, error)) return false;
    if (!refunds_sum(work, order_ref, &micros, &at, error)) return false;
    if (!key || micros == 0) return true;
    RefundReport report = {.shop_id = work->shop_id,
                           .refund_key = slice_of(key),
                           .order_key = slice_of(key),
                           .source_id = work->source_id,
                           .trust = TRUST_SHOP,
                           .late = work->late,
                           .occurred_at = at,
                           .received_at = work->now};
    if (!currency_of(work, currency, report.currency, error)) return false;
    if (!minor_of(db_int(micros), currency_digits(report.currency), &amount, error)) return false;
    report.amount = amount.value;
    return refunds_report(work->hooks->parts.orders, work->db, &report, &outcome, error);
}

/* ── events and products ─────────────────────────────────────────────────────────────────────── */

bool hook_event(HookWork *work, int64_t stem, const char *name, const char *message, json_t *steal,
                GError **error)
{
    g_autofree char *payload = payload_from_json(steal, error);
    json_decref(steal);
    if (!payload) return false;
    EventInput input = {.person_id = stem,
                        .name = slice_of(name),
                        .type = EVENT_TRACK,
                        .flags = work->late ? EVENT_IMPORTED : 0,
                        .source_id = work->source_id,
                        .occurred_at = MIN(work->said_at, work->now),
                        .received_at = work->now,
                        .message_id = message,
                        .payload = payload};
    return event_append(work->hooks->parts.timeline, work->db, &input, NULL, error);
}

bool hook_product(HookWork *work, const HookProduct *product, GError **error)
{
    char currency[CURRENCY_SIZE] = "";
    DbInt price = {0};
    if (product->price.set) {
        if (!currency_of(work, (Slice){NULL, 0}, currency, error)) return false;
        if (!minor_of(product->price, currency_digits(currency), &price, error)) return false;
    }
    HookProductPutParams params = {.shop_id = work->shop_id,
                                   .product_key = product->key,
                                   .name = product->name,
                                   .variant = product->variant,
                                   .category = product->category,
                                   .price = price,
                                   .currency = *currency ? currency : NULL,
                                   .url = product->url,
                                   .image_url = product->image_url,
                                   .stock = product->stock,
                                   .trust = TRUST_SHOP,
                                   .changed_at = work->now};
    return sql_hook_product_put(work->db, &params, NULL, error);
}
