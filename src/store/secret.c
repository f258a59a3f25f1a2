#include "store/secret.h"

#include <sodium.h>
#include <sys/stat.h>

#include "store/folder.h"
#include "store/store_private.h"

enum { KEY_SIZE = crypto_kdf_KEYBYTES };

typedef struct Purpose {
    char *name;
    uint8_t key[STORE_SECRET_SIZE];
} Purpose;

struct Secret {
    uint8_t root[KEY_SIZE];
    GMutex mutex;
    GPtrArray *purposes; /* Purpose *, a handful */
};

static void purpose_free(gpointer data)
{
    Purpose *purpose = data;
    sodium_memzero(purpose->key, sizeof purpose->key);
    g_free(purpose->name);
    g_free(purpose);
}

static bool root_make(const Folder *folder, uint8_t *root, GError **error)
{
    char text[KEY_SIZE * 2 + 2];
    crypto_kdf_keygen(root);
    sodium_bin2hex(text, sizeof text, root, KEY_SIZE);
    text[KEY_SIZE * 2] = '\n';
    bool done = folder_write(folder, "secret.key", text, KEY_SIZE * 2 + 1, error);
    sodium_memzero(text, sizeof text);
    return done;
}

static bool root_read(const char *path, uint8_t *root, GError **error)
{
    struct stat info;
    g_autofree char *text = NULL;
    gsize size = 0;
    if (stat(path, &info) == 0 && (info.st_mode & 077))
        return fail(error, KITH_ERROR_DENIED, "%s may be read by others: chmod 600 it", path);
    if (!g_file_get_contents(path, &text, &size, error)) return false;
    size_t length = 0;
    bool good =
        sodium_hex2bin(root, KEY_SIZE, text, size, "\n", &length, NULL) == 0 && length == KEY_SIZE;
    sodium_memzero(text, size);
    return good || fail(error, KITH_ERROR_INVALID,
                        "%s is not a key of Kith (64 hex digits): restore it from your copy", path);
}

Secret *secret_open(const Folder *folder, bool fresh, GError **error)
{
    if (sodium_init() < 0) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not start the random number generator");
        return NULL;
    }
    Secret *secret = g_new0(Secret, 1);
    g_mutex_init(&secret->mutex);
    secret->purposes = g_ptr_array_new_with_free_func(purpose_free);
    g_autofree char *path = folder_file(folder, "secret.key");
    bool exists = g_file_test(path, G_FILE_TEST_EXISTS), done = false;
    if (exists)
        done = root_read(path, secret->root, error);
    else if (fresh)
        done = root_make(folder, secret->root, error);
    else
        fail(error, KITH_ERROR_INVALID,
             "%s is missing: restore it from your copy; without it identities and sealed settings "
             "of this store cannot be read",
             path);
    if (!done) g_clear_pointer(&secret, secret_free);
    return secret;
}

void secret_free(Secret *secret)
{
    if (!secret) return;
    sodium_memzero(secret->root, sizeof secret->root);
    g_ptr_array_free(secret->purposes, TRUE);
    g_mutex_clear(&secret->mutex);
    g_free(secret);
}

/* The kdf takes an 8-byte context and a number: both come from a hash of the purpose. */
static Purpose *purpose_new(const Secret *secret, const char *name)
{
    uint8_t hash[crypto_kdf_CONTEXTBYTES + sizeof(uint64_t)];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)name, strlen(name), NULL, 0);
    uint64_t number;
    memcpy(&number, hash + crypto_kdf_CONTEXTBYTES, sizeof number);
    Purpose *purpose = g_new0(Purpose, 1);
    purpose->name = g_strdup(name);
    crypto_kdf_derive_from_key(purpose->key, sizeof purpose->key, GUINT64_FROM_LE(number),
                               (const char *)hash, secret->root);
    return purpose;
}

const uint8_t *secret_key(Secret *secret, const char *purpose)
{
    Purpose *found = NULL;
    g_mutex_lock(&secret->mutex);
    for (guint i = 0; i < secret->purposes->len && !found; i++) {
        Purpose *known = secret->purposes->pdata[i];
        if (strcmp(known->name, purpose) == 0) found = known;
    }
    if (!found) {
        found = purpose_new(secret, purpose);
        g_ptr_array_add(secret->purposes, found);
    }
    g_mutex_unlock(&secret->mutex);
    return found->key;
}

char *store_seal(Store *store, const char *purpose, const char *text)
{
    size_t size = strlen(text),
           total = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + size;
    g_autofree uint8_t *sealed = g_malloc(total);
    randombytes_buf(sealed, crypto_secretbox_NONCEBYTES);
    crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, (const uint8_t *)text, size, sealed,
                          store_secret(store, purpose));
    return g_base64_encode(sealed, total);
}

char *store_unseal(Store *store, const char *purpose, const char *sealed, GError **error)
{
    enum { OVERHEAD = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES };
    gsize total = 0;
    g_autofree uint8_t *data = g_base64_decode(sealed, &total);
    if (total >= OVERHEAD) {
        size_t size = total - OVERHEAD;
        g_autofree char *text = g_malloc0(size + 1);
        if (crypto_secretbox_open_easy((uint8_t *)text, data + crypto_secretbox_NONCEBYTES,
                                       total - crypto_secretbox_NONCEBYTES, data,
                                       store_secret(store, purpose)) == 0)
            return g_steal_pointer(&text);
    }
    fail(error, KITH_ERROR_DENIED,
         "a sealed setting (%s) cannot be opened: it was written with another secret.key; enter it "
         "again",
         purpose);
    return NULL;
}
