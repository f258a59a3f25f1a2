/* segments/kernel_sequence.h: what the kernels of sequences share. Private to segments/.
 *
 *     kernel_chains.c     steps that follow within spans that are always as long: many leaves that
 *                         differ in how they begin and in their spans, in one pass over rows
 *     kernel_sequence.c   one leaf after another: what is denied, spans of months, rare steps
 */
#pragma once
#include "columns/event_near.h"
#include "segments/kernel.h"

typedef struct Sequence {
    const Kernel *kernel;
    const EventApart *apart;
    KernelSet *set;
    const Fill *steps[RULE_STEPS_MAX];
    int64_t spans[RULE_STEPS_MAX];  /* ms from the step before; INT64_MAX: open; -1: of months */
    uint32_t order[RULE_STEPS_MAX]; /* steps, the rarest first; a denied one last */
    uint32_t count;
    bool backward, steady; /* `steady`: no span is of months, nothing is denied */
    const EventNear *near; /* refuses most rows; NULL: nothing can */
} Sequence;

/* What one step of one row has, and which of it stands in a chain. */
typedef struct Step {
    const EventBase *base;
    uint32_t from, to;
    GArray *kept; /* of uint32_t: positions */
} Step;

/* Without sets and refusals. */
void sequence_begin(Sequence *sequence, const Kernel *kernel);
/* Whether a step that must be there never was. */
bool sequence_is_nobody(const Sequence *sequence);
/* Whether a step is so rare in its range that its people are soon marked. */
bool sequence_is_rare(const Sequence *sequence, const Fill *fill);
/* Of two steps that have to follow each other, those of whom the fewest pairs are near; false:
 * none. */
bool sequence_near(const Sequence *sequence, EventNear *ret_near);
/* Those of [from, to) that a look at ticks does not refuse (up to EVENT_NEAR_ROWS). */
uint32_t sequence_rows(const Sequence *sequence, uint32_t from, uint32_t to, uint32_t *ret_rows);

static inline bool step_passes(const Fill *fill, const EventBase *base, uint32_t i)
{
    int64_t at = event_base_at(base, i);
    if (at < fill->tap->range.from || at >= fill->tap->range.to) return false;
    return !fill->pass || event_pass_base(fill->pass, base, i);
}

static inline bool step_comes_after(const Step *later, uint32_t i, const Step *first, uint32_t k)
{
    uint32_t tick = later->base->ticks[i], other = first->base->ticks[k];
    if (G_LIKELY(tick != other)) return tick > other;
    int64_t a = event_base_at(later->base, i), b = event_base_at(first->base, k);
    return a > b || (a == b && later->base->ids[i] > first->base->ids[k]);
}

/* Finds what a row has of a step; false: nothing. */
static inline bool step_range(Step *step, uint32_t row)
{
    const EventBase *base = step->base;
    step->from = step->to = 0;
    if (!base) return false;
    if (base->group_rows) return event_base_range(base, row, &step->from, &step->to);
    if (row >= base->groups) return false;
    step->from = base->offsets[row];
    step->to = base->offsets[row + 1];
    return step->from < step->to;
}
