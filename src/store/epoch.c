#include "store/epoch.h"

#include <sodium.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "store/db_driver.h"
#include "store/store_sql.h"

enum { MARK_SIZE = 33 /* 16 random bytes as hex with NUL */ };

/* What the file says. */
typedef struct Marks {
    char folder[MARK_SIZE], confirmed[MARK_SIZE], pending[MARK_SIZE];
    char machine[64];
    guint64 device, inode;
} Marks;

struct Epoch {
    _Atomic(const char *) held; /* one of `reason`, or NULL */
    char *reason;
};

static void mark_make(char mark[MARK_SIZE])
{
    uint8_t random[16];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(mark, MARK_SIZE, random, sizeof random);
}

static void line_read(Marks *marks, const char *name, const char *value)
{
    const struct {
        const char *name;
        char *to;
        size_t size;
    } texts[] = {{"folder", marks->folder, MARK_SIZE},
                 {"confirmed", marks->confirmed, MARK_SIZE},
                 {"pending", marks->pending, MARK_SIZE},
                 {"machine", marks->machine, sizeof marks->machine}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (strcmp(texts[i].name, name) == 0) g_strlcpy(texts[i].to, value, texts[i].size);
    if (strcmp(name, "device") == 0) marks->device = g_ascii_strtoull(value, NULL, 10);
    if (strcmp(name, "inode") == 0) marks->inode = g_ascii_strtoull(value, NULL, 10);
}

/* Reads the file; `*ret_found` false when there is none. */
static bool marks_load(const Folder *folder, Marks *ret_marks, bool *ret_found, GError **error)
{
    g_autofree char *path = folder_file(folder, "epoch");
    g_autofree char *text = NULL;
    *ret_found = g_file_test(path, G_FILE_TEST_EXISTS);
    if (!*ret_found) return true;
    if (!g_file_get_contents(path, &text, NULL, error)) return false;
    g_auto(GStrv) lines = g_strsplit(text, "\n", 32);
    for (char **line = lines; *line; line++) {
        char *space = strchr(*line, ' ');
        if (!space) continue;
        *space = '\0';
        line_read(ret_marks, *line, space + 1);
    }
    return true;
}

static bool marks_save(const Folder *folder, const Marks *marks, GError **error)
{
    g_autofree char *text =
        g_strdup_printf("folder %s\nconfirmed %s\npending %s\nmachine %s\ndevice %" G_GUINT64_FORMAT
                        "\ninode %" G_GUINT64_FORMAT "\n",
                        marks->folder, marks->confirmed, marks->pending, marks->machine,
                        marks->device, marks->inode);
    return folder_write(folder, "epoch", text, strlen(text), error);
}

/* Where this store lies now. */
static void place_read(const Folder *folder, const char *file, Marks *marks)
{
    struct stat info;
    if (stat(file ? file : folder->path, &info) == 0) {
        marks->device = info.st_dev;
        marks->inode = info.st_ino;
    }
    g_autofree char *machine = NULL;
    if (g_file_get_contents("/etc/machine-id", &machine, NULL, NULL))
        g_strlcpy(marks->machine, g_strstrip(machine), sizeof marks->machine);
    else
        g_strlcpy(marks->machine, "unknown", sizeof marks->machine);
}

static char *setting_name(const char *what, const Marks *marks)
{
    return g_strdup_printf("store.%s.%s", what, marks->folder);
}

static bool setting_get(Db *db, const char *name, char **ret_value, GError **error)
{
    SettingFindParams params = {name};
    SettingFindRow row;
    bool found = false;
    if (!sql_setting_find(db, &params, &row, &found, error)) return false;
    *ret_value = found ? g_strdup(row.value) : NULL;
    return true;
}

static bool setting_set(Db *db, const char *name, const char *value, GError **error)
{
    SettingSaveParams params = {name, value, clock_real_ms()};
    return sql_setting_save(db, &params, NULL, error);
}

/* Why this start differs from the last one; NULL = it does not. */
static const char *difference(const Marks *marks, const Marks *here, const char *stored)
{
    if (!stored)
        return marks->confirmed[0] ? "the database does not know this folder: it was replaced by "
                                     "another one or by an older backup"
                                   : NULL;
    if (!marks->confirmed[0] && !marks->pending[0])
        return "the folder's epoch file is missing: the database was put into another folder";
    if (strcmp(stored, marks->confirmed) != 0 && strcmp(stored, marks->pending) != 0)
        return "the database is not as this folder left it: it was restored from a backup";
    if (strcmp(marks->machine, here->machine) != 0) return "the folder comes from another machine";
    if (marks->device != here->device || marks->inode != here->inode)
        return "the folder or its database file is a copy";
    return NULL;
}

/* In one transaction: the new epoch, and the hold when there is one. */
static bool epoch_store(Db *db, const Marks *marks, const char *reason, GError **error)
{
    g_autofree char *name = setting_name("epoch", marks);
    if (!db_begin(db, "IMMEDIATE", error)) return false;
    if (setting_set(db, name, marks->pending, error) &&
        (!reason || setting_set(db, "store.held", reason, error)))
        return db_commit(db, error);
    db_rollback(db);
    return false;
}

static bool epoch_advance(const Folder *folder, Db *db, Marks *marks, const char *reason,
                          GError **error)
{
    mark_make(marks->pending);
    if (!marks_save(folder, marks, error) || !epoch_store(db, marks, reason, error)) return false;
    memcpy(marks->confirmed, marks->pending, MARK_SIZE);
    marks->pending[0] = '\0';
    return marks_save(folder, marks, error);
}

/* A folder without its file, but a SQLite database that bears epochs: somebody put it here. */
static bool stored_epoch_find(Db *db, const Marks *marks, char **ret_stored, GError **error)
{
    EpochAnyRow row;
    bool found = false;
    g_autofree char *name = setting_name("epoch", marks);
    if (!setting_get(db, name, ret_stored, error)) return false;
    if (*ret_stored || db_kind(db) != DB_SQLITE) return true;
    if (!sql_epoch_any(db, &row, &found, error)) return false;
    if (found) *ret_stored = g_strdup(row.value);
    return true;
}

static bool epoch_compare(const Folder *folder, const char *file, Db *db, Epoch *epoch,
                          GError **error)
{
    Marks marks = {0}, here = {0};
    bool found = false;
    g_autofree char *stored = NULL;
    if (!marks_load(folder, &marks, &found, error)) return false;
    place_read(folder, file, &here);
    if (!marks.folder[0]) mark_make(marks.folder);
    if (!stored_epoch_find(db, &marks, &stored, error)) return false;
    const char *reason = difference(&marks, &here, stored);
    g_strlcpy(marks.machine, here.machine, sizeof marks.machine);
    marks.device = here.device;
    marks.inode = here.inode;
    return epoch_advance(folder, db, &marks, reason, error) &&
           setting_get(db, "store.held", &epoch->reason, error);
}

Epoch *epoch_open(const Folder *folder, const char *file, Db *db, GError **error)
{
    Epoch *epoch = g_new0(Epoch, 1);
    if (!epoch_compare(folder, file, db, epoch, error)) {
        epoch_free(epoch);
        return NULL;
    }
    atomic_store(&epoch->held, epoch->reason);
    return epoch;
}

void epoch_free(Epoch *epoch)
{
    if (!epoch) return;
    g_free(epoch->reason);
    g_free(epoch);
}

const char *epoch_held(const Epoch *epoch) { return atomic_load(&epoch->held); }

bool epoch_release(Epoch *epoch G_GNUC_UNUSED, Db *db, GError **error)
{
    SettingDeleteParams params = {"store.held"};
    return sql_setting_delete(db, &params, NULL, error);
}

void epoch_released(Epoch *epoch) { atomic_store(&epoch->held, NULL); }
