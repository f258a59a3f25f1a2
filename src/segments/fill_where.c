#include "segments/fill_where.h"

#include "segments/edges.h"
#include "segments/kernel.h"

struct FillWhere {
    const RuleNode *node;
    const Moment *moment;
    unsigned property; /* of RULE_FIELD */
    char *path;        /* of RULE_FIELD */
    uint8_t *codes;    /* of RULE_FIELD: whether it holds, for each code */
    json_t *payload;   /* of RULE_FIELD: a payload with `number` as the property */
    json_t *number;
    GArray *dates;    /* of RULE_FIELD that compares with a window: of CodeDate, rising codes */
    GPtrArray *items; /* of others: FillWhere */
};

/* A date inside the value of a code. */
typedef struct CodeDate {
    uint32_t code;
    int64_t date; /* where it begins, UTC ms */
} CodeDate;

/* One code's value, where it has one. */
typedef struct CodeValue {
    bool has;
    int64_t value;
} CodeValue;

struct FillValue {
    unsigned property;
    const RuleField *field;
    bool fingerprint;
    CodeValue *codes;
    json_t *payload, *number;
};

bool fill_property(const EventName *name, const char *path, unsigned *ret_property)
{
    int property = event_name_property(name, path);
    if (property < 0) return false;
    const EventProperty *held = &name->properties[property];
    *ret_property = (unsigned)property;
    return !held->texts_hashed && !held->other_hashed;
}

/* ---- words as stored payloads ---- */

static json_t *word_json(const EventWord *word)
{
    switch (word->kind) {
    case EVENT_MISSING:
        return NULL;
    case EVENT_FALSE:
        return json_false();
    case EVENT_TRUE:
        return json_true();
    case EVENT_TEXT:
        return json_stringn_nocheck(word->text, word->length);
    case EVENT_OTHER:
        return json_loadb(word->text, word->length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    case EVENT_NUMBER:
        break;
    }
    g_assert_not_reached();
}

/* The payload {"p": {NAME: value}}, of a context {"c": …}, as match.c looks into it; `steal` may be
 * NULL: nothing. */
static json_t *payload_of(const char *path, json_t *steal)
{
    bool context = path[0] == FEED_CONTEXT_MARK;
    const char *name = path + context;
    json_t *properties = json_object(), *payload = json_object();
    g_autofree char *doubled = name[0] == '#' ? g_strconcat("#", name, NULL) : NULL;
    if (steal) json_object_set_new_nocheck(properties, doubled ? doubled : name, steal);
    json_object_set_new(payload, context ? "c" : "p", properties);
    return payload;
}

static json_t *code_payload(const EventProperty *property, const char *name, uint32_t code)
{
    EventWord word = event_word(property, code);
    return payload_of(name, word_json(&word));
}

/* ---- where ---- */

static void dates_add(FillWhere *where, uint32_t code, const json_t *payload)
{
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int64_t));
    edges_dates(where->moment, payload, dates);
    for (guint i = 0; i < dates->len; i++) {
        CodeDate one = {code, g_array_index(dates, int64_t, i)};
        g_array_append_val(where->dates, one);
    }
}

static bool field_begin(FillWhere *where, const EventName *name)
{
    const char *path = where->path = feed_path_of(&where->node->field);
    if (!path || !fill_property(name, path, &where->property)) return false;
    const EventProperty *property = &name->properties[where->property];
    Matcher matcher = {where->moment, true};
    bool dated = where->node->test.op == RULE_LIES;
    if (dated) where->dates = g_array_new(FALSE, FALSE, sizeof(CodeDate));
    where->codes = g_new0(uint8_t, property->codes + 1);
    for (uint32_t code = 0; code < property->codes; code++) {
        json_t *payload = code_payload(property, path, code);
        where->codes[code] = match_where(&matcher, where->node, payload);
        if (dated) dates_add(where, code, payload);
        json_decref(payload);
    }
    where->number = json_integer(0);
    where->payload = payload_of(path, json_incref(where->number));
    return true;
}

FillWhere *fill_where_new(const EventName *name, const RuleNode *node, const Moment *moment)
{
    g_autoptr(FillWhere) where = g_new0(FillWhere, 1);
    where->node = node;
    where->moment = moment;
    if (node->kind == RULE_FIELD) return field_begin(where, name) ? g_steal_pointer(&where) : NULL;
    where->items = g_ptr_array_new_with_free_func((GDestroyNotify)fill_where_free);
    for (uint32_t i = 0; i < node->item_count; i++) {
        FillWhere *item = fill_where_new(name, node->items[i], moment);
        if (!item) return NULL;
        g_ptr_array_add(where->items, item);
    }
    return g_steal_pointer(&where);
}

void fill_where_free(FillWhere *where)
{
    if (!where) return;
    if (where->items) g_ptr_array_unref(where->items);
    if (where->dates) g_array_unref(where->dates);
    json_decref(where->payload);
    json_decref(where->number);
    g_free(where->path);
    g_free(where->codes);
    g_free(where);
}

static bool number_holds(const void *data, int64_t cell)
{
    const FillWhere *where = data;
    Matcher matcher = {where->moment, true};
    json_integer_set(where->number, cell);
    return match_where(&matcher, where->node, where->payload);
}

static bool field_holds(const FillWhere *where, const Place *place)
{
    int64_t cell = place_cell(place, where->property);
    if (event_cell_is_code(cell)) return where->codes[event_cell_code(cell)];
    return number_holds(where, cell);
}

bool fill_where_holds(const FillWhere *where, const Place *place)
{
    if (!where->items) return field_holds(where, place);
    if (where->node->kind == RULE_NOT) return !fill_where_holds(where->items->pdata[0], place);
    bool all = where->node->kind == RULE_AND;
    for (guint i = 0; i < where->items->len; i++)
        if (fill_where_holds(where->items->pdata[i], place) != all) return !all;
    return all;
}

/* The first date of a code, or where it would stand. */
static guint date_place(const GArray *dates, uint32_t code)
{
    guint low = 0, high = dates->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(dates, CodeDate, middle).code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void fill_where_dates(const FillWhere *where, const Place *place, FillDate visit, void *data)
{
    for (guint i = 0; where->items && i < where->items->len; i++)
        fill_where_dates(where->items->pdata[i], place, visit, data);
    if (!where->dates) return;
    int64_t cell = place_cell(place, where->property);
    if (!event_cell_is_code(cell)) return; /* a number is no date */
    uint32_t code = event_cell_code(cell);
    for (guint i = date_place(where->dates, code); i < where->dates->len; i++) {
        const CodeDate *one = &g_array_index(where->dates, CodeDate, i);
        if (one->code != code) return;
        visit(data, &where->node->window, one->date);
    }
}

/* ---- values ---- */

static bool payload_value(const FillValue *value, const json_t *payload, int64_t *ret_value)
{
    return value->fingerprint ? match_fingerprint(value->field, payload, ret_value)
                              : match_number(value->field, payload, ret_value);
}

FillValue *fill_value_new(const EventName *name, const Tap *tap)
{
    unsigned place;
    g_autofree char *path = feed_path_of(tap->value);
    if (!path || !fill_property(name, path, &place)) return NULL;
    const EventProperty *property = &name->properties[place];
    FillValue *value = g_new0(FillValue, 1);
    value->property = place;
    value->field = tap->value;
    value->fingerprint = tap->fingerprint;
    value->codes = g_new0(CodeValue, property->codes + 1);
    for (uint32_t code = 0; code < property->codes; code++) {
        json_t *payload = code_payload(property, path, code);
        CodeValue *one = &value->codes[code];
        one->has = payload_value(value, payload, &one->value);
        json_decref(payload);
    }
    value->number = json_integer(0);
    value->payload = payload_of(path, json_incref(value->number));
    return value;
}

void fill_value_free(FillValue *value)
{
    if (!value) return;
    json_decref(value->payload);
    json_decref(value->number);
    g_free(value->codes);
    g_free(value);
}

bool fill_value_read(const FillValue *value, const Place *place, int64_t *ret_value)
{
    int64_t cell = place_cell(place, value->property);
    if (event_cell_is_code(cell)) {
        const CodeValue *one = &value->codes[event_cell_code(cell)];
        *ret_value = one->value;
        return one->has;
    }
    if (!value->fingerprint && value->field->count == 1) {
        *ret_value = cell;
        return true;
    }
    json_integer_set(value->number, cell);
    return payload_value(value, value->payload, ret_value);
}

/* ---- tables ---- */

static void field_pass(const FillWhere *where, const EventName *name, GPtrArray *owned,
                       EventPass *ret_pass)
{
    EventSpan all = {-EVENT_NUMBER_MAX, EVENT_NUMBER_MAX};
    GArray *spans = kernel_spans(&where->node->test, all, number_holds, where);
    uint32_t codes = name->properties[where->property].codes;
    *ret_pass = (EventPass){.kind = EVENT_PASS_CELLS,
                            .property = where->property,
                            .codes = g_memdup2(where->codes, codes),
                            .code_count = codes,
                            .span_count = spans->len};
    ret_pass->spans = (const EventSpan *)(void *)g_array_free(spans, FALSE);
    g_ptr_array_add(owned, (void *)(uintptr_t)ret_pass->codes);
    g_ptr_array_add(owned, (void *)(uintptr_t)ret_pass->spans);
}

void fill_where_pass(const FillWhere *where, const EventName *name, GPtrArray *owned,
                     EventPass *ret_pass)
{
    if (!where->items) {
        field_pass(where, name, owned, ret_pass);
        return;
    }
    bool all = where->node->kind == RULE_AND;
    EventPass *items = g_new0(EventPass, where->items->len + 1);
    g_ptr_array_add(owned, items);
    for (guint i = 0; i < where->items->len; i++)
        fill_where_pass(where->items->pdata[i], name, owned, &items[i]);
    *ret_pass = (EventPass){.kind = all ? EVENT_PASS_ALL : EVENT_PASS_ANY,
                            .items = items,
                            .item_count = where->items->len};
    if (where->node->kind == RULE_NOT) ret_pass->kind = EVENT_PASS_NOT;
}

bool fill_value_worth(const FillValue *value, const EventName *name, GPtrArray *owned,
                      EventWorth *ret_worth)
{
    if (value->fingerprint || value->field->count != 1) return false;
    uint32_t codes = name->properties[value->property].codes;
    uint8_t *has = g_new0(uint8_t, codes + 1);
    int64_t *values = g_new0(int64_t, codes + 1);
    for (uint32_t code = 0; code < codes; code++) {
        has[code] = value->codes[code].has;
        values[code] = value->codes[code].value;
    }
    g_ptr_array_add(owned, has);
    g_ptr_array_add(owned, values);
    *ret_worth = (EventWorth){value->property, has, values};
    return true;
}
