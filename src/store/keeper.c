#include "store/keeper.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "store/store_sql.h"

static const char notes_name[] = "store.disk_days";

struct Keeper {
    Store *store;
    GThread *thread;
    GMutex mutex;
    GCond wake;
    bool stopping;
};

int64_t keeper_days_left(const char *notes, int64_t today, int64_t bytes, int64_t free_bytes)
{
    gint64 day = 0, size = 0;
    char *end = NULL;
    day = g_ascii_strtoll(notes, &end, 10);
    if (end == notes || *end != ':') return -1;
    size = g_ascii_strtoll(end + 1, NULL, 10);
    int64_t days = today - day, growth = bytes - size;
    if (days < 1 || growth <= 0) return -1;
    return (int64_t)((double)free_bytes / ((double)growth / (double)days));
}

char *keeper_note(const char *notes, int64_t today, int64_t bytes)
{
    g_auto(GStrv) parts = g_strsplit(notes, " ", 0);
    guint count = g_strv_length(parts);
    if (count && g_ascii_strtoll(parts[count - 1], NULL, 10) >= today) return g_strdup(notes);
    guint from = count >= KEEPER_DAYS_MAX ? count - KEEPER_DAYS_MAX + 1 : 0;
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = from; i < count; i++)
        g_string_append_printf(text, "%s ", parts[i]);
    g_string_append_printf(text, "%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT, today, bytes);
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static int64_t file_bytes(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static int64_t data_bytes(Store *store, Db *db)
{
    if (store->kind == DB_SQLITE) {
        g_autofree char *log = g_strdup_printf("%s-wal", store->file);
        return file_bytes(store->file) + file_bytes(log);
    }
    DatabaseBytesRow row = {0};
    bool found = false;
    return sql_database_bytes(db, &row, &found, NULL) && found ? row.bytes : 0;
}

typedef struct NotesUnit {
    const char *notes;
} NotesUnit;

static bool notes_unit(Db *db, void *data, GError **error)
{
    const NotesUnit *unit = data;
    SettingSaveParams params = {notes_name, unit->notes, clock_real_ms()};
    return sql_setting_save(db, &params, NULL, error);
}

/* What one look shows. */
typedef struct Look {
    int64_t bytes, free_bytes, parked, today;
    char *notes;
} Look;

static bool look_read(Store *store, Look *look)
{
    Db *db = store_reader_begin(store, NULL);
    if (!db) return false;
    SettingFindParams params = {notes_name};
    SettingFindRow setting = {0};
    AttentionCountRow parked = {0};
    bool found = false, counted = false;
    bool done = sql_attention_count(db, &parked, &counted, NULL);
    look->bytes = data_bytes(store, db);
    done = done && sql_setting_find(db, &params, &setting, &found, NULL);
    look->notes = g_strdup(done && found ? setting.value : "");
    look->parked = done ? parked.count : 0;
    store_reader_end(store, db);
    return done;
}

static void look_publish(Keeper *keeper)
{
    Store *store = keeper->store;
    StoreMetrics *metrics = &store->metrics;
    struct statvfs disk;
    Look look = {.today = clock_real_ms() / CLOCK_DAY_MS};
    if (statvfs(store->folder.path, &disk) == 0)
        look.free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    store_metric_set(&metrics->disk_free_bytes, look.free_bytes);
    if (look_read(store, &look)) {
        g_autofree char *notes = keeper_note(look.notes, look.today, look.bytes);
        NotesUnit unit = {notes};
        if (strcmp(notes, look.notes) != 0)
            writer_call(store->writer, WRITER_REST, notes_unit, &unit, NULL);
        store_metric_set(&metrics->disk_data_bytes, look.bytes);
        store_metric_set(&metrics->parked, look.parked);
        store_metric_set(&metrics->disk_days_left,
                         keeper_days_left(notes, look.today, look.bytes, look.free_bytes));
    }
    g_free(look.notes);
}

void keeper_copies_remove(const char *file, int64_t now_ms)
{
    g_autofree char *folder = g_path_get_dirname(file);
    g_autofree char *name = g_path_get_basename(file);
    g_autofree char *prefix = g_strdup_printf("%s.before-", name);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        struct stat info;
        if (!g_str_has_prefix(entry, prefix) || stat(path, &info) != 0) continue;
        /* When it was put there: a renamed file keeps the time of its content. */
        if (now_ms - (int64_t)info.st_ctime * 1000 > KEEPER_COPY_MS) g_unlink(path);
    }
}

/* An empty unit: the group's end renews the lease when a third of it is over. */
static bool lease_unit(Db *db G_GNUC_UNUSED, void *data G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    return true;
}

static void *keeper_main(void *data)
{
    Keeper *keeper = data;
    Store *store = keeper->store;
    g_mutex_lock(&keeper->mutex);
    while (!keeper->stopping) {
        g_mutex_unlock(&keeper->mutex);
        if (store->kind == DB_POSTGRES)
            writer_call(store->writer, WRITER_TIMER, lease_unit, NULL, NULL);
        look_publish(keeper);
        if (store->file) keeper_copies_remove(store->file, clock_real_ms());
        g_mutex_lock(&keeper->mutex);
        int64_t until = clock_monotonic_us() + KEEPER_PERIOD_MS * 1000;
        while (!keeper->stopping && g_cond_wait_until(&keeper->wake, &keeper->mutex, until))
            ;
    }
    g_mutex_unlock(&keeper->mutex);
    return NULL;
}

Keeper *keeper_start(Store *store)
{
    Keeper *keeper = g_new0(Keeper, 1);
    keeper->store = store;
    store_metric_set(&store->metrics.disk_days_left, -1);
    g_mutex_init(&keeper->mutex);
    g_cond_init(&keeper->wake);
    keeper->thread = g_thread_new("kith-keeper", keeper_main, keeper);
    return keeper;
}

void keeper_stop(Keeper *keeper)
{
    if (!keeper) return;
    g_mutex_lock(&keeper->mutex);
    keeper->stopping = true;
    g_cond_signal(&keeper->wake);
    g_mutex_unlock(&keeper->mutex);
    g_thread_join(keeper->thread);
    g_mutex_clear(&keeper->mutex);
    g_cond_clear(&keeper->wake);
    g_free(keeper);
}
