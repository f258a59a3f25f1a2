#include "base/keyhash.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SHARDS = 256, SHARD_SLOTS_MIN = 8 };

typedef struct Slot {
    Hash128 key; /* {0, 0} = empty */
    int64_t value;
} Slot;

G_STATIC_ASSERT(sizeof(Slot) == 24);

typedef struct Shard {
    Slot *slots;
    uint32_t mask; /* slots - 1; meaningful when slots is set */
    uint32_t used;
} Shard;

struct KeyMap {
    Shard shards[SHARDS];
    size_t count;
    size_t bytes;
};

uint64_t keyhash64(const uint8_t key[KEYHASH_KEY_SIZE], const void *data, size_t size)
{
    uint64_t hash;
    crypto_shorthash((uint8_t *)&hash, data, size, key);
    return hash;
}

Hash128 keyhash128(const uint8_t key[KEYHASH_KEY_SIZE], const void *data, size_t size)
{
    Hash128 hash;
    G_STATIC_ASSERT(sizeof(hash) == crypto_shorthash_siphashx24_BYTES);
    crypto_shorthash_siphashx24((uint8_t *)&hash, data, size, key);
    return hash;
}

/* {0, 0} marks an empty slot, so the one key in 2^128 that is zero becomes another. */
static inline Hash128 key_stored(Hash128 key)
{
    if (G_UNLIKELY(key.low == 0 && key.high == 0)) key.low = 1;
    return key;
}

static inline bool slot_empty(const Slot *slot)
{
    return slot->key.low == 0 && slot->key.high == 0;
}

static inline bool slot_holds(const Slot *slot, Hash128 key)
{
    return slot->key.low == key.low && slot->key.high == key.high;
}

static inline Shard *shard_of(KeyMap *map, Hash128 key) { return &map->shards[key.low >> 56]; }

/* The slot that holds the key, or the empty one where it belongs. The shard must have slots. */
static inline Slot *slot_find(const Shard *shard, Hash128 key)
{
    uint32_t i = (uint32_t)key.low & shard->mask;
    while (!slot_empty(&shard->slots[i]) && !slot_holds(&shard->slots[i], key))
        i = (i + 1) & shard->mask;
    return &shard->slots[i];
}

static bool shard_resize(KeyMap *map, Shard *shard, uint32_t slots)
{
    Shard grown = {.slots = calloc(slots, sizeof(Slot)), .mask = slots - 1, .used = shard->used};
    if (!grown.slots) return false;
    uint32_t before = shard->slots ? shard->mask + 1 : 0;
    for (uint32_t i = 0; i < before; i++)
        if (!slot_empty(&shard->slots[i]))
            *slot_find(&grown, shard->slots[i].key) = shard->slots[i];
    free(shard->slots);
    *shard = grown;
    map->bytes += (slots - (size_t)before) * sizeof(Slot);
    return true;
}

/* Room for one more: at most 7 of 8 slots are in use. */
static bool shard_reserve(KeyMap *map, Shard *shard)
{
    if (!shard->slots) return shard_resize(map, shard, SHARD_SLOTS_MIN);
    if ((uint64_t)(shard->used + 1) * 8 <= ((uint64_t)shard->mask + 1) * 7) return true;
    return shard_resize(map, shard, (shard->mask + 1) * 2);
}

KeyMap *keymap_new(size_t expected)
{
    KeyMap *map = g_new0(KeyMap, 1);
    size_t wanted = expected / SHARDS + expected / SHARDS / 4;
    uint32_t slots = SHARD_SLOTS_MIN;
    while (slots < wanted && slots < (1u << 30))
        slots *= 2;
    /* A shard that gets no memory here tries again at its first entry. */
    for (size_t i = 0; expected > 0 && i < SHARDS; i++)
        shard_resize(map, &map->shards[i], slots);
    return map;
}

void keymap_free(KeyMap *map)
{
    if (!map) return;
    keymap_clear(map);
    g_free(map);
}

bool keymap_find(const KeyMap *map, Hash128 key, int64_t *ret_value)
{
    key = key_stored(key);
    const Shard *shard = &map->shards[key.low >> 56];
    if (!shard->slots) return false;
    const Slot *slot = slot_find(shard, key);
    if (slot_empty(slot)) return false;
    if (ret_value) *ret_value = slot->value;
    return true;
}

void keymap_prefetch(const KeyMap *map, Hash128 key)
{
    key = key_stored(key);
    const Shard *shard = &map->shards[key.low >> 56];
    if (shard->slots) __builtin_prefetch(&shard->slots[(uint32_t)key.low & shard->mask]);
}

bool keymap_add(KeyMap *map, Hash128 key, int64_t value, int64_t *ret_value, bool *ret_added)
{
    key = key_stored(key);
    Shard *shard = shard_of(map, key);
    if (!shard_reserve(map, shard)) return false;
    Slot *slot = slot_find(shard, key);
    bool added = slot_empty(slot);
    if (added) {
        *slot = (Slot){key, value};
        shard->used++;
        map->count++;
    }
    if (ret_value) *ret_value = slot->value;
    if (ret_added) *ret_added = added;
    return true;
}

bool keymap_put(KeyMap *map, Hash128 key, int64_t value)
{
    if (!keymap_add(map, key, value, NULL, NULL)) return false;
    slot_find(shard_of(map, key_stored(key)), key_stored(key))->value = value;
    return true;
}

/* Closes the gap: entries behind it that may not be found any more move forward. */
static void shard_close_gap(Shard *shard, uint32_t gap)
{
    for (uint32_t i = (gap + 1) & shard->mask; !slot_empty(&shard->slots[i]);
         i = (i + 1) & shard->mask) {
        uint32_t home = (uint32_t)shard->slots[i].key.low & shard->mask;
        if (((i - home) & shard->mask) < ((i - gap) & shard->mask)) continue;
        shard->slots[gap] = shard->slots[i];
        gap = i;
    }
    shard->slots[gap] = (Slot){0};
}

bool keymap_remove(KeyMap *map, Hash128 key)
{
    key = key_stored(key);
    Shard *shard = shard_of(map, key);
    if (!shard->slots) return false;
    Slot *slot = slot_find(shard, key);
    if (slot_empty(slot)) return false;
    shard_close_gap(shard, (uint32_t)(slot - shard->slots));
    shard->used--;
    map->count--;
    return true;
}

size_t keymap_count(const KeyMap *map) { return map->count; }

size_t keymap_bytes(const KeyMap *map) { return sizeof(*map) + map->bytes; }

void keymap_clear(KeyMap *map)
{
    for (size_t i = 0; i < SHARDS; i++)
        free(map->shards[i].slots);
    memset(map, 0, sizeof(*map));
}

bool keymap_each(const KeyMap *map, bool (*visit)(Hash128 key, int64_t value, void *data),
                 void *data)
{
    for (size_t i = 0; i < SHARDS; i++) {
        const Shard *shard = &map->shards[i];
        uint32_t slots = shard->slots ? shard->mask + 1 : 0;
        for (uint32_t j = 0; j < slots; j++)
            if (!slot_empty(&shard->slots[j]) &&
                !visit(shard->slots[j].key, shard->slots[j].value, data))
                return false;
    }
    return true;
}
