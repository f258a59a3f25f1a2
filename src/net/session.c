#include "base/clock.h"
#include "base/error.h"
#include "net/auth_private.h"
#include "net/exchange.h"
#include "net/net_sql.h"

#include <sodium.h>
#include <string.h>

enum { SEEN_MS = 5 * 60 * 1000 };

typedef struct SessionEntry {
    uint8_t hash[AUTH_HASH_SIZE];
    Session session;
    int64_t read_ms, seen_at, expires_at;
} SessionEntry;

const char *auth_cookie_name(bool secure) { return secure ? "__Host-kith" : "kith"; }

static void cookie_set(Request *request, const char *token, int64_t age_s)
{
    request_address(request); /* tells whether the browser speaks TLS */
    g_autofree char *value = g_strdup_printf(
        "%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%" G_GINT64_FORMAT "%s",
        auth_cookie_name(request->secure), token, age_s, request->secure ? "; Secure" : "");
    request_set_header(request, "Set-Cookie", value);
}

/* ---- memory ---- */

static void cache_put(Auth *auth, const SessionEntry *entry)
{
    g_mutex_lock(&auth->sessions_mutex);
    if (g_hash_table_size(auth->sessions) >= AUTH_SESSIONS_MAX)
        g_hash_table_remove_all(auth->sessions);
    SessionEntry *copy = g_memdup2(entry, sizeof *entry);
    g_hash_table_replace(auth->sessions, copy->hash, copy);
    g_mutex_unlock(&auth->sessions_mutex);
}

static bool cache_get(Auth *auth, const uint8_t *hash, SessionEntry *ret_entry)
{
    g_mutex_lock(&auth->sessions_mutex);
    const SessionEntry *entry = g_hash_table_lookup(auth->sessions, hash);
    bool found = entry && sodium_memcmp(entry->hash, hash, AUTH_HASH_SIZE) == 0 &&
                 clock_real_ms() - entry->read_ms < AUTH_CACHE_MS;
    if (found) *ret_entry = *entry;
    g_mutex_unlock(&auth->sessions_mutex);
    return found;
}

static void cache_drop(Auth *auth, const uint8_t *hash)
{
    g_mutex_lock(&auth->sessions_mutex);
    g_hash_table_remove(auth->sessions, hash);
    g_mutex_unlock(&auth->sessions_mutex);
}

static gboolean entry_is_of(gpointer key, gpointer value, gpointer data)
{
    (void)key;
    return ((SessionEntry *)value)->session.actor.id == *(int64_t *)data;
}

void sessions_forget(Auth *auth, int64_t account_id)
{
    g_mutex_lock(&auth->sessions_mutex);
    g_hash_table_foreach_remove(auth->sessions, entry_is_of, &account_id);
    g_mutex_unlock(&auth->sessions_mutex);
}

/* ---- finding ---- */

static bool account_read(Db *db, int64_t account_id, Actor *ret_actor, bool *ret_found,
                         GError **error)
{
    AccountGetParams params = {.account_id = account_id};
    AccountGetRow row = {0};
    if (!sql_account_get(db, &params, &row, ret_found, error)) return false;
    if (!*ret_found || row.disabled_at.set) {
        *ret_found = false;
        return true;
    }
    *ret_actor = (Actor){.kind = ACTOR_USER,
                         .id = account_id,
                         .role = strcmp(row.role, "owner") == 0 ? ROLE_OWNER : ROLE_STAFF};
    return true;
}

static bool session_read(Db *db, SessionEntry *entry, bool *ret_found, GError **error)
{
    SessionGetParams params = {.token_hash = {entry->hash, AUTH_HASH_SIZE}};
    SessionGetRow row = {0};
    *ret_found = false;
    if (!sql_session_get(db, &params, &row, ret_found, error)) return false;
    if (!*ret_found) return true;
    entry->seen_at = row.seen_at;
    entry->expires_at = row.expires_at;
    entry->read_ms = clock_real_ms();
    g_strlcpy(entry->session.csrf, row.csrf, sizeof entry->session.csrf);
    return account_read(db, row.account_id, &entry->session.actor, ret_found, error);
}

typedef struct SeenWork {
    uint8_t hash[AUTH_HASH_SIZE];
    int64_t now_ms;
} SeenWork;

static bool seen_run(Db *db, void *data, GError **error)
{
    SeenWork *work = data;
    SessionSeenParams params = {.token_hash = {work->hash, AUTH_HASH_SIZE},
                                .seen_at = work->now_ms};
    return sql_session_seen(db, &params, NULL, error);
}

static void seen_done(void *data, const GError *error)
{
    (void)error; /* the session ends some minutes early at worst */
    g_free(data);
}

static void session_note_seen(Auth *auth, SessionEntry *entry, int64_t now_ms)
{
    if (now_ms - entry->seen_at < SEEN_MS) return;
    SeenWork *work = g_new0(SeenWork, 1);
    memcpy(work->hash, entry->hash, AUTH_HASH_SIZE);
    work->now_ms = now_ms;
    entry->seen_at = now_ms;
    cache_put(auth, entry);
    writer_submit(store_writer(auth->store), WRITER_REST, seen_run, seen_done, work);
}

bool auth_session_find(Auth *auth, const char *token, int64_t now_ms, Session *ret_session,
                       GError **error)
{
    SessionEntry entry = {0};
    bool found = true;
    *ret_session = (Session){0};
    auth_token_hash(auth, token, strlen(token), entry.hash);
    if (!cache_get(auth, entry.hash, &entry)) {
        Db *db = store_reader_begin(auth->store, error);
        if (!db) return false;
        bool ok = session_read(db, &entry, &found, error);
        store_reader_end(auth->store, db);
        if (!ok) return false;
        if (found) cache_put(auth, &entry);
    }
    bool idle = now_ms - entry.seen_at >= AUTH_SESSION_IDLE_MS;
    if (!found || idle || now_ms >= entry.expires_at) return true;
    *ret_session = entry.session;
    session_note_seen(auth, &entry, now_ms);
    return true;
}

/* ---- beginning and ending ---- */

typedef struct SessionWork {
    uint8_t hash[AUTH_HASH_SIZE], old[AUTH_HASH_SIZE];
    bool replaces;
    int64_t account_id, now_ms;
    const char *csrf;
} SessionWork;

static bool session_delete(Db *db, const uint8_t *hash, GError **error)
{
    SessionDeleteParams params = {.token_hash = {hash, AUTH_HASH_SIZE}};
    return sql_session_delete(db, &params, NULL, error);
}

static bool session_begin_run(Db *db, void *data, GError **error)
{
    const SessionWork *work = data;
    if (work->replaces && !session_delete(db, work->old, error)) return false;
    SessionDeleteOldParams old = {.now = work->now_ms,
                                  .idle_before = work->now_ms - AUTH_SESSION_IDLE_MS};
    if (!sql_session_delete_old(db, &old, NULL, error)) return false;
    SessionInsertParams params = {.token_hash = {work->hash, AUTH_HASH_SIZE},
                                  .account_id = work->account_id,
                                  .csrf = work->csrf,
                                  .created_at = work->now_ms,
                                  .seen_at = work->now_ms,
                                  .expires_at = work->now_ms + AUTH_SESSION_MAX_MS};
    return sql_session_insert(db, &params, NULL, error);
}

/* The hash of the session cookie that came with the request. */
static bool session_hash(Auth *auth, Request *request, uint8_t hash[AUTH_HASH_SIZE])
{
    request_address(request);
    const char *header = request->headers.cookie;
    g_autofree char *token = header ? cookie_find(header, auth_cookie_name(request->secure)) : NULL;
    if (token) auth_token_hash(auth, token, strlen(token), hash);
    return token != NULL;
}

bool auth_session_begin(Auth *auth, Request *request, int64_t account_id, SessionNew *ret_session,
                        GError **error)
{
    SessionNew session;
    auth_token_new(session.token);
    auth_token_new(session.csrf);
    SessionWork work = {
        .account_id = account_id, .now_ms = request_now_ms(request), .csrf = session.csrf};
    auth_token_hash(auth, session.token, strlen(session.token), work.hash);
    work.replaces = session_hash(auth, request, work.old);
    if (!writer_call(store_writer(auth->store), WRITER_REST, session_begin_run, &work, error))
        return false;
    if (work.replaces) cache_drop(auth, work.old);
    cookie_set(request, session.token, AUTH_SESSION_MAX_MS / 1000);
    *ret_session = session;
    return true;
}

static bool session_end_run(Db *db, void *data, GError **error)
{
    return session_delete(db, data, error);
}

bool auth_session_end(Auth *auth, Request *request, GError **error)
{
    uint8_t hash[AUTH_HASH_SIZE];
    if (!session_hash(auth, request, hash)) return true;
    if (!writer_call(store_writer(auth->store), WRITER_REST, session_end_run, hash, error))
        return false;
    cache_drop(auth, hash);
    cookie_set(request, "", 0);
    return true;
}

static bool session_end_all_run(Db *db, void *data, GError **error)
{
    SessionDeleteAccountParams params = {.account_id = *(int64_t *)data};
    return sql_session_delete_account(db, &params, NULL, error);
}

bool auth_session_end_all(Auth *auth, int64_t account_id, GError **error)
{
    if (!writer_call(store_writer(auth->store), WRITER_REST, session_end_all_run, &account_id,
                     error))
        return false;
    sessions_forget(auth, account_id);
    return true;
}
