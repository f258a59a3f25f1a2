#include "app/demo_csv.h"

#include "base/zones.h"

#include <string.h>

/* Columns of a Shopify orders export that the demo has something for. */
static const char orders_header[] =
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing City,Billing Zip,Billing Country,"
    "Cancelled at,Payment Method,Refunded Amount,Vendor,Id,Source,Phone\n";

/* Appends a field, quoted where CSV needs it (RFC 4180), and the comma or newline after it. */
static void field_append(GString *out, const char *text, char after)
{
    if (!strpbrk(text, ",\"\n\r")) {
        g_string_append(out, text);
    } else {
        g_string_append_c(out, '"');
        for (const char *p = text; *p; p++) {
            if (*p == '"') g_string_append_c(out, '"');
            g_string_append_c(out, *p);
        }
        g_string_append_c(out, '"');
    }
    g_string_append_c(out, after);
}

static void money_append(GString *out, int32_t minor)
{
    g_string_append_printf(out, "%d.%02d,", minor / 100, minor % 100);
}

/* "2025-03-01 10:12:00 +0100", the local time of the shop; "" for 0. */
static void time_append(GString *out, const Zone *zone, int64_t at)
{
    if (at != 0) {
        Calendar local;
        int64_t minutes = zone_offset_ms(zone, at) / 60000;
        zone_calendar(zone, at, &local);
        g_string_append_printf(out, "%04d-%02d-%02d %02d:%02d:%02d %c%02d%02d", local.year,
                               local.month, local.day, local.hour, local.minute, local.second,
                               minutes < 0 ? '-' : '+', (int)(ABS(minutes) / 60),
                               (int)(ABS(minutes) % 60));
    }
    g_string_append_c(out, ',');
}

static const char *financial_status(const DemoOrder *order)
{
    if (order->cancelled) return "voided";
    if (order->refunded == 0) return "paid";
    return order->refunded >= order->total ? "refunded" : "partially_refunded";
}

/* The columns from Financial Status to Created at. */
static void order_append(GString *out, const DemoOrder *order, const Zone *zone, bool newsletter)
{
    field_append(out, financial_status(order), ',');
    time_append(out, zone, order->at);
    field_append(out, order->cancelled ? "" : "fulfilled", ',');
    time_append(out, zone, order->cancelled ? 0 : order->at);
    field_append(out, newsletter ? "yes" : "no", ',');
    field_append(out, demo_channel_currency(order->channel), ',');
    money_append(out, order->total - order->shipping);
    money_append(out, order->shipping);
    money_append(out, 0);
    money_append(out, order->total);
    field_append(out, order->welcome ? "WELCOME10" : "", ',');
    money_append(out, order->discount);
    field_append(out, order->channel == DEMO_STORE ? "" : "Standard", ',');
}

static void line_append(GString *out, const DemoLine *line, const DemoOrder *order)
{
    const DemoProduct *product = &demo_products[line->product];
    const char *ships = order->channel == DEMO_STORE ? "false" : "true";
    g_string_append_printf(out, "%u,", line->quantity);
    field_append(out, product->name, ',');
    money_append(out, line->price);
    g_string_append_c(out, ',');
    field_append(out, product->key, ',');
    g_string_append_printf(out, "%s,true,fulfilled,", ships);
}

static void address_append(GString *out, const DemoPerson *person)
{
    if (!person) {
        g_string_append(out, ",,,,,,");
        return;
    }
    const DemoCountry *country = &demo_countries[person->country];
    g_autofree char *name = g_strdup_printf("%s %s", person->first, person->last);
    g_autofree char *street = g_strdup_printf("%s %u", country->street, person->number % 90 + 1);
    field_append(out, name, ',');
    field_append(out, street, ',');
    field_append(out, street, ',');
    field_append(out, country->city, ',');
    field_append(out, country->zip, ',');
    field_append(out, country->code, ',');
}

/* The columns after the address, of the first row. */
static void order_end_append(GString *out, const DemoOrder *order, const Zone *zone,
                             const DemoPerson *person)
{
    char phone[24] = "";
    bool till = order->channel == DEMO_STORE;
    time_append(out, zone, order->cancelled ? order->at + 3600000 : 0);
    field_append(out, till ? "Cash" : "Card", ',');
    money_append(out, order->refunded);
    field_append(out, DEMO_BUSINESS_NAME, ',');
    g_string_append_printf(out, "%u%09u,%s,", order->channel + 5u, order->number,
                           till ? "pos" : "web");
    if (person && !person->email) demo_phone(person, phone);
    field_append(out, phone, '\n');
}

static void order_rows_append(GString *out, const DemoShop *shop, const DemoOrder *order,
                              const Zone *zone)
{
    const DemoPerson *person = order->person == DEMO_NOBODY ? NULL : &shop->people[order->person];
    char number[24];
    demo_order_number(order, number);
    for (uint8_t i = 0; i < order->line_count; i++) {
        field_append(out, number, ',');
        field_append(out, person && person->email ? person->email : "", ',');
        if (i == 0)
            order_append(out, order, zone, person && person->newsletter);
        else
            g_string_append(out, ",,,,,,,,,,,,,");
        time_append(out, zone, order->at);
        line_append(out, &order->lines[i], order);
        if (i == 0) {
            address_append(out, person);
            order_end_append(out, order, zone, person);
        } else {
            g_string_append(out, ",,,,,,,,,,,,\n");
        }
    }
}

static bool file_write(const char *path, const GString *text, GError **error)
{
    return g_file_set_contents(path, text->str, (gssize)text->len, error);
}

bool demo_orders_write(const DemoShop *shop, const char *path, GError **error)
{
    const Zone *zone = zone_find(SLICE(DEMO_ZONE), error);
    if (!zone) return false;
    g_autoptr(GString) out = g_string_new(orders_header);
    for (uint32_t i = 0; i < shop->order_count; i++)
        if (shop->orders[i].channel != DEMO_LONDON)
            order_rows_append(out, shop, &shop->orders[i], zone);
    return file_write(path, out, error);
}

bool demo_truth_write(const DemoShop *shop, const char *path, GError **error)
{
    char id[24], rate[G_ASCII_DTOSTR_BUF_SIZE];
    g_autoptr(GString) out =
        g_string_new("customer_id,email,joined_at,rate_per_year,left_at,alive,orders\n");
    for (uint32_t i = 0; i < shop->person_count; i++) {
        const DemoPerson *person = &shop->people[i];
        bool alive = person->left_at == INT64_MAX;
        demo_customer_id(person, id);
        g_ascii_formatd(rate, sizeof rate, "%.6f", person->rate_per_year);
        g_string_append_printf(out, "%s,%s,%" G_GINT64_FORMAT ",%s,", id,
                               person->email ? person->email : "", person->joined_at, rate);
        if (!alive) g_string_append_printf(out, "%" G_GINT64_FORMAT, person->left_at);
        g_string_append_printf(out, ",%d,%u\n", alive && person->buys, person->order_count);
    }
    return file_write(path, out, error);
}
