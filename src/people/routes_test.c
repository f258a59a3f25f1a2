/* People over HTTP: a real server, a real key, replies held to their schemas. */
#include <glib/gstdio.h>

#include "net/auth.h"
#include "net/http_fixture.h"
#include "people/erase.h"
#include "people/law.h"
#include "people/people_routes.h"
#include "people/people_test.h"
#include "people/personal.h"

static const PersonalTable *const personal[] = {people_personal, NULL};

typedef struct House {
    World world;
    Auth *auth;
    Server *server;
    char *head; /* Authorization header */
    char *uploads;
} House;

static void house_open(House *house, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    world_open(&house->world, test);
    people_set_domains(house->world.people, &(PeopleDomains){.personal = personal});
    house->auth = auth_new(test->store, &error);
    g_assert_no_error(error);
    Actor by = {.kind = ACTOR_LOCAL};
    KeyMade key;
    auth_key_create(house->auth, &(KeyInput){"test", KEY_API, 0}, &by, &key, &error);
    g_assert_no_error(error);
    house->head = g_strdup_printf("Authorization: Bearer %s\r\n", key.secret);
    house->uploads = g_dir_make_tmp("kith-people-XXXXXX", NULL);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = house->uploads,
                             .auth = house->auth,
                             .quiet = true,
                             .check_replies = true};
    house->server = server_new(&options, &error);
    g_assert_no_error(error);
    people_add_routes(house->server, house->world.people);
    people_add_permission_routes(house->server, house->world.people);
    server_start(house->server, &error);
    g_assert_no_error(error);
}

static void house_close(House *house)
{
    server_free(house->server);
    auth_free(house->auth);
    g_free(house->head);
    g_rmdir(house->uploads);
    g_free(house->uploads);
    world_close(&house->world);
}

/* Calls and checks the status. */
static Reply ask(House *house, int status, const char *line, const char *json)
{
    Reply reply = http_json(server_port(house->server), line, house->head, json);
    if (reply.status != status) g_test_message("%s: %s", line, reply.body);
    g_assert_cmpint(reply.status, ==, status);
    return reply;
}

static void expect(House *house, int status, const char *line, const char *json)
{
    g_auto(Reply) reply = ask(house, status, line, json);
}

G_GNUC_PRINTF(4, 5)
static void expect_at(House *house, int status, const char *json, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    expect(house, status, line, json);
}

static char *created(House *house, const char *json)
{
    g_auto(Reply) reply = ask(house, 201, "POST /api/people", json);
    return g_strdup(json_text(reply.json, "id", NULL));
}

static json_t *page_of(House *house, const char *id)
{
    g_autofree char *line = g_strdup_printf("GET /api/people/%s", id);
    g_auto(Reply) reply = ask(house, 200, line, NULL);
    return json_incref(reply.json);
}

static void a_person_by_hand(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_autofree char *id = created(&house, "{\"name\":\"Ann Lee\",\"email\":\"Ann@Shop.de\","
                                          "\"phone\":\"030 555 1234\",\"note\":\"likes oat milk\","
                                          "\"traits\":{\"country\":\"DE\",\"size\":38}}");
    expect(&house, 409, "POST /api/people", "{\"email\":\"ann@shop.de\"}");
    expect(&house, 400, "POST /api/people", "{}");
    expect(&house, 400, "POST /api/people", "{\"email\":\"test@test.com\"}");
    expect(&house, 400, "POST /api/people", "{\"nmae\":\"x\"}");
    expect_at(&house, 204, "{\"tags\":[\"regular\",\"vip\"]}", "PUT /api/people/%s/tags", id);
    expect_at(&house, 204, "{\"tags\":[\"vip\"]}", "PUT /api/people/%s/tags", id);
    expect_at(&house, 204, "{\"name\":\"birthday\",\"value\":\"1990-02-28\"}",
              "PUT /api/people/%s/traits", id);
    expect_at(&house, 204, "{\"name\":\"email\",\"value\":\"ann@new.de\"}",
              "PUT /api/people/%s/traits", id);
    expect_at(&house, 204,
              "{\"channel\":\"email\",\"topic\":\"news\",\"state\":\"granted\","
              "\"basis\":\"consent\",\"address\":\"ann@shop.de\"}",
              "POST /api/people/%s/consents", id);
    json_t *page = page_of(&house, id);
    g_assert_cmpstr(json_text(page, "name", NULL), ==, "Ann Lee");
    g_assert_cmpstr(json_text(page, "email", NULL), ==, "ann@new.de");
    g_assert_cmpstr(json_text(page, "country", NULL), ==, "DE");
    g_assert_cmpuint(json_array_size(json_object_get(page, "tags")), ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(page, "notes")), ==, 1);
    g_assert_cmpuint(json_array_size(json_object_get(page, "identities")), ==, 3);
    json_t *consent = json_array_get(json_object_get(page, "consents"), 0);
    g_assert_cmpstr(json_text(consent, "address", NULL), ==, "ann@shop.de");
    json_decref(page);
    house_close(&house);
}

static void notes_come_and_go(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_autofree char *id = created(&house, "{\"name\":\"Ann\"}");
    g_autofree char *line = g_strdup_printf("POST /api/people/%s/notes", id);
    g_auto(Reply) note = ask(&house, 201, line, "{\"body\":\"called back\"}");
    expect(&house, 400, line, "{\"body\":\"\"}");
    const char *note_id = json_text(note.json, "id", NULL);
    expect_at(&house, 204, NULL, "DELETE /api/people/%s/notes/%s", id, note_id);
    expect_at(&house, 404, NULL, "DELETE /api/people/%s/notes/%s", id, note_id);
    house_close(&house);
}

static void people_are_merged_undone_and_erased(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_autofree char *ann = created(&house, "{\"name\":\"Ann\",\"user_id\":\"a\"}");
    g_autofree char *anne = created(&house, "{\"name\":\"Anne\",\"user_id\":\"b\"}");
    g_autofree char *line = g_strdup_printf("POST /api/people/%s/merge", ann);
    g_autofree char *body = g_strdup_printf("{\"other\":\"%s\"}", anne);
    g_auto(Reply) merged = ask(&house, 200, line, body);
    expect(&house, 409, line, body);
    json_t *gone = page_of(&house, anne);
    g_assert_cmpstr(json_text(gone, "merged_into", NULL), ==, ann);
    json_decref(gone);
    json_t *page = page_of(&house, ann);
    json_t *link = json_array_get(json_object_get(page, "links"), 0);
    g_assert_cmpstr(json_text(link, "other", NULL), ==, anne);
    json_decref(page);
    const char *merge_id = json_text(merged.json, "merge_id", NULL);
    expect_at(&house, 204, NULL, "POST /api/merges/%s/undo", merge_id);
    expect_at(&house, 409, NULL, "POST /api/merges/%s/undo", merge_id);
    expect_at(&house, 200, NULL, "GET /api/people/%s/export", anne);
    expect_at(&house, 200, NULL, "DELETE /api/people/%s", anne);
    expect_at(&house, 404, NULL, "GET /api/people/%s", anne);
    expect_at(&house, 404, NULL, "GET /api/people/%s/export", anne);
    expect_at(&house, 404, NULL, "DELETE /api/people/%s", anne);
    g_assert_true(people_erase_all(house.world.people, NULL));
    house_close(&house);
}

/* ---- the list ---- */

/* Walks all pages of a list; the names joined by commas. */
static char *walk(House *house, const char *query, int64_t *ret_total)
{
    GString *names = g_string_new(NULL);
    g_autofree char *cursor = NULL;
    do {
        g_autofree char *escaped = cursor ? g_uri_escape_string(cursor, NULL, FALSE) : NULL;
        g_autofree char *line = g_strdup_printf("GET /api/people?limit=3&%s%s%s", query,
                                                cursor ? "&cursor=" : "", cursor ? escaped : "");
        g_auto(Reply) reply = ask(house, 200, line, NULL);
        size_t i;
        json_t *row;
        json_array_foreach(json_object_get(reply.json, "people"), i, row)
        {
            const char *name = json_text(row, "name", NULL);
            g_string_append_printf(names, "%s%s", names->len ? "," : "", name ? name : "-");
        }
        *ret_total = json_integer_value(json_object_get(reply.json, "total"));
        g_free(cursor);
        cursor = g_strdup(json_text(reply.json, "next", NULL));
    } while (cursor);
    return g_string_free(names, FALSE);
}

static void pages_hold_everybody_once(TestStore *test)
{
    static const struct {
        const char *why, *query, *want;
        int64_t total;
    } cases[] = {
        {"by name", "sort=name", "Ann,Bea,Çelik,Dora,Émile,Fay,Gus,-", 8},
        {"by name, backwards", "sort=name&order=desc", "-,Gus,Fay,Émile,Dora,Çelik,Bea,Ann", 8},
        {"as they came", "sort=created", "Gus,Ann,Fay,Bea,Émile,Dora,Çelik,-", 8},
        {"the newest first", "sort=created&order=desc", "-,Çelik,Dora,Émile,Bea,Fay,Ann,Gus", 8},
        {"without accent", "q=emile", "Émile", 1},
        {"by a piece of the address", "q=shop.de", "Ann,Bea,Çelik,Dora,Émile,Fay,Gus", 7},
        {"two words", "q=shop%20FAY", "Fay", 1},
        {"by user id", "q=only-an-id", "-", 1},
        {"nobody", "q=zzz", "", 0},
        {"by money without figures: everybody", "sort=spent", "Gus,Ann,Fay,Bea,Émile,Dora,Çelik,-",
         8},
        {"customers without figures: nobody", "group=customers", "", 0},
    };
    static const char *const names[] = {"Gus", "Ann", "Fay", "Bea", "Émile", "Dora", "Çelik"};
    House house;
    house_open(&house, test);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *json =
            g_strdup_printf("{\"name\":\"%s\",\"email\":\"p%zu@shop.de\"}", names[i], i);
        g_free(created(&house, json));
    }
    g_free(created(&house, "{\"user_id\":\"only-an-id\"}"));
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t total;
        g_autofree char *names_found = walk(&house, cases[i].query, &total);
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(names_found, ==, cases[i].want);
        g_assert_cmpint(total, ==, cases[i].total);
    }
    expect(&house, 400, "GET /api/people?cursor=x9", NULL);
    expect(&house, 400, "GET /api/people?sort=height", NULL);
    expect(&house, 400, "GET /api/people?limit=100000", NULL);
    house_close(&house);
}

static void unknown_people_are_not_found(TestStore *test)
{
    static const char *const lines[] = {
        "GET /api/people/7",
        "DELETE /api/people/7",
        "GET /api/people/7/export",
        "GET /api/people/nobody",
        "GET /api/people/-3",
        "POST /api/merges/7/undo",
        "DELETE /api/people/7/notes/8",
    };
    House house;
    house_open(&house, test);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        expect(&house, 404, lines[i], NULL);
    expect(&house, 404, "POST /api/people/7/notes", "{\"body\":\"x\"}");
    expect(&house, 404, "PUT /api/people/7/tags", "{\"tags\":[]}");
    expect(&house, 404, "PUT /api/people/7/traits", "{\"name\":\"x\",\"value\":1}");
    expect(&house, 404, "POST /api/people/7/merge", "{\"other\":\"8\"}");
    expect(&house, 404, "POST /api/people/7/consents",
           "{\"channel\":\"email\",\"topic\":\"x\",\"state\":\"denied\"}");
    g_auto(Reply) stranger = http_get(server_port(house.server), "/api/people");
    g_assert_cmpint(stranger.status, ==, 401);
    house_close(&house);
}

/* One count of GET /api/permission. */
static int64_t counted(House *house, const char *name)
{
    g_auto(Reply) reply =
        ask(house, 200, "GET /api/permission?channel=email&topic=newsletter", NULL);
    json_t *rows = json_object_get(reply.json, "reasons"), *row;
    size_t i;
    if (json_object_get(reply.json, name))
        return json_integer_value(json_object_get(reply.json, name));
    json_array_foreach(rows, i, row)
    {
        if (g_strcmp0(json_text(row, "reason", NULL), name) == 0)
            return json_integer_value(json_object_get(row, "count"));
    }
    return 0;
}

static void who_may_be_written_to(TestStore *test)
{
    House house;
    house_open(&house, test);
    g_autofree char *ann = created(&house, "{\"name\":\"Ann\",\"email\":\"ann@shop.de\"}");
    g_autofree char *bob = created(&house, "{\"name\":\"Bob\",\"email\":\"bob@shop.de\"}");
    g_autofree char *cat = created(&house, "{\"name\":\"Cat\",\"user_id\":\"c\"}");
    expect_at(&house, 204,
              "{\"channel\":\"email\",\"topic\":\"newsletter\",\"state\":\"granted\","
              "\"basis\":\"asked at the till\",\"text\":\"May we write to you?\","
              "\"proof\":\"card in the folder of March\"}",
              "POST /api/people/%s/consents", ann);
    expect_at(&house, 204,
              "{\"channel\":\"email\",\"topic\":\"*\",\"state\":\"denied\","
              "\"source\":\"told us by telephone\"}",
              "POST /api/people/%s/consents", bob);
    g_assert_cmpint(counted(&house, "total"), ==, 3);
    g_assert_cmpint(counted(&house, "may"), ==, 1);
    g_assert_cmpint(counted(&house, "may_not"), ==, 2);
    g_assert_cmpint(counted(&house, "denied"), ==, 1);
    g_assert_cmpint(counted(&house, "no_address"), ==, 1);
    g_auto(Reply) page =
        ask(&house, 200, "GET /api/permission/people?reason=may_not&limit=1", NULL);
    g_assert_cmpint(json_integer_value(json_object_get(page.json, "total")), ==, 2);
    g_autofree char *next = g_strdup_printf("GET /api/permission/people?reason=may_not&cursor=%s",
                                            json_text(page.json, "next", NULL));
    g_auto(Reply) rest = ask(&house, 200, next, NULL);
    g_assert_cmpint((int)json_array_size(json_object_get(rest.json, "people")), ==, 1);
    g_autofree char *line = g_strdup_printf("GET /api/people/%s/permission", ann);
    g_auto(Reply) answer = ask(&house, 200, line, NULL);
    g_assert_cmpstr(json_text(answer.json, "reason", NULL), ==, "granted");
    g_assert_cmpstr(json_text(answer.json, "address", NULL), ==, "ann@shop.de");
    expect(&house, 404, "GET /api/people/4711/permission", NULL);
    expect(&house, 400, "GET /api/permission?channel=pigeon", NULL);
    json_t *profile = page_of(&house, bob);
    json_t *consent = json_array_get(json_object_get(profile, "consents"), 0);
    g_assert_nonnull(consent);
    g_assert_cmpstr(json_text(consent, "proof", NULL), ==, "told us by telephone");
    json_decref(profile);
    house_close(&house);
}

static void what_the_business_swears_to(TestStore *test)
{
    House house;
    house_open(&house, test);
    static const char body[] =
        "{\"basis\":\"existing_customer\",\"law\":\"de-uwg-7-3\",\"country\":\"DE\","
        "\"text\":\"we told them\",\"topic\":\"*\",\"dry_run\":%s}";
    g_autofree char *dry = g_strdup_printf(body, "true"), *wet = g_strdup_printf(body, "false");
    g_auto(Reply) laws = ask(&house, 200, "GET /api/permission/laws?language=de", NULL);
    g_assert_cmpint((int)json_array_size(json_object_get(laws.json, "laws")), ==, law_count());
    g_auto(Reply) counts = ask(&house, 200, "POST /api/permission/attest", dry);
    g_assert_true(json_is_null(json_object_get(counts.json, "attestation_id")));
    g_auto(Reply) sworn = ask(&house, 200, "POST /api/permission/attest", wet);
    const char *id = json_text(sworn.json, "attestation_id", NULL);
    expect(&house, 409, "POST /api/permission/attest", wet);
    g_autofree char *logged =
        test_store_sql(test, "SELECT detail FROM audit WHERE action = 'permission.attest'");
    g_assert_nonnull(strstr(logged, "we told them"));
    g_assert_nonnull(strstr(logged, "de-uwg-7-3"));
    expect_at(&house, 204, NULL, "DELETE /api/permission/attestations/%s", id);
    expect_at(&house, 409, NULL, "DELETE /api/permission/attestations/%s", id);
    expect(&house, 404, "DELETE /api/permission/attestations/4711", NULL);
    g_auto(Reply) list = ask(&house, 200, "GET /api/permission/attestations", NULL);
    json_t *first = json_array_get(json_object_get(list.json, "attestations"), 0);
    g_assert_cmpstr(json_text(first, "text", NULL), ==, "we told them");
    g_assert_true(json_is_integer(json_object_get(first, "ended_at")));
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/people/routes/hand", a_person_by_hand);
    test_store_add("/people/routes/notes", notes_come_and_go);
    test_store_add("/people/routes/merge", people_are_merged_undone_and_erased);
    test_store_add("/people/routes/list", pages_hold_everybody_once);
    test_store_add("/people/routes/unknown", unknown_people_are_not_found);
    test_store_add("/people/routes/permission", who_may_be_written_to);
    test_store_add("/people/routes/attest", what_the_business_swears_to);
    return g_test_run();
}
