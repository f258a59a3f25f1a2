/* app/demo.h: `kith demo`: fills an empty store with the simulated shop (demo_shop.h).
 *
 * Everything goes through the doors that real data comes by: people by people_resolve, traits and
 * consents, orders by orders_report and refunds_report, visits by event_append; in units of the
 * writer of at most DEMO_UNIT items. Beside it, in the data folder: demo-truth.csv (what is true
 * about each person) and demo-orders.csv (the shop's export, to try an import with).
 *
 *     DemoParts parts = {store, people, timeline, orders};
 *     if (!demo_fill(&parts, &options, &summary, error)) …
 */
#pragma once
#include "app/demo_shop.h"
#include "people/people.h"
#include "store/store.h"
#include "timeline/orders.h"
#include "timeline/timeline.h"

enum {
    DEMO_UNIT = 100,         /* people, orders or visits of one unit of the writer */
    DEMO_SHOP_ID_LONDON = 2, /* the shop in euros is SHOP_ID_DEFAULT */
    DEMO_SOURCE_ID = 3,      /* the shop's own API, trusted as such */
    DEMO_SOURCE_ID_LONDON = 4,
    DEMO_SOURCE_ID_SITE = 5, /* the site's public key: visits */
};

/* Name of the setting that says that this store holds the demo shop ("1"). */
#define DEMO_SETTING "demo"

/* Parts of an open App; all borrowed. */
typedef struct DemoParts {
    Store *store;
    People *people;
    Timeline *timeline;
    Orders *orders;
} DemoParts;

typedef struct DemoOptions {
    uint32_t people; /* DEMO_PEOPLE_MIN..MAX */
    uint64_t seed;
    void (*progress)(void *data, const char *what, uint32_t done, uint32_t all); /* or NULL */
    void *data;
} DemoOptions;

/* What was written, for the person who waits. */
typedef struct DemoSummary {
    uint32_t people, orders, refunds, visits;
} DemoSummary;

/* Fills the store up to now (base/clock). CONFLICT: there are people in it and it is no demo; a
 * store that is the demo already is left as it is, with a summary of zeros. */
bool demo_fill(const DemoParts *parts, const DemoOptions *options, DemoSummary *ret_summary,
               GError **error);
