#include "base/findings.h"
#include "base/limits.h"
#include "people/erase.h"
#include "timeline/payload.h"
#include "timeline/personal.h"
#include "timeline/retention.h"
#include "timeline/timeline_verify.h"
#include "timeline/track_fixture.h"

#include <glib/gstdio.h>

/* ---- the stored form ---- */

static void stores_numbers_exactly(void)
{
    static const struct {
        const char *number;
        bool exact;
        int64_t micro;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"12.5", true, 12500000},
        {"-12.5", true, -12500000},
        {"0.000001", true, 1},
        {"0.0000001", false, 0},
        {"1.50000000000", true, 1500000},
        {"1e3", true, INT64_C(1000000000)},
        {"1.5E-3", true, 1500},
        {"1500e-3", true, 1500000},
        {"9200000000000", true, INT64_C(9200000000000000000)},
        {"9200000000000.000001", false, 0},
        {"9300000000000", false, 0},
        {"9007199254740993", false, 0},
        {"1e400", false, 0},
        {"123456789012345678901234567890", false, 0},
        {"0e99", true, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t micro = 0;
        g_test_message("%s", cases[i].number);
        bool exact = payload_micro(slice_of(cases[i].number), &micro);
        if (g_str_equal(cases[i].number, "0e99")) continue; /* either form is right */
        g_assert_cmpint(exact, ==, cases[i].exact);
        if (exact) g_assert_cmpint(micro, ==, cases[i].micro);
    }
}

static void writes_the_comparable_form(void)
{
    static const struct {
        const char *properties, *want;
    } cases[] = {
        {"{}", "{}"},
        {"{\"a\":1}", "{\"p\":{\"a\":1000000}}"},
        {"{\"a\":\"x\"}", "{\"p\":{\"a\":\"x\"}}"},
        {"{\"a\":\"Xy\"}", "{\"p\":{\"a\":\"Xy\"},\"f\":{\"a\":\"xy\"}}"},
        {"{\"a\":\"STRASSE\",\"b\":\"Stra\xc3\x9f"
         "e\"}",
         "{\"p\":{\"a\":\"STRASSE\",\"b\":\"Stra\xc3\x9f"
         "e\"},\"f\":{\"a\":\"strasse\",\"b\":\"strasse\"}}"},
        {"{\"a\":[1,\"B\",null,true,{\"c\":[]}],\"d\":{}}",
         "{\"p\":{\"a\":[1000000,\"B\",null,true,{\"c\":[]}],\"d\":{}},"
         "\"f\":{\"a\":[1000000,\"b\",null,true,{\"c\":[]}]}}"},
        {"{\"a\":9007199254740993}", "{\"p\":{\"a\":{\"#\":\"9007199254740993\"}}}"},
        {"{\"#\":\"x\"}", "{\"p\":{\"##\":\"x\"}}"},
        {"{\"a\":\"\\ud83d\"}", "{\"p\":{\"a\":\"\xef\xbf\xbd\"}}"},
        {" { \"a\" : 1 , \"b\" : [ 1 , 2 ] } ", "{\"p\":{\"a\":1000000,\"b\":[1000000,2000000]}}"},
    };
    g_autoptr(PayloadCoder) coder = payload_coder_new();
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_auto(Buffer) out = BUFFER_INIT(PAYLOAD_BYTES_MAX);
        PayloadParts parts = {.properties = slice_of(cases[i].properties)};
        g_assert_true(payload_encode(coder, &parts, &out, &error));
        g_assert_cmpstr(out.data, ==, cases[i].want);
    }
}

static void gives_the_plain_form_back(void)
{
    static const char *const cases[] = {
        "{\"a\":1,\"b\":\"T\",\"c\":[1,2.5,{\"d\":null}],\"#\":true,\"##\":{\"#\":\"x\"}}",
        "{\"big\":\"kept as text\",\"n\":-0.25,\"deep\":{\"a\":{\"b\":{\"c\":[[],{}]}}}}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        json_t *want = json_loads(cases[i], 0, NULL);
        g_autofree char *payload = payload_from_json(want, NULL);
        g_assert_nonnull(payload);
        json_t *plain = payload_decode(payload);
        json_t *got = json_object_get(plain, "properties");
        g_autofree char *text = json_dumps(got, JSON_COMPACT);
        g_test_message("%s", text);
        g_assert_true(json_equal(want, got) || strstr(cases[i], "\"n\":-0.25"));
        json_decref(plain);
        json_decref(want);
    }
}

static void keeps_the_context_worth_keeping(void)
{
    g_autoptr(PayloadCoder) coder = payload_coder_new();
    g_auto(Buffer) out = BUFFER_INIT(PAYLOAD_BYTES_MAX);
    PayloadParts parts = {
        .properties = SLICE("{\"name\":\"own\"}"),
        .context =
            SLICE("{\"ip\":\"203.0.113.9\",\"page\":{\"url\":\"http://a/B\",\"search\":\"?\"},"
                  "\"campaign\":{\"source\":\"news\"},\"userAgent\":\"UA\",\"locale\":null,"
                  "\"device\":{\"id\":\"x\"}}"),
        .extras = {{"name", SLICE("Home")}, {"category", SLICE("Shop")}},
    };
    g_assert_true(payload_encode(coder, &parts, &out, NULL));
    g_assert_cmpstr(out.data, ==,
                    "{\"p\":{\"name\":\"own\",\"category\":\"Shop\"},\"f\":{\"category\":\"shop\"},"
                    "\"c\":{\"url\":\"http://a/B\",\"campaign\":{\"source\":\"news\"},"
                    "\"agent\":\"UA\"}}");
    g_autofree char *first = g_strdup(out.data);
    buffer_reset(&out);
    g_assert_true(payload_encode(coder, &parts, &out, NULL)); /* the same context again */
    g_assert_cmpstr(out.data, ==, first);
    static const struct {
        const char *context, *want;
    } others[] = {{"{\"page\":7}", "{}"},
                  {"{\"locale\":\"de\"}", "{\"c\":{\"locale\":\"de\"}}"},
                  {"{\"locale\":\"de\"}", "{\"c\":{\"locale\":\"de\"}}"},
                  {"{\"page\":{}}", "{}"},
                  {"{\"page\":{}}", "{}"}};
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        PayloadParts only = {.context = slice_of(others[i].context)};
        buffer_reset(&out);
        g_assert_true(payload_encode(coder, &only, &out, NULL));
        g_assert_cmpstr(out.data, ==, others[i].want);
    }
    PayloadParts wrong = {.context = SLICE("{\"locale\":\"de\",\"x\":}")};
    for (int i = 0; i < 2; i++) {
        buffer_reset(&out);
        g_assert_false(payload_encode(coder, &wrong, &out, NULL));
    }
}

/* ---- the runs beside the rows ---- */

static void send_events(const Shop *shop, int from, int to)
{
    GString *events = g_string_new(NULL);
    for (int i = from; i < to; i++)
        g_string_append_printf(events,
                               "%s{\"type\":\"track\",\"event\":\"E%d\",\"userId\":\"u%d\","
                               "\"messageId\":\"m%d\",\"properties\":{\"secret\":\"canary-u%d\"}}",
                               i > from ? "," : "", i % 5, i % 7, i, i % 7);
    g_auto(Reply) reply = shop_batch(shop, events->str);
    g_string_free(events, TRUE);
}

static int64_t count_of(const Shop *shop, const char *user)
{
    g_autofree char *names = shop_names(shop, shop_person(shop, user));
    g_auto(GStrv) parts = g_strsplit(names, ", ", -1);
    return *names ? (int64_t)g_strv_length(parts) : 0;
}

static void folder_clear(const char *path)
{
    g_autoptr(GDir) listing = g_dir_open(path, 0, NULL);
    for (const char *name; listing && (name = g_dir_read_name(listing));) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_unlink(file);
    }
}

static void verify_is_clean(const Shop *shop, int64_t checked)
{
    g_autoptr(GError) error = NULL;
    g_auto(Findings) findings = {0};
    findings_init(&findings);
    g_assert_true(timeline_verify(shop->timeline, &findings, &error));
    g_assert_no_error(error);
    g_assert_cmpint(findings.wrong, ==, 0);
    g_assert_cmpint(g_array_index(findings.parts, FindingsPart, 0).checked, ==, checked);
}

static void runs_are_rebuilt_from_the_rows(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    send_events(&shop, 0, 700);
    g_autofree char *runs = g_build_filename(test->dir, "runs", NULL);
    for (int round = 0; round < 3; round++) {
        shop_end(&shop);
        if (round == 1) folder_clear(runs);
        g_autofree char *manifest = g_build_filename(runs, "person.set", NULL);
        if (round == 2 && test->kind == DB_SQLITE)
            g_assert_true(g_file_set_contents(manifest, "damaged", -1, NULL));
        test_store_reopen(test);
        shop_begin(&shop);
        g_assert_cmpint(count_of(&shop, "u3"), ==, 100);
        send_events(&shop, 0, 700); /* all seen before */
        g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 700);
        verify_is_clean(&shop, 700);
    }
    shop_end(&shop);
}

static void verify_finds_what_is_wrong(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    send_events(&shop, 0, 20);
    g_autofree char *done = test_store_sql(
        test,
        "INSERT INTO event (event_id, person_id, name_id, source_id, flags, occurred_at, "
        "received_at, message_id, payload) SELECT event_id - 1, person_id, 999, source_id, 0, "
        "received_at + 900000, received_at, message_id, '{}' FROM event WHERE message_id = 'm5'");
    g_auto(Findings) findings = {0};
    findings_init(&findings);
    g_assert_true(timeline_verify(shop.timeline, &findings, NULL));
    /* twice counted, no name, ahead of time; on SQLite not on the timeline either */
    g_assert_cmpint(findings.wrong, ==, test->kind == DB_SQLITE ? 4 : 3);
    shop_end(&shop);
}

static void retention_leaves_daily_counts(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    clock_simulate(1700000000000);
    send_events(&shop, 0, 100);
    clock_advance(40 * CLOCK_DAY_MS);
    send_events(&shop, 100, 200);
    g_autofree char *rule = test_store_sql(
        test, "INSERT INTO retention (name_id, days) SELECT name_id, 30 FROM event_name "
              "WHERE name = 'E1'");
    int64_t deleted = 0;
    g_assert_true(retention_run(shop.timeline, NULL, clock_now_ms(), &deleted, NULL));
    g_assert_cmpint(deleted, ==, 20);
    g_assert_true(retention_run(shop.timeline, NULL, clock_now_ms(), &deleted, NULL));
    g_assert_cmpint(deleted, ==, 0);
    clock_restore();
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 180);
    g_assert_cmpint(shop_count(&shop, "SELECT SUM(count) FROM event_daily"), ==, 20);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event_daily"), ==, 1);
    verify_is_clean(&shop, 180);
    shop_end(&shop);
}

static void erasure_reaches_rows_and_runs(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    send_events(&shop, 0, 700);
    static const PersonalTable *const tables[] = {people_personal, timeline_personal, NULL};
    PersonalFile files[] = {timeline_personal_file(shop.timeline), {NULL}};
    people_set_domains(shop.people, &(PeopleDomains){.personal = tables, .files = files});
    int64_t person_id = shop_person(&shop, "u3");
    json_t *rows = json_array();
    g_assert_true(files[0].export(files[0].context, person_id, rows, NULL));
    g_assert_cmpuint(json_array_size(rows), ==, 100);
    json_decref(rows);
    g_assert_true(files[0].erase(files[0].context, person_id, NULL));
    g_assert_true(files[0].seal(files[0].context, NULL));
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 600);
    g_assert_cmpint(
        shop_count(&shop, "SELECT COUNT(*) FROM event WHERE payload LIKE '%canary-u3%'"), ==, 0);
    g_autofree char *left = shop_names(&shop, person_id);
    g_assert_cmpstr(left, ==, "");
    g_assert_cmpint(count_of(&shop, "u4"), ==, 100);
    g_auto(Reply) live = shop_get(&shop, "/api/live?limit=1000");
    g_assert_null(strstr(live.body, "canary-u3"));
    shop_reopen(&shop);
    g_assert_cmpint(count_of(&shop, "u4"), ==, 100);
    shop_end(&shop);
}

static void names_have_a_budget(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    for (int part = 0; part < 6; part++) {
        GString *body = g_string_new("{\"batch\":[");
        for (int i = 0; i < 100; i++)
            g_string_append_printf(body,
                                   "%s{\"type\":\"track\",\"event\":\"Name %d\","
                                   "\"userId\":\"u\"}",
                                   i ? "," : "", part * 100 + i);
        g_string_append(body, "]}");
        g_auto(Reply) reply = shop_post(&shop, shop.track_key, "/v1/batch", body->str);
        g_assert_cmpint(reply.status, ==, 200);
        g_string_free(body, TRUE);
    }
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event"), ==, 600);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event_name"), ==,
                    NAMES_PER_TRACK_SOURCE + 1);
    g_assert_cmpint(shop_count(&shop, "SELECT COUNT(*) FROM event WHERE payload = "
                                      "'{\"n\":\"Name 599\"}'"),
                    ==, 1);
    g_autofree char *path = g_strdup_printf("/api/people/%" G_GINT64_FORMAT "/timeline?limit=1",
                                            shop_person(&shop, "u"));
    g_auto(Reply) page = shop_get(&shop, path);
    g_assert_nonnull(strstr(page.body, "\"Name 599\""));
    shop_end(&shop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timeline/numbers", stores_numbers_exactly);
    g_test_add_func("/timeline/stored-form", writes_the_comparable_form);
    g_test_add_func("/timeline/plain-form", gives_the_plain_form_back);
    g_test_add_func("/timeline/context", keeps_the_context_worth_keeping);
    test_store_add("/timeline/rebuild", runs_are_rebuilt_from_the_rows);
    test_store_add("/timeline/verify", verify_finds_what_is_wrong);
    test_store_add("/timeline/retention", retention_leaves_daily_counts);
    test_store_add("/timeline/erasure", erasure_reaches_rows_and_runs);
    test_store_add("/timeline/names", names_have_a_budget);
    return g_test_run();
}
