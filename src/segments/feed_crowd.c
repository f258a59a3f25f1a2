#include "segments/feed_private.h"

#include "segments/segments_sql.h"

FeedCrowd *feed_crowd_new(GArray *people)
{
    FeedCrowd *crowd = g_new0(FeedCrowd, 1);
    g_atomic_ref_count_init(&crowd->count);
    crowd->people = g_array_ref(people);
    return crowd;
}

FeedCrowd *feed_crowd_ref(FeedCrowd *crowd)
{
    g_atomic_ref_count_inc(&crowd->count);
    return crowd;
}

void feed_crowd_unref(FeedCrowd *crowd)
{
    if (!crowd || !g_atomic_ref_count_dec(&crowd->count)) return;
    g_array_unref(crowd->people);
    g_free(crowd->index);
    g_free(crowd);
}

/* The place of a person in a rising list, or where they would stand. */
static guint place_of(const GArray *people, int64_t person)
{
    guint low = 0, high = people->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(people, int64_t, middle) < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t index_of(const GArray *people, int64_t person)
{
    guint place = place_of(people, person);
    bool there = place < people->len && g_array_index(people, int64_t, place) == person;
    return there ? place : FEED_NOBODY;
}

static uint32_t stem_index(const Feed *feed, int64_t stem)
{
    int64_t person = stem ? people_person(feed->options.people, stem) : 0;
    return person ? index_of(feed->crowd->people, person) : FEED_NOBODY;
}

/* Room at the end may be filled while others read what stands before it; else it is a copy. */
static void room_make(Feed *feed, uint32_t rows)
{
    FeedCrowd *old = feed->crowd;
    if (rows <= old->room) return;
    FeedCrowd *crowd = feed_crowd_new(old->people);
    crowd->room = MAX(rows + rows / 4, 1024);
    crowd->index = g_new(uint32_t, crowd->room);
    crowd->rows = old->rows;
    if (old->rows) memcpy(crowd->index, old->index, old->rows * sizeof *crowd->index);
    feed_crowd_unref(old);
    feed->crowd = crowd;
}

void feed_crowd_extend(Feed *feed, const EventView *view)
{
    uint32_t rows = event_view_rows(view);
    room_make(feed, rows);
    for (uint32_t row = feed->crowd->rows; row < rows; row++)
        feed->crowd->index[row] = stem_index(feed, event_view_stem(view, row));
    feed->crowd->rows = MAX(feed->crowd->rows, rows);
}

/* ---- changes ---- */

static int id_compare(const void *a_pointer, const void *b_pointer)
{
    int64_t a = *(const int64_t *)a_pointer, b = *(const int64_t *)b_pointer;
    return (a > b) - (a < b);
}

static bool listed_read(Feed *feed, Db *db, int64_t person, GArray *listed, GError **error)
{
    CrowdPeopleParams params = {person, person, 1};
    CrowdPeopleRow row;
    People *people = feed->options.people;
    g_auto(DbCursor) cursor = {0};
    if (!sql_crowd_people_open(db, &params, &cursor, error)) return false;
    bool found = sql_crowd_people_next(&cursor, &row) && row.listed;
    if (found && people_person(people, person) == person && !people_is_erased(people, person))
        g_array_append_val(listed, person);
    return db_cursor_finish(&cursor, error);
}

enum { TOUCHED_CHUNK = 5000 };

/* Those of `ids` (rising) who are somebody. */
static GArray *listed_of(Feed *feed, const GArray *ids, GError **error)
{
    g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint from = 0; from < ids->len; from += TOUCHED_CHUNK) {
        Db *db = store_reader_begin(feed->options.store, error);
        if (!db) return NULL;
        bool done = true;
        guint end = MIN(ids->len, from + TOUCHED_CHUNK);
        for (guint i = from; done && i < end; i++)
            done = listed_read(feed, db, g_array_index(ids, int64_t, i), listed, error);
        store_reader_end(feed->options.store, db);
        if (!done) return NULL;
    }
    return g_steal_pointer(&listed);
}

/* The crowd without `ids` and with `listed`, all rising. `ret_moved`: the new place of each old
 * one. */
static GArray *people_join(const GArray *old, const GArray *ids, const GArray *listed,
                           uint32_t **ret_moved)
{
    GArray *people = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), old->len + listed->len);
    uint32_t *moved = g_new(uint32_t, old->len + 1);
    guint id = 0, next = 0;
    for (guint i = 0; i <= old->len; i++) {
        int64_t person = i < old->len ? g_array_index(old, int64_t, i) : INT64_MAX;
        for (; next < listed->len && g_array_index(listed, int64_t, next) < person; next++)
            g_array_append_val(people, g_array_index(listed, int64_t, next));
        while (id < ids->len && g_array_index(ids, int64_t, id) < person)
            id++;
        if (i == old->len) break;
        bool touched = id < ids->len && g_array_index(ids, int64_t, id) == person;
        bool stays =
            !touched || (next < listed->len && g_array_index(listed, int64_t, next) == person);
        moved[i] = stays ? people->len : FEED_NOBODY;
        if (stays) g_array_append_val(people, person);
        if (touched && stays) next++;
    }
    *ret_moved = moved;
    return people;
}

static void rows_move(Feed *feed, GArray *people, const uint32_t *moved)
{
    FeedCrowd *old = feed->crowd, *crowd = feed_crowd_new(people);
    crowd->rows = old->rows;
    crowd->room = old->room;
    crowd->index = g_new(uint32_t, MAX(old->room, 1));
    for (uint32_t row = 0; row < old->rows; row++)
        crowd->index[row] = old->index[row] == FEED_NOBODY ? FEED_NOBODY : moved[old->index[row]];
    feed_crowd_unref(old);
    feed->crowd = crowd;
}

/* The rows of everybody whom somebody touched belongs to now. */
static void rows_settle(Feed *feed, const GArray *ids)
{
    g_autoptr(EventView) view = event_columns_view(feed->columns);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < ids->len; i++) {
        int64_t id = g_array_index(ids, int64_t, i),
                person = people_person(feed->options.people, id);
        g_array_set_size(stems, 0);
        g_array_append_val(stems, id);
        if (person) people_stems(feed->options.people, person, stems);
        for (guint k = 0; k < stems->len; k++) {
            uint32_t row;
            int64_t stem = g_array_index(stems, int64_t, k);
            if (event_view_row(view, stem, &row) && row < feed->crowd->rows)
                feed->crowd->index[row] = stem_index(feed, stem);
        }
    }
}

bool feed_crowd_touch(Feed *feed, GHashTable *touched, GError **error)
{
    if (g_hash_table_size(touched) == 0) return true;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, touched);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        g_array_append_val(ids, *(int64_t *)key);
    g_array_sort(ids, id_compare);
    g_autoptr(GArray) listed = listed_of(feed, ids, error);
    if (!listed) return false;
    uint32_t *moved;
    g_autoptr(GArray) people = people_join(feed->crowd->people, ids, listed, &moved);
    rows_move(feed, people, moved);
    g_free(moved);
    rows_settle(feed, ids);
    g_hash_table_remove_all(touched);
    return true;
}
