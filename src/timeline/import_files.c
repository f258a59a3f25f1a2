#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "timeline/import_private.h"

enum { REJECTED_KEPT_HOURS = 24, UPLOAD_KEPT_HOURS = 7 * 24 };

static char *imports_folder(Imports *imports)
{
    return g_build_filename(store_dir(imports->parts.store), "imports", NULL);
}

bool import_file_is_ours(Imports *imports, const char *path)
{
    g_autofree char *folder = imports_folder(imports);
    size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && path[size] == '/';
}

/* Whether the running import reads or writes this file. */
static bool in_use(Imports *imports, const char *path)
{
    g_mutex_lock(&imports->lock);
    const ImportRun *run = imports->run;
    bool used = run && (strcmp(run->path, path) == 0 || strcmp(run->rejected_path, path) == 0);
    g_mutex_unlock(&imports->lock);
    return used;
}

/* Hours since the file was last written. */
static int64_t file_age_hours(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) return 0;
    return (clock_real_ms() / 1000 - (int64_t)about.st_mtime) / 3600;
}

void imports_tidy(Imports *imports, bool all_rejected)
{
    g_autofree char *folder = imports_folder(imports);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        bool rejected = g_str_has_suffix(name, ".rejected.csv");
        int64_t kept = rejected ? REJECTED_KEPT_HOURS : UPLOAD_KEPT_HOURS;
        bool over = file_age_hours(path) >= kept || (rejected && all_rejected);
        if (over && !in_use(imports, path)) g_unlink(path);
    }
}

/* Nobody can say whose rows stand in a rejected file: all of them go. */
static bool personal_erase(void *context, int64_t stem, GError **error)
{
    (void)stem;
    (void)error;
    imports_tidy(context, true);
    return true;
}

static bool personal_seal(void *context, GError **error)
{
    (void)error;
    imports_tidy(context, true);
    return true;
}

PersonalFile imports_personal_file(Imports *imports)
{
    return (PersonalFile){
        .name = "imports", .erase = personal_erase, .seal = personal_seal, .context = imports};
}
