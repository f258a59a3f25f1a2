/* columns/event_file.h: inside of columns/: the snapshot of event columns.
 *
 * The format, little-endian, is the specification. Every byte is under a checksum:
 *     EventFileHead (128 bytes)
 *     EventFileSection[sections], zero up to a multiple of 64; under table_sum
 *     the sections, one behind the other, each zero up to a multiple of 64 and under its sum:
 *         SECTION_STEMS   int64 per row; 0: forgotten
 *         SECTION_OWNER   bytes that mean something to the owner
 *         then for each name, in rising order:
 *         SECTION_NAME    EventFileName, then per property EventFileProperty and its path
 *         SECTION_IMAGE   as event_image.h says
 *         SECTION_WORDS   per property: uint32 kind, uint32 length, bytes, for each entry
 *         SECTION_DELTA   EventFileEntry and its cells, for each entry
 *         SECTION_RESETS  uint32 row: its part of the image is void
 * A sum is run_checksum over the run_checksums of the section's pieces of 4 MiB, so that several
 * threads can check one section.
 */
#pragma once
#include "columns/event_inside.h"

#define EVENT_FILE_MAGIC UINT64_C(0x31534c4f4354494b) /* "KITCOLS1" */

enum { EVENT_FILE_VERSION = 2, EVENT_FILE_ALIGN = 64, EVENT_FILE_PIECE = 4 << 20 };

enum {
    SECTION_STEMS = 1,
    SECTION_OWNER,
    SECTION_NAME,
    SECTION_IMAGE,
    SECTION_WORDS,
    SECTION_DELTA,
    SECTION_RESETS
};

typedef struct EventFileHead {
    uint64_t magic;
    uint32_t version, sections;
    uint8_t epoch[EVENT_EPOCH_BYTES];
    uint64_t key_mark; /* of the key of hashes */
    int64_t through;
    uint64_t bytes; /* of the file */
    uint32_t rows, names;
    uint64_t unused[6];
    uint64_t table_sum;
    uint64_t head_sum; /* of all before */
} EventFileHead;
G_STATIC_ASSERT(sizeof(EventFileHead) == 128);

typedef struct EventFileSection {
    uint32_t kind, name;
    uint64_t offset, bytes, sum; /* bytes: as meant, without the zeroes behind */
} EventFileSection;

typedef struct EventFileName {
    uint32_t properties, wide;
} EventFileName;

enum { PROPERTY_FULL = 1, PROPERTY_TEXTS_HASHED = 2, PROPERTY_OTHER_HASHED = 4 };

typedef struct EventFileProperty {
    uint32_t flags, codes, path_bytes;
} EventFileProperty;

typedef struct EventFileEntry {
    int64_t at, id;
    uint64_t row;
} EventFileEntry;

/* The sum of a section that is `size` bytes with its zeroes. */
uint64_t event_file_sum(const void *data, size_t size);
uint64_t event_file_table_sum(const void *data, size_t size);
uint64_t event_file_key_mark(const EventColumnsOptions *options);

static inline uint64_t event_file_round(uint64_t bytes)
{
    return (bytes + EVENT_FILE_ALIGN - 1) / EVENT_FILE_ALIGN * EVENT_FILE_ALIGN;
}

/* Maps a file and checks every sum. Errors: see event_columns_load. */
EventMemory *event_file_open(const char *path, const EventColumnsOptions *options, GError **error);

typedef struct EventFileWrite {
    const EventView *view;
    const EventColumnsOptions *options;
    GBytes *owner; /* may be NULL */
} EventFileWrite;

/* Writes a view. The image of name n (in the view's order) stands at ret_images[n]. */
bool event_file_write(const EventFileWrite *write, const char *path, EventFileSection *ret_images,
                      GError **error);
