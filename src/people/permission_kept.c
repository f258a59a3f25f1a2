/* Counts that are kept. A list of whom every commit touched is kept beside them; a count knows how
 * much of that list it has seen. Who was touched since is judged alone, by people_permission, and
 * takes the place of their older entry: so asking costs what changed, not what there is. Everybody
 * is counted anew when too much changed, when something was sworn to, and now and then. */
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "people/consent.h"
#include "people/permission_count.h"
#include "people/permission_sql.h"
#include "store/store.h"

enum {
    COUNTS_KEPT = 8,
    COUNT_AGE_MS = 10 * 60 * 1000,   /* then everybody is counted: consents dated ahead */
    COUNT_AGE_SHARED_MS = 60 * 1000, /* where other processes write too */
    TOUCHED_MAX = 20000,
    JUDGED_MAX = 2000,    /* alone; more are counted with everybody */
    JUDGED_AT_ONCE = 100, /* with one reader */
};

struct PermissionCache {
    GMutex lock;
    GPtrArray *counts; /* of PermissionCount, newest last */
    GArray *touched;   /* of int64_t: stems */
    int64_t first;     /* how many were touched before those */
    bool asked;        /* somebody counts, or did */
};

/* ---- whom commits touched ---- */

void permission_cache_touch(PermissionCache *cache, const GArray *stems, bool all)
{
    g_mutex_lock(&cache->lock);
    if (!cache->asked || all || cache->touched->len + stems->len > TOUCHED_MAX) {
        cache->first += cache->touched->len + stems->len + all;
        g_array_set_size(cache->touched, 0);
    } else {
        g_array_append_vals(cache->touched, stems->data, stems->len);
    }
    g_mutex_unlock(&cache->lock);
}

/* With the lock held. */
static int64_t touched_end(const PermissionCache *cache)
{
    return cache->first + cache->touched->len;
}

/* ---- counts ---- */

void permission_count_unref(PermissionCount *count)
{
    if (!count || !g_atomic_int_dec_and_test(&count->references)) return;
    g_free(count->channel);
    g_free(count->topic);
    g_array_unref(count->entries);
    g_free(count);
}

PermissionCache *permission_cache_new(void)
{
    PermissionCache *cache = g_new0(PermissionCache, 1);
    g_mutex_init(&cache->lock);
    cache->counts = g_ptr_array_new_with_free_func((GDestroyNotify)permission_count_unref);
    cache->touched = g_array_new(FALSE, FALSE, sizeof(int64_t));
    return cache;
}

void permission_cache_free(PermissionCache *cache)
{
    g_ptr_array_unref(cache->counts);
    g_array_unref(cache->touched);
    g_mutex_clear(&cache->lock);
    g_free(cache);
}

static int64_t orders_version(const People *people)
{
    return people->orders.version ? people->orders.version(people->orders.context) : 0;
}

/* What is known from here on is read after it was stored. */
static PermissionCount *count_new(People *people, const char *channel, const char *topic)
{
    PermissionCache *cache = people->permission;
    PermissionCount *count = g_new0(PermissionCount, 1);
    count->references = 1;
    count->orders_version = orders_version(people);
    count->at_ms = count->full_ms = clock_now_ms();
    count->channel = g_strdup(channel);
    count->topic = g_strdup(topic);
    count->entries = g_array_new(FALSE, FALSE, sizeof(PermissionEntry));
    g_mutex_lock(&cache->lock);
    cache->asked = true;
    count->known = touched_end(cache);
    g_mutex_unlock(&cache->lock);
    return count;
}

static void count_sum(PermissionCount *count)
{
    count->until_ms = INT64_MAX;
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        count->counts[entry->reason]++;
        if (permission_may(entry->reason) && entry->expires_at)
            count->until_ms = MIN(count->until_ms, entry->expires_at);
    }
}

/* Takes the place of an older one of its kind. */
static void count_keep(People *people, PermissionCount *count)
{
    PermissionCache *cache = people->permission;
    bool older = false;
    g_mutex_lock(&cache->lock);
    for (guint i = cache->counts->len; i > 0; i--) {
        const PermissionCount *other = cache->counts->pdata[i - 1];
        bool same =
            g_str_equal(other->channel, count->channel) && g_str_equal(other->topic, count->topic);
        if (same && other->known > count->known)
            older = true;
        else if (same)
            g_ptr_array_remove_index(cache->counts, i - 1);
    }
    if (!older) {
        if (cache->counts->len >= COUNTS_KEPT) g_ptr_array_remove_index(cache->counts, 0);
        g_atomic_int_inc(&count->references);
        g_ptr_array_add(cache->counts, count);
    }
    g_mutex_unlock(&cache->lock);
}

/* ---- what changed since ---- */

/* Whether a count can be brought up to date; `ret_touched`: by whom. With the lock held. */
static bool count_touched(People *people, const PermissionCount *count, GArray *ret_touched)
{
    const PermissionCache *cache = people->permission;
    int64_t age = clock_now_ms() - count->full_ms;
    bool shared = store_kind(people->store) == DB_POSTGRES;
    if (age < 0 || age > (shared ? COUNT_AGE_SHARED_MS : COUNT_AGE_MS)) return false;
    if (count->known < cache->first || count->orders_version != orders_version(people))
        return false;
    guint from = (guint)(count->known - cache->first);
    g_array_append_vals(ret_touched, &g_array_index(cache->touched, int64_t, from),
                        cache->touched->len - from);
    return true;
}

static PermissionCount *count_find(People *people, const PermissionCount *like, GArray *ret_touched)
{
    PermissionCache *cache = people->permission;
    PermissionCount *found = NULL;
    g_mutex_lock(&cache->lock);
    for (guint i = cache->counts->len; i > 0 && !found; i--) {
        PermissionCount *count = cache->counts->pdata[i - 1];
        bool same =
            g_str_equal(count->channel, like->channel) && g_str_equal(count->topic, like->topic);
        if (same && count_touched(people, count, ret_touched)) found = count;
    }
    if (found) g_atomic_int_inc(&found->references);
    g_mutex_unlock(&cache->lock);
    return found;
}

static int id_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Who may have another entry than before, rising, each once: who was touched as a stem and as who
 * they belong to, and whose permission ran out. */
static GArray *persons_of(People *people, const GArray *touched, const PermissionCount *old,
                          int64_t at_ms)
{
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GArray *persons = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < touched->len; i++) {
        int64_t stem = g_array_index(touched, int64_t, i), person = people_person(people, stem);
        g_array_append_val(all, stem);
        if (person && person != stem) g_array_append_val(all, person);
    }
    for (guint i = 0; at_ms >= old->until_ms && i < old->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(old->entries, PermissionEntry, i);
        if (entry->expires_at && entry->expires_at <= at_ms)
            g_array_append_val(all, entry->person_id);
    }
    g_array_sort(all, id_compare);
    for (guint i = 0; i < all->len; i++) {
        int64_t id = g_array_index(all, int64_t, i);
        if (i > 0 && g_array_index(all, int64_t, i - 1) == id) continue;
        g_array_append_val(persons, id);
    }
    return persons;
}

/* ---- judging some ---- */

/* The entry of somebody, unless nobody is listed under this id. */
static bool entry_judge(People *people, Db *db, const PermissionQuery *query, GArray *entries,
                        GError **error)
{
    PermissionPeopleParams params = {query->person_id - 1, 1};
    PermissionPeopleRow row;
    Permission permission;
    g_auto(DbCursor) cursor = {0};
    PermissionEntry entry = {.person_id = query->person_id, .law = LAW_NONE};
    if (!sql_permission_people_open(db, &params, &cursor, error)) return false;
    bool listed = sql_permission_people_next(&cursor, &row) && row.person_id == query->person_id &&
                  row.listed;
    if (listed && row.country && *row.country) entry.law = law_country(slice_of(row.country));
    if (!db_cursor_finish(&cursor, error)) return false;
    if (!listed) return true;
    if (!people_permission(people, db, query, &permission, error)) return false;
    entry.reason = permission.reason;
    entry.expires_at = permission.expires_at;
    g_array_append_val(entries, entry);
    return true;
}

static GArray *entries_judge(People *people, const GArray *persons, const PermissionCount *count,
                             GError **error)
{
    bool done = true;
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(PermissionEntry));
    for (guint i = 0; done && i < persons->len;) {
        Db *db = store_reader_begin(people->store, error);
        if (!db) return NULL;
        for (int n = 0; done && n < JUDGED_AT_ONCE && i < persons->len; n++) {
            PermissionQuery query = {.person_id = g_array_index(persons, int64_t, i++),
                                     .channel = count->channel,
                                     .topic = count->topic,
                                     .at_ms = count->at_ms};
            done = entry_judge(people, db, &query, entries, error);
        }
        store_reader_end(people->store, db);
    }
    return done ? g_steal_pointer(&entries) : NULL;
}

/* The old entries without `persons`, and those judged; all rising. */
static void entries_join(const GArray *old, const GArray *persons, const GArray *judged,
                         GArray *ret_entries)
{
    guint person = 0, next = 0;
    for (guint i = 0; i <= old->len; i++) {
        const PermissionEntry *entry =
            i < old->len ? &g_array_index(old, PermissionEntry, i) : NULL;
        int64_t id = entry ? entry->person_id : INT64_MAX;
        for (; next < judged->len; next++) {
            const PermissionEntry *one = &g_array_index(judged, PermissionEntry, next);
            if (one->person_id > id) break;
            g_array_append_vals(ret_entries, one, 1);
        }
        while (person < persons->len && g_array_index(persons, int64_t, person) < id)
            person++;
        bool again = person < persons->len && g_array_index(persons, int64_t, person) == id;
        if (entry && !again) g_array_append_vals(ret_entries, entry, 1);
    }
}

/* Brings `count` up to date from an older one; `ret_done` false: too many are to be judged. */
static bool count_follow(People *people, const PermissionCount *old, const GArray *touched,
                         PermissionCount *count, GError **error)
{
    g_autoptr(GArray) persons = persons_of(people, touched, old, count->at_ms);
    if (persons->len > JUDGED_MAX) return permission_count_all(people, NULL, count, error);
    g_autoptr(GArray) judged = entries_judge(people, persons, count, error);
    if (!judged) return false;
    entries_join(old->entries, persons, judged, count->entries);
    count->full_ms = old->full_ms;
    return true;
}

PermissionCount *people_permission_count(People *people, const char *channel, const char *topic,
                                         const Attestation *extra, GError **error)
{
    if (people_channel_kind(channel) == IDENTITY_KIND_END) {
        fail(error, KITH_ERROR_INVALID, "channel \"%s\" has no addresses", channel);
        return NULL;
    }
    g_autoptr(PermissionCount) count = count_new(people, channel, topic);
    g_autoptr(GArray) touched = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(PermissionCount) old = extra ? NULL : count_find(people, count, touched);
    if (old && touched->len == 0 && count->at_ms < old->until_ms) return g_steal_pointer(&old);
    bool done = old ? count_follow(people, old, touched, count, error)
                    : permission_count_all(people, extra, count, error);
    if (!done) return NULL;
    count_sum(count);
    if (!extra) count_keep(people, count);
    return g_steal_pointer(&count);
}
