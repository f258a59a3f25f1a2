#include "segments/feed_private.h"

#include <stdlib.h>
#include <string.h>

const char *const feed_order_paths[FEED_ORDER_PATHS] = {
    "revenue", "net_revenue", "item_count", "tax", "shipping", "discount", "currency", "coupon"};
const char *const feed_refund_paths[FEED_REFUND_PATHS] = {"amount", "currency"};

typedef struct FeedPaths {
    const char *const *paths;
    guint count;
} FeedPaths;

/* Of a page the members stand in the context itself, as match.c has it. */
char *feed_path_of(const RuleField *field)
{
    const char *name = field->names[0];
    if (!field->context) return name[0] == FEED_CONTEXT_MARK ? NULL : g_strdup(name);
    name = field->names[1];
    if (strcmp(name, "page") == 0) name = field->count > 2 ? field->names[2] : NULL;
    if (name && strcmp(name, "userAgent") == 0 && name == field->names[1]) name = "agent";
    return name ? g_strdup_printf("%c%s", FEED_CONTEXT_MARK, name) : NULL;
}

/* The stored value of a property: its fold where there is one (as match.c looks it up). */
static const json_t *property_of(const json_t *payload, const char *path)
{
    bool context = path[0] == FEED_CONTEXT_MARK;
    const char *name = path + context;
    g_autofree char *doubled = name[0] == '#' ? g_strconcat("#", name, NULL) : NULL;
    const char *key = doubled ? doubled : name;
    if (context) return json_object_get(json_object_get(payload, "c"), key);
    const json_t *value = json_object_get(json_object_get(payload, "f"), key);
    return value ? value : json_object_get(json_object_get(payload, "p"), key);
}

static void other_take(const json_t *json, EventValue *value, GPtrArray *owned)
{
    char *text = json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
    g_ptr_array_add(owned, text);
    *value = (EventValue){.kind = EVENT_OTHER, .text = text, .length = strlen(text)};
}

/* Texts of a context are not folded: they are kept as JSON. */
static void value_take(const char *path, const json_t *json, EventValue *value, GPtrArray *owned)
{
    *value = (EventValue){.kind = EVENT_MISSING};
    if (!json || json_is_null(json)) return;
    int64_t number = json_integer_value(json);
    bool fits = number >= -EVENT_NUMBER_MAX && number <= EVENT_NUMBER_MAX;
    if (json_is_boolean(json))
        value->kind = json_is_true(json) ? EVENT_TRUE : EVENT_FALSE;
    else if (json_is_string(json) && path[0] != FEED_CONTEXT_MARK)
        *value = (EventValue){.kind = EVENT_TEXT,
                              .text = json_string_value(json),
                              .length = json_string_length(json)};
    else if (json_is_integer(json) && fits)
        *value = (EventValue){.kind = EVENT_NUMBER, .number = number};
    else
        other_take(json, value, owned);
}

static void append(Feed *feed, uint32_t name, const FeedPaths *paths, const Seen *seen)
{
    EventValue values[EVENT_PROPERTIES_MAX];
    g_autoptr(GPtrArray) owned = g_ptr_array_new_with_free_func(free);
    guint count = MIN(paths->count, EVENT_PROPERTIES_MAX);
    for (guint i = 0; i < count; i++)
        value_take(paths->paths[i], property_of(seen->payload, paths->paths[i]), &values[i], owned);
    EventFact fact = {.name = name,
                      .stem = seen->stem ? seen->stem : FEED_TILL,
                      .at = seen->at,
                      .id = seen->id,
                      .values = count ? values : NULL};
    bool fits = seen->at >= EVENT_AT_MIN && seen->at <= EVENT_AT_MAX && seen->id > 0;
    g_mutex_lock(&feed->write);
    if (!fits)
        event_columns_drop(feed->columns, name); /* it cannot be told, so none of it is */
    else
        event_columns_append(feed->columns, &fact, 1);
    g_mutex_unlock(&feed->write);
}

void feed_append(Feed *feed, const FeedName *name, const Seen *seen)
{
    FeedPaths paths = {(const char *const *)name->held->pdata, name->held->len};
    append(feed, (uint32_t)name->name_id, &paths, seen);
}

void feed_append_bought(Feed *feed, const Seen *seen)
{
    static const FeedPaths orders = {feed_order_paths, FEED_ORDER_PATHS};
    static const FeedPaths refunds = {feed_refund_paths, FEED_REFUND_PATHS};
    if (seen->source == TAP_ORDERS)
        append(feed, FEED_NAME_ORDERS, &orders, seen);
    else
        append(feed, FEED_NAME_REFUNDS, &refunds, seen);
}
