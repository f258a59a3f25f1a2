/* What a screen tells of people is what the judge finds, edge by edge: random rules over a random
 * history that goes on. */
#include "segments/screen.h"

#include "segments/judge.h"
#include "segments/model_rule.h"

#include <string.h>

enum { SCREEN_ROUNDS = 16, SCREEN_RULES = 24, JUDGED = 3 /* people of each rule */ };

typedef struct Counts {
    int told, changed, left, flips;
} Counts;

static GArray *people_now(const Model *model)
{
    GArray *people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        int64_t person = model->root[i] == i ? model_person(model, i) : 0;
        if (person) g_array_append_val(people, person);
    }
    return people;
}

static gint ask_compare(gconstpointer a, gconstpointer b)
{
    const ScreenAsk *x = a, *y = b;
    return (x->person_id > y->person_id) - (x->person_id < y->person_id);
}

static GArray *asks_make(const Model *model, const GArray *people)
{
    static const int64_t back[] = {0, 1, 2, 2, 2, HOUR, DAY};
    GArray *asks = g_array_new(FALSE, TRUE, sizeof(ScreenAsk));
    for (guint i = 0; i < people->len; i++) {
        ScreenAsk ask = {.person_id = g_array_index(people, int64_t, i),
                         .from = model->now - back[model_below(G_N_ELEMENTS(back))]};
        g_array_append_val(asks, ask);
    }
    g_array_sort(asks, ask_compare);
    return asks;
}

/* The judge asks everybody about a rank, at the moment itself; a screen takes the one that is kept.
 */
static bool is_ranked(const char *text)
{
    return strstr(text, "top ") || strstr(text, "lifecycle ");
}

/* One person: the judge walks from the first moment on. */
static void ask_compare_with_judge(const Model *model, const Rule *rule, const ScreenAsk *ask,
                                   Counts *counts)
{
    JudgeFlip first, next;
    g_autoptr(GError) error = NULL;
    JudgeAsk judge_ask = {.person_id = ask->person_id, .rules = &rule, .count = 1};
    g_autoptr(Judge) judge = judge_new(model->segments, &judge_ask, &error);
    g_assert_no_error(error);
    g_assert_true(judge_next(judge, 0, ask->from, &first, &error));
    g_assert_true(judge_next(judge, 0, model->now, &next, &error));
    g_assert_cmpint(ask->before, ==, first.holds);
    g_assert_cmpint(ask->now, ==, next.holds);
    if (ask->before != ask->now) g_assert_cmpint(ask->changed, ==, first.at);
    if (ask->before == ask->now) g_assert_cmpint(MIN(first.at, first.until), >, model->now);
    g_assert_cmpint(ask->next, >, model->now);
    g_assert_cmpint(ask->next, <=, next.at);
    counts->changed += ask->before != ask->now;
    counts->flips += next.at != INT64_MAX;
}

/* Where somebody stands; anybody where they are gone. */
static guint place_of(const GArray *asks, int64_t person_id)
{
    for (guint i = 0; i < asks->len; i++)
        if (g_array_index(asks, ScreenAsk, i).person_id == person_id) return i;
    return 0;
}

/* `moved`: to whom something happened just before now; always among the judged. */
static void rule_screened(const Model *model, Screen *screen, int64_t moved, Counts *counts)
{
    g_autoptr(GArray) people = people_now(model);
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);
    model_test_free(model_test_make(model, text, 0));
    g_autoptr(Rule) rule = rule_parse(slice_of(text->str), NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) asks = asks_make(model, people);
    g_assert_true(screen_rule(screen, rule, asks, &error));
    for (int i = 0; i < JUDGED; i++) {
        guint which = i ? (guint)model_below((int)asks->len) : place_of(asks, moved);
        const ScreenAsk *ask = &g_array_index(asks, ScreenAsk, which);
        counts->told += ask->told;
        counts->left += !ask->told;
        g_test_message("%" G_GINT64_FORMAT " from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ": %s",
                       ask->person_id, ask->from, model->now, text->str);
        if (ask->told && !is_ranked(text->str)) ask_compare_with_judge(model, rule, ask, counts);
    }
    g_string_free(text, TRUE);
}

static void what_is_told_is_what_the_judge_finds(TestStore *test)
{
    Model model;
    Counts counts = {0};
    model_open(&model, test);
    for (int round = 0; round < SCREEN_ROUNDS; round++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) people = people_now(&model);
        const Happened *at = model_at(&model, (guint)model_below((int)model.history->len));
        int root = model.root[at->person];
        int64_t moved = root >= 0 ? model_person(&model, root) : 0;
        model.now = at->at + 1 + model_below(2);
        feed_settle(model.feed);
        g_autoptr(Screen) screen = screen_new(model.held, people, model.now, &error);
        g_assert_no_error(error);
        g_assert_nonnull(screen);
        for (int rule = 0; rule < SCREEN_RULES; rule++)
            rule_screened(&model, screen, moved, &counts);
        model_live(&model);
    }
    g_test_message("told %d, of which %d changed and %d will; %d left to the judge", counts.told,
                   counts.changed, counts.flips, counts.left);
    g_assert_cmpint(counts.told, >, 0);
    model_close(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/screen", what_is_told_is_what_the_judge_finds);
    return g_test_run();
}
