#include "store/never.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/keyhash.h"
#include "store/folder.h"
#include "store/store_private.h"

enum { HASH_SIZE = 16 /* hex digits before each record, then a space */ };

struct Never {
    char *path;
    int file;
    const uint8_t *key;
    GMutex mutex;
    GCond synced;
    int64_t written, durable; /* bytes */
    bool syncing;
};

static void line_hash(const Never *never, const char *record, size_t size, char hash[HASH_SIZE + 1])
{
    g_snprintf(hash, HASH_SIZE + 1, "%016" G_GINT64_MODIFIER "x",
               keyhash64(never->key, record, size));
}

static bool line_good(const Never *never, const char *line, size_t size)
{
    char hash[HASH_SIZE + 1];
    if (size < HASH_SIZE + 1 || line[HASH_SIZE] != ' ') return false;
    line_hash(never, line + HASH_SIZE + 1, size - HASH_SIZE - 1, hash);
    return memcmp(hash, line, HASH_SIZE) == 0;
}

static bool never_fail(const Never *never, const char *what, GError **error)
{
    int code = errno;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not %s %s: %s", what, never->path,
                g_strerror(code));
}

/* Walks the lines. `apply` may be NULL. Gives the end of the last good line; a bad line that is
 * not the last one is an error. */
static bool lines_walk(const Never *never, int64_t *ret_end,
                       bool (*apply)(const char *record, void *data, GError **error), void *data,
                       GError **error)
{
    g_autofree char *text = NULL;
    gsize size = 0, at = 0;
    if (!g_file_get_contents(never->path, &text, &size, error)) return false;
    while (at < size) {
        char *end = memchr(text + at, '\n', size - at);
        if (!end) break;
        size_t length = (size_t)(end - text) - at;
        if (!line_good(never, text + at, length)) {
            if ((gsize)(end - text) + 1 == size) break;
            return fail(error, KITH_ERROR_INTERNAL,
                        "%s was altered at byte %" G_GSIZE_FORMAT
                        ": restore it from a copy; it keeps denials and erasures true",
                        never->path, at);
        }
        *end = '\0';
        if (apply && !apply(text + at + HASH_SIZE + 1, data, error)) return false;
        at += length + 1;
    }
    *ret_end = (int64_t)at;
    return true;
}

Never *never_open(const Folder *folder, const uint8_t *key, GError **error)
{
    Never *never = g_new0(Never, 1);
    never->path = folder_file(folder, "never.log");
    never->key = key;
    g_mutex_init(&never->mutex);
    g_cond_init(&never->synced);
    never->file = open(never->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bool done = never->file >= 0 || never_fail(never, "open", error);
    done = done && lines_walk(never, &never->written, NULL, NULL, error);
    if (done && ftruncate(never->file, never->written) != 0) done = never_fail(never, "cut", error);
    never->durable = never->written;
    if (!done) g_clear_pointer(&never, never_free);
    return never;
}

void never_free(Never *never)
{
    if (!never) return;
    if (never->file >= 0) close(never->file);
    g_mutex_clear(&never->mutex);
    g_cond_clear(&never->synced);
    g_free(never->path);
    g_free(never);
}

/* Waits until `end` is durable; one of the waiting threads does the fsync for all. */
static bool durable_wait(Never *never, int64_t end, GError **error)
{
    bool done = true;
    while (done && never->durable < end) {
        if (never->syncing) {
            g_cond_wait(&never->synced, &never->mutex);
            continue;
        }
        never->syncing = true;
        int64_t written = never->written;
        g_mutex_unlock(&never->mutex);
        done = fdatasync(never->file) == 0 || never_fail(never, "write", error);
        g_mutex_lock(&never->mutex);
        never->syncing = false;
        if (done) never->durable = MAX(never->durable, written);
        g_cond_broadcast(&never->synced);
    }
    return done;
}

static bool append(Never *never, const char *line, size_t size, GError **error)
{
    g_mutex_lock(&never->mutex);
    ssize_t written = pwrite(never->file, line, size, never->written);
    bool done = written == (ssize_t)size;
    if (done)
        never->written += (int64_t)size;
    else
        never_fail(never, "write", error); /* the torn end is overwritten by the next one */
    done = done && durable_wait(never, never->written, error);
    g_mutex_unlock(&never->mutex);
    return done;
}

static bool line_add(Never *never, const char *record, GString *lines, GError **error)
{
    size_t size = strlen(record);
    if (size == 0 || size > NEVER_RECORD_MAX || strchr(record, '\n'))
        return fail(error, KITH_ERROR_INVALID, "a record of never.log is one line of 1 to %d bytes",
                    NEVER_RECORD_MAX);
    char hash[HASH_SIZE + 1];
    line_hash(never, record, size, hash);
    g_string_append_printf(lines, "%s %s\n", hash, record);
    return true;
}

bool store_never_append(Store *store, const char *record, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);
    if (!line_add(store->never, record, line, error)) return false;
    return append(store->never, line->str, line->len, error);
}

bool store_never_append_all(Store *store, const GPtrArray *records, GError **error)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    for (guint i = 0; i < records->len; i++)
        if (!line_add(store->never, records->pdata[i], lines, error)) return false;
    return append(store->never, lines->str, lines->len, error);
}

bool store_never_replay(Store *store, bool (*apply)(const char *record, void *data, GError **error),
                        void *data, GError **error)
{
    int64_t end;
    return lines_walk(store->never, &end, apply, data, error);
}
