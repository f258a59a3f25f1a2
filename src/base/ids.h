/* base/ids.h: ids of rows: 41 bits of milliseconds since 2024-01-01 UTC, 10 bits of node,
 * 12 bits of counter. Positive, rising in order of minting, never reused.
 *
 * A mint never goes below the highest id it was told of: when the machine's clock stands or
 * steps back, it goes on counting from there (and runs ahead of the clock until that catches
 * up). Thread safe, no locks. Ids are numbers in C and SQL, decimal text in JSON and URLs of
 * the API; they never appear in public URLs.
 *
 *     IdMint *mint = id_mint_new(node, highest_in_store);
 *     int64_t person_id = id_mint_next(mint);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    ID_NODE_MAX = 1023,
    ID_TEXT_SIZE = 21, /* longest decimal text of an int64 with sign and NUL */
};

#define ID_EPOCH_MS ((int64_t)1704067200000) /* 2024-01-01T00:00:00Z */

typedef struct IdMint IdMint;

/* A mint for one node (0..ID_NODE_MAX) that starts above `highest`, the highest id known to the
 * store (0 = none). The caller frees it. */
IdMint *id_mint_new(uint32_t node, int64_t highest);
void id_mint_free(IdMint *mint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IdMint, id_mint_free)

/* The next id. Cannot fail; about 20 ns. */
int64_t id_mint_next(IdMint *mint);

/* Makes later ids rise above `seen`. */
void id_mint_raise(IdMint *mint, int64_t seen);

/* When an id was minted, UTC epoch ms. */
int64_t id_time_ms(int64_t id);

/* The smallest id that could be minted at this instant, for key ranges; 0 before 2024. */
int64_t id_floor(int64_t at_ms);

/* Reads a positive id: decimal digits only, no sign, no leading zero, below 2^63.
 * Errors: KITH_ERROR_INVALID. */
bool id_parse(Slice text, int64_t *ret_id, GError **error);

/* Writes the decimal text, NUL-terminated, and returns its length. */
size_t id_format(int64_t id, char ret_text[ID_TEXT_SIZE]);

/* For a GHashTable of ids: what differs between them is anywhere in their 64 bits. Goes with
 * g_int64_equal. */
guint id_hash(gconstpointer id);
