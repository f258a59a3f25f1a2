/* columns/event_words.h: inside of columns/: the dictionary of one property.
 *
 * Texts and *other* values get codes in order of first appearance until the dictionary is full;
 * from then on new ones are 54-bit keyed hashes, and stay so until the name is built anew, because
 * one value must not be a code here and a hash there. The writer adds; readers read entries below
 * the number that their view knows. Entries that nothing bears any more are blanked in a copy.
 */
#pragma once
#include "base/keyhash.h"
#include "columns/event_view.h"

enum { WORDS_SEEN = 256, WORD_BLOCKS = 20, WORDS_FIRST = 64, WORDS_MAX = 1 << 24 };

typedef struct EventDictionary {
    int refs;                      /* atomic */
    uint32_t codes;                /* next code; writer */
    uint64_t bytes;                /* of texts and entries; writer */
    bool full;                     /* no more codes are given; writer */
    bool texts_hashed;             /* writer */
    bool other_hashed;             /* writer */
    uint64_t serial;               /* makes its look-ups its own */
    uint8_t key[KEYHASH_KEY_SIZE]; /* of hashes */
    EventWord *blocks[WORD_BLOCKS];
    uint32_t seen[WORDS_SEEN]; /* codes looked up before, by a mix of the bytes; 0: none; writer */
} EventDictionary;

typedef struct EventWordLimits {
    uint32_t words_max, bytes_max; /* of one dictionary */
} EventWordLimits;

EventDictionary *event_words_new(const uint8_t key[KEYHASH_KEY_SIZE], uint64_t serial);
EventDictionary *event_words_ref(EventDictionary *words);
void event_words_unref(EventDictionary *words);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventDictionary, event_words_unref)

/* The cell of a text or *other* value, added when new. `map` finds codes of all dictionaries. */
int64_t event_words_cell(EventDictionary *words, KeyMap *map, const EventWordLimits *limits,
                         const EventWord *word);

/* Appends an entry as it is, for one who restores a dictionary; EVENT_MISSING keeps a hole. */
void event_words_put(EventDictionary *words, KeyMap *map, const EventWord *word);

/* A copy in which the codes not in `used` (bits) are blank; they leave the map, too. */
EventDictionary *event_words_blank(const EventDictionary *words, KeyMap *map, const uint64_t *used);

/* Takes all of a dictionary out of the map. */
void event_words_unmap(const EventDictionary *words, KeyMap *map);

/* The entry of a code. */
EventWord event_words_get(const EventDictionary *words, uint32_t code);
