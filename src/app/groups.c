#include "app/groups.h"

#include "base/error.h"

static bool groups_people(void *context, const char *rule, int64_t at_ms, GArray *person_ids,
                          GError **error)
{
    g_autoptr(Rule) parsed = rule_parse(slice_of(rule), NULL, error);
    if (!parsed) return false;
    const Rule *asked = parsed;
    SegmentAsk ask = {.rules = &asked, .count = 1, .at = at_ms};
    g_autoptr(SegmentAnswer) answer = segments_ask(context, &ask, error);
    if (!answer) return false;
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    g_array_append_vals(person_ids, ids->data, ids->len);
    return true;
}

MessageGroups groups_of(Segments *segments) { return (MessageGroups){segments, groups_people}; }
