/* timeline/business.h: the profile of the business: what amounts, days and words are given in.
 *
 * Kept as rows of `setting` ("business.name" …). admin/ has the page; everything that computes
 * reads it here. Empty texts mean "not set yet": the first import may set currency and zone.
 */
#pragma once
#include "base/money.h"
#include "store/db.h"

enum { BUSINESS_NAME_BYTES_MAX = 120, BUSINESS_GAP_DAYS_MAX = 3650 };

typedef struct Business {
    char name[BUSINESS_NAME_BYTES_MAX + 1];
    char currency[CURRENCY_SIZE]; /* ISO 4217, or "" */
    char zone[64];                /* IANA name, or "" (then UTC) */
    char language[3];             /* "en" or "de" */
    int64_t gap_days;             /* usual days between purchases; 0 = fitted to the data */
} Business;

/* Reads the profile; what is not set is empty. Any connection. */
bool business_load(Db *db, Business *ret_business, GError **error);

/* Writes all of it, after checking each field. Errors: INVALID naming the field. Writer. */
bool business_save(Db *db, const Business *business, int64_t now, GError **error);
