/* store/folder.h: the data folder: made, recognised, locked, and what it remembers. Private to
 * store/.
 *
 * The lock is an flock on DATA/lock: it ends with the process, however that ends, and holds the
 * process id for the message. A folder is ours when it has our `lock` or `secret.key`; an empty
 * or missing one becomes ours.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Folder Folder;

struct Folder {
    char *path; /* absolute, owned */
    int lock;   /* file descriptor */
    bool made;  /* this process made it */
};

/* Makes or recognises the folder and locks it. Errors: KITH_ERROR_INVALID (not ours, not a
 * folder), KITH_ERROR_CONFLICT (held), KITH_ERROR_NOT_FOUND, KITH_ERROR_UNAVAILABLE. */
bool folder_open(Folder *folder, const char *path, bool must_exist, GError **error);
void folder_close(Folder *folder);

/* Path of a file in the folder; the caller frees it. */
char *folder_file(const Folder *folder, const char *name);

/* The database this folder belongs to: what it remembers, or `wanted`, which is then remembered
 * (0600: an address may hold a password). NULL in `*ret_database` = DATA/kith.db. The caller frees.
 * Errors: KITH_ERROR_CONFLICT (it belongs to another database). */
bool folder_database(const Folder *folder, const char *wanted, char **ret_database, GError **error);

/* Replaces a file as a whole, durable when it returns: temporary file, fsync, rename, fsync of the
 * folder. Mode 0600. */
bool folder_write(const Folder *folder, const char *name, const void *data, size_t size,
                  GError **error);
