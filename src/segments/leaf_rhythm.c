#include "segments/leaf_private.h"

#include "base/clock.h"
#include "segments/cycle.h"

/* ---- silence ---- */

enum { SILENT_DAYS_MIN = 3 }; /* days with an occurrence before somebody has a rhythm */

static int gap_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* On which days somebody did it. */
typedef struct Rhythm {
    guint days;          /* with an occurrence */
    int64_t last;        /* of them */
    int64_t gap_doubled; /* twice the median of the days between; 0: fewer than two */
} Rhythm;

/* Appends the days between to `all` too, unless that is NULL. */
static Rhythm rhythm_of(const LeafJudge *judge, const Occurrence *run, guint count, GArray *all)
{
    Rhythm rhythm = {0};
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < count; i++) {
        int64_t day = window_day_of(judge->moment, run[i].at), gap = day - rhythm.last;
        if (rhythm.days > 0 && gap <= 0) continue;
        if (rhythm.days > 0) g_array_append_val(gaps, gap);
        rhythm.last = day;
        rhythm.days++;
    }
    if (gaps->len == 0) return rhythm;
    if (all) g_array_append_vals(all, gaps->data, gaps->len);
    g_array_sort(gaps, gap_compare);
    guint half = gaps->len / 2;
    int64_t upper = g_array_index(gaps, int64_t, half);
    rhythm.gap_doubled = gaps->len % 2 ? 2 * upper : upper + g_array_index(gaps, int64_t, half - 1);
    return rhythm;
}

static int64_t today_of(const LeafJudge *judge)
{
    return window_day_of(judge->moment, judge->moment->now);
}

/* The first day on which the days since the last are more than `times` (x 10^6) the usual gap. */
static int64_t silent_day(const Rhythm *rhythm, int64_t times)
{
    Wide usual = (Wide)rhythm->gap_doubled * times / ((Wide)2 * DECIMAL_SCALE);
    if (rhythm->days < SILENT_DAYS_MIN || usual > INT32_MAX) return INT64_MAX;
    return rhythm->last + (int64_t)usual + 1;
}

void leaf_silent_days(Leaf *leaf, const LeafJudge *judge, int64_t *ret_days)
{
    guint at = 0, count;
    leaf_room(leaf);
    g_array_sort(leaf->occurrences[0], leaf_occurrence_compare);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        Rhythm rhythm = rhythm_of(judge, run, count, NULL);
        ret_days[person] = silent_day(&rhythm, leaf->node->number);
    }
}

/* The same meaning as "quiet" of measure/view.h. */
void leaf_silent_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    int64_t today = today_of(judge);
    g_autofree int64_t *days = g_new(int64_t, leaf->size + 1);
    leaf_silent_days(leaf, judge, days);
    for (uint32_t person = 0; person < leaf->size; person++)
        if (today >= days[person]) set_add(set, person);
}

/* ---- stages ---- */

/* Silent for more than 2.5 times the own median gap, as "quiet" is; without a rhythm of their own,
 * for more than the window of the shop, as the figures count who is active. */
static bool is_lapsed(const Rhythm *rhythm, int64_t silence, int32_t window)
{
    if (rhythm->days >= SILENT_DAYS_MIN) return 4 * silence > 5 * rhythm->gap_doubled;
    return silence > window;
}

static RuleStage stage_of(const Rhythm *rhythm, int64_t today, int32_t window)
{
    if (rhythm->days == 0) return RULE_STAGE_LEAD;
    if (is_lapsed(rhythm, today - rhythm->last, window)) return RULE_STAGE_LAPSED;
    return rhythm->days == 1 ? RULE_STAGE_NEW : RULE_STAGE_ACTIVE;
}

void leaf_lifecycle_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    guint at = 0, count;
    g_autofree Rhythm *rhythms = g_new(Rhythm, leaf->size + 1);
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_sort(leaf->occurrences[0], leaf_occurrence_compare);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        rhythms[person] = rhythm_of(judge, run, count, gaps);
    }
    g_array_sort(gaps, gap_compare);
    int32_t window = cycle_days((const int64_t *)(void *)gaps->data, gaps->len, judge->gap_days);
    for (uint32_t person = 0; person < leaf->size; person++)
        if (stage_of(&rhythms[person], today_of(judge), window) == leaf->node->stage)
            set_add(set, person);
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
