#include "segments/picked.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "net/audit.h"
#include "segments/evaluate.h"
#include "segments/picked_sql.h"
#include "segments/segments_sql.h"
#include "store/changes.h"

enum { PICK_UNIT_PEOPLE = 200, PICK_CLEAR_ROWS = 1000 };

/* What one unit of the writer does. */
typedef struct Picking {
    Segments *segments;
    const Actor *by;
    int64_t segment_id, at;
    int64_t audit_id; /* 0: it was noted */
    bool is_new;      /* nobody can depend on the list yet */
    bool removes;
    const GArray *ids;
    guint from, end;
    GHashTable *seen; /* people this call has dealt with */
    PickedCount count;
} Picking;

static bool pick_told(Db *db, const Picking *picking, int64_t stem, GError **error)
{
    StoreChange change = {.kind = CHANGE_LIST, .stem = stem, .at = picking->at};
    return picking->is_new || store_changed(db, &change, error);
}

static bool stems_on(Db *db, const Picking *picking, const GArray *stems, bool *ret_on,
                     GError **error)
{
    *ret_on = false;
    for (guint i = 0; !*ret_on && i < stems->len; i++) {
        PickOpenRow row;
        PickOpenParams params = {g_array_index(stems, int64_t, i), picking->segment_id};
        if (!sql_pick_open(db, &params, &row, ret_on, error)) return false;
    }
    return true;
}

static bool one_add(Db *db, Picking *picking, int64_t person, const GArray *stems, GError **error)
{
    bool on = false;
    PickAddParams params = {person, picking->segment_id, picking->at};
    if (!stems_on(db, picking, stems, &on, error)) return false;
    picking->count.same += on;
    picking->count.added += !on;
    return on || (sql_pick_add(db, &params, NULL, error) && pick_told(db, picking, person, error));
}

static bool one_remove(Db *db, Picking *picking, int64_t person, const GArray *stems,
                       GError **error)
{
    int64_t rows = 0;
    for (guint i = 0; i < stems->len; i++) {
        int64_t changed = 0;
        PickRemoveParams params = {g_array_index(stems, int64_t, i), picking->segment_id,
                                   picking->at};
        if (!sql_pick_remove(db, &params, &changed, error)) return false;
        rows += changed;
    }
    picking->count.same += rows == 0;
    picking->count.removed += rows > 0;
    return rows == 0 || pick_told(db, picking, person, error);
}

/* The person an id means, if it is listed; 0: nobody. */
static bool person_find(Db *db, const Picking *picking, int64_t id, int64_t *ret_person,
                        GError **error)
{
    bool found = false;
    SegmentPersonRow row;
    People *people = segments_people(picking->segments);
    int64_t person = id > 0 ? people_person(people, id) : 0;
    *ret_person = 0;
    if (person <= 0 || people_is_erased(people, person)) return true;
    if (!sql_segment_person(db, &(SegmentPersonParams){person}, &row, &found, error)) return false;
    if (found) *ret_person = person;
    return true;
}

static bool one_run(Db *db, Picking *picking, int64_t id, GError **error)
{
    int64_t person;
    if (!person_find(db, picking, id, &person, error)) return false;
    if (person == 0) {
        picking->count.unknown++;
        return true;
    }
    if (g_hash_table_contains(picking->seen, &person)) {
        picking->count.same++;
        return true;
    }
    g_hash_table_add(picking->seen, g_memdup2(&person, sizeof person));
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(segments_people(picking->segments), person, stems);
    return picking->removes ? one_remove(db, picking, person, stems, error)
                            : one_add(db, picking, person, stems, error);
}

static bool note_write(Db *db, Picking *picking, GError **error)
{
    AuditEntry entry = {.audit_id = picking->audit_id,
                        .at = picking->at,
                        .by = picking->by,
                        .action = picking->removes ? "segment.take_off" : "segment.put_on",
                        .kind = "segment",
                        .id = picking->segment_id};
    if (picking->audit_id && !audit_add(db, &entry, error)) return false;
    return sql_pick_touch(db, &(PickTouchParams){picking->segment_id, picking->at}, NULL, error);
}

static bool unit_run(Db *db, void *data, GError **error)
{
    Picking *picking = data;
    PickedCount before = picking->count;
    guint from = picking->from;
    bool done = note_write(db, picking, error);
    for (; done && from < MIN(picking->end, picking->from + PICK_UNIT_PEOPLE); from++)
        done = one_run(db, picking, g_array_index(picking->ids, int64_t, from), error);
    if (!done) picking->count = before;
    return done;
}

/* Everybody of `ids`, unit by unit, each as of its own moment. */
static bool units_run(Picking *picking, const GArray *ids, GError **error)
{
    Store *store = segments_store(picking->segments);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    picking->seen = seen;
    picking->ids = ids;
    picking->end = ids ? ids->len : 0;
    picking->audit_id = picking->is_new ? 0 : store_id_next(store);
    for (picking->from = 0; picking->from < picking->end; picking->from += PICK_UNIT_PEOPLE) {
        picking->at = clock_now_ms();
        if (!writer_call(store_writer(store), WRITER_REST, unit_run, picking, error)) return false;
        picking->audit_id = 0;
    }
    return true;
}

static bool too_many(guint count, GError **error)
{
    return fail(error, KITH_ERROR_LIMIT, "a list has at most %d people, not %u",
                LIMIT_SEGMENT_PICKS, count);
}

static guint length(const GArray *ids) { return ids ? ids->len : 0; }

bool picked_create(Segments *segments, const PickedNew *made, int64_t *ret_segment_id,
                   PickedCount *ret_count, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (length(made->people) > LIMIT_SEGMENT_PICKS) return too_many(made->people->len, error);
    if (!saved_name_check(segments, made->name, error)) return false;
    Picking picking = {.segments = segments,
                       .by = made->by,
                       .is_new = true,
                       .segment_id = store_id_next(segments_store(segments))};
    bool done = units_run(&picking, made->people, &failure) &&
                saved_create_list(segments, made->by, made->name, picking.segment_id, &failure);
    if (!done) {
        picked_forget(segments, picking.segment_id, NULL);
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    *ret_segment_id = picking.segment_id;
    *ret_count = picking.count;
    return true;
}

/* That the list would not become too long; who is on it already counts twice here. */
static bool room_check(Segments *segments, const PickedChange *change, GError **error)
{
    bool found;
    PickCountRow row = {0};
    Db *db = store_reader_begin(segments_store(segments), error);
    if (!db) return false;
    bool done = sql_pick_count(db, &(PickCountParams){change->segment_id}, &row, &found, error);
    store_reader_end(segments_store(segments), db);
    int64_t after = row.picks + length(change->add);
    if (done && length(change->add) > 0 && after > LIMIT_SEGMENT_PICKS)
        return too_many((guint)MIN(after, G_MAXINT), error);
    return done;
}

bool picked_change(Segments *segments, const PickedChange *change, PickedCount *ret_count,
                   GError **error)
{
    g_autoptr(SavedSegment) saved = saved_get(segments, change->segment_id, error);
    if (!saved) return false;
    if (!saved->listed)
        return fail(error, KITH_ERROR_INVALID,
                    "segment \"%s\" is a rule: nobody can be put on it by hand", saved->name);
    if (!room_check(segments, change, error)) return false;
    Picking picking = {.segments = segments, .by = change->by, .segment_id = change->segment_id};
    if (!units_run(&picking, change->add, error)) return false;
    picking.removes = true;
    if (!units_run(&picking, change->remove, error)) return false;
    *ret_count = picking.count;
    return true;
}

typedef struct Clearing {
    int64_t segment_id, rows;
} Clearing;

static bool clear_run(Db *db, void *data, GError **error)
{
    Clearing *clearing = data;
    PickClearParams params = {clearing->segment_id, PICK_CLEAR_ROWS};
    return sql_pick_clear(db, &params, &clearing->rows, error);
}

bool picked_forget(Segments *segments, int64_t segment_id, GError **error)
{
    Clearing clearing = {segment_id, PICK_CLEAR_ROWS};
    Writer *writer = store_writer(segments_store(segments));
    while (clearing.rows == PICK_CLEAR_ROWS)
        if (!writer_call(writer, WRITER_REST, clear_run, &clearing, error)) return false;
    return true;
}
