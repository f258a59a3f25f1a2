/* store/store_private.h: the inside of a Store, for the files of store/ alone. */
#pragma once
#include "base/ids.h"
#include "store/folder.h"
#include "store/node.h"
#include "store/readers.h"
#include "store/secret.h"
#include "store/sqlite.h"
#include "store/store.h"
#include "store/writer_private.h"

typedef struct Checkpoint Checkpoint;

struct Store {
    Folder folder;
    char *database; /* NULL = SQLite in the folder */
    char *file;     /* DATA/kith.db; NULL on PostgreSQL */
    DbKind kind;
    bool fresh; /* the database was made by this open */
    Secret *secret;
    Node *node;
    Writer *writer;
    Readers *readers;
    Checkpoint *checkpoint; /* SQLite */
    StoreMetrics metrics;
};

/* Opens one more connection to the store's database. */
Db *store_connect(Store *store, SqliteRole role, GError **error);
