#include "app/demo.h"

#include "app/demo_csv.h"
#include "app/demo_fill.h"
#include "app/demo_sql.h"
#include "base/clock.h"
#include "base/error.h"
#include "timeline/business.h"
#include "timeline/rates.h"

#include <math.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static bool shops_put(Db *db, int64_t at, GError **error)
{
    DemoShopPutParams shop = {SHOP_ID_DEFAULT, DEMO_SHOP, "EUR", DEMO_ZONE, at};
    DemoShopPutParams london = {DEMO_SHOP_ID_LONDON, DEMO_SHOP_LONDON, "GBP", "Europe/London", at};
    return sql_demo_shop_put(db, &shop, NULL, error) && sql_demo_shop_put(db, &london, NULL, error);
}

static bool sources_put(Db *db, int64_t at, GError **error)
{
    const DemoSourcePutParams sources[] = {
        {DEMO_SOURCE_ID, "api", TRUST_SHOP, DEMO_SHOP, SHOP_ID_DEFAULT, at},
        {DEMO_SOURCE_ID_LONDON, "api", TRUST_SHOP, DEMO_SHOP_LONDON, DEMO_SHOP_ID_LONDON, at},
        {DEMO_SOURCE_ID_SITE, "track", TRUST_TRACK, "Web site", SHOP_ID_DEFAULT, at},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        if (!sql_demo_source_put(db, &sources[i], NULL, error)) return false;
    return true;
}

static bool products_put(Db *db, int64_t at, GError **error)
{
    for (size_t i = 0; i < demo_product_count; i++) {
        const DemoProduct *p = &demo_products[i];
        DemoProductPutParams euros = {SHOP_ID_DEFAULT, p->key, p->name,    p->category,
                                      p->eur,          "EUR",  TRUST_SHOP, at};
        DemoProductPutParams pounds = {
            DEMO_SHOP_ID_LONDON, p->key, p->name, p->category, p->gbp, "GBP", TRUST_SHOP, at};
        if (!sql_demo_product_put(db, &euros, NULL, error)) return false;
        if (!sql_demo_product_put(db, &pounds, NULL, error)) return false;
    }
    return true;
}

/* A pound is worth 1.15 to 1.19 euros, slowly up and down; a rate a week. */
static bool rates_put(Db *db, const DemoShop *shop, GError **error)
{
    for (int64_t at = shop->start - DAY_MS; at < shop->now; at += 7 * DAY_MS) {
        int64_t day = at / DAY_MS;
        double rate = 1.17 + 0.02 * sin((double)day / 60);
        if (!rate_set(db, "GBP", day, (int64_t)(rate * 1e5) * 10000, error)) return false;
    }
    return true;
}

static bool setup_run(Db *db, void *data, GError **error)
{
    const DemoShop *shop = data;
    Business business = {
        .name = DEMO_BUSINESS_NAME, .currency = DEMO_CURRENCY, .zone = DEMO_ZONE, .language = "en"};
    DemoSettingPutParams demo = {DEMO_SETTING, "1", shop->now};
    return business_save(db, &business, shop->now, error) &&
           sql_demo_setting_put(db, &demo, NULL, error) && shops_put(db, shop->start, error) &&
           sources_put(db, shop->start, error) && products_put(db, shop->start, error) &&
           rates_put(db, shop, error);
}

typedef enum DemoState { DEMO_EMPTY, DEMO_FILLED, DEMO_OTHER } DemoState;

static bool state_read(Db *db, DemoState *ret_state, GError **error)
{
    DemoSettingFindRow setting;
    DemoPersonAnyRow person;
    bool is_demo, has_people;
    DemoSettingFindParams params = {DEMO_SETTING};
    if (!sql_demo_setting_find(db, &params, &setting, &is_demo, error)) return false;
    if (!sql_demo_person_any(db, &person, &has_people, error)) return false;
    *ret_state = is_demo ? DEMO_FILLED : has_people ? DEMO_OTHER : DEMO_EMPTY;
    return true;
}

static bool store_state(Store *store, DemoState *ret_state, GError **error)
{
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = state_read(db, ret_state, error);
    store_reader_end(store, db);
    return done;
}

static bool files_write(const DemoShop *shop, const char *folder, GError **error)
{
    g_autofree char *truth = g_build_filename(folder, "demo-truth.csv", NULL);
    g_autofree char *orders = g_build_filename(folder, "demo-orders.csv", NULL);
    return demo_truth_write(shop, truth, error) && demo_orders_write(shop, orders, error);
}

bool demo_fill(const DemoParts *parts, const DemoOptions *options, DemoSummary *ret_summary,
               GError **error)
{
    DemoState state;
    DemoSummary summary = {0};
    if (!store_state(parts->store, &state, error)) return false;
    if (state == DEMO_OTHER)
        return fail(error, KITH_ERROR_CONFLICT,
                    "%s holds the people of a real business: give `kith demo` an empty folder",
                    store_dir(parts->store));
    if (state == DEMO_EMPTY) {
        DemoShopOptions simulated = {options->people, options->seed, clock_now_ms()};
        g_autoptr(DemoShop) shop = demo_shop_new(&simulated);
        Writer *writer = store_writer(parts->store);
        if (!writer_call(writer, WRITER_REST, setup_run, shop, error)) return false;
        if (!demo_fill_shop(parts, shop, options, &summary, error)) return false;
        orders_changed(parts->orders);
        if (!files_write(shop, store_dir(parts->store), error)) return false;
    }
    *ret_summary = summary;
    return true;
}
