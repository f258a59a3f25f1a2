/* net/password.h: Argon2id, a few at a time. Private to net/. */
#pragma once
#include "net/auth_private.h"

enum { PASSWORD_HASH_SIZE = 128 };

/* Errors: RATE (too many wait). */
bool password_hash(Auth *auth, const char *password, char hash[PASSWORD_HASH_SIZE], GError **error);
/* `hash` NULL: takes the same time and is never right. */
bool password_verify(Auth *auth, const char *password, const char *hash, bool *ret_right,
                     GError **error);
