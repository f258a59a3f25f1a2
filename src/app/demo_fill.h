/* app/demo_fill.h: writes a simulated shop through the doors of the house. See demo.h. */
#pragma once
#include "app/demo.h"

/* People, then orders with their refunds, then visits; counts into `summary`. The store must hold
 * the demo's shops and sources already. */
bool demo_fill_shop(const DemoParts *parts, const DemoShop *shop, const DemoOptions *options,
                    DemoSummary *summary, GError **error);
