#include "segments/leaf_private.h"

#include "base/clock.h"

/* ---- silence ---- */

enum { SILENT_DAYS_MIN = 3 }; /* days with an occurrence before somebody has a rhythm */

static int gap_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Twice the median gap in days between days with an occurrence; `ret_last`: the last of them. */
static int64_t median_gap_doubled(const LeafJudge *judge, const Occurrence *run, guint count,
                                  guint *ret_days, int64_t *ret_last)
{
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    *ret_days = 0;
    for (guint i = 0; i < count; i++) {
        int64_t day = window_day_of(judge->moment, run[i].at), gap = day - *ret_last;
        if (*ret_days > 0 && gap <= 0) continue;
        if (*ret_days > 0) g_array_append_val(gaps, gap);
        *ret_last = day;
        ++*ret_days;
    }
    if (gaps->len == 0) return 0;
    g_array_sort(gaps, gap_compare);
    guint half = gaps->len / 2;
    int64_t upper = g_array_index(gaps, int64_t, half);
    return gaps->len % 2 ? 2 * upper : upper + g_array_index(gaps, int64_t, half - 1);
}

/* The same meaning as "quiet" of measure/view.h. */
void leaf_silent_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    guint at = 0, count, days;
    int64_t today = window_day_of(judge->moment, judge->moment->now), last = 0;
    g_array_sort(leaf->occurrences[0], leaf_occurrence_compare);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        int64_t gap = median_gap_doubled(judge, run, count, &days, &last);
        if (days < SILENT_DAYS_MIN) continue;
        Wide silence = (Wide)2 * (today - last) * DECIMAL_SCALE;
        if (silence > (Wide)gap * leaf->node->number) set_add(set, person);
    }
}

/* ---- the time between occurrences ---- */

/* Of the times between one occurrence and the next, in units: numerator / denominator. */
static LeafNumber gap_number(RuleGap gap, GArray *gaps, int64_t unit_ms)
{
    LeafNumber number = {.known = gaps->len > 0, .denominator = unit_ms};
    const int64_t *values = (const int64_t *)(void *)gaps->data;
    guint half = gaps->len / 2;
    if (!number.known) return number;
    g_array_sort(gaps, gap_compare);
    switch (gap) {
    case RULE_GAP_AVERAGE:
        for (guint i = 0; i < gaps->len; i++)
            number.numerator += values[i];
        number.denominator *= gaps->len;
        break;
    case RULE_GAP_MEDIAN:
        number.numerator = (Wide)values[half] + values[gaps->len % 2 ? half : half - 1];
        number.denominator *= 2;
        break;
    case RULE_GAP_MINIMUM:
        number.numerator = values[0];
        break;
    case RULE_GAP_MAXIMUM:
        number.numerator = values[gaps->len - 1];
        break;
    case RULE_GAPS:
        g_assert_not_reached();
    }
    number.numerator *= DECIMAL_SCALE;
    return number;
}

void leaf_gap_conclude(Leaf *leaf, PersonSet *set)
{
    static const int64_t units[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    const RuleNode *node = leaf->node;
    guint at = 0, count;
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_sort(leaf->occurrences[0], leaf_occurrence_compare);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        g_array_set_size(gaps, 0);
        for (guint i = 1; i < count; i++) {
            int64_t gap = run[i].at - run[i - 1].at;
            g_array_append_val(gaps, gap);
        }
        LeafNumber number = gap_number(node->gap, gaps, units[node->unit]);
        bool holds = number.known ? leaf_number_holds(&number, &node->test)
                                  : node->test.op == RULE_NOT_EQUAL;
        if (holds) set_add(set, person);
    }
}
