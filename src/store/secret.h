/* store/secret.h: the store's secret: keys derived for a purpose, and sealed settings.
 *
 * DATA/secret.key holds 32 random bytes (0600) as hex. Keys are derived from it with libsodium's
 * kdf (BLAKE2b) by purpose and never written anywhere. Who has the database without this file can
 * read no sealed setting. A backup of the database does not hold it: keep it apart.
 */
#pragma once
#include "store/store.h"

/* Encrypts a text for the database: base64 of nonce and ciphertext (XSalsa20-Poly1305). The caller
 * frees. Cannot fail. */
char *store_seal(Store *store, const char *purpose, const char *text);

/* Decrypts; the caller frees. NULL with KITH_ERROR_DENIED when it was sealed with another key or
 * purpose, or altered. */
char *store_unseal(Store *store, const char *purpose, const char *sealed, GError **error);

typedef struct Secret Secret;
typedef struct Folder Folder;

/* Reads or makes DATA/secret.key. With `fresh` false a missing file is an error: the store's
 * sealed settings and stems depend on it. */
Secret *secret_open(const Folder *folder, bool fresh, GError **error);
void secret_free(Secret *secret);
const uint8_t *secret_key(Secret *secret, const char *purpose);
