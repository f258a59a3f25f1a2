/* Opening a snapshot: every byte is checked before anything of it is used. */
#include "columns/event_file.h"

#include "base/error.h"
#include "columns/run_sort.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool damaged(GError **error, const char *what)
{
    return fail(error, KITH_ERROR_INVALID, "the snapshot of the columns is damaged: %s", what);
}

static EventMemory *map_file(const char *path, GError **error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        fail(error, errno == ENOENT ? KITH_ERROR_NOT_FOUND : KITH_ERROR_UNAVAILABLE,
             "could not open %s: %s", path, g_strerror(errno));
        return NULL;
    }
    struct stat status;
    void *data = MAP_FAILED;
    bool ok = fstat(descriptor, &status) == 0 && status.st_size >= (off_t)sizeof(EventFileHead);
    if (ok) data = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    close(descriptor);
    if (data == MAP_FAILED) {
        if (ok)
            fail(error, KITH_ERROR_UNAVAILABLE, "could not map %s: %s", path, g_strerror(errno));
        else
            damaged(error, "it is too short");
        return NULL;
    }
    madvise(data, (size_t)status.st_size, MADV_WILLNEED);
    return event_memory_take(data, (size_t)status.st_size);
}

static const EventFileSection *sections_of(const EventMemory *memory)
{
    return (const EventFileSection *)(const void *)(memory->data + sizeof(EventFileHead));
}

static bool head_check(const EventMemory *memory, const EventColumnsOptions *options,
                       GError **error)
{
    const EventFileHead *head = (const EventFileHead *)(const void *)memory->data;
    if (head->magic != EVENT_FILE_MAGIC || head->version != EVENT_FILE_VERSION)
        return fail(error, KITH_ERROR_INVALID, "the snapshot of the columns is of another version");
    if (head->head_sum != run_checksum(0, head, offsetof(EventFileHead, head_sum)))
        return damaged(error, "its head does not match its checksum");
    if (head->bytes != memory->bytes) return damaged(error, "it has not its length");
    if (memcmp(head->epoch, options->epoch, sizeof head->epoch) != 0 ||
        head->key_mark != event_file_key_mark(options))
        return fail(error, KITH_ERROR_INVALID, "the snapshot of the columns is of another store");
    uint64_t table = event_file_round(head->sections * sizeof(EventFileSection));
    if (head->sections < 1 || table > memory->bytes - sizeof *head)
        return damaged(error, "its table of contents is too long");
    if (head->table_sum != event_file_table_sum(sections_of(memory), table))
        return damaged(error, "its table of contents does not match its checksum");
    return true;
}

/* Sections stand one behind the other up to the end. */
static bool table_check(const EventMemory *memory, GError **error)
{
    const EventFileHead *head = (const EventFileHead *)(const void *)memory->data;
    const EventFileSection *sections = sections_of(memory);
    uint64_t end = sizeof *head + event_file_round(head->sections * sizeof *sections);
    for (uint32_t i = 0; i < head->sections; i++) {
        if (sections[i].offset != end || sections[i].bytes > memory->bytes - end ||
            event_file_round(sections[i].bytes) > memory->bytes - end)
            return damaged(error, "its sections do not fit");
        end += event_file_round(sections[i].bytes);
    }
    return end == memory->bytes || damaged(error, "there is more than its sections");
}

/* Two threads take section after section. */
typedef struct SumCheck {
    const EventMemory *memory;
    gint next, wrong; /* atomic */
} SumCheck;

static gpointer sums_run(gpointer data)
{
    SumCheck *check = data;
    const EventFileHead *head = (const EventFileHead *)(const void *)check->memory->data;
    const EventFileSection *sections = sections_of(check->memory);
    for (;;) {
        uint32_t i = (uint32_t)g_atomic_int_add(&check->next, 1);
        if (i >= head->sections) return NULL;
        const void *data_at = check->memory->data + sections[i].offset;
        if (event_file_sum(data_at, event_file_round(sections[i].bytes)) != sections[i].sum)
            g_atomic_int_set(&check->wrong, 1);
    }
}

static bool sums_check(const EventMemory *memory, GError **error)
{
    SumCheck check = {.memory = memory};
    if (memory->bytes < EVENT_FILE_PIECE) {
        sums_run(&check);
    } else {
        GThread *thread = g_thread_new("columns-sum", sums_run, &check);
        sums_run(&check);
        g_thread_join(thread);
    }
    return !check.wrong || damaged(error, "a section does not match its checksum");
}

EventMemory *event_file_open(const char *path, const EventColumnsOptions *options, GError **error)
{
    g_autoptr(EventMemory) memory = map_file(path, error);
    if (!memory || !head_check(memory, options, error) || !table_check(memory, error) ||
        !sums_check(memory, error))
        return NULL;
    return g_steal_pointer(&memory);
}

/* Reading what the sections say. */

typedef struct Reader {
    EventMemory *memory;
    const EventFileHead *head;
    const EventFileSection *section; /* the next one */
    const EventFileSection *end;
    const unsigned char *at; /* in the section taken last */
    size_t left;
} Reader;

static bool section_take(Reader *reader, uint32_t kind, uint32_t name, GError **error)
{
    if (reader->section == reader->end || reader->section->kind != kind ||
        (kind != SECTION_NAME && reader->section->name != name))
        return damaged(error, "a section is missing");
    reader->at = reader->memory->data + reader->section->offset;
    reader->left = reader->section->bytes;
    reader->section++;
    return true;
}

static bool bytes_take(Reader *reader, void *into, size_t size)
{
    if (reader->left < size) return false;
    if (into) memcpy(into, reader->at, size);
    reader->at += size;
    reader->left -= size;
    return true;
}

static bool stems_load(Reader *reader, Crowd *crowd, GError **error)
{
    if (!section_take(reader, SECTION_STEMS, 0, error)) return false;
    if (reader->left != reader->head->rows * sizeof(int64_t))
        return damaged(error, "it has not all stems");
    for (uint32_t row = 0; row < reader->head->rows; row++) {
        int64_t stem = 0;
        bytes_take(reader, &stem, sizeof stem);
        uint32_t own = stem == 0 ? crowd_hole(crowd) : crowd_add(crowd, stem);
        if (own != row) return damaged(error, "a stem stands twice");
    }
    return true;
}

static bool owner_load(Reader *reader, GBytes **ret_owner, GError **error)
{
    if (!section_take(reader, SECTION_OWNER, 0, error)) return false;
    if (reader->left > 0) *ret_owner = g_bytes_new(reader->at, reader->left);
    return true;
}

static bool word_load(Reader *reader, EventDictionary *words, KeyMap *map)
{
    uint32_t head[2];
    if (!bytes_take(reader, head, sizeof head)) return false;
    bool blank = head[0] == EVENT_MISSING && head[1] == 0;
    if (!blank && head[0] != EVENT_TEXT && head[0] != EVENT_OTHER) return false;
    EventWord word = {head[0], (const char *)reader->at, head[1]};
    if (!bytes_take(reader, NULL, head[1])) return false;
    event_words_put(words, map, &word);
    return true;
}

static bool words_load(Reader *reader, EventColumns *columns, const EventFileProperty *entry,
                       EventDictionary *words)
{
    if (entry->codes < EVENT_CODE_FIRST) return false;
    while (words->codes < entry->codes)
        if (!word_load(reader, words, columns->map)) return false;
    words->full |= (entry->flags & PROPERTY_FULL) != 0;
    words->texts_hashed = (entry->flags & PROPERTY_TEXTS_HASHED) != 0;
    words->other_hashed = (entry->flags & PROPERTY_OTHER_HASHED) != 0;
    return reader->left == 0;
}

static bool cell_check(int64_t cell, const EventDictionary *words)
{
    return !event_cell_is_code(cell) || (uint64_t)cell - (uint64_t)INT64_MIN < words->codes;
}

static bool column_check(const EventColumn *column, uint32_t count, const EventDictionary *words)
{
    uint32_t highest = 0;
    bool ok = true;
    for (uint32_t i = 0; column->codes && i < count; i++)
        highest = MAX(highest, column->codes[i]);
    for (uint32_t i = 0; !column->codes && i < count; i++)
        ok &= cell_check(column->cells[i], words);
    return ok && highest < words->codes;
}

static bool image_load(Reader *reader, NameColumn *column, GError **error)
{
    if (!section_take(reader, SECTION_IMAGE, column->name, error)) return false;
    const EventFileSection *section = reader->section - 1;
    EventImage *image = event_image_bind(reader->memory, section->offset, section->bytes,
                                         reader->head->rows, error);
    if (!image) return false;
    column->image = image;
    return image->head->properties == column->property_count ||
           damaged(error, "a name has not its properties");
}

static bool entry_load(Reader *reader, NameColumn *column)
{
    EventFileEntry entry;
    int64_t cells[EVENT_PROPERTIES_MAX];
    if (!bytes_take(reader, &entry, sizeof entry) ||
        !bytes_take(reader, cells, column->property_count * sizeof(int64_t)))
        return false;
    bool ok =
        entry.row < reader->head->rows && entry.at >= EVENT_AT_MIN && entry.at <= EVENT_AT_MAX;
    for (uint32_t p = 0; p < column->property_count; p++)
        ok = ok && cell_check(cells[p], column->words[p]);
    if (!ok) return false;
    EventEntry live = {(uint32_t)entry.row, entry.at, entry.id, cells};
    event_delta_add(column->live, &live);
    column->next_ordinal++;
    return true;
}

static bool delta_load(Reader *reader, NameColumn *column, GError **error)
{
    if (!section_take(reader, SECTION_DELTA, column->name, error)) return false;
    if (reader->left > 0) column->live = event_delta_new(0, column->property_count, true);
    while (reader->left > 0)
        if (!entry_load(reader, column)) return damaged(error, "a late entry");
    return true;
}

static bool resets_load(Reader *reader, NameColumn *column, GError **error)
{
    if (!section_take(reader, SECTION_RESETS, column->name, error)) return false;
    uint64_t least = 0;
    while (reader->left > 0) {
        EventReset reset = {0};
        if (!bytes_take(reader, &reset.row, sizeof reset.row) || reset.row < least ||
            reset.row >= reader->head->rows)
            return damaged(error, "a voided row");
        least = (uint64_t)reset.row + 1;
        g_array_append_val(column->resets, reset);
    }
    return true;
}

static bool property_load(Reader *reader, EventColumns *columns, NameColumn *column, uint32_t p,
                          EventFileProperty *ret_entry)
{
    if (!bytes_take(reader, ret_entry, sizeof *ret_entry)) return false;
    const char *path = (const char *)reader->at;
    if (!bytes_take(reader, NULL, ret_entry->path_bytes)) return false;
    column->paths[p] = g_strndup(path, ret_entry->path_bytes);
    column->words[p] = event_words_new(columns->options.key, ++columns->serial);
    column->property_count = p + 1;
    return ret_entry->codes <= columns->options.words_max + EVENT_CODE_FIRST;
}

static bool name_head_load(Reader *reader, EventColumns *columns, NameColumn *column,
                           EventFileProperty *ret_entries, GError **error)
{
    EventFileName head;
    if (!bytes_take(reader, &head, sizeof head)) return damaged(error, "a name");
    if (head.properties > columns->options.properties_max)
        return fail(error, KITH_ERROR_LIMIT,
                    "the snapshot of the columns has more properties than are allowed now");
    column->paths = g_new0(char *, head.properties + 1);
    column->wide = head.wide;
    for (uint32_t p = 0; p < head.properties; p++)
        if (!property_load(reader, columns, column, p, &ret_entries[p]))
            return fail(error, KITH_ERROR_LIMIT,
                        "the snapshot of the columns has larger dictionaries than are allowed now");
    return true;
}

static bool name_load(Reader *reader, EventColumns *columns, uint64_t *least, GError **error)
{
    EventFileProperty entries[EVENT_PROPERTIES_MAX];
    if (!section_take(reader, SECTION_NAME, 0, error)) return false;
    uint32_t number = (reader->section - 1)->name;
    if (number < *least) return damaged(error, "a name stands twice");
    *least = (uint64_t)number + 1;
    NameColumn *column = column_add(columns, number);
    column->resets = g_array_new(FALSE, FALSE, sizeof(EventReset));
    if (!name_head_load(reader, columns, column, entries, error) ||
        !image_load(reader, column, error))
        return false;
    column->held = EVENT_HELD_READY;
    column->changed = true;
    for (uint32_t p = 0; p < column->property_count; p++) {
        if (!section_take(reader, SECTION_WORDS, number, error)) return false;
        if (!words_load(reader, columns, &entries[p], column->words[p]) ||
            !column_check(&column->image->base.grouped[p], column->image->base.count,
                          column->words[p]) ||
            !column_check(&column->image->base.arrival[p], column->image->base.count,
                          column->words[p]))
            return damaged(error, "a dictionary");
    }
    return delta_load(reader, column, error) && resets_load(reader, column, error);
}

static bool all_load(EventColumns *columns, EventMemory *memory, GBytes **ret_owner, GError **error)
{
    const EventFileHead *head = (const EventFileHead *)(const void *)memory->data;
    Reader reader = {.memory = memory, .head = head, .section = sections_of(memory)};
    reader.end = reader.section + head->sections;
    uint64_t least = 0;
    if (head->names > columns->options.names_max || head->bytes > columns->options.bytes_max)
        return fail(error, KITH_ERROR_LIMIT,
                    "the snapshot of the columns has %u names and %" G_GUINT64_FORMAT
                    " bytes: more than are allowed now",
                    head->names, head->bytes);
    if (!stems_load(&reader, &columns->crowd, error) || !owner_load(&reader, ret_owner, error))
        return false;
    for (uint32_t i = 0; i < head->names; i++)
        if (!name_load(&reader, columns, &least, error)) return false;
    if (reader.section != reader.end) return damaged(error, "there is more than its names");
    if (columns_bytes(columns, NULL) > columns->options.bytes_max)
        return fail(error, KITH_ERROR_LIMIT,
                    "the snapshot of the columns takes more memory than is allowed now");
    columns->through = head->through;
    return true;
}

static void load_undo(EventColumns *columns)
{
    for (guint i = 0; i < columns->names->len; i++) {
        NameColumn *column = g_ptr_array_index(columns->names, i);
        column_clear(columns, column, EVENT_HELD_NOT);
        g_free(column);
    }
    g_ptr_array_set_size(columns->names, 0);
    memset(columns->seen, 0, sizeof columns->seen);
    crowd_clear(&columns->crowd);
    crowd_init(&columns->crowd);
    keymap_clear(columns->map);
}

bool event_columns_load(EventColumns *columns, const char *path, GError **error)
{
    g_autoptr(GBytes) owner = NULL;
    g_autoptr(EventMemory) memory = event_file_open(path, &columns->options, error);
    if (!memory) return false;
    g_mutex_lock(&columns->write_lock);
    g_assert(columns->names->len == 0 && columns->crowd.rows == 0);
    bool ok = all_load(columns, memory, &owner, error);
    if (ok)
        columns_publish(columns);
    else
        load_undo(columns);
    g_mutex_unlock(&columns->write_lock);
    if (ok) event_columns_mark(columns, columns->options.epoch, owner);
    return ok;
}

/* Saving: what was written is read from the file from now on, so that memory is given back and
 * no file that was replaced is kept alive by its mapping. */

static void image_swap(EventColumns *columns, const EventNameState *written, EventImage *image)
{
    NameColumn *column = column_find(columns, written->shown.name);
    bool same = column && column->held == EVENT_HELD_READY && column->image == written->image &&
                !column->folding;
    if (!same) return;
    event_image_unref(column->image);
    column->image = event_image_ref(image);
    if (column->state) column_reshow(column, column->state->resets);
}

static bool images_swap(EventColumns *columns, const EventView *view, const char *path,
                        const EventFileSection *images, GError **error)
{
    g_autoptr(EventMemory) memory = map_file(path, error);
    if (!memory) return false;
    for (uint32_t i = 0; i < view->name_count; i++) {
        g_autoptr(EventImage) image =
            event_image_bind(memory, images[i].offset, images[i].bytes, view->rows, error);
        if (!image) return false;
        g_mutex_lock(&columns->write_lock);
        image_swap(columns, view->names[i], image);
        g_mutex_unlock(&columns->write_lock);
    }
    g_mutex_lock(&columns->write_lock);
    columns_show(columns);
    g_mutex_unlock(&columns->write_lock);
    return true;
}

void event_columns_mark(EventColumns *columns, const uint8_t epoch[EVENT_EPOCH_BYTES],
                        GBytes *owner)
{
    g_mutex_lock(&columns->save_lock);
    memmove(columns->options.epoch, epoch, EVENT_EPOCH_BYTES); /* maybe the same */
    g_clear_pointer(&columns->owner, g_bytes_unref);
    columns->owner = owner ? g_bytes_ref(owner) : NULL;
    g_mutex_unlock(&columns->save_lock);
}

GBytes *event_columns_owner(EventColumns *columns)
{
    g_mutex_lock(&columns->save_lock);
    GBytes *owner = columns->owner ? g_bytes_ref(columns->owner) : NULL;
    g_mutex_unlock(&columns->save_lock);
    return owner;
}

bool event_columns_save(EventColumns *columns, const char *path, GError **error)
{
    g_mutex_lock(&columns->save_lock);
    event_columns_fold(columns);
    g_autoptr(EventView) view = event_columns_view(columns);
    g_autofree EventFileSection *images = g_new0(EventFileSection, MAX(view->name_count, 1U));
    EventFileWrite write = {view, &columns->options, columns->owner};
    bool ok = event_file_write(&write, path, images, error) &&
              images_swap(columns, view, path, images, error);
    g_mutex_unlock(&columns->save_lock);
    return ok;
}
