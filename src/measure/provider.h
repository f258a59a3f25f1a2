/* measure/provider.h: what measure knows of people, for the list and the person's page of people/.
 *
 *     PeopleProvider provider = measure_provider(measure);
 *     people_set_provider(people, &provider);
 *
 * Groups: customers (an order), repeat (two purchase days), new (first order in the last
 * PROVIDER_NEW_DAYS days), quiet (quiet_unusually). Without an order asked, groups and figures are
 * listed heaviest first: by money at stake, else by what was spent.
 */
#pragma once
#include "measure/measure.h"
#include "people/list.h"

enum { PROVIDER_NEW_DAYS = 30 };

/* The measure must outlive the people. Calls are thread safe. */
PeopleProvider measure_provider(Measure *measure);
