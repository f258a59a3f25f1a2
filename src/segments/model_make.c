#include "segments/model_rule.h"

/* Random conditions, as text and as what they mean. */

typedef struct Make {
    const Model *model;
    Test *test;
    GString *text;
    int depth;
} Make;

static void form(const Make *make, Form form) { make->test->forms[form] = true; }

/* When something of this name happened that is past; any moment when nothing is. */
static int64_t some_moment(const Make *make, Name name)
{
    for (int i = 0; i < 50; i++) {
        guint which = (guint)model_below((int)make->model->history->len);
        const Happened *one = model_at(make->model, which);
        if (one->name == name && one->at < make->model->now) return one->at;
    }
    return make->model->now - model_below(400) * DAY;
}

/* A window that holds some of them; one in eight: none. */
static void window(const Make *make)
{
    make->test->window = (Window){.kind = RULE_ALWAYS};
    if (model_below(8) == 0) {
        form(make, FORM_ALWAYS);
        return;
    }
    model_window_make(make->model, make->test, &make->test->window,
                      (WindowWish){PAST, some_moment(make, make->test->told.name)}, make->text);
}

static void told(const Make *make, Told *event, Name limit)
{
    event->name = (Name)model_below(limit);
    g_string_append_printf(make->text, "\"%s\"", model_names[event->name]);
    if (model_below(4)) return;
    g_string_append(make->text, " where ");
    gsize at = make->text->len;
    event->where = model_where_make(make->model, make->test, event->name, make->text, 0);
    if (make->text->str[at] == '(' || model_below(2)) return;
    g_string_insert_c(make->text, (gssize)at, '('); /* means the same */
    g_string_append_c(make->text, ')');
}

/* ---- numbers ---- */

/* Near what somebody has, in hundredths. */
static int64_t some_number(const Make *make)
{
    Big num, den;
    for (int i = 0; i < 20; i++) {
        int person = model_somebody(make->model);
        if (make->model->root[person] != person) continue;
        if (model_number(make->model, make->test, person, &num, &den))
            return (int64_t)(100 * num / den);
    }
    return model_below(1000);
}

static const struct {
    RuleOp op;
    const char *sign;
    Form form;
} signs[] = {{RULE_EQUAL, "=", FORM_EQUAL},
             {RULE_NOT_EQUAL, "!=", FORM_NOT_EQUAL},
             {RULE_LESS, "<", FORM_LESS},
             {RULE_LESS_EQUAL, "<=", FORM_LESS_EQUAL},
             {RULE_MORE, ">", FORM_MORE},
             {RULE_MORE_EQUAL, ">=", FORM_MORE_EQUAL},
             {RULE_BETWEEN, "between", FORM_BETWEEN}};

static void cents_print(GString *text, int64_t cents)
{
    g_string_append_printf(text, "%s%d.%02d", cents < 0 ? "-" : "", (int)(ABS(cents) / 100),
                           (int)(ABS(cents) % 100));
}

static void number(const Make *make, const char *unit)
{
    Test *test = make->test;
    int which = model_below(G_N_ELEMENTS(signs));
    test->op = signs[which].op;
    form(make, signs[which].form);
    test->low = some_number(make) + (model_below(3) - 1) * model_below(3);
    bool counted = test->kind == GAP || test->kind == RATIO;
    if (counted && test->low < 0) test->low = 0;
    test->high = some_number(make);
    if (test->high < test->low) test->high = test->low;
    g_string_append_printf(make->text, " %s ", signs[which].sign);
    cents_print(make->text, test->low);
    g_string_append(make->text, unit);
    if (test->op != RULE_BETWEEN) return;
    g_string_append(make->text, " and ");
    cents_print(make->text, test->high);
    g_string_append(make->text, unit);
}

/* ---- kinds ---- */

static void make_trait(const Make *make)
{
    Value like = {.type = TEXT, .text = "nobody", .fold = "nobody"};
    const GArray *facts = make->model->facts;
    const TraitPath *path = &model_paths[model_below(model_path_count)];
    make->test->path = path;
    form(make, path->form);
    for (int i = 0; i < 200; i++) {
        const ModelFact *fact = &g_array_index(facts, ModelFact, model_below((int)facts->len));
        if (fact->trait != path->trait || fact->values.count == 0) continue;
        int item = path->item < 0 ? model_below(fact->values.count) : path->item;
        like = fact->values.items[item];
        break;
    }
    g_string_append(make->text, path->path);
    model_condition_make(make->model, make->test, &make->test->condition, &like, make->text);
}

static const struct {
    const char *word;
    Form form;
} computed[] = {{"orders", FORM_ORDERS},
                {"spent", FORM_SPENT},
                {"lifetime_value", FORM_LIFETIME},
                {"average_order_value", FORM_AVERAGE_ORDER}};

static void make_computed(const Make *make)
{
    make->test->computed = model_below(4);
    form(make, computed[make->test->computed].form);
    g_string_append(make->text, computed[make->test->computed].word);
    bool money = make->test->computed > 0 && model_below(3) == 0;
    if (money) form(make, FORM_MONEY);
    number(make, money ? " EUR" : "");
}

static void times(const Make *make)
{
    static const Form forms[] = {FORM_DID, FORM_AT_LEAST, FORM_AT_MOST, FORM_EXACTLY, FORM_TIMES};
    Test *test = make->test;
    test->times = (RuleTimesKind)model_below(5);
    test->low = 1 + model_below(5);
    test->high = test->low + model_below(4);
    form(make, forms[test->times]);
    int low = (int)test->low, high = (int)test->high;
    if (test->times == RULE_AT_LEAST) g_string_append_printf(make->text, " at least %d times", low);
    if (test->times == RULE_AT_MOST) g_string_append_printf(make->text, " at most %d times", low);
    if (test->times == RULE_EXACTLY) g_string_append_printf(make->text, " exactly %d times", low);
    if (test->times == RULE_BETWEEN_TIMES)
        g_string_append_printf(make->text, " between %d and %d times", low, high);
}

static void make_did(const Make *make)
{
    make->test->negated = model_below(4) == 0;
    g_string_append(make->text, make->test->negated ? "did not " : "did ");
    told(make, &make->test->told, NAMES);
    if (make->test->negated) {
        form(make, FORM_DID_NOT);
        window(make);
    } else if (model_below(2)) {
        times(make);
        window(make);
    } else {
        window(make);
        times(make);
    }
}

static void amount_head(const Make *make)
{
    static const struct {
        const char *word;
        Form form;
    } amounts[RULE_AMOUNTS] = {
        [RULE_SUM] = {"sum", FORM_SUM},
        [RULE_AVERAGE] = {"average", FORM_AVERAGE},
        [RULE_MINIMUM] = {"minimum", FORM_MINIMUM},
        [RULE_MAXIMUM] = {"maximum", FORM_MAXIMUM},
        [RULE_DISTINCT] = {"distinct", FORM_DISTINCT},
        [RULE_COUNT] = {"count", FORM_COUNT},
    };
    Test *test = make->test;
    test->amount = (RuleAmount)model_below(RULE_AMOUNTS);
    form(make, amounts[test->amount].form);
    g_string_append(make->text, amounts[test->amount].word);
    gsize at = make->text->len;
    g_string_append(make->text, " of ");
    told(make, &test->told, test->amount == RULE_DISTINCT ? REFUNDED : BOUNCED);
    Name name = test->told.name;
    const char *field = name == ORDERED ? "revenue" : name == REFUNDED ? "amount" : "price";
    test->property = name == ORDERED ? REVENUE : name == REFUNDED ? REFUND : PRICE;
    if (name < ORDERED && model_below(3) == 0) {
        field = "box.size";
        test->property = BOX;
    }
    if (test->amount == RULE_DISTINCT) {
        field = name == ORDERED ? "coupon" : "category";
        test->property = name == ORDERED ? COUPON : CATEGORY;
    }
    g_autofree char *inside = g_strdup_printf("(%s)", field);
    if (test->amount != RULE_COUNT) g_string_insert(make->text, (gssize)at, inside);
}

/* The window stands before the comparison or behind it; numbers are drawn when it is known. */
static void measured(const Make *make, const char *unit)
{
    if (model_below(2)) {
        window(make);
        number(make, unit);
        return;
    }
    gsize at = make->text->len;
    window(make);
    g_autofree char *behind = g_strdup(make->text->str + at);
    g_string_truncate(make->text, at);
    number(make, unit);
    g_string_append(make->text, behind);
}

static void make_amount(const Make *make)
{
    amount_head(make);
    bool money = (make->test->property == REVENUE || make->test->property == REFUND) &&
                 make->test->amount < RULE_DISTINCT && model_below(2);
    if (money) form(make, FORM_MONEY);
    measured(make, money ? " EUR" : "");
}

static void make_moment(const Make *make)
{
    static const char *const words[] = {"last ", "first ", "2nd ", "3rd ", "4th "};
    Test *test = make->test;
    test->number = model_below(5);
    form(make, test->number == 0 ? FORM_LAST : test->number == 1 ? FORM_FIRST : FORM_NTH);
    g_string_append(make->text, words[test->number]);
    told(make, &test->told, NAMES);
    model_window_make(make->model, test, &test->window,
                      (WindowWish){PAST, some_moment(make, test->told.name)}, make->text);
}

static void make_sequence(const Make *make)
{
    static const Form forms[] = {0, FORM_STEPS_2, FORM_STEPS_3, FORM_STEPS_4, FORM_STEPS_5};
    Test *test = make->test;
    g_string_append(make->text, "did ");
    told(make, &test->told, REFUNDED);
    if (model_below(2)) window(make);
    test->not_then = model_below(2);
    test->step_count = 1 + model_below(RULE_STEPS_MAX - 1);
    form(make, forms[test->step_count]);
    for (int i = 0; i < test->step_count; i++) {
        bool denied = test->not_then && i + 1 == test->step_count;
        if (denied) form(make, FORM_NOT_THEN);
        g_string_append(make->text, denied ? " and not then " : " then ");
        told(make, &test->steps[i], REFUNDED);
        model_span_make(test, &test->spans[i], make->text);
    }
}

static void make_gap(const Make *make)
{
    static const char *const words[] = {"average", "median", "minimum", "maximum"};
    static const char *const units[] = {" minutes", " hours", " days", " weeks"};
    static const int64_t sizes[] = {60000, HOUR, DAY, 7 * DAY};
    int unit = model_below(4);
    make->test->gap = (RuleGap)model_below(RULE_GAPS);
    make->test->unit = sizes[unit];
    form(make, (Form)(FORM_GAP_AVERAGE + (int)make->test->gap));
    g_string_append_printf(make->text, "%s time between ", words[make->test->gap]);
    told(make, &make->test->told, BOUNCED);
    measured(make, units[unit]);
}

static void make_ratio(const Make *make)
{
    make->test->percent = model_below(2);
    form(make, make->test->percent ? FORM_RATIO_PERCENT : FORM_RATIO);
    g_string_append(make->text, "ratio of ");
    told(make, &make->test->told, BOUNCED);
    g_string_append(make->text, " to ");
    told(make, &make->test->steps[0], BOUNCED);
    measured(make, make->test->percent ? " %" : "");
}

static void make_lifecycle(const Make *make)
{
    make->test->number = model_below(4);
    form(make, (Form)(FORM_LEAD + make->test->number));
    g_string_append_printf(make->text, "lifecycle \"%s\"", rule_stage_words[make->test->number]);
}

static void make_silent(const Make *make)
{
    make->test->low = 10 * (1 + model_below(50));
    make->test->told.name = ORDERED;
    g_string_append_printf(make->text, "silent longer than %d.%02d times usual",
                           (int)(make->test->low / 100), (int)(make->test->low % 100));
    bool of = model_below(2);
    form(make, of ? FORM_SILENT_OF : FORM_SILENT);
    if (!of) return;
    g_string_append(make->text, " of ");
    told(make, &make->test->told, REFUNDED);
}

static void make_top(const Make *make)
{
    static const int numbers[] = {0, 5, 7}; /* size, scores, home.floor */
    Test *test = make->test;
    test->percent = model_below(2);
    test->low = test->percent ? 1 + model_below(100) : 1 + model_below(20);
    test->computed = -1;
    form(make, test->percent ? FORM_TOP_PERCENT : FORM_TOP_NUMBER);
    g_string_append_printf(make->text, "top %d%s by ", (int)test->low, test->percent ? " %" : "");
    switch (model_below(3)) {
    case 0:
        form(make, FORM_TOP_TRAIT);
        test->path = &model_paths[numbers[model_below(3)]];
        g_string_append(make->text, test->path->path);
        return;
    case 1:
        form(make, FORM_TOP_COMPUTED);
        test->computed = model_below(4);
        g_string_append(make->text, computed[test->computed].word);
        return;
    default:
        form(make, FORM_TOP_AMOUNT);
        amount_head(make);
        window(make);
    }
}

static void make_birthday(const Make *make)
{
    int64_t near = make->model->now + (model_below(60) - 20) * DAY;
    bool leap = model_below(4) == 0; /* about the end of February */
    int year, unused;
    civil_from_days(model_day_of(make->model->now), &year, &unused, &unused);
    if (leap) near = model_midnight(days_from_civil(year, 2, 27 + model_below(2)));
    form(make, FORM_BIRTHDAY);
    g_string_append(make->text, "birthday");
    model_window_make(make->model, make->test, &make->test->window, (WindowWish){WHOLE_DAYS, near},
                      make->text);
    int64_t from, to, day = days_from_civil(year, 2, 28);
    model_window_days(make->model, &make->test->window, &from, &to);
    if (from <= day + 1 && to > day) form(make, FORM_LEAP_DAY);
}

static void make_anniversary(const Make *make)
{
    static const char *const words[] = {"last ", "first ", "2nd "};
    int64_t near = make->model->now + (model_below(60) - 20) * DAY;
    g_string_append(make->text, "anniversary of ");
    if (model_below(2)) {
        form(make, FORM_ANNIVERSARY_DATE);
        make->test->path = &model_paths[10];
        g_string_append(make->text, "birthday");
    } else {
        form(make, FORM_ANNIVERSARY);
        make->test->number = model_below(3);
        g_string_append(make->text, words[make->test->number]);
        told(make, &make->test->told, REFUNDED);
        near = model_shift(some_moment(make, make->test->told.name), 12);
    }
    model_window_make(make->model, make->test, &make->test->window, (WindowWish){WHOLE_DAYS, near},
                      make->text);
}

static void make_random(const Make *make)
{
    make->test->low = model_below(10001);
    g_snprintf(make->test->seed, sizeof make->test->seed, "s%d", model_below(1000));
    form(make, FORM_RANDOM);
    g_string_append_printf(make->text, "random %d.%02d %% seed \"%s\"",
                           (int)(make->test->low / 100), (int)(make->test->low % 100),
                           make->test->seed);
}

static void make_tag(const Make *make)
{
    make->test->number = model_below(G_N_ELEMENTS(model_tags));
    form(make, FORM_TAG);
    g_autofree char *loud = g_utf8_strup(model_tags[make->test->number], -1);
    bool as_is = make->test->number == 2 || model_below(2); /* ß is SS in capitals */
    g_string_append_printf(make->text, "tag \"%s\"", as_is ? model_tags[make->test->number] : loud);
}

static void make_consent(const Make *make)
{
    make->test->number = model_below(5) % 4;
    make->test->topic = model_below(3) - 1;
    form(make, make->test->number < 2 ? FORM_CONSENT_MAIL : FORM_CONSENT_OTHER);
    g_string_append_printf(make->text, "consent %s", model_channels[make->test->number]);
    if (make->test->topic < 0) return;
    form(make, FORM_CONSENT_TOPIC);
    g_string_append_printf(make->text, " \"%s\"", model_topics[make->test->topic]);
}

static void make_bounced(const Make *make)
{
    form(make, FORM_BOUNCED);
    g_string_append(make->text, "bounced email");
}

static void make_everybody(const Make *make)
{
    form(make, FORM_EVERYBODY);
    g_string_append(make->text, "everybody");
}

static void make_segment(const Make *make)
{
    if (make->model->saved_count == 0) {
        make->test->kind = EVERYBODY;
        make_everybody(make);
        return;
    }
    make->test->number = model_below(make->model->saved_count);
    make->test->negated = model_below(2);
    form(make, make->test->negated ? FORM_NOT_SEGMENT : FORM_SEGMENT);
    g_string_append_printf(make->text, "%sin segment \"Saved %d\"",
                           make->test->negated ? "not " : "", make->test->number);
}

/* ---- the whole ---- */

static void leaf_make(const Make *make)
{
    static const struct {
        void (*make)(const Make *make);
        int weight;
    } kinds[KINDS] = {[TRAIT] = {make_trait, 22},
                      [COMPUTED] = {make_computed, 8},
                      [DID] = {make_did, 14},
                      [AMOUNT] = {make_amount, 11},
                      [MOMENT] = {make_moment, 10},
                      [SEQUENCE] = {make_sequence, 9},
                      [GAP] = {make_gap, 7},
                      [RATIO] = {make_ratio, 6},
                      [LIFECYCLE] = {make_lifecycle, 8},
                      [SILENT] = {make_silent, 5},
                      [TOP] = {make_top, 7},
                      [DAYS] = {make_birthday, 9},
                      [ANNIVERSARY] = {make_anniversary, 5},
                      [RANDOM] = {make_random, 2},
                      [TAGGED] = {make_tag, 1},
                      [CONSENT] = {make_consent, 3},
                      [BOUNCE_OF] = {make_bounced, 1},
                      [SEGMENT] = {make_segment, 4},
                      [EVERYBODY] = {make_everybody, 3}};
    int all = 0, turn, kind = 0;
    for (int i = 0; i < KINDS; i++)
        all += kinds[i].weight;
    for (turn = model_below(all); turn >= kinds[kind].weight; kind++)
        turn -= kinds[kind].weight;
    make->test->kind = (Kind)kind;
    kinds[kind].make(make);
}

static Test *test_draw(const Model *model, GString *text, int depth)
{
    static const Form forms[] = {0, FORM_AND, FORM_OR, FORM_NOT};
    Test *test = g_new0(Test, 1);
    test->join = depth < DEPTH_MAX && model_below(2) ? (Join)(1 + model_below(3)) : LEAF;
    if (test->join == LEAF) {
        Make make = {model, test, text, depth};
        leaf_make(&make);
        return test;
    }
    test->forms[forms[test->join]] = true;
    g_string_append(text, test->join == NOT ? "not (" : "(");
    test->left = model_test_make(model, text, depth + 1);
    if (test->join != NOT) {
        g_string_append(text, test->join == AND ? ") and (" : ") or (");
        test->right = model_test_make(model, text, depth + 1);
    }
    g_string_append_c(text, ')');
    return test;
}

/* What holds for nobody or for all is drawn again once, mostly. */
Test *model_test_make(const Model *model, GString *text, int depth)
{
    gsize at = text->len;
    Test *test = test_draw(model, text, depth);
    int count = model_count(model, test);
    bool tells = count > 0 && count < model->people;
    if (tells || model_below(4) == 0) return test;
    model_test_free(test);
    g_string_truncate(text, at);
    return test_draw(model, text, depth);
}

void model_test_free(Test *test)
{
    if (!test) return;
    model_test_free(test->left);
    model_test_free(test->right);
    model_where_free(test->told.where);
    for (int i = 0; i < RULE_STEPS_MAX - 1; i++)
        model_where_free(test->steps[i].where);
    g_free(test);
}
