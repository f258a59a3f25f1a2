#include "segments/kernel_sequence.h"

/* Sequences of the same steps, whose spans are always as long, for many leaves at once. They may
 * differ in the `where` of how they begin and in their spans: leaves of the same spans are a
 * *class*. From the last step back, each occurrence bears the classes in which it goes on to the
 * end, which its nearest followers decide; at the first step a look at its code tells which leaves
 * of these classes it begins. */

enum { CHAINS_MAX = KERNEL_CHAINS_MAX };

typedef struct Chains {
    Sequence wide; /* of one of the leaves, with the longest spans of all */
    KernelSet *sets;
    uint64_t all; /* leaves that somebody can be meant by, as bits */
    uint32_t class_count;
    int64_t spans[CHAINS_MAX][RULE_STEPS_MAX]; /* of each class, as in Sequence */
    uint64_t leaves_of[CHAINS_MAX];            /* of each class, as bits */
    const uint32_t *codes;                     /* of the first step; NULL: all begin with any */
    uint64_t *wants;                           /* of each code: leaves that begin with it */
} Chains;

/* An occurrence from which it goes on to the end. */
typedef struct Link {
    int64_t at;
    uint32_t i;
    uint64_t classes;
} Link;

/* One step of a row, its links found from the latest on, as far as somebody asks for them. */
typedef struct Level {
    Step step;
    uint32_t i; /* what stands here and later was looked at */
    bool has;   /* `head` is the next link */
    Link head;
    uint64_t known;              /* classes that a later link of the step behind bears; */
    int64_t nearest[CHAINS_MAX]; /* of each of them, the earliest such link */
} Level;

/* What a lane works with. */
typedef struct ChainLane {
    const Chains *chains;
    Level levels[RULE_STEPS_MAX];
} ChainLane;

/* ---- one row ---- */

static bool level_find(ChainLane *lane, uint32_t k);

/* The next link of a step; NULL: no more. */
static const Link *level_next(ChainLane *lane, uint32_t k)
{
    Level *level = &lane->levels[k];
    if (!level->has) level->has = level_find(lane, k);
    return level->has ? &level->head : NULL;
}

/* The classes in which occurrence i of a step is followed in time. */
static uint64_t level_classes(ChainLane *lane, uint32_t k, uint32_t i)
{
    const Link *link;
    Level *level = &lane->levels[k], *behind = level + 1;
    uint64_t found = 0;
    int64_t at = event_base_at(level->step.base, i);
    while ((link = level_next(lane, k + 1)) &&
           step_comes_after(&behind->step, link->i, &level->step, i)) {
        for (uint64_t left = link->classes; left != 0; left &= left - 1)
            level->nearest[__builtin_ctzll(left)] = link->at;
        level->known |= link->classes;
        behind->has = false;
    }
    for (uint64_t left = level->known; left != 0; left &= left - 1) {
        int one = __builtin_ctzll(left);
        int64_t span = lane->chains->spans[one][k + 1];
        if (span == INT64_MAX || level->nearest[one] - at < span) found |= left & -left;
    }
    return found;
}

/* Goes on behind an occurrence that nothing follows in time: before the next link of the step
 * behind, as what lies between is only earlier. */
static void level_skip(ChainLane *lane, uint32_t k)
{
    Level *level = &lane->levels[k];
    const uint32_t *ticks = level->step.base->ticks;
    const Link *link = level_next(lane, k + 1);
    uint32_t tick = link ? level[1].step.base->ticks[link->i] : 0;
    if (!link) level->i = level->step.from;
    while (level->i > level->step.from && ticks[level->i - 1] > tick)
        level->i--;
}

static bool level_find(ChainLane *lane, uint32_t k)
{
    Level *level = &lane->levels[k];
    const EventBase *base = level->step.base;
    bool last = k + 1 == lane->chains->wide.count;
    while (level->i > level->step.from) {
        uint32_t i = --level->i;
        uint64_t classes =
            last ? UINT64_MAX >> (64 - lane->chains->class_count) : level_classes(lane, k, i);
        if (classes == 0) {
            level_skip(lane, k);
        } else if (step_passes(lane->chains->wide.steps[k], base, i)) {
            level->head = (Link){event_base_at(base, i), i, classes};
            return true;
        }
    }
    return false;
}

/* The leaves of classes. */
static uint64_t leaves_of(const Chains *chains, uint64_t classes)
{
    uint64_t leaves = 0;
    for (; classes != 0; classes &= classes - 1)
        leaves |= chains->leaves_of[__builtin_ctzll(classes)];
    return leaves;
}

/* The leaves for which some occurrence of the first step begins a chain. */
static uint64_t first_leaves(ChainLane *lane)
{
    const Chains *chains = lane->chains;
    const Range *range = &chains->wide.steps[0]->tap->range;
    Level *level = &lane->levels[0];
    uint64_t leaves = 0;
    while (level->i > level->step.from && leaves != chains->all) {
        uint32_t i = --level->i;
        uint64_t classes = level_classes(lane, 0, i);
        int64_t at = event_base_at(level->step.base, i);
        if (classes == 0)
            level_skip(lane, 0);
        else if (at >= range->from && at < range->to)
            leaves |= leaves_of(chains, classes) &
                      (chains->codes ? chains->wants[chains->codes[i]] : chains->all);
    }
    return leaves;
}

static uint64_t row_leaves(ChainLane *lane, uint32_t row)
{
    const Sequence *wide = &lane->chains->wide;
    for (uint32_t i = 0; i < wide->count; i++)
        if (!step_range(&lane->levels[wide->order[i]].step, row)) return 0;
    for (uint32_t k = 0; k < wide->count; k++) {
        Level *level = &lane->levels[k];
        level->i = level->step.to;
        level->has = false;
        level->known = 0;
    }
    return first_leaves(lane);
}

static void chains_work(uint32_t from, uint32_t to, unsigned number, void *data)
{
    const Chains *chains = data;
    ChainLane lane;
    lane.chains = chains;
    for (uint32_t k = 0; k < chains->wide.count; k++)
        lane.levels[k].step = (Step){.base = chains->wide.steps[k]->name->base};
    for (uint32_t next; from < to; from = next) {
        next = MIN(from + EVENT_NEAR_ROWS, to);
        uint32_t rows[EVENT_NEAR_ROWS], count = sequence_rows(&chains->wide, from, next, rows);
        for (uint32_t i = 0; i < count; i++) {
            if (event_apart_has(chains->wide.apart, rows[i])) continue;
            uint64_t leaves = row_leaves(&lane, rows[i]);
            for (; leaves != 0; leaves &= leaves - 1)
                kernel_set_row(&chains->sets[__builtin_ctzll(leaves)], number, rows[i], true);
        }
    }
}

/* ---- what can be told so ---- */

/* Whether one look at a code tells how a sequence begins, if it minds at all. */
static bool begins_by_code(const Sequence *sequence)
{
    const EventPass *pass = sequence->steps[0]->pass;
    const EventBase *base = sequence->steps[0]->name->base;
    if (!pass) return true;
    return pass->kind == EVENT_PASS_CELLS && base && base->grouped[pass->property].codes;
}

static bool is_rare(const Sequence *sequence)
{
    bool rare = false;
    for (uint32_t k = 0; k < sequence->count; k++)
        rare = rare || sequence_is_rare(sequence, sequence->steps[k]);
    return rare;
}

/* Adds a leaf to the class of its spans, and to what the widest takes. */
static void class_add(Chains *chains, const Sequence *sequence, uint32_t leaf)
{
    uint32_t found = 0;
    size_t size = sizeof sequence->spans;
    while (found < chains->class_count && memcmp(chains->spans[found], sequence->spans, size) != 0)
        found++;
    if (found == chains->class_count)
        memcpy(chains->spans[chains->class_count++], sequence->spans, size);
    chains->leaves_of[found] |= UINT64_C(1) << leaf;
    chains->all |= UINT64_C(1) << leaf;
    for (uint32_t k = 1; k < sequence->count; k++)
        chains->wide.spans[k] = MAX(chains->wide.spans[k], sequence->spans[k]);
}

/* Notes with which codes a leaf begins; false: another looks at another property. */
static bool codes_add(Chains *chains, const Sequence *sequence, uint32_t leaf)
{
    const Fill *fill = sequence->steps[0];
    const EventPass *pass = fill->pass;
    if (!pass) return true;
    const uint32_t *codes = fill->name->base->grouped[pass->property].codes;
    if (chains->codes && chains->codes != codes) return false;
    chains->codes = codes;
    if (!chains->wants) chains->wants = g_new0(uint64_t, (size_t)pass->code_count + 1);
    for (uint32_t code = 0; code < pass->code_count; code++)
        chains->wants[code] |= (uint64_t)pass->codes[code] << leaf;
    return true;
}

/* Leaves that begin with anything do so with any code. */
static void codes_end(Chains *chains, const Kernel *kernels, uint32_t count)
{
    uint64_t any = 0;
    uint32_t codes = 0;
    for (uint32_t i = 0; i < count; i++) {
        Sequence sequence;
        sequence_begin(&sequence, &kernels[i]);
        const EventPass *pass = sequence.steps[0]->pass;
        if (!pass) any |= (UINT64_C(1) << i) & chains->all;
        if (pass) codes = pass->code_count;
    }
    for (uint32_t code = 0; chains->wants && code < codes; code++)
        chains->wants[code] |= any;
}

/* False: some leaf is of another kind. */
static bool chains_begin(Chains *chains, const Kernel *kernels, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        Sequence sequence;
        sequence_begin(&sequence, &kernels[i]);
        if (!sequence.steady) return false;
        if (sequence_is_nobody(&sequence)) continue;
        if (!begins_by_code(&sequence) || is_rare(&sequence)) return false;
        if (!chains->all) chains->wide = sequence;
        class_add(chains, &sequence, i);
        if (!codes_add(chains, &sequence, i)) return false;
    }
    codes_end(chains, kernels, count);
    return true;
}

/* ---- the whole ---- */

static void chains_run(Chains *chains, uint32_t count)
{
    const Kernel *kernel = chains->wide.kernel;
    const EventName *names[RULE_STEPS_MAX];
    EventNear near;
    for (uint32_t k = 0; k < chains->wide.count; k++)
        names[k] = chains->wide.steps[k]->name;
    g_autoptr(EventApart) apart =
        event_apart_new(names, chains->wide.count, kernel->crowd->several, kernel->read->rows);
    chains->wide.apart = apart;
    chains->wide.near = sequence_near(&chains->wide, &near) ? &near : NULL;
    uint32_t least = kernel->evaluation->segments->options.limits.parallel_min;
    EventSplit split = {kernel->read->rows, least ? least : 1 << 14, 64};
    if (split.count > 0) event_split(&split, chains_work, chains);
    g_auto(KernelOnes) ones;
    kernel_ones_init(&ones);
    kernel_ones_apart(&ones, kernel, apart);
    for (uint32_t i = 0; i < count; i++)
        if (chains->all >> i & 1) kernel_ones_judge(&ones, &chains->sets[i]);
}

bool kernel_chains(const Kernel *kernels, uint32_t count)
{
    g_assert(count > 0 && count <= CHAINS_MAX);
    g_autofree Chains *chains = g_new0(Chains, 1);
    g_autofree KernelSet *sets = g_new(KernelSet, count);
    bool can = chains_begin(chains, kernels, count);
    for (uint32_t i = 0; i < count; i++)
        kernel_set_init(&sets[i], &kernels[i], false); /* nobody of whom nothing is known began */
    chains->sets = sets;
    if (can && chains->all) chains_run(chains, count);
    for (uint32_t i = 0; i < count; i++) {
        if (can) kernel_set_end(&sets[i]);
        kernel_set_clear(&sets[i]);
    }
    g_free(chains->wants);
    return can;
}
