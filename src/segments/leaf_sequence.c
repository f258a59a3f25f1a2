#include "segments/leaf_private.h"

static bool comes_after(const Occurrence *later, const Occurrence *first)
{
    return later->at > first->at || (later->at == first->at && later->id > first->id);
}

static bool sequence_holds(const Leaf *leaf, const LeafJudge *judge, const Occurrence *first,
                           const Occurrence *then, guint then_count)
{
    int64_t end = window_span_end(&leaf->node->span, judge->moment, first->at);
    guint low = 0, high = then_count;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (comes_after(&then[middle], first))
            high = middle;
        else
            low = middle + 1;
    }
    return low < then_count && then[low].at < end;
}

void leaf_sequence_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    guint first_at = 0, then_at = 0, first_count, then_count;
    g_array_sort(leaf->occurrences[0], leaf_occurrence_compare);
    g_array_sort(leaf->occurrences[1], leaf_occurrence_compare);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *first = leaf_run(leaf->occurrences[0], person, &first_at, &first_count);
        const Occurrence *then = leaf_run(leaf->occurrences[1], person, &then_at, &then_count);
        bool holds = false;
        for (guint i = 0; i < first_count && !holds; i++)
            holds =
                sequence_holds(leaf, judge, &first[i], then, then_count) != leaf->node->not_then;
        if (holds) set_add(set, person);
    }
}
