/* net/auth_private.h: the inside of Auth; only for auth.c, session.c and account.c. */
#pragma once
#include "net/auth.h"
#include "net/limiter.h"

enum { AUTH_HASHES_MAX = 2 /* Argon2id at a time: 64 MB each */, AUTH_HASHES_WAIT = 16 };

struct Auth {
    Store *store;
    const uint8_t *secret; /* 32 bytes, the store's */
    GRWLock keys_lock;
    GHashTable *keys; /* first 8 bytes of the hash -> KeyEntry */
    _Atomic int64_t keys_read_ms;
    GMutex sessions_mutex;
    GHashTable *sessions; /* first 8 bytes of the hash -> SessionEntry */
    GMutex hash_mutex;
    GCond hash_cond;
    unsigned hashing, hash_waiting; /* under hash_mutex */
    Limiter *logins, *accounts, *keys_limits[KEY_SCOPES];
};

/* Drops every session of an account from memory. */
void sessions_forget(Auth *auth, int64_t account_id);
