#include "segments/judge_private.h"

#include "base/clock.h"
#include "base/error.h"
#include "segments/edges.h"
#include "segments/ranks.h"

static gint id_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* ---- reading ---- */

static bool judge_read(Judge *judge, Evaluation *evaluation, GError **error)
{
    if (!evaluation_business(evaluation, error) || !load_people(evaluation, error)) return false;
    judge->zone = evaluation->moment.zone;
    g_strlcpy(judge->currency, evaluation->currency, sizeof judge->currency);
    if (evaluation->people->len == 0) judge->person_id = 0;
    for (size_t i = 0; i < judge->ask.count; i++)
        if (!plan_rule(evaluation, judge->ask.rules[i], error)) return false;
    evaluation->facts = &judge->facts;
    return judge->person_id == 0 || load_all(evaluation, error);
}

Judge *judge_new(Segments *segments, const JudgeAsk *ask, GError **error)
{
    g_autoptr(Judge) judge = g_new0(Judge, 1);
    judge->segments = segments;
    judge->ask = *ask;
    judge->person_id = people_person(segments->options.people, ask->person_id);
    judge->stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    judge->texts = g_ptr_array_new_with_free_func(g_free);
    facts_init(&judge->facts);
    if (judge->person_id) people_stems(segments->options.people, judge->person_id, judge->stems);
    g_array_sort(judge->stems, id_compare);
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, ZONE_MS_MAX);
    evaluation.stems = judge->stems;
    evaluation.texts = judge->texts;
    return judge_read(judge, &evaluation, error) ? g_steal_pointer(&judge) : NULL;
}

void judge_free(Judge *judge)
{
    if (!judge) return;
    g_array_unref(judge->stems);
    g_ptr_array_unref(judge->texts);
    facts_clear(&judge->facts);
    g_free(judge);
}

int64_t judge_person_id(const Judge *judge) { return judge->person_id; }
const Zone *judge_zone(const Judge *judge) { return judge->zone; }

/* ---- one moment ---- */

/* Others decide about a rank: it is asked of everybody and put into the leaf. One that is kept is
 * that of now, whatever moment is judged. */
static bool ranks_fill(Judge *judge, Evaluation *evaluation, GError **error)
{
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        if (!leaf_is_shared(leaf)) continue;
        RankAsk ask = {.node = leaf->node,
                       .person_id = judge->person_id,
                       .at = judge->ask.ranks_kept ? clock_now_ms() : evaluation->moment.now,
                       .kept = judge->ask.ranks_kept};
        bool among;
        if (!ranks_has(judge->segments, &ask, &among, error)) return false;
        leaf_decide(leaf, 0, among);
    }
    return true;
}

bool judge_evaluate(Judge *judge, const RuleNode *node, int64_t at, Evaluation *evaluation,
                    GError **error)
{
    Rule rule = {.root = node};
    evaluation_init(evaluation, judge->segments, CLAMP(at, ZONE_MS_MIN, ZONE_MS_MAX));
    evaluation->stems = judge->stems;
    evaluation->texts = judge->texts;
    evaluation->moment.zone = judge->zone;
    g_strlcpy(evaluation->currency, judge->currency, sizeof evaluation->currency);
    g_array_append_val(evaluation->people, judge->person_id);
    if (!plan_rule(evaluation, &rule, error)) return false;
    evaluation->asked = NULL;
    facts_tell(&judge->facts, evaluation);
    return ranks_fill(judge, evaluation, error) && load_consents(evaluation, error);
}

static bool root_holds(Evaluation *evaluation, const RuleNode *node)
{
    g_autoptr(PersonSet) set = evaluate_set(evaluation, node);
    return set_has(set, 0);
}

bool judge_node_holds(Judge *judge, const RuleNode *node, int64_t at, bool *ret_holds,
                      GError **error)
{
    *ret_holds = false;
    if (judge->person_id == 0) return true;
    g_auto(Evaluation) evaluation;
    if (!judge_evaluate(judge, node, at, &evaluation, error)) return false;
    *ret_holds = root_holds(&evaluation, node);
    return true;
}

bool judge_holds(Judge *judge, size_t rule, int64_t at, bool *ret_holds, GError **error)
{
    return judge_node_holds(judge, judge->ask.rules[rule]->root, at, ret_holds, error);
}

/* ---- the next change ---- */

static int64_t first_after(const GArray *edges, int64_t at)
{
    int64_t first = INT64_MAX;
    for (guint i = 0; i < edges->len; i++) {
        int64_t edge = g_array_index(edges, int64_t, i);
        if (edge > at && edge < first) first = edge;
    }
    return first;
}

bool judge_node_next(Judge *judge, const RuleNode *node, int64_t at, JudgeFlip *ret_flip,
                     GError **error)
{
    *ret_flip = (JudgeFlip){.at = INT64_MAX, .until = INT64_MAX};
    for (int step = 0; judge->person_id && step <= JUDGE_STEPS_MAX; step++) {
        g_auto(Evaluation) evaluation;
        g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
        if (!judge_evaluate(judge, node, at, &evaluation, error)) return false;
        bool holds = root_holds(&evaluation, node);
        if (step == 0) ret_flip->holds = holds;
        if (holds != ret_flip->holds) {
            ret_flip->at = at;
            return true;
        }
        if (!edges_find(judge, &evaluation, edges, error)) return false;
        int64_t next = first_after(edges, at);
        if (next > ZONE_MS_MAX) return true;
        at = next;
        if (step == JUDGE_STEPS_MAX) ret_flip->until = at;
    }
    return true;
}

bool judge_next(Judge *judge, size_t rule, int64_t at, JudgeFlip *ret_flip, GError **error)
{
    return judge_node_next(judge, judge->ask.rules[rule]->root, at, ret_flip, error);
}
