/* timeline/rates.h: what one unit of a currency was worth in the business's currency on a day.
 *
 * A rate holds from its day until the next one; before the first known day it is unknown, and the
 * amount in base currency stays null, is shown as such, and is filled when a rate comes
 * (orders_rebase). Days are whole days since 1970 in UTC.
 */
#pragma once
#include "base/money.h"
#include "store/db.h"

/* An amount to be converted: minor units of a currency at a time (UTC ms). */
typedef struct RateAmount {
    const char *currency;
    int64_t minor;
    int64_t at;
} RateAmount;

/* Converts into `base` by the rate of that day. Not set when the rate or `base` is unknown, or the
 * result does not fit. */
bool rate_convert(Db *db, const char *base, const RateAmount *amount, DbInt *ret_base_minor,
                  GError **error);

/* Enters a rate: base units per unit of `currency`, x 10^9, > 0. Replaces that day's. Writer. */
bool rate_set(Db *db, const char *currency, int64_t day, int64_t rate_nanos, GError **error);
