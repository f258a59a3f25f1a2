#include "store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static bool file_fail(const char *what, const char *path, GError **error)
{
    int code = errno;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not %s %s: %s", what, path, g_strerror(code));
}

char *folder_file(const Folder *folder, const char *name)
{
    return g_build_filename(folder->path, name, NULL);
}

/* Whether the folder holds our files, or nothing at all (`*ret_empty`). */
static bool content_check(const char *path, bool *ret_empty, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    if (!dir) return file_fail("read the folder", path, error);
    bool empty = true, ours = false;
    const char *name;
    while ((name = g_dir_read_name(dir))) {
        if (strcmp(name, "lost+found") == 0) continue; /* a file system of its own */
        empty = false;
        ours = ours || strcmp(name, "lock") == 0 || strcmp(name, "secret.key") == 0;
    }
    *ret_empty = empty;
    if (empty || ours) return true;
    return fail(error, KITH_ERROR_INVALID,
                "%s holds other files and is no data folder of Kith: choose an empty or a new one",
                path);
}

static bool folder_make(Folder *folder, const char *path, bool must_exist, GError **error)
{
    struct stat info;
    bool exists = stat(path, &info) == 0, empty = true;
    if (!exists && errno != ENOENT) return file_fail("open", path, error);
    if (exists && !S_ISDIR(info.st_mode))
        return fail(error, KITH_ERROR_INVALID, "%s is a file: the data folder must be a folder",
                    path);
    if (exists && !content_check(path, &empty, error)) return false;
    if (empty && must_exist)
        return fail(error, KITH_ERROR_NOT_FOUND,
                    "%s is no data folder of Kith: make one with \"kith serve\" or \"kith import\"",
                    path);
    if (!exists && g_mkdir_with_parents(path, 0700) != 0)
        return file_fail("make the folder", path, error);
    folder->made = empty;
    return true;
}

static bool folder_lock(Folder *folder, GError **error)
{
    g_autofree char *path = folder_file(folder, "lock");
    folder->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (folder->lock < 0) return file_fail("open", path, error);
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return file_fail("lock", path, error);
        char holder[32] = {0};
        ssize_t size = pread(folder->lock, holder, sizeof holder - 1, 0);
        return fail(error, KITH_ERROR_CONFLICT,
                    "%s is held by another process (%s): stop it first, or talk to it",
                    folder->path, size > 0 ? g_strchomp(holder) : "unknown");
    }
    g_autofree char *pid = g_strdup_printf("%d\n", (int)getpid());
    if (ftruncate(folder->lock, 0) != 0 ||
        pwrite(folder->lock, pid, strlen(pid), 0) != (ssize_t)strlen(pid))
        return file_fail("write", path, error);
    return true;
}

bool folder_open(Folder *folder, const char *path, bool must_exist, GError **error)
{
    *folder = (Folder){.lock = -1};
    if (!folder_make(folder, path, must_exist, error)) return false;
    folder->path = g_canonicalize_filename(path, NULL);
    if (folder_lock(folder, error)) return true;
    folder_close(folder);
    return false;
}

void folder_close(Folder *folder)
{
    if (folder->lock >= 0) close(folder->lock);
    folder->lock = -1;
    g_clear_pointer(&folder->path, g_free);
}

static bool all_write(int file, const char *data, size_t size)
{
    while (size) {
        ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

static bool folder_sync(const Folder *folder)
{
    int dir = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return false;
    bool done = fsync(dir) == 0;
    close(dir);
    return done;
}

bool folder_write(const Folder *folder, const char *name, const void *data, size_t size,
                  GError **error)
{
    g_autofree char *path = folder_file(folder, name);
    g_autofree char *fresh = g_strdup_printf("%s.new", path);
    int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return file_fail("write", fresh, error);
    bool written = all_write(file, data, size) && fsync(file) == 0;
    int code = errno;
    written = close(file) == 0 && written;
    if (!written) {
        g_unlink(fresh);
        errno = code;
        return file_fail("write", fresh, error);
    }
    if (rename(fresh, path) != 0 || !folder_sync(folder)) return file_fail("write", path, error);
    return true;
}

bool folder_database(const Folder *folder, const char *wanted, char **ret_database, GError **error)
{
    g_autofree char *path = folder_file(folder, "database");
    g_autofree char *known = NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_get_contents(path, &known, NULL, error))
        return false;
    if (known) g_strchomp(known);
    g_autofree char *embedded = folder_file(folder, "kith.db");
    if (wanted && !known && g_file_test(embedded, G_FILE_TEST_EXISTS))
        return fail(error, KITH_ERROR_CONFLICT,
                    "%s keeps its data in kith.db: it cannot be opened with --database",
                    folder->path);
    if (wanted && known && strcmp(wanted, known) != 0)
        return fail(error, KITH_ERROR_CONFLICT,
                    "%s belongs to another database: leave --database out, or edit %s",
                    folder->path, path);
    if (wanted && !known && !folder_write(folder, "database", wanted, strlen(wanted), error))
        return false;
    *ret_database = g_strdup(wanted ? wanted : known);
    return true;
}
