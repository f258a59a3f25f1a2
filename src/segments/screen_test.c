/* What a screen tells of people is what the judge finds, edge by edge: random rules over a random
 * history that goes on. */
#include "segments/screen_private.h"

#include <string.h>

#include "segments/judge.h"
#include "segments/model_rule.h"

enum {
    SCREEN_ROUNDS = 12,
    SCREEN_RULES = 24, /* of a round; half of them of one of `wanted` */
    JUDGED = 3,        /* people of each rule */
    DRAWS = 300,       /* until a rule has the form that is wanted */
};

/* What would seldom be drawn, and is told in a way of its own. */
static const Form wanted[] = {
    FORM_SILENT,        FORM_BIRTHDAY, FORM_ANNIVERSARY_DATE, FORM_CONSENT_MAIL, FORM_LIES,
    FORM_TAG,           FORM_BOUNCED,  FORM_ANNIVERSARY,      FORM_SEGMENT,      FORM_WHERE,
    FORM_CONSENT_OTHER, FORM_LEAP_DAY, FORM_WHERE_LINES,
};

typedef struct Counts {
    int told, changed, left, flips;
    int often;                    /* changed more than once */
    int heavy;                    /* not told because it was too much */
    int of[G_N_ELEMENTS(wanted)]; /* told, of each that is wanted */
    int next;                     /* which of them is wanted next */
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

static GArray *asks_make(const Model *model, const GArray *people, int64_t moved)
{
    static const int64_t back[] = {0, 1, 2, 2, 2, 3, HOUR, DAY};
    GArray *asks = g_array_new(FALSE, TRUE, sizeof(ScreenAsk));
    for (guint i = 0; i < people->len; i++) {
        ScreenAsk ask = {.person_id = g_array_index(people, int64_t, i),
                         .from = model->now - back[model_below(G_N_ELEMENTS(back))]};
        if (ask.person_id == moved) ask.from = model->now - 3;
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
    JudgeFlip next;
    int64_t at = ask->from;
    bool in = ask->before;
    uint32_t changes = 0;
    g_autoptr(GError) error = NULL;
    JudgeAsk judge_ask = {.person_id = ask->person_id, .rules = &rule, .count = 1};
    g_autoptr(Judge) judge = judge_new(model->segments, &judge_ask, &error);
    g_assert_no_error(error);
    for (; at <= model->now; at = MIN(next.at, next.until)) {
        g_assert_true(judge_next(judge, 0, at, &next, &error));
        if (next.holds == in) continue;
        g_assert_cmpint(at, >, ask->from);
        g_assert_cmpuint(changes, <, ask->changes);
        g_assert_cmpint(ask->changed[changes++], ==, at);
        in = next.holds;
    }
    g_assert_cmpuint(changes, ==, ask->changes);
    g_assert_cmpint(ask->next, >, model->now);
    g_assert_true(judge_next(judge, 0, model->now, &next, &error));
    g_assert_cmpint(ask->next, <=, next.at);
    counts->changed += ask->changes > 0;
    counts->flips += next.at != INT64_MAX;
}

/* Where somebody stands; anybody where they are gone. */
static guint place_of(const GArray *asks, int64_t person_id)
{
    for (guint i = 0; i < asks->len; i++)
        if (g_array_index(asks, ScreenAsk, i).person_id == person_id) return i;
    return 0;
}

static bool has_form(const Test *test, Form form)
{
    return test && (test->forms[form] || has_form(test->left, form) || has_form(test->right, form));
}

/* A rule, with a form if it is drawn soon enough. */
static void rule_draw(const Model *model, GString *text, Form form)
{
    bool has = false;
    for (int draw = 0; draw < DRAWS && !has; draw++) {
        g_string_truncate(text, 0);
        Test *test = model_test_make(model, text, 1);
        has = form == FORMS || has_form(test, form);
        model_test_free(test);
    }
}

/* `moved`: to whom something happened just before now; always among the judged. */
static void rule_screened(const Model *model, Screen *screen, int64_t moved, Counts *counts)
{
    g_autoptr(GArray) people = people_now(model);
    g_autoptr(GError) error = NULL;
    GString *text = g_string_new(NULL);
    int which_form = counts->next++ % (int)(2 * G_N_ELEMENTS(wanted));
    bool any = which_form >= (int)G_N_ELEMENTS(wanted);
    rule_draw(model, text, any ? FORMS : wanted[which_form]);
    g_autoptr(Rule) rule = rule_parse(slice_of(text->str), NULL, &error);
    g_assert_no_error(error);
    g_autoptr(GArray) asks = asks_make(model, people, moved);
    g_assert_true(screen_rule(screen, rule, asks, &error));
    for (int i = 0; i < JUDGED; i++) {
        guint which = i ? (guint)model_below((int)asks->len) : place_of(asks, moved);
        const ScreenAsk *ask = &g_array_index(asks, ScreenAsk, which);
        counts->told += ask->told;
        if (!any) counts->of[which_form] += ask->told;
        counts->left += !ask->told;
        g_test_message("%" G_GINT64_FORMAT " from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ": %s",
                       ask->person_id, ask->from, model->now, text->str);
        if (ask->told && !is_ranked(text->str)) ask_compare_with_judge(model, rule, ask, counts);
    }
    g_string_free(text, TRUE);
}

static void same_where_told(const ScreenAsk *a, const ScreenAsk *b)
{
    if (!a->told || !b->told) return;
    g_assert_true(a->before == b->before && a->next == b->next && a->changes == b->changes);
    for (uint32_t i = 0; i < a->changes; i++)
        g_assert_cmpint(a->changed[i], ==, b->changed[i]);
}

/* In parts because it is too much at once, or not told of whom it is too much alone. */
static void limit_holds(Screen *screen, const Rule *rule, const GArray *asks, Counts *counts)
{
    static const uint64_t limits[] = {300, 1};
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) again = g_array_copy((GArray *)(void *)asks);
        screen->told_max = limits[i];
        g_assert_true(screen_rule(screen, rule, again, &error));
        for (guint k = 0; k < asks->len; k++) {
            const ScreenAsk *whole = &g_array_index(asks, ScreenAsk, k);
            const ScreenAsk *part = &g_array_index(again, ScreenAsk, k);
            same_where_told(whole, part);
            counts->heavy += whole->told && !part->told;
        }
    }
    screen->told_max = SCREEN_TOLD_MAX;
}

/* Rules without a window, looked at over half a life: many change more than once on the way. */
static void changes_are_told(const Model *model, Screen *screen, Counts *counts)
{
    static const char *const rules[] = {
        "did \"%s\" exactly 1 time", "did \"%s\" exactly 2 times or did \"%s\" at least 5 times",
        "did \"%s\" and not then \"%s\"", "did \"%s\" between 2 and 3 times"};
    g_autoptr(GArray) people = people_now(model);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        g_autoptr(GError) error = NULL;
        const char *first = model_names[i % 2], *second = model_names[2];
        g_autofree char *text = g_strdup_printf(rules[i], first, second);
        g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
        g_assert_no_error(error);
        g_autoptr(GArray) asks = asks_make(model, people, 0);
        for (guint k = 0; k < asks->len; k++)
            g_array_index(asks, ScreenAsk, k).from -= (1 + model_below(400)) * (int64_t)DAY;
        g_assert_true(screen_rule(screen, rule, asks, &error));
        for (guint k = 0; k < asks->len; k++) {
            const ScreenAsk *ask = &g_array_index(asks, ScreenAsk, k);
            counts->often += ask->told && ask->changes > 1;
            if (ask->told) ask_compare_with_judge(model, rule, ask, counts);
        }
        limit_holds(screen, rule, asks, counts);
    }
}

/* Just after something happened, was said of somebody or ran out, or a day began. Returns whom it
 * is about. */
static int64_t moment_draw(Model *model)
{
    const Happened *at = model_at(model, (guint)model_below((int)model->history->len));
    const ModelSay *say =
        &g_array_index(model->says, ModelSay, (guint)model_below((int)model->says->len));
    int what = model_below(6), person = what < 4 ? at->person : say->person;
    model->now = at->at + 1 + model_below(2);
    if (what == 3) model->now = model_midnight(model_day_of(at->at) + 1) + model_below(2);
    if (what >= 4) model->now = say->at + 1 + model_below(2);
    if (what == 5 && say->expires_at) model->now = say->expires_at + model_below(3);
    int root = model->root[person];
    return root >= 0 ? model_person(model, root) : 0;
}

static void what_is_told_is_what_the_judge_finds(TestStore *test)
{
    Model model;
    Counts counts = {0};
    model_open(&model, test);
    for (int round = 0; round < SCREEN_ROUNDS; round++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GArray) people = people_now(&model);
        int64_t moved = moment_draw(&model);
        feed_settle(model.feed);
        g_autoptr(Screen) screen = screen_new(model.held, people, model.now, &error);
        g_assert_no_error(error);
        g_assert_nonnull(screen);
        for (int rule = 0; rule < SCREEN_RULES; rule++)
            rule_screened(&model, screen, moved, &counts);
        changes_are_told(&model, screen, &counts);
        model_live(&model);
    }
    g_test_message("%d changed more than once; %d were too much", counts.often, counts.heavy);
    g_assert_cmpint(counts.often, >, 0);
    g_assert_cmpint(counts.heavy, >, 0);
    g_test_message("told %d, of which %d changed and %d will; %d left to the judge", counts.told,
                   counts.changed, counts.flips, counts.left);
    g_assert_cmpint(counts.told, >, 9 * counts.left);
    for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++) {
        g_test_message("%s: %d told", model_form_words[wanted[i]], counts.of[i]);
        g_assert_cmpint(counts.of[i], >, 0);
    }
    model_close(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/screen", what_is_told_is_what_the_judge_finds);
    return g_test_run();
}
