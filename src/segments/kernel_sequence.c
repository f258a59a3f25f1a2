#include "segments/kernel_sequence.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

/* One thing and then another, from the grouped layout. A chain is sought from its end when its last
 * step is rarer than its first: then most people are left after a look at few occurrences. Most are
 * refused before by the ticks of two steps (columns/event_near.h). Where only some people can be
 * meant, as their steps lie in short windows, only they are looked at. */

/* Share of a name below which its people are looked for in order of time. */
enum { LATE_PERCENT = 5 };

/* ---- one step ---- */

/* Until when what follows occurrence `i` of `step` may be. */
static int64_t span_end(const Sequence *sequence, uint32_t next, const Step *step, uint32_t i)
{
    int64_t at = event_base_at(step->base, i), span = sequence->spans[next];
    if (span == INT64_MAX) return INT64_MAX;
    if (span >= 0) return at + span;
    const RuleNode *node = sequence->kernel->leaf->node;
    return window_span_end(&node->steps[next - 1].span, &sequence->kernel->evaluation->moment, at);
}

/* ---- chains ---- */

static void kept_all(const Sequence *sequence, uint32_t k, Step *step)
{
    g_array_set_size(step->kept, 0);
    for (uint32_t i = step->from; i < step->to; i++)
        if (step_passes(sequence->steps[k], step->base, i)) g_array_append_val(step->kept, i);
}

/* The first occurrence of a step that is later than an instant. */
static uint32_t step_later(const Step *step, int64_t at)
{
    uint32_t low = step->from, high = step->to;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (event_base_at(step->base, middle) <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The instant up to which nothing of step k is followed in time by any of the next that was kept.
 */
static int64_t too_early(const Sequence *sequence, uint32_t k, const Step *then)
{
    int64_t span = sequence->spans[k + 1];
    if (span < 0 || span == INT64_MAX) return INT64_MIN;
    return event_base_at(then->base, g_array_index(then->kept, uint32_t, 0)) - span;
}

/* Keeps of step k what is followed in time by something kept of step k + 1 (there is some): the
 * first behind it decides. */
static void kept_before(const Sequence *sequence, uint32_t k, Step *steps)
{
    Step *step = &steps[k];
    const Step *then = &steps[k + 1];
    guint next = then->kept->len;
    int64_t early = too_early(sequence, k, then);
    int64_t last = event_base_at(then->base, g_array_index(then->kept, uint32_t, next - 1));
    g_array_set_size(step->kept, 0);
    for (uint32_t i = step_later(step, last); i > step->from; i--) {
        if (event_base_at(step->base, i - 1) <= early) break;
        while (next > 0 &&
               step_comes_after(then, g_array_index(then->kept, uint32_t, next - 1), step, i - 1))
            next--;
        if (next == then->kept->len) continue;
        uint32_t follower = g_array_index(then->kept, uint32_t, next), own = i - 1;
        if (event_base_at(then->base, follower) >= span_end(sequence, k + 1, step, own)) continue;
        if (step_passes(sequence->steps[k], step->base, own)) g_array_append_val(step->kept, own);
    }
    for (guint low = 0, high = step->kept->len; low + 1 < high; low++) {
        uint32_t *all = (uint32_t *)(void *)step->kept->data, one = all[low];
        all[low] = all[--high];
        all[high] = one;
    }
}

static bool chain_backward(const Sequence *sequence, Step *steps)
{
    uint32_t last = sequence->count - 1;
    kept_all(sequence, last, &steps[last]);
    for (uint32_t k = last; k > 0; k--) {
        if (steps[k].kept->len == 0) return false;
        kept_before(sequence, k - 1, steps);
    }
    return steps[0].kept->len > 0;
}

/* Keeps of step k what follows in time something kept of step k - 1. Months are of several
 * lengths: the latest end of all that came before counts. */
static void kept_after(const Sequence *sequence, uint32_t k, Step *steps)
{
    const Step *before = &steps[k - 1];
    Step *step = &steps[k];
    int64_t end = INT64_MIN;
    guint next = 0;
    g_array_set_size(step->kept, 0);
    for (uint32_t i = step->from; i < step->to; i++) {
        for (; next < before->kept->len; next++) {
            uint32_t first = g_array_index(before->kept, uint32_t, next);
            if (!step_comes_after(step, i, before, first)) break;
            end = MAX(end, span_end(sequence, k, before, first));
        }
        if (event_base_at(step->base, i) < end && step_passes(sequence->steps[k], step->base, i))
            g_array_append_val(step->kept, i);
    }
}

/* Whether something kept of step k - 1 was not followed in time. */
static bool is_left(const Sequence *sequence, uint32_t k, Step *steps)
{
    const Step *before = &steps[k - 1];
    Step *step = &steps[k];
    guint next = 0;
    kept_all(sequence, k, step);
    for (guint i = 0; i < before->kept->len; i++) {
        uint32_t first = g_array_index(before->kept, uint32_t, i);
        while (next < step->kept->len &&
               !step_comes_after(step, g_array_index(step->kept, uint32_t, next), before, first))
            next++;
        if (next == step->kept->len) return true;
        uint32_t follower = g_array_index(step->kept, uint32_t, next);
        if (event_base_at(step->base, follower) >= span_end(sequence, k, before, first))
            return true;
    }
    return false;
}

static bool chain_forward(const Sequence *sequence, Step *steps)
{
    bool not_then = sequence->kernel->leaf->node->not_then;
    uint32_t last = sequence->count - 1;
    kept_all(sequence, 0, &steps[0]);
    for (uint32_t k = 1; k <= last; k++) {
        if (steps[k - 1].kept->len == 0) return false;
        if (k == last && not_then) return is_left(sequence, k, steps);
        kept_after(sequence, k, steps);
    }
    return steps[last].kept->len > 0;
}

/* ---- rows ---- */

/* Whether some occurrence bears a value that passes, whenever it was, where one look at a code
 * tells. */
static bool step_may_pass(const Fill *fill, const Step *step)
{
    const EventPass *pass = fill->pass;
    if (!pass || pass->kind != EVENT_PASS_CELLS) return true;
    const uint32_t *codes = step->base->grouped[pass->property].codes;
    if (!codes) return true;
    for (uint32_t i = step->from; i < step->to; i++)
        if (pass->codes[codes[i]]) return true;
    return false;
}

static bool row_holds(const Sequence *sequence, uint32_t row, Step *steps)
{
    uint32_t required = sequence->count - sequence->kernel->leaf->node->not_then;
    for (uint32_t i = 0; i < sequence->count; i++) {
        uint32_t k = sequence->order[i];
        if (!step_range(&steps[k], row) && k < required) return false;
    }
    for (uint32_t k = 0; k < required; k++)
        if (!step_may_pass(sequence->steps[k], &steps[k])) return false;
    return sequence->backward ? chain_backward(sequence, steps) : chain_forward(sequence, steps);
}

static void steps_init(const Sequence *sequence, Step *steps)
{
    for (uint32_t k = 0; k < sequence->count; k++) {
        const EventName *name = sequence->steps[k]->name;
        steps[k] = (Step){.base = name ? name->base : NULL,
                          .kept = g_array_new(FALSE, FALSE, sizeof(uint32_t))};
    }
}

uint32_t sequence_rows(const Sequence *sequence, uint32_t from, uint32_t to, uint32_t *ret_rows)
{
    if (sequence->near) return event_near_rows(sequence->near, from, to, ret_rows);
    for (uint32_t row = from; row < to; row++)
        ret_rows[row - from] = row;
    return to - from;
}

static void rows_work(uint32_t from, uint32_t to, unsigned lane, void *data)
{
    const Sequence *sequence = data;
    Step steps[RULE_STEPS_MAX];
    steps_init(sequence, steps);
    for (uint32_t next; from < to; from = next) {
        next = MIN(from + EVENT_NEAR_ROWS, to);
        uint32_t rows[EVENT_NEAR_ROWS], count = sequence_rows(sequence, from, next, rows);
        for (uint32_t i = 0; i < count; i++)
            if (!event_apart_has(sequence->apart, rows[i]) && row_holds(sequence, rows[i], steps))
                kernel_set_row(sequence->set, lane, rows[i], true);
    }
    for (uint32_t k = 0; k < sequence->count; k++)
        g_array_unref(steps[k].kept);
}

/* ---- who can be meant ---- */

/* Marks whoever has anything of a step in its range; their rows are looked at afterwards. */
static void step_mark(const Sequence *sequence, const Fill *fill, uint64_t *people)
{
    const FeedRead *read = sequence->kernel->read;
    const Range *range = &fill->tap->range;
    const EventBase *base = fill->name ? fill->name->base : NULL;
    uint32_t within = event_base_within(base, range->from, range->to);
    uint32_t first = within ? event_arrival_find(base, range->from) : 0;
    for (uint32_t i = first; i < first + within; i++) {
        uint32_t row = base->arrival_rows[i];
        uint32_t person = row < read->rows ? read->index[row] : FEED_NOBODY;
        if (person != FEED_NOBODY) people[person / 64] |= UINT64_C(1) << person % 64;
    }
    for (uint32_t p = 0; fill->name && p < fill->name->part_count; p++) {
        const EventPart *part = &fill->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint32_t person = part->rows[i] < read->rows ? read->index[part->rows[i]] : FEED_NOBODY;
            if (person != FEED_NOBODY) people[person / 64] |= UINT64_C(1) << person % 64;
        }
    }
}

bool sequence_is_rare(const Sequence *sequence, const Fill *fill)
{
    const EventBase *base = fill->name ? fill->name->base : NULL;
    int32_t percent = sequence->kernel->evaluation->segments->options.limits.arrival_percent;
    if (percent < 0) return false;
    uint64_t within = event_base_within(base, fill->tap->range.from, fill->tap->range.to);
    uint64_t people = sequence->kernel->leaf->size;
    return within * 100 <= people * (uint64_t)(percent ? percent : LATE_PERCENT);
}

/* Decides a person by their only row, or puts them among those judged by themselves. */
static void person_look(const Sequence *sequence, uint32_t person, Step *steps, KernelOnes *ones)
{
    const KernelCrowd *crowd = sequence->kernel->crowd;
    uint32_t row = crowd->row_of[person];
    if (row == FEED_NOBODY) return;
    if (!event_apart_has(sequence->apart, row)) {
        if (row_holds(sequence, row, steps)) kernel_set_person(sequence->set, 0, person, true);
        return;
    }
    guint low = 0, high = crowd->persons->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(crowd->persons, uint32_t, middle) < person)
            low = middle + 1;
        else
            high = middle;
    }
    bool several =
        low < crowd->persons->len && g_array_index(crowd->persons, uint32_t, low) == person;
    if (!several) {
        kernel_ones_add(ones, person, &row, 1);
        return;
    }
    uint32_t at = g_array_index(crowd->starts, uint32_t, low);
    uint32_t end = g_array_index(crowd->starts, uint32_t, low + 1);
    kernel_ones_add(ones, person, &g_array_index(crowd->members, uint32_t, at), end - at);
}

/* Of a denied last step: who has none of it, and passes all before, is left for sure when there is
 * one step before. */
static void people_look(const Sequence *sequence, const uint64_t *people, const uint64_t *denied)
{
    const Kernel *kernel = sequence->kernel;
    bool sure = denied && sequence->count == 2 && !sequence->steps[0]->pass;
    Step steps[RULE_STEPS_MAX];
    g_auto(KernelOnes) ones;
    kernel_ones_init(&ones);
    steps_init(sequence, steps);
    for (uint32_t word = 0; word <= kernel->leaf->size / 64; word++)
        for (uint64_t left = people[word]; left != 0; left &= left - 1) {
            uint32_t person = word * 64 + (uint32_t)__builtin_ctzll(left);
            uint32_t row = kernel->crowd->row_of[person];
            bool apart = row == FEED_NOBODY || event_apart_has(sequence->apart, row);
            if (sure && !apart && !(denied[word] >> person % 64 & 1))
                kernel_set_person(sequence->set, 0, person, true);
            else
                person_look(sequence, person, steps, &ones);
        }
    for (uint32_t k = 0; k < sequence->count; k++)
        g_array_unref(steps[k].kept);
    kernel_ones_judge(&ones, sequence->set);
}

/* Looks only at who has something of every rare step; false: no required step is rare. */
static bool by_people(const Sequence *sequence)
{
    size_t words = (size_t)sequence->kernel->leaf->size / 64 + 1;
    uint32_t required = sequence->count - sequence->kernel->leaf->node->not_then;
    g_autofree uint64_t *people = NULL, *denied = NULL;
    for (uint32_t k = 0; k < sequence->count; k++) {
        if (!sequence_is_rare(sequence, sequence->steps[k]) || (k == required && !people)) continue;
        g_autofree uint64_t *bits = g_new0(uint64_t, words);
        step_mark(sequence, sequence->steps[k], bits);
        if (k == required)
            denied = g_steal_pointer(&bits);
        else if (!people)
            people = g_steal_pointer(&bits);
        else
            for (size_t word = 0; word < words; word++)
                people[word] &= bits[word];
    }
    if (!people) return false;
    people_look(sequence, people, denied);
    return true;
}

/* ---- the whole ---- */

static uint32_t step_count(const Sequence *sequence, uint32_t k)
{
    const EventName *name = sequence->steps[k]->name;
    return name && name->base ? name->base->count : 0;
}

/* By insertion: there are few. */
static void order_find(Sequence *sequence, uint32_t required)
{
    for (uint32_t k = 0; k < sequence->count; k++) {
        uint32_t i = k;
        for (; k < required && i > 0; i--) {
            if (step_count(sequence, sequence->order[i - 1]) <= step_count(sequence, k)) break;
            sequence->order[i] = sequence->order[i - 1];
        }
        sequence->order[i] = k;
    }
}

void sequence_begin(Sequence *sequence, const Kernel *kernel)
{
    static const int64_t units[] = {CLOCK_MINUTE_MS, CLOCK_HOUR_MS, CLOCK_DAY_MS, 7 * CLOCK_DAY_MS};
    const RuleNode *node = kernel->leaf->node;
    *sequence = (Sequence){.kernel = kernel};
    sequence->count = node->step_count + 1;
    sequence->steady = !node->not_then;
    for (uint32_t i = 0; i < kernel->fill_count; i++)
        sequence->steps[kernel->fills[i].tap->step] = &kernel->fills[i];
    for (uint32_t k = 1; k < sequence->count; k++) {
        const RuleWindow *span = &node->steps[k - 1].span;
        sequence->spans[k] = span->unit <= RULE_WEEK ? span->from * units[span->unit] : -1;
        if (span->kind == RULE_ALWAYS) sequence->spans[k] = INT64_MAX;
        sequence->steady = sequence->steady && sequence->spans[k] >= 0;
    }
    uint32_t last = sequence->count - 1;
    sequence->backward = !node->not_then && step_count(sequence, last) < step_count(sequence, 0);
    order_find(sequence, node->not_then ? last : sequence->count);
}

bool sequence_is_nobody(const Sequence *sequence)
{
    uint32_t required = sequence->count - sequence->kernel->leaf->node->not_then;
    for (uint32_t k = 0; k < required; k++)
        if (!sequence->steps[k]->name) return true;
    return false;
}

bool sequence_near(const Sequence *sequence, EventNear *ret_near)
{
    uint32_t required = sequence->count - sequence->kernel->leaf->node->not_then;
    double least = HUGE_VAL;
    for (uint32_t k = 1; k < required; k++) {
        const EventName *first = sequence->steps[k - 1]->name, *then = sequence->steps[k]->name;
        if (!first || !then) continue;
        EventNear near = {first->base, then->base, sequence->spans[k]};
        if (!event_near_can(&near)) continue;
        double pairs = (double)near.first->count * (double)near.then->count;
        pairs *= (double)near.span_ms;
        if (pairs >= least) continue;
        least = pairs;
        *ret_near = near;
    }
    return least < HUGE_VAL;
}

static void sequence_run(const Kernel *kernel)
{
    const EventName *names[RULE_STEPS_MAX];
    Sequence sequence;
    sequence_begin(&sequence, kernel);
    if (sequence_is_nobody(&sequence)) {
        leaf_settle(kernel->leaf, set_new(kernel->leaf->size));
        return;
    }
    for (uint32_t k = 0; k < sequence.count; k++)
        names[k] = sequence.steps[k]->name;
    g_autoptr(EventApart) apart =
        event_apart_new(names, sequence.count, kernel->crowd->several, kernel->read->rows);
    g_auto(KernelSet) set;
    kernel_set_init(&set, kernel, false); /* nobody of whom nothing is known began */
    EventNear near;
    sequence.near = sequence_near(&sequence, &near) ? &near : NULL;
    sequence.apart = apart;
    sequence.set = &set;
    if (!by_people(&sequence)) {
        g_auto(KernelOnes) ones;
        uint32_t least = kernel->evaluation->segments->options.limits.parallel_min;
        EventSplit split = {kernel->read->rows, least ? least : 1 << 14, 64};
        if (split.count > 0) event_split(&split, rows_work, &sequence);
        kernel_ones_init(&ones);
        kernel_ones_apart(&ones, kernel, apart);
        kernel_ones_judge(&ones, &set);
    }
    kernel_set_end(&set);
}

bool kernel_sequences(const Kernel *kernels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        sequence_run(&kernels[i]);
    return true;
}
