#include "segments/fill.h"
#include "segments/watch_private.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

/* What a watched segment depends on: the segments that its rule names, and theirs. */
typedef struct Depend {
    Segments *segments;
    const char *fold; /* the name of the one that is to be watched, folded */
    GPtrArray *seen;  /* of folded names; owned */
} Depend;

static bool node_depends(Depend *depend, const RuleNode *node, GError **error);

static bool name_depends(Depend *depend, const char *name, GError **error)
{
    g_autofree char *fold = text_fold(slice_of(name));
    g_autoptr(GError) failure = NULL;
    int64_t list_id = 0;
    g_autofree char *text = saved_rule_find(depend->segments, name, &list_id, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (list_id != 0) return true; /* depends on nothing, and its rule is its own name */
    if (strcmp(fold, depend->fold) == 0)
        return fail(error, KITH_ERROR_INVALID,
                    "the rule leads back to its own segment \"%s\", so that its record would move "
                    "itself",
                    name);
    if (g_ptr_array_find_with_equal_func(depend->seen, fold, g_str_equal, NULL)) return true;
    g_ptr_array_add(depend->seen, g_steal_pointer(&fold));
    if (!text) return fail(error, KITH_ERROR_INVALID, "unknown segment \"%s\"", name);
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, error);
    return rule && node_depends(depend, rule->root, error);
}

static bool is_own(const RuleEvent *event)
{
    Slice name = event->name ? slice_of(event->name) : (Slice){0};
    return text_equal_ascii_case(name, SLICE("Segment Entered")) ||
           text_equal_ascii_case(name, SLICE("Segment Exited"));
}

/* The one segment that a `where` lets through; NULL: it may be several. */
static const char *segment_of(const RuleNode *where)
{
    if (!where) return NULL;
    if (where->kind == RULE_FIELD) {
        const RuleField *field = &where->field;
        bool names = field->names && field->count == 1 && !field->context &&
                     strcmp(field->names[0], "segment") == 0;
        bool one = where->test.op == RULE_EQUAL && where->test.value_count == 1 &&
                   where->test.values[0].type == RULE_TEXT;
        return names && one ? where->test.values[0].text : NULL;
    }
    for (uint32_t i = 0; where->kind == RULE_AND && i < where->item_count; i++) {
        const char *segment = segment_of(where->items[i]);
        if (segment) return segment;
    }
    return NULL;
}

static bool event_depends(Depend *depend, const RuleEvent *event, GError **error)
{
    if (!is_own(event)) return true;
    const char *segment = segment_of(event->where);
    if (segment) return name_depends(depend, segment, error);
    return fail(error, KITH_ERROR_INVALID,
                "a rule about \"%s\" can be watched when it says of which segment: write where "
                "segment = \"NAME\"; else its record could move itself",
                event->name);
}

static bool node_depends(Depend *depend, const RuleNode *node, GError **error)
{
    if (node->kind == RULE_SEGMENT && !name_depends(depend, node->text, error)) return false;
    if (!event_depends(depend, &node->event, error) || !event_depends(depend, &node->to, error))
        return false;
    for (uint32_t i = 0; i < node->step_count; i++)
        if (!event_depends(depend, &node->steps[i].event, error)) return false;
    for (uint32_t i = 0; i < node->item_count; i++)
        if (!node_depends(depend, node->items[i], error)) return false;
    return true;
}

bool watch_check(Segments *segments, const char *name, const char *text, GError **error)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, segments, 0);
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, error);
    if (!rule || !evaluation_business(&evaluation, error) || !plan_rule(&evaluation, rule, error))
        return false;
    g_autofree char *fold = text_fold(slice_of(name));
    g_autoptr(GPtrArray) seen = g_ptr_array_new_with_free_func(g_free);
    Depend depend = {segments, fold, seen};
    Feed *feed = segments->options.feed;
    return node_depends(&depend, rule->root, error) &&
           (!feed || fill_want(&evaluation, feed, FEED_KEPT, error));
}
