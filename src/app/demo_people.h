/* app/demo_people.h: who comes to the demo shop, and how they truly are. See demo_shop.h. */
#pragma once
#include "app/demo_random.h"
#include "app/demo_shop.h"

/* Fills shop->people (person_count is set): names, addresses, country, true rate and lifetime. */
void demo_people_fill(DemoShop *shop);

/* How much more is sold on a day than on the mean day of the year; `day` since 1970. */
double demo_season(int32_t day, DemoChannel channel);

/* The greatest value of demo_season. */
#define DEMO_SEASON_MAX 2.4

/* Returns the instant of a purchase on that day of the simulation: an hour that fits the channel.
 */
int64_t demo_hour(Random *random, int64_t day_start, DemoChannel channel);
