/* timeline/orders_verify.h: is every order the fold of what was said about it? */
#pragma once
#include "base/findings.h"
#include "timeline/orders.h"

/* Checks every order: its row equals the fold of its evidence, its key leads to it, its net is
 * revenue less confirmed refunds. Reads in key ranges. False only when the database fails. */
bool orders_verify(Store *store, Findings *findings, GError **error);
