#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_SIZE_MIN = 4096, ALIGNMENT = 16 };

typedef struct Chunk {
    struct Chunk *next; /* older and not larger */
    size_t capacity;
    _Alignas(ALIGNMENT) char bytes[];
} Chunk;

struct Arena {
    Chunk *chunk;      /* the one allocated from, NULL at first */
    size_t chunk_used; /* bytes of it handed out */
    size_t used, bytes_max;
};

Arena *arena_new(size_t bytes_max)
{
    Arena *arena = g_new0(Arena, 1);
    arena->bytes_max = bytes_max;
    return arena;
}

static void chunks_free(Chunk *chunk)
{
    while (chunk) {
        Chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_free(Arena *arena)
{
    if (!arena) return;
    chunks_free(arena->chunk);
    g_free(arena);
}

static bool chunk_add(Arena *arena, size_t size)
{
    size_t capacity = arena->chunk ? arena->chunk->capacity * 2 : CHUNK_SIZE_MIN;
    capacity = MAX(MIN(capacity, arena->bytes_max), size);
    Chunk *chunk = malloc(sizeof(Chunk) + capacity);
    if (!chunk) return false;
    chunk->capacity = capacity;
    chunk->next = arena->chunk;
    arena->chunk = chunk;
    arena->chunk_used = 0;
    return true;
}

void *arena_alloc(Arena *arena, size_t size)
{
    if (size > arena->bytes_max) return NULL;
    size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (size > arena->bytes_max - arena->used) return NULL;
    bool fits = arena->chunk && size <= arena->chunk->capacity - arena->chunk_used;
    if (!fits && !chunk_add(arena, size)) return NULL;
    void *memory = arena->chunk->bytes + arena->chunk_used;
    arena->chunk_used += size;
    arena->used += size;
    return memory;
}

void *arena_alloc0(Arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    void *memory = arena_alloc(arena, total);
    if (memory) memset(memory, 0, total);
    return memory;
}

char *arena_copy(Arena *arena, const void *data, size_t size)
{
    if (size == SIZE_MAX) return NULL;
    char *copy = arena_alloc(arena, size + 1);
    if (!copy) return NULL;
    if (size) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *arena_printf(Arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size < 0 ? NULL : arena_alloc(arena, (size_t)size + 1);
    if (text) vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

size_t arena_used(const Arena *arena) { return arena->used; }

void arena_reset(Arena *arena)
{
    if (arena->chunk) {
        chunks_free(arena->chunk->next);
        arena->chunk->next = NULL;
    }
    arena->chunk_used = 0;
    arena->used = 0;
}
