/* timeline/import_cell.h: cells that hold several values, as export plugins of WooCommerce write
 * them: "name:Tea|sku:T1|quantity:2|total:20.00", one order line in each of line_item_1,
 * line_item_2 …, or all of them in `line_items` with ";" between.
 *
 * A backslash keeps the character behind it from separating. Numbers have a decimal point whatever
 * the rest of the file has: the plugins write them so. Pure; slices of the cell, nothing owned.
 *
 *     for (Slice rest = cell, item; cell_next(&rest, ';', &item);)
 *         if (cell_find(item, "sku", &sku)) …
 */
#pragma once
#include "timeline/import_row.h"

/* The next non-empty part of `in_out_rest`, trimmed; false at the end. `separator` 0: the rest is
 * one part. */
bool cell_next(Slice *in_out_rest, char separator, Slice *ret_part);

/* The value behind "key:" in an item, trimmed, its backslashes still in it. */
bool cell_find(Slice item, const char *key, Slice *ret_value);

/* Takes the backslashes out, in place; the new size. */
size_t cell_unescape(char *text, size_t size);

/* Order lines of the cells that the plan names, appended to `lines` (of OrderLine; texts as
 * cell_find gives them). Errors: INVALID or LIMIT naming the column. */
bool import_cells_lines(const ImportPlan *plan, const CsvReader *csv, const ImportRow *row,
                        GArray *lines, GError **error);

/* "code:SPRING|amount:2.00;…" is the coupon SPRING; any other text is a code already. */
Slice import_cell_coupon(Slice text);

/* "amount:5.00|reason:…;amount:2.50|…": `ret_micros` is the sum of the amounts (x 10^6); false when
 * the text is not of that form. */
bool import_cell_refunds(Slice text, int64_t *ret_micros);
