/* One person judged at many moments agrees with everybody judged at each, and what a rule is said
 * to change to, and when, is what asking everybody says just before and at that instant. */
#include "segments/judge.h"

#include "segments/segments_fixture.h"

static const char *const users[] = {"ann", "bob", "cleo", "dan", "eve"};

static const struct {
    const char *rule, *why;
} rules[] = {
    {"orders >= 3", "computed of everything that happened"},
    {"did \"Order Completed\" in last 30 days", "leaves at the end of 30 days"},
    {"did \"Order Completed\" at least 2 times in last 1 month", "months end on different days"},
    {"did \"Order Completed\" in last 1 year", "a leap year lies between"},
    {"did \"Order Completed\" exactly 1 time in last 3 weeks", "comes and goes"},
    {"did \"Order Completed\" more than 30 days ago", "comes with time"},
    {"did \"Order Completed\" between 3 and 1 months ago", "both ends"},
    {"did \"Order Completed\" this month", "calendar words"},
    {"did \"Order Completed\" last quarter", "calendar words that lie back"},
    {"did \"Order Completed\" yesterday", "a day of the zone"},
    {"sum(revenue) of \"Order Completed\" >= 100 in last 60 days", "amounts fall"},
    {"average(revenue) of \"Order Completed\" > 30 in last 100 days", "and become unknown"},
    {"last \"Order Completed\" more than 60 days ago", "the last one ages"},
    {"first \"Order Completed\" between 200 and 100 days ago", "the first one too"},
    {"did \"Product Viewed\" then \"Product Added\" within 1 day", "nothing changes that"},
    {"did \"Product Viewed\" in last 3 days and not then \"Order Completed\" within 2 days",
     "the first step leaves"},
    {"birthday in next 7 days", "midnights, and 29 February"},
    {"birthday this month", "months"},
    {"anniversary of first \"Order Completed\" in next 10 days", "of an event"},
    {"silent longer than 2 times usual", "days without an order"},
    {"trial_ends in next 7 days", "a date that lies ahead"},
    {"trial_ends < 2024-06-06", "fixed dates never change"},
    {"consent email \"newsletter\"", "nobody agreed"},
    {"not did \"Order Completed\" in last 90 days and country exists", "negation"},
    {"did \"Order Completed\" in last 10 days or did \"Product Viewed\" in last 2 days", "both"},
    {"random 50 % seed \"x\"", "never"},
    {"everybody", "never"},
};

static bool everybody_says(Segments *segments, const Rule *rule, int64_t person_id, int64_t at)
{
    g_autoptr(GError) error = NULL;
    const Rule *asked[] = {rule};
    SegmentAsk ask = {.rules = asked, .count = 1, .at = at};
    g_autoptr(SegmentAnswer) answer = segments_ask(segments, &ask, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    for (guint i = 0; i < ids->len; i++)
        if (g_array_index(ids, int64_t, i) == person_id) return true;
    return false;
}

static void flip_is_the_first(Segments *segments, Judge *judge, const Rule *rule, int64_t at)
{
    JudgeFlip flip;
    g_autoptr(GError) error = NULL;
    int64_t person = judge_person_id(judge);
    judge_next(judge, 0, at, &flip, &error);
    g_assert_no_error(error);
    g_assert_cmpint(flip.until, ==, INT64_MAX);
    g_assert_cmpint(flip.holds, ==, everybody_says(segments, rule, person, at));
    int64_t end = MIN(flip.at, at + 500 * CLOCK_DAY_MS);
    for (int64_t moment = at; moment < end; moment += (end - at) / 37 + 1) {
        bool holds;
        judge_holds(judge, 0, moment, &holds, &error);
        g_assert_no_error(error);
        g_assert_cmpint(holds, ==, flip.holds);
    }
    if (flip.at == INT64_MAX) return;
    g_assert_cmpint(everybody_says(segments, rule, person, flip.at - 1), ==, flip.holds);
    g_assert_cmpint(everybody_says(segments, rule, person, flip.at), ==, !flip.holds);
}

static void one_rule(Shop *shop, Segments *segments, const char *text)
{
    static const int64_t days[] = {-75, -1, 0, 12, 250};
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    const Rule *asked[] = {rule};
    g_test_message("%s", text);
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        JudgeAsk ask = {.person_id = shop_person(shop, users[i]), .rules = asked, .count = 1};
        g_autoptr(Judge) judge = judge_new(segments, &ask, &error);
        g_assert_no_error(error);
        g_assert_cmpint(judge_person_id(judge), ==, ask.person_id);
        for (size_t k = 0; k < G_N_ELEMENTS(days); k++)
            flip_is_the_first(segments, judge, rule, FIXTURE_NOW + days[k] * CLOCK_DAY_MS + 77);
    }
}

static void one_is_as_everybody(TestStore *test)
{
    Shop shop;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(Segments) segments = fixture_segments(&shop);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        one_rule(&shop, segments, rules[i].rule);
    shop_end(&shop);
    clock_restore();
}

/* Others decide about a rank: it is right at each moment, and its future is nobody's to know. */
static void ranks_are_asked_of_everybody(TestStore *test)
{
    Shop shop;
    bool holds;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(GError) error = NULL;
    g_autoptr(Segments) segments = fixture_segments(&shop);
    g_autoptr(Rule) rule = rule_parse(SLICE("top 1 by orders or top 1 by size"), NULL, &error);
    g_assert_no_error(error);
    const Rule *asked[] = {rule};
    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        JudgeAsk ask = {.person_id = shop_person(&shop, users[i]), .rules = asked, .count = 1};
        g_autoptr(Judge) judge = judge_new(segments, &ask, &error);
        for (int64_t at = FIXTURE_NOW - 90 * CLOCK_DAY_MS; at <= FIXTURE_NOW;
             at += 30 * CLOCK_DAY_MS) {
            judge_holds(judge, 0, at, &holds, &error);
            g_assert_no_error(error);
            g_assert_cmpint(holds, ==, everybody_says(segments, rule, ask.person_id, at));
        }
    }
    shop_end(&shop);
    clock_restore();
}

static void nobody_is_nobody(TestStore *test)
{
    Shop shop;
    JudgeFlip flip;
    clock_simulate(FIXTURE_NOW);
    shop_open(&shop, test);
    fixture_fill(&shop);
    g_autoptr(GError) error = NULL;
    g_autoptr(Segments) segments = fixture_segments(&shop);
    g_autoptr(Rule) rule = rule_parse(SLICE("not orders > 1"), NULL, &error);
    const Rule *asked[] = {rule};
    g_autoptr(Judge) judge = judge_new(segments, &(JudgeAsk){424242, asked, 1}, &error);
    g_assert_no_error(error);
    g_assert_cmpint(judge_person_id(judge), ==, 0);
    judge_next(judge, 0, FIXTURE_NOW, &flip, &error);
    g_assert_no_error(error);
    g_assert_false(flip.holds);
    g_assert_cmpint(flip.at, ==, INT64_MAX);
    shop_end(&shop);
    clock_restore();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/judge/everybody", one_is_as_everybody);
    test_store_add("/segments/judge/ranks", ranks_are_asked_of_everybody);
    test_store_add("/segments/judge/nobody", nobody_is_nobody);
    return g_test_run();
}
