#include "columns/event_columns.h"

#include "base/error.h"
#include "columns/run_sort.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

enum { NAMES = 3, STEMS = 40, STEPS = 400, TEXTS = 30 };

static const char *const paths[] = {"category", "price"};

/* A reproducible stream of numbers. */
typedef struct Random {
    uint64_t state;
} Random;

static uint64_t next(Random *random) { return run_mix(random->state += 0x9e3779b97f4a7c15U); }

static uint32_t below(Random *random, uint32_t limit) { return (uint32_t)(next(random) % limit); }

/* What the columns should hold: a plain list. */
typedef struct Plain {
    uint32_t name;
    int64_t stem, at, id;
    EventKind kinds[2];
    int64_t numbers[2];
    bool gone;
} Plain;

typedef struct Model {
    Random random;
    EventColumns *columns;
    GArray *facts; /* of Plain: appended so far */
    GHashTable *forgotten;
    int64_t id;
    char texts[TEXTS][16];
} Model;

static int64_t stem_of(uint32_t n) { return n % 5 == 4 ? -1000 - (int64_t)n : 1000 + (int64_t)n; }

static Model *model_new(uint64_t seed, const EventColumnsOptions *options)
{
    Model *model = g_new0(Model, 1);
    model->random.state = seed;
    model->columns = event_columns_new(options);
    model->facts = g_array_new(FALSE, TRUE, sizeof(Plain));
    model->forgotten = g_hash_table_new(g_direct_hash, g_direct_equal);
    for (unsigned i = 0; i < TEXTS; i++)
        g_snprintf(model->texts[i], sizeof model->texts[i], "text-%u-x", i);
    for (uint32_t name = 0; name < NAMES; name++) {
        g_assert_true(event_columns_hold(model->columns, name, paths, name, NULL));
        g_assert_true(event_columns_ready(model->columns, name, NULL));
    }
    return model;
}

static void model_free(Model *model)
{
    event_columns_free(model->columns);
    g_array_unref(model->facts);
    g_hash_table_unref(model->forgotten);
    g_free(model);
}

static EventValue value_of(const Model *model, const Plain *plain, unsigned p)
{
    EventValue value = {.kind = plain->kinds[p], .number = plain->numbers[p]};
    if (value.kind == EVENT_TEXT || value.kind == EVENT_OTHER) {
        value.text = model->texts[plain->numbers[p]];
        value.length = strlen(value.text);
    }
    return value;
}

static void model_append(Model *model)
{
    static const EventKind kinds[] = {EVENT_MISSING, EVENT_FALSE, EVENT_TRUE,   EVENT_TEXT,
                                      EVENT_TEXT,    EVENT_TEXT,  EVENT_NUMBER, EVENT_OTHER};
    Random *random = &model->random;
    uint32_t stem = below(random, STEMS);
    Plain plain = {.name = below(random, NAMES), .stem = stem_of(stem), .id = ++model->id};
    plain.at = (int64_t)(below(random, 2) ? below(random, 1000) : next(random) % 100000000000);
    if (below(random, 50) == 0) plain.at = below(random, 2) ? EVENT_AT_MIN : EVENT_AT_MAX;
    for (unsigned p = 0; p < 2; p++) {
        plain.kinds[p] = kinds[below(random, p == 0 && plain.name == 1 ? 6 : 8)];
        plain.numbers[p] = below(random, TEXTS);
        if (plain.kinds[p] == EVENT_NUMBER && below(random, 4) == 0)
            plain.numbers[p] = below(random, 2) ? EVENT_NUMBER_MAX : -EVENT_NUMBER_MAX;
    }
    EventValue values[2] = {value_of(model, &plain, 0), value_of(model, &plain, 1)};
    EventFact fact = {plain.name, plain.stem, plain.at, plain.id, values};
    event_columns_append(model->columns, &fact, 1);
    plain.gone = g_hash_table_contains(model->forgotten, GINT_TO_POINTER((int)stem + 1));
    g_array_append_val(model->facts, plain);
}

static void model_void(Model *model, int64_t stem, int name)
{
    for (guint i = 0; i < model->facts->len; i++) {
        Plain *plain = &g_array_index(model->facts, Plain, i);
        if (plain->stem == stem && (name < 0 || plain->name == (uint32_t)name)) plain->gone = true;
    }
}

static int plain_compare(const void *left, const void *right)
{
    const Plain *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static GArray *model_row(const Model *model, uint32_t name, int64_t stem)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(Plain));
    for (guint i = 0; i < model->facts->len; i++) {
        const Plain *plain = &g_array_index(model->facts, Plain, i);
        if (!plain->gone && plain->name == name && plain->stem == stem)
            g_array_append_val(rows, *plain);
    }
    g_array_sort(rows, plain_compare);
    return rows;
}

static void cell_check(const EventName *name, unsigned p, int64_t cell, const EventValue *want)
{
    const EventProperty *property = &name->properties[p];
    int64_t cells[2];
    switch (want->kind) {
    case EVENT_NUMBER:
        g_assert_cmpint(cell, ==, want->number);
        return;
    case EVENT_MISSING:
        g_assert_cmpint(cell, ==, EVENT_CELL_MISSING);
        return;
    case EVENT_FALSE:
    case EVENT_TRUE:
        g_assert_cmpint(event_word(property, event_cell_code(cell)).kind, ==, want->kind);
        return;
    case EVENT_TEXT:
        event_text_cells(property, want->text, want->length, cells);
        g_assert_true(cell == cells[0] || cell == cells[1]);
        break;
    case EVENT_OTHER:
        break;
    }
    if (!event_cell_is_code(cell)) {
        g_assert_true(event_cell_is_hash(cell));
        g_assert_true(want->kind == EVENT_TEXT ? property->texts_hashed : property->other_hashed);
        return;
    }
    EventWord word = event_word(property, event_cell_code(cell));
    g_assert_cmpint(word.kind, ==, want->kind);
    g_assert_cmpstr(word.text, ==, want->text);
}

static void row_check(const Model *model, const EventName *name, uint32_t row, int64_t stem)
{
    g_autoptr(GArray) want = model_row(model, name->name, stem);
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    g_assert_cmpuint(event_row(name, row, hits), ==, want->len);
    for (guint i = 0; i < want->len; i++) {
        const Plain *plain = &g_array_index(want, Plain, i);
        const EventHit *hit = &g_array_index(hits, EventHit, i);
        g_assert_cmpint(hit->at, ==, plain->at);
        g_assert_cmpint(hit->id, ==, plain->id);
        for (unsigned p = 0; p < name->property_count; p++) {
            EventValue value = value_of(model, plain, p);
            cell_check(name, p, event_hit_cell(name, hit, p), &value);
        }
    }
}

/* The arrival layout must tell of the same occurrences as the grouped one. */
static void arrival_check(const EventName *name)
{
    const EventBase *base = name->base;
    uint64_t grouped = 0, arrival = 0;
    for (uint32_t g = 0; g < base->groups; g++)
        for (uint32_t i = base->offsets[g]; i < base->offsets[g + 1]; i++) {
            uint64_t mark = run_mix((uint64_t)event_base_at(base, i)) + event_base_row(base, g);
            for (unsigned p = 0; p < name->property_count; p++)
                mark = run_mix(mark) + (uint64_t)event_cell(&base->grouped[p], i);
            grouped += run_mix(mark);
        }
    for (uint32_t i = 0; i < base->count; i++) {
        int64_t at = event_arrival_at(base, i);
        uint64_t mark = run_mix((uint64_t)at) + base->arrival_rows[i];
        for (unsigned p = 0; p < name->property_count; p++)
            mark = run_mix(mark) + (uint64_t)event_cell(&base->arrival[p], i);
        arrival += run_mix(mark);
        uint32_t found = event_arrival_find(base, at);
        g_assert_true(found <= i && event_arrival_at(base, found) == at);
        g_assert_true(i == 0 || event_arrival_at(base, i - 1) <= at);
    }
    g_assert_cmpuint(grouped, ==, arrival);
    g_assert_cmpuint(event_arrival_find(base, INT64_MIN), ==, 0);
    g_assert_cmpuint(event_arrival_find(base, INT64_MAX), ==, base->count);
}

/* Scanning base and parts finds as many as asking row by row; all others are untouched. */
static void scan_check(const EventName *name, uint32_t rows)
{
    uint64_t scanned = 0, asked = 0;
    g_autoptr(GArray) touched = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    event_name_touched(name, touched);
    for (uint32_t g = 0; g < name->base->groups; g++)
        if (!event_base_void(name, event_base_row(name->base, g)))
            scanned += name->base->offsets[g + 1] - name->base->offsets[g];
    for (uint32_t p = 0; p < name->part_count; p++)
        for (uint32_t i = 0; i < name->parts[p].count; i++)
            scanned += !event_part_void(name, &name->parts[p], i);
    for (uint32_t row = 0, at = 0; row < rows; row++) {
        uint32_t from, to;
        g_array_set_size(hits, 0);
        asked += event_row(name, row, hits);
        event_base_range(name->base, row, &from, &to);
        bool is_touched = at < touched->len && g_array_index(touched, uint32_t, at) == row;
        at += is_touched;
        g_assert_true(is_touched || hits->len == to - from);
    }
    g_assert_cmpuint(scanned, ==, asked);
}

static void model_check(const Model *model)
{
    g_autoptr(EventView) view = event_columns_view(model->columns);
    g_assert_cmpint(event_view_through(view), ==, model->id);
    for (uint32_t n = 0; n < NAMES; n++) {
        const EventName *name = event_view_name(view, n);
        g_assert_nonnull(name);
        g_assert_cmpint(event_name_property(name, "nothing"), ==, -1);
        for (uint32_t stem = 0; stem < STEMS; stem++) {
            uint32_t row;
            if (!event_view_row(view, stem_of(stem), &row)) {
                g_autoptr(GArray) none = model_row(model, n, stem_of(stem));
                g_assert_cmpuint(none->len, ==, 0);
                continue;
            }
            g_assert_cmpint(event_view_stem(view, row), ==, stem_of(stem));
            row_check(model, name, row, stem_of(stem));
        }
        arrival_check(name);
        scan_check(name, event_view_rows(view));
    }
}

static char *folder_new(void)
{
    char *folder = g_dir_make_tmp("columns-XXXXXX", NULL);
    g_assert_nonnull(folder);
    return folder;
}

static void folder_remove(const char *folder)
{
    g_autoptr(GDir) listing = g_dir_open(folder, 0, NULL);
    for (const char *entry; (entry = g_dir_read_name(listing));) {
        g_autofree char *path = g_build_filename(folder, entry, NULL);
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* Goes on with what a snapshot says. */
static void model_restart(Model *model, const EventColumnsOptions *options)
{
    g_autofree char *folder = folder_new();
    g_autofree char *path = g_build_filename(folder, "snapshot", NULL);
    g_autoptr(GError) error = NULL;
    event_columns_publish(model->columns, model->id);
    event_columns_save(model->columns, path, &error);
    g_assert_no_error(error);
    model_check(model);
    event_columns_free(model->columns);
    model->columns = event_columns_new(options);
    event_columns_load(model->columns, path, &error);
    g_assert_no_error(error);
    model_check(model);
    /* the owner does not append what was erased */
    GHashTableIter stems;
    gpointer stem;
    g_hash_table_iter_init(&stems, model->forgotten);
    while (g_hash_table_iter_next(&stems, &stem, NULL))
        event_columns_forget(model->columns, stem_of((uint32_t)GPOINTER_TO_INT(stem) - 1));
    folder_remove(folder);
}

static void model_step(Model *model, const EventColumnsOptions *options)
{
    Random *random = &model->random;
    uint32_t choice = below(random, 100), stem = below(random, STEMS);
    int name = (int)below(random, NAMES);
    if (choice < 80) {
        for (uint32_t i = below(random, 20); i > 0; i--)
            model_append(model);
    } else if (choice < 86) {
        event_columns_clear(model->columns, (uint32_t)name, stem_of(stem));
        model_void(model, stem_of(stem), name);
    } else if (choice < 88) {
        event_columns_forget(model->columns, stem_of(stem));
        g_hash_table_add(model->forgotten, GINT_TO_POINTER((int)stem + 1));
        model_void(model, stem_of(stem), -1);
    } else if (choice < 92) {
        event_columns_fold(model->columns);
    } else if (choice < 93) {
        model_restart(model, options);
    } else {
        event_columns_publish(model->columns, model->id);
        model_check(model);
    }
}

static void agrees_with_a_plain_list(void)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        g_test_message("seed %u", (unsigned)seed);
        EventColumnsOptions options = {.delta_max = seed % 3 == 0 ? 100 : 0,
                                       .words_max = seed % 2 == 0 ? 10 : 0};
        Model *model = model_new(seed, &options);
        for (unsigned step = 0; step < STEPS; step++)
            model_step(model, &options);
        event_columns_publish(model->columns, model->id);
        model_check(model);
        event_columns_fold(model->columns);
        model_check(model);
        model_free(model);
    }
}

/* A snapshot with everything in it: base, delta, dictionaries, voids. */
static EventColumns *small_new(const EventColumnsOptions *options)
{
    static const char *const words[] = {"shoes", "hats", "a secret of nobody else"};
    EventColumns *columns = event_columns_new(options);
    g_assert_true(event_columns_hold(columns, 7, paths, 2, NULL));
    for (int i = 0; i < 12; i++) {
        EventValue values[2] = {{.kind = EVENT_TEXT, .text = words[i % 2]},
                                {.kind = EVENT_NUMBER, .number = i * 1000000}};
        if (i == 5) values[0].text = words[2];
        values[0].length = strlen(values[0].text);
        EventFact fact = {7, 100 + i, 1700000000000 + i, 7000000 + i, values};
        event_columns_append(columns, &fact, 1);
        if (i == 8) g_assert_true(event_columns_ready(columns, 7, NULL));
    }
    event_columns_publish(columns, 7000011);
    return columns;
}

static char *small_save(const EventColumnsOptions *options, const char *folder, gsize *ret_size)
{
    g_autofree char *path = g_build_filename(folder, "snapshot", NULL);
    g_autoptr(EventColumns) columns = small_new(options);
    g_autoptr(GBytes) owner = g_bytes_new_static("of the owner", 12);
    event_columns_mark(columns, options->epoch, owner);
    g_assert_true(event_columns_save(columns, path, NULL));
    char *bytes;
    g_assert_true(g_file_get_contents(path, &bytes, ret_size, NULL));
    return bytes;
}

static bool loads(const char *path, const char *bytes, gsize size, const EventColumnsOptions *use)
{
    g_autoptr(GError) error = NULL;
    FILE *file = fopen(path, "w");
    g_assert_nonnull(file);
    g_assert_cmpuint(fwrite(bytes, 1, size, file), ==, size);
    g_assert_cmpint(fclose(file), ==, 0);
    g_autoptr(EventColumns) columns = event_columns_new(use);
    bool ok = event_columns_load(columns, path, &error);
    g_autoptr(GBytes) owner = event_columns_owner(columns);
    g_autoptr(EventView) view = event_columns_view(columns);
    g_assert_true(ok == (owner != NULL));
    g_assert_true(!ok || memcmp(g_bytes_get_data(owner, NULL), "of the owner", 12) == 0);
    g_assert_true(ok == (event_view_name(view, 7) != NULL));
    g_assert_true(ok || event_view_rows(view) == 0);
    g_assert_true(ok || error->message[0] != '\0');
    return ok;
}

static void refuses_a_snapshot_with_any_damage(void)
{
    EventColumnsOptions options = {.epoch = "one store"};
    g_autofree char *folder = folder_new();
    gsize size;
    g_autofree char *bytes = small_save(&options, folder, &size);
    g_autofree char *path = g_build_filename(folder, "damaged", NULL);
    g_assert_true(loads(path, bytes, size, &options));
    for (gsize at = 0; at < size; at++) {
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        g_assert_false(loads(path, bytes, size, &options));
        bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
    }
    for (gsize shorter = 0; shorter < size; shorter += shorter < 256 ? 1 : 7)
        g_assert_false(loads(path, bytes, shorter, &options));
    g_autofree char *longer = g_malloc0(size + 64);
    memcpy(longer, bytes, size);
    g_assert_false(loads(path, longer, size + 64, &options));
    g_assert_true(loads(path, bytes, size, &options));
    folder_remove(folder);
}

static void refuses_a_snapshot_of_another(void)
{
    EventColumnsOptions options = {.epoch = "one store"};
    g_autofree char *folder = folder_new();
    gsize size;
    g_autofree char *bytes = small_save(&options, folder, &size);
    g_autofree char *path = g_build_filename(folder, "other", NULL);
    EventColumnsOptions other_epoch = {.epoch = "a copy"};
    EventColumnsOptions other_key = {.epoch = "one store", .key = "another"};
    EventColumnsOptions fewer = {.epoch = "one store", .properties_max = 1};
    EventColumnsOptions smaller = {.epoch = "one store", .bytes_max = size / 2};
    EventColumnsOptions words = {.epoch = "one store", .words_max = 1};
    g_assert_false(loads(path, bytes, size, &other_epoch));
    g_assert_false(loads(path, bytes, size, &other_key));
    g_assert_false(loads(path, bytes, size, &fewer));
    g_assert_false(loads(path, bytes, size, &smaller));
    g_assert_false(loads(path, bytes, size, &words));
    g_autoptr(EventColumns) columns = event_columns_new(&options);
    g_autoptr(GError) error = NULL;
    g_assert_false(event_columns_load(columns, "/nonexistent/snapshot", &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_false(event_columns_save(columns, "/nonexistent/snapshot", &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_UNAVAILABLE);
    folder_remove(folder);
}

static bool file_has(const char *path, const void *what, size_t size)
{
    g_autofree char *bytes = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    return memmem(bytes, length, what, size) != NULL;
}

static void leaves_no_byte_of_the_erased(void)
{
    EventColumnsOptions options = {.epoch = "one store"};
    g_autofree char *folder = folder_new();
    g_autofree char *path = g_build_filename(folder, "snapshot", NULL);
    g_autoptr(EventColumns) columns = small_new(&options);
    int64_t stem = 105, id = 7000005, number = 5000000;
    g_assert_true(event_columns_save(columns, path, NULL));
    g_assert_false(file_has(path, "another epoch", 13));
    event_columns_mark(columns, (const uint8_t *)"another epoch\0\0", NULL);
    g_assert_true(event_columns_save(columns, path, NULL));
    g_assert_true(file_has(path, "another epoch", 13));
    g_assert_true(file_has(path, &stem, sizeof stem));
    g_assert_true(file_has(path, &id, sizeof id));
    g_assert_true(file_has(path, "a secret", 8));
    event_columns_forget(columns, stem);
    g_autoptr(EventView) view = event_columns_view(columns);
    uint32_t row;
    g_assert_false(event_view_row(view, stem, &row));
    g_assert_cmpint(event_view_stem(view, 5), ==, 0);
    g_assert_true(event_columns_save(columns, path, NULL));
    g_assert_false(file_has(path, &stem, sizeof stem));
    g_assert_false(file_has(path, &id, sizeof id));
    g_assert_false(file_has(path, &number, sizeof number));
    g_assert_false(file_has(path, "a secret", 8));
    g_assert_true(file_has(path, "shoes", 5));
    EventFact again = {7, stem, 1, 8000000, NULL};
    event_columns_append(columns, &again, 1);
    event_columns_publish(columns, 8000000);
    g_autoptr(EventView) after = event_columns_view(columns);
    g_assert_false(event_view_row(after, stem, &row));
    folder_remove(folder);
}

/* Fills a name with `count` occurrences of different people, each with a word of its own. */
static void fill(EventColumns *columns, uint32_t name, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        g_snprintf(text, sizeof text, "a word of number %u", i);
        EventValue value = {.kind = EVENT_TEXT, .text = text, .length = strlen(text)};
        EventFact fact = {name, (int64_t)i + 1, i, (int64_t)i + 1, &value};
        event_columns_append(columns, &fact, 1);
    }
}

static void keeps_to_its_budgets(void)
{
    EventColumnsOptions options = {
        .bytes_max = 1 << 20, .names_max = 2, .properties_max = 1, .words_max = 100};
    g_autoptr(EventColumns) columns = event_columns_new(&options);
    g_autoptr(GError) error = NULL;
    EventUsage usage;
    g_assert_true(event_columns_hold(columns, 1, paths, 1, NULL));
    g_assert_false(event_columns_hold(columns, 2, paths, 2, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    g_clear_error(&error);
    g_assert_true(event_columns_hold(columns, 2, paths, 1, NULL));
    g_assert_false(event_columns_hold(columns, 3, NULL, 0, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    g_clear_error(&error);
    fill(columns, 1, 1000);
    g_assert_true(event_columns_ready(columns, 1, NULL));
    g_assert_true(event_columns_ready(columns, 2, NULL));
    fill(columns, 2, 100000);
    event_columns_publish(columns, 100000);
    event_columns_usage(columns, &usage);
    g_assert_cmpuint(usage.bytes, <=, options.bytes_max);
    g_assert_cmpuint(usage.names_over, ==, 1);
    g_assert_cmpuint(usage.words, ==, 100);
    g_assert_cmpint(event_columns_held(columns, 1), ==, EVENT_HELD_READY);
    g_assert_cmpint(event_columns_held(columns, 2), ==, EVENT_HELD_OVER);
    g_autoptr(EventView) view = event_columns_view(columns);
    g_assert_null(event_view_name(view, 2));
    g_assert_cmpuint(event_view_name(view, 1)->base->count, ==, 1000);
    g_assert_true(event_view_name(view, 1)->properties[0].texts_hashed);
    event_columns_drop(columns, 1);
    g_assert_true(event_columns_hold(columns, 2, paths, 1, NULL));
    fill(columns, 2, 100000);
    g_assert_false(event_columns_ready(columns, 2, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
}

/* What the readers of the next test check: occurrence n of everybody is at instant n, so that
 * every row must show 0, 1, 2, … up to what the view says, whatever is folded. */
typedef struct Crowded {
    EventColumns *columns;
    gint stop; /* atomic */
    gint looks;
} Crowded;

enum { CROWD = 64, ROUNDS = 600 };

static void crowded_look(Crowded *crowded)
{
    g_autoptr(EventView) view = event_columns_view(crowded->columns);
    const EventName *name = event_view_name(view, 1);
    int64_t rounds = event_view_through(view);
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    for (int64_t stem = 1; stem <= CROWD; stem++) {
        uint32_t row;
        if (!event_view_row(view, stem, &row)) continue;
        g_array_set_size(hits, 0);
        event_row(name, row, hits);
        g_assert_cmpint(hits->len, ==, rounds);
        for (guint i = 0; i < hits->len; i++)
            g_assert_cmpint(g_array_index(hits, EventHit, i).at, ==, i);
    }
    g_atomic_int_inc(&crowded->looks);
}

static gpointer crowded_read(gpointer data)
{
    Crowded *crowded = data;
    while (!g_atomic_int_get(&crowded->stop))
        crowded_look(crowded);
    crowded_look(crowded);
    return NULL;
}

static void readers_see_one_publish_while_folding(void)
{
    EventColumnsOptions options = {.delta_max = 500};
    g_autoptr(EventColumns) columns = event_columns_new(&options);
    Crowded crowded = {.columns = columns};
    g_assert_true(event_columns_hold(columns, 1, paths, 1, NULL));
    g_assert_true(event_columns_ready(columns, 1, NULL));
    event_columns_publish(columns, 0);
    GThread *readers[2];
    for (int i = 0; i < 2; i++)
        readers[i] = g_thread_new("reader", crowded_read, &crowded);
    for (int64_t round = 0; round < ROUNDS; round++) {
        for (int64_t stem = 1; stem <= CROWD; stem++) {
            EventFact fact = {1, stem, round, round * CROWD + stem, NULL};
            event_columns_append(columns, &fact, 1);
        }
        event_columns_publish(columns, round + 1);
    }
    g_atomic_int_set(&crowded.stop, 1);
    for (int i = 0; i < 2; i++)
        g_thread_join(readers[i]);
    g_assert_cmpint(crowded.looks, >=, 2);
}

static void bytes_mark(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    g_assert_true(lane < 2 && from % 64 == 0);
    for (uint32_t i = from; i < to; i++)
        ((uint8_t *)data)[i]++;
}

static void halves_cover_everything(void)
{
    static const uint32_t counts[] = {0, 1, 65535, 65536, 1000001};
    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_autofree uint8_t *marks = g_new0(uint8_t, counts[i] + 1U);
        columns_parallel(counts[i], bytes_mark, marks);
        for (uint32_t at = 0; at < counts[i]; at++)
            g_assert_cmpint(marks[at], ==, 1);
        g_assert_cmpint(marks[counts[i]], ==, 0);
    }
}

/* Occurrences as they are laid out in one go: most come in order of time, some late, some rows in
 * full disorder, many at the same instant. */
typedef struct Placed {
    uint32_t row, order;
    int64_t at, id, cell;
} Placed;

static int placed_by_row(const void *left, const void *right)
{
    const Placed *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

static int placed_by_time(const void *left, const void *right)
{
    const Placed *a = left, *b = right;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static Placed *placed_new(uint32_t count, uint32_t people)
{
    Placed *all = g_new(Placed, count);
    for (uint32_t i = 0; i < count; i++) {
        int64_t at = 1700000000000 + (int64_t)(i / 3) * 5000000;
        uint32_t row = i < people ? i : (uint32_t)g_test_rand_int_range(0, (int)people);
        if (i >= people && i % 20 == 7) at -= g_test_rand_int_range(0, INT32_MAX);
        if (i >= people && i % 25 == 3) {
            row = 5; /* everything of it backwards */
            at = 1690000000000 - i;
        }
        all[i] = (Placed){row, i, at, g_test_rand_int_range(1, 1000000) * INT64_C(1000) + i % 1000,
                          (int64_t)(i % 7) * 1000000};
    }
    return all;
}

static EventColumns *placed_columns(const Placed *all, uint32_t count)
{
    static const char *const path[] = {"value"};
    EventColumns *columns = event_columns_new(&(EventColumnsOptions){0});
    g_assert_true(event_columns_hold(columns, 3, path, 1, NULL));
    for (uint32_t i = 0; i < count; i++) {
        EventValue value = {.kind = EVENT_NUMBER, .number = all[i].cell};
        EventFact fact = {3, (int64_t)all[i].row + 100, all[i].at, all[i].id, &value};
        event_columns_append(columns, &fact, 1);
    }
    g_assert_true(event_columns_ready(columns, 3, NULL));
    event_columns_publish(columns, 1);
    return columns;
}

/* Both layouts, `all` being sorted as one of them. */
static void is_laid_out(const EventBase *base, const Placed *all, uint32_t count, bool by_time)
{
    const EventColumn *cells = by_time ? &base->arrival[0] : &base->grouped[0];
    g_assert_cmpuint(base->count, ==, count);
    for (uint32_t i = 0; i < count; i++) {
        int64_t at = by_time ? event_arrival_at(base, i) : event_base_at(base, i);
        uint32_t from, to;
        g_assert_cmpint(at, ==, all[i].at);
        g_assert_cmpint(event_cell(cells, i), ==, all[i].cell);
        g_assert_true(event_base_range(base, all[i].row, &from, &to));
        if (by_time)
            g_assert_cmpuint(base->arrival_rows[i], ==, all[i].row);
        else
            g_assert_true(from <= i && i < to && base->ids[i] == all[i].id);
    }
}

static void lays_out_what_came_nearly_in_order(void)
{
    static const uint32_t counts[] = {700, 3000, 60000};
    for (size_t n = 0; n < G_N_ELEMENTS(counts); n++) {
        uint32_t count = counts[n];
        g_autofree Placed *all = placed_new(count, count / 30);
        g_autoptr(EventColumns) columns = placed_columns(all, count);
        g_autoptr(EventView) view = event_columns_view(columns);
        const EventBase *base = event_view_name(view, 3)->base;
        qsort(all, count, sizeof *all, placed_by_row);
        is_laid_out(base, all, count, false);
        qsort(all, count, sizeof *all, placed_by_time);
        is_laid_out(base, all, count, true);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/event_columns/agrees_with_a_plain_list", agrees_with_a_plain_list);
    g_test_add_func("/event_columns/lays_out_what_came_nearly_in_order",
                    lays_out_what_came_nearly_in_order);
    g_test_add_func("/event_columns/refuses_a_snapshot_with_any_damage",
                    refuses_a_snapshot_with_any_damage);
    g_test_add_func("/event_columns/refuses_a_snapshot_of_another", refuses_a_snapshot_of_another);
    g_test_add_func("/event_columns/leaves_no_byte_of_the_erased", leaves_no_byte_of_the_erased);
    g_test_add_func("/event_columns/keeps_to_its_budgets", keeps_to_its_budgets);
    g_test_add_func("/event_columns/readers_see_one_publish_while_folding",
                    readers_see_one_publish_while_folding);
    g_test_add_func("/event_columns/halves_cover_everything", halves_cover_everything);
    return g_test_run();
}
