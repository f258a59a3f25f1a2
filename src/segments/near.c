#include "segments/near.h"

#include "base/text.h"

#include <string.h>

enum { NEAR_BYTES_MAX = 100, NEAR_STEPS_MAX = 3 };

static size_t least(size_t a, size_t b, size_t c) { return MIN(a, MIN(b, c)); }

/* Optimal string alignment (Damerau-Levenshtein with adjacent swaps), three rows kept. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NEAR_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *over = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t cost = a[i - 1] != b[j - 1];
            row[j] = least(row[j - 1] + 1, above[j] + 1, above[j - 1] + cost);
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = MIN(row[j], over[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *near_find(const char *word, const char *const *names, size_t count)
{
    const char *best = NULL;
    g_autofree char *folded = text_fold(slice_of(word));
    size_t size = strlen(folded);
    if (size > NEAR_BYTES_MAX) return NULL;
    size_t steps = MIN(MAX(size / 3, 1), NEAR_STEPS_MAX) + 1;
    for (size_t i = 0; i < count; i++) {
        g_autofree char *name = text_fold(slice_of(names[i]));
        size_t name_size = strlen(name);
        if (name_size > NEAR_BYTES_MAX || name_size + steps < size || size + steps < name_size)
            continue;
        size_t now = distance(folded, size, name, name_size);
        if (now >= steps) continue;
        steps = now;
        best = names[i];
    }
    return best;
}
