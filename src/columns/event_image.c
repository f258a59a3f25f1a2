#include "columns/event_image.h"

#include "base/error.h"

#include <string.h>
#include <sys/mman.h>

EventMemory *event_memory_take(void *data, size_t bytes)
{
    EventMemory *memory = g_new(EventMemory, 1);
    *memory = (EventMemory){.refs = 1, .data = data, .bytes = bytes};
    return memory;
}

EventMemory *event_memory_new(size_t bytes)
{
    void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) return NULL;
    madvise(data, bytes, MADV_HUGEPAGE);
    return event_memory_take(data, bytes);
}

EventMemory *event_memory_ref(EventMemory *memory)
{
    g_atomic_int_inc(&memory->refs);
    return memory;
}

void event_memory_unref(EventMemory *memory)
{
    if (!memory || !g_atomic_int_dec_and_test(&memory->refs)) return;
    munmap(memory->data, memory->bytes);
    g_free(memory);
}

/* The arrays of an image in their order in memory. */
typedef struct Walk {
    unsigned char *start; /* NULL: only sizes are wanted */
    uint64_t at;
} Walk;

static void *walk_array(Walk *walk, uint64_t count, uint64_t size)
{
    void *here = walk->start ? walk->start + walk->at : NULL;
    walk->at += (count * size + EVENT_IMAGE_ALIGN - 1) / EVENT_IMAGE_ALIGN * EVENT_IMAGE_ALIGN;
    return here;
}

static void walk_column(Walk *walk, const EventImageHead *head, unsigned property,
                        EventColumn *column)
{
    if (head->wide >> property & 1)
        column->cells = walk_array(walk, head->count, sizeof(int64_t));
    else
        column->codes = walk_array(walk, head->count, sizeof(uint32_t));
}

static uint64_t layout(const EventImageHead *head, unsigned char *start, EventImage *image)
{
    Walk walk = {.start = start, .at = sizeof *head};
    EventBase *base = &image->base;
    uint64_t count = head->count;
    base->groups = head->groups;
    base->count = head->count;
    if (!head->dense) base->group_rows = walk_array(&walk, head->groups, sizeof(uint32_t));
    base->offsets = walk_array(&walk, (uint64_t)head->groups + 1, sizeof(uint32_t));
    base->ticks = walk_array(&walk, count, sizeof(uint32_t));
    base->fines = walk_array(&walk, count, sizeof(uint16_t));
    base->ids = walk_array(&walk, count, sizeof(int64_t));
    base->arrival_rows = walk_array(&walk, count, sizeof(uint32_t));
    base->arrival_lows = walk_array(&walk, count, sizeof(uint32_t));
    image->starts = walk_array(&walk, (uint64_t)head->blocks + 1, sizeof(uint32_t));
    for (unsigned p = 0; p < head->properties; p++) {
        walk_column(&walk, head, p, &base->grouped[p]);
        walk_column(&walk, head, p, &base->arrival[p]);
    }
    return walk.at;
}

uint64_t event_image_bytes(const EventImageHead *head)
{
    EventImage sizes_only = {0};
    return layout(head, NULL, &sizes_only);
}

EventImage *event_image_new(const EventImageHead *head)
{
    size_t bytes = event_image_bytes(head);
    EventMemory *memory = event_memory_new(bytes);
    if (!memory) return NULL;
    EventImage *image = g_new0(EventImage, 1);
    image->refs = 1;
    image->memory = memory;
    image->bytes = bytes;
    image->head = (EventImageHead *)(void *)memory->data;
    *image->head = *head;
    image->head->magic = EVENT_IMAGE_MAGIC;
    layout(head, memory->data, image);
    return image;
}

EventImage *event_image_ref(EventImage *image)
{
    g_atomic_int_inc(&image->refs);
    return image;
}

void event_image_unref(EventImage *image)
{
    if (!image || !g_atomic_int_dec_and_test(&image->refs)) return;
    event_memory_unref(image->memory);
    g_free(image);
}

/* Checks of what a reader relies on: a right checksum says only that the file is as written. */

static bool rises(const uint32_t *numbers, uint64_t count, uint32_t first, uint32_t last)
{
    bool ok = numbers[0] == first && numbers[count - 1] == last;
    for (uint64_t i = 1; i < count; i++)
        ok &= numbers[i - 1] <= numbers[i];
    return ok;
}

static bool all_below(const uint32_t *numbers, uint64_t count, uint32_t limit)
{
    uint32_t highest = 0;
    for (uint64_t i = 0; i < count; i++)
        highest = MAX(highest, numbers[i]);
    return count == 0 || highest < limit;
}

static bool group_rows_check(const EventBase *base, uint32_t rows)
{
    if (!base->group_rows) return base->groups <= rows;
    bool ok = all_below(base->group_rows, base->groups, rows);
    for (uint32_t g = 1; g < base->groups; g++)
        ok &= base->group_rows[g - 1] < base->group_rows[g];
    return ok;
}

static bool head_check(const EventImageHead *head, size_t bytes)
{
    static const uint32_t none[G_N_ELEMENTS(head->spare)] = {0};
    return head->magic == EVENT_IMAGE_MAGIC && head->properties <= EVENT_PROPERTIES_MAX &&
           head->dense <= 1 && head->wide >> head->properties == 0 && head->blocks <= 65536 &&
           (uint64_t)head->high_first + head->blocks <= 65536 &&
           (head->blocks > 0 || head->count == 0) && memcmp(head->spare, none, sizeof none) == 0 &&
           event_image_bytes(head) == bytes;
}

EventImage *event_image_bind(EventMemory *memory, size_t offset, size_t bytes, uint32_t rows,
                             GError **error)
{
    EventImageHead *head = (EventImageHead *)(void *)(memory->data + offset);
    if (bytes < sizeof *head || !head_check(head, bytes)) {
        fail(error, KITH_ERROR_INVALID, "the head of a name's columns is damaged");
        return NULL;
    }
    g_autoptr(EventImage) image = g_new0(EventImage, 1);
    image->refs = 1;
    image->memory = event_memory_ref(memory);
    image->bytes = bytes;
    image->head = head;
    layout(head, memory->data + offset, image);
    if (!rises(image->base.offsets, (uint64_t)head->groups + 1, 0, head->count) ||
        !rises(image->starts, (uint64_t)head->blocks + 1, 0, head->count) ||
        !group_rows_check(&image->base, rows) ||
        !all_below(image->base.arrival_rows, head->count, rows)) {
        fail(error, KITH_ERROR_INVALID, "the columns of a name are not in order");
        return NULL;
    }
    return g_steal_pointer(&image);
}

bool event_base_range(const EventBase *base, uint32_t row, uint32_t *ret_from, uint32_t *ret_to)
{
    uint32_t group = row, high = base->groups;
    *ret_from = *ret_to = 0;
    if (base->group_rows) {
        group = 0;
        while (group < high) {
            uint32_t middle = group + (high - group) / 2;
            if (base->group_rows[middle] < row)
                group = middle + 1;
            else
                high = middle;
        }
        if (group == base->groups || base->group_rows[group] != row) return false;
    }
    if (group >= base->groups || base->offsets[group] == base->offsets[group + 1]) return false;
    *ret_from = base->offsets[group];
    *ret_to = base->offsets[group + 1];
    return true;
}

static uint32_t first_not_below(const uint32_t *numbers, uint32_t low, uint32_t high, uint32_t want)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (numbers[middle] < want)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t event_arrival_find(const EventBase *base, int64_t at)
{
    const EventImage *image = (const EventImage *)base;
    uint64_t since = (uint64_t)(CLAMP(at, EVENT_AT_MIN, EVENT_AT_MAX) - EVENT_AT_MIN);
    uint32_t high = (uint32_t)(since >> 32), low = (uint32_t)since;
    if (at > EVENT_AT_MAX || high >= image->head->high_first + image->head->blocks)
        return base->count;
    if (high < image->head->high_first) return 0;
    uint32_t block = high - image->head->high_first;
    return first_not_below(base->arrival_lows, image->starts[block], image->starts[block + 1], low);
}

int64_t event_arrival_at(const EventBase *base, uint32_t position)
{
    const EventImage *image = (const EventImage *)base;
    /* the last block that begins at or before the position: empty blocks begin where the next does
     */
    uint32_t block = first_not_below(image->starts, 0, image->head->blocks, position + 1) - 1;
    uint64_t high = image->head->high_first + block;
    return EVENT_AT_MIN + (int64_t)(high << 32 | base->arrival_lows[position]);
}
