/* What columns hold, and that they stay equal to the database when more happens than an append. */
#include "base/error.h"
#include "people/trait.h"
#include "segments/feed.h"
#include "segments/saved.h"
#include "segments/segments_fixture.h"
#include "segments/watch.h"
#include "timeline/retention.h"

typedef struct Kiosk {
    Shop shop;
    Segments *sql, *held;
    Feed *feed;
    guint ops_max; /* of the next feed; 0: as it comes */
} Kiosk;

static void kiosk_feed(Kiosk *kiosk)
{
    g_autoptr(GError) error = NULL;
    FeedOptions options = {.store = kiosk->shop.test->store,
                           .people = kiosk->shop.people,
                           .timeline = kiosk->shop.timeline,
                           .ops_max = kiosk->ops_max,
                           .chunk_rows = FIXTURE_CHUNK_ROWS};
    kiosk->feed = feed_new(&options, &error);
    g_assert_no_error(error);
    segments_set_feed(kiosk->held, kiosk->feed);
}

static void kiosk_open(Kiosk *kiosk, TestStore *test)
{
    clock_simulate(FIXTURE_NOW);
    *kiosk = (Kiosk){0};
    shop_open(&kiosk->shop, test);
    fixture_fill(&kiosk->shop);
    kiosk->sql = fixture_segments(&kiosk->shop);
    kiosk->held = fixture_segments(&kiosk->shop);
}

static void kiosk_close(Kiosk *kiosk)
{
    feed_free(kiosk->feed);
    segments_free(kiosk->held);
    segments_free(kiosk->sql);
    shop_end(&kiosk->shop);
    clock_restore();
}

static SegmentAnswer *ask(Segments *segments, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    const Rule *rules[] = {rule};
    SegmentAsk one = {.rules = rules, .count = 1, .at = FIXTURE_NOW};
    SegmentAnswer *answer = segments_ask(segments, &one, &error);
    g_assert_no_error(error);
    return answer;
}

/* Both say the same people; returns the engine of the columns' answer. */
static SegmentEngine agree(const Kiosk *kiosk, const char *text)
{
    g_autoptr(SegmentAnswer) sql = ask(kiosk->sql, text), held = ask(kiosk->held, text);
    g_assert_cmpuint(sql->people->len, ==, held->people->len);
    for (uint32_t i = 0; i < sql->people->len; i++) {
        if (set_has(sql->sets[0], i) != set_has(held->sets[0], i)) g_test_message("%s", text);
        g_assert_cmpint(set_has(sql->sets[0], i), ==, set_has(held->sets[0], i));
    }
    return held->engine;
}

/* What a question looks at is wanted by it, and there some moments later. */
static void ask_and_settle(const Kiosk *kiosk, const char *text)
{
    g_autoptr(SegmentAnswer) first = ask(kiosk->held, text);
    feed_settle(kiosk->feed);
}

/* ---- ahead ---- */

static const char *const kept_rules[] = {
    "did \"Product Viewed\" where category = \"shoes\"",
    "did \"Product Viewed\" where context.campaign.source = \"spring letter\"",
    "did \"Product Viewed\" where context.page.path starts with \"/sho\" and price > 40",
    "not did \"Product Viewed\" where context.campaign exists",
    "maximum(price) of \"Product Viewed\" > 10 and size >= 38",
    "country = \"DE\" and tag \"wholesale\"",
};

static void what_is_kept_is_held_before_it_is_asked(TestStore *test)
{
    Kiosk kiosk;
    g_autoptr(GError) error = NULL;
    kiosk_open(&kiosk, test);
    for (size_t i = 0; i < G_N_ELEMENTS(kept_rules); i++) {
        int64_t segment_id;
        g_autofree char *name = g_strdup_printf("kept %zu", i);
        saved_create(kiosk.held, &fixture_actor, name, kept_rules[i], &segment_id, &error);
        g_assert_no_error(error);
    }
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    for (size_t i = 0; i < G_N_ELEMENTS(kept_rules); i++) {
        g_test_message("%s", kept_rules[i]);
        g_assert_cmpint(agree(&kiosk, kept_rules[i]), ==, SEGMENT_COLUMNS);
    }
    g_assert_cmpint(agree(&kiosk, "birthday this week"), ==, SEGMENT_COLUMNS); /* a ready group */
    kiosk_close(&kiosk);
}

/* What needs more than fits is asked of SQL, and cannot be watched. */
static void what_does_not_fit_is_refused_with_its_budget(TestStore *test)
{
    Kiosk kiosk;
    GString *rule = g_string_new("did \"Product Viewed\" where (a0 = 1");
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    for (int i = 1; i < 12; i++)
        g_string_append_printf(rule, " or a%d = 1", i);
    g_string_append_c(rule, ')');
    g_assert_cmpint(agree(&kiosk, rule->str), ==, SEGMENT_SQL);
    feed_settle(kiosk.feed);
    agree(&kiosk, rule->str);
    g_autoptr(GError) error = NULL;
    g_assert_false(watch_check(kiosk.held, "Too much", rule->str, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, "where 8 fit"));
    g_string_free(rule, TRUE);
    kiosk_close(&kiosk);
}

/* ---- what it costs ---- */

static SegmentCost cost(Segments *segments, const char *text)
{
    g_autoptr(SegmentAnswer) answer = ask(segments, text);
    g_test_message("%s: %u entries, %u rows", text, (unsigned)answer->costs[0].entries,
                   (unsigned)answer->costs[0].rows);
    return answer->costs[0];
}

/* The shop of docs/rules.md: eight orders, five people. */
static void what_is_looked_at_is_counted(TestStore *test)
{
    static const struct {
        const char *why, *rule;
        uint64_t entries;
    } cases[] = {
        {"all of a name", "did \"Order Completed\"", 8},
        {"of a window what lies in it", "did \"Order Completed\" in last 90 days", 5},
        {"each part on its own",
         "did \"Order Completed\" and not did \"Order Completed\" in last 90 days", 13},
        {"the same part once",
         "did \"Order Completed\" or (did \"Order Completed\" and country = \"DE\")", 13},
        {"a value of each person", "country = \"DE\"", 5},
        {"what never came", "did \"Email Opened\"", 0},
        {"nothing", "everybody", 0},
    };
    Kiosk kiosk;
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        ask_and_settle(&kiosk, cases[i].rule);
        SegmentCost held = cost(kiosk.held, cases[i].rule), sql = cost(kiosk.sql, cases[i].rule);
        g_assert_cmpint(held.engine, ==, SEGMENT_COLUMNS);
        g_assert_cmpuint(held.entries, ==, cases[i].entries);
        g_assert_cmpuint(held.rows, ==, 0);
        g_assert_cmpint(sql.engine, ==, SEGMENT_SQL);
        g_assert_cmpuint(sql.entries, ==, 0);
    }
    uint64_t rows = cost(kiosk.sql, cases[0].rule).rows;
    g_assert_cmpuint(rows, >=, 8);
    g_assert_cmpuint(cost(kiosk.sql, cases[2].rule).rows, ==, rows);
    g_assert_cmpuint(cost(kiosk.sql, "everybody").rows, ==, 0);
    kiosk_close(&kiosk);
}

/* 'did "Product Viewed" where (b0 = 1 or b1 = 1 …)'; the caller frees. */
static char *rule_of(char property, int count)
{
    GString *rule = g_string_new("did \"Product Viewed\" where (");
    for (int i = 0; i < count; i++)
        g_string_append_printf(rule, "%s%c%d = 1", i ? " or " : "", property, i);
    g_string_append_c(rule, ')');
    return g_string_free(rule, FALSE);
}

static void what_was_kept_makes_room(TestStore *test)
{
    Kiosk kiosk;
    int64_t segment_id;
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    g_autoptr(GError) error = NULL, over = NULL;
    g_autofree char *first = rule_of('a', 6), *second = rule_of('b', 6);
    saved_create(kiosk.held, &fixture_actor, "First", first, &segment_id, &error);
    g_assert_no_error(error);
    feed_settle(kiosk.feed);
    g_assert_cmpint(agree(&kiosk, first), ==, SEGMENT_COLUMNS);
    g_assert_false(watch_check(kiosk.held, "Second", second, &over));
    g_assert_error(over, KITH_ERROR, KITH_ERROR_LIMIT);
    saved_delete(kiosk.held, &fixture_actor, segment_id, &error);
    g_assert_no_error(error);
    feed_settle(kiosk.feed);
    watch_check(kiosk.held, "Second", second, &error);
    g_assert_no_error(error);
    feed_settle(kiosk.feed);
    g_assert_cmpint(agree(&kiosk, second), ==, SEGMENT_COLUMNS);
    kiosk_close(&kiosk);
}

/* ---- holes ---- */

static bool dollars(Db *db, void *none, GError **error)
{
    (void)none;
    Business business = {.currency = "USD", .zone = "Europe/Berlin", .language = "en"};
    return business_save(db, &business, FIXTURE_NOW, error);
}

static void another_currency_is_seen(TestStore *test)
{
    Kiosk kiosk;
    FeedUsage before, after;
    g_autoptr(GError) error = NULL;
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    g_assert_cmpint(agree(&kiosk, "spent >= 100"), ==, SEGMENT_COLUMNS);
    feed_usage(kiosk.feed, &before);
    writer_call(store_writer(test->store), WRITER_REST, dollars, NULL, &error);
    g_assert_no_error(error);
    agree(&kiosk, "spent >= 100");
    feed_settle(kiosk.feed);
    agree(&kiosk, "spent >= 100");
    feed_settle(kiosk.feed);
    g_assert_cmpint(agree(&kiosk, "spent >= 100"), ==, SEGMENT_COLUMNS);
    feed_usage(kiosk.feed, &after);
    g_assert_cmpuint(after.rebuilds, >, before.rebuilds);
    kiosk_close(&kiosk);
}

/* So much comes in between two questions that the queue lets go of it, or nearly so much. */
static void a_queue_that_overflows_loses_nothing(TestStore *test)
{
    enum { OPS = 40, ROUNDS = 30 };
    FeedUsage usage;
    Kiosk kiosk;
    kiosk_open(&kiosk, test);
    kiosk.ops_max = OPS;
    kiosk_feed(&kiosk);
    for (int round = 0, sent = 0; round < ROUNDS; round++) {
        for (int i = g_test_rand_int_range(0, 2 * OPS); i > 0; i--, sent++) {
            g_autofree char *inside = g_strdup_printf("\"category\":\"c%d\"", sent % 7);
            fixture_send(&kiosk.shop, fixture_event("dan", "Product Viewed", 3, inside));
            if (i % 9 == 0) fixture_traits(&kiosk.shop, "eve", i % 2 ? "\"size\":1" : "\"size\":2");
        }
        if (round % 3 == 0) feed_settle(kiosk.feed);
        g_autofree char *count = g_strdup_printf(
            "did \"Product Viewed\" where category = \"c1\" exactly %d times", (sent + 5) / 7);
        agree(&kiosk, count);
        agree(&kiosk, "size = 1");
    }
    const char *rule = "did \"Product Viewed\" where category = \"c1\"";
    agree(&kiosk, rule);
    feed_settle(kiosk.feed);
    g_assert_cmpint(agree(&kiosk, rule), ==, SEGMENT_COLUMNS);
    feed_usage(kiosk.feed, &usage);
    g_test_message("%d times read anew", (int)usage.rebuilds);
    g_assert_cmpuint(usage.rebuilds, >, 1);
    kiosk_close(&kiosk);
}

/* What has had its time leaves the columns as it leaves the database. */
static void retention_is_followed(TestStore *test)
{
    static const char *const rules[] = {"did \"Product Viewed\"",
                                        "did \"Product Viewed\" where category = \"hats\"",
                                        "did not \"Product Viewed\" in last 30 days"};
    Kiosk kiosk;
    int64_t deleted;
    g_autoptr(GError) error = NULL;
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        agree(&kiosk, rules[i]);
    feed_settle(kiosk.feed);
    g_free(test_store_sql(test, "INSERT INTO retention (name_id, days) SELECT name_id, 1 FROM "
                                "event_name WHERE name = 'Product Viewed'"));
    retention_run(kiosk.shop.timeline, NULL, FIXTURE_NOW, &deleted, &error);
    g_assert_no_error(error);
    g_assert_cmpint(deleted, >, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        g_assert_cmpint(agree(&kiosk, rules[i]), ==, SEGMENT_COLUMNS);
    retention_run(kiosk.shop.timeline, NULL, FIXTURE_NOW + 9 * CLOCK_DAY_MS, &deleted, &error);
    g_assert_no_error(error);
    g_assert_cmpint(deleted, >, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        g_assert_cmpint(agree(&kiosk, rules[i]), ==, SEGMENT_COLUMNS);
    kiosk_close(&kiosk);
}

typedef struct Pen {
    Kiosk *kiosk;
    gint stop;
} Pen;

static gpointer pen_run(gpointer data)
{
    Pen *pen = data;
    for (int i = 0; !g_atomic_int_get(&pen->stop) && i < 400; i++) {
        g_autofree char *inside = g_strdup_printf("\"category\":\"c%d\",\"price\":%d", i % 7, i);
        fixture_send(&pen->kiosk->shop, fixture_event("dan", "Product Viewed", 3, inside));
        if (i % 5 == 0)
            fixture_traits(&pen->kiosk->shop, "eve", i % 2 ? "\"size\":1" : "\"size\":2");
    }
    return NULL;
}

/* Everything is read anew again and again while events and traits come in: what was acknowledged
 * before a question is in its answer. */
static void rebuilding_while_writing_loses_nothing(TestStore *test)
{
    static const char *const rules[] = {"did \"Product Viewed\" where category = \"c1\"",
                                        "sum(price) of \"Product Viewed\" > 0",
                                        "size = 1 or size = 2"};
    Kiosk kiosk;
    Pen pen = {&kiosk, 0};
    kiosk_open(&kiosk, test);
    GThread *writing = g_thread_new("pen", pen_run, &pen);
    for (int i = 0; i < 6; i++) {
        if (kiosk.feed) feed_free(kiosk.feed);
        kiosk_feed(&kiosk);
        for (size_t k = 0; k < G_N_ELEMENTS(rules); k++)
            segment_answer_free(ask(kiosk.held, rules[k]));
        feed_settle(kiosk.feed);
    }
    g_atomic_int_set(&pen.stop, 1);
    g_thread_join(writing);
    feed_settle(kiosk.feed);
    for (size_t k = 0; k < G_N_ELEMENTS(rules); k++)
        agree(&kiosk, rules[k]); /* what was asked before the first reading is not known yet */
    feed_settle(kiosk.feed);
    for (size_t k = 0; k < G_N_ELEMENTS(rules); k++)
        g_assert_cmpint(agree(&kiosk, rules[k]), ==, SEGMENT_COLUMNS);
    for (int count = 0; count < 420; count += 30) {
        g_autofree char *rule =
            g_strdup_printf("did \"Product Viewed\" at least %d times", MAX(count, 1));
        agree(&kiosk, rule);
    }
    kiosk_close(&kiosk);
}

static bool undone_run(Db *db, void *data, GError **error)
{
    const Kiosk *kiosk = data;
    TraitValue size = {SLICE("size"), SLICE("77")};
    TraitReport report = {.stem = shop_person(&kiosk->shop, "eve"),
                          .source_id = 1,
                          .trust = TRUST_HAND,
                          .occurred_at = FIXTURE_NOW - 1,
                          .received_at = FIXTURE_NOW,
                          .traits = &size,
                          .count = 1};
    if (!people_traits_put(kiosk->shop.people, db, &report, NULL, error)) return false;
    return fail(error, KITH_ERROR_CONFLICT, "changed its mind");
}

/* A commit that PostgreSQL ends the connection in; nothing or all of it may be stored. */
static void commit_trap(TestStore *test)
{
    static const char *const traps[] = {
        "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON trait DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW WHEN (NEW.name = 'trap') EXECUTE FUNCTION trap()",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(traps); i++)
        g_free(test_store_sql(test, traps[i]));
}

static bool trapped_run(Db *db, void *data, GError **error)
{
    const Kiosk *kiosk = data;
    TraitValue values[] = {{SLICE("trap"), SLICE("1")}, {SLICE("size"), SLICE("78")}};
    TraitReport report = {.stem = shop_person(&kiosk->shop, "eve"),
                          .source_id = 1,
                          .trust = TRUST_HAND,
                          .occurred_at = FIXTURE_NOW - 1,
                          .received_at = FIXTURE_NOW,
                          .traits = values,
                          .count = 2};
    return people_traits_put(kiosk->shop.people, db, &report, NULL, error);
}

static void what_was_undone_is_not_held(TestStore *test)
{
    static const char *const rules[] = {"size = 77", "size = 78", "size is missing"};
    Kiosk kiosk;
    Writer *writer = store_writer(test->store);
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    agree(&kiosk, rules[0]);
    feed_settle(kiosk.feed);
    g_assert_false(writer_call(writer, WRITER_REST, undone_run, &kiosk, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        g_assert_cmpint(agree(&kiosk, rules[i]), ==, SEGMENT_COLUMNS);
    if (test->kind == DB_POSTGRES) {
        commit_trap(test);
        g_assert_false(writer_call(writer, WRITER_REST, trapped_run, &kiosk, NULL));
        fixture_traits(&kiosk.shop, "dan", "\"size\":3");
        for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
            g_assert_cmpint(agree(&kiosk, rules[i]), ==, SEGMENT_COLUMNS);
    }
    kiosk_close(&kiosk);
}

/* All readers are taken for longer than anybody waits: SQL cannot answer either, but the columns
 * are not thrown away, and what waited is there afterwards. */
static void busy_readers_cost_no_rebuild(TestStore *test)
{
    Kiosk kiosk;
    FeedRead read = {0};
    FeedUsage before, after;
    Db *readers[STORE_READERS_MAX];
    g_autoptr(GError) error = NULL;
    kiosk_open(&kiosk, test);
    kiosk_feed(&kiosk);
    feed_settle(kiosk.feed);
    agree(&kiosk, "size > 0");
    feed_settle(kiosk.feed);
    feed_usage(kiosk.feed, &before);
    fixture_traits(&kiosk.shop, "eve", "\"size\":5");
    for (int i = 0; i < STORE_READERS_MAX; i++) {
        readers[i] = store_reader_begin(test->store, &error);
        g_assert_no_error(error);
    }
    g_assert_false(feed_begin(kiosk.feed, "EUR", &read));
    for (int i = 0; i < STORE_READERS_MAX; i++)
        store_reader_end(test->store, readers[i]);
    g_assert_cmpint(agree(&kiosk, "size = 5"), ==, SEGMENT_COLUMNS);
    feed_usage(kiosk.feed, &after);
    g_assert_cmpuint(after.rebuilds, ==, before.rebuilds);
    kiosk_close(&kiosk);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/feed/ahead", what_is_kept_is_held_before_it_is_asked);
    test_store_add("/segments/feed/cost", what_is_looked_at_is_counted);
    test_store_add("/segments/feed/budget", what_does_not_fit_is_refused_with_its_budget);
    test_store_add("/segments/feed/room", what_was_kept_makes_room);
    test_store_add("/segments/feed/currency", another_currency_is_seen);
    test_store_add("/segments/feed/overflow", a_queue_that_overflows_loses_nothing);
    test_store_add("/segments/feed/retention", retention_is_followed);
    test_store_add("/segments/feed/rebuild", rebuilding_while_writing_loses_nothing);
    test_store_add("/segments/feed/undone", what_was_undone_is_not_held);
    test_store_add("/segments/feed/busy", busy_readers_cost_no_rebuild);
    return g_test_run();
}
