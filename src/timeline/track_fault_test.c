/* The Nth call to the database fails while a batch is stored, for every N: what was answered 200
 * is there, what was not is sent again, and everything counts once. */
#include "store/fault.h"
#include "timeline/orders_verify.h"
#include "timeline/timeline_verify.h"
#include "timeline/track_fixture.h"

enum { EVENTS_EACH = 5, ROUNDS_MAX = 2000 };

/* A visitor signs in, orders, and gets some of it back; names of its own for each round. */
static char *round_batch(int round)
{
    return g_strdup_printf(
        "{\"batch\":["
        "{\"type\":\"track\",\"event\":\"Product Viewed\",\"anonymousId\":\"device-%d\","
        "\"messageId\":\"view-%d\",\"properties\":{\"name\":\"Lamp\"}},"
        "{\"type\":\"identify\",\"userId\":\"user-%d\",\"anonymousId\":\"device-%d\","
        "\"messageId\":\"who-%d\",\"traits\":{\"email\":\"user%d@shop.example\"}},"
        "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"user-%d\","
        "\"messageId\":\"order-%d\",\"properties\":{\"order_id\":\"o%d\",\"revenue\":25,"
        "\"currency\":\"EUR\",\"products\":[{\"sku\":\"L\",\"quantity\":1,\"price\":25}]}},"
        "{\"type\":\"track\",\"event\":\"Order Refunded\",\"userId\":\"user-%d\","
        "\"messageId\":\"refund-%d\",\"properties\":{\"order_id\":\"o%d\",\"total\":5,"
        "\"currency\":\"EUR\"}},"
        "{\"type\":\"page\",\"name\":\"Thanks\",\"userId\":\"user-%d\",\"messageId\":\"page-%d\"}"
        "]}",
        round, round, round, round, round, round, round, round, round, round, round, round, round,
        round);
}

/* Sends the round's batch with the nth call failing, and again until it is answered; true when
 * the failure was met. */
static bool round_run(Shop *shop, int round, int64_t nth)
{
    g_autofree char *body = round_batch(round);
    store_fault_at(nth);
    g_auto(Reply) first = shop_post(shop, shop->ingest_key, "/v1/batch", body);
    bool hit = store_fault_hit();
    store_fault_at(0);
    if (first.status == 200) return hit;
    g_assert_true(hit);
    g_assert_cmpint(first.status, >=, 429);
    g_auto(Reply) again = shop_post(shop, shop->ingest_key, "/v1/batch", body);
    g_assert_cmpint(again.status, ==, 200);
    return true;
}

static void nothing_is_wrong(Shop *shop)
{
    g_autoptr(GError) error = NULL;
    g_auto(Findings) findings = {0};
    findings_init(&findings);
    g_assert_true(timeline_verify(shop->timeline, &findings, &error));
    g_assert_true(orders_verify(shop->test->store, &findings, &error));
    for (guint i = 0; i < findings.texts->len; i++)
        g_test_message("%s", (char *)findings.texts->pdata[i]);
    g_assert_cmpint(findings.wrong, ==, 0);
}

static void every_call_may_fail(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int rounds = 0, failed = 0;
    for (int64_t nth = 1; rounds < ROUNDS_MAX; nth++) {
        bool hit = round_run(&shop, ++rounds, nth);
        failed += hit;
        if (!hit) break;
    }
    g_test_message("%d calls failed once", failed);
    g_assert_cmpint(failed, >, 30);
    g_assert_cmpint(shop_count(&shop, "SELECT count(*) FROM orders"), ==, rounds);
    g_assert_cmpint(shop_count(&shop, "SELECT count(*) FROM refund"), ==, rounds);
    g_assert_cmpint(shop_count(&shop, "SELECT sum(revenue) FROM orders"), ==, rounds * 2500);
    g_assert_cmpint(shop_count(&shop, "SELECT count(DISTINCT message_id) FROM event"), ==,
                    shop_count(&shop, "SELECT count(*) FROM event"));
    nothing_is_wrong(&shop);
    shop_reopen(&shop);
    nothing_is_wrong(&shop);
    shop_end(&shop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/track/fault", every_call_may_fail);
    return g_test_run();
}
