/* Exports of shops, each with the header that its vendor documents: recognised, and read to the
 * last column that says something.
 */
#include <string.h>

#include "timeline/import_cell.h"
#include "timeline/import_fixture.h"

#define EUR_BERLIN                                                                                 \
    {                                                                                              \
        .date_order = -1, .decimal = -1, .currency = "EUR", .zone = "Europe/Berlin"                \
    }

/* Order and customer exports of Shopify's admin. */
#define SHOPIFY_ORDERS                                                                             \
    "https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders"
#define SHOPIFY_CUSTOMERS "https://help.shopify.com/en/manual/customers/import-export-customers"
#define SHOPIFY_PRODUCTS  "https://help.shopify.com/en/manual/products/import-export/using-csv"
/* "Customer/Order/Coupon Export", of WooCommerce's own marketplace. */
#define WOO_EXPORT "https://woocommerce.com/document/ordercustomer-csv-export/"
/* "Import Export Suite for WooCommerce". */
#define WOO_SUITE_ORDERS "https://woocommerce.com/document/import-and-export-of-woocommerce-orders/"
#define WOO_SUITE_USERS  "https://woocommerce.com/document/import-and-export-of-woocommerce-users/"
/* WooCommerce itself. */
#define WOO_PRODUCTS "https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema"
#define WOO_CUSTOMERS                                                                              \
    "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/src/Admin/API/"     \
    "Reports/Customers/Controller.php"

static int64_t number(ImportBench *bench, const char *sql)
{
    return test_store_number(bench->test, sql);
}

static char *text(ImportBench *bench, const char *sql) { return test_store_sql(bench->test, sql); }

/* Imports `content` as a file of this name; the import's id. */
static int64_t import(ImportBench *bench, const char *name, const char *content)
{
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(bench, name, content);
    return import_bench_run(bench, path, &options);
}

static void assert_format(ImportBench *bench, int64_t id, const char *format)
{
    json_t *json = imports_json(bench->imports, id, NULL);
    g_assert_cmpstr(json_string_value(json_object_get(json, "format")), ==, format);
    json_decref(json);
}

/* ---- headers ------------------------------------------------------------------------------ */

static const char shopify_orders_header[] =
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,"
    "Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,"
    "Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,"
    "Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,"
    "Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,"
    "Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References";

static const char shopify_customers_header[] =
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,"
    "Default Address Address1,Default Address Address2,Default Address City,"
    "Default Address Province Code,Default Address Country Code,Default Address Zip,"
    "Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,"
    "Tags";

static const char shopify_customers_older_header[] =
    "First Name,Last Name,Email,Accepts Email Marketing,Company,Address1,Address2,City,Province,"
    "Province Code,Country,Country Code,Zip,Phone,Accepts SMS Marketing,Total Spent,Total Orders,"
    "Tags,Note,Tax Exempt";

static const char shopify_products_header[] =
    "Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,"
    "Status,SKU,Barcode,Option1 name,Option1 value,Option2 name,Option2 value,Price,"
    "Compare-at price,Cost per item,Charge tax,Inventory tracker,Inventory quantity,"
    "Continue selling when out of stock,Weight value (grams),Requires shipping,Product image URL,"
    "Image position,Image alt text,Variant image URL,Gift card,SEO title,SEO description";

static const char shopify_products_older_header[] =
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,"
    "Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,"
    "Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,"
    "Image Position,Image Alt Text,Gift Card,SEO Title,SEO Description,Variant Image,"
    "Variant Weight Unit,Cost per item,Status";

static const char woo_export_header[] =
    "order_id,order_number,order_number_formatted,date,status,shipping_total,shipping_tax_total,"
    "fee_total,fee_tax_total,tax_total,discount_total,order_total,refunded_total,order_currency,"
    "payment_method,shipping_method,customer_id,billing_first_name,billing_last_name,"
    "billing_company,billing_email,billing_phone,billing_address_1,billing_address_2,"
    "billing_postcode,billing_city,billing_state,billing_country,shipping_first_name,"
    "shipping_last_name,shipping_address_1,shipping_address_2,shipping_postcode,shipping_city,"
    "shipping_state,shipping_country,shipping_company,customer_note,line_items,shipping_items,"
    "fee_items,tax_items,coupon_items,refunds,order_notes,download_permissions_granted";

static const char woo_export_items_header[] =
    "order_id,order_number,date,status,shipping_total,shipping_tax_total,fee_total,fee_tax_total,"
    "tax_total,discount_total,order_total,refunded_total,order_currency,payment_method,"
    "shipping_method,customer_id,billing_first_name,billing_last_name,billing_company,"
    "billing_email,billing_phone,billing_address_1,billing_address_2,billing_postcode,"
    "billing_city,billing_state,billing_country,customer_note,item_id,item_product_id,item_name,"
    "item_sku,item_quantity,item_subtotal,item_subtotal_tax,item_total,item_total_tax,"
    "item_refunded,item_refunded_qty,item_meta,shipping_items,fee_items,tax_items,coupon_items,"
    "order_notes,download_permissions_granted";

static const char woo_export_customers_header[] =
    "customer_id,first_name,last_name,user_login,email,user_pass,date_registered,"
    "billing_first_name,billing_last_name,billing_full_name,billing_company,billing_email,"
    "billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,"
    "billing_state,billing_state_code,billing_country,shipping_first_name,shipping_last_name,"
    "shipping_company,shipping_address_1,shipping_postcode,shipping_city,shipping_country,"
    "total_spent,order_count";

static const char woo_suite_orders_header[] =
    "order_id,order_number,order_date,paid_date,status,shipping_total,shipping_tax_total,"
    "fee_total,fee_tax_total,tax_total,cart_discount,order_discount,discount_total,order_total,"
    "order_subtotal,order_currency,payment_method,payment_method_title,transaction_id,"
    "customer_ip_address,customer_user_agent,shipping_method,customer_id,customer_user,"
    "customer_email,billing_first_name,billing_last_name,billing_company,billing_email,"
    "billing_phone,billing_address_1,billing_address_2,billing_postcode,billing_city,"
    "billing_state,billing_country,shipping_items,fee_items,tax_items,coupon_items,refund_items,"
    "order_notes,download_permissions,line_item_1,line_item_2,line_item_3";

static const char woo_suite_users_header[] =
    "ID,customer_id,user_login,user_pass,user_nicename,user_email,user_url,user_registered,"
    "display_name,first_name,last_name,user_status,roles,nickname,description,locale,"
    "billing_first_name,billing_last_name,billing_company,billing_email,billing_phone,"
    "billing_address_1,billing_address_2,billing_postcode,billing_city,billing_state,"
    "billing_country";

static const char woo_customers_header[] =
    "Name,Username,Last Active,Sign Up,Email,Orders,Total Spend,AOV,Country / Region,City,Region,"
    "Postal Code";

static const char woo_products_header[] =
    "ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,"
    "Date sale price starts,Date sale price ends,Tax status,Tax class,In stock?,Stock,"
    "Low stock amount,Backorders allowed?,Sold individually?,Weight (kg),Length (cm),Width (cm),"
    "Height (cm),Allow customer reviews?,Purchase note,Sale price,Regular price,Categories,Tags,"
    "Shipping class,Images,Download limit,Download expiry days,Parent,Grouped products,Upsells,"
    "Cross-sells,External URL,Button text,Position";

/* Each header as its page documents it; `source` is that page. */
static void vendors_are_recognised(void)
{
    static const struct {
        const char *source, *header;
        ImportFormat format;
        ImportKind kind;
    } cases[] = {
        {SHOPIFY_ORDERS, shopify_orders_header, FORMAT_SHOPIFY, IMPORT_ORDERS},
        {SHOPIFY_CUSTOMERS, shopify_customers_header, FORMAT_SHOPIFY, IMPORT_CUSTOMERS},
        {SHOPIFY_CUSTOMERS, shopify_customers_older_header, FORMAT_SHOPIFY, IMPORT_CUSTOMERS},
        {SHOPIFY_PRODUCTS, shopify_products_header, FORMAT_SHOPIFY, IMPORT_PRODUCTS},
        {SHOPIFY_PRODUCTS, shopify_products_older_header, FORMAT_SHOPIFY, IMPORT_PRODUCTS},
        {WOO_EXPORT, woo_export_header, FORMAT_WOOCOMMERCE, IMPORT_ORDERS},
        {WOO_EXPORT, woo_export_items_header, FORMAT_WOOCOMMERCE, IMPORT_ORDERS},
        {WOO_EXPORT, woo_export_customers_header, FORMAT_WOOCOMMERCE, IMPORT_CUSTOMERS},
        {WOO_SUITE_ORDERS, woo_suite_orders_header, FORMAT_WOOCOMMERCE, IMPORT_ORDERS},
        {WOO_SUITE_USERS, woo_suite_users_header, FORMAT_WOOCOMMERCE, IMPORT_CUSTOMERS},
        {WOO_CUSTOMERS, woo_customers_header, FORMAT_WOOCOMMERCE, IMPORT_CUSTOMERS},
        {WOO_PRODUCTS, woo_products_header, FORMAT_WOOCOMMERCE, IMPORT_PRODUCTS},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].source);
        g_auto(GStrv) headers = g_strsplit(cases[i].header, ",", -1);
        size_t count = g_strv_length(headers);
        const ImportVendor *vendor = import_vendor_find(headers, count, IMPORT_AUTO, FORMAT_AUTO);
        g_assert_nonnull(vendor);
        g_assert_cmpint(vendor->format, ==, cases[i].format);
        g_assert_cmpint(vendor->kind, ==, cases[i].kind);
        g_assert_cmpstr(vendor->source, ==, cases[i].source);
    }
}

/* Every column that a vendor's row names stands in one of the documented headers above. */
static void columns_are_documented(void)
{
    static const struct {
        const char *header;
        ImportFieldId wanted[8];
        size_t count;
    } cases[] = {
        {shopify_customers_header,
         {COLUMN_CUSTOMER, COLUMN_COUNTRY, COLUMN_ZIP, COLUMN_CITY, COLUMN_TAGS, COLUMN_NOTE},
         6},
        {shopify_customers_older_header,
         {COLUMN_COUNTRY, COLUMN_ZIP, COLUMN_CITY, COLUMN_TAGS, COLUMN_NOTE},
         5},
        {shopify_products_header, {COLUMN_HANDLE, COLUMN_PRODUCT, COLUMN_PRICE, COLUMN_STOCK}, 4},
        {woo_export_header, {COLUMN_ITEMS, COLUMN_COUPON, COLUMN_REFUNDED, COLUMN_EMAIL}, 4},
        {woo_export_items_header, {COLUMN_ITEM, COLUMN_PRODUCT, COLUMN_LINE_TOTAL}, 3},
        {woo_suite_orders_header, {COLUMN_ITEMS, COLUMN_COUPON, COLUMN_REFUNDED, COLUMN_EMAIL}, 4},
        {woo_suite_users_header, {COLUMN_CUSTOMER, COLUMN_EMAIL, COLUMN_COUNTRY, COLUMN_DATE}, 4},
        {woo_customers_header, {COLUMN_NAME, COLUMN_COUNTRY, COLUMN_ZIP, COLUMN_DATE}, 4},
        {woo_products_header, {COLUMN_HANDLE, COLUMN_PRODUCT, COLUMN_PRICE, COLUMN_IMAGE}, 4},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int columns[IMPORT_FIELDS_MAX];
        g_auto(GStrv) headers = g_strsplit(cases[i].header, ",", -1);
        size_t count = g_strv_length(headers);
        import_vendor_columns(import_vendor_find(headers, count, IMPORT_AUTO, FORMAT_AUTO), headers,
                              count, columns);
        for (size_t j = 0; j < cases[i].count; j++) {
            g_test_message("%.20s…: %s", cases[i].header, import_field(cases[i].wanted[j])->name);
            g_assert_cmpint(columns[cases[i].wanted[j]], >=, 0);
        }
    }
}

/* One record of a documented header: "column=value" pairs, the other cells empty. */
static void record_append(GString *file, const char *header, const char *pairs)
{
    g_auto(GStrv) names = g_strsplit(header, ",", -1);
    g_auto(GStrv) given = g_strsplit(pairs, "~", -1);
    guint used = 0;
    for (size_t i = 0; names[i]; i++) {
        size_t length = strlen(names[i]);
        if (i) g_string_append_c(file, ',');
        for (size_t j = 0; given[j]; j++) {
            if (strncmp(given[j], names[i], length) || given[j][length] != '=') continue;
            g_string_append_printf(file, "\"%s\"", given[j] + length + 1);
            used++;
        }
    }
    g_string_append_c(file, '\n');
    g_assert_cmpint(used, ==, g_strv_length(given));
}

/* A file of this header with these records, NULL-terminated. The caller frees. */
static char *file_of(const char *header, const char *const *records)
{
    GString *file = g_string_new(header);
    g_string_append_c(file, '\n');
    for (size_t i = 0; records[i]; i++)
        record_append(file, header, records[i]);
    return g_string_free(file, FALSE);
}

/* ---- Shopify ------------------------------------------------------------------------------ */

static void shopify_orders_come_in(TestStore *test)
{
    static const char *const records[] = {
        "Name=#1001~Email=ann@example.com~Financial Status=paid~Currency=EUR~Total=55.00~"
        "Shipping=5.00~Taxes=8.78~Discount Code=SPRING~Discount Amount=2.00~"
        "Created at=2024-03-01 09:59:00 +0100~Lineitem quantity=2~Lineitem name=Tea~"
        "Lineitem price=20.00~Lineitem sku=T1~Billing Name=Ann Lee~Billing Country=DE~"
        "Refunded Amount=0.00~Id=450001",
        "Name=#1001~Email=ann@example.com~Created at=2024-03-01 09:59:00 +0100~"
        "Lineitem quantity=1~Lineitem name=Cup~Lineitem price=10.00~Lineitem sku=C1",
        "Name=#1002~Email=ben@example.com~Financial Status=partially_refunded~Currency=EUR~"
        "Total=30.00~Created at=2024-03-02 09:59:00 +0100~Lineitem quantity=1~Lineitem name=Pot~"
        "Lineitem price=30.00~Lineitem sku=P1~Billing Name=Ben Ray~Billing Country=AT~"
        "Refunded Amount=12.50~Phone='+43 1 5551234~Id=450002",
        "Name=#1003~Email=cat@example.com~Financial Status=voided~Currency=EUR~Total=9.00~"
        "Created at=2024-03-03 09:00:00 +0100~Lineitem quantity=1~Lineitem name=Lid~"
        "Lineitem price=9.00~Lineitem sku=L1~Billing Name=Cat Doe~"
        "Cancelled at=2024-03-03 12:00:00 +0100~Refunded Amount=0.00~Id=450003",
        NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(shopify_orders_header, records);
    int64_t id = import(&bench, "orders_export.csv", file);
    assert_format(&bench, id, "shopify");
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 3);
    g_assert_cmpint(import_bench_count(&bench, id, "refunds"), ==, 1);
    g_assert_cmpint(import_bench_count(&bench, id, "customers"), ==, 3);
    g_assert_cmpint(number(&bench, "SELECT revenue FROM orders WHERE order_key = '1001'"), ==,
                    5500);
    g_assert_cmpint(number(&bench, "SELECT item_count FROM orders WHERE order_key = '1001'"), ==,
                    2);
    g_assert_cmpint(number(&bench, "SELECT occurred_at FROM orders WHERE order_key = '1001'"), ==,
                    1709283540000);
    g_assert_cmpint(number(&bench, "SELECT net_revenue FROM orders WHERE order_key = '1002'"), ==,
                    1750);
    g_assert_cmpint(number(&bench, "SELECT net_revenue FROM orders WHERE order_key = '1003'"), ==,
                    0);
    g_autofree char *shown = text(&bench, "SELECT number FROM orders WHERE order_key = '1001'");
    g_assert_cmpstr(shown, ==, "#1001");
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM identity WHERE value = '+4315551234'"), ==,
                    1);
    import_bench_clear(&bench);
}

/* Tags and notes are kept, twice or not; apostrophes that keep spreadsheets quiet are no part. */
static void shopify_customers_come_in(TestStore *test)
{
    static const char *const records[] = {
        "Customer ID='7210448301122~First Name=Teo~Last Name=Lind~Email=teo@example.com~"
        "Accepts Email Marketing=yes~Default Address City=Dresden~"
        "Default Address Country Code=DE~Default Address Zip='01067~Phone='+49 351 5550154~"
        "Note=Met at the fair.~Tags=retail, vip,  ,retail",
        "Customer ID='7210448301123~First Name=Ida~Last Name='t Hooft~Email=ida@example.com~"
        "Accepts Email Marketing=no",
        NULL};
    static const char *const older[] = {
        "First Name=Teo~Last Name=Lind~Email=teo@example.com~City=Dresden~Country=Germany~"
        "Country Code=DE~Zip='01067~Tags=vip, wholesale~Note=Met at the fair.",
        NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(shopify_customers_header, records);
    int64_t id = import(&bench, "customers_export.csv", file);
    assert_format(&bench, id, "shopify");
    g_assert_cmpint(import_bench_count(&bench, id, "items"), ==, 2);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM person_tag WHERE author = 'import'"), ==,
                    2);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM note WHERE author = 'import'"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM identity WHERE value = '7210448301122'"),
                    ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM trait WHERE value = '\"01067\"'"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM trait WHERE value = '\"''t Hooft\"'"), ==,
                    1);
    g_autofree char *file_older = file_of(shopify_customers_older_header, older);
    id = import(&bench, "customers_older.csv", file_older);
    assert_format(&bench, id, "shopify");
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM person_tag"), ==, 3);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM note"), ==, 1);
    import_bench_clear(&bench);
}

static void shopify_products_come_in(TestStore *test)
{
    static const char *const records[] = {
        "Title=Cup~URL handle=cup~Type=Cups~SKU=C-RED~Option1 name=Colour~Option1 value=Red~"
        "Price=12.00~Inventory quantity=4~Product image URL=https://example.com/cup.jpg",
        "URL handle=cup~SKU=C-BLUE~Option1 value=Blue~Price=13.00~Inventory quantity=0",
        "URL handle=cup~Product image URL=https://example.com/cup2.jpg~Image position=2",
        "Title=Gift card~URL handle=gift-card~Price=25.00", NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(shopify_products_header, records);
    int64_t id = import(&bench, "products_export.csv", file);
    assert_format(&bench, id, "shopify");
    g_assert_cmpint(import_bench_count(&bench, id, "items"), ==, 3);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 0);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM product WHERE name = 'Cup' AND "
                                   "category = 'Cups'"),
                    ==, 2);
    g_assert_cmpint(number(&bench, "SELECT price FROM product WHERE product_key = 'gift-card'"), ==,
                    2500);
    import_bench_clear(&bench);
}

/* ---- WooCommerce -------------------------------------------------------------------------- */

static void woo_items_rows_come_in(TestStore *test)
{
    static const char *const records[] = {
        "order_id=71~order_number=71~date=2024-05-01 10:00:00~status=completed~order_total=25.00~"
        "order_currency=EUR~customer_id=9~billing_email=ann@example.com~item_name=Tea~item_sku=T1~"
        "item_quantity=2~item_total=20.00",
        "order_id=72~date=2024-05-02 10:00:00~status=refunded~order_total=40.00~order_currency=EUR~"
        "customer_id=0~billing_email=ben@example.com~item_name=Pot~item_sku=P1~item_quantity=1~"
        "item_total=40.00",
        "order_id=73~date=2024-05-03 10:00:00~status=failed~order_total=40.00~order_currency=EUR~"
        "customer_id=9~billing_email=ann@example.com~item_name=Pot~item_sku=P1~item_quantity=1~"
        "item_total=40.00",
        NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(woo_export_items_header, records);
    int64_t id = import(&bench, "woo.csv", file);
    assert_format(&bench, id, "woocommerce");
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 2);
    g_assert_cmpint(import_bench_count(&bench, id, "customers"), ==, 2);
    g_assert_cmpint(import_bench_count(&bench, id, "no_value"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT revenue FROM orders WHERE order_key = '71'"), ==, 2500);
    g_assert_cmpint(number(&bench, "SELECT net_revenue FROM orders WHERE order_key = '72'"), ==, 0);
    import_bench_clear(&bench);
}

/* All lines of an order in one cell, ";" between them, signs in names behind backslashes. */
static void woo_line_items_come_in(TestStore *test)
{
    static const char *const records[] = {
        "order_id=81~order_number=81~order_number_formatted=#81~date=2024-05-01 10:00:00~"
        "status=completed~order_total=35.00~order_currency=EUR~customer_id=9~"
        "billing_email=ann@example.com~coupon_items=id:4|code:SPRING|amount:2.00~"
        "line_items=id:1|name:Tea\\; green|product_id:5|sku:T1|quantity:2|subtotal:20.00|"
        "total:20.00;id:2|name:Cup|product_id:6|sku:|quantity:1|total:10.00",
        "order_id=82~date=2024-05-02 10:00:00~status=completed~order_total=9.00~"
        "order_currency=EUR~billing_email=ben@example.com~line_items=name:Pot|quantity:many",
        NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(woo_export_header, records);
    int64_t id = import(&bench, "woo.csv", file);
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 1);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT revenue FROM orders"), ==, 3500);
    g_assert_cmpint(number(&bench, "SELECT sum(value) FROM order_line"), ==, 3000);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM order_line WHERE name = 'Tea; green' AND "
                                   "product_key = 'T1' AND quantity = 2000000"),
                    ==, 1);
    g_assert_cmpint(number(&bench, "SELECT value FROM order_line WHERE product_key = '6'"), ==,
                    1000);
    g_autofree char *coupon = text(&bench, "SELECT coupon FROM orders");
    g_assert_cmpstr(coupon, ==, "SPRING");
    import_bench_clear(&bench);
}

/* One line in each of line_item_1, line_item_2 …; a guest has an address and no account. */
static void woo_numbered_lines_come_in(TestStore *test)
{
    static const char *const records[] = {
        "order_id=91~order_number=91~order_date=2024-05-01 10:00:00~status=completed~"
        "order_total=36.00~order_currency=EUR~customer_id=9~customer_email=ann@example.com~"
        "billing_email=ann@example.com~coupon_items=code:SPRING|amount:2.00~"
        "refund_items=amount:5.00|reason:broken; sorry|date:2024-05-04 09:00:00;amount:1.50|"
        "reason:|date:2024-05-05 09:00:00~"
        "line_item_1=name:Tea; loose|product_id:5|sku:T1|quantity:2|total:20.00|sub_total:20.00~"
        "line_item_2=name:Cup|product_id:6|sku:C1|quantity:1|total:11.00|sub_total:11.00",
        "order_id=92~order_number=92~order_date=2024-05-02 10:00:00~status=completed~"
        "order_total=11.00~order_currency=EUR~customer_id=0~customer_email=~"
        "billing_email=eve@example.com~"
        "line_item_1=name:Cup|product_id:6|sku:C1|quantity:1|total:11.00|sub_total:11.00",
        NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *file = file_of(woo_suite_orders_header, records);
    for (int i = 0; i < 2; i++) {
        int64_t id = import(&bench, "woo.csv", file);
        g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, i == 0 ? 2 : 0);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM order_line"), ==, 3);
        g_assert_cmpint(number(&bench, "SELECT sum(value) FROM order_line"), ==, 4200);
        g_assert_cmpint(number(&bench, "SELECT net_revenue FROM orders WHERE order_key = '91'"), ==,
                        2950);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM order_line WHERE "
                                       "name = 'Tea; loose'"),
                        ==, 1);
    }
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM identity WHERE "
                                   "value = 'eve@example.com'"),
                    ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(DISTINCT person_id) FROM orders"), ==, 2);
    import_bench_clear(&bench);
}

static void woo_people_and_products_come_in(TestStore *test)
{
    static const char *const users[] = {
        "ID=9~customer_id=9~user_login=ann~user_email=ann@example.com~"
        "user_registered=2023-01-05 10:00:00~first_name=Ann~last_name=Lee~billing_country=DE",
        NULL};
    static const char *const report[] = {
        "Name=Ann Lee~Username=ann~Sign Up=2023-01-05 10:00:00~Email=ann@example.com~Orders=2~"
        "Total Spend=40.00~Country / Region=DE~Postal Code=01067",
        NULL};
    static const char *const products[] = {
        "ID=5~Type=simple~SKU=T1~Name=Tea~Published=1~Stock=7~Regular price=10~"
        "Categories=Drinks > Tea~Images=https://example.com/tea.jpg",
        "ID=6~Type=simple~Name=Cup~Published=1~Regular price=11.50", NULL};
    ImportBench bench;
    import_bench_init(&bench, test);
    g_autofree char *users_file = file_of(woo_suite_users_header, users);
    g_autofree char *report_file = file_of(woo_customers_header, report);
    g_autofree char *products_file = file_of(woo_products_header, products);
    import(&bench, "users.csv", users_file);
    import(&bench, "report.csv", report_file);
    int64_t id = import(&bench, "products.csv", products_file);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM person"), ==, 1);
    g_assert_cmpint(import_bench_count(&bench, id, "items"), ==, 2);
    g_assert_cmpint(number(&bench, "SELECT price FROM product WHERE product_key = '6'"), ==, 1150);
    import_bench_clear(&bench);
}

/* ---- cells of several values -------------------------------------------------------------- */

static void cells_are_taken_apart(void)
{
    Slice rest = SLICE(" a\\;b ;; c;"), part, value;
    g_assert_true(cell_next(&rest, ';', &part) && slice_is(part, "a\\;b"));
    g_assert_true(cell_next(&rest, ';', &part) && slice_is(part, "c"));
    g_assert_false(cell_next(&rest, ';', &part));
    Slice item = SLICE("name:Tea\\|mint: fresh|NAME:no|sku:|quantity:2|tail\\");
    g_assert_true(cell_find(item, "name", &value) && slice_is(value, "Tea\\|mint: fresh"));
    g_assert_true(cell_find(item, "sku", &value) && value.size == 0);
    g_assert_false(cell_find(item, "total", &value));
    char text[] = "Tea\\|mint\\";
    g_assert_cmpint((int)cell_unescape(text, strlen(text)), ==, 9);
    g_assert_cmpstr(text, ==, "Tea|mint\\");
    g_assert_true(slice_is(import_cell_coupon(SLICE("SPRING")), "SPRING"));
    g_assert_true(slice_is(import_cell_coupon(SLICE("id:1|code:X|amount:2;code:Y")), "X"));
    int64_t micros;
    g_assert_false(import_cell_refunds(SLICE("12.50"), &micros));
    g_assert_true(import_cell_refunds(SLICE("amount:1.50|reason:x;amount:2"), &micros));
    g_assert_cmpint(micros, ==, 3500000);
    g_assert_false(import_cell_refunds(SLICE("amount:x"), &micros));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/import/vendors", vendors_are_recognised);
    g_test_add_func("/import/columns", columns_are_documented);
    g_test_add_func("/import/cells", cells_are_taken_apart);
    test_store_add("/import/shopify/orders", shopify_orders_come_in);
    test_store_add("/import/shopify/customers", shopify_customers_come_in);
    test_store_add("/import/shopify/products", shopify_products_come_in);
    test_store_add("/import/woocommerce/rows", woo_items_rows_come_in);
    test_store_add("/import/woocommerce/cell", woo_line_items_come_in);
    test_store_add("/import/woocommerce/numbered", woo_numbered_lines_come_in);
    test_store_add("/import/woocommerce/others", woo_people_and_products_come_in);
    return g_test_run();
}
