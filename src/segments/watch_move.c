#include "segments/watch_private.h"

#include "base/clock.h"
#include "base/ids.h"
#include "people/trust.h"
#include "segments/screen.h"
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

/* What is to be written; items last, so that who was not written altogether is judged again. */
typedef struct Moves {
    Watch *watch;
    int64_t now;
    GArray *flips, *dues, *done; /* of Flip, Due, WatchItem */
    guint flip, due, item;       /* written so far */
    WatchMask scans;             /* segments that are recorded anew */
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

static void mask_add(WatchMask *mask, guint i) { mask->words[i / 64] |= UINT64_C(1) << i % 64; }

/* One person of a batch: an item's own stem where that was merged away, or who it belongs to. */
typedef struct Judging {
    Moves *moves;
    WatchItem item;
    int64_t person;
    WatchMask rules;  /* that what was noted concerns */
    WatchMask judged; /* left to the judge */
    Recorded recorded;
    Judge *judge; /* while it works */
} Judging;

static void judging_clear(gpointer data) { recorded_clear(&((Judging *)data)->recorded); }

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
    int64_t now = judging->moves->now, at = from, due = at;
    bool in = last_of(&judging->recorded, watched->segment_id).in;
    for (int i = 0; i < WATCH_FLIPS_MAX; i++) {
        if (!judge_next(judging->judge, rule, at, &flip, error)) return false;
        if (flip.holds != in) flip_add(judging, watched, flip.holds, at);
        in = flip.holds;
        due = MIN(flip.at, flip.until);
        if (due > now) break;
        at = due;
    }
    int64_t known = due_of(&judging->recorded, watched->segment_id);
    Due next = {judging->person, watched->segment_id, due};
    if (due != known) g_array_append_val(judging->moves->dues, next);
    return true;
}

/* Rows of what is not watched any more. */
static void dues_drop(Judging *judging)
{
    const GPtrArray *watched = judging->moves->watch->watched;
    for (guint i = 0; i < judging->recorded.dues->len; i++) {
        Due due = g_array_index(judging->recorded.dues, Due, i);
        bool known = false;
        for (guint k = 0; k < watched->len && !known; k++)
            known = ((const Watched *)watched->pdata[k])->segment_id == due.segment_id;
        due.at = INT64_MAX;
        if (!known) g_array_append_val(judging->moves->dues, due);
    }
}

/* Whether a rule has to be looked at for somebody, and from when on: ranks are those of the last
 * ranking, so that nothing before it is told by them. */
static bool follows(const Judging *judging, guint rule, const Watched *watched, int64_t *ret_from)
{
    const WatchItem *item = &judging->item;
    int64_t now = judging->moves->now, due = due_of(&judging->recorded, watched->segment_id);
    bool listed = item->scan ? watch_mask_has(&judging->moves->scans, rule)
                             : item->revision > 0 && watch_mask_has(&judging->rules, rule);
    if (!listed && (item->scan || due > now)) return false;
    int64_t from = listed ? MIN(item->at, due) : due;
    if (watched->ranked) from = MAX(from, judging->moves->watch->ranked_at);
    *ret_from = MIN(MAX(from, last_of(&judging->recorded, watched->segment_id).at), now);
    return true;
}

/* Who is nobody any more is in no segment. */
static void person_gone(Judging *judging)
{
    for (guint i = 0; i < judging->recorded.last->len; i++) {
        const Last *last = &g_array_index(judging->recorded.last, Last, i);
        if (!last->in) continue;
        Flip flip = {.person = judging->person,
                     .segment_id = last->segment_id,
                     .at = MIN(MAX(judging->item.at, last->at), judging->moves->now),
                     .quiet = true};
        g_array_append_val(judging->moves->flips, flip);
    }
    for (guint i = 0; i < judging->recorded.dues->len; i++) {
        Due due = g_array_index(judging->recorded.dues, Due, i);
        due.at = INT64_MAX;
        g_array_append_val(judging->moves->dues, due);
    }
}

/* By the judge, what the screen did not tell. */
static bool rules_judge(Judging *judging, const GPtrArray *places, GError **error)
{
    const Watch *watch = judging->moves->watch;
    int64_t from;
    for (guint i = 0; i < places->len; i++) {
        guint place = GPOINTER_TO_UINT(places->pdata[i]);
        const Watched *watched = watch->watched->pdata[place];
        if (follows(judging, place, watched, &from) &&
            !rule_follow(judging, i, watched, from, error))
            return false;
    }
    return true;
}

static bool person_judge(Judging *judging, GError **error)
{
    const Watch *watch = judging->moves->watch;
    g_autoptr(GPtrArray) places = g_ptr_array_new();
    g_autoptr(GPtrArray) rules = g_ptr_array_new();
    for (guint i = 0; i < watch->watched->len; i++) {
        if (!watch_mask_has(&judging->judged, i)) continue;
        g_ptr_array_add(places, GUINT_TO_POINTER(i));
        g_ptr_array_add(rules, ((const Watched *)watch->watched->pdata[i])->rule);
    }
    if (places->len == 0) return true;
    JudgeAsk ask = {.person_id = judging->person,
                    .rules = (const Rule *const *)rules->pdata,
                    .count = rules->len,
                    .ranks_kept = true};
    g_autoptr(Judge) judge = judge_new(watch->segments, &ask, error);
    if (!judge) return false;
    judging->judge = judge;
    if (judge_person_id(judge) == judging->person) return rules_judge(judging, places, error);
    person_gone(judging);
    return true;
}

/* ---- a batch ---- */

static gint judging_compare(gconstpointer a, gconstpointer b)
{
    const Judging *x = a, *y = b;
    return (x->person > y->person) - (x->person < y->person);
}

static bool judging_add(GArray *batch, const Judging *like, int64_t person, Db *db, GError **error)
{
    Judging judging = *like;
    judging.person = person;
    judging.recorded.last = g_array_new(FALSE, FALSE, sizeof(Last));
    judging.recorded.dues = g_array_new(FALSE, FALSE, sizeof(Due));
    g_array_append_val(batch, judging);
    return recorded_rows(db, person, &g_array_index(batch, Judging, batch->len - 1).recorded,
                         error);
}

/* Several items are of one person, who was joined: they are judged as one, from the first receipt,
 * as what is recorded of them was read once. */
static void judging_fold(Judging *kept, const Judging *other)
{
    WatchItem *item = &kept->item;
    const WatchItem *more = &other->item;
    for (int i = 0; i < WATCH_WORDS; i++)
        kept->rules.words[i] |= other->rules.words[i];
    bool listed = item->revision > 0, lists = more->revision > 0;
    if (listed == lists)
        item->at = MIN(item->at, more->at);
    else if (lists)
        *item = *more;
}

/* A stem that was merged away leaves; who it belongs to now is judged. */
static bool item_add(Moves *moves, Db *db, const WatchItem *item, GArray *batch, GError **error)
{
    int64_t person = people_person(segments_people(moves->watch->segments), item->stem);
    Judging like = {.moves = moves, .item = *item};
    if (item->revision) like.rules = watch_hint_take(moves->watch, item->stem, item->revision);
    if (item->stem > 0 && person != item->stem && !judging_add(batch, &like, item->stem, db, error))
        return false;
    if (person && !judging_add(batch, &like, person, db, error)) return false;
    g_array_append_val(moves->done, *item);
    return true;
}

static bool batch_read(Moves *moves, const GArray *items, GArray *batch, GError **error)
{
    Store *store = segments_store(moves->watch->segments);
    Db *db = store_reader_begin(store, error);
    bool done = db != NULL;
    for (guint i = 0; done && i < items->len; i++)
        done = item_add(moves, db, &g_array_index(items, WatchItem, i), batch, error);
    if (db) store_reader_end(store, db);
    g_array_sort(batch, judging_compare);
    for (guint i = batch->len; i > 1; i--) {
        Judging *kept = &g_array_index(batch, Judging, i - 2);
        const Judging *other = &g_array_index(batch, Judging, i - 1);
        if (kept->person != other->person) continue;
        judging_fold(kept, other);
        g_array_remove_index(batch, i - 1);
    }
    return done;
}

/* Takes over what the screen told of a rule for one person. A next instant that is too early does
 * no harm: one that is there and earlier stays. */
static void told_take(Judging *judging, const Watched *watched, const ScreenAsk *ask)
{
    bool in = last_of(&judging->recorded, watched->segment_id).in;
    if (ask->before != in) flip_add(judging, watched, ask->before, ask->from);
    if (ask->now != ask->before) flip_add(judging, watched, ask->now, ask->changed);
    int64_t known = due_of(&judging->recorded, watched->segment_id);
    bool stays = known > judging->moves->now && known <= ask->next;
    Due next = {judging->person, watched->segment_id, ask->next};
    if (!stays && ask->next != known) g_array_append_val(judging->moves->dues, next);
}

static void rule_take(GArray *batch, const GArray *who, const GArray *asks, guint rule)
{
    for (guint i = 0; i < asks->len; i++) {
        Judging *one = &g_array_index(batch, Judging, g_array_index(who, guint, i));
        const ScreenAsk *ask = &g_array_index(asks, ScreenAsk, i);
        if (ask->told)
            told_take(one, one->moves->watch->watched->pdata[rule], ask);
        else
            mask_add(&one->judged, rule);
    }
}

/* Screens one rule for whom it concerns; without a screen all are left to the judge. */
static bool rule_screen(Screen *screen, GArray *batch, guint rule, const Watched *watched,
                        GError **error)
{
    g_autoptr(GArray) asks = g_array_new(FALSE, TRUE, sizeof(ScreenAsk));
    g_autoptr(GArray) who = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < batch->len; i++) {
        Judging *one = &g_array_index(batch, Judging, i);
        ScreenAsk ask = {.person_id = one->person};
        if (!follows(one, rule, watched, &ask.from)) continue;
        if (!screen) {
            mask_add(&one->judged, rule);
        } else if (screen_is_somebody(screen, one->person)) {
            g_array_append_val(asks, ask);
            g_array_append_val(who, i);
        }
    }
    if (asks->len == 0) return true;
    if (!screen_rule(screen, watched->rule, asks, error)) return false;
    rule_take(batch, who, asks, rule);
    return true;
}

static Screen *batch_screen(const Moves *moves, const GArray *batch, GError **error)
{
    g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < batch->len; i++) {
        const Judging *one = &g_array_index(batch, Judging, i);
        g_array_append_val(people, one->person);
    }
    return screen_new(moves->watch->segments, people, moves->now, error);
}

static bool batch_judge(Moves *moves, GArray *batch, GError **error)
{
    GError *failure = NULL;
    const GPtrArray *watched = moves->watch->watched;
    g_autoptr(Screen) screen = batch_screen(moves, batch, &failure);
    for (guint i = 0; !failure && i < watched->len; i++)
        rule_screen(screen, batch, i, watched->pdata[i], &failure);
    for (guint i = 0; !failure && i < batch->len; i++) {
        Judging *one = &g_array_index(batch, Judging, i);
        dues_drop(one);
        if (screen && !screen_is_somebody(screen, one->person))
            person_gone(one);
        else
            person_judge(one, &failure);
    }
    if (failure) g_propagate_error(error, failure);
    return !failure;
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

/* The next rows, a unit of them. */
static bool moves_run(Db *db, void *data, GError **error)
{
    Moves *moves = data;
    for (guint rows = 0; rows < MOVE_ROWS_MAX; rows++) {
        if (moves->flip < moves->flips->len) {
            rows += 2; /* a stay and its event */
            if (!flip_write(moves, db, &g_array_index(moves->flips, Flip, moves->flip++), error))
                return false;
        } else if (moves->due < moves->dues->len) {
            if (!due_write(db, &g_array_index(moves->dues, Due, moves->due++), error)) return false;
        } else if (moves->item < moves->done->len) {
            const WatchItem *item = &g_array_index(moves->done, WatchItem, moves->item++);
            DirtyDropParams params = {item->stem, item->revision};
            if (item->revision && !sql_dirty_drop(db, &params, NULL, error)) return false;
        }
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

static bool moves_left(const Moves *moves)
{
    return moves->flip < moves->flips->len || moves->due < moves->dues->len ||
           moves->item < moves->done->len;
}

static bool moves_write(Moves *moves, GError **error)
{
    Writer *writer = store_writer(segments_store(moves->watch->segments));
    while (moves_left(moves))
        if (!writer_call(writer, WRITER_TIMER, moves_run, moves, error)) return false;
    moves_count(moves);
    return true;
}

static bool nothing_run(Db *db, void *data, GError **error)
{
    (void)db;
    (void)data;
    (void)error;
    return true;
}

/* What a reader saw committed may not have reached the columns yet: they hear of it at the end of
 * the writer's group. */
static bool group_wait(const Watch *watch, GError **error)
{
    Writer *writer = store_writer(segments_store(watch->segments));
    return !segments_feed(watch->segments) ||
           writer_call(writer, WRITER_TIMER, nothing_run, NULL, error);
}

bool watch_move(Watch *watch, const GArray *items, int64_t now, GError **error)
{
    if (items->len == 0) return true;
    g_autoptr(GArray) flips = g_array_new(FALSE, FALSE, sizeof(Flip));
    g_autoptr(GArray) dues = g_array_new(FALSE, FALSE, sizeof(Due));
    g_autoptr(GArray) done = g_array_new(FALSE, FALSE, sizeof(WatchItem));
    g_autoptr(GArray) batch = g_array_new(FALSE, TRUE, sizeof(Judging));
    g_array_set_clear_func(batch, judging_clear);
    Moves moves = {.watch = watch, .now = now, .flips = flips, .dues = dues, .done = done};
    for (guint i = 0; i < watch->watched->len; i++)
        if (watch_scans(watch, watch->watched->pdata[i])) mask_add(&moves.scans, i);
    return group_wait(watch, error) && batch_read(&moves, items, batch, error) &&
           batch_judge(&moves, batch, error) && moves_write(&moves, error);
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
