#include "timeline/seen.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/ids.h"
#include "timeline/dedupe.h"
#include "timeline/timeline_sql.h"

enum {
    DAYS_AHEAD = 2, /* partitions made before they are needed */
    DAYS_OLD = 40,  /* how far back left-over partitions are looked for */
    ARRAY_BYTES_MAX = 1024 * 1024,
};

struct Seen {
    int64_t last_day;    /* partitions up to this day were made and committed */
    int64_t dropped_day; /* partitions before it are gone */
};

Seen *seen_new(void) { return g_new0(Seen, 1); }

void seen_free(Seen *seen) { g_free(seen); }

/* Two array literals of PostgreSQL for the items that are still open (not `seen`). */
static bool arrays_write(const DedupeItem *items, size_t count, Buffer *sources, Buffer *hashes)
{
    bool any = false;
    buffer_append_char(sources, '{');
    buffer_append_char(hashes, '{');
    for (size_t i = 0; i < count; i++) {
        if (items[i].seen || !items[i].message_id) continue;
        if (any) {
            buffer_append_char(sources, ',');
            buffer_append_char(hashes, ',');
        }
        any = true;
        buffer_append_int(sources, items[i].source_id);
        buffer_append_printf(
            hashes, "\"\\\\x%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x\"",
            GUINT64_TO_BE(items[i].fingerprint.low), GUINT64_TO_BE(items[i].fingerprint.high));
    }
    buffer_append_char(sources, '}');
    buffer_append_char(hashes, '}');
    return any;
}

static bool partitions_make(Db *db, int64_t from_day, int64_t to_day, GError **error)
{
    for (int64_t day = from_day; day <= to_day; day++)
        if (!db_partition_make(db, "event_seen", day, error)) return false;
    return true;
}

/* What came back was not there: everything else was seen before. */
static bool claimed_mark(DbCursor *cursor, DedupeItem *items, size_t count, GError **error)
{
    g_autoptr(GHashTable) open = g_hash_table_new(id_hash, g_int64_equal);
    for (size_t i = 0; i < count; i++) {
        if (items[i].seen || !items[i].message_id) continue;
        items[i].seen = true;
        g_hash_table_insert(open, &items[i].fingerprint.low, &items[i]);
    }
    EventSeenClaimRow row;
    while (sql_event_seen_claim_next(cursor, &row)) {
        uint64_t low;
        if (row.message_hash.size != sizeof(Hash128)) continue;
        memcpy(&low, row.message_hash.data, sizeof low);
        DedupeItem *item = g_hash_table_lookup(open, &low);
        if (item) item->seen = false;
    }
    return db_cursor_finish(cursor, error);
}

static bool claim(Db *db, DedupeItem *items, size_t count, int64_t day, int64_t from_day,
                  GError **error)
{
    g_auto(Buffer) sources = BUFFER_INIT(ARRAY_BYTES_MAX);
    g_auto(Buffer) hashes = BUFFER_INIT(ARRAY_BYTES_MAX);
    if (!arrays_write(items, count, &sources, &hashes)) return true;
    EventSeenClaimParams params = {
        .day = day, .from_day = from_day, .sources = sources.data, .hashes = hashes.data};
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_seen_claim_open(db, &params, &cursor, error)) return false;
    return claimed_mark(&cursor, items, count, error);
}

bool seen_claim(Seen *seen, Db *db, DedupeItem *items, size_t count, int64_t now, GError **error)
{
    int64_t day = now / CLOCK_DAY_MS;
    /* Not noted as made: this unit may be rolled back. */
    if (seen->last_day < day && !partitions_make(db, day - 1, day, error)) return false;
    if (now % CLOCK_DAY_MS >= CLOCK_MINUTE_MS)
        return claim(db, items, count, day, day - DEDUPE_DAYS, error);
    return claim(db, items, count, day - 1, day - DEDUPE_DAYS, error) &&
           claim(db, items, count, day, day, error);
}

bool seen_expire(Seen *seen, Db *db, int64_t now, GError **error)
{
    int64_t day = now / CLOCK_DAY_MS, keep = day - DEDUPE_DAYS - 1;
    if (!partitions_make(db, day - 1, day + DAYS_AHEAD, error)) return false;
    /* The last run's were committed by now, or are made again. */
    seen->last_day = MAX(seen->last_day, seen->dropped_day > 0 ? day : 0);
    int64_t old = seen->dropped_day > 0 ? seen->dropped_day : keep - DAYS_OLD;
    for (; old < keep; old++)
        if (!db_partition_drop(db, "event_seen", old, error)) return false;
    seen->dropped_day = keep;
    return true;
}
