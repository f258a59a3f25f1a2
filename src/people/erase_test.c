/* Forgetting somebody: nothing finds them on the answer, no byte is left after; and nobody else is
 * touched. Canaries stand in every field a person can have. */
#include "people/erase.h"

#include <glib/gstdio.h>
#include <string.h>

#include "people/consent.h"
#include "people/export.h"
#include "people/list.h"
#include "people/people_test.h"
#include "people/person.h"
#include "people/personal.h"
#include "people/trait.h"

#define CANARY "kanarienvogel"

static const PersonalTable *const personal[] = {people_personal, NULL};

typedef struct Seed {
    People *people;
    int64_t person_id;
    const char *mark; /* in every text */
} Seed;

static bool seed_traits(Db *db, const Seed *seed, GError **error)
{
    g_autofree char *json = g_strdup_printf("\"%s trait\"", seed->mark);
    g_autofree char *name = g_strdup_printf("\"%s Lee\"", seed->mark);
    TraitValue traits[] = {{SLICE("shoe"), slice_of(json)}, {SLICE("name"), slice_of(name)}};
    TraitReport report = {seed->person_id, 1, TRUST_FILE, 1, 1, traits, 2};
    return people_traits_put(seed->people, db, &report, NULL, error);
}

static bool seed_consent(Db *db, const Seed *seed, GError **error)
{
    g_autofree char *text = g_strdup_printf("%s says yes", seed->mark);
    ConsentInput input = {.stem = seed->person_id,
                          .channel = "email",
                          .topic = "news",
                          .state = CONSENT_GRANTED,
                          .text = text,
                          .proof = text,
                          .actor = "test",
                          .source_id = 1,
                          .trust = TRUST_FILE,
                          .occurred_at = 1,
                          .received_at = 1};
    return people_consent_put(seed->people, db, &input, error);
}

static bool seed_run(Db *db, void *data, GError **error)
{
    const Seed *seed = data;
    int64_t note_id;
    g_autofree char *tag = g_strdup_printf("%s tag", seed->mark);
    HandText note = {seed->person_id, tag, "test", 1};
    HandTags tags = {seed->person_id, (const char *const[]){tag}, 1, "test", 1};
    return seed_traits(db, seed, error) && seed_consent(db, seed, error) &&
           people_note_add(seed->people, db, &note, &note_id, error) &&
           people_tags_set(seed->people, db, &tags, error);
}

/* A person with every field full of `mark`, over two stems and a visitor. */
static int64_t somebody(World *world, const char *mark)
{
    char texts[5][80];
    g_snprintf(texts[0], 80, "%s-1", mark);
    g_snprintf(texts[1], 80, "%s-2", mark);
    g_snprintf(texts[2], 80, "%s@x.de", mark);
    g_snprintf(texts[3], 80, "%s-device", mark);
    int64_t first = world_resolve(world, (ResolveInput){.user_id = slice_of(texts[0]),
                                                        .email = slice_of(texts[2]),
                                                        .anonymous_id = slice_of(texts[3])})
                        .person_id;
    int64_t second = world_resolve(world, (ResolveInput){.user_id = slice_of(texts[1])}).person_id;
    int64_t ids[] = {first, second};
    for (int i = 0; i < 2; i++) {
        Seed seed = {world->people, ids[i], mark};
        world_write(world, seed_run, &seed);
    }
    g_assert_cmpint(world_merge(world, first, second), >, 0);
    return first;
}

typedef struct EraseCall {
    People *people;
    int64_t person_id, erasure_id;
} EraseCall;

static bool erase_run(Db *db, void *data, GError **error)
{
    EraseCall *call = data;
    return people_erase(call->people, db, call->person_id, &call->erasure_id, error);
}

static int64_t erase(World *world, int64_t person_id)
{
    EraseCall call = {world->people, person_id, 0};
    world_write(world, erase_run, &call);
    return call.erasure_id;
}

static void world_begin(World *world, TestStore *test)
{
    world_open(world, test);
    people_set_domains(world->people, &(PeopleDomains){.personal = personal});
}

/* ---- on the answer ---- */

static int64_t listed(World *world, const char *text)
{
    PeopleListQuery query = {.text = text};
    Db *db = store_reader_begin(world->test->store, NULL);
    json_t *page = people_list_json(world->people, db, &query, NULL);
    store_reader_end(world->test->store, db);
    int64_t total = json_integer_value(json_object_get(page, "total"));
    json_decref(page);
    return total;
}

static bool profile_found(World *world, int64_t person_id)
{
    Db *db = store_reader_begin(world->test->store, NULL);
    json_t *page = people_profile_json(world->people, db, person_id, NULL);
    store_reader_end(world->test->store, db);
    json_decref(page);
    return page != NULL;
}

static void nothing_finds_the_person_on_the_answer(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY), stays = somebody(&world, "spatz");
    g_assert_cmpint(listed(&world, CANARY), ==, 1);
    g_assert_true(profile_found(&world, gone));
    erase(&world, gone);
    g_assert_cmpint(listed(&world, CANARY), ==, 0);
    g_assert_cmpint(listed(&world, NULL), ==, 1);
    g_assert_false(profile_found(&world, gone));
    g_assert_null(people_export_json(world.people, gone, NULL));
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, CANARY "-1"), ==, 0);
    g_assert_cmpint(world_who(&world, IDENTITY_USER_ID, CANARY "-2"), ==, 0);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, CANARY "@x.de"), ==, 0);
    g_assert_cmpint(world_who(&world, IDENTITY_ANONYMOUS_ID, CANARY "-device"), ==, 0);
    g_assert_cmpint(world_who(&world, IDENTITY_EMAIL, "spatz@x.de"), ==, stays);
    EraseCall again = {world.people, gone, 0};
    g_autoptr(GError) error = NULL;
    g_assert_false(writer_call(store_writer(test->store), WRITER_REST, erase_run, &again, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_NOT_FOUND);
    world_close(&world);
}

static void the_address_stays_denied(TestStore *test)
{
    World world;
    world_begin(&world, test);
    erase(&world, somebody(&world, CANARY));
    int64_t anew = world_resolve(&world, (ResolveInput){.email = SLICE(CANARY "@x.de")}).person_id;
    Seed seed = {world.people, anew, CANARY};
    world_write(&world, seed_run, &seed);
    ConsentQuery query = {anew, CANARY "@x.de", "email", "news", clock_now_ms(), INT64_MAX};
    ConsentState state;
    Db *db = store_reader_begin(test->store, NULL);
    g_assert_true(people_consent_state(world.people, db, &query, &state, NULL));
    store_reader_end(test->store, db);
    g_assert_cmpint(state, ==, CONSENT_DENIED);
    world_close(&world);
}

/* ---- to the last byte ---- */

static bool file_has(const char *path, const char *text)
{
    char *data = NULL;
    gsize size;
    if (!g_file_get_contents(path, &data, &size, NULL)) return false;
    bool found = memmem(data, size, text, strlen(text)) != NULL;
    g_free(data);
    return found;
}

/* Whether any file of the data folder holds the text. */
static bool folder_has(const char *dir, const char *text)
{
    bool found = false;
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    g_assert_nonnull(entries);
    for (const char *name; (name = g_dir_read_name(entries)) != NULL;) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        bool here =
            g_file_test(path, G_FILE_TEST_IS_DIR) ? folder_has(path, text) : file_has(path, text);
        if (here) g_test_message("%s has it", path);
        found = found || here;
    }
    return found;
}

/* Rows of any column of any personal table that hold the text. */
static int64_t tables_have(TestStore *test, const char *text)
{
    int64_t sum = 0;
    for (const PersonalTable *table = people_personal; table->table; table++) {
        for (const PersonalColumn *column = table->columns; column->column; column++) {
            g_autofree char *sql =
                g_strdup_printf("SELECT COUNT(*) FROM %s WHERE CAST(%s AS TEXT) LIKE '%%%s%%'",
                                table->table, column->column, text);
            g_autofree char *count = test_store_sql(test, sql);
            sum += g_ascii_strtoll(count, NULL, 10);
        }
    }
    return sum;
}

static void no_byte_is_left(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY);
    somebody(&world, "spatz");
    int64_t spatz = tables_have(test, "spatz");
    g_assert_cmpint(tables_have(test, CANARY), ==, spatz);
    if (test->kind == DB_SQLITE) g_assert_true(folder_has(test->dir, CANARY));
    g_autoptr(GError) error = NULL;
    g_assert_true(store_log_empty(test->store, &error)); /* now it stands in the database file */
    int64_t erasure_id = erase(&world, gone);
    people_erase_rest(world.people, erasure_id, &error);
    g_assert_no_error(error);
    g_assert_false(folder_has(test->dir, CANARY));
    g_assert_cmpint(tables_have(test, CANARY), ==, 0);
    g_assert_cmpint(tables_have(test, "spatz"), ==, spatz);
    g_autofree char *open =
        test_store_sql(test, "SELECT COUNT(*) FROM erasure WHERE done_at IS NULL");
    g_assert_cmpstr(open, ==, "0");
    world_close(&world);
}

static void a_crash_between_leaves_it_erased(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY);
    erase(&world, gone);
    world_reopen(&world);
    people_set_domains(world.people, &(PeopleDomains){.personal = personal});
    g_assert_false(profile_found(&world, gone));
    g_assert_cmpint(listed(&world, CANARY), ==, 0);
    g_assert_true(people_erase_all(world.people, NULL));
    g_assert_cmpint(tables_have(test, CANARY), ==, 0);
    g_assert_false(profile_found(&world, gone));
    world_close(&world);
}

static void a_device_identified_anew_stays_with_whom_it_is(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY);
    int64_t erasure_id = erase(&world, gone);
    ResolveInput input = {.user_id = SLICE("zaunkoenig"), .anonymous_id = SLICE(CANARY "-device")};
    int64_t anew = world_resolve(&world, input).person_id;
    g_assert_cmpint(world_who(&world, IDENTITY_ANONYMOUS_ID, CANARY "-device"), ==, anew);
    g_autoptr(GError) error = NULL;
    people_erase_rest(world.people, erasure_id, &error);
    g_assert_no_error(error);
    world_reopen(&world);
    g_assert_cmpint(world_who(&world, IDENTITY_ANONYMOUS_ID, CANARY "-device"), ==, anew);
    world_close(&world);
}

static int64_t device_stem(World *world)
{
    return world_resolve(world, (ResolveInput){.anonymous_id = SLICE(CANARY "-device")}).stem;
}

static void what_a_device_sends_later_is_another_visitors(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(world.people, gone, stems);
    int64_t erasure_id = erase(&world, gone), later = device_stem(&world);
    g_assert_cmpint(later, <, 0);
    for (guint i = 0; i < stems->len; i++)
        g_assert_cmpint(later, !=, g_array_index(stems, int64_t, i));
    g_autoptr(GError) error = NULL;
    people_erase_rest(world.people, erasure_id, &error);
    g_assert_no_error(error);
    g_assert_cmpint(device_stem(&world), ==, later);
    world_reopen(&world);
    g_assert_cmpint(device_stem(&world), ==, later);
    ResolveInput input = {.user_id = SLICE("zaunkoenig"), .anonymous_id = SLICE(CANARY "-device")};
    erase(&world, world_resolve(&world, input).person_id);
    g_assert_cmpint(device_stem(&world), !=, later); /* erased a second time */
    world_close(&world);
}

/* ---- never.log ---- */

static void a_restored_backup_erases_again(TestStore *test)
{
    if (test->kind != DB_SQLITE) return; /* the same statements; a dump would be needed */
    World world;
    world_begin(&world, test);
    int64_t gone = somebody(&world, CANARY), stays = somebody(&world, "spatz");
    world_close(&world);
    test_store_close(test);
    g_autofree char *database = g_build_filename(test->dir, "kith.db", NULL);
    g_autofree char *backup = NULL;
    gsize size;
    g_assert_true(g_file_get_contents(database, &backup, &size, NULL));
    test_store_open(test);
    world_begin(&world, test);
    erase(&world, gone);
    g_assert_true(people_erase_all(world.people, NULL));
    world_close(&world);
    test_store_close(test);
    g_assert_true(g_file_set_contents(database, backup, (gssize)size, NULL));
    test_store_open(test);
    world_begin(&world, test);
    g_assert_true(profile_found(&world, gone));
    int64_t count;
    g_autoptr(GError) error = NULL;
    people_never_replay(world.people, &count, &error);
    g_assert_no_error(error);
    g_assert_cmpint(count, >=, 2); /* the person and the address */
    g_assert_false(profile_found(&world, gone));
    g_assert_true(profile_found(&world, stays));
    g_assert_true(people_never_replay(world.people, &count, NULL));
    g_assert_cmpint(count, ==, 0);
    world_close(&world);
}

/* ---- export ---- */

static void an_export_shows_every_personal_column(TestStore *test)
{
    World world;
    world_begin(&world, test);
    int64_t person_id = somebody(&world, CANARY);
    json_t *document = people_export_json(world.people, person_id, NULL);
    g_assert_nonnull(document);
    for (const PersonalTable *table = people_personal; table->table; table++) {
        if (!table->export) continue;
        json_t *rows = json_object_get(json_object_get(document, "data"), table->name);
        g_assert_cmpuint(json_array_size(rows), >, 0);
        for (const PersonalColumn *column = table->columns; column->column; column++)
            g_assert_nonnull(json_object_get(json_array_get(rows, 0), column->column));
    }
    g_autofree char *text = json_dumps(document, JSON_ENSURE_ASCII);
    const char *const want[] = {CANARY "-1",     CANARY "-2",   CANARY "@x.de",    CANARY "-device",
                                CANARY " trait", CANARY " tag", CANARY " says yes"};
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++)
        g_assert_nonnull(strstr(text, want[i]));
    json_decref(document);
    world_close(&world);
}

/* Columns marked personal in the schema, of tables this folder lists, are listed. */
static void personal_column_check(const char *table_name, const char *column_name)
{
    for (const PersonalTable *table = people_personal; table->table; table++) {
        if (!g_str_equal(table->table, table_name)) continue;
        bool found = false;
        for (const PersonalColumn *column = table->columns; column->column; column++)
            found = found || g_str_equal(column->column, column_name);
        if (!found) g_error("%s.%s holds personal data and is not listed", table_name, column_name);
    }
}

static void the_schema_has_no_unlisted_column(void)
{
    g_autofree char *path =
        g_test_build_filename(G_TEST_DIST, "migrations", "0001_start.sql", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    char table[64] = "", column[64];
    int marked = 0;
    for (char **line = lines; *line; line++) {
        sscanf(*line, "CREATE TABLE %63s", table);
        if (!strstr(*line, "-- personal") || sscanf(*line, " %63s", column) != 1) continue;
        personal_column_check(table, column);
        marked++;
    }
    g_assert_cmpint(marked, >, 8);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/erase/answer", nothing_finds_the_person_on_the_answer);
    test_store_add("/people/erase/denied", the_address_stays_denied);
    test_store_add("/people/erase/bytes", no_byte_is_left);
    test_store_add("/people/erase/crash", a_crash_between_leaves_it_erased);
    test_store_add("/people/erase/anew", a_device_identified_anew_stays_with_whom_it_is);
    test_store_add("/people/erase/device", what_a_device_sends_later_is_another_visitors);
    test_store_add("/people/erase/restored", a_restored_backup_erases_again);
    test_store_add("/people/export/complete", an_export_shows_every_personal_column);
    g_test_add_func("/people/personal/schema", the_schema_has_no_unlisted_column);
    return g_test_run();
}
