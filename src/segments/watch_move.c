#include "segments/watch_private.h"

#include "base/clock.h"
#include "segments/screen.h"
#include "segments/watch_sql.h"
#include "segments/watch_write.h"

enum { READ_ITEMS = 100 }; /* people with one reader */

/* ---- judging ---- */

static void mask_add(WatchMask *mask, guint i) { mask->words[i / 64] |= UINT64_C(1) << i % 64; }

/* One person of a batch: an item's own stem where that was merged away, or who it belongs to. */
typedef struct Judging {
    Moves *moves;
    WatchItem item;
    int64_t person;
    WatchMask rules;  /* that what was noted concerns */
    WatchMask due;    /* whose next instant has come */
    WatchMask judged; /* left to the judge */
    WatchKnown *known;
    Judge *judge; /* while it works */
} Judging;

static bool is_quiet(const Watched *watched)
{
    bool caught_up = watched->recorded == watched->version;
    return !caught_up && (watched->recorded == 0 || !watched->notify);
}

static bool is_in(const Judging *judging, int64_t segment_id)
{
    const WatchStep *step = watch_step_find(judging->known, segment_id);
    return step && step->member_id;
}

/* In memory it counts at once: what cannot be written makes all that is kept there be forgotten. */
static void flip_add(Judging *judging, const Watched *watched, bool enters, int64_t at)
{
    Store *store = segments_store(judging->moves->watch->segments);
    WatchStep *step = watch_step_take(judging->known, watched->segment_id);
    MoveFlip flip = {.person = judging->person,
                     .segment_id = watched->segment_id,
                     .member_id = enters ? store_id_next(store) : step->member_id,
                     .version = watched->version,
                     .at = at,
                     .told = is_quiet(watched) ? NULL : watched->told,
                     .enters = enters};
    g_array_append_val(judging->moves->flips, flip);
    step->member_id = enters ? flip.member_id : 0;
    step->at = at;
}

/* A next instant that is too early does no harm: one that is there and earlier stays. */
static void due_set(Judging *judging, int64_t segment_id, int64_t at)
{
    WatchStep *step = watch_step_find(judging->known, segment_id);
    int64_t known = step ? step->due : INT64_MAX;
    bool stays = known > judging->moves->now && known <= at;
    if (stays || known == at) return;
    MoveDue due = {judging->person, segment_id, at};
    g_array_append_val(judging->moves->dues, due);
    watch_step_take(judging->known, segment_id)->due = at;
}

/* Follows a rule from an instant up to now; the next instant goes to the list of what is due. What
 * was written stays: changes that were received before the last step, and became known after it,
 * count from that step on. */
static bool rule_follow(Judging *judging, size_t rule, const Watched *watched, int64_t from,
                        GError **error)
{
    JudgeFlip flip;
    int64_t now = judging->moves->now, at = from, due = at;
    bool in = is_in(judging, watched->segment_id);
    for (int i = 0; i < WATCH_FLIPS_MAX; i++) {
        if (!judge_next(judging->judge, rule, at, &flip, error)) return false;
        if (flip.holds != in) flip_add(judging, watched, flip.holds, at);
        in = flip.holds;
        due = MIN(flip.at, flip.until);
        if (due > now) break;
        at = due;
    }
    due_set(judging, watched->segment_id, due);
    return true;
}

/* The first place from `k` on whose segment is not before this one. */
static guint watched_place(const GPtrArray *watched, guint k, int64_t segment_id)
{
    while (k < watched->len && ((const Watched *)watched->pdata[k])->segment_id < segment_id)
        k++;
    return k;
}

static bool is_place_of(const GPtrArray *watched, guint k, int64_t segment_id)
{
    return k < watched->len && ((const Watched *)watched->pdata[k])->segment_id == segment_id;
}

/* Rows of what is not watched any more. */
static void dues_drop(Judging *judging)
{
    const GPtrArray *watched = judging->moves->watch->watched;
    guint k = 0;
    for (guint i = 0; i < judging->known->steps->len; i++) {
        WatchStep *step = &g_array_index(judging->known->steps, WatchStep, i);
        if (step->due > judging->moves->now) continue;
        k = watched_place(watched, k, step->segment_id);
        if (is_place_of(watched, k, step->segment_id)) continue;
        MoveDue due = {judging->person, step->segment_id, INT64_MAX};
        g_array_append_val(judging->moves->dues, due);
        step->due = INT64_MAX;
    }
}

/* Whether a rule has to be looked at for somebody, and from when on: ranks are those of the last
 * ranking, so that nothing before it is told by them. */
static bool follows(const Judging *judging, guint rule, const Watched *watched, int64_t *ret_from)
{
    const WatchItem *item = &judging->item;
    int64_t now = judging->moves->now;
    bool listed = item->scan ? watch_mask_has(&judging->moves->scans, rule)
                             : item->revision > 0 && watch_mask_has(&judging->rules, rule);
    if (!listed && (item->scan || !watch_mask_has(&judging->due, rule))) return false;
    const WatchStep *step = watch_step_find(judging->known, watched->segment_id);
    int64_t due = step ? step->due : INT64_MAX;
    int64_t from = listed ? MIN(item->at, due) : due;
    if (watched->ranked) from = MAX(from, judging->moves->watch->ranked_at);
    *ret_from = MIN(MAX(from, step ? step->at : INT64_MIN), now);
    return true;
}

/* Who is nobody any more is in no segment. */
static void person_gone(Judging *judging)
{
    for (guint i = 0; i < judging->known->steps->len; i++) {
        WatchStep *step = &g_array_index(judging->known->steps, WatchStep, i);
        MoveFlip flip = {.person = judging->person,
                         .segment_id = step->segment_id,
                         .member_id = step->member_id,
                         .at = MIN(MAX(judging->item.at, step->at), judging->moves->now)};
        MoveDue due = {judging->person, step->segment_id, INT64_MAX};
        if (step->member_id) g_array_append_val(judging->moves->flips, flip);
        if (step->due != INT64_MAX) g_array_append_val(judging->moves->dues, due);
    }
    g_array_set_size(judging->known->steps, 0);
    watch_memory_drop(judging->moves->watch->memory, judging->person);
    judging->known = NULL;
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

/* Whom memory does not hold the reader `db` reads, begun when it is needed. */
static bool judging_add(GArray *batch, const Judging *like, int64_t person, Db **db, GError **error)
{
    const Watch *watch = like->moves->watch;
    Judging judging = *like;
    judging.person = person;
    judging.known = watch_known(watch->memory, person);
    if (!judging.known && !*db) *db = store_reader_begin(segments_store(watch->segments), error);
    if (!judging.known && *db) judging.known = watch_known_read(watch->memory, *db, person, error);
    if (judging.known) g_array_append_val(batch, judging);
    return judging.known != NULL;
}

/* Steps and watched segments both rise by segment. */
static void due_look(Judging *judging)
{
    const GArray *steps = judging->known->steps;
    const GPtrArray *watched = judging->moves->watch->watched;
    guint k = 0;
    for (guint i = 0; i < steps->len; i++) {
        const WatchStep *step = &g_array_index(steps, WatchStep, i);
        if (step->due > judging->moves->now) continue;
        k = watched_place(watched, k, step->segment_id);
        if (is_place_of(watched, k, step->segment_id)) mask_add(&judging->due, k);
    }
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

/* A stem that was merged away leaves; who it belongs to now is judged. Of whom something is on its
 * way is judged another time. */
static bool item_add(Moves *moves, Db **db, const WatchItem *item, GArray *batch, GError **error)
{
    int64_t person = people_person(segments_people(moves->watch->segments), item->stem);
    Judging like = {.moves = moves, .item = *item};
    if (watch_flies(moves->watch, item->stem) || watch_flies(moves->watch, person)) return true;
    if (item->revision) like.rules = watch_hint_take(moves->watch, item->stem, item->revision);
    if (item->stem > 0 && person != item->stem && !judging_add(batch, &like, item->stem, db, error))
        return false;
    if (person && !judging_add(batch, &like, person, db, error)) return false;
    g_array_append_val(moves->done, *item);
    return true;
}

/* Some of the items: with a database far away all of them would take longer than a reader may. */
static bool items_add(Moves *moves, const GArray *items, guint from, GArray *batch, GError **error)
{
    Db *db = NULL;
    bool done = true;
    for (guint i = from; done && i < MIN(from + READ_ITEMS, items->len); i++)
        done = item_add(moves, &db, &g_array_index(items, WatchItem, i), batch, error);
    if (db) store_reader_end(segments_store(moves->watch->segments), db);
    return done;
}

static bool batch_read(Moves *moves, const GArray *items, GArray *batch, GError **error)
{
    bool done = true;
    watch_memory_age(moves->watch->memory);
    for (guint from = 0; done && from < items->len; from += READ_ITEMS)
        done = items_add(moves, items, from, batch, error);
    g_array_sort(batch, judging_compare);
    for (guint i = batch->len; i > 1; i--) {
        Judging *kept = &g_array_index(batch, Judging, i - 2);
        const Judging *other = &g_array_index(batch, Judging, i - 1);
        if (kept->person != other->person) continue;
        judging_fold(kept, other);
        g_array_remove_index(batch, i - 1);
    }
    for (guint i = 0; i < batch->len; i++)
        due_look(&g_array_index(batch, Judging, i));
    return done;
}

/* Takes over what the screen told of a rule for one person. */
static void told_take(Judging *judging, const Watched *watched, const ScreenAsk *ask)
{
    bool in = is_in(judging, watched->segment_id);
    if (ask->before != in) flip_add(judging, watched, ask->before, ask->from);
    in = ask->before;
    for (uint32_t i = 0; i < ask->changes; i++, in = !in)
        flip_add(judging, watched, !in, ask->changed[i]);
    due_set(judging, watched->segment_id, ask->next);
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

/* ---- a move ---- */

static bool nothing_run(Db *db, void *data, GError **error)
{
    (void)db;
    (void)data;
    (void)error;
    return true;
}

/* What a reader saw committed may not have reached the columns yet: they hear of it at the end of
 * the writer's group. Not in the lane of what is on its way, which this need not wait for. */
static bool group_wait(const Watch *watch, GError **error)
{
    Writer *writer = store_writer(segments_store(watch->segments));
    return !segments_feed(watch->segments) ||
           writer_call(writer, WRITER_HANDOVER, nothing_run, NULL, error);
}

static bool moves_judge(Moves *moves, const GArray *items, GError **error)
{
    Watch *watch = moves->watch;
    g_autoptr(GArray) batch = g_array_new(FALSE, TRUE, sizeof(Judging));
    for (guint i = 0; i < watch->watched->len; i++)
        if (watch_scans(watch, watch->watched->pdata[i])) mask_add(&moves->scans, i);
    bool judged = group_wait(watch, error) && batch_read(moves, items, batch, error) &&
                  batch_judge(moves, batch, error);
    for (guint i = 0; judged && i < batch->len; i++) {
        WatchKnown *known = g_array_index(batch, Judging, i).known;
        if (known) watch_known_count(watch->memory, known);
    }
    return judged;
}

/* Whoever is gone over is asked for once only. */
static bool scans_wait(Watch *watch, const GArray *items, GError **error)
{
    for (guint i = 0; i < items->len; i++) {
        const WatchItem *item = &g_array_index(items, WatchItem, i);
        int64_t person = people_person(segments_people(watch->segments), item->stem);
        if (!item->scan) return true;
        if (watch_flies(watch, item->stem) || watch_flies(watch, person))
            return watch_land(watch, error);
    }
    return true;
}

bool watch_move(Watch *watch, const GArray *items, int64_t now, GError **error)
{
    if (items->len == 0) return true;
    if (!scans_wait(watch, items, error)) return false;
    Moves *moves = moves_new(watch, now);
    bool judged = moves_judge(moves, items, error);
    if (watch_land(watch, judged ? error : NULL) && judged) {
        watch_launch(moves);
        return true;
    }
    watch_memory_clear(watch->memory);
    watch_hints_widen(watch); /* what was taken of them is not judged */
    moves_free(moves);
    return false;
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
