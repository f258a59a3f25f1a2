#include "net/schema.h"

#include <string.h>

/* ---- struct to JSON ---- */

static json_t *text_json(const char *text) { return text ? json_string(text) : json_null(); }

static json_t *id_json(int64_t id)
{
    if (id <= 0) return json_null();
    char text[24];
    g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, id);
    return json_string(text);
}

static json_t *money_json(const FieldMoney *money)
{
    if (!*money->currency) return json_null();
    return json_pack("{s:I, s:s}", "minor", (json_int_t)money->minor, "currency", money->currency);
}

static json_t *list_json(const Schema *schema, const FieldList *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array,
                              schema_write(schema, (const char *)list->items + i * schema->size));
    return array;
}

static json_t *texts_json(const FieldList *list)
{
    const char *const *items = list->items;
    json_t *array = json_array();
    for (size_t i = 0; i < list->count; i++)
        json_array_append_new(array, text_json(items[i]));
    return array;
}

static json_t *int_json(const Field *field, int64_t value)
{
    bool absent = !field->required && field->otherwise != 0 && value == field->otherwise;
    return absent ? json_null() : json_integer(value);
}

static json_t *field_json(const Field *field, const void *in)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_DATE:
        return text_json(*(const char *const *)in);
    case FIELD_INT:
    case FIELD_TIME:
        return int_json(field, *(const int64_t *)in);
    case FIELD_NUMBER:
        return json_real(*(const double *)in);
    case FIELD_ID:
        return id_json(*(const int64_t *)in);
    case FIELD_BOOL:
        return json_boolean(*(const bool *)in);
    case FIELD_MONEY:
        return money_json(in);
    case FIELD_OBJECT:
        return schema_write(field->of, in);
    case FIELD_LIST:
        return list_json(field->of, in);
    case FIELD_TEXTS:
        return texts_json(in);
    case FIELD_JSON: {
        json_t *json = *(json_t *const *)in;
        return json ? json_incref(json) : json_null();
    }
    }
    g_assert_not_reached();
}

json_t *schema_write(const Schema *schema, const void *in)
{
    g_assert(schema->size > 0);
    json_t *object = json_object();
    for (size_t i = 0; i < schema->field_count; i++) {
        const Field *field = &schema->fields[i];
        json_object_set_new(object, field->name,
                            field_json(field, (const char *)in + field->offset));
    }
    return object;
}

/* ---- does a hand-built reply keep its word? ---- */

static bool object_check(const Schema *schema, json_t *json, const char *path,
                         SchemaErrors *errors);

static bool list_items_check(const Field *field, json_t *json, const char *path,
                             SchemaErrors *errors)
{
    bool ok = true;
    size_t i;
    json_t *item;
    json_array_foreach(json, i, item)
    {
        g_autofree char *item_path = g_strdup_printf("%s[%zu]", path, i);
        if (field->type == FIELD_TEXTS)
            ok &= json_is_string(item);
        else if (field->of)
            ok &= object_check(field->of, item, item_path, errors);
    }
    return ok;
}

static bool type_check(const Field *field, json_t *json)
{
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_DATE:
        return json_is_string(json);
    case FIELD_ID:
        return json_is_string(json) && *json_string_value(json);
    case FIELD_INT:
    case FIELD_TIME:
        return json_is_integer(json);
    case FIELD_NUMBER:
        return json_is_number(json);
    case FIELD_BOOL:
        return json_is_boolean(json);
    case FIELD_MONEY:
        return json_is_integer(json_object_get(json, "minor")) &&
               json_is_string(json_object_get(json, "currency"));
    case FIELD_OBJECT:
        return json_is_object(json);
    case FIELD_LIST:
    case FIELD_TEXTS:
        return json_is_array(json);
    case FIELD_JSON:
        return true;
    }
    g_assert_not_reached();
}

static bool value_check(const Field *field, json_t *json, const char *path, SchemaErrors *errors)
{
    if (!type_check(field, json)) {
        schema_errors_add(errors, path, "has another type than its schema says");
        return false;
    }
    if (field->choices && field->type == FIELD_TEXT &&
        !g_strv_contains(field->choices, json_string_value(json))) {
        schema_errors_add(errors, path, "is none of the choices of its schema");
        return false;
    }
    if (field->type == FIELD_OBJECT && field->of)
        return object_check(field->of, json, path, errors);
    if (field->type == FIELD_LIST || field->type == FIELD_TEXTS)
        return list_items_check(field, json, path, errors);
    return true;
}

static bool declared_check(const Schema *schema, json_t *json, const char *path,
                           SchemaErrors *errors)
{
    const char *name;
    json_t *value;
    bool ok = true;
    json_object_foreach(json, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < schema->field_count && !known; i++)
            known = strcmp(schema->fields[i].name, name) == 0;
        if (known) continue;
        schema_errors_add(errors, path, "has the field %s, which %s does not declare", name,
                          schema->name);
        ok = false;
    }
    return ok;
}

static bool object_check(const Schema *schema, json_t *json, const char *path, SchemaErrors *errors)
{
    if (!json_is_object(json)) {
        schema_errors_add(errors, path, "must be an object");
        return false;
    }
    bool ok = declared_check(schema, json, path, errors);
    for (size_t i = 0; i < schema->field_count; i++) {
        const Field *field = &schema->fields[i];
        json_t *value = json_object_get(json, field->name);
        g_autofree char *field_path = g_strconcat(path, ".", field->name, NULL);
        if (value && !json_is_null(value))
            ok &= value_check(field, value, field_path, errors);
        else if (field->required) {
            schema_errors_add(errors, field_path, "is required by its schema");
            ok = false;
        }
    }
    return ok;
}

bool schema_check_reply(const Schema *schema, json_t *json, SchemaErrors *errors)
{
    return object_check(schema, json, "", errors);
}
