#include "segments/leaf_private.h"

/* One thing and then another: which occurrences of a step end a chain that began right is known
 * from those of the step before alone, so a person costs one merge of two sorted lists a step. The
 * first follower is not always the right one: with `within`, an occurrence that is later than it
 * need have been may be the only one whose own follower comes soon enough. So all are kept. */

typedef struct Chain {
    const Leaf *leaf;
    const LeafJudge *judge;
    GArray *reached, *next; /* of Occurrence: the ends of all chains so far, in order */
    guint at[RULE_STEPS_MAX];
} Chain;

static bool comes_after(const Occurrence *later, const Occurrence *first)
{
    return later->at > first->at || (later->at == first->at && later->id > first->id);
}

/* Months are of several lengths: what was reached later need not end later. So the latest end of
 * all that came before counts. */
static void chain_extend(Chain *chain, const RuleWindow *span, const Occurrence *then, guint count)
{
    int64_t end = INT64_MIN;
    guint before = 0;
    g_array_set_size(chain->next, 0);
    for (guint i = 0; i < count; i++) {
        for (; before < chain->reached->len; before++) {
            const Occurrence *one = &g_array_index(chain->reached, Occurrence, before);
            if (!comes_after(&then[i], one)) break;
            end = MAX(end, window_span_end(span, chain->judge->moment, one->at));
        }
        if (then[i].at < end) g_array_append_val(chain->next, then[i]);
    }
    GArray *reached = chain->reached;
    chain->reached = chain->next;
    chain->next = reached;
}

/* Whether some end of a chain was not followed in time. */
static bool chain_is_left(const Chain *chain, const RuleWindow *span, const Occurrence *then,
                          guint count)
{
    guint after = 0;
    for (guint i = 0; i < chain->reached->len; i++) {
        const Occurrence *one = &g_array_index(chain->reached, Occurrence, i);
        while (after < count && !comes_after(&then[after], one))
            after++;
        if (after == count) return true;
        if (then[after].at >= window_span_end(span, chain->judge->moment, one->at)) return true;
    }
    return false;
}

static bool person_holds(Chain *chain, uint32_t person)
{
    const RuleNode *node = chain->leaf->node;
    GArray *const *lists = chain->leaf->occurrences;
    bool holds = false;
    guint count;
    const Occurrence *run = leaf_run(lists[0], person, &chain->at[0], &count);
    g_array_set_size(chain->reached, 0);
    g_array_append_vals(chain->reached, run, count);
    for (uint32_t i = 0; i < node->step_count; i++) {
        const RuleWindow *span = &node->steps[i].span;
        bool denied = node->not_then && i + 1 == node->step_count;
        run = leaf_run(lists[i + 1], person, &chain->at[i + 1], &count);
        if (denied)
            holds = chain_is_left(chain, span, run, count);
        else
            chain_extend(chain, span, run, count);
    }
    return node->not_then ? holds : chain->reached->len > 0;
}

void leaf_sequence_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    Chain chain = {.leaf = leaf,
                   .judge = judge,
                   .reached = g_array_new(FALSE, FALSE, sizeof(Occurrence)),
                   .next = g_array_new(FALSE, FALSE, sizeof(Occurrence))};
    for (uint32_t i = 0; i <= leaf->node->step_count; i++)
        leaf_occurrences_sort(leaf->occurrences[i]);
    for (uint32_t person = 0; person < leaf->size; person++)
        if (person_holds(&chain, person)) set_add(set, person);
    g_array_unref(chain.reached);
    g_array_unref(chain.next);
}
