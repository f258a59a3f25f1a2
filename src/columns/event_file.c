/* Writing a snapshot. */
#include "columns/event_file.h"

#include "base/error.h"
#include "columns/run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FLUSH_BYTES = 64 << 20 }; /* whoever waits for the same disk waits for one of these only */

uint64_t event_file_sum(const void *data, size_t size)
{
    uint64_t sum = size;
    for (size_t at = 0; at < size; at += EVENT_FILE_PIECE) {
        uint64_t piece = run_checksum(EVENT_FILE_VERSION, (const char *)data + at,
                                      MIN(size - at, (size_t)EVENT_FILE_PIECE));
        sum = run_checksum(sum, &piece, sizeof piece);
    }
    return sum;
}

uint64_t event_file_table_sum(const void *data, size_t size)
{
    return run_checksum(EVENT_FILE_VERSION, data, size);
}

uint64_t event_file_key_mark(const EventColumnsOptions *options)
{
    return keyhash64(options->key, "event columns", 13);
}

typedef struct FileWriter {
    int descriptor;
    const char *path;
    uint64_t at, flushed;
    EventFileSection *sections;
    uint32_t section_count;
} FileWriter;

static bool bytes_write(FileWriter *writer, const void *data, size_t size, GError **error)
{
    for (const char *from = data; size > 0;) {
        ssize_t written =
            pwrite(writer->descriptor, from, MIN(size, (size_t)FLUSH_BYTES), (off_t)writer->at);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            return fail(error, KITH_ERROR_UNAVAILABLE, "could not write %s: %s", writer->path,
                        g_strerror(errno));
        from += written;
        size -= (size_t)written;
        writer->at += (uint64_t)written;
        if (writer->at - writer->flushed < FLUSH_BYTES) continue;
        fdatasync(writer->descriptor);
        writer->flushed = writer->at;
    }
    return true;
}

/* `data` has room for zeroes up to the next multiple of 64, or is NULL for nothing. */
static bool section_write(FileWriter *writer, uint32_t kind, uint32_t name, GByteArray *bytes,
                          GError **error)
{
    EventFileSection *section = &writer->sections[writer->section_count++];
    *section = (EventFileSection){kind, name, writer->at, bytes->len, 0};
    static const guint8 zeroes[EVENT_FILE_ALIGN] = {0};
    g_byte_array_append(bytes, zeroes, (guint)(event_file_round(bytes->len) - bytes->len));
    section->sum = event_file_sum(bytes->data, bytes->len);
    return bytes_write(writer, bytes->data, bytes->len, error);
}

static bool stems_write(FileWriter *writer, const EventView *view, GError **error)
{
    EventFileSection *section = &writer->sections[writer->section_count++];
    size_t bytes = view->rows * sizeof(int64_t), size = event_file_round(bytes);
    *section = (EventFileSection){SECTION_STEMS, 0, writer->at, bytes, 0};
    g_autofree int64_t *stems = g_malloc0(MAX(size, 1U));
    for (uint32_t row = 0; row < view->rows; row++)
        stems[row] = crowd_stem(view->stems, row);
    section->sum = event_file_sum(stems, size);
    return bytes_write(writer, stems, size, error);
}

static bool owner_write(FileWriter *writer, GBytes *owner, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    gsize size = 0;
    const guint8 *data = owner ? g_bytes_get_data(owner, &size) : NULL;
    if (size > 0) g_byte_array_append(bytes, data, (guint)size);
    return section_write(writer, SECTION_OWNER, 0, bytes, error);
}

static bool name_write(FileWriter *writer, const EventNameState *state, GError **error)
{
    const EventName *name = &state->shown;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    EventFileName head = {name->property_count, state->wide};
    g_byte_array_append(bytes, (const guint8 *)&head, sizeof head);
    for (uint32_t p = 0; p < name->property_count; p++) {
        const EventProperty *property = &name->properties[p];
        EventFileProperty entry = {.codes = property->codes,
                                   .path_bytes = (uint32_t)strlen(property->path)};
        if (property->dictionary_full) entry.flags |= PROPERTY_FULL;
        if (property->texts_hashed) entry.flags |= PROPERTY_TEXTS_HASHED;
        if (property->other_hashed) entry.flags |= PROPERTY_OTHER_HASHED;
        g_byte_array_append(bytes, (const guint8 *)&entry, sizeof entry);
        g_byte_array_append(bytes, (const guint8 *)property->path, entry.path_bytes);
    }
    return section_write(writer, SECTION_NAME, name->name, bytes, error);
}

static bool image_write(FileWriter *writer, const EventNameState *state, GError **error)
{
    const EventImage *image = state->image;
    EventFileSection *section = &writer->sections[writer->section_count++];
    *section = (EventFileSection){SECTION_IMAGE, state->shown.name, writer->at, image->bytes,
                                  event_file_sum(image->head, image->bytes)};
    return bytes_write(writer, image->head, image->bytes, error);
}

static bool words_write(FileWriter *writer, const EventName *name, uint32_t p, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (uint32_t code = EVENT_CODE_FIRST; code < name->properties[p].codes; code++) {
        EventWord word = event_word(&name->properties[p], code);
        uint32_t head[2] = {word.kind, word.length};
        g_byte_array_append(bytes, (const guint8 *)head, sizeof head);
        if (word.length > 0) g_byte_array_append(bytes, (const guint8 *)word.text, word.length);
    }
    return section_write(writer, SECTION_WORDS, name->name, bytes, error);
}

/* Voided entries stay behind, so that of the resets only the image's need to be told. */
static bool delta_write(FileWriter *writer, const EventName *name, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (uint32_t n = 0; n < name->part_count; n++) {
        const EventPart *part = &name->parts[n];
        for (uint32_t i = 0; i < part->count; i++) {
            if (event_part_void(name, part, i)) continue;
            EventFileEntry entry = {part->ats[i], part->ids[i], part->rows[i]};
            g_byte_array_append(bytes, (const guint8 *)&entry, sizeof entry);
            for (uint32_t p = 0; p < name->property_count; p++)
                g_byte_array_append(bytes, (const guint8 *)&part->cells[p][i], sizeof(int64_t));
        }
    }
    return section_write(writer, SECTION_DELTA, name->name, bytes, error);
}

static bool resets_write(FileWriter *writer, const EventName *name, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    for (uint32_t i = 0; i < name->reset_count; i++)
        g_byte_array_append(bytes, (const guint8 *)&name->resets[i].row, sizeof(uint32_t));
    return section_write(writer, SECTION_RESETS, name->name, bytes, error);
}

static bool column_write(FileWriter *writer, const EventNameState *state,
                         EventFileSection *ret_image, GError **error)
{
    const EventName *name = &state->shown;
    if (!name_write(writer, state, error) || !image_write(writer, state, error)) return false;
    *ret_image = writer->sections[writer->section_count - 1];
    for (uint32_t p = 0; p < name->property_count; p++)
        if (!words_write(writer, name, p, error)) return false;
    return delta_write(writer, name, error) && resets_write(writer, name, error);
}

static uint32_t sections_of(const EventView *view)
{
    uint32_t count = 2; /* stems, owner */
    for (uint32_t i = 0; i < view->name_count; i++)
        count += 4 + view->names[i]->shown.property_count;
    return count;
}

static bool head_write(FileWriter *writer, const EventView *view,
                       const EventColumnsOptions *options, GError **error)
{
    size_t table = writer->section_count * sizeof(EventFileSection);
    EventFileHead head = {.magic = EVENT_FILE_MAGIC,
                          .version = EVENT_FILE_VERSION,
                          .sections = writer->section_count,
                          .key_mark = event_file_key_mark(options),
                          .through = view->through,
                          .bytes = writer->at,
                          .rows = view->rows,
                          .names = view->name_count};
    memcpy(head.epoch, options->epoch, sizeof head.epoch);
    head.table_sum = event_file_table_sum(writer->sections, event_file_round(table));
    head.head_sum = run_checksum(0, &head, offsetof(EventFileHead, head_sum));
    writer->at = 0;
    return bytes_write(writer, &head, sizeof head, error) &&
           bytes_write(writer, writer->sections, event_file_round(table), error);
}

static bool all_write(FileWriter *writer, const EventFileWrite *write, EventFileSection *ret_images,
                      GError **error)
{
    const EventView *view = write->view;
    uint64_t table = event_file_round(sections_of(view) * sizeof(EventFileSection));
    writer->sections = g_malloc0(table);
    writer->at = sizeof(EventFileHead) + table;
    if (!stems_write(writer, view, error) || !owner_write(writer, write->owner, error))
        return false;
    for (uint32_t i = 0; i < view->name_count; i++)
        if (!column_write(writer, view->names[i], &ret_images[i], error)) return false;
    if (!head_write(writer, view, write->options, error)) return false;
    if (fsync(writer->descriptor) != 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not flush %s: %s", writer->path,
                    g_strerror(errno));
    return true;
}

bool event_file_write(const EventFileWrite *write, const char *path, EventFileSection *ret_images,
                      GError **error)
{
    g_autofree char *begun = g_strconcat(path, ".new", NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    FileWriter writer = {.path = begun};
    writer.descriptor = open(begun, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (writer.descriptor < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not create %s: %s", begun,
                    g_strerror(errno));
    bool ok = all_write(&writer, write, ret_images, error);
    close(writer.descriptor);
    g_free(writer.sections);
    if (ok && rename(begun, path) != 0)
        ok = fail(error, KITH_ERROR_UNAVAILABLE, "could not rename %s: %s", begun,
                  g_strerror(errno));
    if (!ok) unlink(begun);
    return ok && run_folder_sync(folder, error);
}
