/* app/demo_shop.h: the simulated shop: two years of people, orders, refunds and visits in memory.
 *
 * Buying is Pareto/NBD-like (Schmittlein, Morrison and Colombo 1987): each person buys at an own
 * rate (gamma over people) until an own, unseen moment of leaving (exponential with an own rate),
 * thinned by season, weekday and the charm of the quarter they came in. What is true is kept
 * beside what was seen, so that models can be judged.
 *
 * Deterministic: the same seed, number of people and day give the same shop. Pure memory.
 *
 *     g_autoptr(DemoShop) shop = demo_shop_new(&(DemoShopOptions){20000, 1, clock_now_ms()});
 *     for (uint32_t i = 0; i < shop->order_count; i++) use(&shop->orders[i]);      oldest first
 */
#pragma once
#include "app/demo_world.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    DEMO_DAYS = 730, /* of history */
    DEMO_LINES_MAX = 4,
    DEMO_PEOPLE_DEFAULT = 20000,
    DEMO_PEOPLE_MIN = 100,
    DEMO_PEOPLE_MAX = 1000000,
    DEMO_NOBODY = -1,
    DEMO_VISIT_DAYS = 45, /* visits are simulated this far back */
};

typedef enum DemoChannel { DEMO_WEB, DEMO_STORE, DEMO_LONDON, DEMO_CHANNELS } DemoChannel;

typedef struct DemoPerson {
    uint32_t number; /* 0 .. person_count - 1; the shop's customer id is derived from it */
    uint8_t country, taste;
    uint8_t channel;      /* DemoChannel */
    bool buys;            /* false: only asked for the newsletter */
    bool newsletter;      /* said yes to mail */
    char *first, *last;   /* owned */
    char *email;          /* owned, unique; NULL for some regulars of the store */
    int64_t joined_at;    /* UTC ms: first order, or sign-up */
    double rate_per_year; /* true buying rate while a customer */
    int64_t left_at;      /* true end of the relationship; INT64_MAX beyond the simulation */
    uint32_t order_count;
} DemoPerson;

typedef struct DemoLine {
    uint16_t product;
    uint16_t quantity;
    int32_t price; /* of one, minor units of the order's currency */
} DemoLine;

typedef struct DemoOrder {
    int64_t at;
    int32_t person;  /* DEMO_NOBODY: a till without a customer */
    uint8_t channel; /* DemoChannel */
    uint8_t line_count;
    bool cancelled;
    bool welcome;                      /* code WELCOME10 was used */
    uint32_t number;                   /* within its channel, rising with time */
    int32_t shipping, discount, total; /* minor units; total = lines + shipping - discount */
    int32_t refunded;                  /* 0: nothing given back */
    int64_t refunded_at;
    DemoLine lines[DEMO_LINES_MAX];
} DemoOrder;

typedef enum DemoVisitKind { VISIT_PAGE, VISIT_PRODUCT, VISIT_BASKET, VISIT_KINDS } DemoVisitKind;

typedef struct DemoVisit {
    int64_t at;
    int32_t person;   /* DEMO_NOBODY: only a visitor */
    uint32_t visitor; /* number of the browser */
    uint16_t product;
    uint8_t kind; /* DemoVisitKind */
} DemoVisit;

typedef struct DemoShop {
    uint64_t seed;
    int64_t start, now; /* UTC ms */
    uint32_t person_count, order_count, visit_count;
    DemoPerson *people;
    DemoOrder *orders; /* oldest first */
    DemoVisit *visits; /* oldest first */
} DemoShop;

typedef struct DemoShopOptions {
    uint32_t people; /* DEMO_PEOPLE_MIN..MAX */
    uint64_t seed;
    int64_t now; /* UTC ms; history ends here */
} DemoShopOptions;

DemoShop *demo_shop_new(const DemoShopOptions *options);
void demo_shop_free(DemoShop *shop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DemoShop, demo_shop_free)

/* ISO currency of a channel. */
const char *demo_channel_currency(DemoChannel channel);
/* Name of the shop a channel's orders belong to: the store's till is part of the web shop. */
const char *demo_channel_shop(DemoChannel channel);
/* The order number as the shop prints it ("#1001"), in `text` of at least 24 bytes. */
void demo_order_number(const DemoOrder *order, char text[24]);
/* The shop's id of a customer ("7000000000042"), in `text` of at least 24 bytes. */
void demo_customer_id(const DemoPerson *person, char text[24]);
/* The telephone number of a regular who gave no address ("+38671000042"). */
void demo_phone(const DemoPerson *person, char text[24]);
