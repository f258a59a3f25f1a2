/* timeline/import_fields.h: what a column of an import can mean, and whose export a file is.
 *
 * Three const tables: the fields of each kind of import (with the names under which columns turn
 * up in the wild, English and German), and the exports of vendors, recognised by the headers that
 * those vendors document. Pure.
 *
 *     int columns[IMPORT_FIELDS_MAX];
 *     const ImportVendor *vendor = import_vendor_find(headers, count, kind);
 *     if (!vendor) import_columns_guess(kind, headers, count, columns);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

typedef enum ImportKind {
    IMPORT_AUTO, /* to be found out */
    IMPORT_ORDERS,
    IMPORT_CUSTOMERS,
    IMPORT_PRODUCTS,
    IMPORT_EVENTS,
    IMPORT_RATES,
    IMPORT_CONSENTS,     /* a list that says who may be written to */
    IMPORT_SUPPRESSIONS, /* addresses that are never to be written to */
    IMPORT_KINDS
} ImportKind;

typedef enum ImportFormat {
    FORMAT_AUTO,
    FORMAT_GENERIC,
    FORMAT_SHOPIFY,
    FORMAT_WOOCOMMERCE,
    FORMAT_MAILCHIMP,
    FORMAT_KLAVIYO,
    FORMAT_BREVO,
    FORMAT_LISTMONK,
    IMPORT_FORMATS
} ImportFormat;

/* Every field of every kind; a kind uses some of them. */
typedef enum ImportFieldId {
    COLUMN_ORDER,
    COLUMN_NUMBER,
    COLUMN_DATE,
    COLUMN_CUSTOMER,
    COLUMN_EMAIL,
    COLUMN_PHONE,
    COLUMN_NAME,
    COLUMN_FIRST_NAME,
    COLUMN_LAST_NAME,
    COLUMN_COUNTRY,
    COLUMN_CITY,
    COLUMN_ZIP,
    COLUMN_COMPANY,
    COLUMN_BIRTHDAY,
    COLUMN_LANGUAGE,
    COLUMN_ACCEPTS_EMAIL,
    COLUMN_ACCEPTS_SMS,
    COLUMN_TAGS,
    COLUMN_NOTE,
    COLUMN_PRODUCT,
    COLUMN_ITEM,
    COLUMN_CATEGORY,
    COLUMN_VARIANT,
    COLUMN_QUANTITY,
    COLUMN_PRICE,
    COLUMN_LINE_TOTAL,
    COLUMN_TOTAL,
    COLUMN_TAX,
    COLUMN_SHIPPING,
    COLUMN_DISCOUNT,
    COLUMN_COUPON,
    COLUMN_CURRENCY,
    COLUMN_STATUS,
    COLUMN_CANCELLED_AT,
    COLUMN_REFUNDED,
    COLUMN_URL,
    COLUMN_IMAGE,
    COLUMN_STOCK,
    COLUMN_EVENT,
    COLUMN_ANONYMOUS,
    COLUMN_MESSAGE,
    COLUMN_PROPERTIES,
    COLUMN_RATE,
    COLUMN_ITEMS,
    COLUMN_HANDLE,
    COLUMN_TOPIC,
    COLUMN_REASON,
    COLUMN_PROOF,
    IMPORT_FIELDS_MAX
} ImportFieldId;

typedef struct ImportField {
    const char *name;    /* as in --map and JSON: "order", "customer_id" */
    const char *label;   /* as people say it, English; the UI translates by name */
    const char *doc;     /* one sentence */
    const char *aliases; /* folded column names without blanks and signs, a space between */
} ImportField;

/* The field itself; `id` below IMPORT_FIELDS_MAX. */
const ImportField *import_field(ImportFieldId id);

/* The field of this name, or -1. */
int import_field_find(const char *name);

/* Whether the kind knows the field, and whether it cannot do without. */
bool import_field_used(ImportKind kind, ImportFieldId id);
bool import_field_required(ImportKind kind, ImportFieldId id);

/* "orders", "shopify" …; and back, false when unknown. */
const char *import_kind_name(ImportKind kind);
bool import_kind_find(const char *name, ImportKind *ret_kind);
const char *import_format_name(ImportFormat format);
bool import_format_find(const char *name, ImportFormat *ret_format);

/* One documented export of a vendor. */
typedef struct ImportVendor {
    ImportFormat format;
    ImportKind kind;
    const char *source;    /* the page that documents the header */
    const char *signature; /* columns that must all be there, "|" between */
    const char *says;      /* of a list: what each row says that has no word of its own; or NULL */
    struct {
        ImportFieldId field;
        const char *column; /* header as documented */
    } columns[28];          /* ends with a NULL column */
} ImportVendor;

/* The vendor export that this header is; `kind` IMPORT_AUTO = any. NULL: nobody's we know. */
const ImportVendor *import_vendor_find(char *const *headers, size_t count, ImportKind kind,
                                       ImportFormat format);

/* Column of each field by the vendor's names; -1 = not in this file. */
void import_vendor_columns(const ImportVendor *vendor, char *const *headers, size_t count,
                           int ret_columns[IMPORT_FIELDS_MAX]);

/* Column of each field as far as the names tell; -1 = not found. No column is used twice. */
void import_columns_guess(ImportKind kind, char *const *headers, size_t count,
                          int ret_columns[IMPORT_FIELDS_MAX]);

/* The kind whose required fields the header has; IMPORT_AUTO when none fits. */
ImportKind import_kind_guess(char *const *headers, size_t count);

/* A column name as it is compared: folded, letters and digits only. The caller frees. */
char *import_header_key(Slice header);
