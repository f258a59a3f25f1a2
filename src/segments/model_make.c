#include "segments/model.h"

/* Random conditions, as text and as what they mean. */

const char *const model_kind_names[KINDS] = {"did", "amount",   "moment", "sequence", "silent",
                                             "top", "computed", "gap",    "ratio",    "lifecycle"};

static void window_make(const Model *model, Test *test, GString *text)
{
    static const int sizes[] = {1, 30, 60, 90, 180, 365};
    int64_t now = model->now, today = model_day_of(now);
    int size = sizes[model_below(6)];
    test->from = INT64_MIN;
    test->to = now;
    switch (model_below(13)) {
    case 0:
        return;
    case 1:
        g_string_append_printf(text, " in last %d hours", size);
        test->from = now - size * HOUR;
        return;
    case 2:
        g_string_append_printf(text, " more than %d days ago", size);
        test->to = now - size * DAY;
        return;
    case 3:
        g_string_append_printf(text, " between %d and %d days ago", size + 10, size);
        test->from = now - (size + 10) * DAY;
        test->to = now - size * DAY;
        return;
    case 4:
        g_string_append(text, " today");
        test->from = model_midnight(today);
        return;
    case 5:
        g_string_append(text, " yesterday");
        test->from = model_midnight(today - 1);
        test->to = model_midnight(today);
        return;
    case 6:
        g_string_append(text, " this week");
        test->from = model_midnight(today - (today + 3) % 7);
        return;
    case 7:
        g_string_append(text, " last month");
        test->from = model_month_start(now, -1);
        test->to = model_month_start(now, 0);
        return;
    default:
        g_string_append_printf(text, " in last %d days", size);
        test->from = now - size * DAY;
    }
}

static void event_make(Test *test, GString *text, Name limit)
{
    test->name = (Name)model_below(limit);
    test->category = test->name < ORDERED && model_below(3) == 0 ? model_below(3) : -1;
    g_string_append_printf(text, "\"%s\"", model_names[test->name]);
    if (test->category >= 0)
        g_string_append_printf(text, " where %s = \"%s\"",
                               model_below(3) ? "category" : "context.campaign.source",
                               model_categories[test->category]);
}

static void did_make(const Model *model, Test *test, GString *text)
{
    static const char *const words[] = {" at least %d times", " at most %d times",
                                        " exactly %d times"};
    g_string_append(text, "did ");
    event_make(test, text, NAMES);
    test->how = model_below(4);
    test->number = model_below(5);
    if (test->how == 0) g_string_append_printf(text, words[0], test->number);
    if (test->how == 1) g_string_append_printf(text, words[1], test->number);
    if (test->how == 2) g_string_append_printf(text, words[2], test->number);
    window_make(model, test, text);
}

static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

/* Compared with cents: the number of all amounts. */
static void number_make(Test *test, GString *text)
{
    test->how = model_below(6);
    bool counted = test->kind == AMOUNT && test->amount >= 4;
    test->number =
        counted ? model_below(4) * 100 : model_below(9) * 500 + model_below(2) * model_below(100);
    g_string_append_printf(text, " %s %d.%02d", signs[test->how], test->number / 100,
                           test->number % 100);
}

static void amount_head(Test *test, GString *text)
{
    static const char *const words[] = {"sum", "average", "minimum", "maximum"};
    test->amount = model_below(6);
    GString *event = g_string_new(NULL);
    event_make(test, event, test->amount == 5 ? ORDERED : NAMES);
    const char *field = test->name == ORDERED    ? "revenue"
                        : test->name == REFUNDED ? "amount"
                                                 : "price";
    if (test->amount < 4) g_string_append_printf(text, "%s(%s)", words[test->amount], field);
    if (test->amount == 4) g_string_append(text, "count");
    if (test->amount == 5) g_string_append(text, "distinct(category)");
    g_string_append_printf(text, " of %s", event->str);
    g_string_free(event, TRUE);
}

static void moment_make(const Model *model, Test *test, GString *text)
{
    static const char *const words[] = {"last ", "first ", "2nd ", "3rd "};
    GString *rest = g_string_new(NULL);
    test->number = model_below(4);
    g_string_append(text, words[test->number]);
    event_make(test, text, NAMES);
    do
        window_make(model, test, g_string_truncate(rest, 0));
    while (rest->len == 0);
    g_string_append(text, rest->str);
    g_string_free(rest, TRUE);
}

static void sequence_make(const Model *model, Test *test, GString *text)
{
    g_string_append(text, "did ");
    event_make(test, text, REFUNDED);
    test->from = INT64_MIN;
    test->to = model->now;
    if (model_below(2)) window_make(model, test, text);
    test->not_then = model_below(2);
    int some = model_below(RULE_STEPS_MAX - 1), others = model_below(RULE_STEPS_MAX - 1);
    test->steps = 1 + MIN(some, others);
    for (int i = 0; i < test->steps; i++) {
        bool denied = test->not_then && i + 1 == test->steps;
        test->then[i] = (Name)model_below(REFUNDED);
        g_string_append_printf(text, "%s\"%s\"", denied ? " and not then " : " then ",
                               model_names[test->then[i]]);
        test->span[i] = (model_below(3) > 0) * (1 + model_below(60));
        if (test->span[i]) g_string_append_printf(text, " within %d days", (int)test->span[i]);
    }
}

static void gap_make(const Model *model, Test *test, GString *text)
{
    static const char *const words[] = {"average", "median", "minimum", "maximum"};
    static const char *const units[] = {"hours", "days", "weeks"};
    static const int64_t sizes[] = {HOUR, DAY, 7 * DAY};
    int unit = model_below(3);
    test->gap = model_below(4);
    test->unit = sizes[unit];
    g_string_append_printf(text, "%s time between ", words[test->gap]);
    event_make(test, text, NAMES);
    test->how = model_below(7);
    int days = model_below(2) ? model_below(80) : model_below(12);
    test->number = (int)(days * DAY / sizes[unit]) + model_below(2);
    test->high = test->number + model_below(30);
    if (test->how < 6)
        g_string_append_printf(text, " %s %d %s", signs[test->how], test->number, units[unit]);
    else
        g_string_append_printf(text, " between %d and %d %s", test->number, test->high,
                               units[unit]);
    window_make(model, test, text);
}

static void ratio_make(const Model *model, Test *test, GString *text)
{
    bool percent = model_below(2);
    g_string_append(text, "ratio of ");
    event_make(test, text, NAMES);
    test->then[0] = (Name)model_below(NAMES);
    test->how = model_below(6);
    test->number = model_below(3) ? 25 * model_below(7) : model_below(200);
    g_string_append_printf(text, " to \"%s\" %s ", model_names[test->then[0]], signs[test->how]);
    if (percent)
        g_string_append_printf(text, "%d %%", test->number);
    else
        g_string_append_printf(text, "%d.%02d", test->number / 100, test->number % 100);
    window_make(model, test, text);
}

static void leaf_make(const Model *model, Test *test, GString *text)
{
    static const char *const computed[] = {"orders", "spent", "lifetime_value",
                                           "average_order_value"};
    test->kind = (Kind)model_below(KINDS);
    switch (test->kind) {
    case DID:
        did_make(model, test, text);
        return;
    case AMOUNT:
        amount_head(test, text);
        number_make(test, text);
        window_make(model, test, text);
        return;
    case MOMENT:
        moment_make(model, test, text);
        return;
    case SEQUENCE:
        sequence_make(model, test, text);
        return;
    case SILENT:
        test->number = 1 + model_below(40);
        g_string_append_printf(text, "silent longer than %d.%d times usual", test->number / 10,
                               test->number % 10);
        return;
    case TOP:
        test->number = 1 + model_below(100);
        g_string_append_printf(text, "top %d %% by ", test->number);
        amount_head(test, text);
        window_make(model, test, text);
        return;
    case COMPUTED:
        test->amount = model_below(4);
        g_string_append(text, computed[test->amount]);
        number_make(test, text);
        return;
    case GAP:
        gap_make(model, test, text);
        return;
    case RATIO:
        ratio_make(model, test, text);
        return;
    case LIFECYCLE:
        test->number = model_below(4);
        g_string_append_printf(text, "lifecycle \"%s\"", rule_stage_words[test->number]);
        return;
    case KINDS:
        break;
    }
}

Test *model_test_make(const Model *model, GString *text, int depth)
{
    Test *test = g_new0(Test, 1);
    test->join = depth < DEPTH_MAX && model_below(2) ? (Join)(1 + model_below(3)) : LEAF;
    if (test->join == LEAF) {
        leaf_make(model, test, text);
        return test;
    }
    g_string_append(text, test->join == NOT ? "not (" : "(");
    test->left = model_test_make(model, text, depth + 1);
    if (test->join != NOT) {
        g_string_append(text, test->join == AND ? ") and (" : ") or (");
        test->right = model_test_make(model, text, depth + 1);
    }
    g_string_append_c(text, ')');
    return test;
}

void model_test_free(Test *test)
{
    if (!test) return;
    model_test_free(test->left);
    model_test_free(test->right);
    g_free(test);
}
