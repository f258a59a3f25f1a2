#include "segments/leaf_private.h"

#include "base/clock.h"
#include "segments/cycle.h"

/* ---- lists of numbers ---- */

enum { SORT_BY_INSERTION = 24 };

static int gap_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Most people have few. */
static void gaps_sort(GArray *gaps)
{
    int64_t *all = (int64_t *)(void *)gaps->data;
    if (gaps->len > SORT_BY_INSERTION) {
        g_array_sort(gaps, gap_compare);
        return;
    }
    for (guint i = 1; i < gaps->len; i++) {
        int64_t gap = all[i];
        guint k = i;
        for (; k > 0 && all[k - 1] > gap; k--)
            all[k] = all[k - 1];
        all[k] = gap;
    }
}

static LeafInstants instants_of(const Occurrence *run, guint count, GArray *scratch)
{
    g_array_set_size(scratch, count);
    for (guint i = 0; i < count; i++)
        g_array_index(scratch, int64_t, i) = run[i].at;
    return (LeafInstants){(const int64_t *)(void *)scratch->data, count};
}

/* ---- silence ---- */

enum { SILENT_DAYS_MIN = 3 }; /* days with an occurrence before somebody has a rhythm */

LeafRhythm leaf_rhythm(const Moment *moment, const LeafInstants *instants, GArray *ret_gaps)
{
    LeafRhythm rhythm = {0};
    g_array_set_size(ret_gaps, instants->count);
    int64_t *gaps = (int64_t *)(void *)ret_gaps->data;
    for (guint i = 0; i < instants->count; i++) {
        int64_t day = window_day_of(moment, instants->at[i]), gap = day - rhythm.last;
        if (rhythm.days > 0 && gap <= 0) continue;
        if (rhythm.days > 0) gaps[rhythm.days - 1] = gap;
        rhythm.last = day;
        rhythm.days++;
    }
    g_array_set_size(ret_gaps, rhythm.days > 0 ? rhythm.days - 1 : 0);
    if (ret_gaps->len == 0) return rhythm;
    gaps_sort(ret_gaps);
    guint half = ret_gaps->len / 2;
    int64_t upper = g_array_index(ret_gaps, int64_t, half);
    rhythm.gap_doubled =
        ret_gaps->len % 2 ? 2 * upper : upper + g_array_index(ret_gaps, int64_t, half - 1);
    return rhythm;
}

static int64_t today_of(const LeafJudge *judge)
{
    return window_day_of(judge->moment, judge->moment->now);
}

int64_t leaf_rhythm_silent_day(const LeafRhythm *rhythm, int64_t times)
{
    int64_t scaled; /* twice as much */
    bool fits = !__builtin_mul_overflow(rhythm->gap_doubled, times, &scaled);
    if (rhythm->days < SILENT_DAYS_MIN || !fits) return INT64_MAX;
    int64_t usual = scaled / (2 * (int64_t)DECIMAL_SCALE);
    return usual > INT32_MAX ? INT64_MAX : rhythm->last + usual + 1;
}

void leaf_silent_days(Leaf *leaf, const LeafJudge *judge, int64_t *ret_days)
{
    guint at = 0, count;
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(int64_t));
    leaf_room(leaf);
    leaf_occurrences_sort(leaf->occurrences[0]);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        LeafInstants instants = instants_of(run, count, scratch);
        LeafRhythm rhythm = leaf_rhythm(judge->moment, &instants, gaps);
        ret_days[person] = leaf_rhythm_silent_day(&rhythm, leaf->node->number);
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
static bool is_lapsed(const LeafRhythm *rhythm, int64_t silence, int32_t window)
{
    if (rhythm->days >= SILENT_DAYS_MIN) return 4 * silence > 5 * rhythm->gap_doubled;
    return silence > window;
}

RuleStage leaf_rhythm_stage(const LeafRhythm *rhythm, int64_t today, int32_t window)
{
    if (rhythm->days == 0) return RULE_STAGE_LEAD;
    if (is_lapsed(rhythm, today - rhythm->last, window)) return RULE_STAGE_LAPSED;
    return rhythm->days == 1 ? RULE_STAGE_NEW : RULE_STAGE_ACTIVE;
}

void leaf_lifecycle_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    guint at = 0, count;
    CycleGaps all = {0};
    g_autofree LeafRhythm *rhythms = g_new(LeafRhythm, leaf->size + 1);
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(int64_t));
    leaf_occurrences_sort(leaf->occurrences[0]);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        LeafInstants instants = instants_of(run, count, scratch);
        rhythms[person] = leaf_rhythm(judge->moment, &instants, gaps);
        for (guint i = 0; i < gaps->len; i++)
            cycle_gap_add(&all, g_array_index(gaps, int64_t, i));
    }
    int32_t window = cycle_days_counted(&all, judge->gap_days);
    int64_t today = today_of(judge);
    for (uint32_t person = 0; person < leaf->size; person++)
        if (leaf_rhythm_stage(&rhythms[person], today, window) == leaf->node->stage)
            set_add(set, person);
}

/* ---- the time between occurrences ---- */

static int64_t gap_farthest(const GArray *gaps, bool greatest)
{
    int64_t farthest = g_array_index(gaps, int64_t, 0);
    for (guint i = 1; i < gaps->len; i++) {
        int64_t gap = g_array_index(gaps, int64_t, i);
        if (greatest ? gap > farthest : gap < farthest) farthest = gap;
    }
    return farthest;
}

/* Of the times between one occurrence and the next, in units: numerator / denominator. */
static LeafNumber gap_number(RuleGap gap, GArray *gaps, int64_t unit_ms)
{
    LeafNumber number = {.known = gaps->len > 0, .denominator = unit_ms};
    const int64_t *values = (const int64_t *)(void *)gaps->data;
    guint half = gaps->len / 2;
    if (!number.known) return number;
    if (gap == RULE_GAP_MEDIAN) gaps_sort(gaps);
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
    case RULE_GAP_MAXIMUM:
        number.numerator = gap_farthest(gaps, gap == RULE_GAP_MAXIMUM);
        break;
    case RULE_GAPS:
        g_assert_not_reached();
    }
    number.numerator *= DECIMAL_SCALE;
    return number;
}

bool leaf_gap_holds(const Leaf *leaf, const LeafInstants *instants, GArray *gaps)
{
    static const int64_t units[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    const RuleNode *node = leaf->node;
    g_array_set_size(gaps, MAX(instants->count, 1) - 1);
    for (guint i = 1; i < instants->count; i++)
        g_array_index(gaps, int64_t, i - 1) = instants->at[i] - instants->at[i - 1];
    LeafNumber number = gap_number(node->gap, gaps, units[node->unit]);
    return number.known ? leaf_number_holds(&number, &node->test) : node->test.op == RULE_NOT_EQUAL;
}

void leaf_gap_conclude(Leaf *leaf, PersonSet *set)
{
    guint at = 0, count;
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) scratch = g_array_new(FALSE, FALSE, sizeof(int64_t));
    leaf_occurrences_sort(leaf->occurrences[0]);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        LeafInstants instants = instants_of(run, count, scratch);
        if (leaf_gap_holds(leaf, &instants, gaps)) set_add(set, person);
    }
}
