/* store/epoch.h: notices that a store was restored or copied. Private to store/.
 *
 * Each start writes a new random epoch into the folder's file `epoch` as pending, into the
 * database, then into the file as confirmed. At the next start the database's epoch must be the
 * confirmed one, or the pending one (a crash in between). A restored backup bears an older one; a
 * copied folder has the right one but other inodes, or another machine. Then the store is held:
 * nothing is sent, nothing triggers, until a person releases it (DESIGN.md, promise 7). What no
 * file can show is a clone of the whole machine, with its machine-id and disks: release such a
 * clone by hand only on one side.
 *
 * The file, one `name value` a line: folder (random id of this folder), confirmed, pending,
 * machine, device, inode (of the database file; on PostgreSQL of the folder).
 */
#pragma once
#include "store/db.h"
#include "store/folder.h"

typedef struct Epoch Epoch;

/* Compares and goes one epoch on. `db`: a writing connection outside transactions; `file`: the
 * database file, NULL on PostgreSQL. */
Epoch *epoch_open(const Folder *folder, const char *file, Db *db, GError **error);
void epoch_free(Epoch *epoch);

/* Why the store is held; NULL = it is not. Owned by the epoch, valid as long as it. */
const char *epoch_held(const Epoch *epoch);

/* Ends the hold in the caller's transaction; epoch_released when it is committed. */
bool epoch_release(Epoch *epoch, Db *db, GError **error);
void epoch_released(Epoch *epoch);
