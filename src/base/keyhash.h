/* base/keyhash.h: hashes that strangers cannot aim at, and a map on top of them.
 *
 * SipHash-2-4 (libsodium) with a secret key of this store: nobody outside can choose texts that
 * collide. 64 bits for stems and shards, 128 bits where equality of the hash stands for equality
 * of the text (identities, de-duplication): collisions are then out of reach.
 *
 * KeyMap: 128-bit hash -> int64 in open-addressed shards, 24 bytes a slot, 256 shards that grow
 * one at a time, so that the longest pause at a hundred million entries is some milliseconds.
 * Not thread safe: one writer at a time, readers under the caller's lock.
 *
 *     Hash128 key = keyhash128(secret, text.data, text.size);
 *     if (!keymap_put(map, key, person_id)) … out of memory …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYHASH_KEY_SIZE = 16 };

typedef struct Hash128 {
    uint64_t low, high;
} Hash128;

/* 64-bit keyed hash of `size` bytes. About 20 ns for 30 bytes. */
uint64_t keyhash64(const uint8_t key[KEYHASH_KEY_SIZE], const void *data, size_t size);

/* 128-bit keyed hash of `size` bytes. About 25 ns for 30 bytes. */
Hash128 keyhash128(const uint8_t key[KEYHASH_KEY_SIZE], const void *data, size_t size);

typedef struct KeyMap KeyMap;

/* An empty map with room for `expected` entries (0 = unknown). Never NULL; the caller frees. */
KeyMap *keymap_new(size_t expected);
void keymap_free(KeyMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeyMap, keymap_free)

/* Looks a hash up; `ret_value` may be NULL. One cache miss. */
bool keymap_find(const KeyMap *map, Hash128 key, int64_t *ret_value);

/* Fetches what keymap_find will read, so that many look-ups wait together. */
void keymap_prefetch(const KeyMap *map, Hash128 key);

/* Sets the value of a hash, replacing an older one. False: out of memory, map unchanged. */
bool keymap_put(KeyMap *map, Hash128 key, int64_t value);

/* Adds a hash unless it is there. `ret_value` (may be NULL): the value that is in the map now;
 * `ret_added` (may be NULL): whether it is the new one. False: out of memory. */
bool keymap_add(KeyMap *map, Hash128 key, int64_t value, int64_t *ret_value, bool *ret_added);

/* Removes a hash; false when it was not there. */
bool keymap_remove(KeyMap *map, Hash128 key);

size_t keymap_count(const KeyMap *map);

/* Bytes held. */
size_t keymap_bytes(const KeyMap *map);

/* Removes all entries and gives their memory back. */
void keymap_clear(KeyMap *map);

/* Calls `visit` for every entry, in no order; stops early when it returns false. The map must
 * not change meanwhile. Returns false when stopped. */
bool keymap_each(const KeyMap *map, bool (*visit)(Hash128 key, int64_t value, void *data),
                 void *data);
