#include "net/schema.h"

#include "net/reason.h"

#include <math.h>
#include <string.h>

void schema_errors_clear(SchemaErrors *errors)
{
    g_clear_pointer(&errors->fields, json_decref);
    errors->count = 0;
}

void schema_errors_add(SchemaErrors *errors, const char *field, const char *format, ...)
{
    errors->count++;
    if (!errors->fields) errors->fields = json_array();
    if (json_array_size(errors->fields) >= SCHEMA_BAD_MAX) return;
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    json_array_append_new(errors->fields, json_pack("{s:s, s:s, s:o}", "field", field, "message",
                                                    message, "reason", reason_json(message)));
}

void schema_memory_clear(SchemaMemory *memory)
{
    g_clear_pointer(&memory->blocks, g_ptr_array_unref);
}

void *schema_memory_new(SchemaMemory *memory, size_t size)
{
    if (!memory->blocks) memory->blocks = g_ptr_array_new_with_free_func(g_free);
    void *block = g_malloc0(MAX(size, 1));
    g_ptr_array_add(memory->blocks, block);
    return block;
}

/* What one reading carries along. */
typedef struct Reader {
    SchemaMemory *memory;
    SchemaErrors *errors;
    unsigned depth;
} Reader;

static bool object_read(Reader *reader, const Schema *schema, json_t *json, const char *path,
                        void *out);

/* ---- leaves: one value into one place; false after the error was noted ---- */

static bool bad(Reader *reader, const char *path, const char *message)
{
    schema_errors_add(reader->errors, path, "%s", message);
    return false;
}

static bool range_check(Reader *reader, const Field *field, const char *path, double value)
{
    if (field->min == 0 && field->max == 0) return true;
    if (value >= (double)field->min && value <= (double)field->max) return true;
    schema_errors_add(reader->errors, path, "must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                      field->min, field->max);
    return false;
}

static bool choice_check(Reader *reader, const Field *field, const char *path, const char *text)
{
    if (!field->choices || g_strv_contains(field->choices, text)) return true;
    g_autofree char *all = g_strjoinv(", ", (char **)field->choices);
    schema_errors_add(reader->errors, path, "must be one of: %s", all);
    return false;
}

static bool text_read(Reader *reader, const Field *field, json_t *json, const char *path,
                      const char **out)
{
    if (!json_is_string(json)) return bad(reader, path, "must be a text");
    const char *text = json_string_value(json);
    size_t size = json_string_length(json);
    int64_t limit = field->max && field->type == FIELD_TEXT ? field->max : SCHEMA_TEXT_MAX;
    if (strlen(text) != size) return bad(reader, path, "must not contain a NUL character");
    if ((int64_t)size > limit) {
        schema_errors_add(reader->errors, path, "must be at most %" G_GINT64_FORMAT " bytes long",
                          limit);
        return false;
    }
    if (field->type == FIELD_TEXT && (int64_t)size < field->min) {
        schema_errors_add(reader->errors, path, "must be at least %" G_GINT64_FORMAT " bytes long",
                          field->min);
        return false;
    }
    if (field->required && size == 0) return bad(reader, path, "must not be empty");
    if (!choice_check(reader, field, path, text)) return false;
    *out = text;
    return true;
}

static bool date_read(Reader *reader, const Field *field, json_t *json, const char *path,
                      const char **out)
{
    const char *text = NULL;
    if (!text_read(reader, field, json, path, &text)) return false;
    unsigned year = 0, month = 0, day = 0;
    char rest;
    bool shape = strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
                 strspn(text, "0123456789-") == 10 &&
                 sscanf(text, "%4u-%2u-%2u%c", &year, &month, &day, &rest) == 3;
    if (!shape || month > 12 || year < 1 ||
        !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return bad(reader, path, "must be a date, as 2026-01-31");
    *out = text;
    return true;
}

static bool int_read(Reader *reader, const Field *field, json_t *json, const char *path,
                     int64_t *out)
{
    if (!json_is_integer(json)) return bad(reader, path, "must be a whole number");
    int64_t value = json_integer_value(json);
    if (!range_check(reader, field, path, (double)value)) return false;
    *out = value;
    return true;
}

static bool number_read(Reader *reader, const Field *field, json_t *json, const char *path,
                        double *out)
{
    if (!json_is_number(json)) return bad(reader, path, "must be a number");
    double value = json_number_value(json);
    if (!isfinite(value)) return bad(reader, path, "must be a finite number");
    if (!range_check(reader, field, path, value)) return false;
    *out = value;
    return true;
}

static bool id_read(Reader *reader, json_t *json, const char *path, int64_t *out)
{
    const char *text = json_string_value(json);
    gint64 value = 0;
    if (!text || !g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &value, NULL))
        return bad(reader, path, "must be an id: a text of digits");
    *out = value;
    return true;
}

static bool bool_read(Reader *reader, json_t *json, const char *path, bool *out)
{
    if (!json_is_boolean(json)) return bad(reader, path, "must be true or false");
    *out = json_is_true(json);
    return true;
}

static bool money_read(Reader *reader, json_t *json, const char *path, FieldMoney *out)
{
    json_t *minor = json_object_get(json, "minor");
    const char *currency = json_string_value(json_object_get(json, "currency"));
    bool shape = json_object_size(json) == 2 && json_is_integer(minor) && currency &&
                 strlen(currency) == 3 && strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
    if (!shape)
        return bad(reader, path, "must be money, as {\"minor\": 1250, \"currency\": \"GBP\"}");
    out->minor = json_integer_value(minor);
    g_strlcpy(out->currency, currency, sizeof out->currency);
    return true;
}

/* ---- lists and objects ---- */

static bool list_check(Reader *reader, const Field *field, json_t *json, const char *path)
{
    if (!json_is_array(json)) return bad(reader, path, "must be a list");
    int64_t count = (int64_t)json_array_size(json);
    int64_t limit = field->max ? field->max : SCHEMA_LIST_MAX;
    if (count >= field->min && count <= limit) return true;
    schema_errors_add(reader->errors, path,
                      "must have %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " items", field->min,
                      limit);
    return false;
}

static bool texts_read(Reader *reader, const Field *field, json_t *json, const char *path,
                       FieldList *out)
{
    if (!list_check(reader, field, json, path)) return false;
    size_t count = json_array_size(json);
    const char **items = schema_memory_new(reader->memory, count * sizeof *items);
    Field item = {.type = FIELD_TEXT, .choices = field->choices, .required = true};
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        g_autofree char *item_path = g_strdup_printf("%s[%zu]", path, i);
        ok &= text_read(reader, &item, json_array_get(json, i), item_path, &items[i]);
    }
    *out = (FieldList){.count = count, .items = items};
    return ok;
}

static bool list_read(Reader *reader, const Field *field, json_t *json, const char *path,
                      FieldList *out)
{
    if (!list_check(reader, field, json, path)) return false;
    size_t count = json_array_size(json);
    char *items = schema_memory_new(reader->memory, count * field->of->size);
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        g_autofree char *item_path = g_strdup_printf("%s[%zu]", path, i);
        ok &= object_read(reader, field->of, json_array_get(json, i), item_path,
                          items + i * field->of->size);
    }
    *out = (FieldList){.count = count, .items = items};
    return ok;
}

static bool value_read(Reader *reader, const Field *field, json_t *json, const char *path,
                       void *out)
{
    switch (field->type) {
    case FIELD_TEXT:
        return text_read(reader, field, json, path, out);
    case FIELD_DATE:
        return date_read(reader, field, json, path, out);
    case FIELD_INT:
    case FIELD_TIME:
        return int_read(reader, field, json, path, out);
    case FIELD_NUMBER:
        return number_read(reader, field, json, path, out);
    case FIELD_ID:
        return id_read(reader, json, path, out);
    case FIELD_BOOL:
        return bool_read(reader, json, path, out);
    case FIELD_MONEY:
        return money_read(reader, json, path, out);
    case FIELD_OBJECT:
        return object_read(reader, field->of, json, path, out);
    case FIELD_LIST:
        return list_read(reader, field, json, path, out);
    case FIELD_TEXTS:
        return texts_read(reader, field, json, path, out);
    case FIELD_JSON:
        *(json_t **)out = json;
        return true;
    }
    g_assert_not_reached();
}

static void absent_set(const Field *field, void *out)
{
    switch (field->type) {
    case FIELD_INT:
    case FIELD_TIME:
    case FIELD_ID:
        *(int64_t *)out = field->otherwise;
        break;
    case FIELD_NUMBER:
        *(double *)out = (double)field->otherwise;
        break;
    case FIELD_BOOL:
        *(bool *)out = field->otherwise != 0;
        break;
    case FIELD_TEXT:
    case FIELD_DATE:
    case FIELD_MONEY:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_TEXTS:
    case FIELD_JSON:
        break; /* zeroed */
    }
}

static const Field *field_find(const Schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->field_count; i++)
        if (strcmp(schema->fields[i].name, name) == 0) return &schema->fields[i];
    return NULL;
}

static char *path_join(const char *path, const char *name)
{
    return *path ? g_strconcat(path, ".", name, NULL) : g_strdup(name);
}

static bool unknown_refuse(Reader *reader, const Schema *schema, json_t *json, const char *path)
{
    const char *name;
    json_t *value;
    bool ok = true;
    json_object_foreach(json, name, value)
    {
        if (field_find(schema, name)) continue;
        g_autofree char *field_path = path_join(path, name);
        g_autofree char *shown =
            g_utf8_substring(field_path, 0, MIN(g_utf8_strlen(field_path, -1), 100));
        ok = bad(reader, shown, "is not a field of this request");
    }
    return ok;
}

static bool object_read(Reader *reader, const Schema *schema, json_t *json, const char *path,
                        void *out)
{
    if (!json_is_object(json)) return bad(reader, path, "must be an object");
    if (reader->depth >= SCHEMA_DEPTH_MAX) return bad(reader, path, "is nested too deep");
    reader->depth++;
    bool ok = unknown_refuse(reader, schema, json, path);
    for (size_t i = 0; i < schema->field_count; i++) {
        const Field *field = &schema->fields[i];
        json_t *value = json_object_get(json, field->name);
        void *place = (char *)out + field->offset;
        g_autofree char *field_path = path_join(path, field->name);
        if (value && !json_is_null(value))
            ok &= value_read(reader, field, value, field_path, place);
        else if (field->required)
            ok = bad(reader, field_path, "is required");
        else
            absent_set(field, place);
    }
    reader->depth--;
    return ok;
}

bool schema_read(const Schema *schema, json_t *json, SchemaMemory *memory, void *out,
                 SchemaErrors *errors)
{
    Reader reader = {.memory = memory, .errors = errors};
    return object_read(&reader, schema, json, "", out);
}
