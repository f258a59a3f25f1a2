/* store/node.h: this process's number in the store, and its ids. Private to store/.
 *
 * Ids need a number that no other living process of this store has: a row of table `node` leased
 * by a random token of its data folder. On SQLite there is one process; on PostgreSQL the lease is
 * renewed and a row whose lease ended is taken over. The row also bears a ceiling: no id above it
 * is in the database. The writer raises it, in the same transaction, before an id above it is
 * stored; so after a crash with a clock set back, new ids still start above all old ones.
 */
#pragma once
#include "base/ids.h"
#include "store/db.h"
#include "store/folder.h"

enum {
    NODE_LEASE_MS = 60 * 1000,   /* PostgreSQL; renewed at a third */
    NODE_CEILING_AHEAD_MS = 250, /* how far the ceiling is raised each time; small, because ids
                                    run this far ahead of the clock after each crash */
};

typedef struct Node Node;

/* Leases a number. `db`: a writing connection outside transactions. The folder remembers its token
 * (file `node`), so that a process started again in it takes the same number at once: what the
 * stages of this node have done is kept under that number. A copied folder gets a new token. */
Node *node_open(const Folder *folder, Db *db, GError **error);
void node_free(Node *node);

/* Gives the number back, with the highest id minted. */
bool node_release(Node *node, Db *db, GError **error);

uint32_t node_number(const Node *node);
const char *node_token(const Node *node); /* random, of this process; owned by the node */

/* A new id; remembers the highest for the ceiling. Thread safe. */
int64_t node_id_next(Node *node);

/* In the writer's transaction before COMMIT: raises the ceiling when needed, renews the lease.
 * Errors: KITH_ERROR_UNAVAILABLE when the lease was lost to another process. */
bool node_keep(Node *node, Db *db, GError **error);

/* After that transaction: whether it was committed. */
void node_kept(Node *node, bool committed);
