/* store/calm.h: proof that a store's people and events are as they were at some moment, over
 * restarts, whichever process writes.
 *
 * A cache that is kept in a file may be used at the next start only if nothing was written since.
 * store_calm_mark writes the cache's token into the database (setting `calm`); the first write of
 * any process to any table but those that no such cache depends on (calm.c has the list) removes
 * token and file: the token in the transaction of that write, so that neither a crash nor a copy of
 * one of the two can make a stale file look right. So a file whose token is the database's is true:
 * restored backups bring their own token, and another data folder on the same PostgreSQL removes it
 * too. Changes by hand, past Kith, are not seen: whoever makes them removes the file.
 *
 *     store_calm_mark(store, token, nothing_waits, cache, error) … next start …
 *     if (store_calm_find(store, &token, error) && token && file_has(token)) use(file);
 */
#pragma once
#include "store/store.h"

/* The file of the cache, in the data folder. It may hold personal data and is gone with the first
 * write. */
#define STORE_CALM_FILE "columns.snapshot"

/* Marks the store as calm between two groups of the writer. `still` is asked there, on the writer's
 * thread: whether nothing came since the cache was written; else KITH_ERROR_CONFLICT. `token`: up
 * to 64 characters, never used before. Never from the writer's thread. */
bool store_calm_mark(Store *store, const char *token, bool (*still)(void *data), void *data,
                     GError **error);

/* The token of the database, owned by the caller; NULL: something was written since. */
bool store_calm_find(Store *store, char **ret_token, GError **error);
