/* app/demo_csv.h: the files beside the demo shop: its truth, and its orders as an export.
 *
 * demo-truth.csv has one row per person: what is true about them and cannot be seen (buying rate,
 * when they left), for tests of models. demo-orders.csv is the export of the shop "Linden & Linen"
 * as Shopify writes it (help.shopify.com, "Export orders to a CSV file"; one row per line item, the
 * order's own columns on its first row only), to try an import with.
 */
#pragma once
#include "app/demo_shop.h"

/* Writes the file whole or not at all (a temporary beside it, renamed). */
bool demo_truth_write(const DemoShop *shop, const char *path, GError **error);
bool demo_orders_write(const DemoShop *shop, const char *path, GError **error);
