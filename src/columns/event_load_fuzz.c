/* Any bytes as a snapshot, as they are and with their checksums put right: it is refused, or what
 * it holds can be read from end to end. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "columns/event_file.h"
#include "columns/run_sort.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const EventColumnsOptions options = {.epoch = "fuzz"};

/* Makes head and sums fit, as far as the table of contents lies within. */
static void sums_mend(uint8_t *bytes, size_t size)
{
    EventFileHead *head = (EventFileHead *)(void *)bytes;
    EventFileSection *sections = (EventFileSection *)(void *)(bytes + sizeof *head);
    if (size < sizeof *head) return;
    uint64_t table = event_file_round(head->sections * sizeof *sections);
    if (table > size - sizeof *head) return;
    for (uint32_t i = 0; i < head->sections; i++) {
        uint64_t length = event_file_round(sections[i].bytes);
        if (sections[i].offset < size && length <= size - sections[i].offset)
            sections[i].sum = event_file_sum(bytes + sections[i].offset, length);
    }
    head->magic = EVENT_FILE_MAGIC;
    head->version = EVENT_FILE_VERSION;
    memcpy(head->epoch, options.epoch, sizeof head->epoch);
    head->key_mark = event_file_key_mark(&options);
    head->bytes = size;
    head->table_sum = event_file_table_sum(sections, table);
    head->head_sum = run_checksum(0, head, offsetof(EventFileHead, head_sum));
}

static void name_read(const EventName *name, uint32_t rows)
{
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    for (uint32_t row = 0; row < rows; row++)
        event_row(name, row, hits);
    for (uint32_t i = 0; i < name->base->count; i++) {
        g_assert_true(name->base->arrival_rows[i] < rows);
        event_arrival_find(name->base, event_arrival_at(name->base, i));
    }
    for (uint32_t p = 0; p < name->property_count; p++)
        for (guint i = 0; i < hits->len; i++) {
            int64_t cell = event_hit_cell(name, &g_array_index(hits, EventHit, i), p);
            if (event_cell_is_code(cell)) event_word(&name->properties[p], event_cell_code(cell));
        }
}

static void load(const uint8_t *data, size_t size)
{
    int descriptor = memfd_create("columns", 0);
    if (descriptor < 0) return;
    if (write(descriptor, data, size) == (ssize_t)size) {
        g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", descriptor);
        g_autoptr(EventColumns) columns = event_columns_new(&options);
        event_columns_load(columns, path, NULL);
        g_autoptr(EventView) view = event_columns_view(columns);
        for (uint32_t name = 0; name < 64; name++) {
            const EventName *found = event_view_name(view, name);
            if (found) name_read(found, event_view_rows(view));
        }
    }
    close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    load(data, size);
    g_autofree uint8_t *mended = g_memdup2(data, size);
    if (!mended) return 0;
    sums_mend(mended, size);
    load(mended, size);
    return 0;
}
