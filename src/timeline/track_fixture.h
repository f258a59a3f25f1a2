/* timeline/track_fixture.h: a small shop with a server, for tests. Not part of the product. */
#pragma once
#include "net/auth.h"
#include "net/http_fixture.h"
#include "store/testdb.h"
#include "timeline/live.h"
#include "timeline/order_events.h"
#include "timeline/timeline_routes.h"
#include "timeline/track.h"

#include "base/clock.h"

typedef struct Shop {
    TestStore *test;
    People *people;
    Timeline *timeline;
    Orders *orders;
    Auth *auth;
    Server *server;
    Track *track;
    uint16_t port;
    char track_key[AUTH_KEY_SIZE], ingest_key[AUTH_KEY_SIZE], api_key[AUTH_KEY_SIZE];
} Shop;

static inline void shop_key(Shop *shop, KeyScope scope, char *key)
{
    g_autoptr(GError) error = NULL;
    KeyInput input = {.name = key_scope_names[scope], .scope = scope, .shop_id = 1};
    Actor by = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};
    KeyMade made;
    auth_key_create(shop->auth, &input, &by, &made, &error);
    g_assert_no_error(error);
    g_strlcpy(key, made.secret, AUTH_KEY_SIZE);
}

static inline void shop_begin(Shop *shop)
{
    g_autoptr(GError) error = NULL;
    Store *store = shop->test->store;
    shop->people = people_open(store, &error);
    g_assert_no_error(error);
    shop->timeline = timeline_open(store, shop->people, &error);
    g_assert_no_error(error);
    shop->orders = orders_new(store, shop->people, &order_events, shop->timeline);
    shop->track = track_new(shop->timeline, shop->orders);
    shop->auth = auth_new(store, &error);
    g_assert_no_error(error);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = shop->test->dir,
                             .check_replies = true,
                             .auth = shop->auth};
    shop->server = server_new(&options, &error);
    g_assert_no_error(error);
    track_add_routes(shop->track, shop->server);
    timeline_add_routes(shop->timeline, shop->server);
    server_start(shop->server, &error);
    g_assert_no_error(error);
    shop->port = server_port(shop->server);
}

static inline void shop_end(Shop *shop)
{
    server_stop(shop->server);
    track_free(shop->track);
    server_free(shop->server);
    orders_free(shop->orders);
    timeline_free(shop->timeline);
    people_free(shop->people);
    auth_free(shop->auth);
}

static inline void shop_open(Shop *shop, TestStore *test)
{
    *shop = (Shop){.test = test};
    shop_begin(shop);
    shop_key(shop, KEY_TRACK, shop->track_key);
    shop_key(shop, KEY_INGEST, shop->ingest_key);
    shop_key(shop, KEY_API, shop->api_key);
}

static inline void shop_reopen(Shop *shop)
{
    shop_end(shop);
    test_store_reopen(shop->test);
    shop_begin(shop);
}

static inline Reply shop_post(const Shop *shop, const char *key, const char *path, const char *body)
{
    g_autofree char *user = g_strconcat(key, ":", NULL);
    g_autofree char *basic = g_base64_encode((const guchar *)user, strlen(user));
    g_autofree char *line = g_strdup_printf("POST %s", path);
    g_autofree char *header = g_strdup_printf("Authorization: Basic %s\r\n", basic);
    return http_json(shop->port, line, header, body);
}

static inline Reply shop_get(const Shop *shop, const char *path)
{
    g_autofree char *head =
        g_strdup_printf("GET %s HTTP/1.1\r\nAuthorization: Bearer %s\r\n", path, shop->api_key);
    return http_call(shop->port, head, NULL, -1);
}

/* Sends a batch of events as the inside of a JSON list, with an ingest key; expects 200. */
static inline Reply shop_batch(const Shop *shop, const char *events)
{
    g_autofree char *body = g_strdup_printf("{\"batch\":[%s]}", events);
    Reply reply = shop_post(shop, shop->ingest_key, "/v1/batch", body);
    g_assert_cmpint(reply.status, ==, 200);
    return reply;
}

static inline int64_t shop_count(const Shop *shop, const char *sql)
{
    g_autofree char *text = test_store_sql(shop->test, sql);
    return text ? g_ascii_strtoll(text, NULL, 10) : -1;
}

static inline int64_t shop_person(const Shop *shop, const char *user_id)
{
    return people_find(shop->people, IDENTITY_USER_ID, 1, slice_of(user_id));
}

/* The names on a person's timeline, latest first, joined by ", ". */
static inline char *shop_names(const Shop *shop, int64_t person_id)
{
    g_autoptr(GError) error = NULL;
    TimelineAsk ask = {.person_id = person_id, .limit = TIMELINE_LIMIT_MAX};
    Db *db = store_reader_begin(shop->test->store, &error);
    g_assert_no_error(error);
    g_autoptr(TimelinePage) page = timeline_read(shop->timeline, db, &ask, &error);
    g_assert_no_error(error);
    store_reader_end(shop->test->store, db);
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < page->events->len; i++) {
        const TimelineEvent *event = g_ptr_array_index(page->events, i);
        g_string_append_printf(names, "%s%s", i ? ", " : "", event->name);
    }
    return g_string_free(names, FALSE);
}
