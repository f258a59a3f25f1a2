/* columns/runs_set.h: inside of columns/: the view, and the manifest that says what belongs to it.
 *
 * A view lists, oldest first: sealed files, heads being sealed, the live head, and the tombs
 * (removed keys). Views are immutable; every change makes a new one from the current.
 *
 * The manifest NAME.set, little-endian, replaced atomically: magic, version, counts, the head
 * number and `through` of each file, the tombs, a checksum. A file in the folder that the manifest
 * does not name is a left-over and is deleted.
 */
#pragma once
#include "columns/run_file.h"
#include "columns/runs.h"

enum { VIEW_FILES_MAX = 64, VIEW_FROZEN_MAX = 8, TOMBS_MAX = 65536 };

/* Entries of `mixed` with values up to `value_max` are gone. Can be forgotten once no file and no
 * head numbered `head` or lower holds the key. */
typedef struct RunTomb {
    uint64_t mixed, value_max, head;
} RunTomb;

struct RunsView {
    int refs; /* atomic */
    uint32_t file_count, frozen_count;
    RunFile *files[VIEW_FILES_MAX];
    RunHead *frozen[VIEW_FROZEN_MAX];
    RunHead *head;
    GArray *tombs;      /* of RunTomb, sorted by mixed, one a key; own reference; NULL: none */
    uint64_t through;   /* highest id covered by files (or by nothing needing them) */
    uint64_t value_min; /* see runs_expire */
};

RunsView *runs_view_copy(const RunsView *view);

/* Is this value of the key hidden by a tomb? */
bool runs_view_buried(const RunsView *view, uint64_t mixed, uint64_t value);

/* Path of file `number`, resp. of the manifest. Caller frees. */
char *runs_set_path(const char *folder, const char *name, uint64_t number);
char *runs_manifest_path(const char *folder, const char *name);

/* Writes, resp. reads the manifest of a view. Reading opens the files; from the first that is
 * missing or damaged on they are left out and counted. A missing or damaged manifest reads as an
 * empty set (damaged counts one). Left-over files are deleted. */
bool runs_manifest_save(const RunsView *view, const char *folder, const char *name, GError **error);
bool runs_manifest_load(RunsView *view, const char *folder, const char *name, uint32_t *ret_damaged,
                        GError **error);
