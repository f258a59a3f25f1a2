#include "segments/watch_private.h"

#include "base/clock.h"
#include "base/ids.h"
#include "people/trust.h"
#include "segments/watch_sql.h"
#include "timeline/event.h"
#include "timeline/payload.h"

enum { MOVE_ROWS_MAX = 400 }; /* of one unit of the writer */

/* Somebody came in or left. */
typedef struct Flip {
    int64_t person, segment_id, version, at;
    const char *name; /* of the segment; lives as long as what is watched */
    bool enters, quiet;
} Flip;

typedef struct Due {
    int64_t person, segment_id, at; /* INT64_MAX: never */
} Due;

/* What a unit writes. */
typedef struct Moves {
    Watch *watch;
    int64_t now;
    GArray *flips, *dues, *done; /* of Flip, Due, WatchItem */
} Moves;

/* Their last step in a segment. */
typedef struct Last {
    int64_t segment_id, at;
    bool in;
} Last;

/* What is recorded of one person. */
typedef struct Recorded {
    GArray *last; /* of Last */
    GArray *dues; /* of Due */
} Recorded;

static void recorded_clear(Recorded *recorded)
{
    g_array_unref(recorded->last);
    g_array_unref(recorded->dues);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Recorded, recorded_clear)

static bool recorded_rows(Db *db, int64_t person, Recorded *recorded, GError **error)
{
    MemberLastRow member;
    DueOfRow row;
    g_auto(DbCursor) members = {0}, dues = {0};
    if (!sql_member_last_open(db, &(MemberLastParams){person}, &members, error)) return false;
    while (sql_member_last_next(&members, &member)) {
        Last last = {member.segment_id, member.at, member.inside > 0};
        g_array_append_val(recorded->last, last);
    }
    if (!db_cursor_finish(&members, error)) return false;
    if (!sql_due_of_open(db, &(DueOfParams){person}, &dues, error)) return false;
    while (sql_due_of_next(&dues, &row)) {
        Due due = {person, row.segment_id, row.due_at};
        g_array_append_val(recorded->dues, due);
    }
    return db_cursor_finish(&dues, error);
}

static bool recorded_read(Watch *watch, int64_t person, Recorded *recorded, GError **error)
{
    Store *store = segments_store(watch->segments);
    recorded->last = g_array_new(FALSE, FALSE, sizeof(Last));
    recorded->dues = g_array_new(FALSE, FALSE, sizeof(Due));
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = recorded_rows(db, person, recorded, error);
    store_reader_end(store, db);
    return done;
}

static Last last_of(const Recorded *recorded, int64_t segment_id)
{
    for (guint i = 0; i < recorded->last->len; i++) {
        const Last *last = &g_array_index(recorded->last, Last, i);
        if (last->segment_id == segment_id) return *last;
    }
    return (Last){segment_id, INT64_MIN, false};
}

static int64_t due_of(const Recorded *recorded, int64_t segment_id)
{
    for (guint i = 0; i < recorded->dues->len; i++) {
        const Due *due = &g_array_index(recorded->dues, Due, i);
        if (due->segment_id == segment_id) return due->at;
    }
    return INT64_MAX;
}

/* ---- judging ---- */

typedef struct Judging {
    Moves *moves;
    const WatchItem *item;
    const Recorded *recorded;
    Judge *judge;
    int64_t person;
} Judging;

static bool is_quiet(const Watched *watched)
{
    bool caught_up = watched->recorded == watched->version;
    return !caught_up && (watched->recorded == 0 || !watched->notify);
}

static void flip_add(Judging *judging, const Watched *watched, bool enters, int64_t at)
{
    Flip flip = {.person = judging->person,
                 .segment_id = watched->segment_id,
                 .version = watched->version,
                 .at = at,
                 .name = watched->name,
                 .enters = enters,
                 .quiet = is_quiet(watched)};
    g_array_append_val(judging->moves->flips, flip);
}

/* Follows a rule from an instant up to now; the next instant goes to the list of what is due. What
 * was written stays: changes that were received before the last step, and became known after it,
 * count from that step on. */
static bool rule_follow(Judging *judging, size_t rule, const Watched *watched, int64_t from,
                        GError **error)
{
    JudgeFlip flip;
    Last last = last_of(judging->recorded, watched->segment_id);
    int64_t now = judging->moves->now, at = MIN(MAX(from, last.at), now), due = at;
    bool in = last.in;
    for (int i = 0; i < WATCH_FLIPS_MAX; i++) {
        if (!judge_next(judging->judge, rule, at, &flip, error)) return false;
        if (flip.holds != in) flip_add(judging, watched, flip.holds, at);
        in = flip.holds;
        due = MIN(flip.at, flip.until);
        if (due > now) break;
        at = due;
    }
    int64_t known = due_of(judging->recorded, watched->segment_id);
    Due next = {judging->person, watched->segment_id, due};
    if (due != known) g_array_append_val(judging->moves->dues, next);
    return true;
}

/* Rows of what is not watched any more. */
static void dues_drop(Judging *judging)
{
    const GPtrArray *watched = judging->moves->watch->watched;
    for (guint i = 0; i < judging->recorded->dues->len; i++) {
        Due due = g_array_index(judging->recorded->dues, Due, i);
        bool known = false;
        for (guint k = 0; k < watched->len && !known; k++)
            known = ((const Watched *)watched->pdata[k])->segment_id == due.segment_id;
        due.at = INT64_MAX;
        if (!known) g_array_append_val(judging->moves->dues, due);
    }
}

static bool rules_follow(Judging *judging, const GPtrArray *watched, GError **error)
{
    const WatchItem *item = judging->item;
    dues_drop(judging);
    for (guint i = 0; i < watched->len; i++) {
        const Watched *one = watched->pdata[i];
        int64_t due = due_of(judging->recorded, one->segment_id);
        bool listed = item->revision > 0 || item->segment > 0;
        if (!listed && due > judging->moves->now) continue;
        int64_t from = listed ? MIN(item->at, due) : due;
        if (!rule_follow(judging, i, one, from, error)) return false;
    }
    return true;
}

/* Who is nobody any more is in no segment. */
static void person_gone(Judging *judging)
{
    for (guint i = 0; i < judging->recorded->last->len; i++) {
        const Last *last = &g_array_index(judging->recorded->last, Last, i);
        if (!last->in) continue;
        Flip flip = {.person = judging->person,
                     .segment_id = last->segment_id,
                     .at = MIN(MAX(judging->item->at, last->at), judging->moves->now),
                     .quiet = true};
        g_array_append_val(judging->moves->flips, flip);
    }
    for (guint i = 0; i < judging->recorded->dues->len; i++) {
        Due due = g_array_index(judging->recorded->dues, Due, i);
        due.at = INT64_MAX;
        g_array_append_val(judging->moves->dues, due);
    }
}

static bool person_judge(Moves *moves, const WatchItem *item, int64_t person, GError **error)
{
    g_auto(Recorded) recorded = {0};
    Watch *watch = moves->watch;
    if (!recorded_read(watch, person, &recorded, error)) return false;
    Judging judging = {moves, item, &recorded, NULL, person};
    g_autoptr(GPtrArray) asked = g_ptr_array_new();
    g_autoptr(GPtrArray) rules = g_ptr_array_new();
    for (guint i = 0; i < watch->watched->len; i++) {
        Watched *watched = watch->watched->pdata[i];
        if (item->segment && item->segment != watched->segment_id) continue;
        g_ptr_array_add(asked, watched);
        g_ptr_array_add(rules, watched->rule);
    }
    JudgeAsk ask = {.person_id = person,
                    .rules = (const Rule *const *)rules->pdata,
                    .count = rules->len,
                    .ranks_kept = true};
    g_autoptr(Judge) judge = judge_new(watch->segments, &ask, error);
    if (!judge) return false;
    judging.judge = judge;
    if (judge_person_id(judge) == person) return rules_follow(&judging, asked, error);
    person_gone(&judging);
    return true;
}

/* A stem that was merged away leaves; who it belongs to now is judged. */
static bool item_judge(Moves *moves, const WatchItem *item, GError **error)
{
    People *people = segments_people(moves->watch->segments);
    int64_t person = people_person(people, item->stem);
    if (item->stem > 0 && person != item->stem && !person_judge(moves, item, item->stem, error))
        return false;
    if (person && !person_judge(moves, item, person, error)) return false;
    g_array_append_val(moves->done, *item);
    return true;
}

/* ---- writing ---- */

static bool flip_tell(const Moves *moves, Db *db, const Flip *flip, int64_t member_id,
                      GError **error)
{
    char segment[ID_TEXT_SIZE];
    id_format(flip->segment_id, segment);
    json_t *properties = json_pack("{s:s, s:s, s:I}", "segment", flip->name, "segment_id", segment,
                                   "version", (json_int_t)flip->version);
    g_autofree char *payload = payload_from_json(properties, error);
    json_decref(properties);
    if (!payload) return false;
    g_autofree char *key = g_strdup_printf("segment-%" G_GINT64_FORMAT "-%s", member_id,
                                           flip->enters ? "entered" : "exited");
    EventInput input = {.person_id = flip->person,
                        .name = flip->enters ? SLICE("Segment Entered") : SLICE("Segment Exited"),
                        .type = EVENT_OWN,
                        .source_id = SOURCE_ID_KITH,
                        .occurred_at = flip->at,
                        .received_at = moves->now,
                        .message_id = key,
                        .payload = payload};
    return event_append(segments_timeline(moves->watch->segments), db, &input, NULL, error);
}

/* The stay that somebody is in; 0: none. */
static bool member_find(Db *db, const Flip *flip, int64_t *ret_member, GError **error)
{
    MemberOfRow row;
    g_auto(DbCursor) cursor = {0};
    *ret_member = 0;
    if (!sql_member_of_open(db, &(MemberOfParams){flip->person}, &cursor, error)) return false;
    while (sql_member_of_next(&cursor, &row))
        if (row.segment_id == flip->segment_id) *ret_member = row.member_id;
    return db_cursor_finish(&cursor, error);
}

static bool flip_enter(const Moves *moves, Db *db, const Flip *flip, int64_t *ret_member,
                       GError **error)
{
    *ret_member = store_id_next(segments_store(moves->watch->segments));
    MemberEnterParams params = {.person_id = flip->person,
                                .member_id = *ret_member,
                                .segment_id = flip->segment_id,
                                .version = flip->version,
                                .entered_at = flip->at,
                                .known_at = moves->now};
    return sql_member_enter(db, &params, NULL, error);
}

static bool flip_write(const Moves *moves, Db *db, const Flip *flip, GError **error)
{
    int64_t member;
    bool found, erased = people_is_erased(segments_people(moves->watch->segments), flip->person);
    WatchSegmentRow row;
    WatchSegmentParams params = {flip->segment_id};
    if (!sql_watch_segment(db, &params, &row, &found, error)) return false;
    if (!found || !row.watched_at.set || (erased && flip->enters)) return true; /* ended since */
    if (!member_find(db, flip, &member, error)) return false;
    if (flip->enters == (member != 0)) return true;
    MemberLeaveParams leave = {flip->person, flip->segment_id, flip->at, moves->now};
    bool done = flip->enters ? flip_enter(moves, db, flip, &member, error)
                             : sql_member_leave(db, &leave, NULL, error);
    return done && (flip->quiet || erased || flip_tell(moves, db, flip, member, error));
}

static bool due_write(Db *db, const Due *due, GError **error)
{
    if (due->at == INT64_MAX)
        return sql_due_drop(db, &(DueDropParams){due->person, due->segment_id}, NULL, error);
    DuePutParams params = {due->person, due->segment_id, due->at};
    return sql_due_put(db, &params, NULL, error);
}

static bool moves_run(Db *db, void *data, GError **error)
{
    const Moves *moves = data;
    for (guint i = 0; i < moves->flips->len; i++)
        if (!flip_write(moves, db, &g_array_index(moves->flips, Flip, i), error)) return false;
    for (guint i = 0; i < moves->dues->len; i++)
        if (!due_write(db, &g_array_index(moves->dues, Due, i), error)) return false;
    for (guint i = 0; i < moves->done->len; i++) {
        const WatchItem *item = &g_array_index(moves->done, WatchItem, i);
        DirtyDropParams params = {item->stem, item->revision};
        if (item->revision && !sql_dirty_drop(db, &params, NULL, error)) return false;
    }
    return true;
}

static void moves_count(const Moves *moves)
{
    WatchState *state = &moves->watch->state;
    g_mutex_lock(&moves->watch->mutex);
    for (guint i = 0; i < moves->flips->len; i++) {
        bool enters = g_array_index(moves->flips, Flip, i).enters;
        state->entered += enters;
        state->left += !enters;
    }
    g_mutex_unlock(&moves->watch->mutex);
}

static bool moves_write(Moves *moves, GError **error)
{
    Writer *writer = store_writer(segments_store(moves->watch->segments));
    if (moves->flips->len + moves->dues->len + moves->done->len == 0) return true;
    if (!writer_call(writer, WRITER_TIMER, moves_run, moves, error)) return false;
    moves_count(moves);
    g_array_set_size(moves->flips, 0);
    g_array_set_size(moves->dues, 0);
    g_array_set_size(moves->done, 0);
    return true;
}

bool watch_move(Watch *watch, const GArray *items, int64_t now, GError **error)
{
    g_autoptr(GArray) flips = g_array_new(FALSE, FALSE, sizeof(Flip));
    g_autoptr(GArray) dues = g_array_new(FALSE, FALSE, sizeof(Due));
    g_autoptr(GArray) done = g_array_new(FALSE, FALSE, sizeof(WatchItem));
    Moves moves = {watch, now, flips, dues, done};
    for (guint i = 0; i < items->len; i++) {
        if (!item_judge(&moves, &g_array_index(items, WatchItem, i), error)) return false;
        bool full = 3 * flips->len + dues->len + done->len >= MOVE_ROWS_MAX;
        if (full && !moves_write(&moves, error)) return false;
    }
    return moves_write(&moves, error);
}

static bool recorded_run(Db *db, void *data, GError **error)
{
    const Watched *watched = data;
    WatchRecordedParams params = {watched->segment_id, watched->version};
    return sql_watch_recorded(db, &params, NULL, error);
}

bool watch_recorded(Watch *watch, Watched *watched, GError **error)
{
    Writer *writer = store_writer(segments_store(watch->segments));
    if (!writer_call(writer, WRITER_TIMER, recorded_run, watched, error)) return false;
    watched->recorded = watched->version;
    return true;
}
