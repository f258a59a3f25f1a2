#include "store/node.h"

#include <sodium.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "store/db_driver.h"
#include "store/store_sql.h"

enum { TOKEN_SIZE = 33 /* 16 random bytes as hex with NUL */ };

struct Node {
    int64_t number;
    char token[TOKEN_SIZE];
    IdMint *mint;
    _Atomic int64_t highest; /* minted by this process */
    int64_t ceiling;         /* in the database; the writer's thread only */
    int64_t leased_until;
    int64_t ceiling_next, leased_until_next; /* of the transaction that runs; 0 = unchanged */
};

/* Where the folder lies: machine, and the lock file's device and inode, which no copy shares. */
static char *place_text(const Folder *folder)
{
    struct stat info = {0};
    g_autofree char *machine = NULL;
    if (fstat(folder->lock, &info) != 0) memset(&info, 0, sizeof info);
    if (!g_file_get_contents("/etc/machine-id", &machine, NULL, NULL))
        machine = g_strdup("unknown");
    return g_strdup_printf("%s:%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, g_strstrip(machine),
                           (guint64)info.st_dev, (guint64)info.st_ino);
}

/* The folder's token, made anew in a new or copied folder. */
static bool token_get(Node *node, const Folder *folder, GError **error)
{
    g_autofree char *path = folder_file(folder, "node");
    g_autofree char *place = place_text(folder);
    g_autofree char *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        char *space = strchr(g_strstrip(text), ' ');
        if (space && space - text == TOKEN_SIZE - 1 && strcmp(space + 1, place) == 0) {
            memcpy(node->token, text, TOKEN_SIZE - 1);
            return true;
        }
    }
    uint8_t random[(TOKEN_SIZE - 1) / 2];
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(node->token, sizeof node->token, random, sizeof random);
    g_autofree char *line = g_strdup_printf("%s %s\n", node->token, place);
    return folder_write(folder, "node", line, strlen(line), error);
}

/* The smallest number without a row whose lease ends after `since`. */
static bool number_find(Db *db, int64_t since, int64_t *ret_number, GError **error)
{
    int64_t number = 0;
    NodeHeldParams params = {since};
    NodeHeldRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_node_held_open(db, &params, &cursor, error)) return false;
    while (sql_node_held_next(&cursor, &row))
        if (row.node_id == number) number++;
    *ret_number = number;
    return db_cursor_finish(&cursor, error);
}

/* A number that no folder ever had, else one whose lease is over. */
static bool number_choose(Node *node, Db *db, int64_t now, GError **error)
{
    if (!number_find(db, -1, &node->number, error)) return false;
    if (node->number <= ID_NODE_MAX) return true;
    if (!number_find(db, now, &node->number, error)) return false;
    return node->number <= ID_NODE_MAX ||
           fail(error, KITH_ERROR_LIMIT, "all %d nodes of this store are taken", ID_NODE_MAX + 1);
}

/* Takes a number; not done (and no error) when another process was faster. */
static bool number_take(Node *node, Db *db, int64_t now, bool *ret_done, GError **error)
{
    int64_t changed = 0;
    NodeTakeParams params = {node->number, node->token, now + NODE_LEASE_MS, now};
    if (!sql_node_take(db, &params, &changed, error)) return false;
    *ret_done = changed == 1;
    return true;
}

static bool highest_read(Node *node, Db *db, GError **error)
{
    NodeHighestRow row = {0};
    bool found = false;
    if (!sql_node_highest(db, &row, &found, error)) return false;
    node->ceiling = found ? row.highest_id : 0;
    node->mint = id_mint_new((uint32_t)node->number, node->ceiling);
    return true;
}

static bool node_lease(Node *node, Db *db, GError **error)
{
    /* SQLite: the folder's lock says that nobody else lives, whatever the rows say. */
    bool alone = db_kind(db) == DB_SQLITE, found = false;
    NodeMineParams mine = {node->token};
    NodeMineRow row = {0};
    if (alone && !sql_node_free_all(db, NULL, error)) return false;
    if (!sql_node_mine(db, &mine, &row, &found, error)) return false;
    for (bool done = false; !done;) {
        int64_t now = clock_real_ms();
        node->number = found ? row.node_id : 0;
        if (!found && !alone && !number_choose(node, db, now, error)) return false;
        if (!number_take(node, db, now, &done, error)) return false;
        node->leased_until = now + NODE_LEASE_MS;
    }
    return highest_read(node, db, error);
}

Node *node_open(const Folder *folder, Db *db, GError **error)
{
    Node *node = g_new0(Node, 1);
    if (token_get(node, folder, error) && node_lease(node, db, error)) return node;
    node_free(node);
    return NULL;
}

void node_free(Node *node)
{
    if (!node) return;
    id_mint_free(node->mint);
    g_free(node);
}

bool node_release(Node *node, Db *db, GError **error)
{
    int64_t highest = MAX(atomic_load(&node->highest), 0);
    NodeKeepParams params = {node->number, node->token, 0, highest ? highest : node->ceiling};
    return sql_node_keep(db, &params, NULL, error);
}

uint32_t node_number(const Node *node) { return (uint32_t)node->number; }

const char *node_token(const Node *node) { return node->token; }

int64_t node_id_next(Node *node)
{
    int64_t id = id_mint_next(node->mint);
    int64_t highest = atomic_load_explicit(&node->highest, memory_order_relaxed);
    while (highest < id && !atomic_compare_exchange_weak(&node->highest, &highest, id))
        ;
    return id;
}

bool node_keep(Node *node, Db *db, GError **error)
{
    int64_t highest = atomic_load(&node->highest), now = clock_real_ms();
    bool low = highest > node->ceiling;
    bool ends = db_kind(db) == DB_POSTGRES && node->leased_until - now < NODE_LEASE_MS * 2 / 3;
    if (!low && !ends) return true;
    int64_t ceiling = low ? id_floor(id_time_ms(highest) + NODE_CEILING_AHEAD_MS) : node->ceiling;
    int64_t changed = 0;
    NodeKeepParams params = {node->number, node->token, now + NODE_LEASE_MS, ceiling};
    if (!sql_node_keep(db, &params, &changed, error)) return false;
    if (changed != 1)
        return fail(error, KITH_ERROR_UNAVAILABLE,
                    "could not write: another process took the place of node %" G_GINT64_FORMAT
                    " while this one stood still; start it again",
                    node->number);
    node->ceiling_next = ceiling;
    node->leased_until_next = now + NODE_LEASE_MS;
    return true;
}

void node_kept(Node *node, bool committed)
{
    if (committed && node->leased_until_next) {
        node->ceiling = node->ceiling_next;
        node->leased_until = node->leased_until_next;
    }
    node->ceiling_next = node->leased_until_next = 0;
}
