/* segments/set.h: a set of people as a bitmap over a crowd: bit i is the i-th person of the crowd.
 *
 * Sets of one crowd have one size. Pure; one owner.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct PersonSet {
    uint32_t size; /* people in the crowd */
    uint64_t *words;
} PersonSet;

/* An empty set, resp. one of everybody. */
PersonSet *set_new(uint32_t size);
PersonSet *set_full(uint32_t size);
void set_free(PersonSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PersonSet, set_free)

static inline void set_add(PersonSet *set, uint32_t index)
{
    set->words[index / 64] |= UINT64_C(1) << index % 64;
}
static inline bool set_has(const PersonSet *set, uint32_t index)
{
    return set->words[index / 64] >> index % 64 & 1;
}

/* Each changes `set`: who is in both, in either, resp. not in it. */
void set_and(PersonSet *set, const PersonSet *other);
void set_or(PersonSet *set, const PersonSet *other);
void set_invert(PersonSet *set);

uint32_t set_count(const PersonSet *set);
