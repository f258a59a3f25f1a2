#include "net/auth.h"

#include "base/clock.h"
#include "base/error.h"
#include "net/audit.h"
#include "net/auth_private.h"
#include "net/net_sql.h"

#include <sodium.h>
#include <string.h>

enum { KEY_USED_MS = 60 * 1000 };

const char *const key_scope_names[] = {"track", "ingest", "api", NULL};

/* Requests a minute and burst per key. `track` is public and stands in web pages; `ingest` is the
 * shop's own server and is slowed by the budget for bodies and the writer alone. */
static const struct {
    uint32_t per_minute, burst;
} key_limits[KEY_SCOPES] = {
    [KEY_TRACK] = {600000, 20000}, [KEY_INGEST] = {10000000, 1000000}, [KEY_API] = {6000, 600}};

/* Trust of what comes by a key, as people/trust.h orders it. */
static const int64_t key_trust[KEY_SCOPES] = {[KEY_TRACK] = 10, [KEY_INGEST] = 20, [KEY_API] = 40};

typedef struct KeyEntry {
    uint8_t hash[AUTH_HASH_SIZE];
    Actor actor;
    _Atomic int64_t used_ms; /* when the store was last told */
} KeyEntry;

bool key_scope_parse(const char *text, KeyScope *ret_scope)
{
    for (int i = 0; i < KEY_SCOPES; i++) {
        if (strcmp(key_scope_names[i], text) != 0) continue;
        *ret_scope = (KeyScope)i;
        return true;
    }
    return false;
}

void auth_token_new(char token[AUTH_TOKEN_SIZE])
{
    uint8_t bits[32];
    randombytes_buf(bits, sizeof bits);
    sodium_bin2base64(token, AUTH_TOKEN_SIZE, bits, sizeof bits,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void auth_token_hash(const Auth *auth, const char *token, size_t size, uint8_t hash[AUTH_HASH_SIZE])
{
    crypto_generichash(hash, AUTH_HASH_SIZE, (const uint8_t *)token, size, auth->secret,
                       STORE_SECRET_SIZE);
}

/* ---- the table of keys ---- */

static void key_entry_add(GHashTable *keys, const KeyAllRow *row, int64_t shop_id)
{
    KeyScope scope;
    if (row->key_hash.size != AUTH_HASH_SIZE || !key_scope_parse(row->scope, &scope)) return;
    KeyEntry *entry = g_new0(KeyEntry, 1);
    memcpy(entry->hash, row->key_hash.data, AUTH_HASH_SIZE);
    entry->actor = (Actor){.kind = ACTOR_KEY,
                           .id = row->key_id,
                           .source_id = row->source_id,
                           .shop_id = shop_id,
                           .key_scope = scope};
    g_strlcpy(entry->actor.name, row->name, sizeof entry->actor.name);
    atomic_store(&entry->used_ms, row->used_at.set ? row->used_at.value : 0);
    g_hash_table_replace(keys, entry->hash, entry);
}

static bool keys_read(Db *db, GHashTable *keys, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    KeyAllRow row;
    if (!sql_key_all_open(db, &cursor, error)) return false;
    while (sql_key_all_next(&cursor, &row)) {
        KeySourceGetParams params = {.source_id = row.source_id};
        KeySourceGetRow source = {0};
        bool found = false;
        if (!sql_key_source_get(db, &params, &source, &found, error)) return false;
        key_entry_add(keys, &row, found ? source.shop_id : 1);
    }
    return db_cursor_finish(&cursor, error);
}

static bool keys_load(Auth *auth, GError **error)
{
    GHashTable *keys = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    Db *db = store_reader_begin(auth->store, error);
    bool ok = db && keys_read(db, keys, error);
    if (db) store_reader_end(auth->store, db);
    if (ok) {
        g_rw_lock_writer_lock(&auth->keys_lock);
        GHashTable *before = auth->keys;
        auth->keys = keys;
        keys = before;
        g_rw_lock_writer_unlock(&auth->keys_lock);
        atomic_store(&auth->keys_read_ms, clock_real_ms());
    }
    if (keys) g_hash_table_unref(keys);
    return ok;
}

/* Other processes may have made or ended keys; one thread at a time looks. */
static void keys_refresh(Auth *auth)
{
    int64_t now_ms = clock_real_ms();
    int64_t read_ms = atomic_load(&auth->keys_read_ms);
    if (store_kind(auth->store) != DB_POSTGRES || now_ms - read_ms < AUTH_CACHE_MS) return;
    if (atomic_compare_exchange_strong(&auth->keys_read_ms, &read_ms, now_ms))
        keys_load(auth, NULL);
}

/* ---- life ---- */

Auth *auth_new(Store *store, GError **error)
{
    g_assert(sodium_init() >= 0);
    g_autoptr(Auth) auth = g_new0(Auth, 1);
    auth->store = store;
    auth->secret = store_secret(store, "auth");
    g_rw_lock_init(&auth->keys_lock);
    g_mutex_init(&auth->sessions_mutex);
    g_mutex_init(&auth->hash_mutex);
    g_cond_init(&auth->hash_cond);
    auth->sessions = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
    auth->logins = limiter_new(20, 20, 4096);
    auth->accounts = limiter_new(6, 10, 4096);
    for (int i = 0; i < KEY_SCOPES; i++)
        auth->keys_limits[i] = limiter_new(key_limits[i].per_minute, key_limits[i].burst, 256);
    return keys_load(auth, error) ? g_steal_pointer(&auth) : NULL;
}

void auth_free(Auth *auth)
{
    if (!auth) return;
    if (auth->keys) g_hash_table_unref(auth->keys);
    g_hash_table_unref(auth->sessions);
    limiter_free(auth->logins);
    limiter_free(auth->accounts);
    for (int i = 0; i < KEY_SCOPES; i++)
        limiter_free(auth->keys_limits[i]);
    g_rw_lock_clear(&auth->keys_lock);
    g_mutex_clear(&auth->sessions_mutex);
    g_mutex_clear(&auth->hash_mutex);
    g_cond_clear(&auth->hash_cond);
    g_free(auth);
}

Store *auth_store(const Auth *auth) { return auth->store; }

/* ---- finding a key ---- */

typedef struct KeyUsed {
    int64_t key_id, at;
} KeyUsed;

static bool key_used_run(Db *db, void *data, GError **error)
{
    const KeyUsed *used = data;
    KeyUsedParams params = {.key_id = used->key_id, .at = used->at};
    return sql_key_used(db, &params, NULL, error);
}

static void key_used_done(void *data, const GError *error)
{
    (void)error; /* only "last used" on a page: the next minute tries again */
    g_free(data);
}

static void key_note_used(Auth *auth, KeyEntry *entry)
{
    int64_t now_ms = clock_now_ms();
    int64_t before = atomic_load_explicit(&entry->used_ms, memory_order_relaxed);
    if (now_ms - before < KEY_USED_MS) return;
    if (!atomic_compare_exchange_strong(&entry->used_ms, &before, now_ms)) return;
    KeyUsed *used = g_new(KeyUsed, 1);
    *used = (KeyUsed){.key_id = entry->actor.id, .at = now_ms};
    writer_submit(store_writer(auth->store), WRITER_REST, key_used_run, key_used_done, used);
}

bool auth_key_find(Auth *auth, const char *key, size_t size, Actor *ret_actor, GError **error)
{
    uint8_t hash[AUTH_HASH_SIZE];
    keys_refresh(auth);
    auth_token_hash(auth, key, size, hash);
    g_rw_lock_reader_lock(&auth->keys_lock);
    KeyEntry *entry = g_hash_table_lookup(auth->keys, hash);
    bool found = entry && sodium_memcmp(entry->hash, hash, sizeof hash) == 0;
    if (found) {
        *ret_actor = entry->actor;
        key_note_used(auth, entry);
    }
    g_rw_lock_reader_unlock(&auth->keys_lock);
    return found || fail(error, KITH_ERROR_UNAUTHENTICATED, "this key is unknown or was revoked");
}

/* ---- making and ending keys ---- */

typedef struct KeyWork {
    const KeyInput *input;
    KeyMade *made;
    const Actor *by;
    int64_t now_ms, audit_id;
    uint8_t hash[AUTH_HASH_SIZE];
} KeyWork;

static bool key_source_make(Db *db, KeyWork *work, GError **error)
{
    const KeyInput *input = work->input;
    KeySourceTopRow top = {0};
    bool found = false;
    if (!sql_key_source_top(db, &top, &found, error)) return false;
    work->made->source_id = MAX(top.source_id, 2) + 1; /* 1 is hand, 2 is Kith itself */
    KeySourceInsertParams params = {.source_id = work->made->source_id,
                                    .kind = key_scope_names[input->scope],
                                    .trust = key_trust[input->scope],
                                    .name = input->name,
                                    .shop_id = input->shop_id ? input->shop_id : 1,
                                    .created_at = work->now_ms};
    return sql_key_source_insert(db, &params, NULL, error);
}

static bool key_create_run(Db *db, void *data, GError **error)
{
    KeyWork *work = data;
    if (!key_source_make(db, work, error)) return false;
    KeyInsertParams params = {.key_id = work->made->key_id,
                              .key_hash = {work->hash, sizeof work->hash},
                              .prefix = work->made->prefix,
                              .scope = key_scope_names[work->input->scope],
                              .name = work->input->name,
                              .source_id = work->made->source_id,
                              .created_at = work->now_ms};
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = work->now_ms,
                        .by = work->by,
                        .action = "key.create",
                        .kind = "key",
                        .id = work->made->key_id};
    return sql_key_insert(db, &params, NULL, error) && audit_add(db, &entry, error);
}

static void key_secret_make(KeyScope scope, KeyMade *made)
{
    char token[AUTH_TOKEN_SIZE];
    auth_token_new(token);
    g_snprintf(made->secret, sizeof made->secret, "kith_%s_%s", key_scope_names[scope], token);
    g_strlcpy(made->prefix, made->secret, strlen("kith__") + strlen(key_scope_names[scope]) + 5);
}

bool auth_key_create(Auth *auth, const KeyInput *input, const Actor *by, KeyMade *ret_made,
                     GError **error)
{
    KeyMade made = {.key_id = store_id_next(auth->store)};
    KeyWork work = {.input = input,
                    .made = &made,
                    .by = by,
                    .now_ms = clock_now_ms(),
                    .audit_id = store_id_next(auth->store)};
    if (*input->name == '\0' || strlen(input->name) > 60)
        return fail(error, KITH_ERROR_INVALID, "key name: must be 1 to 60 bytes long");
    key_secret_make(input->scope, &made);
    auth_token_hash(auth, made.secret, strlen(made.secret), work.hash);
    if (!writer_call(store_writer(auth->store), WRITER_REST, key_create_run, &work, error))
        return false;
    *ret_made = made;
    return keys_load(auth, error);
}

typedef struct KeyRevoke {
    int64_t key_id, now_ms, audit_id;
    const Actor *by;
} KeyRevoke;

static bool key_revoke_run(Db *db, void *data, GError **error)
{
    const KeyRevoke *work = data;
    int64_t changed = 0;
    KeyRevokeParams params = {.key_id = work->key_id, .at = work->now_ms};
    if (!sql_key_revoke(db, &params, &changed, error)) return false;
    if (changed == 0) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such key");
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = work->now_ms,
                        .by = work->by,
                        .action = "key.revoke",
                        .kind = "key",
                        .id = work->key_id};
    return audit_add(db, &entry, error);
}

bool auth_key_revoke(Auth *auth, int64_t key_id, const Actor *by, GError **error)
{
    KeyRevoke work = {.key_id = key_id,
                      .now_ms = clock_now_ms(),
                      .audit_id = store_id_next(auth->store),
                      .by = by};
    return writer_call(store_writer(auth->store), WRITER_REST, key_revoke_run, &work, error) &&
           keys_load(auth, error);
}

/* ---- limits ---- */

bool auth_rate_take(Auth *auth, const Actor *actor, unsigned *ret_wait_s)
{
    if (!auth || actor->kind != ACTOR_KEY) return true;
    return limiter_take(auth->keys_limits[actor->key_scope], &actor->id, sizeof actor->id,
                        clock_monotonic_us(), ret_wait_s);
}

bool auth_login_take(Auth *auth, const char *address, unsigned *ret_wait_s)
{
    return !auth ||
           limiter_take(auth->logins, address, strlen(address), clock_monotonic_us(), ret_wait_s);
}

bool auth_account_take(Auth *auth, const char *email, unsigned *ret_wait_s)
{
    return limiter_take(auth->accounts, email, strlen(email), clock_monotonic_us(), ret_wait_s);
}
