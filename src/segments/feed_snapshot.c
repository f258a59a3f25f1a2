/* The snapshot of a feed: written at a clean stop, used by the next start if nothing was written
 * since (store/calm.h), and gone from the folder as soon as it is opened. */
#include "segments/feed_private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <unistd.h>

#include "base/error.h"
#include "columns/run_sort.h"
#include "segments/feed_traits.h"
#include "store/calm.h"

/* What the feed keeps in the file beside the columns: program, budget, currency; names with whether
 * they have to be read, the wanted and the held properties; traits with whether they have to be
 * read and are held, by slot; the crowd. */
#define OWNER_TYPE G_VARIANT_TYPE("(ttsa(xbasas)a(sbb)ax)")
enum { OWNER_PROGRAM, OWNER_BUDGET, OWNER_CURRENCY, OWNER_NAMES, OWNER_TRAITS, OWNER_CROWD };

enum { SAVE_ATTEMPTS = 3 /* changes may come while one is written */ };

static char *path_of(const Feed *feed)
{
    return g_build_filename(store_dir(feed->options.store), STORE_CALM_FILE, NULL);
}

static void note(const Feed *feed, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void note(const Feed *feed, const char *format, ...)
{
    va_list arguments;
    if (!feed->options.note) return;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    feed->options.note(feed->options.note_data, text);
}

/* Another program may read the same rows as something else. 0: not known. */
static uint64_t program_mark(void)
{
    g_autoptr(GMappedFile) file = g_mapped_file_new("/proc/self/exe", FALSE, NULL);
    if (!file) return 0;
    return run_checksum(1, g_mapped_file_get_contents(file), g_mapped_file_get_length(file)) | 1;
}

static bool epoch_of(const char *token, uint8_t epoch[EVENT_EPOCH_BYTES])
{
    size_t size;
    return sodium_hex2bin(epoch, EVENT_EPOCH_BYTES, token, strlen(token), NULL, &size, NULL) == 0 &&
           size == EVENT_EPOCH_BYTES;
}

/* ---- saving ---- */

static GVariant *names_pack(const Feed *feed)
{
    GVariantBuilder names;
    GHashTableIter iter;
    gpointer value;
    g_variant_builder_init(&names, G_VARIANT_TYPE("a(xbasas)"));
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const FeedName *name = value;
        g_variant_builder_add(
            &names, "(xb@as@as)", name->name_id, (gboolean)(name->again || name->building),
            g_variant_new_strv((const char *const *)name->paths->pdata, name->paths->len),
            g_variant_new_strv((const char *const *)name->held->pdata, name->held->len));
    }
    return g_variant_builder_end(&names);
}

static GVariant *traits_pack(const Feed *feed)
{
    GVariantBuilder traits;
    g_variant_builder_init(&traits, G_VARIANT_TYPE("a(sbb)"));
    for (guint i = 0; i < feed->traits->len; i++) {
        const FeedTrait *trait = feed->traits->pdata[i];
        gboolean again = trait->again || trait->building, held = trait->held && !again;
        g_variant_builder_add(&traits, "(sbb)", trait->key, again, held);
    }
    return g_variant_builder_end(&traits);
}

static GBytes *owner_pack(const Feed *feed, uint64_t program)
{
    const GArray *people = feed->crowd->people;
    GVariant *crowd =
        g_variant_new_fixed_array(G_VARIANT_TYPE_INT64, people->data, people->len, sizeof(int64_t));
    g_autoptr(GVariant) owner = g_variant_ref_sink(
        g_variant_new("(tts@a(xbasas)@a(sbb)@ax)", program, feed->options.bytes_max, feed->currency,
                      names_pack(feed), traits_pack(feed), crowd));
    return g_variant_get_data_as_bytes(owner);
}

static bool nothing_waits(void *data)
{
    const Feed *feed = data;
    return feed_queue_is_empty(feed->queue);
}

static bool save_once(Feed *feed, const char *path, uint64_t program, GError **error)
{
    uint8_t epoch[EVENT_EPOCH_BYTES];
    char token[EVENT_EPOCH_BYTES * 2 + 1];
    if (!feed_drain(feed, NULL, error)) return false;
    if (feed->stale) return fail(error, KITH_ERROR_CONFLICT, "everything has to be read anew");
    event_columns_publish(feed->columns, 0);
    randombytes_buf(epoch, sizeof epoch);
    sodium_bin2hex(token, sizeof token, epoch, sizeof epoch);
    g_autoptr(GBytes) owner = owner_pack(feed, program);
    event_columns_mark(feed->columns, epoch, owner);
    return event_columns_save(feed->columns, path, error) &&
           store_calm_mark(feed->options.store, token, nothing_waits, feed, error);
}

void feed_snapshot_save(Feed *feed)
{
    uint64_t program = feed->options.snapshot ? program_mark() : 0;
    if (!program || !g_atomic_int_get(&feed->ready) || feed->stale) return;
    g_autofree char *path = path_of(feed);
    for (int attempt = 1;; attempt++) {
        g_autoptr(GError) error = NULL;
        if (save_once(feed, path, program, &error)) return;
        g_unlink(path);
        bool again = g_error_matches(error, KITH_ERROR, KITH_ERROR_CONFLICT) && !feed->stale;
        if (again && attempt < SAVE_ATTEMPTS) continue;
        note(feed, "columns: not saved, the next start reads everything: %s", error->message);
        return;
    }
}

/* ---- loading ---- */

struct FeedSnapshot {
    int file;
    uint8_t epoch[EVENT_EPOCH_BYTES];
    EventColumns *columns;
    GVariant *owner;
};

static void snapshot_free(FeedSnapshot *snapshot)
{
    if (!snapshot) return;
    close(snapshot->file);
    event_columns_free(snapshot->columns);
    g_clear_pointer(&snapshot->owner, g_variant_unref);
    g_free(snapshot);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FeedSnapshot, snapshot_free)

static bool mark_read(Feed *feed, FeedSnapshot *snapshot, GError **error)
{
    g_autofree char *token = NULL;
    if (!store_calm_find(feed->options.store, &token, error)) return false;
    if (token && epoch_of(token, snapshot->epoch)) return true;
    return fail(error, KITH_ERROR_INVALID, "something was written since it was saved");
}

void feed_snapshot_open(Feed *feed)
{
    if (!feed->options.snapshot) return;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = path_of(feed);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        note(feed, "columns: everything is read: there is no snapshot of a clean stop");
        return;
    }
    g_unlink(path);
    g_autoptr(FeedSnapshot) snapshot = g_new0(FeedSnapshot, 1);
    snapshot->file = file;
    if (mark_read(feed, snapshot, &error))
        feed->snapshot = g_steal_pointer(&snapshot);
    else
        note(feed, "columns: everything is read, the snapshot is not used: %s", error->message);
}

static bool currency_is(Feed *feed, const char *currency, GError **error)
{
    Evaluation evaluation;
    evaluation_init(&evaluation, feed->segments, INT64_MAX);
    bool done = evaluation_business(&evaluation, error);
    bool same = done && strcmp(evaluation.currency, currency) == 0;
    evaluation_clear(&evaluation);
    if (done && !same) return fail(error, KITH_ERROR_INVALID, "it is of another currency");
    return same;
}

static bool owner_check(Feed *feed, GVariant *owner, GError **error)
{
    uint64_t program, budget;
    const char *currency;
    if (!g_variant_is_normal_form(owner))
        return fail(error, KITH_ERROR_INVALID, "what the feed keeps in it is damaged");
    g_variant_get_child(owner, OWNER_PROGRAM, "t", &program);
    g_variant_get_child(owner, OWNER_BUDGET, "t", &budget);
    g_variant_get_child(owner, OWNER_CURRENCY, "&s", &currency);
    if (program != program_mark())
        return fail(error, KITH_ERROR_INVALID, "it is of another program");
    if (budget != feed->options.bytes_max)
        return fail(error, KITH_ERROR_LIMIT, "another memory is allowed now (columns-mb)");
    return currency_is(feed, currency, error);
}

static bool snapshot_read(Feed *feed, FeedSnapshot *snapshot, GError **error)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", snapshot->file);
    EventColumnsOptions options = feed_columns_options(feed);
    memcpy(options.epoch, snapshot->epoch, sizeof options.epoch);
    snapshot->columns = event_columns_new(&options);
    if (!event_columns_load(snapshot->columns, path, error)) return false;
    g_autoptr(GBytes) owner = event_columns_owner(snapshot->columns);
    if (!owner) return fail(error, KITH_ERROR_INVALID, "it is of another owner");
    snapshot->owner = g_variant_ref_sink(g_variant_new_from_bytes(OWNER_TYPE, owner, FALSE));
    return owner_check(feed, snapshot->owner, error);
}

static GPtrArray *paths_unpack(char **paths)
{
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    for (char **path = paths; *path; path++)
        g_ptr_array_add(list, g_strdup(*path));
    return list;
}

/* A name that is not there came later: everything of it comes by the queue. */
static void names_unpack(Feed *feed, GVariant *owner)
{
    g_autoptr(GVariant) names = g_variant_get_child_value(owner, OWNER_NAMES);
    GVariantIter iter;
    gint64 name_id;
    gboolean again;
    char **paths, **held;
    g_variant_iter_init(&iter, names);
    while (g_variant_iter_next(&iter, "(xb^as^as)", &name_id, &again, &paths, &held)) {
        FeedName *name = feed_name_add(feed, name_id);
        g_ptr_array_unref(name->paths);
        g_ptr_array_unref(name->held);
        name->paths = paths_unpack(paths);
        name->held = paths_unpack(held);
        name->again = again;
        feed->wanted = feed->wanted || again;
        g_strfreev(paths);
        g_strfreev(held);
    }
}

static void traits_unpack(Feed *feed, GVariant *owner)
{
    g_autoptr(GVariant) traits = g_variant_get_child_value(owner, OWNER_TRAITS);
    GVariantIter iter;
    char *key;
    gboolean again, held;
    g_ptr_array_set_size(feed->traits, 0);
    g_variant_iter_init(&iter, traits);
    while (g_variant_iter_next(&iter, "(sbb)", &key, &again, &held)) {
        FeedTrait *trait = g_new0(FeedTrait, 1);
        *trait = (FeedTrait){.key = key, .again = again, .held = held};
        trait->name = FEED_NAME_TRAITS + feed->traits->len;
        trait->asked_us = g_get_monotonic_time();
        g_ptr_array_add(feed->traits, trait);
        feed->wanted = feed->wanted || again;
    }
}

static void crowd_unpack(Feed *feed, GVariant *owner)
{
    g_autoptr(GVariant) crowd = g_variant_get_child_value(owner, OWNER_CROWD);
    gsize count;
    const int64_t *ids = g_variant_get_fixed_array(crowd, &count, sizeof(int64_t));
    g_autoptr(GArray) people = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), (guint)count);
    if (count > 0) g_array_append_vals(people, ids, (guint)count);
    feed_crowd_unref(feed->crowd);
    feed->crowd = feed_crowd_new(people);
}

/* With `lock`. What came since the file was opened is in the queue. */
static void snapshot_install(Feed *feed, FeedSnapshot *snapshot)
{
    const char *currency;
    g_variant_get_child(snapshot->owner, OWNER_CURRENCY, "&s", &currency);
    g_strlcpy(feed->currency, currency, CURRENCY_SIZE);
    names_unpack(feed, snapshot->owner);
    traits_unpack(feed, snapshot->owner);
    crowd_unpack(feed, snapshot->owner);
    g_mutex_lock(&feed->write);
    g_clear_pointer(&feed->columns, event_columns_free);
    feed->columns = g_steal_pointer(&snapshot->columns);
    g_mutex_unlock(&feed->write);
    feed->stale = false;
}

bool feed_snapshot_load(Feed *feed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(FeedSnapshot) snapshot = g_steal_pointer(&feed->snapshot);
    if (!snapshot) return false;
    g_mutex_unlock(&feed->lock);
    bool done = snapshot_read(feed, snapshot, &error);
    g_mutex_lock(&feed->lock);
    if (done) snapshot_install(feed, snapshot);
    done = done && feed_drain(feed, NULL, &error);
    if (!done) feed->stale = true;
    if (done)
        note(feed, "columns: mapped from the snapshot of the last stop");
    else
        note(feed, "columns: everything is read, the snapshot is not used: %s", error->message);
    feed->loaded = done;
    return done;
}

void feed_snapshot_clear(Feed *feed) { g_clear_pointer(&feed->snapshot, snapshot_free); }
