/* app/demo_world.h: what the demo shop sells and where its people live: const tables. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef enum DemoTaste { TASTE_LINEN, TASTE_TEA, TASTE_HOME, TASTES } DemoTaste;

typedef struct DemoProduct {
    const char *key, *name, *category;
    DemoTaste taste;
    int32_t eur, gbp; /* price in cents and pence */
    double weight;    /* how often it is chosen within its taste */
} DemoProduct;

typedef struct DemoCountry {
    const char *code;                /* ISO 3166-1 */
    const char *city, *zip, *street; /* of the export's addresses */
    const char *const *first, *const *last;
    size_t first_count, last_count;
    double weight; /* share of the people */
} DemoCountry;

extern const DemoProduct demo_products[];
extern const size_t demo_product_count;
extern const DemoCountry demo_countries[];
extern const size_t demo_country_count;

#define DEMO_BUSINESS_NAME "Linden & Linen"
#define DEMO_ZONE          "Europe/Ljubljana"
#define DEMO_CURRENCY      "EUR"
#define DEMO_SHOP          "Linden & Linen"
#define DEMO_SHOP_LONDON   "Linden & Linen London"
