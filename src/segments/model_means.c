#include "segments/model_rule.h"

/* What conditions mean that look at what happened: loops over everything. */

bool model_is_told(const Model *model, const Told *told, const Happened *one)
{
    return one->counts && one->name == told->name && one->at < model->now &&
           model_where_holds(model, told->where, one);
}

typedef struct Reach {
    int64_t from, to;
} Reach;

static Reach reach_of(const Model *model, const Window *window)
{
    Reach reach;
    model_window_range(model, window, &reach.from, &reach.to);
    return reach;
}

static bool is_in(const Reach *reach, int64_t at) { return at >= reach->from && at < reach->to; }

/* ---- numbers ---- */

/* The first number of what was said; texts and flags are passed over. */
static bool first_number(const Values *values, int64_t *ret_number)
{
    for (int i = 0; i < values->count; i++) {
        if (values->items[i].type != NUMBER) continue;
        *ret_number = values->items[i].number;
        return true;
    }
    return false;
}

typedef struct Tally {
    Big sum, least, most;
    int64_t all, numbers, kinds;
} Tally;

static Tally tally_of(const Model *model, const Test *test, int person)
{
    Tally tally = {0};
    const Happened *one;
    Reach reach = reach_of(model, &test->window);
    g_autoptr(GPtrArray) seen = g_ptr_array_new();
    for (guint i = 0; (one = model_theirs(model, person, i)); i++) {
        int64_t number;
        const Values *values = &one->values[test->property];
        if (!is_in(&reach, one->at) || !model_is_told(model, &test->told, one)) continue;
        tally.all++;
        char *fold = (char *)(void *)values->items[0].fold;
        if (values->count && !g_ptr_array_find_with_equal_func(seen, fold, g_str_equal, NULL))
            g_ptr_array_add(seen, fold);
        if (!first_number(values, &number)) continue;
        tally.least = tally.numbers ? MIN(tally.least, number) : number;
        tally.most = tally.numbers ? MAX(tally.most, number) : number;
        tally.sum += number;
        tally.numbers++;
    }
    tally.kinds = seen->len;
    return tally;
}

static bool amount_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    Tally tally = tally_of(model, test, person);
    const Big nums[RULE_AMOUNTS] = {
        [RULE_SUM] = tally.sum,      [RULE_AVERAGE] = tally.sum,    [RULE_MINIMUM] = tally.least,
        [RULE_MAXIMUM] = tally.most, [RULE_DISTINCT] = tally.kinds, [RULE_COUNT] = tally.all};
    bool counted = test->amount == RULE_COUNT || test->amount == RULE_DISTINCT;
    *num = nums[test->amount];
    *den = counted ? 1 : MICROS;
    if (test->amount == RULE_AVERAGE) *den *= MAX(tally.numbers, 1);
    if (test->amount == RULE_COUNT) return tally.all > 0;
    return test->amount == RULE_DISTINCT ? tally.kinds > 0 : tally.numbers > 0;
}

/* orders, spent, lifetime_value, average_order_value; known of those who bought. */
static bool computed_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    static const RuleAmount amounts[] = {RULE_COUNT, RULE_SUM, RULE_SUM, RULE_AVERAGE};
    Test orders = {.told = {ORDERED, NULL}, .property = REVENUE, .amount = amounts[test->computed]};
    Test refunds = {.told = {REFUNDED, NULL}, .property = REFUND, .amount = RULE_SUM};
    Big back, unused;
    bool known = amount_number(model, &orders, person, num, den);
    amount_number(model, &refunds, person, &back, &unused);
    if (test->computed == 2) *num -= back;
    return known;
}

static int time_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* When a person did it, in order; all, or in the window. */
static GArray *times_of(const Model *model, const Told *told, const Window *window, int person)
{
    const Happened *one;
    Reach reach = {INT64_MIN, INT64_MAX};
    if (window) reach = reach_of(model, window);
    GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; (one = model_theirs(model, person, i)); i++)
        if (is_in(&reach, one->at) && model_is_told(model, told, one))
            g_array_append_val(times, one->at);
    g_array_sort(times, time_compare);
    return times;
}

static bool gap_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    g_autoptr(GArray) times = times_of(model, &test->told, &test->window, person);
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t sum = 0;
    for (guint i = 1; i < times->len; i++) {
        int64_t gap = g_array_index(times, int64_t, i) - g_array_index(times, int64_t, i - 1);
        g_array_append_val(gaps, gap);
        sum += gap;
    }
    int64_t n = gaps->len;
    if (n == 0) return false;
    g_array_sort(gaps, time_compare);
    const int64_t *sorted = (const int64_t *)(void *)gaps->data;
    const int64_t nums[RULE_GAPS] = {[RULE_GAP_AVERAGE] = sum,
                                     [RULE_GAP_MEDIAN] = sorted[(n - 1) / 2] + sorted[n / 2],
                                     [RULE_GAP_MINIMUM] = sorted[0],
                                     [RULE_GAP_MAXIMUM] = sorted[n - 1]};
    const int64_t dens[RULE_GAPS] = {[RULE_GAP_AVERAGE] = n,
                                     [RULE_GAP_MEDIAN] = 2,
                                     [RULE_GAP_MINIMUM] = 1,
                                     [RULE_GAP_MAXIMUM] = 1};
    *num = nums[test->gap];
    *den = dens[test->gap] * (Big)test->unit;
    return true;
}

static bool ratio_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    g_autoptr(GArray) some = times_of(model, &test->told, &test->window, person);
    g_autoptr(GArray) others = times_of(model, &test->steps[0], &test->window, person);
    *num = (Big)some->len * (test->percent ? 100 : 1);
    *den = others->len;
    return others->len > 0;
}

/* The first number of the trait. */
static bool trait_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    const ModelFact *fact = model_fact(model, person, test->path->trait);
    Values part = {0};
    int64_t number;
    if (fact) part = fact->values;
    if (fact && test->path->item >= 0 && part.count) {
        part.items[0] = part.items[test->path->item];
        part.count = 1;
    }
    if (!first_number(&part, &number)) return false;
    *num = number;
    *den = MICROS;
    return true;
}

bool model_number(const Model *model, const Test *test, int person, Big *num, Big *den)
{
    if (test->kind == COMPUTED) return computed_number(model, test, person, num, den);
    if (test->kind == GAP) return gap_number(model, test, person, num, den);
    if (test->kind == RATIO) return ratio_number(model, test, person, num, den);
    if (test->kind != TOP) return amount_number(model, test, person, num, den);
    if (test->path) return trait_number(model, test, person, num, den);
    return test->computed >= 0 ? computed_number(model, test, person, num, den)
                               : amount_number(model, test, person, num, den);
}

/* What is not there is 0 where things are added up or counted, and else passes only `!=`. */
static bool number_holds(const Model *model, const Test *test, int person)
{
    Big num, den;
    bool known = model_number(model, test, person, &num, &den);
    bool zero =
        (test->kind == AMOUNT && (test->amount == RULE_SUM || test->amount >= RULE_DISTINCT)) ||
        (test->kind == COMPUTED && test->computed < 3);
    if (!known && !zero) return test->op == RULE_NOT_EQUAL;
    Big value = 100 * num, low = test->low * den, high = test->high * den;
    switch ((int)test->op) {
    case RULE_EQUAL:
        return value == low;
    case RULE_NOT_EQUAL:
        return value != low;
    case RULE_LESS:
        return value < low;
    case RULE_LESS_EQUAL:
        return value <= low;
    case RULE_MORE:
        return value > low;
    case RULE_MORE_EQUAL:
        return value >= low;
    default:
        return value >= low && value <= high;
    }
}

static bool top_holds(const Model *model, const Test *test, int person)
{
    Big mine, my_den, other, den;
    int known = 0, above = 0;
    if (!model_number(model, test, person, &mine, &my_den)) return false;
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        if (model->root[i] != i || !model_number(model, test, i, &other, &den)) continue;
        known++;
        Big left = other * my_den, right = mine * den;
        above += left > right || (left == right && model->ids[i] < model->ids[person]);
    }
    return above < (test->percent ? (known * test->low + 99) / 100 : test->low);
}

/* ---- how often, when, in which order ---- */

static bool did_holds(const Model *model, const Test *test, int person)
{
    int64_t count = 0;
    const Happened *one;
    Reach reach = reach_of(model, &test->window);
    for (guint i = 0; (one = model_theirs(model, person, i)); i++)
        count += is_in(&reach, one->at) && model_is_told(model, &test->told, one);
    if (test->negated) return count == 0;
    switch (test->times) {
    case RULE_ANY_TIMES:
        return count > 0;
    case RULE_AT_LEAST:
        return count >= test->low;
    case RULE_AT_MOST:
        return count <= test->low;
    case RULE_EXACTLY:
        return count == test->low;
    case RULE_BETWEEN_TIMES:
        return count >= test->low && count <= test->high;
    }
    g_assert_not_reached();
}

static bool moment_holds(const Model *model, const Test *test, int person)
{
    g_autoptr(GArray) times = times_of(model, &test->told, NULL, person);
    guint nth = test->number ? (guint)test->number - 1 : times->len - 1;
    if (times->len == 0 || nth >= times->len) return false;
    Reach reach = reach_of(model, &test->window);
    return is_in(&reach, g_array_index(times, int64_t, nth));
}

/* Whether what stands behind the occurrence `first` of a step is as asked, for some choice. */
static bool goes_on(const Model *model, const Test *test, int person, guint first, int step)
{
    bool denied = test->not_then && step + 1 == test->step_count;
    const Happened *one = model_theirs(model, person, first), *other;
    if (step == test->step_count) return true;
    int64_t end = model_span_end(&test->spans[step], one->at);
    for (guint i = 0; (other = model_theirs(model, person, i)); i++) {
        bool after = other->at > one->at || (other->at == one->at && i > first);
        bool theirs = after && other->at < end && model_is_told(model, &test->steps[step], other);
        if (theirs && (denied || goes_on(model, test, person, i, step + 1))) return !denied;
    }
    return denied;
}

static bool sequence_holds(const Model *model, const Test *test, int person)
{
    const Happened *one;
    Reach reach = reach_of(model, &test->window);
    for (guint i = 0; (one = model_theirs(model, person, i)); i++) {
        if (!is_in(&reach, one->at) || !model_is_told(model, &test->told, one)) continue;
        if (goes_on(model, test, person, i, 0)) return true;
    }
    return false;
}

/* ---- rhythm ---- */

static const Told any_order = {ORDERED, NULL};

/* The days between days with one, rising; how many such days, and the last. */
static GArray *day_gaps(const Model *model, const Told *told, int person, int *ret_days,
                        int64_t *ret_last)
{
    g_autoptr(GArray) times = times_of(model, told, NULL, person);
    GArray *gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    *ret_days = 0;
    *ret_last = 0;
    for (guint i = 0; i < times->len; i++) {
        int64_t day = model_day_of(g_array_index(times, int64_t, i)), gap = day - *ret_last;
        if (*ret_days && gap == 0) continue;
        if ((*ret_days)++) g_array_append_val(gaps, gap);
        *ret_last = day;
    }
    g_array_sort(gaps, time_compare);
    return gaps;
}

/* Longer than `factor` / 100 of the median gap. */
static bool is_silent(const Model *model, const GArray *gaps, int64_t last, int64_t factor)
{
    int64_t low = g_array_index(gaps, int64_t, (gaps->len - 1) / 2);
    int64_t high = g_array_index(gaps, int64_t, gaps->len / 2);
    return 200 * (model_day_of(model->now) - last) > factor * (low + high);
}

static bool silent_holds(const Model *model, const Test *test, int person)
{
    int64_t last;
    int days;
    g_autoptr(GArray) gaps = day_gaps(model, &test->told, person, &days, &last);
    return days >= 3 && is_silent(model, gaps, last, test->low);
}

/* How many of all gaps are at most so long decides the window: nine in ten. */
static int64_t shop_window(const Model *model)
{
    int64_t last, window = 180;
    int days;
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        if (model->root[i] != i) continue;
        g_autoptr(GArray) gaps = day_gaps(model, &any_order, i, &days, &last);
        g_array_append_vals(all, gaps->data, gaps->len);
    }
    g_array_sort(all, time_compare);
    for (guint i = all->len; i > 0; i--)
        if (10 * i >= 9 * all->len) window = g_array_index(all, int64_t, i - 1);
    return CLAMP(window, 30, 730);
}

static bool lifecycle_holds(const Model *model, const Test *test, int person)
{
    int64_t last;
    int days;
    g_autoptr(GArray) gaps = day_gaps(model, &any_order, person, &days, &last);
    if (days == 0) return test->number == RULE_STAGE_LEAD;
    bool late = days >= 3 ? is_silent(model, gaps, last, 250)
                          : model_day_of(model->now) - last > shop_window(model);
    if (late) return test->number == RULE_STAGE_LAPSED;
    return test->number == (days == 1 ? RULE_STAGE_NEW : RULE_STAGE_ACTIVE);
}

/* ---- the whole ---- */

bool model_holds(const Model *model, const Test *test, int person)
{
    static bool (*const means[KINDS])(const Model *, const Test *, int) = {
        [COMPUTED] = number_holds,   [DID] = did_holds,
        [AMOUNT] = number_holds,     [MOMENT] = moment_holds,
        [SEQUENCE] = sequence_holds, [GAP] = number_holds,
        [RATIO] = number_holds,      [LIFECYCLE] = lifecycle_holds,
        [SILENT] = silent_holds,     [TOP] = top_holds};
    if (test->join == NOT) return !model_holds(model, test->left, person);
    if (test->join == AND)
        return model_holds(model, test->left, person) && model_holds(model, test->right, person);
    if (test->join == OR)
        return model_holds(model, test->left, person) || model_holds(model, test->right, person);
    return (means[test->kind] ? means[test->kind] : model_person_holds)(model, test, person);
}

int model_count(const Model *model, const Test *test)
{
    int count = 0;
    for (int i = 0; i < PEOPLE_COUNT; i++)
        count += model->root[i] == i && model_holds(model, test, i);
    return count;
}
