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

static int rule_compare(const Model *model, const Test *test, const char *text)
{
    int count = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = model->now};
    g_autoptr(SegmentAnswer) answer = segments_ask(model->segments, &ask, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(answer->people->len, ==, PEOPLE_COUNT - MERGES);
    for (int person = 0; person < PEOPLE_COUNT; person++) {
        if (model->root[person] != person) continue;
        int64_t id = model_person(model, person);
        uint32_t index = 0;
        while (g_array_index(answer->people, int64_t, index) != id)
            index++;
        bool want = model_holds(model, test, person), got = set_has(answer->sets[0], index);
        count += got;
        if (want != got)
            g_test_message("u%d at %" G_GINT64_FORMAT ": %s", person, model->now, text);
        g_assert_cmpint(got, ==, want);
    }
    return count;
}

static void rules_agree_with_the_model(TestStore *test)
{
    Model model;
    int kinds[KINDS] = {0}, telling = 0;
    model_open(&model, test);
    for (int i = 0; i < RULES; i++) {
        model.now = random_now(&model);
        g_autoptr(GString) text = g_string_new(NULL);
        Test *root = model_test_make(&model, text, 0);
        int count = rule_compare(&model, root, text->str);
        telling += count > 0 && count < PEOPLE_COUNT - MERGES;
        kinds_count(root, kinds);
        model_test_free(root);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        g_test_message("%s: %d times", model_kind_names[kind], kinds[kind]);
        g_assert_cmpint(kinds[kind], >=, RULES / 12);
    }
    g_test_message("%d of %d rules hold for some and not for all", telling, RULES);
    g_assert_cmpint(telling, >=, RULES / 3);
    model_close(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/model", rules_agree_with_the_model);
    return g_test_run();
}
