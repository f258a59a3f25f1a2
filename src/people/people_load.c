#include "people/people_state.h"

#include <string.h>

#include "people/people_sql.h"
#include "store/store.h"

/* A page takes well under the reader's two seconds. */
enum { LOAD_PAGE_ROWS = 200000 };

typedef struct Loader {
    People *people;
    char kind[16]; /* where the next page of identities begins */
    char value[IDENTITY_VALUE_MAX + 32];
    int64_t stem, merge_id; /* where the next page of links begins */
    size_t rows;            /* of the page at hand */
} Loader;

static void identity_take(Loader *loader, const PeopleIdentitiesRow *row)
{
    IdentityKind kind = identity_kind_parse(row->kind);
    if (kind == IDENTITY_KIND_END || kind == IDENTITY_ANONYMOUS_ID) return;
    Slice value = slice_of(row->value);
    if (value.size > IDENTITY_VALUE_MAX) return;
    Hash128 hash = people_identity_hash(loader->people, kind, value);
    int64_t stem = row->confirmed ? row->person_id : -row->person_id;
    if (!keymap_put(loader->people->identities, hash, stem)) g_error("out of memory: identities");
}

static bool identities_page(Loader *loader, Db *db, GError **error)
{
    PeopleIdentitiesParams params = {loader->kind, loader->value, LOAD_PAGE_ROWS};
    PeopleIdentitiesRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_people_identities_open(db, &params, &cursor, error)) return false;
    char kind[sizeof loader->kind] = "", value[sizeof loader->value] = "";
    for (loader->rows = 0; sql_people_identities_next(&cursor, &row); loader->rows++) {
        identity_take(loader, &row);
        if (loader->rows + 1 < LOAD_PAGE_ROWS) continue;
        g_strlcpy(kind, row.kind, sizeof kind);
        g_strlcpy(value, row.value, sizeof value);
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    memcpy(loader->kind, kind, sizeof kind);
    memcpy(loader->value, value, sizeof value);
    return true;
}

/* Edges come in order of stem, so a parent may still lack its own edge; links_add only refuses
 * what would close a ring, and the store holds none. */
static bool links_page(Loader *loader, Db *db, GError **error)
{
    PeopleLinksParams params = {loader->stem, loader->merge_id, LOAD_PAGE_ROWS};
    PeopleLinksRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_people_links_open(db, &params, &cursor, error)) return false;
    for (loader->rows = 0; sql_people_links_next(&cursor, &row); loader->rows++) {
        loader->stem = row.stem;
        loader->merge_id = row.merge_id;
        if (!row.ended_at.set) links_add(loader->people->links, row.stem, row.person_id);
    }
    return db_cursor_finish(&cursor, error);
}

static void erasure_take(People *people, const char *stems)
{
    json_t *list = json_loads(stems, 0, NULL), *item;
    size_t index;
    json_array_foreach(list, index, item)
    {
        int64_t stem = g_ascii_strtoll(json_string_value(item) ?: "0", NULL, 10);
        g_hash_table_add(people->erased, g_memdup2(&stem, sizeof stem));
    }
    json_decref(list);
}

static bool erasures_page(Loader *loader, Db *db, GError **error)
{
    PeopleErasuresRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_people_erasures_open(db, &cursor, error)) return false;
    while (sql_people_erasures_next(&cursor, &row))
        erasure_take(loader->people, row.stems);
    loader->rows = 0;
    return db_cursor_finish(&cursor, error);
}

/* Runs pages until one is not full, each in a reader's transaction of its own. */
static bool pages_run(Loader *loader, bool (*page)(Loader *, Db *, GError **), GError **error)
{
    do {
        Db *db = store_reader_begin(loader->people->store, error);
        if (!db) return false;
        bool done = page(loader, db, error);
        store_reader_end(loader->people->store, db);
        if (!done) return false;
    } while (loader->rows == LOAD_PAGE_ROWS);
    return true;
}

/* Makes both maps in their final size: growing while loading would hold two copies. */
static bool counts_page(Loader *loader, Db *db, GError **error)
{
    PeopleIdentityCountRow identities = {0};
    PeopleLinkCountRow links = {0};
    bool found;
    if (!sql_people_identity_count(db, &identities, &found, error)) return false;
    if (!sql_people_link_count(db, &links, &found, error)) return false;
    loader->people->identities = keymap_new((size_t)identities.count);
    loader->people->links = links_new((size_t)links.count);
    loader->rows = 0;
    return true;
}

/* Links load beside the identities: they share nothing but the store. */
typedef struct LinksLoad {
    People *people;
    bool done;
    GError *error;
} LinksLoad;

static void *links_load(void *data)
{
    LinksLoad *load = data;
    Loader loader = {.people = load->people, .stem = INT64_MIN};
    load->done = pages_run(&loader, links_page, &load->error);
    return NULL;
}

bool people_load(People *people, GError **error)
{
    Loader loader = {.people = people};
    LinksLoad links = {.people = people};
    if (!pages_run(&loader, counts_page, error)) return false;
    GThread *thread = g_thread_new("kith-load", links_load, &links);
    bool done = pages_run(&loader, identities_page, error);
    g_thread_join(thread);
    if (done && !links.done) g_propagate_error(error, g_steal_pointer(&links.error));
    g_clear_error(&links.error);
    return done && links.done && pages_run(&loader, erasures_page, error);
}
