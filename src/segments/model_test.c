/* Random rules over random histories, asked of both databases and of a plain model.
 *
 * Each form of docs/rules.md (MODEL_FORMS) has to come FORM_TIMES_MIN times in what is compared,
 * and half of the rules hold for some and not for all. The draw is the same each time, so that a
 * check is; KITH_TEST_SEED draws another, and with KITH_TEST_LONG there are LONG_SHOPS of them,
 * each anew. */
#include "segments/model_rule.h"

enum {
    LONG_SHOPS = 20,
    FORM_TIMES_MIN = ROUNDS < 50 ? 1 : 50, /* fewer rules where every access is checked */
};

/* How often what was asked. */
typedef struct Counts {
    int forms[FORMS];
    uint64_t kernels[SEGMENT_KERNELS];
    int families[SEGMENT_ENGINES]; /* asked of columns, by what answered */
} Counts;

static void forms_count(const Test *test, int counts[FORMS])
{
    for (int i = 0; i < FORMS; i++)
        counts[i] += test->forms[i];
    if (test->left) forms_count(test->left, counts);
    if (test->right) forms_count(test->right, counts);
}

static int64_t some_time(const Model *model)
{
    if (model_below(2))
        return model_at(model, (guint)model_below((int)model->history->len))->at + 1;
    if (model_below(2))
        return g_array_index(model->facts, ModelFact, (guint)model_below((int)model->facts->len))
            .at;
    const ModelSay *say =
        &g_array_index(model->says, ModelSay, (guint)model_below((int)model->says->len));
    return say->expires_at && say->expires_at < FIXTURE_NOW ? say->expires_at : say->at;
}

static int64_t random_now(const Model *model)
{
    int64_t back = FIXTURE_NOW - model_below(200) * DAY;
    switch (model_below(5)) {
    case 0:
        return back;
    case 1:
        return model_midnight(model_day_of(back)) + model_below(3) - 1;
    case 2:
        back = some_time(model) - model_below(2);
        return MIN(back, FIXTURE_NOW);
    case 3:
        return FIXTURE_NOW; /* permissions are counted all at once */
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

static void round_make(Model *model, Round *round)
{
    g_autoptr(GError) error = NULL;
    model->drawing = true;
    for (int i = 0; i < ROUND_RULES; i++) {
        round->texts[i] = g_string_new(NULL);
        round->tests[i] = model_test_make(model, round->texts[i], 0);
        round->rules[i] = rule_parse(slice_of(round->texts[i]->str), NULL, &error);
        if (error) g_test_message("%s", round->texts[i]->str);
        g_assert_no_error(error);
    }
    model->drawing = false;
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
static int round_compare(Model *model, Counts *counts)
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
        forms_count(round.tests[i], counts->forms);
    }
    for (int i = 0; i < SEGMENT_KERNELS; i++)
        counts->kernels[i] += answers[1]->kernels[i];
    for (int i = 0; i < 2; i++)
        segment_answer_free(answers[i]);
    round_clear(&round);
    return telling;
}

/* ---- sequences of the same steps ---- */

enum { FAMILY = 12, FAMILY_EACH = 7 }; /* of them; rounds from one to the next */

static void span_write(GRand *rand, GString *text)
{
    static const char *const spans[] = {"", " within 2 hours", " within 3 days", " within 30 days",
                                        " within 400 days"};
    g_string_append(text, spans[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(spans))]);
}

/* One that differs from others of its steps in how it begins, and in its spans. */
static Rule *member_make(GRand *rand, int steps, GString *text)
{
    static const char *const begins[] = {
        "",
        " where category exists",
        " where category != \"nothing\"",
        " where category contains \"a\"",
        " where category contains \"e\"",
        " where category starts with \"b\"",
        " where category = \"nothing\"",
    };
    g_autoptr(GError) error = NULL;
    g_string_assign(text, "did \"Product Viewed\"");
    g_string_append(text, begins[g_rand_int_range(rand, 0, (int)G_N_ELEMENTS(begins))]);
    for (int i = 0; i < steps; i++) {
        g_string_append_printf(text, " then \"%s\"", i ? "Order Completed" : "Product Added");
        span_write(rand, text);
    }
    Rule *rule = rule_parse(slice_of(text->str), NULL, &error);
    g_assert_no_error(error);
    return rule;
}

static SegmentAnswer *family_ask(const Model *model, const Rule *const *rules, Segments *segments)
{
    g_autoptr(GError) error = NULL;
    SegmentAsk ask = {.rules = rules, .count = FAMILY, .at = model->now};
    SegmentAnswer *answer = segments_ask(segments, &ask, &error);
    g_assert_no_error(error);
    return answer;
}

/* They are told together by columns; SQL tells each by itself. Draws of its own leave those of the
 * rules as they are. */
static void family_compare(Model *model, guint32 seed, Counts *counts)
{
    Rule *rules[FAMILY];
    const Rule *const *asked = (const Rule *const *)(void *)rules;
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    GString *texts[FAMILY];
    EventScanLimits limits = {.parallel_min = seed % 2, .arrival_percent = -1};
    for (int i = 0; i < FAMILY; i++) {
        texts[i] = g_string_new(NULL);
        rules[i] = member_make(rand, 1 + (int)(seed / 2 % 2), texts[i]);
    }
    segments_set_limits(model->held, &limits);
    feed_settle(model->feed);
    g_autoptr(SegmentAnswer) sql = family_ask(model, asked, model->segments);
    g_autoptr(SegmentAnswer) held = family_ask(model, asked, model->held);
    g_assert_cmpuint(held->people->len, ==, sql->people->len);
    counts->families[held->engine]++; /* SQL until what they ask for is held */
    for (int i = 0; i < FAMILY; i++) {
        for (uint32_t person = 0; person < sql->people->len; person++) {
            bool want = set_has(sql->sets[i], person), is = set_has(held->sets[i], person);
            if (want != is) g_test_message("person %u: %s", person, texts[i]->str);
            g_assert_cmpint(is, ==, want);
        }
        g_string_free(texts[i], TRUE);
        rule_free(rules[i]);
    }
}

static void kernels_were_asked(const uint64_t kernels[SEGMENT_KERNELS])
{
    static const char *const names[SEGMENT_KERNELS] = {"none",     "totals",   "fields",
                                                       "instants", "sequence", "rows"};
    for (int i = 0; i < SEGMENT_KERNELS; i++) {
        g_test_message("kernel %s: %" G_GUINT64_FORMAT " leaves", names[i], kernels[i]);
        g_assert_cmpuint(kernels[i], >, 0);
    }
}

static void segments_save(Model *model)
{
    g_autoptr(GError) error = NULL;
    model->now = FIXTURE_NOW - 50 * DAY;
    model->drawing = true;
    for (int i = 0; i < SAVED; i++) {
        int64_t segment_id;
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *name = g_strdup_printf("Saved %d", i);
        model->saved[i] = model_test_make(model, text, DEPTH_MAX - 1);
        saved_create(model->segments, &fixture_actor, name, text->str, &segment_id, &error);
        g_assert_no_error(error);
        model->saved_count++;
    }
}

static void forms_check(const int forms[FORMS], int least)
{
    g_autoptr(GString) line = g_string_new(NULL);
    for (int i = 0; i < FORMS; i++) {
        g_string_append_printf(line, "%s%s %d", line->len ? "; " : "", model_form_words[i],
                               forms[i]);
        if (line->len < 80 && i + 1 < FORMS) continue;
        g_test_message("%s", line->str);
        g_string_truncate(line, 0);
    }
    for (int i = 0; i < FORMS; i++)
        if (forms[i] < least) g_test_message("too seldom: %s", model_form_words[i]);
    for (int i = 0; i < FORMS; i++)
        g_assert_cmpint(forms[i], >=, least);
}

static void shop_agrees(TestStore *test, Counts *counts)
{
    Model model;
    int telling = 0;
    FeedUsage usage;
    int families[SEGMENT_ENGINES];
    memcpy(families, counts->families, sizeof families);
    model_open(&model, test);
    segments_save(&model);
    for (int i = 0; i < ROUNDS; i++) {
        telling += round_compare(&model, counts);
        if (i % FAMILY_EACH == 0) family_compare(&model, (guint32)i, counts);
        model_live(&model);
    }
    feed_usage(model.feed, &usage);
    g_test_message("%d of %d rules hold for some and not for all; of %d rounds columns answered "
                   "%d, both %d",
                   telling, RULES, ROUNDS, usage.answers[SEGMENT_COLUMNS],
                   usage.answers[SEGMENT_BOTH]);
    kernels_were_asked(counts->kernels);
    g_assert_cmpint(telling, >=, RULES / 2);
    const int *before = families, *after = counts->families;
    g_assert_cmpint(usage.answers[SEGMENT_SQL], ==, after[SEGMENT_SQL] - before[SEGMENT_SQL]);
    g_assert_cmpint(after[SEGMENT_COLUMNS], >, before[SEGMENT_COLUMNS]);
    g_assert_cmpint(usage.answers[SEGMENT_COLUMNS] + usage.answers[SEGMENT_BOTH], ==,
                    ROUNDS + after[SEGMENT_COLUMNS] - before[SEGMENT_COLUMNS] +
                        after[SEGMENT_BOTH] - before[SEGMENT_BOTH]);
    for (int i = 0; i < SAVED; i++)
        model_test_free(model.saved[i]);
    model_close(&model);
}

static void rules_agree_with_the_model(TestStore *test)
{
    Counts counts = {0};
    shop_agrees(test, &counts);
    /* Drawn freely, a form may come less often. */
    forms_check(counts.forms, g_getenv("KITH_TEST_LONG") ? FORM_TIMES_MIN / 2 : FORM_TIMES_MIN);
}

static void more_rules_agree(TestStore *test)
{
    Counts counts = {0};
    for (int i = 0; i < LONG_SHOPS; i++) {
        TestStore *own = test_store_new(test->kind);
        shop_agrees(own, &counts);
        test_store_free(own);
    }
    forms_check(counts.forms, LONG_SHOPS * FORM_TIMES_MIN / 2);
}

int main(int argc, char **argv)
{
    char seed[] = "--seed=R02S00000000000000000000000000000004";
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    bool drawn_anew = g_getenv("KITH_TEST_LONG") != NULL;
    g_ptr_array_add(words, argv[0]);
    if (!drawn_anew) g_ptr_array_add(words, seed);
    for (int i = 1; i < argc; i++)
        g_ptr_array_add(words, argv[i]);
    int count = (int)words->len;
    g_ptr_array_add(words, NULL);
    char **list = (char **)(void *)words->pdata;
    g_test_init(&count, &list, NULL);
    test_store_add("/segments/model", rules_agree_with_the_model);
    if (drawn_anew) test_store_add("/segments/model/long", more_rules_agree);
    return g_test_run();
}
