#include "columns/event_delta.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { LARGE_PAGE = 2 << 20 };

static uint32_t next_capacity(const EventDelta *delta)
{
    return (uint32_t)SEGMENT_FIRST << MIN(delta->segments->len, SEGMENT_BITS_MAX - 8U);
}

static size_t segment_bytes(const EventDelta *delta, uint32_t capacity)
{
    size_t entry = (2 + delta->properties) * sizeof(int64_t) + sizeof(uint32_t);
    if (delta->chained) entry += 2 * sizeof(uint32_t);
    return sizeof(EventSegment) + capacity * entry;
}

/* Large ones in large pages: each is written from end to end once. */
static void *segment_memory(size_t bytes)
{
    void *memory;
    if (bytes < 2 * LARGE_PAGE) return g_malloc(bytes);
    if (posix_memalign(&memory, LARGE_PAGE, bytes) != 0) g_error("no memory for %zu bytes", bytes);
    madvise(memory, bytes, MADV_HUGEPAGE);
    return memory;
}

static EventSegment *segment_new(const EventDelta *delta, uint32_t capacity)
{
    EventSegment *segment = segment_memory(segment_bytes(delta, capacity));
    int64_t *wide = (int64_t *)(void *)(segment + 1);
    *segment = (EventSegment){.capacity = capacity, .ats = wide, .ids = wide + capacity};
    wide += (size_t)2 * capacity;
    for (uint32_t p = 0; p < delta->properties; p++, wide += capacity)
        segment->cells[p] = wide;
    uint32_t *narrow = (uint32_t *)(void *)wide;
    segment->rows = narrow;
    if (!delta->chained) return segment;
    segment->previous = narrow + capacity;
    segment->heads = narrow + (size_t)2 * capacity;
    memset(segment->heads, 0, capacity * sizeof(uint32_t));
    return segment;
}

EventDelta *event_delta_new(uint64_t first, uint32_t properties, bool chained)
{
    EventDelta *delta = g_new(EventDelta, 1);
    *delta = (EventDelta){.refs = 1, .first = first, .properties = properties, .chained = chained};
    delta->segments = g_ptr_array_new_with_free_func(g_free);
    return delta;
}

EventDelta *event_delta_ref(EventDelta *delta)
{
    g_atomic_int_inc(&delta->refs);
    return delta;
}

void event_delta_unref(EventDelta *delta)
{
    if (!delta || !g_atomic_int_dec_and_test(&delta->refs)) return;
    g_ptr_array_unref(delta->segments);
    g_free(delta);
}

uint64_t event_delta_growth(const EventDelta *delta)
{
    if (event_delta_has_room(delta)) return 0;
    return segment_bytes(delta, next_capacity(delta));
}

static EventSegment *segment_with_room(EventDelta *delta)
{
    if (event_delta_has_room(delta)) return delta->last;
    g_assert(delta->segments->len < SEGMENTS_MAX);
    uint32_t capacity = next_capacity(delta);
    EventSegment *segment = segment_new(delta, capacity);
    g_ptr_array_add(delta->segments, segment);
    delta->bytes += segment_bytes(delta, capacity);
    delta->tail = 0;
    delta->last = segment;
    return segment;
}

static uint32_t bucket_of(const EventSegment *segment, uint32_t row)
{
    return row & (segment->capacity - 1);
}

void event_delta_add(EventDelta *delta, const EventEntry *entry)
{
    EventSegment *segment = segment_with_room(delta);
    uint32_t i = delta->tail++;
    segment->rows[i] = entry->row;
    segment->ats[i] = entry->at;
    segment->ids[i] = entry->id;
    for (uint32_t p = 0; p < delta->properties; p++) {
        segment->cells[p][i] = entry->cells[p];
        if (!event_cell_is_code(entry->cells[p])) delta->wide |= 1U << p;
    }
    if (segment->heads) {
        uint32_t *head = &segment->heads[bucket_of(segment, entry->row)];
        segment->previous[i] = *head;
        __atomic_store_n(head, i + 1, __ATOMIC_RELEASE);
    }
    delta->count++;
}

static EventPart part_of(const EventDelta *delta, const EventSegment *segment, uint64_t first,
                         uint32_t count)
{
    EventPart part = {.first = first, .count = count, .segment = segment};
    part.rows = segment->rows;
    part.ats = segment->ats;
    part.ids = segment->ids;
    for (uint32_t p = 0; p < delta->properties; p++)
        part.cells[p] = segment->cells[p];
    return part;
}

void event_delta_parts(const EventDelta *delta, uint64_t count, GArray *parts)
{
    uint64_t done = 0;
    for (guint i = 0; i < delta->segments->len && done < count; i++) {
        const EventSegment *segment = g_ptr_array_index(delta->segments, i);
        uint32_t here = (uint32_t)MIN(count - done, segment->capacity);
        EventPart part = part_of(delta, segment, delta->first + done, here);
        g_array_append_val(parts, part);
        done += here;
    }
}

/* Follows a chain from `link` (entry + 1) to an entry of the row that the part has. */
static int64_t chain_find(const EventPart *part, uint32_t row, uint32_t link)
{
    const EventSegment *segment = part->segment;
    while (link != 0 && (link > part->count || segment->rows[link - 1] != row))
        link = segment->previous[link - 1];
    return (int64_t)link - 1;
}

int64_t event_part_newest(const EventPart *part, uint32_t row)
{
    const EventSegment *segment = part->segment;
    return chain_find(part, row,
                      __atomic_load_n(&segment->heads[bucket_of(segment, row)], __ATOMIC_ACQUIRE));
}

int64_t event_part_older(const EventPart *part, uint32_t row, int64_t entry)
{
    return chain_find(part, row, part->segment->previous[entry]);
}
