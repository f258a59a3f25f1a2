/* Every example of docs/rules.md: read, written as text and JSON and read again, and asked. */
#include "people/consent.h"
#include "people/merge.h"
#include "segments/segments_fixture.h"

/* What the examples need beyond the small shop. */
static bool extras_write(Db *db, void *data, GError **error)
{
    const Shop *shop = data;
    ConsentInput consent = {.stem = shop_person(shop, "ann"),
                            .address = "ann@shop.example",
                            .channel = "email",
                            .topic = "newsletter",
                            .state = CONSENT_GRANTED,
                            .basis = "consent",
                            .actor = "test",
                            .source_id = 1,
                            .trust = TRUST_PERSON,
                            .occurred_at = FIXTURE_NOW - CLOCK_DAY_MS,
                            .received_at = FIXTURE_NOW - CLOCK_DAY_MS};
    return people_consent_put(shop->people, db, &consent, error);
}

static void extras_fill(Shop *shop, Segments *segments)
{
    int64_t segment_id;
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(shop->test->store), WRITER_REST, extras_write, shop, &error);
    g_assert_no_error(error);
    g_autofree char *tag = g_strdup_printf(
        "INSERT INTO person_tag (person_id, tag, author, at) VALUES (%" G_GINT64_FORMAT
        ", 'Wholesale', 'test', 0)",
        shop_person(shop, "bob"));
    g_free(test_store_sql(shop->test, tag));
    saved_create(segments, &fixture_actor, "loyal", "orders >= 3", &segment_id, &error);
    g_assert_no_error(error);
}

/* The same tree by every way. */
static void round_trip(const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    g_autofree char *canonical = rule_text(rule);
    g_autoptr(Rule) again = rule_parse(slice_of(canonical), NULL, &error);
    g_assert_no_error(error);
    g_autofree char *second = rule_text(again);
    g_assert_cmpstr(canonical, ==, second);
    json_t *json = rule_to_json(rule);
    g_autoptr(Rule) from_json = rule_from_json(json, &error);
    g_assert_no_error(error);
    g_autofree char *third = rule_text(from_json);
    g_assert_cmpstr(canonical, ==, third);
    json_decref(json);
}

static void example_ask(Shop *shop, Segments *segments, const char *line)
{
    const char *comment = strrchr(line, '#');
    g_assert_nonnull(comment);
    g_autofree char *want = g_strstrip(g_strdup(comment + 1));
    round_trip(line);
    g_autofree char *who = fixture_who(shop, segments, line, FIXTURE_NOW);
    if (strcmp(who, want) == 0) return;
    g_test_message("%s, but means: %s", line, who);
    g_test_fail();
}

static void examples_mean_whom_they_say(TestStore *test)
{
    Shop shop;
    gsize size;
    bool inside = false;
    unsigned count = 0;
    g_autofree char *page = NULL,
                    *path = g_test_build_filename(G_TEST_DIST, "docs", "rules.md", NULL);
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(Segments) segments = fixture_segments(&shop);
    extras_fill(&shop, segments);
    g_assert_true(g_file_get_contents(path, &page, &size, NULL));
    g_auto(GStrv) lines = g_strsplit(page, "\n", -1);
    for (char **line = lines; *line; line++) {
        if (g_str_has_prefix(*line, "```")) {
            inside = g_str_equal(*line, "```rule");
        } else if (inside) {
            example_ask(&shop, segments, *line);
            count++;
        }
    }
    g_assert_cmpuint(count, >=, 90);
    shop_end(&shop);
    clock_restore();
}

/* Two people become one and two again; what was refunded, cancelled or only claimed. */
static bool merge_write(Db *db, void *data, GError **error)
{
    int64_t merge_id;
    const Shop *shop = data;
    MergeInput input = {shop_person(shop, "cleo"), shop_person(shop, "dan"), "by hand", "test",
                        FIXTURE_NOW};
    return people_merge(shop->people, db, &input, &merge_id, error);
}

static void merged_people_are_one(TestStore *test)
{
    Shop shop;
    g_autoptr(GError) error = NULL;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(Segments) segments = fixture_segments(&shop);
    writer_call(store_writer(test->store), WRITER_REST, merge_write, &shop, &error);
    g_assert_no_error(error);
    static const char *const rules[] = {"orders = 1 and did \"Product Viewed\"",
                                        "country = \"FR\" and trial_ends exists"};
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autofree char *who = fixture_who(&shop, segments, rules[i], FIXTURE_NOW);
        g_assert_cmpstr(who, ==, "cleo dan"); /* one person, found under both names */
    }
    g_autofree char *all = fixture_who(&shop, segments, "everybody", FIXTURE_NOW);
    g_assert_cmpstr(all, ==, "ann bob cleo dan eve");
    shop_end(&shop);
    clock_restore();
}

static void what_a_public_key_claims_is_no_money(TestStore *test)
{
    Shop shop;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(Segments) segments = fixture_segments(&shop);
    g_autofree char *claim = fixture_event(
        "eve", "Order Completed", 1, "\"order_id\":\"e0\",\"revenue\":9999,\"currency\":\"EUR\"");
    g_autofree char *other = fixture_event("eve", "Gift Sent", 1, "\"revenue\":9999,\"to\":\"me\"");
    g_autofree char *body = g_strdup_printf("{\"batch\":[%s,%s]}", claim, other);
    g_auto(Reply) reply = shop_post(&shop, shop.track_key, "/v1/batch", body);
    g_assert_cmpint(reply.status, ==, 200);
    static const struct {
        const char *why, *rule, *who;
    } cases[] = {
        {"an order counts when a server says so", "orders >= 1", "ann bob cleo"},
        {"the event itself happened", "did \"Gift Sent\"", "eve"},
        {"its other properties too", "did \"Gift Sent\" where to = \"me\"", "eve"},
        {"its money did not", "sum(revenue) of \"Gift Sent\" > 0", ""},
        {"nor in a condition", "did \"Gift Sent\" where revenue > 0", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *who = fixture_who(&shop, segments, cases[i].rule, FIXTURE_NOW);
        g_assert_cmpstr(who, ==, cases[i].who);
    }
    shop_end(&shop);
    clock_restore();
}

static void what_the_store_does_not_know_is_refused(TestStore *test)
{
    Shop shop;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(Segments) segments = fixture_segments(&shop);
    static const char *const cases[][2] = {
        {"did \"Oder Completed\"", "did you mean \"Order Completed\"?"},
        {"did \"Zzzz Qqqq\"", "nothing of that name has come in yet"},
        {"in segment \"none\"", "unknown segment \"none\""},
        {"spent > 5 USD", "in the business's currency, EUR, not in USD"},
        {"did \"Order Completed\" where revenue > 5 USD", "not in USD"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *who = fixture_who(&shop, segments, cases[i][0], FIXTURE_NOW);
        g_test_message("%s", who);
        g_assert_nonnull(strstr(who, cases[i][1]));
    }
    shop_end(&shop);
    clock_restore();
}

/* Imported lists of refusals: no mail came back, and yet the address is known to be dead. */
static bool refusals_write(Db *db, void *data, GError **error)
{
    const Shop *shop = data;
    static const struct {
        const char *address;
        DenialReason reason;
    } refusals[] = {{"ann@shop.example", DENIAL_BOUNCED}, {"bob@shop.example", DENIAL_COMPLAINED}};
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        ConsentInput refusal = {.address = refusals[i].address,
                                .channel = "email",
                                .topic = "*",
                                .state = CONSENT_DENIED,
                                .reason = refusals[i].reason,
                                .basis = "list of refusals",
                                .actor = "test",
                                .source_id = 1,
                                .trust = TRUST_FILE,
                                .occurred_at = FIXTURE_NOW - 2 * CLOCK_DAY_MS,
                                .received_at = FIXTURE_NOW};
        if (!people_consent_put(shop->people, db, &refusal, error)) return false;
    }
    return true;
}

static void who_expect(Shop *shop, Segments *segments, int64_t at, const char *want)
{
    g_autofree char *who = fixture_who(shop, segments, "bounced email", at);
    g_assert_cmpstr(who, ==, want);
}

static void bounced_is_what_permission_says(TestStore *test)
{
    Shop shop;
    g_autoptr(GError) error = NULL;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    fixture_traits(&shop, "bob", "\"email\":\"bob@shop.example\"");
    g_autoptr(Segments) segments = fixture_segments(&shop);
    who_expect(&shop, segments, FIXTURE_NOW, "");
    writer_call(store_writer(test->store), WRITER_REST, refusals_write, &shop, &error);
    g_assert_no_error(error);
    who_expect(&shop, segments, FIXTURE_NOW, "ann");
    who_expect(&shop, segments, FIXTURE_NOW - CLOCK_DAY_MS, "ann");
    who_expect(&shop, segments, FIXTURE_NOW - 3 * CLOCK_DAY_MS, "");
    fixture_send(&shop, fixture_event("dan", "Email Bounced", 1, "\"type\":\"hard\""));
    fixture_send(&shop, fixture_event("eve", "Email Bounced", 1, "\"type\":\"soft\""));
    who_expect(&shop, segments, FIXTURE_NOW, "ann dan");
    shop_end(&shop);
    clock_restore();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/rules/examples", examples_mean_whom_they_say);
    test_store_add("/segments/rules/merged", merged_people_are_one);
    test_store_add("/segments/rules/claims", what_a_public_key_claims_is_no_money);
    test_store_add("/segments/rules/bounced", bounced_is_what_permission_says);
    test_store_add("/segments/rules/unknown", what_the_store_does_not_know_is_refused);
    return g_test_run();
}
