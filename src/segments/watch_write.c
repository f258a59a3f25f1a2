#include "segments/watch_write.h"

#include "base/ids.h"
#include "people/trust.h"
#include "segments/watch_sql.h"
#include "timeline/event.h"

enum {
    MOVE_ROWS_MAX = 200, /* of one unit of the writer */
    FLIP_ROWS = 3,       /* a stay, its event, and what the timeline keeps of that */
};

static bool flip_tell(const Moves *moves, Db *db, const MoveFlip *flip, GError **error)
{
    char key[64];
    g_snprintf(key, sizeof key, "segment-%" G_GINT64_FORMAT "-%s", flip->member_id,
               flip->enters ? "entered" : "exited");
    EventInput input = {.person_id = flip->person,
                        .name = flip->enters ? SLICE("Segment Entered") : SLICE("Segment Exited"),
                        .type = EVENT_OWN,
                        .source_id = SOURCE_ID_KITH,
                        .occurred_at = flip->at,
                        .received_at = moves->now,
                        .message_id = key,
                        .payload = flip->told};
    return event_append(segments_timeline(moves->watch->segments), db, &input, NULL, error);
}

static bool stay_write(const Moves *moves, Db *db, const MoveFlip *flip, int64_t *ret_rows,
                       GError **error)
{
    MemberLeaveParams leave = {flip->person, flip->member_id, flip->at, moves->now};
    MemberEnterParams enter = {.person_id = flip->person,
                               .member_id = flip->member_id,
                               .segment_id = flip->segment_id,
                               .version = flip->version,
                               .entered_at = flip->at,
                               .known_at = moves->now};
    return flip->enters ? sql_member_enter(db, &enter, ret_rows, error)
                        : sql_member_leave(db, &leave, ret_rows, error);
}

/* What is watched cannot have changed since it was read while nobody asks to read it anew; who ends
 * a record says so before the record is cleared. */
static bool is_watched(const Moves *moves, Db *db, const MoveFlip *flip, bool *ret_watched,
                       GError **error)
{
    WatchSegmentRow row;
    WatchSegmentParams params = {flip->segment_id};
    *ret_watched = true;
    if (!g_atomic_int_get(&moves->watch->renew)) return true;
    if (!sql_watch_segment(db, &params, &row, ret_watched, error)) return false;
    *ret_watched = *ret_watched && row.watched_at.set;
    return true;
}

static bool flip_write(const Moves *moves, Db *db, const MoveFlip *flip, GError **error)
{
    int64_t rows;
    bool watched, erased = people_is_erased(segments_people(moves->watch->segments), flip->person);
    if (!is_watched(moves, db, flip, &watched, error)) return false;
    if (!watched || (erased && flip->enters)) return true; /* ended since */
    if (!stay_write(moves, db, flip, &rows, error)) return false;
    return rows == 0 || !flip->told || erased || flip_tell(moves, db, flip, error);
}

static bool due_write(Db *db, const MoveDue *due, GError **error)
{
    if (due->at == INT64_MAX)
        return sql_due_drop(db, &(DueDropParams){due->person, due->segment_id}, NULL, error);
    DuePutParams params = {due->person, due->segment_id, due->at};
    return sql_due_put(db, &params, NULL, error);
}

/* Somebody was judged. Who does something all the time is noted again before that is written, and
 * stays on the list, as of the first thing that was not judged: others come first then. */
static bool item_write(const Moves *moves, Db *db, const WatchItem *item, GError **error)
{
    int64_t rows;
    bool found;
    DirtyOneRow row;
    DirtyDropParams drop = {item->stem, item->revision};
    if (item->revision == 0) return true;
    if (!sql_dirty_drop(db, &drop, &rows, error)) return false;
    if (rows > 0) {
        watch_hint_drop(moves->watch, item->stem);
        return true;
    }
    if (!sql_dirty_one(db, &(DirtyOneParams){item->stem}, &row, &found, error)) return false;
    if (!found) return true;
    int64_t at = watch_hint_follow(moves->watch, item->stem, row.revision);
    if (at == INT64_MAX || at <= row.at) return true;
    return sql_dirty_follow(db, &(DirtyFollowParams){item->stem, at}, NULL, error);
}

static bool row_write(const Moves *moves, Db *db, guint i, GError **error)
{
    if (i < moves->flips->len)
        return flip_write(moves, db, &g_array_index(moves->flips, MoveFlip, i), error);
    i -= moves->flips->len;
    if (i < moves->dues->len) return due_write(db, &g_array_index(moves->dues, MoveDue, i), error);
    i -= moves->dues->len;
    return item_write(moves, db, &g_array_index(moves->done, WatchItem, i), error);
}

static bool rows_write(const MoveUnit *unit, Db *db, GError **error)
{
    for (guint i = unit->from; i < unit->to; i++)
        if (!row_write(unit->moves, db, i, error)) return false;
    return true;
}

static void failure_keep(Moves *moves, const GError *error)
{
    g_mutex_lock(&moves->mutex);
    if (!moves->failure) moves->failure = g_error_copy(error);
    g_mutex_unlock(&moves->mutex);
}

static bool has_failed(Moves *moves, GError **error)
{
    g_mutex_lock(&moves->mutex);
    bool failed = moves->failure != NULL;
    if (failed) g_propagate_error(error, g_error_copy(moves->failure));
    g_mutex_unlock(&moves->mutex);
    return failed;
}

/* Units run in the order of submission; after one that failed none writes, so that items stay. */
static bool moves_run(Db *db, void *data, GError **error)
{
    const MoveUnit *unit = data;
    Moves *moves = unit->moves;
    GError *failure = NULL;
    if (has_failed(moves, error)) return false;
    if (rows_write(unit, db, &failure)) return true;
    failure_keep(moves, failure);
    g_propagate_error(error, failure);
    return false;
}

static void moves_done(void *data, const GError *error)
{
    Moves *moves = ((const MoveUnit *)data)->moves;
    if (error) failure_keep(moves, error);
    g_mutex_lock(&moves->mutex);
    moves->pending--;
    g_cond_signal(&moves->cond);
    g_mutex_unlock(&moves->mutex);
}

static void moves_count(const Moves *moves)
{
    WatchState *state = &moves->watch->state;
    g_mutex_lock(&moves->watch->mutex);
    for (guint i = 0; i < moves->flips->len; i++) {
        bool enters = g_array_index(moves->flips, MoveFlip, i).enters;
        state->entered += enters;
        state->left += !enters;
    }
    g_mutex_unlock(&moves->watch->mutex);
}

static gint person_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void units_make(Moves *moves)
{
    guint rows = moves->flips->len + moves->dues->len + moves->done->len;
    MoveUnit unit = {.moves = moves};
    while (unit.to < rows) {
        unit.from = unit.to;
        for (guint weight = 0; unit.to < rows && weight < MOVE_ROWS_MAX; unit.to++)
            weight += unit.to < moves->flips->len ? FLIP_ROWS : 1;
        g_array_append_val(moves->units, unit);
    }
}

/* As they do not wait for each other's commit, many share one. */
static void units_submit(Moves *moves)
{
    Writer *writer = store_writer(segments_store(moves->watch->segments));
    units_make(moves);
    moves->pending = moves->units->len;
    for (guint i = 0; i < moves->units->len; i++)
        writer_submit(writer, WRITER_TIMER, moves_run, moves_done,
                      &g_array_index(moves->units, MoveUnit, i));
}

static void units_wait(Moves *moves)
{
    g_mutex_lock(&moves->mutex);
    while (moves->pending > 0)
        g_cond_wait(&moves->cond, &moves->mutex);
    g_mutex_unlock(&moves->mutex);
}

Moves *moves_new(Watch *watch, int64_t now)
{
    Moves *moves = g_new0(Moves, 1);
    moves->watch = watch;
    moves->now = now;
    moves->flips = g_array_new(FALSE, FALSE, sizeof(MoveFlip));
    moves->dues = g_array_new(FALSE, FALSE, sizeof(MoveDue));
    moves->done = g_array_new(FALSE, FALSE, sizeof(WatchItem));
    moves->units = g_array_new(FALSE, FALSE, sizeof(MoveUnit));
    moves->people = g_hash_table_new(id_hash, g_int64_equal);
    g_mutex_init(&moves->mutex);
    g_cond_init(&moves->cond);
    return moves;
}

void moves_free(Moves *moves)
{
    if (!moves) return;
    g_hash_table_unref(moves->people);
    g_array_unref(moves->flips);
    g_array_unref(moves->dues);
    g_array_unref(moves->done);
    g_array_unref(moves->units);
    g_clear_error(&moves->failure);
    g_cond_clear(&moves->cond);
    g_mutex_clear(&moves->mutex);
    g_free(moves);
}

/* Rows that begin with a person, and do not move any more. */
static void people_add(GHashTable *people, const GArray *rows)
{
    guint size = g_array_get_element_size((GArray *)(void *)rows);
    for (guint i = 0; i < rows->len; i++)
        g_hash_table_add(people, rows->data + (size_t)size * i);
}

/* Rows of one person lie together: what is written together should touch few pages. The order of
 * their own steps stays, as the sort is stable. */
void watch_launch(Moves *moves)
{
    G_STATIC_ASSERT(G_STRUCT_OFFSET(MoveFlip, person) == 0 &&
                    G_STRUCT_OFFSET(MoveDue, person) == 0 && G_STRUCT_OFFSET(WatchItem, stem) == 0);
    g_assert(!moves->watch->flight);
    g_array_sort(moves->flips, person_compare);
    g_array_sort(moves->dues, person_compare);
    people_add(moves->people, moves->flips);
    people_add(moves->people, moves->dues);
    people_add(moves->people, moves->done);
    moves->watch->flight = moves;
    units_submit(moves);
}

bool watch_land(Watch *watch, GError **error)
{
    Moves *moves = g_steal_pointer(&watch->flight);
    if (!moves) return true;
    units_wait(moves);
    bool written = !moves->failure;
    if (written) {
        moves_count(moves);
    } else {
        g_propagate_error(error, g_steal_pointer(&moves->failure));
        watch_memory_clear(watch->memory);
        watch_hints_widen(watch); /* what was taken of them is not judged */
    }
    moves_free(moves);
    return written;
}

bool watch_flies(const Watch *watch, int64_t person)
{
    return watch->flight && g_hash_table_contains(watch->flight->people, &person);
}
