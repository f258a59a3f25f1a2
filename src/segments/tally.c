#include "segments/tally.h"

#include "base/dates.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

typedef enum TallyType { TALLY_TEXT, TALLY_NUMBER, TALLY_FLAG, TALLY_DATE, TALLY_TYPES } TallyType;

static const char *const type_words[TALLY_TYPES] = {"text", "number", "flag", "date"};

typedef struct Value {
    json_t *value; /* as it was met first */
    int64_t person_id, people;
} Value;

typedef struct TallyField {
    json_t *path;
    int64_t count, types[TALLY_TYPES];
    bool personal, known;
    GTree *values; /* fold -> Value */
} TallyField;

struct Tally {
    bool traits;
    GTree *fields; /* the path as JSON -> TallyField */
};

typedef struct Place {
    const char *names[TALLY_DEPTH_MAX];
    size_t count;
    bool personal;
    int64_t person_id;
} Place;

static void value_free(void *data)
{
    Value *value = data;
    json_decref(value->value);
    g_free(value);
}

static void field_free(void *data)
{
    TallyField *field = data;
    json_decref(field->path);
    g_tree_unref(field->values);
    g_free(field);
}

static int text_compare(const void *a, const void *b, void *none)
{
    (void)none;
    return strcmp(a, b);
}

Tally *tally_new(bool traits)
{
    Tally *tally = g_new0(Tally, 1);
    tally->traits = traits;
    tally->fields = g_tree_new_full(text_compare, NULL, free, field_free);
    return tally;
}

void tally_free(Tally *tally)
{
    if (!tally) return;
    g_tree_unref(tally->fields);
    g_free(tally);
}

/* ---- what is nobody else's business ---- */

/* Small letters and digits only: firstName, first_name and "First name" are one. */
static char *plain(const char *name)
{
    GString *text = g_string_new(NULL);
    for (; *name; name++)
        if (g_ascii_isalnum(*name)) g_string_append_c(text, g_ascii_tolower(*name));
    return g_string_free(text, FALSE);
}

bool tally_is_personal(const char *name, bool trait)
{
    static const char *const parts[] = {
        "mail",      "phone",     "mobile",  "firstname", "lastname", "fullname", "surname",
        "username",  "street",    "zip",     "postal",    "postcode", "birth",    "password",
        "token",     "iban",      "avatar",  "ipaddr",    "address1", "address2", "userid",
        "anonymous", "message",   "comment", "note",      "orderid",  "cartid",   "checkoutid",
        "refundid",  "useragent", "passport"};
    static const char *const whole[] = {"id",   "ip",   "tel",       "dob", "name", "phone",
                                        "text", "body", "signature", "vat", "taxid"};
    g_autofree char *text = plain(name);
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        if (strstr(text, parts[i])) return true;
    for (size_t i = 0; i < G_N_ELEMENTS(whole); i++)
        if (strcmp(text, whole[i]) == 0) return trait || strcmp(text, "name") != 0;
    return false;
}

/* Things have names that may be told; who is meant by these has one that may not. */
static bool is_somebody(const char *name)
{
    static const char *const who[] = {"customer", "billing", "shipping", "recipient", "user",
                                      "person",   "contact", "sender",   "owner",     "agent"};
    g_autofree char *text = plain(name);
    for (size_t i = 0; i < G_N_ELEMENTS(who); i++)
        if (g_str_has_prefix(text, who[i])) return true;
    return false;
}

/* Addresses, and runs of digits as long as a telephone number's. */
static bool value_tells(const char *text)
{
    unsigned digits = 0;
    if (strlen(text) > TALLY_VALUE_BYTES_MAX || strchr(text, '@')) return true;
    for (; *text; text++)
        if (g_ascii_isdigit(*text)) digits++;
    return digits > 8;
}

/* ---- noting ---- */

static TallyField *field_get(Tally *tally, const char *const *names, size_t count, bool personal)
{
    json_t *path = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(path, json_string(names[i]));
    char *key = json_dumps(path, JSON_COMPACT);
    TallyField *field = g_tree_lookup(tally->fields, key);
    bool full = g_tree_nnodes(tally->fields) >= TALLY_FIELDS_MAX;
    if (field || full) {
        json_decref(path);
        free(key);
        return field;
    }
    field = g_new0(TallyField, 1);
    field->path = path;
    field->personal = personal;
    field->values = g_tree_new_full(text_compare, NULL, g_free, value_free);
    g_tree_insert(tally->fields, key, field);
    return field;
}

static bool is_date(const char *text)
{
    int64_t ms;
    int year, month, day;
    Slice slice = slice_of(text);
    return date_parse_day(slice, &year, &month, &day) || date_parse_iso(slice, &ms);
}

static TallyType type_of(const json_t *value)
{
    if (json_is_number(value)) return TALLY_NUMBER;
    if (json_is_boolean(value)) return TALLY_FLAG;
    return is_date(json_string_value(value)) ? TALLY_DATE : TALLY_TEXT;
}

static char *value_fold(const json_t *value)
{
    if (json_is_string(value)) return text_fold(slice_of(json_string_value(value)));
    char *json = json_dumps(value, JSON_ENCODE_ANY), *copy = g_strdup(json);
    free(json);
    return copy;
}

static void value_note(TallyField *field, json_t *value, int64_t person_id)
{
    g_autofree char *fold = value_fold(value);
    Value *seen = g_tree_lookup(field->values, fold);
    if (seen) {
        seen->people += seen->person_id != person_id;
        seen->person_id = person_id;
        return;
    }
    if (g_tree_nnodes(field->values) >= TALLY_TRACKED_MAX) return;
    seen = g_new0(Value, 1);
    *seen = (Value){json_incref(value), person_id, 1};
    g_tree_insert(field->values, g_steal_pointer(&fold), seen);
}

static void scalar_add(Tally *tally, const Place *place, json_t *value)
{
    TallyField *field = field_get(tally, place->names, place->count, place->personal);
    if (!field) return;
    TallyType type = type_of(value);
    field->count++;
    field->types[type]++;
    bool told = type == TALLY_FLAG || type == TALLY_NUMBER ||
                (type == TALLY_TEXT && json_string_length(value) > 0 &&
                 !value_tells(json_string_value(value)));
    if (told && !field->personal) value_note(field, value, place->person_id);
}

static void walk(Tally *tally, const Place *place, const json_t *value);

static void named_add(Tally *tally, const Place *above, const char *name, const json_t *value)
{
    size_t size = strlen(name);
    if (above->count == TALLY_DEPTH_MAX || size == 0 || size > TALLY_NAME_BYTES_MAX) return;
    Place place = *above;
    bool trait = tally->traits && above->count == 0;
    place.personal = above->personal || tally_is_personal(name, trait) ||
                     (above->count > 0 && is_somebody(above->names[above->count - 1]) &&
                      tally_is_personal(name, true));
    place.names[place.count++] = name;
    walk(tally, &place, value);
}

static void walk(Tally *tally, const Place *place, const json_t *value)
{
    const char *name;
    json_t *inner;
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(void *)value, name, inner)
            named_add(tally, place, name, inner);
        return;
    }
    size_t items = json_is_array(value) ? MIN(json_array_size(value), TALLY_ITEMS_MAX) : 0;
    for (size_t i = 0; i < items; i++) {
        json_t *item = json_array_get(value, i);
        if (!json_is_array(item)) walk(tally, place, item);
    }
    if (json_is_array(value) || json_is_null(value) || place->count == 0) return;
    scalar_add(tally, place, (json_t *)(void *)value);
}

void tally_add(Tally *tally, const char *name, const json_t *value, int64_t person_id)
{
    Place top = {.person_id = person_id};
    named_add(tally, &top, name, value);
}

void tally_known(Tally *tally, const char *const *path, size_t count, const char *type)
{
    TallyField *field = field_get(tally, path, count, false);
    if (!field) return;
    field->known = true;
    for (size_t i = 0; i < TALLY_TYPES; i++)
        if (strcmp(type_words[i], type) == 0) field->types[i]++;
}

/* ---- telling ---- */

static int by_people(const void *a, const void *b)
{
    const Value *left = *(const Value *const *)a, *right = *(const Value *const *)b;
    return (left->people < right->people) - (left->people > right->people);
}

static gboolean value_list(void *key, void *value, void *list)
{
    (void)key;
    if (((const Value *)value)->people >= TALLY_PEOPLE_MIN) g_ptr_array_add(list, value);
    return FALSE;
}

static json_t *values_json(const TallyField *field)
{
    json_t *values = json_array();
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_tree_foreach(field->values, value_list, list);
    g_ptr_array_sort(list, by_people);
    for (guint i = 0; i < MIN(list->len, TALLY_VALUES_MAX); i++) {
        const Value *value = list->pdata[i];
        json_array_append_new(values, json_pack("{s:O, s:I}", "value", value->value, "people",
                                                (json_int_t)value->people));
    }
    return values;
}

static const char *type_word(const TallyField *field)
{
    size_t best = TALLY_TEXT;
    for (size_t i = 0; i < TALLY_TYPES; i++)
        if (field->types[i] > field->types[best]) best = i;
    return type_words[best];
}

static int by_count(const void *a, const void *b)
{
    const TallyField *left = *(const TallyField *const *)a;
    const TallyField *right = *(const TallyField *const *)b;
    if (left->known != right->known) return left->known ? -1 : 1;
    return (left->count < right->count) - (left->count > right->count);
}

static gboolean field_list(void *key, void *field, void *list)
{
    (void)key;
    g_ptr_array_add(list, field);
    return FALSE;
}

json_t *tally_json(const Tally *tally)
{
    json_t *fields = json_array();
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_tree_foreach(tally->fields, field_list, list);
    g_ptr_array_sort(list, by_count);
    for (guint i = 0; i < list->len; i++) {
        const TallyField *field = list->pdata[i];
        json_array_append_new(fields, json_pack("{s:O, s:s, s:I, s:o}", "path", field->path, "type",
                                                type_word(field), "count", (json_int_t)field->count,
                                                "values", values_json(field)));
    }
    return fields;
}
