/* segments/segments_fixture.h: a small shop whose people rules are asked about. Not product. */
#pragma once
#include "base/clock.h"
#include "base/dates.h"
#include "segments/saved.h"
#include "segments/segments.h"
#include "timeline/business.h"
#include "timeline/track_fixture.h"

#include <string.h>

enum { FIXTURE_CHUNK_ROWS = 3 }; /* so that every scan goes in several */

/* 1 June 2024, 12:00 UTC: a Saturday. */
#define FIXTURE_NOW INT64_C(1717243200000)

static const Actor fixture_actor = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};

/* An event of `user`, `days` (and `ms`) before now, with the inside of its properties. */
static inline char *fixture_event(const char *user, const char *name, double days,
                                  const char *properties)
{
    static gint messages = 0;
    char at[DATE_TEXT_SIZE];
    date_format_iso(FIXTURE_NOW - (int64_t)(days * (double)CLOCK_DAY_MS), at);
    return g_strdup_printf("{\"type\":\"track\",\"messageId\":\"f%d\",\"userId\":\"%s\","
                           "\"event\":\"%s\",\"timestamp\":\"%s\",\"properties\":{%s}}",
                           g_atomic_int_add(&messages, 1), user, name, at, properties);
}

static inline void fixture_send(Shop *shop, char *steal_event)
{
    g_auto(Reply) reply = shop_batch(shop, steal_event);
    g_free(steal_event);
}

static inline void fixture_order(Shop *shop, const char *user, double days, const char *key,
                                 double revenue)
{
    g_autofree char *inside = g_strdup_printf(
        "\"order_id\":\"%s\",\"revenue\":%.2f,\"currency\":\"EUR\",\"coupon\":\"SPRING\","
        "\"affiliation\":\"Shop %s\",\"products\":[{\"product_id\":\"p-%s\",\"name\":\"Red "
        "Lantern\","
        "\"category\":\"Lamps\",\"quantity\":1,\"price\":%.2f}]",
        key, revenue, key, key, revenue);
    fixture_send(shop, fixture_event(user, "Order Completed", days, inside));
}

static inline void fixture_traits(Shop *shop, const char *user, const char *traits)
{
    static gint messages = 0;
    fixture_send(shop, g_strdup_printf("{\"type\":\"identify\",\"messageId\":\"t%d\","
                                       "\"userId\":\"%s\",\"timestamp\":\"2024-01-01T00:00:00Z\","
                                       "\"traits\":{%s}}",
                                       g_atomic_int_add(&messages, 1), user, traits));
}

static inline bool fixture_business(Db *db, void *none, GError **error)
{
    (void)none;
    Business business = {.currency = "EUR", .zone = "Europe/Berlin", .language = "en"};
    return business_save(db, &business, FIXTURE_NOW, error);
}

/* Ann buys every ten days, the last time yesterday; Bob bought three times and stopped; Cleo bought
 * once, 30 days ago, and was refunded; Dan only looked; Eve did nothing. */
static inline void fixture_fill(Shop *shop)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(shop->test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    fixture_traits(shop, "ann",
                   "\"name\":\"Ann Ä\",\"email\":\"ann@shop.example\",\"country\":"
                   "\"DE\",\"birthday\":\"1990-06-03\",\"size\":38,\"vip\":true,"
                   "\"likes\":[\"Tea\",\"Cake\"]");
    fixture_traits(shop, "bob",
                   "\"name\":\"Bob\",\"country\":\"de\",\"birthday\":\"1992-02-29\","
                   "\"size\":44.5,\"vip\":false");
    fixture_traits(shop, "cleo", "\"name\":\"Cleo\",\"country\":\"FR\",\"size\":\"38\"");
    fixture_traits(shop, "dan", "\"name\":\"Dan\",\"trial_ends\":\"2024-06-05\"");
    fixture_traits(shop, "eve", "\"name\":\"Eve\"");
    for (int i = 0; i < 4; i++) {
        g_autofree char *key = g_strdup_printf("a%d", i);
        fixture_order(shop, "ann", 1 + 10 * i, key, 50);
    }
    for (int i = 0; i < 3; i++) {
        g_autofree char *key = g_strdup_printf("b%d", i);
        fixture_order(shop, "bob", 100 + 10 * i, key, 20 + i);
    }
    fixture_order(shop, "cleo", 30, "c0", 99.99);
    fixture_send(shop, fixture_event("cleo", "Order Refunded", 20,
                                     "\"order_id\":\"c0\",\"refund_id\":\"r0\",\"total\":9.99,"
                                     "\"currency\":\"EUR\""));
    fixture_send(shop, fixture_event("dan", "Product Viewed", 2,
                                     "\"category\":\"Shoes\",\"price\":49.9,\"tags\":[\"New\"]},"
                                     "\"context\":{\"campaign\":{\"source\":\"Spring Letter\"},"
                                     "\"page\":{\"path\":\"/Shoes\"}"));
    fixture_send(shop, fixture_event("dan", "Product Viewed", 1, "\"category\":\"hats\""));
    fixture_send(shop, fixture_event("dan", "Product Added", 0.5, "\"category\":\"Shoes\""));
    fixture_send(shop, fixture_event("ann", "Product Added", 1.25, "\"category\":\"Shoes\""));
}

static inline Segments *fixture_segments(Shop *shop)
{
    return segments_new(
        &(SegmentsOptions){shop->test->store, shop->people, shop->timeline, FIXTURE_CHUNK_ROWS});
}

/* Whom a rule means: user ids in alphabetical order, joined by blanks, or "error: …". */
static inline char *fixture_who(Shop *shop, Segments *segments, const char *text, int64_t at)
{
    static const char *const users[] = {"ann", "bob", "cleo", "dan", "eve"};
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = at};
    g_autoptr(SegmentAnswer) answer = rule ? segments_ask(segments, &ask, &error) : NULL;
    if (!answer) return g_strdup_printf("error: %s", error->message);
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    GString *who = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        int64_t person = shop_person(shop, users[i]);
        for (guint k = 0; k < ids->len; k++)
            if (g_array_index(ids, int64_t, k) == person)
                g_string_append_printf(who, "%s%s", who->len ? " " : "", users[i]);
    }
    return g_string_free(who, FALSE);
}
