#include "timeline/import_cell.h"

#include "base/error.h"
#include "base/text.h"
#include "timeline/orders.h"

static size_t part_size(Slice text, char separator)
{
    size_t size = 0;
    while (size < text.size && (!separator || text.data[size] != separator))
        size += text.data[size] == '\\' && size + 1 < text.size ? 2 : 1;
    return size;
}

bool cell_next(Slice *in_out_rest, char separator, Slice *ret_part)
{
    while (in_out_rest->size) {
        size_t size = part_size(*in_out_rest, separator);
        size_t used = MIN(size + 1, in_out_rest->size);
        *ret_part = text_trim((Slice){in_out_rest->data, size});
        *in_out_rest = (Slice){in_out_rest->data + used, in_out_rest->size - used};
        if (ret_part->size) return true;
    }
    return false;
}

bool cell_find(Slice item, const char *key, Slice *ret_value)
{
    size_t length = strlen(key);
    for (Slice part; cell_next(&item, '|', &part);) {
        bool same = part.size > length && part.data[length] == ':' &&
                    text_equal_ascii_case((Slice){part.data, length}, slice_of(key));
        if (!same) continue;
        *ret_value = text_trim((Slice){part.data + length + 1, part.size - length - 1});
        return true;
    }
    return false;
}

size_t cell_unescape(char *text, size_t size)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && i + 1 < size) i++;
        text[kept++] = text[i];
    }
    text[kept] = '\0';
    return kept;
}

/* A number of an item; `missing` when it has none. */
static bool item_number(Slice item, const char *key, int64_t missing, int64_t *ret_micros,
                        GError **error)
{
    Slice text = {"", 0};
    *ret_micros = missing;
    if (!cell_find(item, key, &text) || !text.size) return true;
    if (decimal_parse(text, DECIMAL_POINT, ret_micros, error)) return true;
    g_prefix_error(error, "%s: ", key);
    return false;
}

static bool item_line(Slice item, int digits, OrderLine *ret_line, GError **error)
{
    OrderLine line = {.quantity = DECIMAL_SCALE};
    int64_t total;
    if (!cell_find(item, "sku", &line.product_key) || !line.product_key.size)
        cell_find(item, "product_id", &line.product_key);
    cell_find(item, "name", &line.name);
    if (!item_number(item, "quantity", DECIMAL_SCALE, &line.quantity, error)) return false;
    if (!item_number(item, "total", 0, &total, error)) return false;
    if (!line.name.size && !line.product_key.size)
        return fail(error, KITH_ERROR_INVALID, "there is neither \"name:\" nor \"sku:\"");
    if (!money_from_micros(total, digits, &line.value))
        return fail(error, KITH_ERROR_LIMIT, "the amount is too large");
    line.price = line.quantity ? (int64_t)((__int128)total * DECIMAL_SCALE / line.quantity) : total;
    *ret_line = line;
    return true;
}

static bool cell_lines(const ImportPlan *plan, Slice cell, const ImportRow *row, GArray *lines,
                       GError **error)
{
    int digits = *row->currency ? currency_digits(row->currency) : 2;
    char separator = plan->items_numbered ? '\0' : ';';
    for (Slice item; cell_next(&cell, separator, &item);) {
        OrderLine line;
        if (!item_line(item, digits, &line, error)) return false;
        if (lines->len >= ORDER_LINES_MAX)
            return fail(error, KITH_ERROR_LIMIT, "the order has more than %d lines",
                        ORDER_LINES_MAX);
        line.line_no = row->line * ORDER_LINES_MAX + lines->len;
        g_array_append_val(lines, line);
    }
    return true;
}

bool import_cells_lines(const ImportPlan *plan, const CsvReader *csv, const ImportRow *row,
                        GArray *lines, GError **error)
{
    int first = plan->columns[COLUMN_ITEMS];
    for (int i = 0; first >= 0 && i < plan->items_columns; i++) {
        Slice cell = csv_field(csv, (size_t)(first + i));
        if (cell_lines(plan, cell, row, lines, error)) continue;
        g_prefix_error(error, "%s: ", plan->headers[first + i]);
        return false;
    }
    return true;
}

Slice import_cell_coupon(Slice text)
{
    Slice rest = text, item, code;
    return cell_next(&rest, ';', &item) && cell_find(item, "code", &code) ? code : text;
}

bool import_cell_refunds(Slice text, int64_t *ret_micros)
{
    int64_t sum = 0;
    bool any = false;
    for (Slice item, amount; cell_next(&text, ';', &item);) {
        int64_t micros;
        if (!cell_find(item, "amount", &amount)) continue;
        if (!decimal_parse(amount, DECIMAL_POINT, &micros, NULL)) return false;
        if (__builtin_add_overflow(sum, micros, &sum)) return false;
        any = true;
    }
    *ret_micros = sum;
    return any;
}
