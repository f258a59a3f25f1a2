/* segments/near.h: the name that was probably meant. Pure. */
#pragma once
#include <stddef.h>

/* The one of `names` that is nearest to `word` by folded edit distance (insert, delete, replace,
 * swap), or NULL when none is near: at most a third of the word's length, and 3. Borrowed. */
const char *near_find(const char *word, const char *const *names, size_t count);
