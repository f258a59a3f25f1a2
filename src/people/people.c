#include "people/permission_count.h"

#include "base/ids.h"

#include <string.h>

#include "store/store.h"
#include "store/writer.h"

/* ---- keys ---- */

Hash128 people_identity_hash(const People *people, IdentityKind kind, Slice value)
{
    char text[IDENTITY_VALUE_MAX + 2];
    g_assert(value.size <= IDENTITY_VALUE_MAX);
    text[0] = (char)kind;
    memcpy(text + 1, value.data, value.size);
    return keyhash128(people->identity_key, text, value.size + 1);
}

/* Another stem for the same device. */
static int64_t visitor_stem_next(const People *people, int64_t stem)
{
    return -(int64_t)(keyhash64(people->visitor_key, &stem, sizeof stem) >> 1);
}

int64_t people_visitor_stem(const People *people, int64_t shop_id, Slice anonymous_id)
{
    char text[sizeof shop_id + IDENTITY_VALUE_MAX];
    size_t size = MIN(anonymous_id.size, IDENTITY_VALUE_MAX);
    memcpy(text, &shop_id, sizeof shop_id);
    memcpy(text + sizeof shop_id, anonymous_id.data, size);
    uint64_t hash = keyhash64(people->visitor_key, text, sizeof shop_id + size);
    int64_t stem = -(int64_t)(hash >> 1);
    while (stem != 0 && g_hash_table_contains(people->erased, &stem))
        stem = visitor_stem_next(people, stem);
    return stem ? stem : -1;
}

/* ---- changes, and how they are put back ---- */

static void identity_set(People *people, Hash128 hash, int64_t value)
{
    if (value == 0) {
        keymap_remove(people->identities, hash);
        return;
    }
    if (!keymap_put(people->identities, hash, value)) g_error("out of memory: identity map");
}

static void link_set(People *people, int64_t stem, int64_t parent)
{
    __atomic_add_fetch(&people->links_version, 1, __ATOMIC_RELEASE);
    links_end(people->links, stem);
    if (parent) g_assert(links_add(people->links, stem, parent));
}

static void erased_set(People *people, int64_t person_id, bool erased)
{
    if (!erased) {
        g_hash_table_remove(people->erased, &person_id);
        return;
    }
    g_hash_table_add(people->erased, g_memdup2(&person_id, sizeof person_id));
}

static void change_undo(People *people, const Undo *undo)
{
    switch (undo->kind) {
    case UNDO_IDENTITY:
        identity_set(people, undo->key, undo->old);
        return;
    case UNDO_LINK:
        link_set(people, undo->stem, undo->old);
        return;
    case UNDO_ERASED:
        erased_set(people, undo->stem, undo->old != 0);
        return;
    }
}

static void change_undo_to(People *people, guint length)
{
    if (people->undo->len == length) return;
    g_rw_lock_writer_lock(&people->lock);
    for (guint i = people->undo->len; i > length; i--)
        change_undo(people, &g_array_index(people->undo, Undo, i - 1));
    g_array_set_size(people->undo, length);
    people->generation++;
    g_rw_lock_writer_unlock(&people->lock);
}

static void change_begin(People *people, Undo undo)
{
    g_array_append_val(people->undo, undo);
    g_rw_lock_writer_lock(&people->lock);
}

static void change_end(People *people)
{
    g_rw_lock_writer_unlock(&people->lock);
    people->generation++;
}

static int64_t identity_value(const People *people, Hash128 hash)
{
    int64_t value = 0;
    return keymap_find(people->identities, hash, &value) ? value : 0;
}

void people_identity_put(People *people, Hash128 hash, int64_t stem, bool confirmed)
{
    int64_t old = identity_value(people, hash), value = confirmed ? stem : -stem;
    if (old == value) return;
    change_begin(people, (Undo){.kind = UNDO_IDENTITY, .key = hash, .old = old});
    identity_set(people, hash, value);
    change_end(people);
}

void people_identity_drop(People *people, Hash128 hash)
{
    int64_t old = identity_value(people, hash);
    if (old == 0) return;
    change_begin(people, (Undo){.kind = UNDO_IDENTITY, .key = hash, .old = old});
    identity_set(people, hash, 0);
    change_end(people);
}

void people_link_put(People *people, int64_t stem, int64_t parent)
{
    int64_t old = links_parent(people->links, stem);
    change_begin(people, (Undo){.kind = UNDO_LINK, .stem = stem, .old = old});
    link_set(people, stem, parent);
    change_end(people);
}

void people_link_drop(People *people, int64_t stem)
{
    int64_t old = links_parent(people->links, stem);
    if (old == 0) return;
    change_begin(people, (Undo){.kind = UNDO_LINK, .stem = stem, .old = old});
    link_set(people, stem, 0);
    change_end(people);
}

void people_erased_put(People *people, int64_t person_id)
{
    bool old = g_hash_table_contains(people->erased, &person_id);
    change_begin(people, (Undo){.kind = UNDO_ERASED, .stem = person_id, .old = old});
    erased_set(people, person_id, true);
    change_end(people);
}

/* ---- the writer's hooks ---- */

/* What a unit before this one held back and did not flush was not committed either. */
static void unit_began(void *data)
{
    People *people = data;
    g_clear_pointer(&people->denials, g_ptr_array_unref);
    people->unit_start = people->undo->len;
}

static void unit_undone(void *data)
{
    People *people = data;
    g_clear_pointer(&people->denials, g_ptr_array_unref);
    change_undo_to(people, people->unit_start);
}

void people_permission_touch(People *people, int64_t stem)
{
    if (stem)
        g_array_append_val(people->touched, stem);
    else
        people->touched_all = true;
}

/* Tables whose rows decide who may be written to, each by its person_id: whoever writes them. */
static int touch_place(const DbStatement *statement)
{
    static const char *const tables[] = {"consent", "person_identity", "person_summary", "orders",
                                         "refund"};
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
        if (g_str_equal(tables[i], statement->writes))
            return db_statement_place(statement, "person_id");
    return -1;
}

static void row_written(void *data, const DbStatement *statement, const DbValue *values)
{
    gpointer known;
    People *people = data;
    if (!g_hash_table_lookup_extended(people->touch_places, statement, NULL, &known)) {
        known = GINT_TO_POINTER(touch_place(statement) + 1);
        g_hash_table_insert(people->touch_places, (void *)statement, known);
    }
    if (known) people_permission_touch(people, values[GPOINTER_TO_INT(known) - 1].i64);
}

/* Who was joined or parted, both of them. */
static void links_touch(People *people)
{
    for (guint i = 0; i < people->undo->len; i++) {
        const Undo *undo = &g_array_index(people->undo, Undo, i);
        if (undo->kind == UNDO_IDENTITY) continue;
        people_permission_touch(people, undo->stem);
        if (undo->kind == UNDO_LINK && undo->old) people_permission_touch(people, undo->old);
    }
}

static void group_committed(void *data)
{
    People *people = data;
    links_touch(people);
    if (people->touched->len || people->touched_all)
        permission_cache_touch(people->permission, people->touched, people->touched_all);
    people->touched_all = false;
    g_array_set_size(people->touched, 0);
    g_array_set_size(people->undo, 0);
    people->unit_start = 0;
}

static void group_undone(void *data)
{
    People *people = data;
    people->unit_start = 0;
    change_undo_to(people, 0);
}

int64_t people_links_version(const People *people)
{
    return __atomic_load_n(&people->links_version, __ATOMIC_ACQUIRE);
}

/* ---- reading, on the writer thread ---- */

int64_t people_identity_stem(const People *people, Hash128 hash, bool *ret_confirmed)
{
    int64_t value = identity_value(people, hash);
    if (ret_confirmed) *ret_confirmed = value > 0;
    return ABS(value);
}

static const RefusedPair *refused_slot(const People *people, int64_t a, int64_t b)
{
    uint64_t mixed = ((uint64_t)a * 0x9e3779b97f4a7c15u) ^ ((uint64_t)b * 0xc2b2ae3d27d4eb4fu);
    return &people->refused[(mixed >> 40) % PEOPLE_REFUSED_SLOTS];
}

unsigned people_refused_find(const People *people, int64_t a, int64_t b)
{
    const RefusedPair *pair = refused_slot(people, a, b);
    bool same = pair->a == a && pair->b == b && pair->generation == people->generation;
    return same ? pair->refused : 0;
}

void people_refused_put(People *people, int64_t a, int64_t b, unsigned refused)
{
    RefusedPair *pair = (RefusedPair *)refused_slot(people, a, b);
    *pair = (RefusedPair){a, b, refused, people->generation};
}

/* ---- reading, on any thread ---- */

static int64_t root_of(const People *people, int64_t stem)
{
    int64_t person_id = links_person(people->links, stem);
    return person_id > 0 ? person_id : 0;
}

int64_t people_person(People *people, int64_t stem)
{
    g_rw_lock_reader_lock(&people->lock);
    int64_t person_id = root_of(people, stem);
    g_rw_lock_reader_unlock(&people->lock);
    return person_id;
}

void people_stems(People *people, int64_t person_id, GArray *stems)
{
    g_rw_lock_reader_lock(&people->lock);
    links_stems(people->links, person_id, stems);
    g_rw_lock_reader_unlock(&people->lock);
}

int64_t people_find(People *people, IdentityKind kind, int64_t shop_id, Slice raw)
{
    IdentityValue value;
    if (identity_normalize(kind, raw, &value) != IDENTITY_USABLE) return 0;
    Slice text = {value.text, value.size};
    if (kind == IDENTITY_ANONYMOUS_ID) {
        g_rw_lock_reader_lock(&people->lock);
        int64_t visitor = people_visitor_stem(people, shop_id, text);
        g_rw_lock_reader_unlock(&people->lock);
        return people_person(people, visitor);
    }
    Hash128 hash = people_identity_hash(people, kind, text);
    g_rw_lock_reader_lock(&people->lock);
    int64_t stem = people_identity_stem(people, hash, NULL);
    int64_t person_id = stem ? root_of(people, stem) : 0;
    g_rw_lock_reader_unlock(&people->lock);
    return person_id;
}

bool people_is_erased(People *people, int64_t person_id)
{
    g_rw_lock_reader_lock(&people->lock);
    bool erased = g_hash_table_contains(people->erased, &person_id);
    g_rw_lock_reader_unlock(&people->lock);
    return erased;
}

PeopleSize people_size(People *people)
{
    g_rw_lock_reader_lock(&people->lock);
    PeopleSize size = {
        .identities = keymap_count(people->identities),
        .links = links_count(people->links),
        .bytes = keymap_bytes(people->identities) + links_bytes(people->links),
    };
    g_rw_lock_reader_unlock(&people->lock);
    return size;
}

/* ---- opening ---- */

People *people_open(Store *store, GError **error)
{
    g_autoptr(People) people = g_new0(People, 1);
    people->store = store;
    g_rw_lock_init(&people->lock);
    memcpy(people->identity_key, store_secret(store, "identity"), KEYHASH_KEY_SIZE);
    memcpy(people->visitor_key, store_secret(store, "visitor"), KEYHASH_KEY_SIZE);
    memcpy(people->address_key, store_secret(store, "address"), KEYHASH_KEY_SIZE);
    people->erased = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    people->undo = g_array_new(FALSE, FALSE, sizeof(Undo));
    people->permission = permission_cache_new();
    people->touched = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people->touch_places = g_hash_table_new(g_direct_hash, g_direct_equal);
    if (!people_load(people, error)) return NULL;
    WriterWatch watch = {unit_began,   unit_undone, group_committed,
                         group_undone, people,      row_written};
    if (!writer_watch(store_writer(store), &watch, error)) return NULL;
    return g_steal_pointer(&people);
}

void people_free(People *people)
{
    if (!people) return;
    writer_unwatch(store_writer(people->store), people);
    g_clear_pointer(&people->identities, keymap_free);
    g_clear_pointer(&people->links, links_free);
    g_clear_pointer(&people->erased, g_hash_table_unref);
    g_clear_pointer(&people->denials, g_ptr_array_unref);
    g_clear_pointer(&people->permission, permission_cache_free);
    g_array_free(people->undo, TRUE);
    g_array_unref(people->touched);
    g_hash_table_unref(people->touch_places);
    g_rw_lock_clear(&people->lock);
    g_free(people);
}
