#include "measure/facts_load.h"

#include "base/ids.h"

#include "measure/measure_sql.h"

#include <string.h>

/* A scan under way: what it fills and where it stands. */
typedef struct Scan {
    const FactsSource *source;
    FactsBuilder *builder;
    GHashTable *left_out;  /* order ids that do not count: their refunds do not either */
    int64_t person_id, id; /* key of the last row read */
    uint32_t rows;         /* of this chunk */
} Scan;

typedef bool (*ScanChunk)(Scan *scan, Db *db, GError **error);

static int64_t scan_person(const Scan *scan, int64_t stem)
{
    int64_t person = stem == 0 ? 0 : scan->source->person(scan->source->data, stem);
    return person > 0 ? person : FACTS_NOBODY;
}

static void scan_order(Scan *scan, const FactsOrdersRow *row)
{
    if (!row->confirmed || strcmp(row->state, "placed") != 0) {
        int64_t *id = g_new(int64_t, 1);
        *id = row->order_id;
        g_hash_table_add(scan->left_out, id);
        return;
    }
    int64_t revenue = row->base_revenue.set ? row->base_revenue.value : FACTS_UNKNOWN;
    FactsOrder order = {.person = scan_person(scan, row->person_id),
                        .order_id = row->order_id,
                        .at = row->occurred_at,
                        .revenue = revenue,
                        .net = row->base_net.set ? row->base_net.value : revenue,
                        .lines = (uint32_t)CLAMP(row->item_count, 0, UINT32_MAX)};
    facts_builder_order(scan->builder, &order);
}

static void scan_refund(Scan *scan, const FactsRefundsRow *row)
{
    if (!row->confirmed || strcmp(row->state, "booked") != 0) return;
    if (row->order_id.set && g_hash_table_contains(scan->left_out, &row->order_id.value)) return;
    FactsRefund refund = {.person = scan_person(scan, row->person_id),
                          .at = row->occurred_at,
                          .amount = row->base_amount.set ? row->base_amount.value : FACTS_UNKNOWN};
    facts_builder_refund(scan->builder, &refund);
}

static bool orders_chunk(Scan *scan, Db *db, GError **error)
{
    FactsOrdersParams params = {scan->person_id, scan->id, FACTS_CHUNK_ROWS};
    FactsOrdersRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_facts_orders_open(db, &params, &cursor, error)) return false;
    for (scan->rows = 0; sql_facts_orders_next(&cursor, &row); scan->rows++) {
        scan_order(scan, &row);
        scan->person_id = row.person_id;
        scan->id = row.order_id;
    }
    return db_cursor_finish(&cursor, error);
}

static bool refunds_chunk(Scan *scan, Db *db, GError **error)
{
    FactsRefundsParams params = {scan->person_id, scan->id, FACTS_CHUNK_ROWS};
    FactsRefundsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_facts_refunds_open(db, &params, &cursor, error)) return false;
    for (scan->rows = 0; sql_facts_refunds_next(&cursor, &row); scan->rows++) {
        scan_refund(scan, &row);
        scan->person_id = row.person_id;
        scan->id = row.refund_id;
    }
    return db_cursor_finish(&cursor, error);
}

/* Calls `chunk` until one is not full; a reader each. */
static bool scan_run(Scan *scan, ScanChunk chunk, GError **error)
{
    scan->person_id = scan->id = INT64_MIN;
    do {
        Db *db = store_reader_begin(scan->source->store, error);
        if (!db) return false;
        bool done = chunk(scan, db, error);
        store_reader_end(scan->source->store, db);
        if (!done) return false;
    } while (scan->rows == FACTS_CHUNK_ROWS);
    return true;
}

Facts *facts_load(const FactsSource *source, GError **error)
{
    g_autoptr(FactsBuilder) builder = facts_builder_new();
    g_autoptr(GHashTable) left_out = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    Scan scan = {.source = source, .builder = builder, .left_out = left_out};
    if (!scan_run(&scan, orders_chunk, error)) return NULL;
    if (!scan_run(&scan, refunds_chunk, error)) return NULL;
    return facts_builder_finish(builder, &source->origin);
}
