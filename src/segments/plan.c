#include "segments/evaluate.h"

#include "base/error.h"
#include "base/keyhash.h"
#include "base/limits.h"
#include "base/text.h"
#include "segments/near.h"

#include <string.h>

static bool plan_node(Evaluation *evaluation, const RuleNode *node, GError **error);

/* ---- names ---- */

#define ORDER_EVENT  "Order Completed"
#define REFUND_EVENT "Order Refunded"

/* The known name that is written so in any case; NULL when none is. */
static const char *name_in_any_case(Names *names, const char *name, GPtrArray *known)
{
    g_autoptr(GArray) list = names_list(names);
    g_autofree char *fold = text_fold(slice_of(name));
    for (guint i = 0; i < list->len; i++)
        g_ptr_array_add(known, (void *)g_array_index(list, NameInfo, i).name);
    for (size_t i = 0; event_name_word(i); i++)
        g_ptr_array_add(known, (void *)event_name_word(i));
    for (guint i = 0; i < known->len; i++) {
        g_autofree char *other = text_fold(slice_of(known->pdata[i]));
        if (g_str_equal(fold, other)) return known->pdata[i];
    }
    return NULL;
}

static bool unknown_event(Evaluation *evaluation, const RuleEvent *event, const GPtrArray *known,
                          GError **error)
{
    RuleProblem *problem = &evaluation->problem;
    const char *near = near_find(event->name, (const char *const *)known->pdata, known->len);
    problem->offset = event->at;
    g_strlcpy(problem->suggestion, near ? near : "", sizeof problem->suggestion);
    g_snprintf(problem->message, sizeof problem->message,
               near ? "unknown event \"%.100s\": did you mean \"%s\"?"
                    : "unknown event \"%.100s\": nothing of that name has come in yet",
               event->name, near);
    return fail(error, KITH_ERROR_INVALID, "%s", problem->message);
}

/* The name under which an event is kept. */
static const char *name_find(Evaluation *evaluation, const RuleEvent *event, GError **error)
{
    Names *names = timeline_names(evaluation->segments->options.timeline);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    Slice canonical = event_name_canonical(slice_of(event->name));
    int64_t name_id = names_find(names, canonical);
    const char *name = name_id ? names_text(names, name_id) : event_name_known(canonical);
    if (!name) name = name_in_any_case(names, event->name, known);
    if (!name) unknown_event(evaluation, event, known, error);
    return name;
}

/* ---- properties ---- */

static bool field_is(const RuleField *field, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(field->names[0], names[i]) == 0) return true;
    return false;
}

/* What an order's row does not tell must be read from its lines or its event. */
static void field_needs(Tap *tap, const RuleField *field)
{
    static const char *const of_orders[] = {"order_id", "number",    "revenue",  "net_revenue",
                                            "currency", "tax",       "shipping", "discount",
                                            "coupon",   "item_count"};
    static const char *const of_refunds[] = {"order_id", "refund_id", "amount", "currency"};
    if (tap->source == TAP_EVENTS || !field || !field->names) return;
    tap->payload = tap->payload || field->context;
    if (field->context) return;
    bool own = tap->source == TAP_ORDERS ? field_is(field, of_orders, G_N_ELEMENTS(of_orders))
                                         : field_is(field, of_refunds, G_N_ELEMENTS(of_refunds));
    if (own) return;
    tap->lines = tap->lines || strcmp(field->names[0], "products") == 0;
    tap->payload = tap->payload || strcmp(field->names[0], "products") != 0;
}

static void where_needs(Tap *tap, const RuleNode *where)
{
    if (!where) return;
    if (where->kind == RULE_FIELD) field_needs(tap, &where->field);
    for (uint32_t i = 0; i < where->item_count; i++)
        where_needs(tap, where->items[i]);
}

/* ---- money ---- */

static bool currency_check(Evaluation *evaluation, const RuleTest *test, GError **error)
{
    for (uint32_t i = 0; i < test->value_count; i++) {
        const RuleValue *value = &test->values[i];
        if (!value->currency[0] || strcmp(value->currency, evaluation->currency) == 0) continue;
        g_snprintf(evaluation->problem.message, sizeof evaluation->problem.message,
                   "amounts are compared in the business's currency, %s, not in %s",
                   evaluation->currency[0] ? evaluation->currency : "which is not set yet",
                   value->currency);
        return fail(error, KITH_ERROR_INVALID, "%s", evaluation->problem.message);
    }
    return true;
}

static bool where_check(Evaluation *evaluation, const RuleNode *where, GError **error)
{
    if (!where) return true;
    if (!currency_check(evaluation, &where->test, error)) return false;
    for (uint32_t i = 0; i < where->item_count; i++)
        if (!where_check(evaluation, where->items[i], error)) return false;
    return true;
}

/* ---- leaves and taps ---- */

static Leaf *leaf_add(Evaluation *evaluation, const RuleNode *node, RuleKind kind,
                      RuleAmount amount)
{
    Leaf *leaf = leaf_new(node, kind, amount, evaluation_size(evaluation));
    g_ptr_array_add(evaluation->leaves, leaf);
    g_hash_table_insert(evaluation->leaf_of, (void *)node, leaf);
    return leaf;
}

/* Adds a tap for an event; its range is all that happened until the caller narrows it. */
static Tap *tap_add(Evaluation *evaluation, Leaf *leaf, const RuleEvent *event, GError **error)
{
    const char *name = name_find(evaluation, event, error);
    if (!name || !where_check(evaluation, event->where, error)) return NULL;
    Tap *tap = g_new0(Tap, 1);
    g_ptr_array_add(evaluation->taps, tap);
    *tap = (Tap){.leaf = leaf, .where = event->where, .range = {INT64_MIN, evaluation->moment.now}};
    Names *names = timeline_names(evaluation->segments->options.timeline);
    if (strcmp(name, ORDER_EVENT) == 0)
        tap->source = TAP_ORDERS;
    else if (strcmp(name, REFUND_EVENT) == 0)
        tap->source = TAP_REFUNDS;
    else
        tap->name_id = names_find(names, slice_of(name));
    where_needs(tap, event->where);
    return tap;
}

static bool plan_ratio(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    const RuleEvent *events[] = {&node->event, &node->to};
    Leaf *leaf = leaf_add(evaluation, node, RULE_RATIO, RULE_COUNT);
    for (unsigned step = 0; step < G_N_ELEMENTS(events); step++) {
        Tap *tap = tap_add(evaluation, leaf, events[step], error);
        if (!tap) return false;
        tap->step = step;
        tap->range = window_past(&node->window, &evaluation->moment);
    }
    return true;
}

static bool plan_event(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    Leaf *leaf = leaf_add(evaluation, node, node->kind, RULE_COUNT);
    Tap *tap = tap_add(evaluation, leaf, &node->event, error);
    if (!tap) return false;
    Range range = window_past(&node->window, &evaluation->moment);
    leaf->range = range;
    if (node->kind == RULE_DID || node->kind == RULE_SEQUENCE || node->kind == RULE_GAP)
        tap->range = range;
    for (uint32_t i = 0; i < node->step_count; i++) {
        Tap *then = tap_add(evaluation, leaf, &node->steps[i].event, error);
        if (!then) return false;
        then->step = i + 1;
        then->range.from = range.from; /* nothing follows the first before it */
    }
    return true;
}

static void tap_value(Tap *tap, const RuleField *field, RuleAmount amount)
{
    if (amount == RULE_COUNT) return;
    tap->value = field;
    tap->fingerprint = amount == RULE_DISTINCT;
    field_needs(tap, field);
}

static bool plan_amount(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    if (!currency_check(evaluation, &node->test, error)) return false;
    Leaf *leaf = leaf_add(evaluation, node, node->kind, node->amount);
    Tap *tap = tap_add(evaluation, leaf, &node->event, error);
    if (!tap) return false;
    tap->range = window_past(&node->window, &evaluation->moment);
    tap_value(tap, &node->field, node->amount);
    return true;
}

/* ---- what Kith computes of every person ---- */

static const char *const revenue_names[] = {"revenue"};
static const char *const amount_names[] = {"amount"};
static const RuleField revenue_field = {(const char **)(void *)revenue_names, 1};
static const RuleField amount_field = {(const char **)(void *)amount_names, 1};
static const RuleEvent order_event = {.name = ORDER_EVENT};
static const RuleEvent refund_event = {.name = REFUND_EVENT};

typedef struct Computed {
    const char *name;
    RuleAmount amount;
    bool less_refunds;
} Computed;

static const Computed computed[] = {
    {"orders", RULE_COUNT, false},
    {"spent", RULE_SUM, false},
    {"lifetime_value", RULE_SUM, true},
    {"average_order_value", RULE_AVERAGE, false},
};

static const Computed *computed_find(const RuleField *field)
{
    for (size_t i = 0; field->count == 1 && i < G_N_ELEMENTS(computed); i++)
        if (strcmp(computed[i].name, field->names[0]) == 0) return &computed[i];
    return NULL;
}

static bool plan_computed(Evaluation *evaluation, const RuleNode *node, const Computed *what,
                          GError **error)
{
    RuleKind kind = node->kind == RULE_TOP ? RULE_TOP : RULE_AMOUNT;
    Leaf *leaf = leaf_add(evaluation, node, kind, what->amount);
    Tap *orders = tap_add(evaluation, leaf, &order_event, error);
    if (!orders) return false;
    tap_value(orders, &revenue_field, what->amount);
    if (!what->less_refunds) return true;
    Tap *refunds = tap_add(evaluation, leaf, &refund_event, error);
    if (!refunds) return false;
    tap_value(refunds, &amount_field, what->amount);
    refunds->negative = true;
    return true;
}

/* ---- traits ---- */

static bool is_shown(const char *name)
{
    static const char *const shown[] = {"name", "email", "phone", "country", "created_at"};
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        if (strcmp(shown[i], name) == 0) return true;
    return false;
}

static TraitColumn *column_get(Evaluation *evaluation, const char *name)
{
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (strcmp(column->name, name) == 0) return column;
    }
    TraitColumn *column = trait_column_new(name, evaluation_size(evaluation));
    column->shown = is_shown(name);
    g_ptr_array_add(evaluation->columns, column);
    return column;
}

static bool plan_trait(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    if (!currency_check(evaluation, &node->test, error)) return false;
    const Computed *what = node->field.names ? computed_find(&node->field) : NULL;
    if (what && node->kind != RULE_ANNIVERSARY) return plan_computed(evaluation, node, what, error);
    Leaf *leaf = leaf_add(evaluation, node, node->kind, RULE_COUNT);
    leaf->column = column_get(evaluation, node->field.names ? node->field.names[0] : "birthday");
    return true;
}

/* ---- mail that came back ---- */

static const char *const bounce_names[] = {"type"};
static const RuleValue soft_values[] = {{.type = RULE_TEXT, .text = "soft", .fold = "soft"}};

static bool plan_bounced(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    static const RuleNode hard = {.kind = RULE_FIELD,
                                  .field = {(const char **)(void *)bounce_names, 1},
                                  .test = {RULE_NOT_EQUAL, (RuleValue *)(void *)soft_values, 1}};
    static const RuleEvent bounced = {.name = "Email Bounced", .where = &hard};
    Leaf *leaf = leaf_add(evaluation, node, RULE_BOUNCED, RULE_COUNT);
    leaf->set = set_new(evaluation_size(evaluation));
    return tap_add(evaluation, leaf, &bounced, error) != NULL;
}

/* ---- saved segments ---- */

static bool unknown_segment(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    RuleProblem *problem = &evaluation->problem;
    g_autoptr(GPtrArray) names = saved_names(evaluation->segments, error);
    if (!names) return false;
    const char *near = near_find(node->text, (const char *const *)names->pdata, names->len);
    problem->offset = node->at;
    g_strlcpy(problem->suggestion, near ? near : "", sizeof problem->suggestion);
    g_snprintf(problem->message, sizeof problem->message,
               near ? "unknown segment \"%.100s\": did you mean \"%.100s\"?"
                    : "unknown segment \"%.100s\"",
               node->text, near);
    return fail(error, KITH_ERROR_INVALID, "%s", problem->message);
}

static bool circle_check(Evaluation *evaluation, const RuleNode *node, const char *fold,
                         GError **error)
{
    const GPtrArray *path = evaluation->path;
    for (guint i = 0; i < path->len; i++) {
        if (!g_str_equal(path->pdata[i], fold)) continue;
        g_snprintf(evaluation->problem.message, sizeof evaluation->problem.message,
                   "segment \"%.100s\" leads back to itself", node->text);
        return fail(error, KITH_ERROR_INVALID, "%s", evaluation->problem.message);
    }
    if (path->len < LIMIT_SEGMENT_DEPTH) return true;
    return fail(error, KITH_ERROR_LIMIT, "segments lead from one to the next over %d steps",
                LIMIT_SEGMENT_DEPTH);
}

/* The rule of a saved segment; read once where many moments are judged. */
static char *saved_text(Evaluation *evaluation, const RuleNode *node, const char *fold,
                        int64_t *ret_list_id, GError **error)
{
    GPtrArray *texts = evaluation->texts;
    for (guint i = 0; texts && i < texts->len; i += 3) {
        if (!g_str_equal(texts->pdata[i], fold)) continue;
        *ret_list_id = g_ascii_strtoll(texts->pdata[i + 2], NULL, 10);
        return g_strdup(texts->pdata[i + 1]);
    }
    char *text = saved_rule_find(evaluation->segments, node->text, ret_list_id, error);
    if (!text || !texts) return text;
    g_ptr_array_add(texts, g_strdup(fold));
    g_ptr_array_add(texts, g_strdup(text));
    g_ptr_array_add(texts, g_strdup_printf("%" G_GINT64_FORMAT, *ret_list_id));
    return text;
}

/* A list of people has nothing inside: it is a leaf. */
static bool plan_list(Evaluation *evaluation, const RuleNode *node, int64_t list_id)
{
    Leaf *leaf = leaf_add(evaluation, node, RULE_SEGMENT, RULE_COUNT);
    leaf->set = set_new(evaluation_size(evaluation));
    leaf->list_id = list_id;
    return true;
}

static bool plan_segment(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    g_autofree char *fold = text_fold(slice_of(node->text));
    if (!circle_check(evaluation, node, fold, error)) return false;
    int64_t list_id = 0;
    g_autoptr(GError) failure = NULL;
    g_autofree char *text = saved_text(evaluation, node, fold, &list_id, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (!text) return unknown_segment(evaluation, node, error);
    if (list_id) return plan_list(evaluation, node, list_id);
    Rule *inner = rule_parse(slice_of(text), NULL, error);
    if (!inner) {
        g_prefix_error(error, "segment \"%s\": ", node->text);
        return false;
    }
    g_hash_table_insert(evaluation->inner_of, (void *)node, inner);
    g_ptr_array_add(evaluation->path, g_steal_pointer(&fold));
    bool done = plan_node(evaluation, inner->root, error);
    if (!done && evaluation->path->len == 1) evaluation->problem.offset = node->at;
    g_ptr_array_remove_index(evaluation->path, evaluation->path->len - 1);
    return done;
}

/* ---- the whole ---- */

static bool plan_items(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    for (uint32_t i = 0; i < node->item_count; i++)
        if (!plan_node(evaluation, node->items[i], error)) return false;
    return true;
}

static bool plan_lifecycle(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    Leaf *leaf = leaf_add(evaluation, node, RULE_LIFECYCLE, RULE_COUNT);
    return tap_add(evaluation, leaf, &order_event, error) != NULL;
}

static bool plan_silent(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    Leaf *leaf = leaf_add(evaluation, node, RULE_SILENT, RULE_COUNT);
    return tap_add(evaluation, leaf, node->event.name ? &node->event : &order_event, error) != NULL;
}

/* ---- nodes that ask the same ---- */

typedef struct SharedLeaf {
    uint64_t hash;
    char *text;
    Leaf *leaf;
} SharedLeaf;

static void shared_clear(SharedLeaf *shared) { g_free(shared->text); }

GArray *shared_leaves_new(void)
{
    GArray *leaves = g_array_new(FALSE, FALSE, sizeof(SharedLeaf));
    g_array_set_clear_func(leaves, (GDestroyNotify)(void *)shared_clear);
    return leaves;
}

static bool joins_others(const RuleNode *node)
{
    bool list = node->kind == RULE_AND || node->kind == RULE_OR || node->kind == RULE_NOT;
    return list || node->kind == RULE_SEGMENT;
}

static Leaf *shared_find(const GArray *leaves, const SharedLeaf *like)
{
    for (guint i = 0; i < leaves->len; i++) {
        const SharedLeaf *one = &g_array_index(leaves, SharedLeaf, i);
        if (one->hash == like->hash && strcmp(one->text, like->text) == 0) return one->leaf;
    }
    return NULL;
}

static bool plan_own(Evaluation *evaluation, const RuleNode *node, GError **error);

/* In one evaluation the same words mean the same. */
static bool plan_node(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = {0}; /* equal texts are compared besides */
    if (!evaluation->shared || joins_others(node)) return plan_own(evaluation, node, error);
    g_autofree char *text = rule_node_text(node);
    SharedLeaf shared = {keyhash64(key, text, strlen(text)), text, NULL};
    shared.leaf = shared_find(evaluation->shared, &shared);
    if (shared.leaf) {
        g_hash_table_insert(evaluation->leaf_of, (void *)node, shared.leaf);
        return true;
    }
    if (!plan_own(evaluation, node, error)) return false;
    shared.leaf = g_hash_table_lookup(evaluation->leaf_of, node);
    shared.text = g_steal_pointer(&text);
    g_array_append_val(evaluation->shared, shared);
    return true;
}

static bool plan_own(Evaluation *evaluation, const RuleNode *node, GError **error)
{
    switch (node->kind) {
    case RULE_AND:
    case RULE_OR:
    case RULE_NOT:
        return plan_items(evaluation, node, error);
    case RULE_DID:
    case RULE_MOMENT:
    case RULE_SEQUENCE:
    case RULE_GAP:
        return plan_event(evaluation, node, error);
    case RULE_AMOUNT:
        return plan_amount(evaluation, node, error);
    case RULE_RATIO:
        return plan_ratio(evaluation, node, error);
    case RULE_TOP:
        return node->event.name ? plan_amount(evaluation, node, error)
                                : plan_trait(evaluation, node, error);
    case RULE_ANNIVERSARY:
        return node->event.name ? plan_event(evaluation, node, error)
                                : plan_trait(evaluation, node, error);
    case RULE_FIELD:
    case RULE_BIRTHDAY:
        return plan_trait(evaluation, node, error);
    case RULE_LIFECYCLE:
        return plan_lifecycle(evaluation, node, error);
    case RULE_SILENT:
        return plan_silent(evaluation, node, error);
    case RULE_BOUNCED:
        return plan_bounced(evaluation, node, error);
    case RULE_SEGMENT:
        return plan_segment(evaluation, node, error);
    case RULE_TAG:
    case RULE_CONSENT:
        leaf_add(evaluation, node, node->kind, RULE_COUNT)->set =
            set_new(evaluation_size(evaluation));
        return true;
    case RULE_RANDOM:
    case RULE_EVERYBODY:
        leaf_add(evaluation, node, node->kind, RULE_COUNT);
        return true;
    case RULE_KINDS:
        break;
    }
    g_assert_not_reached();
}

bool plan_rule(Evaluation *evaluation, const Rule *rule, GError **error)
{
    evaluation->asked = rule;
    return plan_node(evaluation, rule->root, error);
}

void plan_crowd(Evaluation *evaluation, const GArray *people)
{
    g_array_unref(evaluation->people);
    evaluation->people = g_array_copy((GArray *)(void *)people);
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        leaf->size = people->len;
        if (!leaf->set) continue;
        set_free(leaf->set);
        leaf->set = set_new(people->len);
    }
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        g_free(column->cells);
        column->size = people->len;
        column->cells = g_new0(struct TraitCell, column->size + 1);
    }
}
