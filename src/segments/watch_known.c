#include "segments/watch_private.h"

#include "base/ids.h"
#include "segments/watch_sql.h"

/* What is known of this many steps is kept, in two halves: who was not asked for since the younger
 * half began to fill is let go when it is full. 32 bytes each, 64 MB together; what is kept of a
 * person besides counts as some more. One batch may go beyond it. */
enum { KNOWN_STEPS_MAX = 2 * 1024 * 1024, KNOWN_PERSON_STEPS = 5 };

struct WatchMemory {
    GHashTable *young, *old; /* person -> WatchKnown * */
    guint steps;             /* of the young, as counted */
};

static void known_free(gpointer data)
{
    WatchKnown *known = data;
    g_array_unref(known->steps);
    g_free(known);
}

static GHashTable *half_new(void)
{
    return g_hash_table_new_full(id_hash, g_int64_equal, NULL, known_free);
}

WatchMemory *watch_memory_new(void)
{
    WatchMemory *memory = g_new0(WatchMemory, 1);
    memory->young = half_new();
    memory->old = half_new();
    return memory;
}

void watch_memory_free(WatchMemory *memory)
{
    if (!memory) return;
    g_hash_table_unref(memory->young);
    g_hash_table_unref(memory->old);
    g_free(memory);
}

void watch_memory_clear(WatchMemory *memory)
{
    g_hash_table_remove_all(memory->young);
    g_hash_table_remove_all(memory->old);
    memory->steps = 0;
}

void watch_memory_drop(WatchMemory *memory, int64_t person)
{
    g_hash_table_remove(memory->young, &person);
    g_hash_table_remove(memory->old, &person);
}

void watch_memory_age(WatchMemory *memory)
{
    if (memory->steps < KNOWN_STEPS_MAX / 2) return;
    g_hash_table_unref(memory->old);
    memory->old = memory->young;
    memory->young = half_new();
    memory->steps = 0;
}

/* ---- steps, rising by their segment ---- */

/* Whether that of a segment is at this place, or would be. */
static bool is_step_place(const WatchKnown *known, guint place, int64_t segment_id)
{
    const WatchStep *steps = (const WatchStep *)(void *)known->steps->data;
    return place <= known->steps->len && (place == 0 || steps[place - 1].segment_id < segment_id) &&
           (place == known->steps->len || steps[place].segment_id >= segment_id);
}

/* Rules are gone through in the order of their segments: it is where the last was, or next to it.
 */
static guint step_place(const WatchKnown *known, int64_t segment_id)
{
    guint low = 0, high = known->steps->len;
    for (guint place = known->near; place <= known->near + 1; place++)
        if (is_step_place(known, place, segment_id)) return place;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(known->steps, WatchStep, middle).segment_id < segment_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

WatchStep *watch_step_find(WatchKnown *known, int64_t segment_id)
{
    guint place = known->near = step_place(known, segment_id);
    if (place == known->steps->len) return NULL;
    WatchStep *step = &g_array_index(known->steps, WatchStep, place);
    return step->segment_id == segment_id ? step : NULL;
}

WatchStep *watch_step_take(WatchKnown *known, int64_t segment_id)
{
    WatchStep *found = watch_step_find(known, segment_id);
    if (found) return found;
    guint place = step_place(known, segment_id);
    WatchStep step = {.segment_id = segment_id, .at = INT64_MIN, .due = INT64_MAX};
    g_array_insert_val(known->steps, place, step);
    return &g_array_index(known->steps, WatchStep, place);
}

/* ---- reading ---- */

static bool steps_read(Db *db, WatchKnown *known, GError **error)
{
    MemberLastRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_member_last_open(db, &(MemberLastParams){known->person}, &cursor, error)) return false;
    while (sql_member_last_next(&cursor, &row)) {
        WatchStep *step = watch_step_take(known, row.segment_id);
        step->at = row.at;
        step->member_id = row.member_id;
    }
    return db_cursor_finish(&cursor, error);
}

static bool dues_read(Db *db, WatchKnown *known, GError **error)
{
    DueOfRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_due_of_open(db, &(DueOfParams){known->person}, &cursor, error)) return false;
    while (sql_due_of_next(&cursor, &row))
        watch_step_take(known, row.segment_id)->due = row.due_at;
    return db_cursor_finish(&cursor, error);
}

void watch_known_count(WatchMemory *memory, WatchKnown *known)
{
    guint steps = known->steps->len + KNOWN_PERSON_STEPS;
    memory->steps += steps - known->counted; /* never fewer than before */
    known->counted = steps;
}

WatchKnown *watch_known(WatchMemory *memory, int64_t person)
{
    WatchKnown *known = g_hash_table_lookup(memory->young, &person);
    if (known) return known;
    known = g_hash_table_lookup(memory->old, &person);
    if (!known) return NULL;
    g_hash_table_steal(memory->old, &person);
    known->counted = 0;
    g_hash_table_insert(memory->young, &known->person, known);
    watch_known_count(memory, known);
    return known;
}

WatchKnown *watch_known_read(WatchMemory *memory, Db *db, int64_t person, GError **error)
{
    WatchKnown *known = g_new0(WatchKnown, 1);
    known->person = person;
    known->steps = g_array_new(FALSE, FALSE, sizeof(WatchStep));
    if (!steps_read(db, known, error) || !dues_read(db, known, error)) {
        known_free(known);
        return NULL;
    }
    g_hash_table_insert(memory->young, &known->person, known);
    watch_known_count(memory, known);
    return known;
}
