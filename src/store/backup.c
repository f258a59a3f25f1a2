#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "store/store_private.h"

enum { STEP_PAGES = 512 /* 4 MB a step: a few milliseconds between two groups */ };

typedef struct Backup {
    sqlite3 *target;
    sqlite3_backup *pages;
    bool complete;
    int64_t done, total;
} Backup;

static bool backup_begin(Db *db, void *data, GError **error)
{
    Backup *backup = data;
    backup->pages = sqlite3_backup_init(backup->target, "main", sqlite_handle(db), "main");
    return backup->pages || sqlite_fail(backup->target, SQLITE_ERROR, "begin the backup", error);
}

static bool backup_step(Db *db G_GNUC_UNUSED, void *data, GError **error)
{
    Backup *backup = data;
    int code = sqlite3_backup_step(backup->pages, STEP_PAGES);
    backup->total = sqlite3_backup_pagecount(backup->pages);
    backup->done = backup->total - sqlite3_backup_remaining(backup->pages);
    backup->complete = code == SQLITE_DONE;
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return true;
    return sqlite_fail(NULL, code, "write the backup", error);
}

static bool backup_end(Db *db G_GNUC_UNUSED, void *data, GError **error)
{
    Backup *backup = data;
    int code = sqlite3_backup_finish(backup->pages);
    return code == SQLITE_OK || sqlite_fail(NULL, code, "finish the backup", error);
}

static bool pages_copy(Store *store, Backup *backup, BackupProgress progress, void *data,
                       GError **error)
{
    Writer *writer = store->writer;
    if (!writer_between(writer, backup_begin, backup, error)) return false;
    bool done = true;
    while (done && !backup->complete) {
        done = writer_between(writer, backup_step, backup, error);
        if (done && progress && !progress(backup->done, backup->total, data))
            done = fail(error, KITH_ERROR_CONFLICT, "the backup was stopped");
    }
    return writer_between(writer, backup_end, backup, done ? error : NULL) && done;
}

static bool file_sync(const char *path, GError **error)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    bool done = file >= 0 && fsync(file) == 0;
    int code = errno;
    if (file >= 0) close(file);
    return done ||
           fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", path, g_strerror(code));
}

/* Copies into `fresh`, which then is a complete database of one file. */
static bool fresh_write(Store *store, const char *fresh, BackupProgress progress, void *data,
                        GError **error)
{
    Backup backup = {0};
    int file = open(fresh, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", fresh,
                    g_strerror(errno));
    close(file);
    int code = sqlite3_open_v2(fresh, &backup.target, SQLITE_OPEN_READWRITE, NULL);
    bool done = code == SQLITE_OK || sqlite_fail(backup.target, code, "write the backup", error);
    if (done) sqlite3_exec(backup.target, "PRAGMA synchronous=OFF", NULL, NULL, NULL);
    done = done && pages_copy(store, &backup, progress, data, error);
    code = sqlite3_close(backup.target);
    if (done && code != SQLITE_OK) done = sqlite_fail(NULL, code, "close the backup", error);
    return done && file_sync(fresh, error);
}

bool store_backup(Store *store, const char *path, BackupProgress progress, void *data,
                  GError **error)
{
    if (store->kind != DB_SQLITE)
        return fail(
            error, KITH_ERROR_INVALID,
            "this store is on PostgreSQL: save it with pg_dump --format=custom, and the data "
            "folder's secret.key apart from it");
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return fail(error, KITH_ERROR_CONFLICT, "%s exists already: choose another name", path);
    g_autofree char *fresh = g_strdup_printf("%s.part", path);
    bool done = fresh_write(store, fresh, progress, data, error);
    if (done && g_rename(fresh, path) != 0)
        done =
            fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", path, g_strerror(errno));
    if (!done) g_unlink(fresh);
    return done;
}

/* Looks through the copy: ours, and undamaged. */
static bool copy_check(const char *path, GError **error)
{
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    int64_t mark = 0;
    int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(handle, "PRAGMA application_id", -1, &statement, NULL);
    if (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        mark = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    statement = NULL;
    bool whole = false;
    if (mark == SQLITE_KITH_ID) {
        sqlite3_prepare_v2(handle, "PRAGMA quick_check(1)", -1, &statement, NULL);
        whole = sqlite3_step(statement) == SQLITE_ROW &&
                strcmp((const char *)sqlite3_column_text(statement, 0), "ok") == 0;
        sqlite3_finalize(statement);
    }
    sqlite3_close(handle);
    if (mark != SQLITE_KITH_ID)
        return fail(error, KITH_ERROR_INVALID, "%s is no backup of Kith", path);
    return whole || fail(error, KITH_ERROR_INVALID, "%s is damaged: take another backup", path);
}

static bool file_copy(const char *from, const char *to, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from);
    g_autoptr(GFile) target = g_file_new_for_path(to);
    if (!g_file_copy(source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error)) return false;
    return g_chmod(to, 0600) == 0 && file_sync(to, error);
}

/* The old database goes aside with its log, so that it can be put back as it was. */
static bool old_move(const char *file, GError **error)
{
    static const char *const ends[] = {"-wal", "-shm", ""};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *from = g_strdup_printf("%s%s", file, ends[i]);
        g_autofree char *to = g_strdup_printf("%s.before-restore%s", file, ends[i]);
        g_unlink(to);
        if (g_rename(from, to) != 0 && errno != ENOENT)
            return fail(error, KITH_ERROR_UNAVAILABLE, "could not move %s: %s", from,
                        g_strerror(errno));
    }
    return true;
}

bool store_restore(const char *data_dir, const char *path, GError **error)
{
    Folder folder;
    if (!copy_check(path, error) || !folder_open(&folder, data_dir, false, error)) return false;
    g_autofree char *database = NULL;
    g_autofree char *file = folder_file(&folder, "kith.db");
    g_autofree char *fresh = g_strdup_printf("%s.new", file);
    bool done = folder_database(&folder, NULL, &database, error);
    if (done && database)
        done = fail(error, KITH_ERROR_INVALID, "%s belongs to PostgreSQL: restore with pg_restore",
                    data_dir);
    done = done && file_copy(path, fresh, error) && old_move(file, error);
    if (done && g_rename(fresh, file) != 0)
        done =
            fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", file, g_strerror(errno));
    if (!done) g_unlink(fresh);
    folder_close(&folder);
    return done;
}
