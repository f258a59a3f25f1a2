/* net/auth.h: who is asking: sessions, API keys, and the limits on guessing.
 *
 * Nothing that opens a door is stored: of session tokens, keys and links only a keyed hash
 * (BLAKE2b-256 under a secret of the store), of passwords Argon2id. Keys live in memory, so that
 * the tracking path asks no database; sessions are re-read from it every AUTH_CACHE_MS. On
 * PostgreSQL with several processes the table of keys is re-read as often.
 * Accounts, passwords and one-time links are in net/account.h. Thread safe throughout.
 *
 *     g_autoptr(Auth) auth = auth_new(store, error);
 *     ServerOptions options = {.auth = auth, …};
 */
#pragma once
#include "net/request.h"
#include "store/store.h"

#define AUTH_SESSION_IDLE_MS ((int64_t)12 * 3600 * 1000)
#define AUTH_SESSION_MAX_MS  ((int64_t)14 * 24 * 3600 * 1000)

enum {
    AUTH_HASH_SIZE = 32,
    AUTH_TOKEN_SIZE = 44,  /* 256 random bits in base64url and a NUL */
    AUTH_KEY_SIZE = 64,    /* "kith_ingest_" + token + NUL fits */
    AUTH_PREFIX_SIZE = 24, /* what is shown of a key for ever: "kith_track_AbCd" */
    AUTH_CACHE_MS = 5000,
    AUTH_SESSIONS_MAX = 4096 /* in memory */
};

typedef struct Auth Auth;

/* Reads the keys. The store must outlive it. Errors: those of the store. */
Auth *auth_new(Store *store, GError **error);
void auth_free(Auth *auth);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Auth, auth_free)

Store *auth_store(const Auth *auth);

/* 256 random bits as text; and the keyed hash under which a token is stored. */
void auth_token_new(char token[AUTH_TOKEN_SIZE]);
void auth_token_hash(const Auth *auth, const char *token, size_t size,
                     uint8_t hash[AUTH_HASH_SIZE]);

/* ---- keys ---- */

extern const char *const key_scope_names[]; /* by KeyScope, NULL at the end */
bool key_scope_parse(const char *text, KeyScope *ret_scope);

typedef struct KeyInput {
    const char *name; /* 1..60 bytes */
    KeyScope scope;
    int64_t shop_id; /* 0: the default shop, 1 */
} KeyInput;

typedef struct KeyMade {
    int64_t key_id, source_id;
    char secret[AUTH_KEY_SIZE]; /* shown once */
    char prefix[AUTH_PREFIX_SIZE];
} KeyMade;

/* Makes a key and its source row, durable on return. Errors: INVALID, those of the writer. */
bool auth_key_create(Auth *auth, const KeyInput *input, const Actor *by, KeyMade *ret_made,
                     GError **error);
/* Ends a key: no request is accepted with it after the return (here; elsewhere AUTH_CACHE_MS). */
bool auth_key_revoke(Auth *auth, int64_t key_id, const Actor *by, GError **error);
/* Memory only. Errors: UNAUTHENTICATED. About 1 µs. */
bool auth_key_find(Auth *auth, const char *key, size_t size, Actor *ret_actor, GError **error);

/* ---- sessions ---- */

typedef struct Session {
    Actor actor;
    char csrf[AUTH_TOKEN_SIZE];
} Session;

typedef struct SessionNew {
    char token[AUTH_TOKEN_SIZE]; /* for the cookie */
    char csrf[AUTH_TOKEN_SIZE];
} SessionNew;

/* "__Host-kith" over https, "kith" on plain loopback (browsers refuse the prefix there). */
const char *auth_cookie_name(bool secure);
/* Begins a session of an account; the old one of `request`, if any, ends. Sets the cookie. */
bool auth_session_begin(Auth *auth, Request *request, int64_t account_id, SessionNew *ret_session,
                        GError **error);
/* Ends the session of the request and clears its cookie. */
bool auth_session_end(Auth *auth, Request *request, GError **error);
/* Ends all sessions of an account (password changed, account removed). */
bool auth_session_end_all(Auth *auth, int64_t account_id, GError **error);
/* `ret_session->actor.kind` is ACTOR_NOBODY when there is no such session or it is over. */
bool auth_session_find(Auth *auth, const char *token, int64_t now_ms, Session *ret_session,
                       GError **error);

/* ---- limits ---- */

/* A request of this actor; false: too fast, wait `ret_wait_s`. */
bool auth_rate_take(Auth *auth, const Actor *actor, unsigned *ret_wait_s);
/* One try to sign in, by network address and by account name; `auth` NULL: allowed. */
bool auth_login_take(Auth *auth, const char *address, unsigned *ret_wait_s);
bool auth_account_take(Auth *auth, const char *email, unsigned *ret_wait_s);
