#include "columns/run_head.h"

#include <stdatomic.h>
#include <sys/mman.h>

typedef struct Entry {
    uint64_t key, value;
    uint32_t next; /* index + 1 of the next older entry in the bucket; 0 ends the chain */
    uint32_t unused;
} Entry;

struct RunHead {
    atomic_int refs;
    uint32_t capacity;
    uint32_t bucket_shift; /* 64 - number of bucket bits */
    uint64_t number;
    size_t mapped_bytes;
    _Atomic uint64_t through;
    _Atomic uint32_t count;
    Entry *entries;
    _Atomic uint32_t *buckets; /* index + 1 of the newest entry */
};

RunHead *run_head_new(uint32_t capacity, uint64_t number)
{
    g_assert(capacity >= 1 && capacity <= RUN_HEAD_ENTRIES_MAX);
    uint32_t bits = 4;
    while (bits < 24 && (1u << bits) < capacity)
        bits++;
    size_t entry_bytes = capacity * sizeof(Entry);
    size_t bytes = entry_bytes + (sizeof(uint32_t) << bits);
    /* Not malloc: a freed head of this size must go back to the system at once. */
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    RunHead *head = g_new0(RunHead, 1);
    head->refs = 1;
    head->capacity = capacity;
    head->bucket_shift = 64 - bits;
    head->number = number;
    head->mapped_bytes = bytes;
    head->entries = memory;
    head->buckets = (_Atomic uint32_t *)(void *)((char *)memory + entry_bytes);
    return head;
}

RunHead *run_head_ref(RunHead *head)
{
    atomic_fetch_add_explicit(&head->refs, 1, memory_order_relaxed);
    return head;
}

void run_head_unref(RunHead *head)
{
    if (!head || atomic_fetch_sub_explicit(&head->refs, 1, memory_order_acq_rel) != 1) return;
    munmap(head->entries, head->mapped_bytes);
    g_free(head);
}

bool run_head_add(RunHead *head, uint64_t mixed, uint64_t value)
{
    uint32_t index = atomic_load_explicit(&head->count, memory_order_relaxed);
    if (index == head->capacity) return false;
    _Atomic uint32_t *bucket = &head->buckets[mixed >> head->bucket_shift];
    uint32_t newest = atomic_load_explicit(bucket, memory_order_relaxed);
    head->entries[index] = (Entry){.key = mixed, .value = value, .next = newest};
    atomic_store_explicit(bucket, index + 1, memory_order_release);
    atomic_store_explicit(&head->count, index + 1, memory_order_release);
    run_head_cover(head, value);
    return true;
}

void run_head_cover(RunHead *head, uint64_t through)
{
    if (through > atomic_load_explicit(&head->through, memory_order_relaxed))
        atomic_store_explicit(&head->through, through, memory_order_release);
}

uint64_t run_head_through(const RunHead *head)
{
    return atomic_load_explicit(&head->through, memory_order_acquire);
}

uint32_t run_head_count(const RunHead *head)
{
    return atomic_load_explicit(&head->count, memory_order_acquire);
}

uint32_t run_head_capacity(const RunHead *head) { return head->capacity; }

uint64_t run_head_number(const RunHead *head) { return head->number; }

static uint32_t newest_of(const RunHead *head, uint64_t mixed)
{
    return atomic_load_explicit(&head->buckets[mixed >> head->bucket_shift], memory_order_acquire);
}

void run_head_find(const RunHead *head, uint64_t mixed, RunHeadEach each, void *context)
{
    for (uint32_t at = newest_of(head, mixed); at != 0; at = head->entries[at - 1].next) {
        const Entry *entry = &head->entries[at - 1];
        if (entry->key == mixed && !each(context, entry->value)) return;
    }
}

static bool head_has(const RunHead *head, uint64_t mixed)
{
    uint32_t at = newest_of(head, mixed);
    while (at != 0 && head->entries[at - 1].key != mixed)
        at = head->entries[at - 1].next;
    return at != 0;
}

void run_head_hits(const RunHead *head, const uint64_t *mixed, size_t count, bool *hits)
{
    if (run_head_count(head) == 0) return;
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch((const void *)&head->buckets[mixed[i] >> head->bucket_shift]);
    for (size_t i = 0; i < count; i++) {
        uint32_t at = newest_of(head, mixed[i]);
        if (at != 0) __builtin_prefetch(&head->entries[at - 1]);
    }
    for (size_t i = 0; i < count; i++)
        hits[i] = hits[i] || head_has(head, mixed[i]);
}

void run_head_copy(const RunHead *head, RunPair *ret_pairs)
{
    uint32_t count = run_head_count(head);
    for (uint32_t i = 0; i < count; i++)
        ret_pairs[i] = (RunPair){head->entries[i].key, head->entries[i].value};
}
