#include "columns/event_words.h"

#include "columns/run_sort.h"

#include <string.h>

#define HASH_SPAN (UINT64_C(1) << 54) /* values from EVENT_NUMBER_MAX + 1 on */

EventDictionary *event_words_new(const uint8_t key[KEYHASH_KEY_SIZE], uint64_t serial)
{
    EventDictionary *words = g_new0(EventDictionary, 1);
    words->refs = 1;
    words->codes = EVENT_CODE_FIRST;
    words->serial = serial;
    memcpy(words->key, key, KEYHASH_KEY_SIZE);
    return words;
}

EventDictionary *event_words_ref(EventDictionary *words)
{
    g_atomic_int_inc(&words->refs);
    return words;
}

/* Block b holds WORDS_FIRST << b entries, from WORDS_FIRST * (2^b - 1) on. */
static EventWord *place_of(const EventDictionary *words, uint32_t code, unsigned *ret_block)
{
    uint32_t index = code - EVENT_CODE_FIRST, group = index / WORDS_FIRST + 1;
    unsigned block = 31 - (unsigned)__builtin_clz(group);
    if (ret_block) *ret_block = block;
    if (!words->blocks[block]) return NULL;
    return words->blocks[block] + (index - WORDS_FIRST * ((1U << block) - 1));
}

static void word_wipe(EventWord *word)
{
    if (word->text) memset((char *)(uintptr_t)word->text, 0, word->length);
    g_free((char *)(uintptr_t)word->text);
    *word = (EventWord){0};
}

void event_words_unref(EventDictionary *words)
{
    if (!words || !g_atomic_int_dec_and_test(&words->refs)) return;
    for (uint32_t code = EVENT_CODE_FIRST; code < words->codes; code++)
        word_wipe(place_of(words, code, NULL));
    for (unsigned i = 0; i < WORD_BLOCKS; i++)
        g_free(words->blocks[i]);
    g_free(words);
}

static Hash128 hash_of(const EventDictionary *words, const EventWord *word)
{
    Hash128 hash = keyhash128(words->key, word->text, word->length);
    hash.low ^= run_mix(words->serial * 2 + (word->kind == EVENT_OTHER));
    return hash;
}

static int64_t cell_of_hash(Hash128 hash)
{
    return EVENT_NUMBER_MAX + 1 + (int64_t)(hash.high % HASH_SPAN);
}

static bool has_room(const EventDictionary *words, const EventWordLimits *limits,
                     const EventWord *word)
{
    return words->codes < MIN(limits->words_max, (uint32_t)WORDS_MAX) + EVENT_CODE_FIRST &&
           words->bytes + word->length <= limits->bytes_max;
}

static void append(EventDictionary *words, const EventWord *word)
{
    unsigned block;
    EventWord *place = place_of(words, words->codes, &block);
    if (!place) {
        words->blocks[block] = g_new0(EventWord, (size_t)WORDS_FIRST << block);
        place = place_of(words, words->codes, NULL);
    }
    *place = (EventWord){.kind = word->kind, .length = word->length};
    if (word->kind != EVENT_MISSING) {
        char *text = g_malloc(word->length + 1U);
        if (word->length > 0) memcpy(text, word->text, word->length);
        text[word->length] = '\0';
        place->text = text;
    }
    words->bytes += word->length + sizeof *place;
    words->codes++;
}

/* Where a look-up is remembered. Whoever makes texts meet here gains nothing but the slower way. */
static uint32_t *seen_place(EventDictionary *words, const EventWord *word)
{
    uint64_t head = 0, tail = 0;
    uint32_t size = MIN(word->length, (uint32_t)sizeof head);
    if (size > 0) {
        memcpy(&head, word->text, size);
        memcpy(&tail, word->text + word->length - size, size);
    }
    return &words->seen[run_mix(head + tail * 31 + word->length * 2 + (word->kind == EVENT_OTHER)) %
                        WORDS_SEEN];
}

static bool is_word(const EventDictionary *words, uint32_t code, const EventWord *word)
{
    const EventWord *entry = place_of(words, code, NULL);
    return entry->kind == word->kind && entry->length == word->length &&
           (word->length == 0 || memcmp(entry->text, word->text, word->length) == 0);
}

static int64_t cell_find(EventDictionary *words, KeyMap *map, const EventWordLimits *limits,
                         const EventWord *word)
{
    Hash128 hash = hash_of(words, word);
    int64_t code;
    if (keymap_find(map, hash, &code)) return EVENT_CELL_OF_CODE(code);
    if (!words->full && has_room(words, limits, word) && keymap_put(map, hash, words->codes)) {
        append(words, word);
        return EVENT_CELL_OF_CODE(words->codes - 1);
    }
    words->full = true;
    if (word->kind == EVENT_OTHER)
        words->other_hashed = true;
    else
        words->texts_hashed = true;
    return cell_of_hash(hash);
}

int64_t event_words_cell(EventDictionary *words, KeyMap *map, const EventWordLimits *limits,
                         const EventWord *word)
{
    uint32_t *seen = seen_place(words, word);
    if (*seen && is_word(words, *seen, word)) return EVENT_CELL_OF_CODE(*seen);
    int64_t cell = cell_find(words, map, limits, word);
    if (event_cell_is_code(cell)) *seen = event_cell_code(cell);
    return cell;
}

void event_words_put(EventDictionary *words, KeyMap *map, const EventWord *word)
{
    if (word->kind != EVENT_MISSING && !keymap_put(map, hash_of(words, word), words->codes))
        words->full = true; /* no memory: found again as hash, which `full` announces */
    append(words, word);
}

EventWord event_words_get(const EventDictionary *words, uint32_t code)
{
    if (code == EVENT_CODE_FALSE) return (EventWord){.kind = EVENT_FALSE};
    if (code == EVENT_CODE_TRUE) return (EventWord){.kind = EVENT_TRUE};
    if (code < EVENT_CODE_FIRST) return (EventWord){.kind = EVENT_MISSING};
    return *place_of(words, code, NULL);
}

EventDictionary *event_words_blank(const EventDictionary *words, KeyMap *map, const uint64_t *used)
{
    EventDictionary *copy = event_words_new(words->key, words->serial);
    for (uint32_t code = EVENT_CODE_FIRST; code < words->codes; code++) {
        EventWord word = event_words_get(words, code);
        if (word.kind != EVENT_MISSING && !(used[code / 64] >> code % 64 & 1)) {
            keymap_remove(map, hash_of(words, &word));
            word = (EventWord){.kind = EVENT_MISSING};
        }
        append(copy, &word);
    }
    copy->full = words->full;
    copy->texts_hashed = words->texts_hashed;
    copy->other_hashed = words->other_hashed;
    return copy;
}

void event_words_unmap(const EventDictionary *words, KeyMap *map)
{
    for (uint32_t code = EVENT_CODE_FIRST; code < words->codes; code++) {
        EventWord word = event_words_get(words, code);
        if (word.kind != EVENT_MISSING) keymap_remove(map, hash_of(words, &word));
    }
}

EventWord event_word(const EventProperty *property, uint32_t code)
{
    if (code >= property->codes) return (EventWord){.kind = EVENT_MISSING};
    return event_words_get(property->dictionary, code);
}

void event_text_cells(const EventProperty *property, const char *text, size_t length,
                      int64_t ret_cells[2])
{
    EventWord want = {.kind = EVENT_TEXT, .text = text, .length = (uint32_t)length};
    ret_cells[0] = ret_cells[1] = EVENT_CELL_MISSING;
    for (uint32_t code = EVENT_CODE_FIRST; code < property->codes; code++) {
        EventWord word = event_words_get(property->dictionary, code);
        if (word.kind == EVENT_TEXT && word.length == length && !memcmp(word.text, text, length))
            ret_cells[0] = EVENT_CELL_OF_CODE(code);
    }
    if (property->texts_hashed) ret_cells[1] = cell_of_hash(hash_of(property->dictionary, &want));
}
