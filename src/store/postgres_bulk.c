#include "store/postgres_bulk.h"

enum { HEADER_BYTES = 20, LENGTH_AT = 12 };

static const struct {
    char letter;
    unsigned element, array; /* PostgreSQL's type numbers (pg_type.dat) */
} types[] = {{'i', 20, 1016}, {'f', 701, 1022}, {'t', 25, 1009}, {'b', 17, 1001}};

static size_t type_at(char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].letter == g_ascii_tolower(letter)) return i;
    g_assert_not_reached();
}

unsigned bulk_type(char letter) { return types[type_at(letter)].array; }

static void number_put(GByteArray *array, uint32_t number)
{
    uint32_t bits = GUINT32_TO_BE(number);
    g_byte_array_append(array, (const uint8_t *)&bits, sizeof bits);
}

static void value_put(GByteArray *array, const DbValue *value)
{
    if (value->type == 'n') {
        number_put(array, UINT32_MAX);
    } else if (value->type == 'i' || value->type == 'f') {
        uint64_t bits;
        memcpy(&bits, &value->i64, sizeof bits);
        bits = GUINT64_TO_BE(bits);
        number_put(array, sizeof bits);
        g_byte_array_append(array, (const uint8_t *)&bits, sizeof bits);
    } else {
        number_put(array, (uint32_t)value->bytes.size);
        g_byte_array_append(array, value->bytes.data, (guint)value->bytes.size);
    }
}

static void bulk_begin(Bulk *bulk, const DbStatement *statement)
{
    bulk->statement = statement;
    bulk->rows = 0;
    bulk->bytes = 0;
    bulk->columns = (int)strlen(statement->params);
    for (int i = 0; i < bulk->columns; i++) {
        if (!bulk->arrays[i]) bulk->arrays[i] = g_byte_array_new();
        g_byte_array_set_size(bulk->arrays[i], 0);
        number_put(bulk->arrays[i], 1);
        number_put(bulk->arrays[i], 1);
        number_put(bulk->arrays[i], types[type_at(statement->params[i])].element);
        number_put(bulk->arrays[i], 0); /* the length, known at the end */
        number_put(bulk->arrays[i], 1);
    }
}

bool bulk_fits(const Bulk *bulk, const DbStatement *statement)
{
    return !bulk->statement || (bulk->statement == statement && bulk->rows < BULK_ROWS_MAX &&
                                bulk->bytes < BULK_BYTES_MAX);
}

void bulk_add(Bulk *bulk, const DbStatement *statement, const DbValue *values)
{
    if (!bulk->statement) bulk_begin(bulk, statement);
    for (int i = 0; i < bulk->columns; i++) {
        value_put(bulk->arrays[i], &values[i]);
        bool sized = values[i].type == 't' || values[i].type == 'b';
        bulk->bytes += sized ? values[i].bytes.size : sizeof(int64_t);
    }
    bulk->rows++;
}

void bulk_finish(Bulk *bulk, const char **ret_values, int *ret_lengths)
{
    uint32_t rows = GUINT32_TO_BE((uint32_t)bulk->rows);
    for (int i = 0; i < bulk->columns; i++) {
        memcpy(bulk->arrays[i]->data + LENGTH_AT, &rows, sizeof rows);
        ret_values[i] = (const char *)bulk->arrays[i]->data;
        ret_lengths[i] = (int)bulk->arrays[i]->len;
    }
    G_STATIC_ASSERT(HEADER_BYTES == LENGTH_AT + 8);
    bulk->statement = NULL;
}

void bulk_clear(Bulk *bulk)
{
    for (int i = 0; i < DB_FIELDS_MAX; i++)
        if (bulk->arrays[i]) g_byte_array_unref(bulk->arrays[i]);
    *bulk = (Bulk){0};
}
