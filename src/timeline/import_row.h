/* timeline/import_row.h: one record of a file as typed values, or why it cannot be one.
 *
 * Pure but for a small cache of the last date. All texts of a row are trimmed slices into the
 * reader's buffer and live until its next record.
 */
#pragma once
#include "store/db.h"
#include "timeline/import_plan.h"

typedef enum ImportStatus {
    STATUS_PLACED,    /* or not said */
    STATUS_CANCELLED, /* counted as ordered, nothing remains */
    STATUS_REFUNDED,  /* paid back in full */
    STATUS_NONE       /* never became an order: failed, a draft, in the bin */
} ImportStatus;

typedef struct ImportRow {
    int64_t line, offset;          /* of the record */
    Slice text[IMPORT_FIELDS_MAX]; /* trimmed; empty when the field has no column or no value */
    DbInt at;                      /* UTC ms */
    char currency[CURRENCY_SIZE];  /* of the row, else of the plan; "" = not known */
    int64_t quantity, price;       /* x 10^6 */
    int64_t value;                 /* of the line, minor units */
    bool has_line;                 /* quantity, price or product are there */
    bool is_refund_key;            /* C536379 */
    DbInt total, tax, shipping, discount, refunded; /* minor units */
    DbInt cancelled_at;
    ImportStatus status;
    const GArray *lines; /* of OrderLine: lines of cells that hold several, until the next row; or
                          * NULL. Their texts are as import_cell.h finds them */
    bool skip;           /* says nothing of its own: a further picture of a product */
} ImportRow;

/* What one row knows from the rows before: the instant of the last date text (lines of one order
 * bear the same), and a product's name and category, which exports give on its first row only. */
typedef struct ImportRowCache {
    char text[40];
    size_t size;
    int64_t at;
    GArray *lines; /* of OrderLine, or NULL */
    char *handle, *title, *category;
} ImportRowCache;

void import_row_cache_clear(ImportRowCache *cache);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportRowCache, import_row_cache_clear)

/* Reads the record that the reader is on. Errors: INVALID or LIMIT with the reason for people:
 * "price \"abc\" …"; the row is then rejected. */
bool import_row_read(const ImportPlan *plan, const CsvReader *csv, ImportRowCache *cache,
                     ImportRow *ret_row, GError **error);

/* "17850.0" is the number 17850 that a spreadsheet wrote; "#1001" and "'1001" are 1001. */
Slice import_id_text(Slice text);
