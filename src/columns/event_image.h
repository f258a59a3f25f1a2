/* columns/event_image.h: inside of columns/: the base of one name as one piece of memory.
 *
 * An image is laid out alike in memory and in a snapshot, so that saving writes it as it is and
 * loading maps it: a head of 64 bytes, then the arrays of EventBase in the order of
 * `event_image_layout`, each beginning at a multiple of 64, the gaps zero. Immutable once built.
 */
#pragma once
#include "columns/event_view.h"

#define EVENT_IMAGE_MAGIC UINT64_C(0x31474d494854494b) /* "KITHIMG1" */

enum { EVENT_IMAGE_ALIGN = 64 };

typedef struct EventImageHead {
    uint64_t magic;
    uint32_t groups, count, properties;
    uint32_t dense;      /* 1: group g is row g */
    uint32_t wide;       /* bit p: property p has int64 cells, else codes */
    uint32_t high_first; /* (instant - EVENT_AT_MIN) >> 32 of the first block of `starts` */
    uint32_t blocks;     /* blocks of 2^32 ms: starts[b] is the first arrival position of block b */
    uint32_t spare[7];   /* 0 */
} EventImageHead;

/* A piece of memory that several may hold: anonymous or a mapped file. */
typedef struct EventMemory {
    int refs; /* atomic */
    unsigned char *data;
    size_t bytes;
} EventMemory;

/* NULL: no memory. Zeroed. */
EventMemory *event_memory_new(size_t bytes);
/* Takes over a mapping. */
EventMemory *event_memory_take(void *data, size_t bytes);
EventMemory *event_memory_ref(EventMemory *memory);
void event_memory_unref(EventMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventMemory, event_memory_unref)

typedef struct EventImage {
    EventBase base; /* first, so that a base is its image */
    int refs;       /* atomic */
    EventImageHead *head;
    const uint32_t *starts; /* blocks + 1 */
    size_t bytes;
    EventMemory *memory;
} EventImage;

/* Bytes of an image with this head. */
uint64_t event_image_bytes(const EventImageHead *head);

/* An image of zeroes to be filled through event_image_array; NULL: no memory. */
EventImage *event_image_new(const EventImageHead *head);

/* The image at `offset` of the memory. `rows` is the number of rows there are. Everything a
 * reader relies on is checked. Errors: KITH_ERROR_INVALID. */
EventImage *event_image_bind(EventMemory *memory, size_t offset, size_t bytes, uint32_t rows,
                             GError **error);

EventImage *event_image_ref(EventImage *image);
void event_image_unref(EventImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventImage, event_image_unref)

/* Where an array was put, for the one who fills it. The cast drops the const of the element. */
#define event_image_array(pointer) ((__typeof__((__typeof__(*(pointer)))0) *)(uintptr_t)(pointer))
