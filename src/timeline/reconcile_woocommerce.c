/* Reading a WooCommerce shop, REST API v3, by what is published alone:
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#list-all-orders, #list-all-products,
 * #list-all-customers, #pagination, #authentication-over-https.
 *
 * Orders and products: `modified_after` in UTC (`dates_are_gmt`), by id, 100 rows from an offset.
 * Rows move while they are read: one that is changed joins and moves the others down, which shows
 * some twice; one that is deleted moves them up, and some would never be seen. So each page begins
 * with the row the last one ended with; when it begins behind that row, a step back is taken.
 *
 * Customers cannot be asked for by change: the newest come first, until they are older than what
 * is asked for. Who changed only their name is heard of by webhook or with their next order.
 */
#include "timeline/reconcile_private.h"

#include <inttypes.h>

enum { PAGE_ROWS = 100, STEP_BACK = 50, OFFSET_MAX = 100 * 1000 * 1000 };

/* From which row, and what the row before it was sorted by (0: none). Written "OFFSET KEY". */
typedef struct Place {
    int64_t offset, key;
} Place;

static Place place_read(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text ? text : "0 0", " ", 2);
    int64_t offset = parts[0] ? g_ascii_strtoll(parts[0], NULL, 10) : 0;
    int64_t key = parts[0] && parts[1] ? g_ascii_strtoll(parts[1], NULL, 10) : 0;
    return (Place){CLAMP(offset, 0, OFFSET_MAX), key};
}

static char *place_write(Place place)
{
    return g_strdup_printf("%" PRId64 " %" PRId64, place.offset, place.key);
}

/* What rows are sorted by, upwards. */
static int64_t key_of(const ReconcileRun *run, const json_t *row)
{
    if (run->stage == READ_CUSTOMERS) return -hook_time(row, "date_created_gmt");
    return (int64_t)json_integer_value(json_object_get(row, "id"));
}

static char *path_of(const ReconcileRun *run, Place place)
{
    char since[32];
    shop_time(run->read_from, since);
    if (run->stage == READ_CUSTOMERS)
        return g_strdup_printf("/wp-json/wc/v3/customers?orderby=registered_date&order=desc"
                               "&per_page=%d&offset=%" PRId64,
                               PAGE_ROWS, place.offset);
    return g_strdup_printf("/wp-json/wc/v3/%s?modified_after=%s&dates_are_gmt=true&orderby=id"
                           "&order=asc&per_page=%d&offset=%" PRId64,
                           reconcile_stage_names[run->stage], since, PAGE_ROWS, place.offset);
}

/* Where to read on; NULL when all was read. */
static char *place_next(const ReconcileRun *run, Place place, const json_t *items)
{
    size_t size = json_array_size(items);
    int64_t first = size > 0 ? key_of(run, json_array_get(items, 0)) : INT64_MAX;
    int64_t last = size > 0 ? key_of(run, json_array_get(items, size - 1)) : 0;
    if (place.key != 0 && first > place.key && place.offset > 0)
        return place_write((Place){MAX(place.offset - STEP_BACK, 0), place.key});
    bool past = run->stage == READ_CUSTOMERS && -last < run->read_from;
    if (size < PAGE_ROWS || past) return NULL;
    return place_write((Place){place.offset + (int64_t)size - 1, last});
}

bool reconcile_read_woocommerce(ShopApi *api, const ReconcileRun *run, Job *job,
                                ReconcilePage *ret_page, ShopWord *ret_word, GError **error)
{
    g_auto(HttpAnswer) answer = {0};
    Place place = place_read(run->place);
    g_autofree char *path = path_of(run, place);
    (void)error;
    ShopAsk ask = {.path = path, .user = api->user, .password = api->token, .job = job};
    json_t *items = shop_ask(api, &ask, &answer, ret_word);
    if (!items) return true;
    if (!json_is_array(items)) {
        json_decref(items);
        shop_word_set(ret_word, SHOP_NEVER, 0, "the shop's answer is no list: is it WooCommerce?");
        return true;
    }
    ret_page->items = items;
    ret_page->next = place_next(run, place, items);
    return true;
}
