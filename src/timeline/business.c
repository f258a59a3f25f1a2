#include "timeline/business.h"

#include "base/error.h"
#include "base/slice.h"
#include "base/zones.h"
#include "timeline/business_sql.h"

static bool setting_read(Db *db, const char *name, char *out, size_t size, GError **error)
{
    BusinessSettingRow row;
    bool found;
    if (!sql_business_setting(db, &(BusinessSettingParams){.name = name}, &row, &found, error))
        return false;
    g_strlcpy(out, found ? row.value : "", size);
    return true;
}

bool business_load(Db *db, Business *ret_business, GError **error)
{
    Business read = {0};
    char gap[24];
    if (!setting_read(db, "business.name", read.name, sizeof read.name, error)) return false;
    if (!setting_read(db, "business.currency", read.currency, sizeof read.currency, error))
        return false;
    if (!setting_read(db, "business.zone", read.zone, sizeof read.zone, error)) return false;
    if (!setting_read(db, "business.language", read.language, sizeof read.language, error))
        return false;
    if (!setting_read(db, "business.gap_days", gap, sizeof gap, error)) return false;
    read.gap_days = g_ascii_strtoll(gap, NULL, 10);
    if (!*read.language) g_strlcpy(read.language, "en", sizeof read.language);
    *ret_business = read;
    return true;
}

static bool business_check(const Business *business, GError **error)
{
    if (*business->currency && currency_digits(business->currency) < 0)
        return fail(error, KITH_ERROR_INVALID,
                    "currency \"%s\": not an ISO 4217 code such as EUR or GBP", business->currency);
    if (*business->zone && !zone_find(slice_of(business->zone), error)) return false;
    if (strcmp(business->language, "en") != 0 && strcmp(business->language, "de") != 0)
        return fail(error, KITH_ERROR_INVALID, "language \"%s\": must be en or de",
                    business->language);
    if (business->gap_days < 0 || business->gap_days > BUSINESS_GAP_DAYS_MAX)
        return fail(error, KITH_ERROR_INVALID,
                    "usual gap of %" G_GINT64_FORMAT " days: must be 0 to %d", business->gap_days,
                    BUSINESS_GAP_DAYS_MAX);
    return true;
}

static bool setting_write(Db *db, const char *name, const char *value, int64_t now, GError **error)
{
    return sql_business_setting_put(
        db, &(BusinessSettingPutParams){.name = name, .value = value, .at = now}, NULL, error);
}

bool business_save(Db *db, const Business *business, int64_t now, GError **error)
{
    if (!business_check(business, error)) return false;
    g_autofree char *gap = g_strdup_printf("%" G_GINT64_FORMAT, business->gap_days);
    return setting_write(db, "business.name", business->name, now, error) &&
           setting_write(db, "business.currency", business->currency, now, error) &&
           setting_write(db, "business.zone", business->zone, now, error) &&
           setting_write(db, "business.language", business->language, now, error) &&
           setting_write(db, "business.gap_days", gap, now, error);
}
