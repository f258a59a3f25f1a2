/* timeline/import_plan.h: how a file is going to be read: what was found out and what was said.
 *
 * A plan is made from the first lines of a file and from what the user fixed (ImportOptions);
 * everything that was guessed is in it and can be shown, changed and stored. Nothing is guessed
 * later: the same plan reads the same file the same way, also after a crash.
 *
 *     ImportOptions options = IMPORT_OPTIONS_NONE;
 *     g_autoptr(ImportPlan) plan = import_plan_new(path, &options, error);
 *     if (!plan || !import_plan_check(plan, error)) return false;
 */
#pragma once
#include <jansson.h>

#include "base/csv.h"
#include "base/dates.h"
#include "base/money.h"
#include "base/zones.h"
#include "timeline/import_fields.h"

enum {
    IMPORT_SAMPLE_ROWS = 500, /* read to guess from */
    IMPORT_SHOWN_SAMPLES = 4, /* per column, for people */
    IMPORT_SHOP_BYTES_MAX = 100,
};

/* What is fixed by whoever imports; the rest is guessed. */
typedef struct ImportOptions {
    ImportKind kind;
    ImportFormat format;
    json_t *mapping;   /* field name -> column name or null; NULL = nothing fixed. Borrowed */
    bool mapping_only; /* the mapping is complete: do not guess further columns */
    char currency[CURRENCY_SIZE];   /* "" = not said */
    char zone[64];                  /* "" = not said */
    char delimiter;                 /* 0 = sniffed */
    int date_order;                 /* DateOrder, or -1 */
    int decimal;                    /* DecimalStyle, or -1 */
    bool date_fixed, decimal_fixed; /* a person said so; else an earlier guess */
    const char *file_name;          /* as people know it; NULL = of the path. Borrowed */
    char says[16];                  /* of a list: what a row without a word says; "" = not said */
    bool not_suppressions;          /* a person said: these may be written to, however it looks */
    char shop[IMPORT_SHOP_BYTES_MAX + 1]; /* "" = the default shop */
} ImportOptions;

#define IMPORT_OPTIONS_NONE                                                                        \
    {                                                                                              \
        .date_order = -1, .decimal = -1                                                            \
    }

typedef struct ImportPlan {
    ImportKind kind;
    ImportFormat format;
    const ImportVendor *vendor; /* NULL = generic */
    CsvFormat csv;
    char **headers; /* NULL-terminated */
    size_t column_count;
    GPtrArray *rows;                /* of char**, the first IMPORT_SAMPLE_ROWS data rows */
    int columns[IMPORT_FIELDS_MAX]; /* -1 = none */
    DateOrder date_order;
    DecimalStyle decimal;
    bool date_certain, decimal_certain; /* no other reading fits, or a person said so */
    bool date_fixed, decimal_fixed;     /* a person said so */
    char currency[CURRENCY_SIZE];       /* where a row says none; "" = not known */
    char zone_name[64];                 /* "" = not known */
    const Zone *zone;                   /* UTC while not known */
    bool c_means_refund;                /* keys such as C536379 are refunds */
    int items_columns;   /* columns from COLUMN_ITEMS on that hold lines: line_item_1, _2, … */
    bool items_numbered; /* one line in each, so nothing in it separates lines */
    char shop[IMPORT_SHOP_BYTES_MAX + 1];
    char says[16];          /* as in ImportOptions, or what the vendor's file is */
    bool not_suppressions;  /* as in ImportOptions */
    char *suppression_hint; /* why it looks like addresses never to write to; NULL = it does not */
} ImportPlan;

/* Reads the beginning of the file. Errors: as csv_sniff_file, csv_next; INVALID (unknown column in
 * the mapping, unknown zone or currency, only a header, nothing recognised). */
ImportPlan *import_plan_new(const char *path, const ImportOptions *options, GError **error);
void import_plan_free(ImportPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportPlan, import_plan_free)

/* Whether it can be run: required fields, zone, currency. INVALID naming all that is missing. */
bool import_plan_check(const ImportPlan *plan, GError **error);

/* {"order": "InvoiceNo", …}: all fields of the kind, null where no column. New reference. */
json_t *import_plan_mapping(const ImportPlan *plan);

/* {"delimiter", "encoding", "bom", "newline", "date_order", "decimal_comma", "zone", "currency",
 *  "date_certain", "decimal_certain", "c_means_refund", "shop"}. New reference. */
json_t *import_plan_assumed(const ImportPlan *plan);

/* [{"name", "samples": […], "field": name or null}]. New reference. */
json_t *import_plan_columns(const ImportPlan *plan);

/* Hash of kind and header, under which a mapping is kept for the next file. */
void import_plan_header_hash(const ImportPlan *plan, uint8_t ret_hash[16]);

/* Reads options that import_plan_mapping and import_plan_assumed wrote, or a user's changes
 * (unknown members are ignored). `ret_options` keeps a borrowed reference to the mapping. */
bool import_options_load(const json_t *mapping, const json_t *assumed, ImportOptions *ret_options,
                         GError **error);
