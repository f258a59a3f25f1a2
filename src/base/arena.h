/* base/arena.h: memory of one request, batch or scan: many allocations, one release, a ceiling.
 *
 * Sizes may come from a stranger's input: over the ceiling (or when the machine has no memory)
 * an allocation gives NULL, it never aborts. The largest chunk is kept over `arena_reset`, so a
 * reused arena soon stops calling malloc. Not thread safe; one owner.
 *
 *     g_autoptr(Arena) arena = arena_new(REQUEST_BYTES_MAX);
 *     char *copy = arena_copy(arena, text.data, text.size);
 *     if (!copy) return fail(error, KITH_ERROR_LIMIT, "…");
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Arena Arena;

/* An empty arena that hands out at most `bytes_max` bytes between two resets. */
Arena *arena_new(size_t bytes_max);
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/* `size` bytes aligned to 16, not zeroed; NULL over the ceiling. Size 0 gives a valid pointer. */
void *arena_alloc(Arena *arena, size_t size);

/* The same, zeroed, for `count` items of `size` bytes; NULL on overflow too. */
void *arena_alloc0(Arena *arena, size_t count, size_t size);

/* `count` zeroed items of a type. */
#define arena_new_items(arena, Type, count) ((Type *)arena_alloc0((arena), (count), sizeof(Type)))

/* A NUL-terminated copy of `size` bytes; NULL over the ceiling. */
char *arena_copy(Arena *arena, const void *data, size_t size);

/* Formatted text; NULL over the ceiling. */
char *arena_printf(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Bytes handed out since the last reset. */
size_t arena_used(const Arena *arena);

/* Takes everything back at once; pointers given out become invalid. */
void arena_reset(Arena *arena);
