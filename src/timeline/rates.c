#include "timeline/rates.h"

#include "base/clock.h"
#include "base/error.h"
#include "timeline/business_sql.h"

bool rate_convert(Db *db, const char *base, const RateAmount *amount, DbInt *ret_base_minor,
                  GError **error)
{
    if (strcmp(base, amount->currency) == 0) {
        *ret_base_minor = db_int(amount->minor);
        return true;
    }
    *ret_base_minor = (DbInt){0};
    int digits = currency_digits(amount->currency), base_digits = currency_digits(base);
    if (digits < 0 || base_digits < 0) return true;
    RateFindRow row;
    bool found;
    RateFindParams params = {.currency = amount->currency, .day = amount->at / CLOCK_DAY_MS};
    if (!sql_rate_find(db, &params, &row, &found, error)) return false;
    int64_t converted;
    if (found && money_convert(amount->minor, digits, row.rate, base_digits, &converted))
        *ret_base_minor = db_int(converted);
    return true;
}

bool rate_set(Db *db, const char *currency, int64_t day, int64_t rate_nanos, GError **error)
{
    if (currency_digits(currency) < 0)
        return fail(error, KITH_ERROR_INVALID, "currency \"%s\": not an ISO 4217 code", currency);
    if (rate_nanos <= 0)
        return fail(error, KITH_ERROR_INVALID, "rate of %s: must be more than 0", currency);
    RatePutParams params = {.currency = currency, .day = day, .rate = rate_nanos};
    return sql_rate_put(db, &params, NULL, error);
}
