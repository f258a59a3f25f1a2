/* What Shopify's webhooks say, by the shapes of API 2025-01:
 * https://shopify.dev/docs/api/webhooks?reference=toml, and for the GDPR three
 * https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance.
 *
 * An order's key is its name without "#", as in the export; refunds name the order by its id, which
 * is kept (hook_subject). A variant without SKU is known by its product's id.
 */
#include "timeline/hook_private.h"

#include "base/error.h"
#include "people/erase.h"

static Slice name_key(Slice name)
{
    if (name.size > 1 && name.data[0] == '#') return (Slice){name.data + 1, name.size - 1};
    return name;
}

/* The customer of an order or checkout, or a customer itself. */
static void person_read(const json_t *customer, const json_t *around, HookPerson *person)
{
    const json_t *address = json_object_get(customer, "default_address");
    if (!json_is_object(address)) address = json_object_get(around, "billing_address");
    person->email = hook_text(customer, "email");
    if (person->email.size == 0) person->email = hook_text(around, "email");
    person->phone = hook_text(customer, "phone");
    if (person->phone.size == 0) person->phone = hook_text(around, "phone");
    person->first_name = hook_text(customer, "first_name");
    person->last_name = hook_text(customer, "last_name");
    person->company = hook_text(address, "company");
    person->country = hook_text(address, "country_code");
    person->city = hook_text(address, "city");
    person->zip = hook_text(address, "zip");
    person->language = hook_text(around, "customer_locale");
}

static HookConsent consent_word(Slice word)
{
    if (slice_is(word, "subscribed")) return HOOK_SAYS_YES;
    if (slice_is(word, "pending")) return HOOK_SAYS_ASKED;
    if (slice_is(word, "unsubscribed")) return HOOK_SAYS_NO;
    return HOOK_SAYS_NOTHING; /* not_subscribed, redacted, invalid: nobody asked, or nobody is left
                               */
}

static bool consents_take(HookWork *work, const json_t *customer, const HookPerson *person,
                          GError **error)
{
    const json_t *email = json_object_get(customer, "email_marketing_consent");
    const json_t *sms = json_object_get(customer, "sms_marketing_consent");
    HookConsent says = consent_word(hook_text(email, "state"));
    int64_t at = hook_time(email, "consent_updated_at");
    if (!json_is_object(email) && json_is_true(json_object_get(customer, "accepts_marketing"))) {
        says = HOOK_SAYS_YES;
        at = hook_time(customer, "accepts_marketing_updated_at");
    }
    return hook_consent(work, person, "email", says, at, error) &&
           hook_consent(work, person, "sms", consent_word(hook_text(sms, "state")),
                        hook_time(sms, "consent_updated_at"), error);
}

/* ── orders ──────────────────────────────────────────────────────────────────────────────────── */

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
        if (line.product_key.size == 0) line.product_key = hook_text(item, "title");
        if (line.name.size == 0) line.name = hook_text(item, "title");
        line.price = price.value;
        line.quantity = quantity.set ? quantity.value : DECIMAL_SCALE;
        g_array_append_val(lines, line);
        if (lines->len > ORDER_LINES_MAX)
            return fail(error, KITH_ERROR_LIMIT, "more than %d lines", ORDER_LINES_MAX);
    }
    return true;
}

static bool order_read(const json_t *body, HookOrder *order, GError **error)
{
    const json_t *shipping =
        json_object_get(json_object_get(body, "total_shipping_price_set"), "shop_money");
    order->number = name_key(hook_text(body, "name"));
    order->order_key = order->number;
    order->currency = hook_text(body, "currency");
    order->coupon = hook_text(json_array_get(json_object_get(body, "discount_codes"), 0), "code");
    order->occurred_at = hook_time(body, "created_at");
    order->cancelled_at = hook_time(body, "cancelled_at");
    order->test = json_is_true(json_object_get(body, "test"));
    if (order->order_key.size == 0) return fail(error, KITH_ERROR_INVALID, "the order has no name");
    return hook_amount(body, "total_price", &order->revenue, error) &&
           hook_amount(body, "total_tax", &order->tax, error) &&
           hook_amount(body, "total_discounts", &order->discount, error) &&
           hook_amount(shipping, "amount", &order->shipping, error) &&
           lines_read(json_object_get(body, "line_items"), order->lines, error);
}

/* What was paid back: the transactions that went through. A refund of goods alone pays nothing. */
static bool refund_note(HookWork *work, const json_t *refund, const char *order_ref, GError **error)
{
    g_autofree char *id = hook_id(refund, "id");
    int64_t sum = 0, at = hook_time(refund, "created_at");
    size_t index;
    json_t *one;
    if (!id) return fail(error, KITH_ERROR_INVALID, "a refund has no id");
    json_array_foreach(json_object_get(refund, "transactions"), index, one)
    {
        DbInt amount;
        bool counts = slice_is(hook_text(one, "kind"), "refund") &&
                      slice_is(hook_text(one, "status"), "success");
        if (!hook_amount(one, "amount", &amount, error)) return false;
        if (counts && __builtin_add_overflow(sum, amount.value, &sum))
            return fail(error, KITH_ERROR_INVALID, "a refund is out of range");
    }
    return sum <= 0 || hook_refund_note(work, order_ref, id, sum, at ? at : work->said_at, error);
}

static bool refunds_note(HookWork *work, const json_t *refunds, const char *order_ref,
                         GError **error)
{
    size_t index;
    json_t *refund;
    json_array_foreach((json_t *)refunds, index,
                       refund) if (!refund_note(work, refund, order_ref, error)) return false;
    return true;
}

static bool order_take(HookWork *work, GError **error)
{
    const json_t *customer = json_object_get(work->body, "customer");
    g_autofree char *id = hook_id(work->body, "id"), *customer_id = hook_id(customer, "id");
    g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    HookOrder order = {.lines = lines};
    HookPerson person = {.user_id = customer_id};
    bool newer;
    if (!id) return fail(error, KITH_ERROR_INVALID, "the order has no id");
    if (!order_read(work->body, &order, error)) return false;
    g_autofree char *key = g_strndup(order.order_key.data, order.order_key.size);
    if (!hook_subject_newer(work, "order", id, key, &newer, error)) return false;
    if (!newer) return true;
    person_read(customer, work->body, &person);
    return hook_person(work, &person, error) && hook_order(work, &order, &person, error) &&
           consents_take(work, customer, &person, error) &&
           refunds_note(work, json_object_get(work->body, "refunds"), id, error) &&
           hook_refunds_report(work, id, order.currency, error);
}

static bool refund_take(HookWork *work, GError **error)
{
    g_autofree char *order_ref = hook_id(work->body, "order_id");
    const json_t *first = json_array_get(json_object_get(work->body, "transactions"), 0);
    if (!order_ref) return fail(error, KITH_ERROR_INVALID, "the refund names no order_id");
    return refund_note(work, work->body, order_ref, error) &&
           hook_refunds_report(work, order_ref, hook_text(first, "currency"), error);
}

/* ── customers ───────────────────────────────────────────────────────────────────────────────── */

static bool customer_take(HookWork *work, GError **error)
{
    g_autofree char *id = hook_id(work->body, "id");
    HookPerson person = {.user_id = id};
    bool newer;
    if (!id) return fail(error, KITH_ERROR_INVALID, "the customer has no id");
    if (!hook_subject_newer(work, "customer", id, NULL, &newer, error) || !newer) return !newer;
    person_read(work->body, work->body, &person);
    return hook_person(work, &person, error) && consents_take(work, work->body, &person, error);
}

/* customers/email_marketing_consent/update: the consent with the customer's id and address. */
static bool consent_take(HookWork *work, GError **error)
{
    g_autofree char *id = hook_id(work->body, "customer_id");
    HookPerson person = {.user_id = id,
                         .email = hook_text(work->body, "email_address"),
                         .phone = hook_text(work->body, "phone")};
    if (!id) return fail(error, KITH_ERROR_INVALID, "the consent names no customer_id");
    return hook_person(work, &person, error) && consents_take(work, work->body, &person, error);
}

static int64_t customer_find(HookWork *work)
{
    const json_t *customer = json_object_get(work->body, "customer");
    People *people = work->hooks->parts.people;
    g_autofree char *id = hook_id(customer, "id");
    int64_t person_id = id ? people_find(people, IDENTITY_USER_ID, work->shop_id, slice_of(id)) : 0;
    if (person_id > 0) return person_id;
    return people_find(people, IDENTITY_EMAIL, work->shop_id, hook_text(customer, "email"));
}

/* ── what the law asks for ───────────────────────────────────────────────────────────────────── */

static bool data_request(HookWork *work, GError **error)
{
    int64_t person_id = customer_find(work);
    if (person_id <= 0)
        return hook_say(work, HOOK_ASKS,
                        "a customer asks for their data: nobody here has that id "
                        "or address; tell them so within 30 days");
    hook_say(work, HOOK_ASKS,
             "a customer asks for their data: export it from their page, which "
             "says \"Data Requested\", and send it within 30 days");
    return hook_event(work, person_id, "Data Requested", work->key, json_object(), error);
}

static bool customer_redact(HookWork *work, GError **error)
{
    int64_t person_id = customer_find(work), erasure_id;
    if (person_id <= 0) return hook_say(work, HOOK_IGNORED, "nobody here has that id or address");
    hook_say(work, HOOK_TAKEN, "erased, as the customer asked the shop");
    return people_erase(work->hooks->parts.people, work->db, person_id, &erasure_id, error);
}

/* The app was removed from the shop. The business's own records are not deleted unasked. */
static bool shop_redact(HookWork *work, GError **error)
{
    (void)error;
    return hook_say(work, HOOK_ASKS,
                    "the app was removed from the shop two days ago: decide whether "
                    "its customers stay, and take the address away here");
}

/* ── checkouts and products ──────────────────────────────────────────────────────────────────── */

static json_t *checkout_properties(const json_t *body)
{
    json_t *products = json_array(), *item;
    size_t index;
    json_array_foreach(json_object_get(body, "line_items"), index, item)
    {
        if (index >= 50) break;
        json_array_append_new(products, json_pack("{s:O?, s:O?, s:O?, s:O?}", "sku",
                                                  json_object_get(item, "sku"), "name",
                                                  json_object_get(item, "title"), "price",
                                                  json_object_get(item, "price"), "quantity",
                                                  json_object_get(item, "quantity")));
    }
    return json_pack("{s:O?, s:O?, s:O?, s:O?, s:o}", "checkout_id", json_object_get(body, "token"),
                     "value", json_object_get(body, "total_price"), "currency",
                     json_object_get(body, "currency"), "url",
                     json_object_get(body, "abandoned_checkout_url"), "products", products);
}

/* The first word of a checkout whose buyer is known is on their timeline, once. */
static bool checkout_take(HookWork *work, GError **error)
{
    const json_t *customer = json_object_get(work->body, "customer");
    g_autofree char *token = hook_id(work->body, "token"), *id = hook_id(customer, "id"),
                    *seen = NULL;
    HookPerson person = {.user_id = id};
    bool newer;
    if (!token) return fail(error, KITH_ERROR_INVALID, "the checkout has no token");
    g_autofree char *subject = g_strdup_printf("checkout-%s", token);
    person_read(customer, work->body, &person);
    if (!hook_order_key(work, subject, &seen, error)) return false;
    if (!hook_person(work, &person, error)) return false;
    if (person.stem <= 0)
        return hook_say(work, HOOK_IGNORED, "nobody known stands at this checkout");
    if (seen) return true;
    return hook_subject_newer(work, "order", subject, token, &newer, error) &&
           hook_event(work, person.stem, "Checkout Started", subject,
                      checkout_properties(work->body), error);
}

static bool variant_take(HookWork *work, const json_t *variant, HookProduct *product,
                         GError **error)
{
    g_autofree char *sku = hook_id(variant, "sku"), *title = hook_id(variant, "title");
    const json_t *stock = json_object_get(variant, "inventory_quantity");
    const char *parent = product->key;
    product->key = sku ? sku : parent;
    product->variant = title && strcmp(title, "Default Title") != 0 ? title : NULL;
    product->stock = (DbInt){json_is_integer(stock), json_integer_value(stock)};
    bool good =
        hook_amount(variant, "price", &product->price, error) && hook_product(work, product, error);
    product->key = parent;
    return good;
}

static bool product_take(HookWork *work, GError **error)
{
    g_autofree char *id = hook_id(work->body, "id"), *title = hook_id(work->body, "title");
    const json_t *image = json_object_get(work->body, "image");
    g_autofree char *type = hook_id(work->body, "product_type");
    size_t index;
    json_t *variant;
    bool newer;
    if (!id || !title) return fail(error, KITH_ERROR_INVALID, "the product has no id or title");
    if (!hook_subject_newer(work, "product", id, NULL, &newer, error) || !newer) return !newer;
    HookProduct product = {.key = id,
                           .name = title,
                           .category = type,
                           .image_url = json_string_value(json_object_get(image, "src"))};
    json_array_foreach(json_object_get(work->body, "variants"), index,
                       variant) if (!variant_take(work, variant, &product, error)) return false;
    return true;
}

const HookTopic hook_shopify_topics[] = {
    {"orders/create", order_take},
    {"orders/updated", order_take},
    {"orders/paid", order_take},
    {"orders/edited", NULL}, /* says only what was edited; orders/updated comes with it */
    {"orders/cancelled", order_take},
    {"orders/fulfilled", order_take},
    {"orders/partially_fulfilled", order_take},
    {"orders/delete", hook_order_delete},
    {"refunds/create", refund_take},
    {"customers/create", customer_take},
    {"customers/update", customer_take},
    {"customers/enable", customer_take},
    {"customers/disable", customer_take},
    {"customers/delete", NULL}, /* no wish of the customer: customers/redact is */
    {"customers_email_marketing_consent/update", consent_take},
    {"customers_marketing_consent/update", consent_take},
    {"checkouts/create", checkout_take},
    {"checkouts/update", checkout_take},
    {"products/create", product_take},
    {"products/update", product_take},
    {"customers/data_request", data_request},
    {"customers/redact", customer_redact},
    {"shop/redact", shop_redact},
    {NULL, NULL},
};
