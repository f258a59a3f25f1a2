#include "segments/set.h"

static size_t words_of(uint32_t size) { return ((size_t)size + 63) / 64; }

PersonSet *set_new(uint32_t size)
{
    PersonSet *set = g_new0(PersonSet, 1);
    set->size = size;
    set->words = g_new0(uint64_t, words_of(size) + 1);
    return set;
}

PersonSet *set_full(uint32_t size)
{
    PersonSet *set = set_new(size);
    set_invert(set);
    return set;
}

void set_free(PersonSet *set)
{
    if (!set) return;
    g_free(set->words);
    g_free(set);
}

void set_and(PersonSet *set, const PersonSet *other)
{
    for (size_t i = 0; i < words_of(set->size); i++)
        set->words[i] &= other->words[i];
}

void set_or(PersonSet *set, const PersonSet *other)
{
    for (size_t i = 0; i < words_of(set->size); i++)
        set->words[i] |= other->words[i];
}

/* Bits beyond the crowd stay 0, so that counting needs no care. */
void set_invert(PersonSet *set)
{
    for (size_t i = 0; i < words_of(set->size); i++)
        set->words[i] = ~set->words[i];
    if (set->size % 64) set->words[set->size / 64] &= (UINT64_C(1) << set->size % 64) - 1;
}

uint32_t set_count(const PersonSet *set)
{
    uint32_t count = 0;
    for (size_t i = 0; i < words_of(set->size); i++)
        count += (uint32_t)__builtin_popcountll(set->words[i]);
    return count;
}
