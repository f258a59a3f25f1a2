#include "segments/model.h"

/* What they mean: loops over everything. */

static bool is_it(const Model *model, const Test *test, const Happened *one, int person)
{
    return one->counts && model->root[one->person] == person && one->name == test->name &&
           one->at < model->now && (test->category < 0 || one->category == test->category);
}

static bool compare(int how, double a, double b)
{
    const bool answers[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    return answers[how];
}

/* Cents (counts × 100) × denominator; whether there is any. All exact in a double. */
static bool amount_of(const Model *model, const Test *test, int person, double *ret_value,
                      double *ret_count)
{
    double sum = 0, least = 0, most = 0, count = 0, all = 0, seen[3] = {0};
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = model_at(model, i);
        if (!is_it(model, test, one, person) || one->at < test->from || one->at >= test->to)
            continue;
        all++;
        if (one->category >= 0) seen[one->category] = 1;
        if (one->cents < 0) continue;
        least = count ? MIN(least, one->cents) : one->cents;
        most = count ? MAX(most, one->cents) : one->cents;
        sum += one->cents;
        count++;
    }
    double kinds = seen[0] + seen[1] + seen[2];
    const double values[] = {sum, sum, least, most, 100 * all, 100 * kinds};
    const double counts[] = {count, count, count, count, all, kinds};
    *ret_value = values[test->amount];
    *ret_count = test->amount == 1 ? MAX(count, 1) : 1;
    return counts[test->amount] > 0;
}

static bool amount_holds(const Model *model, const Test *test, int person)
{
    double value, count;
    bool known = amount_of(model, test, person, &value, &count);
    bool zero = test->amount == 0 || test->amount >= 4;
    if (!known && !zero) return test->how == 1;
    return compare(test->how, value, test->number * count);
}

static bool did_holds(const Model *model, const Test *test, int person)
{
    int count = 0;
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = model_at(model, i);
        count += is_it(model, test, one, person) && one->at >= test->from && one->at < test->to;
    }
    const bool answers[] = {count >= test->number, count <= test->number, count == test->number,
                            count > 0};
    return answers[test->how];
}

static int time_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* When a person did it, in order. */
static GArray *times_of(const Model *model, const Test *test, int person)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < model->history->len; i++)
        if (is_it(model, test, model_at(model, i), person))
            g_array_append_val(times, model_at(model, i)->at);
    g_array_sort(times, time_compare);
    return times;
}

static bool moment_holds(const Model *model, const Test *test, int person)
{
    g_autoptr(GArray) times = times_of(model, test, person);
    guint nth = test->number ? (guint)test->number - 1 : times->len - 1;
    if (times->len == 0 || nth >= times->len) return false;
    int64_t at = g_array_index(times, int64_t, nth);
    return at >= test->from && at < test->to;
}

/* Whether what stands behind the occurrence `first` of a step is as asked, for some choice. */
static bool goes_on(const Model *model, const Test *test, guint first, int step)
{
    bool denied = test->not_then && step + 1 == test->steps;
    if (step == test->steps) return true;
    const Happened *one = model_at(model, first);
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *other = model_at(model, i);
        bool theirs = other->counts && other->name == test->then[step] && other->at < model->now &&
                      model->root[other->person] == model->root[one->person];
        bool after = other->at > one->at || (other->at == one->at && i > first);
        bool soon = !test->span[step] || other->at < one->at + test->span[step] * DAY;
        if (theirs && after && soon && (denied || goes_on(model, test, i, step + 1)))
            return !denied;
    }
    return denied;
}

static bool sequence_holds(const Model *model, const Test *test, int person)
{
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = model_at(model, i);
        if (!is_it(model, test, one, person) || one->at < test->from || one->at >= test->to)
            continue;
        if (goes_on(model, test, i, 0)) return true;
    }
    return false;
}

/* The days between days with an order, rising; how many such days, and the last. */
static GArray *order_gaps(const Model *model, int person, int *ret_days, int64_t *ret_last)
{
    Test orders = {.name = ORDERED, .category = -1};
    g_autoptr(GArray) times = times_of(model, &orders, person);
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

/* Longer than `factor` / 10 of the median gap. */
static bool is_silent(const Model *model, const GArray *gaps, int64_t last, int64_t factor)
{
    int64_t low = g_array_index(gaps, int64_t, (gaps->len - 1) / 2);
    int64_t high = g_array_index(gaps, int64_t, gaps->len / 2);
    return 20 * (model_day_of(model->now) - last) > factor * (low + high);
}

static bool silent_holds(const Model *model, const Test *test, int person)
{
    int64_t last;
    int days;
    g_autoptr(GArray) gaps = order_gaps(model, person, &days, &last);
    return days >= 3 && is_silent(model, gaps, last, test->number);
}

/* How many of all gaps are at most so long decides the window: nine in ten. */
static int64_t shop_window(const Model *model)
{
    int64_t last, window = 180;
    int days;
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        g_autoptr(GArray) gaps = order_gaps(model, i, &days, &last);
        if (model->root[i] == i) g_array_append_vals(all, gaps->data, gaps->len);
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
    g_autoptr(GArray) gaps = order_gaps(model, person, &days, &last);
    bool late = days >= 3 ? is_silent(model, gaps, last, 25)
                          : model_day_of(model->now) - last > shop_window(model);
    if (days == 0) return test->number == RULE_STAGE_LEAD;
    if (late) return test->number == RULE_STAGE_LAPSED;
    return test->number == (days == 1 ? RULE_STAGE_NEW : RULE_STAGE_ACTIVE);
}

static bool computed_holds(const Model *model, const Test *test, int person)
{
    double value, count, back, unused;
    Test orders = {.name = ORDERED,
                   .category = -1,
                   .from = INT64_MIN,
                   .to = model->now,
                   .amount = test->amount == 0   ? 4
                             : test->amount == 3 ? 1
                                                 : 0};
    Test refunds = orders;
    refunds.name = REFUNDED;
    refunds.amount = 0;
    bool known = amount_of(model, &orders, person, &value, &count);
    amount_of(model, &refunds, person, &back, &unused);
    if (!known && test->amount == 3) return test->how == 1;
    return compare(test->how, value - (test->amount == 2 ? back : 0), test->number * count);
}

static bool top_holds(const Model *model, const Test *test, int person)
{
    double mine, my_count, other, count;
    int known = 0, above = 0;
    if (!amount_of(model, test, person, &mine, &my_count)) return false;
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        if (model->root[i] != i || !amount_of(model, test, i, &other, &count)) continue;
        known++;
        double left = other * my_count, right = mine * count;
        above +=
            left > right || (left == right && model_person(model, i) < model_person(model, person));
    }
    return above < (known * test->number + 99) / 100;
}

/* Times the denominators: exact in whole milliseconds. */
static bool gap_holds(const Model *model, const Test *test, int person)
{
    g_autoptr(GArray) times = times_of(model, test, person);
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t before = INT64_MIN, sum = 0;
    for (guint i = 0; i < times->len; i++) {
        int64_t at = g_array_index(times, int64_t, i);
        if (at < test->from || at >= test->to) continue;
        int64_t gap = before == INT64_MIN ? 0 : at - before;
        if (before != INT64_MIN) g_array_append_val(gaps, gap);
        sum += gap;
        before = at;
    }
    int64_t n = gaps->len;
    if (n == 0) return test->how == 1;
    g_array_sort(gaps, time_compare);
    const int64_t *sorted = (const int64_t *)(void *)gaps->data;
    const int64_t values[] = {sum, sorted[(n - 1) / 2] + sorted[n / 2], sorted[0], sorted[n - 1]};
    const int64_t times_what[] = {n, 2, 1, 1};
    int64_t with = test->number * test->unit * times_what[test->gap];
    int64_t most = test->high * test->unit * times_what[test->gap], value = values[test->gap];
    if (test->how == 6) return value >= with && value <= most;
    return compare(test->how, (double)value, (double)with);
}

static bool ratio_holds(const Model *model, const Test *test, int person)
{
    int counts[2] = {0};
    Test with = {.name = test->then[0], .category = -1};
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = model_at(model, i);
        if (one->at < test->from || one->at >= test->to) continue;
        counts[0] += is_it(model, test, one, person);
        counts[1] += is_it(model, &with, one, person);
    }
    if (counts[1] == 0) return test->how == 1;
    return compare(test->how, 100 * counts[0], test->number * counts[1]);
}

bool model_holds(const Model *model, const Test *test, int person)
{
    if (test->join == NOT) return !model_holds(model, test->left, person);
    if (test->join == AND)
        return model_holds(model, test->left, person) && model_holds(model, test->right, person);
    if (test->join == OR)
        return model_holds(model, test->left, person) || model_holds(model, test->right, person);
    static bool (*const means[KINDS])(const Model *, const Test *, int) = {
        did_holds, amount_holds,   moment_holds, sequence_holds, silent_holds,
        top_holds, computed_holds, gap_holds,    ratio_holds,    lifecycle_holds};
    return means[test->kind](model, test, person);
}
