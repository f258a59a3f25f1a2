#include "columns/runs_set.h"

#include "base/error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define MANIFEST_MAGIC UINT64_C(0x315445534854494b) /* "KITHSET1" */

typedef struct ManifestHeader {
    uint64_t magic;
    uint32_t version, file_count;
    uint64_t tomb_count, through, value_min;
    uint64_t sum; /* of everything else in the file */
} ManifestHeader;

typedef struct ManifestFile {
    uint64_t number, count, data_sum;
} ManifestFile;

RunsView *runs_view_copy(const RunsView *view)
{
    RunsView *copy = g_new(RunsView, 1);
    const size_t behind = offsetof(RunsView, file_count); /* others count `refs` meanwhile */
    memcpy((char *)copy + behind, (const char *)view + behind, sizeof *view - behind);
    copy->refs = 1;
    for (uint32_t i = 0; i < copy->file_count; i++)
        run_file_ref(copy->files[i]);
    for (uint32_t i = 0; i < copy->frozen_count; i++)
        run_head_ref(copy->frozen[i]);
    if (copy->head) run_head_ref(copy->head);
    if (copy->tombs) g_array_ref(copy->tombs);
    return copy;
}

void runs_view_unref(RunsView *view)
{
    if (!view || !g_atomic_int_dec_and_test(&view->refs)) return;
    for (uint32_t i = 0; i < view->file_count; i++)
        run_file_unref(view->files[i]);
    for (uint32_t i = 0; i < view->frozen_count; i++)
        run_head_unref(view->frozen[i]);
    run_head_unref(view->head);
    g_clear_pointer(&view->tombs, g_array_unref);
    g_free(view);
}

bool runs_view_buried(const RunsView *view, uint64_t mixed, uint64_t value)
{
    if (value < view->value_min) return true;
    if (!view->tombs) return false;
    guint low = 0, high = view->tombs->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        const RunTomb *tomb = &g_array_index(view->tombs, RunTomb, middle);
        if (tomb->mixed == mixed) return value <= tomb->value_max;
        if (tomb->mixed < mixed)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

char *runs_set_path(const char *folder, const char *name, uint64_t number)
{
    return g_strdup_printf("%s/%s-%012" G_GUINT64_FORMAT ".run", folder, name, number);
}

char *runs_manifest_path(const char *folder, const char *name)
{
    return g_strdup_printf("%s/%s.set", folder, name);
}

static uint64_t manifest_sum(ManifestHeader header, const char *rest, size_t size)
{
    header.sum = 0;
    return run_checksum(run_checksum(0, &header, sizeof header), rest, size);
}

static GByteArray *manifest_encode(const RunsView *view)
{
    GByteArray *bytes = g_byte_array_new();
    ManifestHeader header = {.magic = MANIFEST_MAGIC,
                             .version = 1,
                             .file_count = view->file_count,
                             .tomb_count = view->tombs ? view->tombs->len : 0,
                             .through = view->through,
                             .value_min = view->value_min};
    g_byte_array_append(bytes, (const guint8 *)&header, sizeof header);
    for (uint32_t i = 0; i < view->file_count; i++) {
        const RunFileHeader *of = run_file_header(view->files[i]);
        ManifestFile file = {of->number, of->count, of->data_sum};
        g_byte_array_append(bytes, (const guint8 *)&file, sizeof file);
    }
    if (view->tombs)
        g_byte_array_append(bytes, (const guint8 *)view->tombs->data,
                            (guint)(view->tombs->len * sizeof(RunTomb)));
    header.sum =
        manifest_sum(header, (const char *)bytes->data + sizeof header, bytes->len - sizeof header);
    memcpy(bytes->data, &header, sizeof header);
    return bytes;
}

bool runs_manifest_save(const RunsView *view, const char *folder, const char *name, GError **error)
{
    g_autofree char *path = runs_manifest_path(folder, name);
    g_autoptr(GByteArray) bytes = manifest_encode(view);
    g_autoptr(GError) cause = NULL;
    if (!g_file_set_contents_full(path, (const char *)bytes->data, (gssize)bytes->len,
                                  G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                  0600, &cause))
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not save %s: %s", path, cause->message);
    return run_folder_sync(folder, error);
}

static bool manifest_check(const ManifestHeader *header, const char *data, size_t size)
{
    if (header->magic != MANIFEST_MAGIC || header->version != 1) return false;
    if (header->file_count > VIEW_FILES_MAX || header->tomb_count > TOMBS_MAX) return false;
    size_t want = sizeof *header + header->file_count * sizeof(ManifestFile) +
                  header->tomb_count * sizeof(RunTomb);
    return size == want &&
           header->sum == manifest_sum(*header, data + sizeof *header, size - sizeof *header);
}

/* Opens one file and checks that it is the one the manifest means. */
static bool file_load(RunsView *view, const ManifestFile *entry, const char *path)
{
    g_autoptr(RunFile) file = run_file_open(path, NULL);
    if (!file) return false;
    const RunFileHeader *header = run_file_header(file);
    if (header->number != entry->number || header->count != entry->count ||
        header->data_sum != entry->data_sum)
        return false;
    view->files[view->file_count++] = g_steal_pointer(&file);
    return true;
}

static void tombs_load(RunsView *view, const char *data, size_t count)
{
    if (count == 0) return;
    view->tombs = g_array_new(FALSE, FALSE, sizeof(RunTomb));
    g_array_append_vals(view->tombs, data, (guint)count);
}

static void manifest_decode(RunsView *view, const char *data, const char *folder, const char *name,
                            uint32_t *ret_damaged)
{
    ManifestHeader header;
    memcpy(&header, data, sizeof header);
    const char *at = data + sizeof header;
    view->value_min = header.value_min;
    for (uint32_t i = 0; i < header.file_count && *ret_damaged == 0; i++) {
        ManifestFile entry;
        memcpy(&entry, at + i * sizeof entry, sizeof entry);
        g_autofree char *path = runs_set_path(folder, name, entry.number);
        if (!file_load(view, &entry, path)) *ret_damaged = header.file_count - i;
    }
    view->through = header.through;
    if (*ret_damaged > 0)
        view->through =
            view->file_count == 0 ? 0 : run_file_header(view->files[view->file_count - 1])->through;
    tombs_load(view, at + header.file_count * sizeof(ManifestFile), header.tomb_count);
}

static bool is_listed(const RunsView *view, const char *path)
{
    for (uint32_t i = 0; i < view->file_count; i++)
        if (g_str_equal(run_file_path(view->files[i]), path)) return true;
    return false;
}

static bool leftovers_remove(const RunsView *view, const char *folder, const char *name,
                             GError **error)
{
    g_autofree char *prefix = g_strconcat(name, "-", NULL);
    g_autoptr(GError) cause = NULL;
    g_autoptr(GDir) listing = g_dir_open(folder, 0, &cause);
    if (!listing)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not read %s: %s", folder, cause->message);
    for (const char *entry; (entry = g_dir_read_name(listing));) {
        g_autofree char *path = g_strdup_printf("%s/%s", folder, entry);
        bool ours = g_str_has_prefix(entry, prefix) &&
                    (g_str_has_suffix(entry, ".run") || g_str_has_suffix(entry, ".run.new"));
        if (ours && !is_listed(view, path)) unlink(path);
    }
    return true;
}

bool runs_manifest_load(RunsView *view, const char *folder, const char *name, uint32_t *ret_damaged,
                        GError **error)
{
    g_autofree char *path = runs_manifest_path(folder, name);
    g_autofree char *data = NULL;
    gsize size = 0;
    g_autoptr(GError) cause = NULL;
    *ret_damaged = 0;
    bool found = g_file_get_contents(path, &data, &size, &cause);
    if (!found && !g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not read %s: %s", path, cause->message);
    ManifestHeader header = {0};
    if (found && size >= sizeof header) memcpy(&header, data, sizeof header);
    if (found && manifest_check(&header, data, size))
        manifest_decode(view, data, folder, name, ret_damaged);
    else if (found)
        *ret_damaged = 1;
    return leftovers_remove(view, folder, name, error);
}
