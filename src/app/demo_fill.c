#include "app/demo_fill.h"

#include "base/clock.h"
#include "base/error.h"
#include "people/consent.h"
#include "people/resolve.h"
#include "people/trait.h"
#include "timeline/payload.h"

#include <string.h>

/* Shared by all units. Only the writer's thread touches what changes. */
typedef struct Fill {
    const DemoParts *parts;
    const DemoShop *shop;
    DemoSummary *summary;
    int64_t *stems;    /* by person number */
    uint32_t from, to; /* items of the unit at hand */
} Fill;

static int64_t source_of(DemoChannel channel)
{
    return channel == DEMO_LONDON ? DEMO_SOURCE_ID_LONDON : DEMO_SOURCE_ID;
}

static int64_t shop_of(DemoChannel channel)
{
    return channel == DEMO_LONDON ? DEMO_SHOP_ID_LONDON : SHOP_ID_DEFAULT;
}

static Slice slice_or_empty(const char *text) { return text ? slice_of(text) : (Slice){0}; }

/* ---- people ---- */

static bool person_resolve(Fill *fill, Db *db, const DemoPerson *person, GError **error)
{
    char id[24], phone[24] = "";
    ResolveResult who;
    demo_customer_id(person, id);
    if (!person->email) demo_phone(person, phone);
    ResolveInput input = {.source_id = source_of(person->channel),
                          .shop_id = shop_of(person->channel),
                          .trust = TRUST_SHOP,
                          .user_id = slice_of(id),
                          .email = slice_or_empty(person->email),
                          .phone = slice_of(phone),
                          .at = person->joined_at};
    if (!people_resolve(fill->parts->people, db, &input, &who, error)) return false;
    fill->stems[person->number] = who.stem;
    return true;
}

static bool person_traits(Fill *fill, Db *db, const DemoPerson *person, GError **error)
{
    const DemoCountry *country = &demo_countries[person->country];
    char name[200], first[100], last[100], code[8], city[60];
    g_snprintf(name, sizeof name, "\"%s %s\"", person->first, person->last);
    g_snprintf(first, sizeof first, "\"%s\"", person->first);
    g_snprintf(last, sizeof last, "\"%s\"", person->last);
    g_snprintf(code, sizeof code, "\"%s\"", country->code);
    g_snprintf(city, sizeof city, "\"%s\"", country->city);
    const TraitValue traits[] = {{SLICE("name"), slice_of(name)},
                                 {SLICE("first_name"), slice_of(first)},
                                 {SLICE("last_name"), slice_of(last)},
                                 {SLICE("country"), slice_of(code)},
                                 {SLICE("city"), slice_of(city)}};
    TraitReport report = {.stem = fill->stems[person->number],
                          .source_id = source_of(person->channel),
                          .trust = TRUST_SHOP,
                          .occurred_at = person->joined_at,
                          .received_at = person->joined_at,
                          .traits = traits,
                          .count = G_N_ELEMENTS(traits)};
    return people_traits_put(fill->parts->people, db, &report, NULL, error);
}

static bool person_consent(Fill *fill, Db *db, const DemoPerson *person, GError **error)
{
    if (!person->newsletter || !person->email) return true;
    ConsentInput input = {.stem = fill->stems[person->number],
                          .address = person->email,
                          .channel = "email",
                          .topic = "newsletter",
                          .state = CONSENT_GRANTED,
                          .basis = "consent",
                          .text =
                              "Yes, write to me about new linen and teas, at most twice a month",
                          .proof = "box ticked at checkout",
                          .actor = "shop",
                          .source_id = source_of(person->channel),
                          .trust = TRUST_SHOP,
                          .occurred_at = person->joined_at,
                          .received_at = person->joined_at};
    return people_consent_put(fill->parts->people, db, &input, error);
}

static bool people_run(Db *db, void *data, GError **error)
{
    Fill *fill = data;
    for (uint32_t i = fill->from; i < fill->to; i++) {
        const DemoPerson *person = &fill->shop->people[i];
        if (!person_resolve(fill, db, person, error)) return false;
        if (!person_traits(fill, db, person, error)) return false;
        if (!person_consent(fill, db, person, error)) return false;
    }
    fill->summary->people += fill->to - fill->from;
    return true;
}

/* ---- orders ---- */

static void lines_fill(OrderLine lines[DEMO_LINES_MAX], const DemoOrder *order)
{
    for (uint8_t i = 0; i < order->line_count; i++) {
        const DemoLine *line = &order->lines[i];
        const DemoProduct *product = &demo_products[line->product];
        lines[i] = (OrderLine){.line_no = i + 1,
                               .product_key = slice_of(product->key),
                               .name = slice_of(product->name),
                               .category = slice_of(product->category),
                               .quantity = (int64_t)line->quantity * DECIMAL_SCALE,
                               .price = (int64_t)line->price * (DECIMAL_SCALE / 100),
                               .value = (int64_t)line->price * line->quantity};
    }
}

/* The key is the number without its sign, as the connectors normalise it. */
static Slice key_of(const char *number) { return slice_of(number[0] == '#' ? number + 1 : number); }

static bool order_write(Fill *fill, Db *db, const DemoOrder *order, GError **error)
{
    char number[24];
    OrderLine lines[DEMO_LINES_MAX];
    OrderOutcome outcome;
    demo_order_number(order, number);
    lines_fill(lines, order);
    OrderReport report = {.shop_id = shop_of(order->channel),
                          .order_key = key_of(number),
                          .number = slice_of(number),
                          .source_id = source_of(order->channel),
                          .trust = TRUST_SHOP,
                          .stem = order->person == DEMO_NOBODY ? 0 : fill->stems[order->person],
                          .revenue = db_int(order->total),
                          .tax = db_int(0),
                          .shipping = db_int(order->shipping),
                          .discount = db_int(order->discount),
                          .coupon = order->welcome ? SLICE("WELCOME10") : (Slice){0},
                          .occurred_at = db_int(order->at),
                          .received_at = order->at,
                          .lines = lines,
                          .line_count = order->line_count};
    g_strlcpy(report.currency, demo_channel_currency(order->channel), sizeof report.currency);
    if (order->cancelled) { /* told of when it was */
        report.received_at = MIN(order->at + CLOCK_HOUR_MS, fill->shop->now);
        report.cancelled_at = db_int(report.received_at);
    }
    return orders_report(fill->parts->orders, db, &report, &outcome, error);
}

static bool refund_write(Fill *fill, Db *db, const DemoOrder *order, GError **error)
{
    char number[24];
    RefundOutcome outcome;
    demo_order_number(order, number);
    RefundReport report = {.shop_id = shop_of(order->channel),
                           .refund_key = key_of(number), /* as an import names it */
                           .order_key = key_of(number),
                           .source_id = source_of(order->channel),
                           .trust = TRUST_SHOP,
                           .stem = order->person == DEMO_NOBODY ? 0 : fill->stems[order->person],
                           .amount = order->refunded,
                           .occurred_at = order->refunded_at,
                           .received_at = order->refunded_at};
    g_strlcpy(report.currency, demo_channel_currency(order->channel), sizeof report.currency);
    fill->summary->refunds++;
    return refunds_report(fill->parts->orders, db, &report, &outcome, error);
}

static bool orders_run(Db *db, void *data, GError **error)
{
    Fill *fill = data;
    for (uint32_t i = fill->from; i < fill->to; i++) {
        const DemoOrder *order = &fill->shop->orders[i];
        if (!order_write(fill, db, order, error)) return false;
        if (order->refunded && !refund_write(fill, db, order, error)) return false;
    }
    fill->summary->orders += fill->to - fill->from;
    return true;
}

/* ---- visits ---- */

static char *visit_payload(const DemoVisit *visit, GError **error)
{
    const DemoProduct *product = &demo_products[visit->product];
    json_t *properties =
        visit->kind == VISIT_PAGE
            ? json_pack("{s:s, s:s}", "title", "Linden & Linen", "path", "/")
            : json_pack("{s:s, s:s, s:s, s:f}", "product_id", product->key, "name", product->name,
                        "category", product->category, "price", product->eur / 100.0);
    char *payload = payload_from_json(properties, error);
    json_decref(properties);
    return payload;
}

/* The browser of somebody who bought is tied to them at the first visit; others stay visitors. */
static bool visit_stem(Fill *fill, Db *db, const DemoVisit *visit, int64_t *ret_stem,
                       GError **error)
{
    char anonymous[32], user[24] = "";
    ResolveResult who;
    bool known = visit->person != DEMO_NOBODY;
    g_snprintf(anonymous, sizeof anonymous, "demo-browser-%08x", visit->visitor);
    if (known) demo_customer_id(&fill->shop->people[visit->person], user);
    ResolveInput input = {.source_id = DEMO_SOURCE_ID_SITE,
                          .shop_id = SHOP_ID_DEFAULT,
                          .trust = TRUST_TRACK,
                          .user_id = slice_of(user),
                          .anonymous_id = slice_of(anonymous),
                          .at = visit->at};
    if (!people_resolve(fill->parts->people, db, &input, &who, error)) return false;
    *ret_stem = who.stem;
    return true;
}

static bool visits_run(Db *db, void *data, GError **error)
{
    static const char *const names[VISIT_KINDS] = {"Page Viewed", "Product Viewed",
                                                   "Product Added"};
    Fill *fill = data;
    for (uint32_t i = fill->from; i < fill->to; i++) {
        const DemoVisit *visit = &fill->shop->visits[i];
        EventInput event = {.name = slice_of(names[visit->kind]),
                            .type = visit->kind == VISIT_PAGE ? EVENT_PAGE : EVENT_TRACK,
                            .source_id = DEMO_SOURCE_ID_SITE,
                            .occurred_at = visit->at,
                            .received_at = visit->at};
        if (!visit_stem(fill, db, visit, &event.person_id, error)) return false;
        g_autofree char *payload = visit_payload(visit, error);
        if (!payload) return false;
        event.payload = payload;
        if (!event_append(fill->parts->timeline, db, &event, NULL, error)) return false;
    }
    fill->summary->visits += fill->to - fill->from;
    return true;
}

/* ---- all of it ---- */

typedef struct Stage {
    const char *what;
    WriterRun run;
    uint32_t count;
} Stage;

static bool stage_run(Fill *fill, const Stage *stage, const DemoOptions *options, GError **error)
{
    Writer *writer = store_writer(fill->parts->store);
    for (fill->from = 0; fill->from < stage->count; fill->from = fill->to) {
        fill->to = MIN(fill->from + DEMO_UNIT, stage->count);
        if (!writer_call(writer, WRITER_REST, stage->run, fill, error)) return false;
        if (options->progress)
            options->progress(options->data, stage->what, fill->to, stage->count);
    }
    return true;
}

bool demo_fill_shop(const DemoParts *parts, const DemoShop *shop, const DemoOptions *options,
                    DemoSummary *summary, GError **error)
{
    const Stage stages[] = {{"people", people_run, shop->person_count},
                            {"orders", orders_run, shop->order_count},
                            {"visits", visits_run, shop->visit_count}};
    g_autofree int64_t *stems = g_new0(int64_t, shop->person_count);
    Fill fill = {.parts = parts, .shop = shop, .summary = summary, .stems = stems};
    for (size_t i = 0; i < G_N_ELEMENTS(stages); i++)
        if (!stage_run(&fill, &stages[i], options, error)) return false;
    return true;
}
