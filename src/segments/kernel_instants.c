#include "segments/kernel.h"

#include "segments/cycle.h"
#include "segments/leaf_private.h"

/* All instants of one person at a time, in order: groups are; or, of numbers of different values,
 * their values instead. Where a leaf asks for a stage, the rhythm of everybody is kept until it is
 * known after how many days somebody counts as lapsed. */

typedef struct Lane {
    GArray *instants, *room; /* of int64_t */
    GArray *hits;            /* of EventHit */
    FillValue *value;        /* told instead of instants; of this lane alone; or NULL */
    LeafNumber number;       /* of different values */
    CycleGaps gaps;
} Lane;

typedef struct Work {
    const Kernel *kernels; /* they differ in their leaf alone */
    KernelSet *sets;       /* of each; not used of stages */
    uint32_t count;
    const Fill *fill;
    LeafJudge judge;
    const EventApart *apart;
    const KernelOnes *ones;
    bool silence, stages; /* asked for by any */
    int64_t today;
    LeafRhythm *rhythms; /* by person, for stages; NULL: there are none */
    Lane lanes[2];
} Work;

static void lane_init(Lane *lane)
{
    lane->instants = g_array_new(FALSE, FALSE, sizeof(int64_t));
    lane->room = g_array_new(FALSE, FALSE, sizeof(int64_t));
    lane->hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    lane->gaps = (CycleGaps){0};
}

static void lane_clear(Lane *lane)
{
    g_array_unref(lane->instants);
    g_array_unref(lane->room);
    g_array_unref(lane->hits);
    fill_value_free(lane->value);
}

/* There is room: lane_room. */
static void lane_add(Lane *lane, int64_t at, const Place *place)
{
    int64_t value = at;
    bool known = !lane->value || fill_value_read(lane->value, place, &value);
    if (known) ((int64_t *)(void *)lane->instants->data)[lane->instants->len++] = value;
}

/* Makes room for `count` more. */
static void lane_room(Lane *lane, guint count)
{
    guint length = lane->instants->len;
    g_array_set_size(lane->instants, length + count);
    g_array_set_size(lane->instants, length);
}

static int instant_compare(const void *a_pointer, const void *b_pointer)
{
    int64_t a = *(const int64_t *)a_pointer, b = *(const int64_t *)b_pointer;
    return (a > b) - (a < b);
}

/* ---- one person ---- */

static LeafNumber distinct_number(Lane *lane)
{
    guint different = 0;
    g_array_sort(lane->instants, instant_compare);
    const int64_t *values = (const int64_t *)(void *)lane->instants->data;
    for (guint i = 0; i < lane->instants->len; i++)
        different += i == 0 || values[i] != values[i - 1];
    return (LeafNumber){different > 0, (Wide)different * DECIMAL_SCALE, 1};
}

static bool leaf_holds(const Work *work, const Leaf *leaf, Lane *lane, const LeafRhythm *rhythm)
{
    LeafInstants instants = {(const int64_t *)(void *)lane->instants->data, lane->instants->len};
    if (leaf->kind == RULE_SILENT)
        return work->today >= leaf_rhythm_silent_day(rhythm, leaf->node->number);
    if (leaf->kind == RULE_AMOUNT) return leaf_amount_holds(leaf, &lane->number);
    if (leaf->kind == RULE_GAP) return leaf_gap_holds(leaf, &instants, lane->room);
    uint32_t nth = leaf->node->nth;
    return instants.count >= nth && leaf_instant_holds(leaf, &work->judge, instants.at[nth - 1]);
}

/* Decides somebody by the instants of the lane; whoever has none is as one of whom nothing is
 * known. */
static void person_judge(Work *work, unsigned number, uint32_t person)
{
    Lane *lane = &work->lanes[number];
    LeafRhythm rhythm = {0};
    LeafInstants instants = {(const int64_t *)(void *)lane->instants->data, lane->instants->len};
    if (instants.count == 0) return;
    if (lane->value) lane->number = distinct_number(lane);
    if (work->silence || work->stages)
        rhythm = leaf_rhythm(work->judge.moment, &instants, lane->room);
    for (guint i = 0; work->stages && i < lane->room->len; i++)
        cycle_gap_add(&lane->gaps, g_array_index(lane->room, int64_t, i));
    if (work->stages) work->rhythms[person] = rhythm;
    for (uint32_t i = 0; i < work->count; i++) {
        const Leaf *leaf = work->kernels[i].leaf;
        if (leaf->kind != RULE_LIFECYCLE)
            kernel_set_person(&work->sets[i], number, person,
                              leaf_holds(work, leaf, lane, &rhythm));
    }
}

/* ---- the base ---- */

/* The instants of positions [from, to) that are meant, which stand in order. */
static void group_read(const Work *work, uint32_t from, uint32_t to, Lane *lane)
{
    const Fill *fill = work->fill;
    const EventBase *base = fill->name->base;
    const Range *range = &fill->tap->range;
    g_array_set_size(lane->instants, 0);
    while (to > from && event_base_at(base, to - 1) >= range->to)
        to--;
    uint32_t first = range->from == INT64_MIN ? from : to;
    while (first > from && event_base_at(base, first - 1) >= range->from)
        first--;
    lane_room(lane, to - first);
    for (uint32_t i = first; i < to; i++)
        if (!fill->pass || event_pass_base(fill->pass, base, i))
            lane_add(lane, event_base_at(base, i), &(Place){.columns = base->grouped, .i = i});
}

static void groups_work(uint32_t first, uint32_t end, unsigned lane, void *data)
{
    Work *work = data;
    const EventBase *base = work->fill->name->base;
    const FeedRead *read = work->kernels->read;
    for (uint32_t group = first; group < end; group++) {
        uint32_t row = event_base_row(base, group);
        uint32_t from = base->offsets[group], to = base->offsets[group + 1];
        if (from == to || row >= read->rows || event_apart_has(work->apart, row)) continue;
        if (read->index[row] == FEED_NOBODY) continue;
        group_read(work, from, to, &work->lanes[lane]);
        person_judge(work, lane, read->index[row]);
    }
}

/* ---- people of several rows, or in the delta ---- */

static bool hit_passes(const Fill *fill, const EventHit *hit)
{
    if (!fill->pass) return true;
    return hit->part ? event_pass_part(fill->pass, hit->part, hit->position)
                     : event_pass_base(fill->pass, fill->name->base, hit->position);
}

static void row_read(const Work *work, uint32_t row, Lane *lane)
{
    const Fill *fill = work->fill;
    g_array_set_size(lane->hits, 0);
    lane_room(lane, (guint)event_row(fill->name, row, lane->hits));
    for (guint i = 0; i < lane->hits->len; i++) {
        const EventHit *hit = &g_array_index(lane->hits, EventHit, i);
        bool meant = hit->at >= fill->tap->range.from && hit->at < fill->tap->range.to;
        Place place = {.part = hit->part, .i = hit->position};
        if (!hit->part) place.columns = fill->name->base->grouped;
        if (meant && hit_passes(fill, hit)) lane_add(lane, hit->at, &place);
    }
}

static void ones_work(uint32_t first, uint32_t end, unsigned number, void *data)
{
    Work *work = data;
    const KernelOnes *ones = work->ones;
    Lane *lane = &work->lanes[number];
    for (uint32_t i = first; i < end; i++) {
        uint32_t at = g_array_index(ones->starts, uint32_t, i);
        uint32_t last = g_array_index(ones->starts, uint32_t, i + 1);
        g_array_set_size(lane->instants, 0);
        for (; at < last; at++)
            row_read(work, g_array_index(ones->rows, uint32_t, at), lane);
        g_array_sort(lane->instants, instant_compare);
        person_judge(work, number, g_array_index(ones->persons, uint32_t, i));
    }
}

/* ---- stages ---- */

static void gaps_join(CycleGaps *gaps, const CycleGaps *more)
{
    gaps->count += more->count;
    for (size_t i = 0; i < G_N_ELEMENTS(gaps->of); i++)
        gaps->of[i] += more->of[i];
}

/* Everybody is in one stage. */
static void stages_settle(Work *work)
{
    PersonSet *sets[RULE_STAGES] = {NULL};
    CycleGaps *gaps = &work->lanes[0].gaps;
    uint32_t size = work->kernels->leaf->size;
    for (int i = 0; i < RULE_STAGES; i++)
        sets[i] = set_new(size);
    gaps_join(gaps, &work->lanes[1].gaps);
    int32_t window = cycle_days_counted(gaps, work->judge.gap_days);
    for (uint32_t person = 0; person < size; person++)
        set_add(sets[leaf_rhythm_stage(&work->rhythms[person], work->today, window)], person);
    for (uint32_t i = 0; i < work->count; i++) {
        Leaf *leaf = work->kernels[i].leaf;
        if (leaf->kind != RULE_LIFECYCLE) continue;
        PersonSet *own = set_new(size);
        set_or(own, sets[leaf->node->stage]);
        leaf_settle(leaf, own);
    }
    for (int i = 0; i < RULE_STAGES; i++)
        set_free(sets[i]);
}

/* ---- the whole ---- */

static void work_run(Work *work)
{
    const Kernel *kernel = work->kernels;
    const EventName *name = work->fill->name;
    g_autoptr(EventApart) apart =
        event_apart_new(&name, 1, kernel->crowd->several, kernel->read->rows);
    g_auto(KernelOnes) ones;
    kernel_ones_init(&ones);
    kernel_ones_apart(&ones, kernel, apart);
    work->apart = apart;
    work->ones = &ones;
    uint32_t least = kernel->evaluation->segments->options.limits.parallel_min;
    EventSplit groups = {name->base ? name->base->groups : 0, least ? least : 1 << 14, 64};
    EventSplit people = kernel_ones_split(&ones, kernel);
    if (groups.count > 0) event_split(&groups, groups_work, work);
    if (people.count > 0) event_split(&people, ones_work, work);
}

static void work_begin(Work *work)
{
    const Evaluation *evaluation = work->kernels->evaluation;
    const GArray *people = evaluation->people;
    work->judge = (LeafJudge){&evaluation->moment, (const int64_t *)(const void *)people->data,
                              evaluation->gap_days};
    work->today = window_day_of(&evaluation->moment, evaluation->moment.now);
    for (uint32_t i = 0; i < work->count; i++) {
        const Kernel *kernel = &work->kernels[i];
        bool stage = kernel->leaf->kind == RULE_LIFECYCLE;
        work->stages = work->stages || stage;
        work->silence = work->silence || kernel->leaf->kind == RULE_SILENT;
        kernel_set_init(&work->sets[i], kernel, !stage && kernel_zero(kernel));
    }
    if (work->stages) work->rhythms = g_new0(LeafRhythm, (size_t)work->kernels->leaf->size + 1);
    for (int i = 0; i < 2; i++) {
        lane_init(&work->lanes[i]);
        if (work->fill->value && work->fill->name)
            work->lanes[i].value = fill_value_new(work->fill->name, work->fill->tap);
    }
}

bool kernel_instants(const Kernel *kernels, uint32_t count)
{
    g_autofree KernelSet *sets = g_new0(KernelSet, count);
    g_autofree Work *work = g_new0(Work, 1);
    *work = (Work){.kernels = kernels, .sets = sets, .count = count, .fill = &kernels->fills[0]};
    work_begin(work);
    if (work->fill->name) work_run(work);
    for (uint32_t i = 0; i < count; i++) {
        if (kernels[i].leaf->kind != RULE_LIFECYCLE) kernel_set_end(&sets[i]);
        kernel_set_clear(&sets[i]);
    }
    if (work->stages) stages_settle(work);
    for (int i = 0; i < 2; i++)
        lane_clear(&work->lanes[i]);
    g_free(work->rhythms);
    return true;
}
