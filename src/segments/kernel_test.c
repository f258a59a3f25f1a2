/* Kernels among many people: rows that are people behind each other are decided as words of 64,
 * which the model's thirty people never fill. */
#include "people/merge.h"
#include "segments/feed.h"
#include "segments/segments_fixture.h"

enum { CROWD = 300 };

static const char *const rules[] = {
    "did \"Product Viewed\" at least 2 times in last 30 days",
    "did \"Product Viewed\" at most 1 times in last 30 days",
    "did not \"Product Viewed\" in last 10 days",
    "did \"Product Viewed\" at least 3 times",
    "did \"Product Viewed\" where category = \"c1\" in last 300 days",
    "sum(price) of \"Product Viewed\" >= 20 in last 30 days",
    "sum(price) of \"Product Viewed\" < 20",
    "average(price) of \"Product Viewed\" > 12 in last 300 days",
    "maximum(price) of \"Product Viewed\" >= 15",
    "last \"Product Viewed\" more than 20 days ago",
    "ratio of \"Product Added\" to \"Product Viewed\" >= 50 %",
    "ratio of \"Product Added\" to \"Product Viewed\" > 50 %",
    "ratio of \"Product Added\" to \"Product Viewed\" < 0.5",
    "ratio of \"Product Added\" to \"Product Viewed\" <= 0.5 in last 30 days",
    "ratio of \"Product Added\" to \"Product Viewed\" = 1",
    "country = \"DE\"",
    "country != \"DE\"",
    "did \"Product Viewed\" then \"Product Added\" within 2 days",
    "did \"Product Viewed\" then \"Product Added\" within 20 days",
    "did \"Product Viewed\" where category = \"c1\" then \"Product Added\" within 2 days",
    "did \"Product Viewed\" where category = \"c2\" then \"Product Added\" within 20 days",
    "sum(price) of \"Product Viewed\" >= 20 in last 300 days and did not \"Product Added\" in last "
    "30 days and country = \"DE\"",
};

enum { RULES = G_N_ELEMENTS(rules) };

static void happens(GString *batch, int person, const char *name, double days)
{
    char user[16], inside[64];
    g_snprintf(user, sizeof user, "u%d", person);
    g_snprintf(inside, sizeof inside, "\"category\":\"c%d\",\"price\":%d", person % 4,
               5 + person % 17);
    g_autofree char *event = fixture_event(user, name, days, inside);
    g_string_append_printf(batch, ",%s", event);
}

/* How often and when somebody did what follows from their number alone, without a short cycle. */
static void person_send(Shop *shop, int person)
{
    int mixed = person * 2654435 % 1009;
    g_autoptr(GString) batch = g_string_new(NULL);
    g_string_append_printf(
        batch,
        "{\"type\":\"identify\",\"messageId\":\"k%d\",\"userId\":\"u%d\","
        "\"timestamp\":\"2023-01-01T00:00:00Z\",\"traits\":{\"country\":\"%s\"}}",
        person, person, mixed % 3 ? "FR" : "DE");
    for (int i = 0; i < mixed % 6; i++)
        happens(batch, person, "Product Viewed", 1 + (mixed * (i + 1)) % 200 * 0.5);
    for (int i = 0; i < mixed % 4; i++)
        happens(batch, person, "Product Added", 0.5 + (mixed * (i + 3)) % 160 * 0.5);
    g_auto(Reply) reply = shop_batch(shop, batch->str);
}

typedef struct Merge {
    Shop *shop;
    const char *winner, *loser;
} Merge;

static bool merge_run(Db *db, void *data, GError **error)
{
    const Merge *merge = data;
    int64_t merge_id;
    MergeInput input = {shop_person(merge->shop, merge->winner),
                        shop_person(merge->shop, merge->loser), "by hand", "test", FIXTURE_NOW};
    return people_merge(merge->shop->people, db, &input, &merge_id, error);
}

static void merge_call(Shop *shop, const char *winner, const char *loser)
{
    g_autoptr(GError) error = NULL;
    Merge merge = {shop, winner, loser};
    writer_call(store_writer(shop->test->store), WRITER_REST, merge_run, &merge, &error);
    g_assert_no_error(error);
}

/* Who was merged has a row and is nobody of the crowd: words of rows behind it are no words of
 * people, and a word in which it lies is none at all. */
static void crowd_send(Shop *shop)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(shop->test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    for (int person = 0; person < CROWD; person++)
        person_send(shop, person);
    merge_call(shop, "u1", "u3");
    merge_call(shop, "u149", "u150");
}

static SegmentAnswer *all_ask(Segments *segments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) read = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    for (int i = 0; i < RULES; i++) {
        g_ptr_array_add(read, rule_parse(slice_of(rules[i]), NULL, &error));
        g_assert_no_error(error);
    }
    SegmentAsk asked = {
        .rules = (const Rule *const *)(void *)read->pdata, .count = RULES, .at = FIXTURE_NOW};
    SegmentAnswer *answer = segments_ask(segments, &asked, &error);
    g_assert_no_error(error);
    return answer;
}

static void answers_compare(const SegmentAnswer *sql, const SegmentAnswer *held)
{
    g_assert_cmpint(held->engine, ==, SEGMENT_COLUMNS);
    g_assert_cmpuint(held->people->len, ==, sql->people->len);
    for (int i = 0; i < RULES; i++) {
        uint32_t count = set_count(sql->sets[i]);
        g_test_message("%u of %u: %s", count, sql->people->len, rules[i]);
        g_assert_cmpuint(count, >, 0);
        g_assert_cmpuint(count, <, sql->people->len);
        for (uint32_t person = 0; person < sql->people->len; person++)
            g_assert_cmpint(set_has(held->sets[i], person), ==, set_has(sql->sets[i], person));
    }
}

static void words_of_people_are_the_same_people(TestStore *test)
{
    static const EventScanLimits limits[] = {{0, 0}, {1, -1}, {1, 100}, {0, -1}};
    Shop shop;
    g_autoptr(GError) error = NULL;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    crowd_send(&shop);
    Segments *plain = fixture_segments(&shop), *columns = fixture_segments(&shop);
    FeedOptions options = {.store = test->store, .people = shop.people, .timeline = shop.timeline};
    Feed *feed = feed_new(&options, &error);
    g_assert_no_error(error);
    segments_set_feed(columns, feed);
    g_autoptr(SegmentAnswer) sql = all_ask(plain);
    for (size_t i = 0; i < 2; i++) { /* what is asked for twice is held */
        segment_answer_free(all_ask(columns));
        feed_settle(feed);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        segments_set_limits(columns, &limits[i]);
        g_autoptr(SegmentAnswer) held = all_ask(columns);
        answers_compare(sql, held);
    }
    feed_free(feed);
    segments_free(columns);
    segments_free(plain);
    shop_end(&shop);
    clock_restore();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/kernel", words_of_people_are_the_same_people);
    return g_test_run();
}
