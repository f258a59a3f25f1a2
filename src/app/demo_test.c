#include "app/demo_csv.h"
#include "app/demo_people.h"
#include "app/demo_random.h"
#include "app/demo_shop.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* Monday 2024-06-03 15:00 UTC. */
#define NOW    INT64_C(1717426800000)
#define DAY_MS INT64_C(86400000)

static DemoShop *small_shop(uint64_t seed)
{
    return demo_shop_new(&(DemoShopOptions){2000, seed, NOW});
}

static void numbers_have_their_means(void)
{
    enum { N = 200000 };
    Random random;
    random_init(&random, 7);
    double exponential = 0, gamma = 0, squares = 0, poisson = 0;
    for (int i = 0; i < N; i++) {
        exponential += random_exponential(&random, 4);
        double g = random_gamma(&random, 0.9, 3);
        gamma += g;
        squares += g * g;
        poisson += random_poisson(&random, 14);
    }
    g_assert_cmpfloat_with_epsilon(exponential / N, 0.25, 0.005);
    g_assert_cmpfloat_with_epsilon(gamma / N, 3, 0.05);
    double variance = squares / N - gamma / N * (gamma / N);
    g_assert_cmpfloat_with_epsilon(variance, 3 * 3 / 0.9, 0.4);
    g_assert_cmpfloat_with_epsilon(poisson / N, 14, 0.05);
}

/* Same seed, same shop; another seed, another one. */
static void the_seed_decides(void)
{
    g_autoptr(DemoShop) a = small_shop(1);
    g_autoptr(DemoShop) b = small_shop(1);
    g_autoptr(DemoShop) c = small_shop(2);
    g_assert_cmpuint(a->order_count, ==, b->order_count);
    for (uint32_t i = 0; i < a->order_count; i++) {
        g_assert_cmpint(a->orders[i].at, ==, b->orders[i].at);
        g_assert_cmpint(a->orders[i].total, ==, b->orders[i].total);
        g_assert_cmpint(a->orders[i].person, ==, b->orders[i].person);
    }
    g_assert_cmpstr(a->people[17].email, ==, b->people[17].email);
    g_assert_cmpuint(a->order_count, !=, c->order_count);
}

static void orders_hang_together(void)
{
    g_autoptr(DemoShop) shop = small_shop(1);
    uint32_t refunds = 0, till = 0, pounds = 0;
    for (uint32_t i = 0; i < shop->order_count; i++) {
        const DemoOrder *order = &shop->orders[i];
        int32_t sum = 0;
        for (uint8_t k = 0; k < order->line_count; k++)
            sum += order->lines[k].price * order->lines[k].quantity;
        g_assert_cmpint(order->total, ==, sum + order->shipping - order->discount);
        g_assert_cmpint(order->total, >, 0);
        g_assert_cmpint(order->refunded, <=, order->total);
        g_assert_true(order->at >= shop->start && order->at < shop->now);
        g_assert_true(i == 0 || shop->orders[i - 1].at <= order->at);
        if (order->refunded) g_assert_cmpint(order->refunded_at, >, order->at);
        refunds += order->refunded > 0;
        till += order->person == DEMO_NOBODY;
        pounds += order->channel == DEMO_LONDON;
    }
    g_assert_cmpuint(refunds, >, shop->order_count / 100);
    g_assert_cmpuint(till, >, shop->order_count / 10);
    g_assert_cmpuint(pounds, >, shop->order_count / 50);
    g_assert_cmpint(shop->now - shop->orders[shop->order_count - 1].at, <, DAY_MS);
}

/* Nobody buys after leaving; among those with three orders both kinds are found. */
static void the_truth_is_kept(void)
{
    g_autoptr(DemoShop) shop = small_shop(1);
    uint32_t alive = 0, gone = 0;
    for (uint32_t i = 0; i < shop->order_count; i++) {
        if (shop->orders[i].person == DEMO_NOBODY) continue;
        const DemoPerson *person = &shop->people[shop->orders[i].person];
        g_assert_cmpint(shop->orders[i].at - DAY_MS, <=, person->left_at);
    }
    for (uint32_t i = 0; i < shop->person_count; i++) {
        if (shop->people[i].order_count < 3) continue;
        alive += shop->people[i].left_at == INT64_MAX;
        gone += shop->people[i].left_at != INT64_MAX;
    }
    g_assert_cmpuint(alive, >, 50);
    g_assert_cmpuint(gone, >, 50);
}

static void addresses_are_unique_and_ascii(void)
{
    g_autoptr(DemoShop) shop = small_shop(1);
    g_autoptr(GTree) seen = g_tree_new((GCompareFunc)(void (*)(void))strcmp);
    for (uint32_t i = 0; i < shop->person_count; i++) {
        char *email = shop->people[i].email;
        if (!email) continue;
        g_assert_true(g_str_is_ascii(email));
        g_assert_null(g_tree_lookup(seen, email));
        g_tree_insert(seen, email, email);
    }
}

/* Every row has as many fields as the header; the totals of the first rows are the shop's. */
static void the_export_is_whole(void)
{
    g_autoptr(DemoShop) shop = small_shop(1);
    g_autofree char *text = NULL;
    g_autofree char *folder = g_dir_make_tmp("kith-demo-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "demo-orders.csv", NULL);
    g_assert_true(demo_orders_write(shop, path, NULL));
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_unlink(path);
    g_rmdir(folder);
    int fields = 1, want = 0, rows = 0;
    bool quoted = false;
    for (const char *p = text; *p; p++) {
        if (*p == '"') quoted = !quoted;
        if (*p == ',' && !quoted) fields++;
        if (*p != '\n' || quoted) continue;
        if (rows++ == 0) want = fields;
        g_assert_cmpint(fields, ==, want);
        fields = 1;
    }
    int lines = 0;
    for (uint32_t i = 0; i < shop->order_count; i++)
        if (shop->orders[i].channel != DEMO_LONDON) lines += shop->orders[i].line_count;
    g_assert_cmpint(rows, ==, lines + 1);
    g_assert_cmpint(want, ==, 37);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/app/demo/random", numbers_have_their_means);
    g_test_add_func("/app/demo/seed", the_seed_decides);
    g_test_add_func("/app/demo/orders", orders_hang_together);
    g_test_add_func("/app/demo/truth", the_truth_is_kept);
    g_test_add_func("/app/demo/addresses", addresses_are_unique_and_ascii);
    g_test_add_func("/app/demo/export", the_export_is_whole);
    return g_test_run();
}
