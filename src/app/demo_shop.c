#include "app/demo_shop.h"

#include "app/demo_people.h"

#include <math.h>
#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

enum {
    STREAM_ORDERS = 1 << 24, /* streams of random numbers, apart from those of the people */
    STREAM_TILL = 1 << 25,
    STREAM_VISITS = 1 << 26,
    SHIPPING_FREE_FROM = 6000,
    SHIPPING = 490,
};

/* What is being filled: growing arrays. */
typedef struct Filling {
    DemoShop *shop;
    GArray *orders, *visits;
} Filling;

const char *demo_channel_currency(DemoChannel channel)
{
    return channel == DEMO_LONDON ? "GBP" : "EUR";
}

const char *demo_channel_shop(DemoChannel channel)
{
    return channel == DEMO_LONDON ? DEMO_SHOP_LONDON : DEMO_SHOP;
}

void demo_phone(const DemoPerson *person, char text[24])
{
    g_snprintf(text, 24, "+38671%06u", person->number + 1);
}

void demo_order_number(const DemoOrder *order, char text[24])
{
    static const char *const formats[DEMO_CHANNELS] = {"#", "T-", "#UK"};
    g_snprintf(text, 24, "%s%u", formats[order->channel], 1000 + order->number);
}

void demo_customer_id(const DemoPerson *person, char text[24])
{
    g_snprintf(text, 24, "70000%08u", person->number + 1);
}

static size_t product_pick(Random *random, int taste)
{
    double weights[64];
    for (size_t i = 0; i < demo_product_count; i++) {
        bool own = taste < 0 || (int)demo_products[i].taste == taste;
        weights[i] = demo_products[i].weight * (own ? 1 : 0.12);
    }
    return random_pick(random, weights, demo_product_count);
}

static int32_t order_add_lines(DemoOrder *order, Random *random, int taste)
{
    int32_t sum = 0;
    order->line_count = (uint8_t)(1 + random_pick(random, (const double[]){5, 3, 1.5, 0.5}, 4));
    for (uint8_t i = 0; i < order->line_count; i++) {
        const size_t product = product_pick(random, taste);
        const DemoProduct *sold = &demo_products[product];
        bool cheap = sold->eur < 2500;
        uint16_t quantity =
            (uint16_t)(1 + random_pick(random, (const double[]){6, 2, 1, cheap ? 1 : 0}, 4));
        int32_t price = order->channel == DEMO_LONDON ? sold->gbp : sold->eur;
        order->lines[i] = (DemoLine){(uint16_t)product, quantity, price};
        sum += price * quantity;
    }
    return sum;
}

/* One in twenty sends something back, one in a hundred cancels. */
static void order_set_returns(DemoOrder *order, Random *random, const DemoShop *shop)
{
    double luck = random_unit(random);
    double linen = demo_products[order->lines[0].product].taste == TASTE_LINEN ? 0.08 : 0.02;
    if (order->channel != DEMO_STORE && luck > 0.99) {
        order->cancelled = true;
        return;
    }
    if (luck > linen) return;
    int64_t after = (int64_t)((4 + random_exponential(random, 0.12)) * (double)DAY_MS);
    if (order->at + after >= shop->now) return;
    const DemoLine *line = &order->lines[random_below(random, order->line_count)];
    order->refunded = MIN(line->price * (int32_t)line->quantity, order->total);
    order->refunded_at = order->at + after;
}

static void order_fill(DemoOrder *order, Random *random, const DemoShop *shop, bool first)
{
    int taste = order->person == DEMO_NOBODY ? -1 : shop->people[order->person].taste;
    int32_t sum = order_add_lines(order, random, taste);
    bool ships = order->channel != DEMO_STORE;
    order->welcome = first && ships && random_unit(random) < 0.3;
    order->discount = order->welcome ? sum / 10 : 0;
    order->shipping = ships && sum - order->discount < SHIPPING_FREE_FROM ? SHIPPING : 0;
    order->total = sum + order->shipping - order->discount;
    order_set_returns(order, random, shop);
}

static void filling_add_order(Filling *filling, Random *random, int32_t person, int64_t at)
{
    DemoShop *shop = filling->shop;
    DemoOrder order = {.at = at, .person = person, .channel = DEMO_STORE};
    bool first = false;
    if (person != DEMO_NOBODY) {
        order.channel = shop->people[person].channel;
        first = shop->people[person].order_count++ == 0;
    }
    order_fill(&order, random, shop, first);
    g_array_append_val(filling->orders, order);
}

/* Purchases of one person by thinning: candidate days at the highest rate, kept by season. */
static void filling_add_person(Filling *filling, DemoPerson *person)
{
    DemoShop *shop = filling->shop;
    if (!person->buys) return;
    Random random;
    random_split(&random, shop->seed, STREAM_ORDERS + (uint64_t)person->number);
    filling_add_order(filling, &random, (int32_t)person->number, person->joined_at);
    double per_day = fmax(person->rate_per_year, 1e-6) / 365.25 * DEMO_SEASON_MAX;
    double days = 0;
    for (;;) {
        days += random_exponential(&random, per_day);
        int64_t at = person->joined_at + (int64_t)(days * (double)DAY_MS);
        if (days > 2 * DEMO_DAYS || at >= MIN(person->left_at, shop->now)) return;
        int64_t day_start = at / DAY_MS * DAY_MS;
        double season = demo_season((int32_t)(at / DAY_MS), person->channel);
        if (random_unit(&random) * DEMO_SEASON_MAX > season) continue;
        int64_t moment = demo_hour(&random, day_start, person->channel);
        if (moment > person->joined_at && moment < shop->now)
            filling_add_order(filling, &random, (int32_t)person->number, moment);
    }
}

/* The till sells to people nobody asked who they are. */
static void filling_add_till(Filling *filling)
{
    DemoShop *shop = filling->shop;
    double per_day = 14.0 * shop->person_count / DEMO_PEOPLE_DEFAULT;
    for (int32_t day = 0; day <= DEMO_DAYS; day++) {
        Random random;
        random_split(&random, shop->seed, STREAM_TILL + (uint64_t)day);
        int64_t day_start = (shop->start / DAY_MS + day) * DAY_MS;
        double season = demo_season((int32_t)(day_start / DAY_MS), DEMO_STORE);
        uint32_t sales = random_poisson(&random, MIN(per_day * season, 400));
        for (uint32_t i = 0; i < sales; i++) {
            int64_t at = demo_hour(&random, day_start, DEMO_STORE);
            if (at >= shop->start && at < shop->now)
                filling_add_order(filling, &random, DEMO_NOBODY, at);
        }
    }
}

static int order_compare(const void *x, const void *y)
{
    const DemoOrder *a = x, *b = y;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

static int visit_compare(const void *x, const void *y)
{
    const DemoVisit *a = x, *b = y;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->visitor > b->visitor) - (a->visitor < b->visitor);
}

static void orders_number(DemoShop *shop)
{
    uint32_t next[DEMO_CHANNELS] = {0};
    for (uint32_t i = 0; i < shop->order_count; i++)
        shop->orders[i].number = ++next[shop->orders[i].channel];
}

/* A walk through the site that ends `before` a purchase, or in nothing. */
static void filling_add_walk(Filling *filling, Random *random, DemoVisit visit, bool basket)
{
    uint32_t pages = 1 + random_below(random, 4);
    int taste = visit.person == DEMO_NOBODY ? -1 : filling->shop->people[visit.person].taste;
    for (uint32_t i = 0; i <= pages; i++) {
        bool last = i == pages;
        visit.kind = i == 0 ? VISIT_PAGE : last && basket ? VISIT_BASKET : VISIT_PRODUCT;
        if (!(last && basket) || i == 0) visit.product = (uint16_t)product_pick(random, taste);
        if (visit.at < filling->shop->now) g_array_append_val(filling->visits, visit);
        visit.at += 20000 + random_below(random, 180000);
    }
}

/* Before each web order of the last weeks its buyer looks around; more only look. */
static void filling_add_visits(Filling *filling)
{
    DemoShop *shop = filling->shop;
    int64_t since = shop->now - DEMO_VISIT_DAYS * DAY_MS;
    Random random;
    random_split(&random, shop->seed, STREAM_VISITS);
    for (uint32_t i = 0; i < shop->order_count; i++) {
        const DemoOrder *order = &shop->orders[i];
        if (order->at < since || order->channel == DEMO_STORE) continue;
        DemoVisit visit = {.at = order->at - 900000, .person = order->person};
        visit.visitor = (uint32_t)order->person;
        filling_add_walk(filling, &random, visit, true);
    }
    uint32_t strangers = shop->person_count / 4;
    for (uint32_t i = 0; i < strangers; i++) {
        double age = random_unit(&random) * DEMO_VISIT_DAYS;
        int64_t day_start = (shop->now - (int64_t)(age * (double)DAY_MS)) / DAY_MS * DAY_MS;
        DemoVisit visit = {.at = demo_hour(&random, day_start, DEMO_WEB), .person = DEMO_NOBODY};
        visit.visitor = shop->person_count + i;
        filling_add_walk(filling, &random, visit, random_unit(&random) < 0.15);
    }
}

DemoShop *demo_shop_new(const DemoShopOptions *options)
{
    DemoShop *shop = g_new0(DemoShop, 1);
    Filling filling = {shop, g_array_new(FALSE, FALSE, sizeof(DemoOrder)),
                       g_array_new(FALSE, FALSE, sizeof(DemoVisit))};
    shop->seed = options->seed;
    shop->now = options->now;
    shop->start = (options->now / DAY_MS - DEMO_DAYS) * DAY_MS;
    shop->person_count = CLAMP(options->people, DEMO_PEOPLE_MIN, DEMO_PEOPLE_MAX);
    demo_people_fill(shop);
    for (uint32_t i = 0; i < shop->person_count; i++)
        filling_add_person(&filling, &shop->people[i]);
    filling_add_till(&filling);
    g_array_sort(filling.orders, order_compare);
    shop->order_count = filling.orders->len;
    shop->orders = (DemoOrder *)(void *)g_array_free(filling.orders, FALSE);
    orders_number(shop);
    filling_add_visits(&filling);
    g_array_sort(filling.visits, visit_compare);
    shop->visit_count = filling.visits->len;
    shop->visits = (DemoVisit *)(void *)g_array_free(filling.visits, FALSE);
    return shop;
}

void demo_shop_free(DemoShop *shop)
{
    for (uint32_t i = 0; i < shop->person_count; i++) {
        g_free(shop->people[i].first);
        g_free(shop->people[i].last);
        g_free(shop->people[i].email);
    }
    g_free(shop->people);
    g_free(shop->orders);
    g_free(shop->visits);
    g_free(shop);
}
