/* Random rules over random histories, asked of both databases and of a plain model. */
#include "segments/model.h"

static void kinds_count(const Test *test, int counts[KINDS])
{
    if (test->join == LEAF) counts[test->kind]++;
    if (test->left) kinds_count(test->left, counts);
    if (test->right) kinds_count(test->right, counts);
}

static int64_t random_now(const Model *model)
{
    int64_t back = FIXTURE_NOW - model_below(200) * DAY;
    switch (model_below(4)) {
    case 0:
        return back;
    case 1:
        return model_midnight(model_day_of(back)) + model_below(3) - 1;
    case 2:
        return model_at(model, (guint)model_below((int)model->history->len))->at + model_below(2);
    default:
        return back - model_below((int)DAY);
    }
}

/* The rules of one round: as text, as what they mean, and as read. */
typedef struct Round {
    GString *texts[ROUND_RULES];
    Test *tests[ROUND_RULES];
    const Rule *rules[ROUND_RULES];
} Round;

static void round_make(const Model *model, Round *round)
{
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < ROUND_RULES; i++) {
        round->texts[i] = g_string_new(NULL);
        round->tests[i] = model_test_make(model, round->texts[i], 0);
        round->rules[i] = rule_parse(slice_of(round->texts[i]->str), NULL, &error);
        g_assert_no_error(error);
    }
}

static void round_clear(Round *round)
{
    for (int i = 0; i < ROUND_RULES; i++) {
        g_string_free(round->texts[i], TRUE);
        model_test_free(round->tests[i]);
        rule_free((Rule *)(void *)round->rules[i]);
    }
}

static SegmentAnswer *round_ask(const Model *model, const Round *round, Segments *segments)
{
    g_autoptr(GError) error = NULL;
    SegmentAsk ask = {.rules = round->rules, .count = ROUND_RULES, .at = model->now};
    SegmentAnswer *answer = segments_ask(segments, &ask, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(answer->people->len, ==, model->people);
    return answer;
}

/* Where somebody stands in an answer. */
static uint32_t place_of(const SegmentAnswer *answer, int64_t id)
{
    uint32_t index = 0;
    while (g_array_index(answer->people, int64_t, index) != id)
        index++;
    return index;
}

/* How many a rule holds for; whoever differs is told with the rule. */
static int rule_compare(const Model *model, const Round *round, int i,
                        SegmentAnswer *const answers[2])
{
    int count = 0;
    for (int person = 0; person < PEOPLE_COUNT; person++) {
        if (model->root[person] != person) continue;
        uint32_t index = place_of(answers[0], model_person(model, person));
        bool want = model_holds(model, round->tests[i], person);
        bool sql = set_has(answers[0]->sets[i], index), held = set_has(answers[1]->sets[i], index);
        count += want;
        if (want != sql || want != held)
            g_test_message("u%d at %" G_GINT64_FORMAT ": model %d, sql %d, columns %d: %s", person,
                           model->now, want, sql, held, round->texts[i]->str);
        g_assert_cmpint(sql, ==, want);
        g_assert_cmpint(held, ==, want);
    }
    return count;
}

/* Columns are read in another way each time, as if there were much or little of them. */
static void random_limits(const Model *model)
{
    static const int32_t percents[] = {-1, 0, 50, 100};
    EventScanLimits limits = {.parallel_min = model_below(2) ? 1 : 0,
                              .arrival_percent = percents[model_below(4)]};
    segments_set_limits(model->held, &limits);
}

/* Rules that hold for some and not for all. */
static int round_compare(Model *model, int kinds[KINDS], uint64_t kernels[SEGMENT_KERNELS])
{
    Round round;
    int telling = 0;
    model->now = random_now(model);
    round_make(model, &round);
    feed_settle(model->feed);
    random_limits(model);
    SegmentAnswer *answers[] = {round_ask(model, &round, model->segments),
                                round_ask(model, &round, model->held)};
    for (int i = 0; i < ROUND_RULES; i++) {
        int count = rule_compare(model, &round, i, answers);
        telling += count > 0 && count < model->people;
        kinds_count(round.tests[i], kinds);
    }
    for (int i = 0; i < SEGMENT_KERNELS; i++)
        kernels[i] += answers[1]->kernels[i];
    for (int i = 0; i < 2; i++)
        segment_answer_free(answers[i]);
    round_clear(&round);
    return telling;
}

static void kernels_were_asked(const uint64_t kernels[SEGMENT_KERNELS])
{
    static const char *const names[SEGMENT_KERNELS] = {"none", "totals", "fields", "sequence",
                                                       "rows"};
    for (int i = 0; i < SEGMENT_KERNELS; i++) {
        g_test_message("kernel %s: %" G_GUINT64_FORMAT " leaves", names[i], kernels[i]);
        g_assert_cmpuint(kernels[i], >, 0);
    }
}

static void rules_agree_with_the_model(TestStore *test)
{
    Model model;
    int kinds[KINDS] = {0}, telling = 0;
    uint64_t kernels[SEGMENT_KERNELS] = {0};
    FeedUsage usage;
    model_open(&model, test);
    for (int i = 0; i < ROUNDS; i++) {
        telling += round_compare(&model, kinds, kernels);
        model_live(&model);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        g_test_message("%s: %d times", model_kind_names[kind], kinds[kind]);
        g_assert_cmpint(kinds[kind], >=, RULES / 12);
    }
    feed_usage(model.feed, &usage);
    g_test_message("%d of %d rules hold for some and not for all; of %d rounds columns answered "
                   "%d, both %d",
                   telling, RULES, ROUNDS, usage.answers[SEGMENT_COLUMNS],
                   usage.answers[SEGMENT_BOTH]);
    kernels_were_asked(kernels);
    g_assert_cmpint(telling, >=, RULES / 3);
    g_assert_cmpint(usage.answers[SEGMENT_SQL], ==, 0);
    g_assert_cmpint(usage.answers[SEGMENT_COLUMNS] + usage.answers[SEGMENT_BOTH], ==, ROUNDS);
    model_close(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/model", rules_agree_with_the_model);
    return g_test_run();
}
