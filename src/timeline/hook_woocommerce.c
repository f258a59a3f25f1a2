/* What WooCommerce's webhooks say, by the shapes of its REST API v3:
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#order-properties.
 *
 * An order's key is its id, as in the export; `number` is what the shop prints. Statuses count as
 * in the export: failed and draft orders are none, cancelled and refunded ones are orders that were
 * taken back. Nothing in the core says that a customer agreed to mail.
 */
#include "timeline/hook_private.h"

#include "base/error.h"
#include "base/text.h"

/* `x_gmt` has no offset and means UTC; without it the shop's own time has to do. */
static int64_t time_read(const json_t *object, const char *gmt, const char *local)
{
    int64_t at = hook_time(object, gmt);
    return at > 0 ? at : hook_time(object, local);
}

static void person_read(const json_t *body, HookPerson *person)
{
    const json_t *billing = json_object_get(body, "billing");
    person->email = hook_text(billing, "email");
    if (person->email.size == 0) person->email = hook_text(body, "email");
    person->phone = hook_text(billing, "phone");
    person->first_name = hook_text(billing, "first_name");
    if (person->first_name.size == 0) person->first_name = hook_text(body, "first_name");
    person->last_name = hook_text(billing, "last_name");
    if (person->last_name.size == 0) person->last_name = hook_text(body, "last_name");
    person->company = hook_text(billing, "company");
    person->country = hook_text(billing, "country");
    person->city = hook_text(billing, "city");
    person->zip = hook_text(billing, "postcode");
}

static bool lines_read(const json_t *items, GArray *lines, GError **error)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)items, index, item)
    {
        DbInt price, quantity;
        OrderLine line = {.line_no = (int64_t)index + 1,
                          .product_key = hook_text(item, "sku"),
                          .name = hook_text(item, "name")};
        if (!hook_amount(item, "price", &price, error)) return false;
        if (!hook_amount(item, "quantity", &quantity, error)) return false;
        if (line.product_key.size == 0) line.product_key = line.name;
        line.price = price.value;
        line.quantity = quantity.set ? quantity.value : DECIMAL_SCALE;
        g_array_append_val(lines, line);
        if (lines->len > ORDER_LINES_MAX)
            return fail(error, KITH_ERROR_LIMIT, "more than %d lines", ORDER_LINES_MAX);
    }
    return true;
}

static bool is_one_of(Slice text, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (slice_is(text, words[i])) return true;
    return false;
}

static bool order_read(HookWork *work, HookOrder *order, GError **error)
{
    const json_t *body = work->body;
    order->number = hook_text(body, "number");
    order->currency = hook_text(body, "currency");
    order->coupon = hook_text(json_array_get(json_object_get(body, "coupon_lines"), 0), "code");
    order->occurred_at = time_read(body, "date_created_gmt", "date_created");
    if (slice_is(hook_text(body, "status"), "cancelled")) order->cancelled_at = work->said_at;
    return hook_amount(body, "total", &order->revenue, error) &&
           hook_amount(body, "total_tax", &order->tax, error) &&
           hook_amount(body, "discount_total", &order->discount, error) &&
           hook_amount(body, "shipping_total", &order->shipping, error) &&
           lines_read(json_object_get(body, "line_items"), order->lines, error);
}

/* `refunds` lists each with what it gave back, below zero; "refunded" without any gave back all. */
static bool refunds_note(HookWork *work, const char *id, int64_t total, GError **error)
{
    size_t index;
    json_t *one, *refunds = json_object_get(work->body, "refunds");
    bool all = slice_is(hook_text(work->body, "status"), "refunded");
    if (json_array_size(refunds) == 0 && all && total > 0)
        return hook_refund_note(work, id, "all", total, work->said_at, error);
    json_array_foreach(refunds, index, one)
    {
        DbInt amount;
        g_autofree char *refund_id = hook_id(one, "id");
        if (!hook_amount(one, "total", &amount, error)) return false;
        if (!refund_id || amount.value == 0) continue;
        if (!hook_refund_note(work, id, refund_id, ABS(amount.value), work->said_at, error))
            return false;
    }
    return true;
}

static bool order_take(HookWork *work, GError **error)
{
    static const char *const none[] = {"failed",     "checkout-draft", "draft",
                                       "auto-draft", "trash",          NULL};
    g_autofree char *id = hook_id(work->body, "id"),
                    *customer_id = hook_id(work->body, "customer_id");
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    HookOrder order = {.lines = lines};
    HookPerson person = {.user_id = customer_id};
    bool newer;
    if (!id) return fail(error, KITH_ERROR_INVALID, "the order has no id");
    if (is_one_of(hook_text(work->body, "status"), none))
        return hook_say(work, HOOK_IGNORED, "an order that failed or is a draft is none");
    order.order_key = slice_of(id);
    if (!order_read(work, &order, error)) return false;
    if (!hook_subject_newer(work, "order", id, id, &newer, error) || !newer) return !newer;
    person_read(work->body, &person);
    return hook_person(work, &person, error) && hook_order(work, &order, &person, error) &&
           refunds_note(work, id, order.revenue.value, error) &&
           hook_refunds_report(work, id, order.currency, error);
}

static bool customer_take(HookWork *work, GError **error)
{
    g_autofree char *id = hook_id(work->body, "id");
    HookPerson person = {.user_id = id};
    bool newer;
    if (!id) return fail(error, KITH_ERROR_INVALID, "the customer has no id");
    if (!hook_subject_newer(work, "customer", id, NULL, &newer, error) || !newer) return !newer;
    person_read(work->body, &person);
    return hook_person(work, &person, error);
}

static bool product_take(HookWork *work, GError **error)
{
    const json_t *body = work->body, *stock = json_object_get(body, "stock_quantity");
    g_autofree char *id = hook_id(body, "id"), *sku = hook_id(body, "sku");
    g_autofree char *name = hook_id(body, "name");
    g_autofree char *category =
        hook_id(json_array_get(json_object_get(body, "categories"), 0), "name");
    const json_t *image = json_array_get(json_object_get(body, "images"), 0);
    bool newer;
    if (!id || !name) return fail(error, KITH_ERROR_INVALID, "the product has no id or name");
    if (!hook_subject_newer(work, "product", id, NULL, &newer, error) || !newer) return !newer;
    HookProduct product = {.key = sku ? sku : id,
                           .name = name,
                           .category = category,
                           .url = json_string_value(json_object_get(body, "permalink")),
                           .image_url = json_string_value(json_object_get(image, "src")),
                           .stock = {json_is_integer(stock), json_integer_value(stock)}};
    return hook_amount(body, "price", &product.price, error) && hook_product(work, &product, error);
}

const HookTopic hook_woocommerce_topics[] = {
    {"order.created", order_take},
    {"order.updated", order_take},
    {"order.restored", order_take},
    {"order.deleted", hook_order_delete},
    {"customer.created", customer_take},
    {"customer.updated", customer_take},
    {"customer.deleted", NULL}, /* an account that was removed, no wish to be forgotten */
    {"product.created", product_take},
    {"product.updated", product_take},
    {"product.restored", product_take},
    {"product.deleted", NULL}, /* what was sold keeps its name */
    {NULL, NULL},
};
