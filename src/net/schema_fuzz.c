/* Any JSON against a schema with every type: accepted or refused with a reason; what was accepted,
 * written out and read again, is the same. */
#include "net/body.h"
#include "net/schema.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct Thing {
    const char *text, *date;
    int64_t number, id, at;
    double real;
    bool flag;
    FieldMoney money;
    FieldList texts, things;
    json_t *any;
} Thing;

static const char *const choices[] = {"a", "b", NULL};
extern const Schema thing_schema;
static const Field fields[] = {
    {"text", FIELD_TEXT, .max = 50, .offset = offsetof(Thing, text)},
    {"date", FIELD_DATE, .offset = offsetof(Thing, date)},
    {"number", FIELD_INT, .min = -5, .max = 5, .otherwise = 4, .offset = offsetof(Thing, number)},
    {"id", FIELD_ID, .offset = offsetof(Thing, id)},
    {"at", FIELD_TIME, .offset = offsetof(Thing, at)},
    {"real", FIELD_NUMBER, .offset = offsetof(Thing, real)},
    {"flag", FIELD_BOOL, .offset = offsetof(Thing, flag)},
    {"money", FIELD_MONEY, .offset = offsetof(Thing, money)},
    {"texts", FIELD_TEXTS, .choices = choices, .offset = offsetof(Thing, texts)},
    {"things", FIELD_LIST, .of = &thing_schema, .offset = offsetof(Thing, things)},
    {"any", FIELD_JSON, .offset = offsetof(Thing, any)},
};
const Schema thing_schema = SCHEMA("Thing", Thing, fields);

static void check_json(const char *data, size_t size)
{
    g_auto(SchemaErrors) errors = {0}, again = {0};
    SchemaMemory memory = {0};
    Thing thing = {0};
    json_auto_t *json = json_loadb(data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    if (!json) return;
    bool ok = schema_read(&thing_schema, json, &memory, &thing, &errors);
    g_assert_cmpint(ok, ==, errors.count == 0);
    if (ok) {
        Thing copy = {0};
        json_auto_t *out = schema_write(&thing_schema, &thing);
        g_assert_true(schema_read(&thing_schema, out, &memory, &copy, &again));
        json_auto_t *twice = schema_write(&thing_schema, &copy);
        g_assert_true(json_equal(out, twice));
    }
    schema_memory_clear(&memory);
}

/* The same bytes as a gzip body: inflated within its limit, or refused; the budget is given back.
 */
static void check_body(const char *data, size_t size)
{
    Budget budget = {.bytes_max = 1 << 20};
    g_auto(Body) body = {0};
    if (!body_begin(&body, &budget, size, NULL) || !body_append(&body, data, size, 1 << 16, NULL))
        return;
    if (body_is_gzip(&body) && body_inflate(&body, 1 << 18, NULL))
        g_assert_cmpuint(body.size, <=, 1 << 18);
    body_clear(&body);
    g_assert_cmpint(atomic_load(&budget.bytes_used), ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_json((const char *)data, size);
    check_body((const char *)data, size);
    return 0;
}
