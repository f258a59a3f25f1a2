#include "segments/watch_private.h"

#include "base/error.h"
#include "base/text.h"
#include "segments/segments_sql.h"
#include "segments/watch_sql.h"

enum { KNOWN_ROWS = 20000 };

/* ---- who was in as it was known at a time ---- */

typedef struct Known {
    int64_t segment_id, known_at, after;
    GArray *ids;
} Known;

static bool known_chunk(Db *db, Known *known, bool *ret_more, GError **error)
{
    MemberKnownAtParams params = {known->segment_id, known->known_at, known->after, KNOWN_ROWS};
    MemberKnownAtRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_member_known_at_open(db, &params, &cursor, error)) return false;
    for (; sql_member_known_at_next(&cursor, &row); rows++) {
        known->after = row.person_id;
        g_array_append_val(known->ids, row.person_id);
    }
    *ret_more = rows == KNOWN_ROWS;
    return db_cursor_finish(&cursor, error);
}

static bool known_segment(Db *db, const RuleNode *node, Known *known, GError **error)
{
    bool found = false;
    SegmentByNameRow named;
    WatchSegmentRow row = {0};
    g_autofree char *fold = text_fold(slice_of(node->text));
    if (!sql_segment_by_name(db, &(SegmentByNameParams){fold}, &named, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_INVALID, "unknown segment \"%s\"", node->text);
    known->segment_id = named.segment_id;
    WatchSegmentParams params = {named.segment_id};
    if (!sql_watch_segment(db, &params, &row, &found, error)) return false;
    if (!row.watched_at.set || row.watched_at.value > known->known_at)
        return fail(error, KITH_ERROR_INVALID,
                    "segment \"%s\" was not watched then: no record tells what was known",
                    node->text);
    return true;
}

GArray *watch_known_at(Segments *segments, const Rule *rule, int64_t known_at, GError **error)
{
    bool more = true, named = false;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Known known = {.known_at = known_at, .after = INT64_MIN, .ids = ids};
    if (rule->root->kind != RULE_SEGMENT) {
        fail(error, KITH_ERROR_INVALID,
             "--known-at is answered for a watched segment: in segment \"NAME\"; --at TIME says "
             "what is known today about that time");
        return NULL;
    }
    while (more) {
        Db *db = store_reader_begin(segments_store(segments), error);
        if (!db) return NULL;
        bool done = (named || known_segment(db, rule->root, &known, error)) &&
                    known_chunk(db, &known, &more, error);
        store_reader_end(segments_store(segments), db);
        if (!done) return NULL;
        named = true;
    }
    return g_steal_pointer(&ids);
}

GArray *watch_members(Segments *segments, int64_t segment_id, GError **error)
{
    bool more = true;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    Known known = {segment_id, INT64_MAX, INT64_MIN, ids};
    while (more) {
        Db *db = store_reader_begin(segments_store(segments), error);
        if (!db) return NULL;
        bool done = known_chunk(db, &known, &more, error);
        store_reader_end(segments_store(segments), db);
        if (!done) return NULL;
    }
    return g_steal_pointer(&ids);
}

/* ---- what pages show of a record ---- */

static bool count_read(Db *db, const WatchAsk *ask, WatchCount *count, GError **error)
{
    bool found;
    MemberCountRow members = {0};
    MemberEnteredSinceRow entered = {0};
    MemberLeftSinceRow left = {0};
    MemberEnteredSinceParams in = {ask->segment_id, ask->since};
    MemberLeftSinceParams out = {ask->segment_id, ask->since};
    MemberCountParams now = {ask->segment_id};
    if (!sql_member_count(db, &now, &members, &found, error)) return false;
    if (!sql_member_entered_since(db, &in, &entered, &found, error)) return false;
    if (!sql_member_left_since(db, &out, &left, &found, error)) return false;
    *count = (WatchCount){members.members, entered.people, left.people};
    return true;
}

bool watch_count(Segments *segments, const WatchAsk *ask, WatchCount *ret_count, GError **error)
{
    Store *store = segments_store(segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = count_read(db, ask, ret_count, error);
    store_reader_end(store, db);
    return done;
}

static void step_add(GArray *steps, int64_t person, int64_t at, bool entered)
{
    WatchFlip step = {person, at, entered};
    g_array_append_val(steps, step);
}

static bool entered_read(Db *db, const WatchAsk *ask, GArray *steps, GError **error)
{
    MemberEnteredRow row;
    g_auto(DbCursor) cursor = {0};
    MemberEnteredParams params = {ask->segment_id, ask->rows};
    if (!sql_member_entered_open(db, &params, &cursor, error)) return false;
    while (sql_member_entered_next(&cursor, &row))
        step_add(steps, row.person_id, row.at, true);
    return db_cursor_finish(&cursor, error);
}

static bool left_read(Db *db, const WatchAsk *ask, GArray *steps, GError **error)
{
    MemberLeftRow row;
    g_auto(DbCursor) cursor = {0};
    MemberLeftParams params = {ask->segment_id, ask->rows};
    if (!sql_member_left_open(db, &params, &cursor, error)) return false;
    while (sql_member_left_next(&cursor, &row))
        step_add(steps, row.person_id, row.at, false);
    return db_cursor_finish(&cursor, error);
}

static gint step_compare(gconstpointer a, gconstpointer b)
{
    const WatchFlip *x = a, *y = b;
    return (x->at < y->at) - (x->at > y->at);
}

GArray *watch_recent(Segments *segments, const WatchAsk *ask, GError **error)
{
    g_autoptr(GArray) steps = g_array_new(FALSE, FALSE, sizeof(WatchFlip));
    Store *store = segments_store(segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return NULL;
    bool done = entered_read(db, ask, steps, error) && left_read(db, ask, steps, error);
    store_reader_end(store, db);
    if (!done) return NULL;
    g_array_sort(steps, step_compare);
    g_array_set_size(steps, MIN(steps->len, (guint)ask->rows));
    return g_steal_pointer(&steps);
}
