/* columns/run_file.h: one sealed, sorted, checksummed file of (key, value) pairs, mapped read-only.
 *
 * The format, little-endian, is the specification:
 *     0     RunFileHeader (128 bytes), zero up to 4096
 *     4096  slices: u32 first[2^slice_bits + 1]: the first pair of each equal slice of the mixed
 *           key range; the last entry is `count`
 *           (zero up to a multiple of 8)
 *           keys:   u64[capacity]  mixed keys, rising; `count` are used
 *           values: u64[capacity]  in the order of the keys, rising within a key
 * `data_sum` covers everything from 4096 to the end of the file, `header_sum` the header before
 * it. A file is written under a temporary name, flushed, and renamed; it never changes. Opening
 * checks every byte, so that a flipped bit or a cut is found before anything is read.
 */
#pragma once
#include "columns/run_head.h"

#define RUN_FILE_MAGIC UINT64_C(0x314e55524854494b) /* "KITHRUN1" */
enum { RUN_FILE_VERSION = 1, RUN_FILE_START = 4096 };

typedef struct RunFileHeader {
    uint64_t magic;
    uint32_t version;
    uint32_t slice_bits;
    uint64_t count;    /* pairs, < 2^32 */
    uint64_t capacity; /* room for pairs, >= count */
    uint64_t through;  /* highest event id covered by this file */
    uint64_t value_min, value_max;
    uint64_t number; /* of the newest head in it; rises from file to file */
    uint64_t unused[6];
    uint64_t data_sum;
    uint64_t header_sum;
} RunFileHeader;
G_STATIC_ASSERT(sizeof(RunFileHeader) == 128);

typedef struct RunFile RunFile; /* reference counted, immutable */

/* Opens and checks a file. Errors: KITH_ERROR_NOT_FOUND, KITH_ERROR_INVALID (damaged; the caller
 * rebuilds from the database), KITH_ERROR_UNAVAILABLE. */
RunFile *run_file_open(const char *path, GError **error);
RunFile *run_file_ref(RunFile *file);
void run_file_unref(RunFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunFile, run_file_unref)

const RunFileHeader *run_file_header(const RunFile *file);
const char *run_file_path(const RunFile *file);

/* The values of a key: a slice of the mapping, rising; NULL and 0 when absent. */
const uint64_t *run_file_find(const RunFile *file, uint64_t mixed, size_t *ret_count);

/* As run_head_hits. */
void run_file_hits(const RunFile *file, const uint64_t *mixed, size_t count, bool *hits);

/* The pair at an index below header->count. */
RunPair run_file_pair(const RunFile *file, uint64_t index);

/* Says whether a pair is left out of a new file (erased or expired). */
typedef bool (*RunDrop)(void *context, const RunPair *pair);

typedef struct RunWrite {
    const char *path; /* final name */
    uint64_t number;  /* see RunFileHeader */
    uint64_t through; /* see RunFileHeader */
    RunDrop drop;     /* may be NULL */
    void *context;    /* of drop */
} RunWrite;

/* Writes sorted pairs, resp. the union of files, to a durable new file and opens it.
 * Errors: KITH_ERROR_UNAVAILABLE (disk full, …); nothing is left behind then. */
RunFile *run_file_write(const RunWrite *write, const RunPair *pairs, size_t count, GError **error);
RunFile *run_file_merge(const RunWrite *write, RunFile *const *files, size_t count, GError **error);

/* Flushes a folder, so that renames in it are durable. */
bool run_folder_sync(const char *path, GError **error);
