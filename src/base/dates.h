/* base/dates.h: reads dates as shops, spreadsheets and clients write them; writes ISO 8601.
 *
 * Nothing is guessed while reading: the order of day and month is given (DateOrder) and only
 * decides what is ambiguous; a year in front is always year, month, day. A text without an offset
 * is local time of the given zone; a date without a time is local midnight. Pure, thread safe.
 *
 *     int64_t at_ms;
 *     if (!date_parse(SLICE("01/12/2010 8:26"), DATE_DMY, zone, &at_ms, error)) …
 *
 * Understood: 2010-12-01 · 2010-12-01 08:26:00 · 2010-12-01T08:26:00.123Z · +01:00, +0100, "UTC"
 * behind any of them · 20101201 · 20101201T082600Z · 1/12/10 8:26 · 1.12.2010 · 12-01-2010 8:26 AM
 * · 1 Dec 2010 · Dec 1, 2010 8:26 pm · 1. Dezember 2010 · epoch seconds or milliseconds.
 * Years 1970 to 9999.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/zones.h"

typedef enum DateOrder {
    DATE_YMD,      /* year first; day first where there is no year in front */
    DATE_DMY,      /* 31/12/2010 */
    DATE_MDY,      /* 12/31/2010 */
    DATE_EPOCH_S,  /* seconds since 1970 */
    DATE_EPOCH_MS, /* milliseconds since 1970 */
    DATE_ORDERS
} DateOrder;

enum { DATE_TEXT_SIZE = 25 }; /* "2010-12-01T08:26:00.000Z" and NUL */

/* Reads a date. `zone` is for texts without an offset. Errors: KITH_ERROR_INVALID naming the text
 * and what is wrong with it (not a date, no such day, year outside 1970 to 9999). */
bool date_parse(Slice text, DateOrder order, const Zone *zone, int64_t *ret_ms, GError **error);

/* Reads an ISO 8601 / RFC 3339 timestamp as SDKs send them ("2026-01-02T03:04:05.678Z"), nothing
 * else; no offset means UTC. False when it is none or out of range. No error object: for hot paths.
 */
bool date_parse_iso(Slice text, int64_t *ret_ms);

/* Reads a calendar date "YYYY-MM-DD" alone. */
bool date_parse_day(Slice text, int *ret_year, int *ret_month, int *ret_day);

/* Which order a column of dates is written in. True and the order when every text that is not
 * empty can be read by it; `ret_certain` (may be NULL): no other order fits as well. */
bool date_order_guess(const Slice *samples, size_t count, DateOrder *ret_order, bool *ret_certain);

/* Stable name of an order: "ymd", "dmy", "mdy", "epoch_s", "epoch_ms"; and back, false if unknown.
 */
const char *date_order_name(DateOrder order);
bool date_order_find(const char *name, DateOrder *ret_order);

/* Writes "2010-12-01T08:26:00.000Z" and returns its length (24). Clamped to 1970..9999. */
size_t date_format_iso(int64_t utc_ms, char ret_text[DATE_TEXT_SIZE]);
