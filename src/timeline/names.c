#include "timeline/names.h"

#include "base/keyhash.h"
#include "base/limits.h"
#include "timeline/timeline_sql.h"

enum { TAKE_ATTEMPTS = 8, RECENT_SLOTS = 32 };

typedef struct Name {
    NameInfo info;
    size_t size; /* of the text, bytes */
    int64_t source_id;
    bool stored; /* its row is committed, or written by this group; writer only */
} Name;

struct Names {
    GRWLock lock;
    uint8_t key[KEYHASH_KEY_SIZE];
    KeyMap *by_name;     /* hash of name -> index in `list` */
    GHashTable *by_id;   /* gint64 name_id -> Name */
    GPtrArray *list;     /* of Name, owned */
    GHashTable *budgets; /* gint64 source_id -> names brought; writer only */
    int64_t highest;
    GPtrArray *written;         /* of Name: rows of the group at hand; writer only */
    guint unit_start;           /* length of `written` when the unit at hand began */
    Name *recent[RECENT_SLOTS]; /* most events bear one of few names; writer only */
};

static void name_free(gpointer data)
{
    Name *name = data;
    g_free((char *)name->info.name);
    g_free(name);
}

Names *names_new(const uint8_t *key)
{
    Names *names = g_new0(Names, 1);
    g_rw_lock_init(&names->lock);
    memcpy(names->key, key, sizeof names->key);
    names->by_name = keymap_new(0);
    names->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    names->list = g_ptr_array_new_with_free_func(name_free);
    names->budgets = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    names->written = g_ptr_array_new();
    return names;
}

static void unit_begin(void *data)
{
    Names *names = data;
    names->unit_start = names->written->len;
}

static void written_undo(Names *names, guint from)
{
    for (guint i = from; i < names->written->len; i++)
        ((Name *)g_ptr_array_index(names->written, i))->stored = false;
    g_ptr_array_set_size(names->written, (gint)from);
}

static void unit_undo(void *data)
{
    Names *names = data;
    written_undo(names, MIN(names->unit_start, names->written->len));
}

static void group_undo(void *data)
{
    written_undo(data, 0);
    unit_begin(data);
}

static void group_commit(void *data)
{
    Names *names = data;
    g_ptr_array_set_size(names->written, 0);
    names->unit_start = 0;
}

WriterWatch names_watch(Names *names)
{
    return (WriterWatch){.unit_begin = unit_begin,
                         .unit_undo = unit_undo,
                         .group_commit = group_commit,
                         .group_undo = group_undo,
                         .data = names};
}

void names_free(Names *names)
{
    if (!names) return;
    g_ptr_array_unref(names->written);
    keymap_free(names->by_name);
    g_hash_table_unref(names->by_id);
    g_ptr_array_unref(names->list);
    g_hash_table_unref(names->budgets);
    g_rw_lock_clear(&names->lock);
    g_free(names);
}

static Name *name_lookup(Names *names, Slice text)
{
    int64_t index;
    Hash128 hash = keyhash128(names->key, text.data, text.size);
    return keymap_find(names->by_name, hash, &index) ? g_ptr_array_index(names->list, (guint)index)
                                                     : NULL;
}

static Name *name_add(Names *names, int64_t name_id, Slice text, int64_t first_at)
{
    Name *name = g_new0(Name, 1);
    name->info = (NameInfo){name_id, g_strndup(text.data, text.size), first_at};
    name->size = strlen(name->info.name);
    g_rw_lock_writer_lock(&names->lock);
    Hash128 hash = keyhash128(names->key, text.data, text.size);
    if (!keymap_put(names->by_name, hash, names->list->len)) g_error("out of memory: event names");
    g_ptr_array_add(names->list, name);
    g_hash_table_insert(names->by_id, &name->info.name_id, name);
    names->highest = MAX(names->highest, name_id);
    g_rw_lock_writer_unlock(&names->lock);
    return name;
}

static gint budget_used(Names *names, int64_t source_id)
{
    return GPOINTER_TO_INT(g_hash_table_lookup(names->budgets, &source_id));
}

static void budget_spend(Names *names, int64_t source_id)
{
    gint used = budget_used(names, source_id) + 1;
    g_hash_table_insert(names->budgets, g_memdup2(&source_id, sizeof source_id),
                        GINT_TO_POINTER(used));
}

bool names_load(Names *names, Db *db, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_names_open(db, &cursor, error)) return false;
    EventNamesRow row;
    while (sql_event_names_next(&cursor, &row)) {
        if (name_lookup(names, slice_of(row.name))) continue;
        Name *name = name_add(names, row.name_id, slice_of(row.name), row.first_at);
        name->stored = true;
        name->source_id = row.source_id;
        budget_spend(names, row.source_id);
    }
    return db_cursor_finish(&cursor, error);
}

static void name_written(Names *names, Name *name)
{
    name->stored = true;
    g_ptr_array_add(names->written, name);
}

/* Writes the row of a name again, when the unit that brought it was rolled back. */
static bool name_restore(Names *names, Db *db, Name *name, GError **error)
{
    if (name->stored) return true;
    EventNameInsertParams row = {.name_id = name->info.name_id,
                                 .name = name->info.name,
                                 .source_id = name->source_id,
                                 .first_at = name->info.first_at};
    if (!sql_event_name_insert(db, &row, NULL, error)) return false;
    name_written(names, name);
    return true;
}

static bool within_budget(Names *names, const NameAsk *ask)
{
    if (names->list->len >= LIMIT_EVENT_NAMES) return false;
    return !ask->is_public || budget_used(names, ask->source_id) < NAMES_PER_TRACK_SOURCE;
}

/* Another process on the same PostgreSQL may have given out the number or the name first: then
 * the row that is there decides. */
static bool name_claim(Names *names, Db *db, const NameAsk *ask, Name **ret_name, GError **error)
{
    g_autofree char *text = g_strndup(ask->name.data, ask->name.size);
    for (int attempt = 0; attempt < TAKE_ATTEMPTS; attempt++) {
        EventNameInsertParams row = {.name_id = names->highest + 1 + attempt,
                                     .name = text,
                                     .source_id = ask->source_id,
                                     .first_at = ask->at};
        EventNameFindRow found;
        bool is_there = false;
        if (!sql_event_name_insert(db, &row, NULL, error)) return false;
        EventNameFindParams params = {.name = text};
        if (!sql_event_name_find(db, &params, &found, &is_there, error)) return false;
        if (!is_there) continue;
        Name *name = name_add(names, found.name_id, ask->name, found.first_at);
        name->source_id = ask->source_id;
        name_written(names, name);
        budget_spend(names, ask->source_id);
        *ret_name = name;
        return true;
    }
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not give the event name \"%s\" a number",
                text);
}

/* Without the keyed hash, for a name that was taken a moment ago. The slot is chosen by what a
 * stranger may choose: the worst they reach is the slower way. */
static Name *name_recent(Names *names, Slice text)
{
    if (text.size == 0) return name_lookup(names, text);
    size_t last = (uint8_t)text.data[text.size - 1];
    Name **slot = &names->recent[(text.size * 7 + (uint8_t)text.data[0] * 3 + last) % RECENT_SLOTS];
    if (*slot && slice_equal((Slice){(*slot)->info.name, (*slot)->size}, text)) return *slot;
    Name *name = name_lookup(names, text);
    if (name) *slot = name;
    return name;
}

bool names_take(Names *names, Db *db, const NameAsk *ask, int64_t *ret_name_id, GError **error)
{
    Name *name = name_recent(names, ask->name);
    *ret_name_id = 0;
    if (!name && !within_budget(names, ask)) return true;
    if (!name && !name_claim(names, db, ask, &name, error)) return false;
    if (!name_restore(names, db, name, error)) return false;
    *ret_name_id = name->info.name_id;
    return true;
}

int64_t names_find(Names *names, Slice name)
{
    g_rw_lock_reader_lock(&names->lock);
    const Name *found = name_lookup(names, name);
    int64_t name_id = found ? found->info.name_id : 0;
    g_rw_lock_reader_unlock(&names->lock);
    return name_id;
}

const char *names_text(Names *names, int64_t name_id)
{
    g_rw_lock_reader_lock(&names->lock);
    const Name *found = g_hash_table_lookup(names->by_id, &name_id);
    const char *text = found ? found->info.name : NULL;
    g_rw_lock_reader_unlock(&names->lock);
    return text;
}

static gint info_compare(gconstpointer left, gconstpointer right)
{
    const NameInfo *a = left, *b = right;
    return (a->name_id > b->name_id) - (a->name_id < b->name_id);
}

GArray *names_list(Names *names)
{
    GArray *infos = g_array_new(FALSE, FALSE, sizeof(NameInfo));
    g_rw_lock_reader_lock(&names->lock);
    for (guint i = 0; i < names->list->len; i++) {
        const Name *name = g_ptr_array_index(names->list, i);
        g_array_append_val(infos, name->info);
    }
    g_rw_lock_reader_unlock(&names->lock);
    g_array_sort(infos, info_compare);
    return infos;
}
