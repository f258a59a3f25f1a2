#include "columns/run_file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SLICE_PAIRS = 16,
    SLICE_BITS_MIN = 4,
    SLICE_BITS_MAX = 28,
    MERGE_FILES_MAX = 64,
    FLUSH_BYTES = 4 << 20,
};

struct RunFile {
    atomic_int refs;
    char *path;
    unsigned char *map;
    size_t bytes;
    RunFileHeader *header;
    uint32_t *slices;
    uint64_t *keys, *values;
};

static size_t slices_bytes(uint32_t bits)
{
    return ((((size_t)1 << bits) + 1) * sizeof(uint32_t) + 7) / 8 * 8;
}

static size_t file_bytes(uint32_t bits, uint64_t capacity)
{
    return RUN_FILE_START + slices_bytes(bits) + capacity * 2 * sizeof(uint64_t);
}

static void file_bind(RunFile *file)
{
    RunFileHeader *header = (RunFileHeader *)(void *)file->map;
    file->header = header;
    file->slices = (uint32_t *)(void *)(file->map + RUN_FILE_START);
    file->keys =
        (uint64_t *)(void *)(file->map + RUN_FILE_START + slices_bytes(header->slice_bits));
    file->values = file->keys + header->capacity;
}

static uint64_t header_sum(const RunFileHeader *header)
{
    return run_checksum(0, header, offsetof(RunFileHeader, header_sum));
}

static uint64_t data_sum(const RunFile *file)
{
    return run_checksum(RUN_FILE_VERSION, file->map + RUN_FILE_START, file->bytes - RUN_FILE_START);
}

static bool header_check(const RunFileHeader *header, size_t bytes)
{
    return header->magic == RUN_FILE_MAGIC && header->version == RUN_FILE_VERSION &&
           header->header_sum == header_sum(header) && header->slice_bits >= SLICE_BITS_MIN &&
           header->slice_bits <= SLICE_BITS_MAX && header->count <= header->capacity &&
           header->capacity < UINT32_MAX &&
           bytes == file_bytes(header->slice_bits, header->capacity);
}

static bool padding_check(const unsigned char *map)
{
    for (size_t i = sizeof(RunFileHeader); i < RUN_FILE_START; i++)
        if (map[i] != 0) return false;
    return true;
}

static bool map_descriptor(RunFile *file, int descriptor, int protection, GError **error)
{
    void *map = mmap(NULL, file->bytes, protection, MAP_SHARED, descriptor, 0);
    if (map == MAP_FAILED)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not map %s: %s", file->path,
                    g_strerror(errno));
    file->map = map;
    return true;
}

static bool map_path(RunFile *file, GError **error)
{
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(error, errno == ENOENT ? KITH_ERROR_NOT_FOUND : KITH_ERROR_UNAVAILABLE,
                    "could not open %s: %s", file->path, g_strerror(errno));
    struct stat status;
    bool ok = fstat(descriptor, &status) == 0;
    file->bytes = ok ? (size_t)status.st_size : 0;
    if (!ok || file->bytes < RUN_FILE_START)
        ok = fail(error, KITH_ERROR_INVALID, "%s is too short for a run file", file->path);
    ok = ok && map_descriptor(file, descriptor, PROT_READ, error);
    close(descriptor);
    return ok;
}

static RunFile *file_new(const char *path)
{
    RunFile *file = g_new0(RunFile, 1);
    file->refs = 1;
    file->path = g_strdup(path);
    return file;
}

RunFile *run_file_open(const char *path, GError **error)
{
    g_autoptr(RunFile) file = file_new(path);
    if (!map_path(file, error)) return NULL;
    if (!header_check((RunFileHeader *)(void *)file->map, file->bytes) ||
        !padding_check(file->map)) {
        fail(error, KITH_ERROR_INVALID, "%s has a damaged header", path);
        return NULL;
    }
    file_bind(file);
    madvise(file->map, file->bytes, MADV_WILLNEED);
    if (file->header->data_sum != data_sum(file)) {
        fail(error, KITH_ERROR_INVALID, "%s is damaged: its checksum does not match", path);
        return NULL;
    }
    madvise(file->map, file->bytes, MADV_RANDOM);
    return g_steal_pointer(&file);
}

RunFile *run_file_ref(RunFile *file)
{
    atomic_fetch_add_explicit(&file->refs, 1, memory_order_relaxed);
    return file;
}

void run_file_unref(RunFile *file)
{
    if (!file || atomic_fetch_sub_explicit(&file->refs, 1, memory_order_acq_rel) != 1) return;
    if (file->map) munmap(file->map, file->bytes);
    g_free(file->path);
    g_free(file);
}

const RunFileHeader *run_file_header(const RunFile *file) { return file->header; }

const char *run_file_path(const RunFile *file) { return file->path; }

RunPair run_file_pair(const RunFile *file, uint64_t index)
{
    return (RunPair){file->keys[index], file->values[index]};
}

static size_t lower_bound(const uint64_t *keys, size_t low, size_t high, uint64_t mixed)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys[middle] < mixed)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t slice_of(const RunFile *file, uint64_t mixed)
{
    return mixed >> (64 - file->header->slice_bits);
}

const uint64_t *run_file_find(const RunFile *file, uint64_t mixed, size_t *ret_count)
{
    size_t slice = slice_of(file, mixed);
    size_t end = file->slices[slice + 1];
    size_t first = lower_bound(file->keys, file->slices[slice], end, mixed);
    size_t after = mixed == UINT64_MAX ? end : lower_bound(file->keys, first, end, mixed + 1);
    *ret_count = after - first;
    return after > first ? file->values + first : NULL;
}

void run_file_hits(const RunFile *file, const uint64_t *mixed, size_t count, bool *hits)
{
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&file->slices[slice_of(file, mixed[i])]);
    for (size_t i = 0; i < count; i++) {
        const uint64_t *key = file->keys + file->slices[slice_of(file, mixed[i])];
        __builtin_prefetch(key);
        __builtin_prefetch(key + 8);
    }
    for (size_t i = 0; i < count; i++) {
        if (hits[i]) continue;
        size_t slice = slice_of(file, mixed[i]), end = file->slices[slice + 1];
        size_t at = lower_bound(file->keys, file->slices[slice], end, mixed[i]);
        hits[i] = at < end && file->keys[at] == mixed[i];
    }
}

/* Writing: the file is filled through a mapping of reserved space (so a full disk is an error
 * here and not a SIGBUS later), then summed, flushed and renamed. */

static uint32_t slice_bits_for(uint64_t count)
{
    uint32_t bits = SLICE_BITS_MIN;
    while (bits < SLICE_BITS_MAX && ((uint64_t)SLICE_PAIRS << bits) < count)
        bits++;
    return bits;
}

static bool reserve(RunFile *file, int descriptor, GError **error)
{
    int failure = posix_fallocate(descriptor, 0, (off_t)file->bytes);
    if (failure)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not reserve %zu bytes for %s: %s",
                    file->bytes, file->path, g_strerror(failure));
    return map_descriptor(file, descriptor, PROT_READ | PROT_WRITE, error);
}

static RunFile *file_create(const char *path, uint64_t capacity, GError **error)
{
    g_autoptr(RunFile) file = file_new(path);
    uint32_t bits = slice_bits_for(capacity);
    file->bytes = file_bytes(bits, capacity);
    int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not create %s: %s", path, g_strerror(errno));
        return NULL;
    }
    bool ok = reserve(file, descriptor, error);
    close(descriptor);
    if (!ok) return NULL;
    *(RunFileHeader *)(void *)file->map = (RunFileHeader){.magic = RUN_FILE_MAGIC,
                                                          .version = RUN_FILE_VERSION,
                                                          .slice_bits = bits,
                                                          .capacity = capacity,
                                                          .value_min = UINT64_MAX};
    file_bind(file);
    return g_steal_pointer(&file);
}

static void file_put(RunFile *file, const RunWrite *write, const RunPair *pair)
{
    RunFileHeader *header = file->header;
    if (write->drop && write->drop(write->context, pair)) return;
    file->keys[header->count] = pair->key;
    file->values[header->count++] = pair->value;
    header->value_min = MIN(header->value_min, pair->value);
    header->value_max = MAX(header->value_max, pair->value);
}

static void slices_fill(RunFile *file)
{
    size_t slices = (size_t)1 << file->header->slice_bits, slice = 0;
    for (uint64_t i = 0; i < file->header->count; i++) {
        size_t own = slice_of(file, file->keys[i]);
        while (slice <= own)
            file->slices[slice++] = (uint32_t)i;
    }
    while (slice <= slices)
        file->slices[slice++] = (uint32_t)file->header->count;
}

static bool descriptor_sync(const char *path, int flags, GError **error)
{
    int descriptor = open(path, flags | O_CLOEXEC);
    bool ok = descriptor >= 0 && fsync(descriptor) == 0;
    int failure = errno;
    if (descriptor >= 0) close(descriptor);
    if (ok) return true;
    return fail(error, KITH_ERROR_UNAVAILABLE, "could not flush %s: %s", path, g_strerror(failure));
}

bool run_folder_sync(const char *path, GError **error)
{
    return descriptor_sync(path, O_RDONLY | O_DIRECTORY, error);
}

/* In pieces: whoever waits for the same disk (the database's log) waits for one of them only. */
static bool map_flush(const RunFile *file, GError **error)
{
    for (size_t at = 0; at < file->bytes; at += FLUSH_BYTES) {
        size_t size = MIN(file->bytes - at, (size_t)FLUSH_BYTES);
        if (msync((char *)file->map + at, size, MS_SYNC) != 0)
            return fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", file->path,
                        g_strerror(errno));
    }
    return true;
}

static bool file_publish(RunFile *file, const RunWrite *write, GError **error)
{
    RunFileHeader *header = file->header;
    header->number = write->number;
    header->through = write->through;
    slices_fill(file);
    header->data_sum = data_sum(file);
    header->header_sum = header_sum(header);
    if (!map_flush(file, error)) return false;
    if (!descriptor_sync(file->path, O_RDWR, error)) return false;
    if (rename(file->path, write->path) != 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not rename %s: %s", file->path,
                    g_strerror(errno));
    g_autofree char *folder = g_path_get_dirname(write->path);
    return run_folder_sync(folder, error);
}

/* Ends a write: publishes and reopens the file, or removes what was begun. */
static RunFile *file_finish(RunFile *begun, const RunWrite *write, GError **error)
{
    g_autoptr(RunFile) file = begun;
    if (!file_publish(file, write, error)) {
        unlink(file->path);
        return NULL;
    }
    mprotect(file->map, file->bytes, PROT_READ);
    madvise(file->map, file->bytes, MADV_RANDOM);
    g_free(file->path);
    file->path = g_strdup(write->path);
    return g_steal_pointer(&file);
}

static RunFile *file_begin(const RunWrite *write, uint64_t capacity, GError **error)
{
    g_autofree char *path = g_strconcat(write->path, ".new", NULL);
    if (capacity >= UINT32_MAX) {
        fail(error, KITH_ERROR_LIMIT, "%s would hold more than 2^32 pairs", write->path);
        return NULL;
    }
    RunFile *file = file_create(path, MAX(capacity, 1), error);
    if (!file) unlink(path);
    return file;
}

RunFile *run_file_write(const RunWrite *write, const RunPair *pairs, size_t count, GError **error)
{
    RunFile *file = file_begin(write, count, error);
    if (!file) return NULL;
    for (size_t i = 0; i < count; i++)
        file_put(file, write, &pairs[i]);
    return file_finish(file, write, error);
}

/* The files are ordered oldest first, so on equal pairs the left-most comes first; with at most
 * a dozen inputs a scan over the fronts beats a heap. */
static size_t front_least(RunFile *const *files, const uint64_t *fronts, size_t count)
{
    size_t least = SIZE_MAX;
    RunPair best = {0};
    for (size_t i = 0; i < count; i++) {
        if (fronts[i] == files[i]->header->count) continue;
        RunPair pair = run_file_pair(files[i], fronts[i]);
        if (least != SIZE_MAX &&
            (pair.key > best.key || (pair.key == best.key && pair.value >= best.value)))
            continue;
        least = i;
        best = pair;
    }
    return least;
}

RunFile *run_file_merge(const RunWrite *write, RunFile *const *files, size_t count, GError **error)
{
    g_assert(count <= MERGE_FILES_MAX);
    uint64_t capacity = 0, fronts[MERGE_FILES_MAX] = {0};
    for (size_t i = 0; i < count; i++) {
        capacity += files[i]->header->count;
        madvise(files[i]->map, files[i]->bytes, MADV_SEQUENTIAL);
    }
    RunFile *merged = file_begin(write, capacity, error);
    if (!merged) return NULL;
    for (size_t least; (least = front_least(files, fronts, count)) != SIZE_MAX; fronts[least]++) {
        RunPair pair = run_file_pair(files[least], fronts[least]);
        file_put(merged, write, &pair);
    }
    for (size_t i = 0; i < count; i++)
        madvise(files[i]->map, files[i]->bytes, MADV_RANDOM);
    return file_finish(merged, write, error);
}
