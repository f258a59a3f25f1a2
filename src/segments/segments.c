#include "segments/evaluate.h"

#include "base/clock.h"
#include "base/dates.h"
#include "base/error.h"
#include "segments/cost.h"
#include "segments/fill.h"
#include "segments/kernel.h"
#include "segments/ranks.h"
#include "segments/segments_sql.h"

#include <string.h>

Segments *segments_new(const SegmentsOptions *options)
{
    Segments *segments = g_new0(Segments, 1);
    segments->options = *options;
    segments->ranks = ranks_new();
    g_mutex_init(&segments->crowd_lock);
    return segments;
}

void segments_free(Segments *segments)
{
    if (!segments) return;
    ranks_free(segments->ranks);
    kernel_crowd_unref(segments->crowd);
    g_mutex_clear(&segments->crowd_lock);
    g_free(segments);
}

void segments_set_feed(Segments *segments, Feed *feed) { segments->options.feed = feed; }
Feed *segments_feed(Segments *segments) { return segments->options.feed; }

void segments_set_limits(Segments *segments, const EventScanLimits *limits)
{
    segments->options.limits = *limits;
}

const char *segment_engine_name(SegmentEngine engine)
{
    static const char *const names[SEGMENT_ENGINES] = {"sql", "columns", "both"};
    return names[engine];
}

Store *segments_store(Segments *segments) { return segments->options.store; }
People *segments_people(Segments *segments) { return segments->options.people; }
Timeline *segments_timeline(Segments *segments) { return segments->options.timeline; }

/* ---- one evaluation ---- */

void evaluation_init(Evaluation *evaluation, Segments *segments, int64_t at)
{
    *evaluation =
        (Evaluation){.segments = segments, .moment = {.now = at}, .newest_order = INT64_MIN};
    evaluation->people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    evaluation->leaves = g_ptr_array_new_with_free_func((GDestroyNotify)leaf_free);
    evaluation->taps = g_ptr_array_new_with_free_func(g_free);
    evaluation->columns = g_ptr_array_new_with_free_func((GDestroyNotify)trait_column_free);
    evaluation->path = g_ptr_array_new_with_free_func(g_free);
    evaluation->leaf_of = g_hash_table_new(g_direct_hash, g_direct_equal);
    evaluation->inner_of =
        g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)rule_free);
}

void evaluation_clear(Evaluation *evaluation)
{
    g_array_unref(evaluation->people);
    g_ptr_array_unref(evaluation->taps);
    g_ptr_array_unref(evaluation->leaves);
    g_ptr_array_unref(evaluation->columns);
    g_ptr_array_unref(evaluation->path);
    g_hash_table_unref(evaluation->leaf_of);
    g_hash_table_unref(evaluation->inner_of);
    if (evaluation->shared) g_array_unref(evaluation->shared);
    if (evaluation->parts) g_hash_table_unref(evaluation->parts);
    feed_end(&evaluation->read);
}

/* Copies a setting; "" when it is not set. */
static bool setting_read(Db *db, const char *name, char *text, size_t size, GError **error)
{
    LoadSettingRow row;
    bool found;
    text[0] = '\0';
    if (!sql_load_setting(db, &(LoadSettingParams){name}, &row, &found, error)) return false;
    if (found) g_strlcpy(text, row.value, size);
    return true;
}

static bool business_read(Evaluation *evaluation, Db *db, GError **error)
{
    char zone[128], gap[24];
    if (!setting_read(db, "business.gap_days", gap, sizeof gap, error)) return false;
    evaluation->gap_days = g_ascii_strtoll(gap, NULL, 10);
    if (!setting_read(db, "business.currency", evaluation->currency, CURRENCY_SIZE, error))
        return false;
    if (!setting_read(db, "business.zone", zone, sizeof zone, error)) return false;
    evaluation->moment.zone = zone[0] ? zone_find(slice_of(zone), error) : zone_utc();
    return evaluation->moment.zone != NULL;
}

bool evaluation_business(Evaluation *evaluation, GError **error)
{
    Store *store = evaluation->segments->options.store;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = business_read(evaluation, db, error);
    store_reader_end(store, db);
    return done;
}

int64_t evaluation_index(const Evaluation *evaluation, int64_t stem)
{
    if (stem == 0) return -1;
    int64_t person = people_person(evaluation->segments->options.people, stem);
    const int64_t *ids = (const int64_t *)(void *)evaluation->people->data;
    guint low = 0, high = evaluation->people->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (ids[middle] < person)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == evaluation->people->len || ids[low] != person) return -1;
    return low;
}

/* ---- joining ---- */

static PersonSet *list_set(Evaluation *evaluation, const RuleNode *node)
{
    PersonSet *set = evaluate_set(evaluation, node->items[0]);
    for (uint32_t i = 1; i < node->item_count; i++) {
        g_autoptr(PersonSet) other = evaluate_set(evaluation, node->items[i]);
        if (node->kind == RULE_AND)
            set_and(set, other);
        else
            set_or(set, other);
    }
    return set;
}

static PersonSet *set_copy(const PersonSet *set)
{
    PersonSet *copy = set_new(set->size);
    set_or(copy, set);
    return copy;
}

/* Several nodes may share a leaf: it is concluded once. */
static PersonSet *leaf_set(const Evaluation *evaluation, Leaf *leaf)
{
    LeafJudge judge = {&evaluation->moment, (const int64_t *)(void *)evaluation->people->data,
                       evaluation->gap_days};
    if (!evaluation->shared) return leaf_conclude(leaf, &judge);
    if (leaf->kind != RULE_SEGMENT) leaf_settle(leaf, leaf_conclude(leaf, &judge));
    return set_copy(leaf->set);
}

static PersonSet *node_set(Evaluation *evaluation, const RuleNode *node)
{
    if (node->kind == RULE_AND || node->kind == RULE_OR) return list_set(evaluation, node);
    if (node->kind == RULE_NOT) {
        PersonSet *set = evaluate_set(evaluation, node->items[0]);
        set_invert(set);
        return set;
    }
    const Rule *inner =
        node->kind == RULE_SEGMENT ? g_hash_table_lookup(evaluation->inner_of, node) : NULL;
    if (inner) return evaluate_set(evaluation, inner->root);
    return leaf_set(evaluation, g_hash_table_lookup(evaluation->leaf_of, node));
}

PersonSet *evaluate_set(Evaluation *evaluation, const RuleNode *node)
{
    PersonSet *set = node_set(evaluation, node);
    if (evaluation->parts) g_hash_table_insert(evaluation->parts, (void *)node, set_copy(set));
    return set;
}

/* ---- asking ---- */

/* The crowd, from memory where columns are kept. */
static bool people_begin(Evaluation *evaluation, GError **error)
{
    Feed *feed = evaluation->segments->options.feed;
    if (!feed || !feed_begin(feed, evaluation->currency, &evaluation->read))
        return load_people(evaluation, error);
    g_array_unref(evaluation->people);
    evaluation->people = g_array_ref(evaluation->read.people);
    return true;
}

static bool evaluation_run(Evaluation *evaluation, const SegmentAsk *ask, GError **error)
{
    Feed *feed = evaluation->segments->options.feed;
    if (!evaluation_business(evaluation, error) || !people_begin(evaluation, error)) return false;
    for (size_t i = 0; i < ask->count; i++)
        if (!plan_rule(evaluation, ask->rules[i], error)) return false;
    if (feed) fill_want(evaluation, feed, FEED_ASKED, NULL);
    if (evaluation->read.view) fill_leaves(evaluation);
    return load_all(evaluation, error);
}

SegmentAnswer *segments_ask(Segments *segments, const SegmentAsk *ask, GError **error)
{
    int64_t began_us = clock_monotonic_us();
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, CLAMP(ask->at, ZONE_MS_MIN, ZONE_MS_MAX));
    evaluation.shared = shared_leaves_new();
    if (!evaluation_run(&evaluation, ask, error)) return NULL;
    if (ask->parts)
        evaluation.parts =
            g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)set_free);
    SegmentAnswer *answer = g_new0(SegmentAnswer, 1);
    answer->at = ask->at;
    answer->zone = evaluation.moment.zone;
    answer->newest_order = evaluation.newest_order;
    answer->engine = cost_engine(&evaluation, evaluation.leaves);
    memcpy(answer->kernels, evaluation.kernels, sizeof answer->kernels);
    if (segments->options.feed) feed_answered(segments->options.feed, answer->engine);
    answer->people = g_array_ref(evaluation.people);
    answer->count = ask->count;
    answer->sets = g_new0(PersonSet *, ask->count);
    answer->costs = g_new0(SegmentCost, ask->count);
    for (size_t i = 0; i < ask->count; i++) /* before leaves become mere sets */
        answer->costs[i] = cost_of(&evaluation, ask->rules[i]);
    for (size_t i = 0; i < ask->count; i++)
        answer->sets[i] = evaluate_set(&evaluation, ask->rules[i]->root);
    answer->parts = g_steal_pointer(&evaluation.parts);
    answer->took_us = clock_monotonic_us() - began_us;
    return answer;
}

void segment_answer_free(SegmentAnswer *answer)
{
    if (!answer) return;
    for (size_t i = 0; i < answer->count; i++)
        set_free(answer->sets[i]);
    g_free(answer->sets);
    g_free(answer->costs);
    g_array_unref(answer->people);
    if (answer->parts) g_hash_table_unref(answer->parts);
    g_free(answer);
}

GArray *segment_answer_ids(const SegmentAnswer *answer, size_t index)
{
    GArray *ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (uint32_t i = 0; i < answer->people->len; i++)
        if (set_has(answer->sets[index], i))
            g_array_append_val(ids, g_array_index(answer->people, int64_t, i));
    return ids;
}

bool segments_check(Segments *segments, const Rule *rule, Slice text, RuleProblem *ret_problem,
                    GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, clock_now_ms());
    bool known = evaluation_business(&evaluation, error) && plan_rule(&evaluation, rule, error);
    if (known || !ret_problem) return known;
    *ret_problem = evaluation.problem;
    rule_problem_place(ret_problem, text, evaluation.problem.offset);
    return false;
}

bool segments_zone(Segments *segments, const Zone **ret_zone, GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, 0);
    if (!evaluation_business(&evaluation, error)) return false;
    *ret_zone = evaluation.moment.zone;
    return true;
}

bool segments_at(Segments *segments, const char *text, int64_t *ret_at, GError **error)
{
    Range range;
    Moment moment = {0};
    if (!segments_zone(segments, &moment.zone, error)) return false;
    if (!window_date(text, &moment, &range))
        return fail(error, KITH_ERROR_INVALID,
                    "\"%s\" is no date: write 2024-03-31 or 2024-03-31T18:00", text);
    *ret_at = range.from;
    return true;
}
