#include "timeline/dedupe.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/ids.h"
#include "timeline/seen.h"
#include "timeline/timeline_sql.h"

struct Dedupe {
    uint8_t key[KEYHASH_KEY_SIZE];
    Runs *runs;     /* SQLite */
    Seen *seen;     /* PostgreSQL */
    GArray *values; /* of uint64_t: scratch */
    _Atomic int64_t hits;
};

Dedupe *dedupe_open(Store *store, GError **error)
{
    g_autoptr(Dedupe) dedupe = g_new0(Dedupe, 1);
    memcpy(dedupe->key, store_secret(store, "dedupe"), sizeof dedupe->key);
    dedupe->values = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    if (store_kind(store) == DB_POSTGRES) {
        dedupe->seen = seen_new();
        return g_steal_pointer(&dedupe);
    }
    g_autofree char *folder = g_build_filename(store_dir(store), "runs", NULL);
    RunsOptions options = {.folder = folder, .name = "message"};
    dedupe->runs = runs_open(&options, error);
    return dedupe->runs ? g_steal_pointer(&dedupe) : NULL;
}

void dedupe_free(Dedupe *dedupe)
{
    if (!dedupe) return;
    runs_free(dedupe->runs);
    seen_free(dedupe->seen);
    g_array_unref(dedupe->values);
    g_free(dedupe);
}

Hash128 dedupe_fingerprint(const Dedupe *dedupe, int64_t source_id, Slice message_id)
{
    char text[sizeof source_id + 256];
    size_t size = MIN(message_id.size, sizeof text - sizeof source_id);
    memcpy(text, &source_id, sizeof source_id);
    memcpy(text + sizeof source_id, message_id.data, size);
    return keyhash128(dedupe->key, text, sizeof source_id + size);
}

/* Is one of the events this fingerprint leads to really this message, and recent? Newest first:
 * a client's retry is usually of something just stored. */
static bool hit_confirm(Dedupe *dedupe, Db *db, DedupeItem *item, int64_t now, GError **error)
{
    for (guint i = dedupe->values->len; i > 0 && !item->seen; i--) {
        EventMessageParams params = {(int64_t)g_array_index(dedupe->values, uint64_t, i - 1)};
        EventMessageRow row;
        bool found;
        if (!sql_event_message(db, &params, &row, &found, error)) return false;
        item->seen = found && row.source_id == item->source_id && row.message_id &&
                     g_str_equal(row.message_id, item->message_id) &&
                     row.received_at > now - DEDUPE_WINDOW_MS;
    }
    return true;
}

static bool check_runs(Dedupe *dedupe, Db *db, DedupeItem *items, size_t count, int64_t now,
                       GError **error)
{
    uint64_t keys[DEDUPE_BATCH_MAX];
    bool hits[DEDUPE_BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        keys[i] = items[i].fingerprint.low;
    g_autoptr(RunsView) view = runs_view(dedupe->runs);
    runs_hits(view, keys, count, hits);
    for (size_t i = 0; i < count; i++) {
        if (!hits[i] || !items[i].message_id) continue;
        g_array_set_size(dedupe->values, 0);
        runs_find(view, keys[i], dedupe->values);
        if (!hit_confirm(dedupe, db, &items[i], now, error)) return false;
    }
    return true;
}

bool dedupe_check(Dedupe *dedupe, Db *db, DedupeItem *items, size_t count, int64_t now,
                  GError **error)
{
    g_assert(count <= DEDUPE_BATCH_MAX);
    for (size_t i = 0; i < count; i++)
        items[i].seen = false;
    bool ok = dedupe->runs ? check_runs(dedupe, db, items, count, now, error)
                           : seen_claim(dedupe->seen, db, items, count, now, error);
    if (!ok) return false;
    int64_t hits = 0;
    for (size_t i = 0; i < count; i++)
        hits += items[i].seen;
    if (hits) atomic_fetch_add_explicit(&dedupe->hits, hits, memory_order_relaxed);
    return true;
}

void dedupe_add(Dedupe *dedupe, Hash128 fingerprint, int64_t event_id)
{
    if (dedupe->runs) runs_add(dedupe->runs, fingerprint.low, (uint64_t)event_id);
}

int64_t dedupe_through(const Dedupe *dedupe)
{
    return dedupe->runs ? (int64_t)runs_through(dedupe->runs) : 0;
}

Runs *dedupe_runs(Dedupe *dedupe) { return dedupe->runs; }

bool dedupe_expire(Dedupe *dedupe, Db *db, int64_t now, GError **error)
{
    if (!dedupe->runs) return seen_expire(dedupe->seen, db, now, error);
    runs_expire(dedupe->runs, (uint64_t)id_floor(now - DEDUPE_WINDOW_MS));
    return true;
}

int64_t dedupe_hits(const Dedupe *dedupe)
{
    return atomic_load_explicit(&((Dedupe *)dedupe)->hits, memory_order_relaxed);
}
