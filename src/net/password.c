#include "net/password.h"

#include "base/error.h"

#include <sodium.h>
#include <string.h>

G_STATIC_ASSERT(PASSWORD_HASH_SIZE >= crypto_pwhash_STRBYTES);

/* 64 MB and about 0.1 s each: two at a time, the others wait in line, a crowd is turned away. */
static bool turn_begin(Auth *auth, GError **error)
{
    g_mutex_lock(&auth->hash_mutex);
    bool room = auth->hash_waiting < AUTH_HASHES_WAIT;
    if (room) {
        auth->hash_waiting++;
        while (auth->hashing >= AUTH_HASHES_MAX)
            g_cond_wait(&auth->hash_cond, &auth->hash_mutex);
        auth->hash_waiting--;
        auth->hashing++;
    }
    g_mutex_unlock(&auth->hash_mutex);
    return room || fail(error, KITH_ERROR_RATE, "many sign in right now: try again soon");
}

static void turn_end(Auth *auth)
{
    g_mutex_lock(&auth->hash_mutex);
    auth->hashing--;
    g_cond_signal(&auth->hash_cond);
    g_mutex_unlock(&auth->hash_mutex);
}

bool password_hash(Auth *auth, const char *password, char hash[PASSWORD_HASH_SIZE], GError **error)
{
    if (!turn_begin(auth, error)) return false;
    int result =
        crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE);
    turn_end(auth);
    return result == 0 ||
           fail(error, KITH_ERROR_UNAVAILABLE, "could not hash the password: no memory");
}

bool password_verify(Auth *auth, const char *password, const char *hash, bool *ret_right,
                     GError **error)
{
    char scratch[PASSWORD_HASH_SIZE];
    if (!hash) {
        *ret_right = false;
        return password_hash(auth, password, scratch, error);
    }
    if (!turn_begin(auth, error)) return false;
    *ret_right = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    turn_end(auth);
    return true;
}
