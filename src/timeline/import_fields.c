#include "timeline/import_fields.h"

#include "base/text.h"

#define BIT(field) (UINT64_C(1) << (field))

static const ImportField fields[IMPORT_FIELDS_MAX] = {
    [COLUMN_ORDER] = {"order", "Order or invoice number",
                      "Lines with the same number are one order.",
                      "order orderid orderno ordernumber orderkey invoice invoiceno invoicenumber "
                      "invoiceid receipt receiptno transactionid transaction bestellnummer "
                      "bestellnr auftragsnummer auftragsnr auftrag rechnungsnummer rechnungsnr "
                      "rechnung belegnummer belegnr bonnummer bonnr"},
    [COLUMN_NUMBER] = {"number", "Number as printed", "What the customer sees.", ""},
    [COLUMN_DATE] = {"date", "Date", "When it happened.",
                     "date orderdate invoicedate createdat created datecreated purchasedate "
                     "purchasedat orderedat transactiondate timestamp time occurredat day datetime "
                     "datum bestelldatum rechnungsdatum auftragsdatum kaufdatum belegdatum "
                     "zeitpunkt tag"},
    [COLUMN_CUSTOMER] = {"customer_id", "Customer number", "The shop's own number of the customer.",
                         "customerid customer customerno customernumber userid user clientid "
                         "buyerid accountid memberid kundennummer kundennr kundenid kunde"},
    [COLUMN_EMAIL] = {"email", "E-mail address", "",
                      "email emailaddress mail customeremail billingemail useremail emailadresse "
                      "mailadresse kundenemail"},
    [COLUMN_PHONE] = {"phone", "Telephone number", "",
                      "phone phonenumber telephone mobile billingphone customerphone telefon "
                      "telefonnummer handy mobil handynummer"},
    [COLUMN_NAME] = {"name", "Full name", "",
                     "name fullname customername billingname displayname kundenname "
                     "vollständigername"},
    [COLUMN_FIRST_NAME] = {"first_name", "First name", "",
                           "firstname givenname forename billingfirstname vorname"},
    [COLUMN_LAST_NAME] = {"last_name", "Last name", "",
                          "lastname surname familyname billinglastname nachname familienname"},
    [COLUMN_COUNTRY] = {"country", "Country", "",
                        "country countrycode billingcountry shippingcountry countryregion land "
                        "ländercode ländercodeiso landescode"},
    [COLUMN_CITY] = {"city", "City", "", "city town billingcity ort stadt wohnort"},
    [COLUMN_ZIP] = {"zip", "Postal code", "",
                    "zip zipcode postcode postalcode billingpostcode plz postleitzahl"},
    [COLUMN_COMPANY] = {"company", "Company", "", "company billingcompany organisation firma"},
    [COLUMN_BIRTHDAY] = {"birthday", "Birthday", "",
                         "birthday birthdate dateofbirth dob geburtstag geburtsdatum"},
    [COLUMN_LANGUAGE] = {"language", "Language", "", "language locale lang sprache"},
    [COLUMN_ACCEPTS_EMAIL] = {"accepts_email", "Accepts marketing e-mail",
                              "Yes or no; yes is kept as a permission given elsewhere.",
                              "acceptsemailmarketing acceptsmarketing emailmarketing newsletter "
                              "subscribed optin emailoptin werbeeinwilligung newsletterabonniert"},
    [COLUMN_ACCEPTS_SMS] = {"accepts_sms", "Accepts marketing by SMS", "",
                            "acceptssmsmarketing smsoptin smsmarketing"},
    [COLUMN_TAGS] = {"tags", "Tags", "Separated by commas.", "tags tag labels schlagworte"},
    [COLUMN_NOTE] = {"note", "Note", "", "note notes comment notiz bemerkung kommentar"},
    [COLUMN_PRODUCT] = {"product", "Product number (SKU)", "",
                        "sku productid product productsku productcode productkey stockcode itemid "
                        "itemsku itemcode articleno articlenumber artikelnummer artikelnr artikel "
                        "produktnummer produktid artnr handle"},
    [COLUMN_ITEM] = {"item", "Product name", "",
                     "description item itemname productname producttitle title lineitemname "
                     "bezeichnung artikelbezeichnung artikelname produktname produkt "
                     "beschreibung titel"},
    [COLUMN_CATEGORY] = {"category", "Category", "",
                         "category categories productcategory producttype type department "
                         "kategorie kategorien warengruppe produktkategorie"},
    [COLUMN_VARIANT] = {"variant", "Variant", "", "variant variantname option variante"},
    [COLUMN_QUANTITY] = {"quantity", "Quantity", "Missing means 1; below 0 is a refund.",
                         "quantity qty itemquantity units count menge anzahl stück stückzahl"},
    [COLUMN_PRICE] = {"price", "Price of one", "",
                      "unitprice price itemprice priceeach singleprice productprice regularprice "
                      "einzelpreis stückpreis preis preisprostück"},
    [COLUMN_LINE_TOTAL] = {"line_total", "Total of the line", "",
                           "linetotal lineamount itemtotal linevalue subtotal extendedprice "
                           "zeilensumme positionssumme gesamtpreis positionsbetrag"},
    [COLUMN_TOTAL] =
        {"total", "Total of the order", "Without it, the sum of the lines.",
         "total ordertotal grandtotal totalamount totalprice ordervalue revenue value amount "
         "gesamt gesamtsumme gesamtbetrag summe rechnungsbetrag bestellwert umsatz "
         "betrag"},
    [COLUMN_TAX] = {"tax", "Tax", "", "tax taxes taxtotal vat totaltax steuer mwst"},
    [COLUMN_SHIPPING] = {"shipping", "Shipping", "",
                         "shipping shippingtotal shippingcost versand versandkosten"},
    [COLUMN_DISCOUNT] = {"discount", "Discount", "",
                         "discount discountamount discounttotal rabatt rabattbetrag"},
    [COLUMN_COUPON] = {"coupon", "Coupon", "",
                       "coupon couponcode discountcode coupons voucher gutschein gutscheincode"},
    [COLUMN_CURRENCY] = {"currency", "Currency", "ISO 4217, such as EUR.",
                         "currency currencycode ordercurrency währung waehrung"},
    [COLUMN_STATUS] = {"status", "Status", "Cancelled, failed, refunded …",
                       "status orderstatus state financialstatus bestellstatus zustand"},
    [COLUMN_CANCELLED_AT] = {"cancelled_at", "Cancelled on", "",
                             "cancelledat canceledat cancelleddate storniertam stornodatum"},
    [COLUMN_REFUNDED] = {"refunded", "Refunded amount", "",
                         "refunded refundedamount refundedtotal refund refundamount erstattet "
                         "erstattung erstattungsbetrag"},
    [COLUMN_URL] = {"url", "Link", "", "url link producturl permalink"},
    [COLUMN_IMAGE] = {"image_url", "Image", "", "image imageurl images imagesrc bild bildurl"},
    [COLUMN_STOCK] = {"stock", "Stock", "",
                      "stock inventory inventoryquantity stockquantity bestand lagerbestand"},
    [COLUMN_EVENT] = {"event", "Event", "Its name, such as Product Viewed.",
                      "event eventname name action ereignis"},
    [COLUMN_ANONYMOUS] = {"anonymous_id", "Visitor", "", "anonymousid visitorid deviceid cookieid"},
    [COLUMN_MESSAGE] = {"message_id", "Message id", "The same id never counts twice.",
                        "messageid eventid uuid insertid"},
    [COLUMN_PROPERTIES] = {"properties", "Properties", "A JSON object.",
                           "properties props payload data attributes"},
    [COLUMN_RATE] = {"rate", "Rate", "What one unit is worth in the business's currency.",
                     "rate exchangerate fxrate kurs wechselkurs"},
    [COLUMN_ITEMS] = {"items", "Lines in one cell",
                      "Such as name:Tea|sku:T1|quantity:2|total:20.00, a \";\" between lines.", ""},
    [COLUMN_HANDLE] = {"handle", "Product of several rows",
                       "Rows with the same value are one product; its key where it has no number.",
                       "handle urlhandle parentsku"},
    [COLUMN_TOPIC] = {"topic", "Topic", "What they may be written to about; none: newsletter.",
                      "topic list listname newslettername thema liste"},
    [COLUMN_REASON] = {"reason", "Reason", "Unsubscribed, bounced, complaint, cleaned …",
                       "reason suppressionreason bouncetype grund sperrgrund abmeldegrund type"},
    [COLUMN_PROOF] = {"proof", "Proof", "Where the permission can be seen: IP address, form, page.",
                      "proof consentproof optinip confirmip optinsource formurl nachweis quelle"},
};

#define WHO                                                                                        \
    (BIT(COLUMN_CUSTOMER) | BIT(COLUMN_EMAIL) | BIT(COLUMN_PHONE) | BIT(COLUMN_NAME) |             \
     BIT(COLUMN_FIRST_NAME) | BIT(COLUMN_LAST_NAME) | BIT(COLUMN_COUNTRY))

static const struct {
    const char *name;
    uint64_t used, required;
} kinds[IMPORT_KINDS] = {
    [IMPORT_AUTO] = {"auto", 0, 0},
    [IMPORT_ORDERS] = {"orders",
                       WHO | BIT(COLUMN_ORDER) | BIT(COLUMN_NUMBER) | BIT(COLUMN_DATE) |
                           BIT(COLUMN_PRODUCT) | BIT(COLUMN_ITEM) | BIT(COLUMN_CATEGORY) |
                           BIT(COLUMN_QUANTITY) | BIT(COLUMN_PRICE) | BIT(COLUMN_LINE_TOTAL) |
                           BIT(COLUMN_TOTAL) | BIT(COLUMN_TAX) | BIT(COLUMN_SHIPPING) |
                           BIT(COLUMN_DISCOUNT) | BIT(COLUMN_COUPON) | BIT(COLUMN_CURRENCY) |
                           BIT(COLUMN_STATUS) | BIT(COLUMN_CANCELLED_AT) | BIT(COLUMN_REFUNDED) |
                           BIT(COLUMN_ITEMS),
                       BIT(COLUMN_ORDER) | BIT(COLUMN_DATE)},
    [IMPORT_CUSTOMERS] = {"customers",
                          WHO | BIT(COLUMN_CITY) | BIT(COLUMN_ZIP) | BIT(COLUMN_COMPANY) |
                              BIT(COLUMN_BIRTHDAY) | BIT(COLUMN_LANGUAGE) | BIT(COLUMN_DATE) |
                              BIT(COLUMN_ACCEPTS_EMAIL) | BIT(COLUMN_ACCEPTS_SMS) |
                              BIT(COLUMN_TAGS) | BIT(COLUMN_NOTE),
                          0},
    [IMPORT_PRODUCTS] = {"products",
                         BIT(COLUMN_PRODUCT) | BIT(COLUMN_ITEM) | BIT(COLUMN_VARIANT) |
                             BIT(COLUMN_CATEGORY) | BIT(COLUMN_PRICE) | BIT(COLUMN_CURRENCY) |
                             BIT(COLUMN_URL) | BIT(COLUMN_IMAGE) | BIT(COLUMN_STOCK) |
                             BIT(COLUMN_HANDLE),
                         BIT(COLUMN_ITEM)},
    [IMPORT_EVENTS] = {"events",
                       BIT(COLUMN_EVENT) | BIT(COLUMN_DATE) | BIT(COLUMN_CUSTOMER) |
                           BIT(COLUMN_ANONYMOUS) | BIT(COLUMN_EMAIL) | BIT(COLUMN_PHONE) |
                           BIT(COLUMN_MESSAGE) | BIT(COLUMN_PROPERTIES),
                       BIT(COLUMN_EVENT) | BIT(COLUMN_DATE)},
    [IMPORT_RATES] = {"rates", BIT(COLUMN_CURRENCY) | BIT(COLUMN_DATE) | BIT(COLUMN_RATE),
                      BIT(COLUMN_CURRENCY) | BIT(COLUMN_DATE) | BIT(COLUMN_RATE)},
    [IMPORT_CONSENTS] = {"consents",
                         WHO | BIT(COLUMN_DATE) | BIT(COLUMN_LANGUAGE) | BIT(COLUMN_STATUS) |
                             BIT(COLUMN_ACCEPTS_EMAIL) | BIT(COLUMN_ACCEPTS_SMS) |
                             BIT(COLUMN_TOPIC) | BIT(COLUMN_PROOF),
                         0},
    [IMPORT_SUPPRESSIONS] = {"suppressions",
                             BIT(COLUMN_EMAIL) | BIT(COLUMN_PHONE) | BIT(COLUMN_DATE) |
                                 BIT(COLUMN_STATUS) | BIT(COLUMN_REASON),
                             0},
};

static const char *const format_names[IMPORT_FORMATS] = {
    "auto", "generic", "shopify", "woocommerce", "mailchimp", "klaviyo", "brevo", "listmonk"};

/* The headers are those on the page named; nothing else is recognised as that vendor's. */
static const ImportVendor vendors[] = {
    {FORMAT_SHOPIFY,
     IMPORT_ORDERS,
     "https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders",
     "Name|Email|Financial Status|Created at|Lineitem quantity|Lineitem price",
     NULL,
     {{COLUMN_ORDER, "Name"},
      {COLUMN_NUMBER, "Name"},
      {COLUMN_DATE, "Created at"},
      {COLUMN_EMAIL, "Email"},
      {COLUMN_PHONE, "Phone"},
      {COLUMN_NAME, "Billing Name"},
      {COLUMN_COUNTRY, "Billing Country"},
      {COLUMN_PRODUCT, "Lineitem sku"},
      {COLUMN_ITEM, "Lineitem name"},
      {COLUMN_QUANTITY, "Lineitem quantity"},
      {COLUMN_PRICE, "Lineitem price"},
      {COLUMN_TOTAL, "Total"},
      {COLUMN_TAX, "Taxes"},
      {COLUMN_SHIPPING, "Shipping"},
      {COLUMN_DISCOUNT, "Discount Amount"},
      {COLUMN_COUPON, "Discount Code"},
      {COLUMN_CURRENCY, "Currency"},
      {COLUMN_STATUS, "Financial Status"},
      {COLUMN_CANCELLED_AT, "Cancelled at"},
      {COLUMN_REFUNDED, "Refunded Amount"}}},
    {FORMAT_SHOPIFY,
     IMPORT_CUSTOMERS,
     "https://help.shopify.com/en/manual/customers/import-export-customers",
     "First Name|Last Name|Email|Accepts Email Marketing|Address1|Country Code",
     NULL,
     {{COLUMN_FIRST_NAME, "First Name"},
      {COLUMN_LAST_NAME, "Last Name"},
      {COLUMN_EMAIL, "Email"},
      {COLUMN_PHONE, "Phone"},
      {COLUMN_COUNTRY, "Country Code"},
      {COLUMN_CITY, "City"},
      {COLUMN_ZIP, "Zip"},
      {COLUMN_COMPANY, "Company"},
      {COLUMN_ACCEPTS_EMAIL, "Accepts Email Marketing"},
      {COLUMN_ACCEPTS_SMS, "Accepts SMS Marketing"},
      {COLUMN_NOTE, "Note"},
      {COLUMN_TAGS, "Tags"}}},
    {FORMAT_SHOPIFY,
     IMPORT_CUSTOMERS,
     "https://help.shopify.com/en/manual/customers/import-export-customers",
     "First Name|Last Name|Email|Accepts Email Marketing",
     NULL,
     {{COLUMN_CUSTOMER, "Customer ID"},
      {COLUMN_FIRST_NAME, "First Name"},
      {COLUMN_LAST_NAME, "Last Name"},
      {COLUMN_EMAIL, "Email"},
      {COLUMN_PHONE, "Phone"},
      {COLUMN_COUNTRY, "Default Address Country Code"},
      {COLUMN_CITY, "Default Address City"},
      {COLUMN_ZIP, "Default Address Zip"},
      {COLUMN_COMPANY, "Default Address Company"},
      {COLUMN_ACCEPTS_EMAIL, "Accepts Email Marketing"},
      {COLUMN_ACCEPTS_SMS, "Accepts SMS Marketing"},
      {COLUMN_NOTE, "Note"},
      {COLUMN_TAGS, "Tags"}}},
    {FORMAT_SHOPIFY,
     IMPORT_PRODUCTS,
     "https://help.shopify.com/en/manual/products/import-export/using-csv",
     "Handle|Title|Body (HTML)|Variant SKU|Variant Price",
     NULL,
     {{COLUMN_PRODUCT, "Variant SKU"},
      {COLUMN_ITEM, "Title"},
      {COLUMN_VARIANT, "Option1 Value"},
      {COLUMN_CATEGORY, "Type"},
      {COLUMN_PRICE, "Variant Price"},
      {COLUMN_IMAGE, "Image Src"},
      {COLUMN_STOCK, "Variant Inventory Qty"},
      {COLUMN_HANDLE, "Handle"}}},
    {FORMAT_SHOPIFY,
     IMPORT_PRODUCTS,
     "https://help.shopify.com/en/manual/products/import-export/using-csv",
     "Title|URL handle|SKU|Price",
     NULL,
     {{COLUMN_PRODUCT, "SKU"},
      {COLUMN_ITEM, "Title"},
      {COLUMN_VARIANT, "Option1 value"},
      {COLUMN_CATEGORY, "Type"},
      {COLUMN_PRICE, "Price"},
      {COLUMN_IMAGE, "Product image URL"},
      {COLUMN_STOCK, "Inventory quantity"},
      {COLUMN_HANDLE, "URL handle"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_ORDERS,
     "https://woocommerce.com/document/ordercustomer-csv-export/",
     "order_id|date|status|order_total|order_currency|billing_email",
     NULL,
     {{COLUMN_ORDER, "order_id"},
      {COLUMN_NUMBER, "order_number"},
      {COLUMN_DATE, "date"},
      {COLUMN_CUSTOMER, "customer_id"},
      {COLUMN_EMAIL, "billing_email"},
      {COLUMN_PHONE, "billing_phone"},
      {COLUMN_FIRST_NAME, "billing_first_name"},
      {COLUMN_LAST_NAME, "billing_last_name"},
      {COLUMN_COUNTRY, "billing_country"},
      {COLUMN_PRODUCT, "item_sku"},
      {COLUMN_ITEM, "item_name"},
      {COLUMN_QUANTITY, "item_quantity"},
      {COLUMN_LINE_TOTAL, "item_total"},
      {COLUMN_ITEMS, "line_items"},
      {COLUMN_COUPON, "coupon_items"},
      {COLUMN_TOTAL, "order_total"},
      {COLUMN_TAX, "tax_total"},
      {COLUMN_SHIPPING, "shipping_total"},
      {COLUMN_DISCOUNT, "discount_total"},
      {COLUMN_CURRENCY, "order_currency"},
      {COLUMN_STATUS, "status"},
      {COLUMN_REFUNDED, "refunded_total"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_ORDERS,
     "https://woocommerce.com/document/import-and-export-of-woocommerce-orders/",
     "order_id|order_number|order_date|status|order_total|order_currency|billing_email",
     NULL,
     {{COLUMN_ORDER, "order_id"},
      {COLUMN_NUMBER, "order_number"},
      {COLUMN_DATE, "order_date"},
      {COLUMN_CUSTOMER, "customer_id"},
      {COLUMN_EMAIL, "billing_email"},
      {COLUMN_PHONE, "billing_phone"},
      {COLUMN_FIRST_NAME, "billing_first_name"},
      {COLUMN_LAST_NAME, "billing_last_name"},
      {COLUMN_COUNTRY, "billing_country"},
      {COLUMN_TOTAL, "order_total"},
      {COLUMN_TAX, "tax_total"},
      {COLUMN_SHIPPING, "shipping_total"},
      {COLUMN_DISCOUNT, "discount_total"},
      {COLUMN_CURRENCY, "order_currency"},
      {COLUMN_STATUS, "status"},
      {COLUMN_ITEMS, "line_item_1"},
      {COLUMN_COUPON, "coupon_items"},
      {COLUMN_REFUNDED, "refund_items"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_CUSTOMERS,
     "https://woocommerce.com/document/import-and-export-of-woocommerce-users/",
     "ID|customer_id|user_login|user_email|user_registered|first_name|last_name",
     NULL,
     {{COLUMN_CUSTOMER, "customer_id"},
      {COLUMN_FIRST_NAME, "first_name"},
      {COLUMN_LAST_NAME, "last_name"},
      {COLUMN_EMAIL, "user_email"},
      {COLUMN_DATE, "user_registered"},
      {COLUMN_PHONE, "billing_phone"},
      {COLUMN_COUNTRY, "billing_country"},
      {COLUMN_CITY, "billing_city"},
      {COLUMN_ZIP, "billing_postcode"},
      {COLUMN_COMPANY, "billing_company"},
      {COLUMN_LANGUAGE, "locale"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_CUSTOMERS,
     "https://woocommerce.com/document/ordercustomer-csv-export/",
     "customer_id|first_name|last_name|email|date_registered",
     NULL,
     {{COLUMN_CUSTOMER, "customer_id"},
      {COLUMN_FIRST_NAME, "first_name"},
      {COLUMN_LAST_NAME, "last_name"},
      {COLUMN_EMAIL, "email"},
      {COLUMN_DATE, "date_registered"},
      {COLUMN_PHONE, "billing_phone"},
      {COLUMN_COUNTRY, "billing_country"},
      {COLUMN_CITY, "billing_city"},
      {COLUMN_ZIP, "billing_postcode"},
      {COLUMN_COMPANY, "billing_company"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_CUSTOMERS,
     "https://github.com/woocommerce/woocommerce/blob/trunk/plugins/woocommerce/src/Admin/API/"
     "Reports/Customers/Controller.php",
     "Name|Username|Last Active|Sign Up|Email|Orders|Total Spend",
     NULL,
     {{COLUMN_NAME, "Name"},
      {COLUMN_EMAIL, "Email"},
      {COLUMN_DATE, "Sign Up"},
      {COLUMN_COUNTRY, "Country / Region"},
      {COLUMN_CITY, "City"},
      {COLUMN_ZIP, "Postal Code"}}},
    {FORMAT_WOOCOMMERCE,
     IMPORT_PRODUCTS,
     "https://github.com/woocommerce/woocommerce/wiki/Product-CSV-Import-Schema",
     "ID|Type|SKU|Name|Published|Regular price|Categories",
     NULL,
     {{COLUMN_PRODUCT, "SKU"},
      {COLUMN_ITEM, "Name"},
      {COLUMN_CATEGORY, "Categories"},
      {COLUMN_PRICE, "Regular price"},
      {COLUMN_IMAGE, "Images"},
      {COLUMN_STOCK, "Stock"},
      {COLUMN_HANDLE, "ID"}}},
    /* The three files of one audience; those that left and those that were cleaned have a column of
     * their own, so they come first. */
    {FORMAT_MAILCHIMP,
     IMPORT_SUPPRESSIONS,
     "https://mailchimp.com/help/view-export-contacts/",
     "Email Address|UNSUB_TIME|LEID|EUID",
     "unsubscribed",
     {{COLUMN_EMAIL, "Email Address"}, {COLUMN_DATE, "UNSUB_TIME"}}},
    {FORMAT_MAILCHIMP,
     IMPORT_SUPPRESSIONS,
     "https://mailchimp.com/help/view-export-contacts/",
     "Email Address|CLEAN_TIME|LEID|EUID",
     "cleaned",
     {{COLUMN_EMAIL, "Email Address"}, {COLUMN_DATE, "CLEAN_TIME"}}},
    {FORMAT_MAILCHIMP,
     IMPORT_CONSENTS,
     "https://mailchimp.com/help/view-export-contacts/",
     "Email Address|MEMBER_RATING|OPTIN_TIME|LEID|EUID",
     "subscribed",
     {{COLUMN_EMAIL, "Email Address"},
      {COLUMN_FIRST_NAME, "First Name"},
      {COLUMN_LAST_NAME, "Last Name"},
      {COLUMN_PHONE, "Phone Number"},
      {COLUMN_COUNTRY, "CC"},
      {COLUMN_DATE, "CONFIRM_TIME"},
      {COLUMN_PROOF, "CONFIRM_IP"}}},
    /* The same export as of orders, for those who ask it only who agreed at the checkout. */
    {FORMAT_SHOPIFY,
     IMPORT_CONSENTS,
     "https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders",
     "Name|Email|Financial Status|Accepts Marketing|Created at|Lineitem quantity",
     NULL,
     {{COLUMN_EMAIL, "Email"},
      {COLUMN_PHONE, "Phone"},
      {COLUMN_NAME, "Billing Name"},
      {COLUMN_COUNTRY, "Billing Country"},
      {COLUMN_DATE, "Created at"},
      {COLUMN_ACCEPTS_EMAIL, "Accepts Marketing"}}},
    {FORMAT_KLAVIYO,
     IMPORT_CONSENTS,
     "https://help.klaviyo.com/hc/en-us/articles/360043841811",
     "Email|Email Marketing Consent",
     NULL,
     {{COLUMN_EMAIL, "Email"},
      {COLUMN_FIRST_NAME, "First Name"},
      {COLUMN_LAST_NAME, "Last Name"},
      {COLUMN_PHONE, "Phone Number"},
      {COLUMN_COUNTRY, "Country"},
      {COLUMN_ACCEPTS_EMAIL, "Email Marketing Consent"},
      {COLUMN_ACCEPTS_SMS, "SMS Marketing Consent"},
      {COLUMN_DATE, "Email Marketing Consent Timestamp"},
      {COLUMN_PROOF, "Source"}}},
    {FORMAT_BREVO,
     IMPORT_CONSENTS,
     "https://developers.brevo.com/reference/request-contact-export",
     "EMAIL|ADDED_TIME|MODIFIED_TIME",
     NULL,
     {{COLUMN_EMAIL, "EMAIL"},
      {COLUMN_FIRST_NAME, "FIRSTNAME"},
      {COLUMN_LAST_NAME, "LASTNAME"},
      {COLUMN_PHONE, "SMS"},
      {COLUMN_ACCEPTS_EMAIL, "email_marketing"},
      {COLUMN_ACCEPTS_SMS, "sms_marketing"},
      {COLUMN_DATE, "MODIFIED_TIME"}}},
    {FORMAT_LISTMONK,
     IMPORT_CONSENTS,
     "https://github.com/knadh/listmonk/blob/master/cmd/subscribers.go",
     "uuid|email|name|attributes|status|created_at|updated_at",
     NULL,
     {{COLUMN_EMAIL, "email"},
      {COLUMN_NAME, "name"},
      {COLUMN_STATUS, "status"},
      {COLUMN_DATE, "updated_at"}}},
};

const ImportField *import_field(ImportFieldId id) { return &fields[id]; }

int import_field_find(const char *name)
{
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (strcmp(fields[i].name, name) == 0) return i;
    return -1;
}

bool import_field_used(ImportKind kind, ImportFieldId id) { return kinds[kind].used >> id & 1; }

bool import_field_required(ImportKind kind, ImportFieldId id)
{
    return kinds[kind].required >> id & 1;
}

const char *import_kind_name(ImportKind kind) { return kinds[kind].name; }

bool import_kind_find(const char *name, ImportKind *ret_kind)
{
    for (ImportKind i = 0; i < IMPORT_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0) return *ret_kind = i, true;
    return false;
}

const char *import_format_name(ImportFormat format) { return format_names[format]; }

bool import_format_find(const char *name, ImportFormat *ret_format)
{
    for (ImportFormat i = 0; i < IMPORT_FORMATS; i++)
        if (strcmp(format_names[i], name) == 0) return *ret_format = i, true;
    return false;
}

char *import_header_key(Slice header)
{
    g_autofree char *folded = text_fold(text_trim(header));
    GString *key = g_string_new(NULL);
    for (const char *at = folded; *at; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);
        if (g_unichar_isalnum(character)) g_string_append_unichar(key, character);
    }
    return g_string_free(key, FALSE);
}

/* Place of a header by its exact name but for case and white space around it; -1 = none. */
static int header_find(char *const *headers, size_t count, Slice name)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal_ascii_case(text_trim(slice_of(headers[i])), name)) return (int)i;
    return -1;
}

static bool signature_fits(const char *signature, char *const *headers, size_t count)
{
    for (const char *at = signature; *at;) {
        size_t size = strcspn(at, "|");
        if (header_find(headers, count, (Slice){at, size}) < 0) return false;
        at += size + (at[size] == '|');
    }
    return true;
}

const ImportVendor *import_vendor_find(char *const *headers, size_t count, ImportKind kind,
                                       ImportFormat format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(vendors); i++) {
        bool kind_fits = kind == IMPORT_AUTO || kind == vendors[i].kind;
        bool format_fits = format == FORMAT_AUTO || format == vendors[i].format;
        if (kind_fits && format_fits && signature_fits(vendors[i].signature, headers, count))
            return &vendors[i];
    }
    return NULL;
}

void import_vendor_columns(const ImportVendor *vendor, char *const *headers, size_t count,
                           int ret_columns[IMPORT_FIELDS_MAX])
{
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        ret_columns[i] = -1;
    for (size_t i = 0; i < G_N_ELEMENTS(vendor->columns) && vendor->columns[i].column; i++)
        ret_columns[vendor->columns[i].field] =
            header_find(headers, count, slice_of(vendor->columns[i].column));
}

/* Place of `key` among the aliases, 0 = first; -1 = not there. */
static int alias_rank(const char *aliases, const char *key)
{
    int rank = 0;
    size_t size = strlen(key);
    for (const char *at = aliases; *at; rank++) {
        size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, key, size) == 0) return rank;
        at += length + (at[length] == ' ');
    }
    return -1;
}

typedef struct HeaderKeys {
    char **keys; /* NULL-terminated, in order of the columns */
    bool *taken;
    size_t count;
} HeaderKeys;

/* The free column that bears the best name for a field; -1 = none. */
static int column_guess(const HeaderKeys *keys, ImportFieldId field)
{
    int best = -1, best_rank = INT_MAX;
    for (size_t i = 0; i < keys->count; i++) {
        int rank = keys->taken[i] ? -1 : alias_rank(fields[field].aliases, keys->keys[i]);
        if (rank < 0 || rank >= best_rank) continue;
        best = (int)i;
        best_rank = rank;
    }
    return best;
}

/* The state of an order says nothing about permission. */
static void status_of_orders_drop(ImportKind kind, const HeaderKeys *keys,
                                  int columns[IMPORT_FIELDS_MAX])
{
    static const char *const order_states[] = {"orderstatus", "financialstatus", "bestellstatus"};
    bool list = kind == IMPORT_CONSENTS || kind == IMPORT_SUPPRESSIONS;
    int column = columns[COLUMN_STATUS];
    for (size_t i = 0; list && column >= 0 && i < G_N_ELEMENTS(order_states); i++)
        if (strcmp(keys->keys[column], order_states[i]) == 0) columns[COLUMN_STATUS] = -1;
}

void import_columns_guess(ImportKind kind, char *const *headers, size_t count,
                          int ret_columns[IMPORT_FIELDS_MAX])
{
    HeaderKeys keys = {g_new0(char *, count + 1), g_new0(bool, count + 1), count};
    for (size_t i = 0; i < count; i++)
        keys.keys[i] = import_header_key(slice_of(headers[i]));
    for (int field = 0; field < IMPORT_FIELDS_MAX; field++) {
        bool used = import_field_used(kind, (ImportFieldId)field);
        ret_columns[field] = used ? column_guess(&keys, (ImportFieldId)field) : -1;
        if (ret_columns[field] >= 0) keys.taken[ret_columns[field]] = true;
    }
    status_of_orders_drop(kind, &keys, ret_columns);
    g_strfreev(keys.keys);
    g_free(keys.taken);
}

static bool has_any(const int columns[IMPORT_FIELDS_MAX], uint64_t set)
{
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (columns[i] >= 0 && (set >> i & 1)) return true;
    return false;
}

/* What a kind needs beyond its required fields to be told from the others. */
static bool kind_fits(ImportKind kind, char *const *headers, size_t count)
{
    int columns[IMPORT_FIELDS_MAX];
    import_columns_guess(kind, headers, count, columns);
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (import_field_required(kind, (ImportFieldId)i) && columns[i] < 0) return false;
    uint64_t amount = BIT(COLUMN_PRICE) | BIT(COLUMN_TOTAL) | BIT(COLUMN_LINE_TOTAL);
    uint64_t person = BIT(COLUMN_EMAIL) | BIT(COLUMN_CUSTOMER) | BIT(COLUMN_PHONE);
    if (kind == IMPORT_ORDERS) return has_any(columns, amount);
    if (kind == IMPORT_CUSTOMERS) return has_any(columns, person);
    if (kind == IMPORT_PRODUCTS) return has_any(columns, BIT(COLUMN_PRODUCT) | BIT(COLUMN_PRICE));
    return true;
}

ImportKind import_kind_guess(char *const *headers, size_t count)
{
    static const ImportKind order[] = {IMPORT_RATES, IMPORT_ORDERS, IMPORT_EVENTS, IMPORT_CUSTOMERS,
                                       IMPORT_PRODUCTS};
    for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
        if (kind_fits(order[i], headers, count)) return order[i];
    return IMPORT_AUTO;
}
