#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "segments/look.h"
#include "segments/rule_input.h"
#include "segments/segments_routes.h"
#include "segments/suggest.h"
#include "segments/tally.h"

enum { FLOW_DAYS_MAX = 366 };

/* ---- what comes in ---- */

#define RULE_INPUT_FIELDS(type)                                                                    \
    {"rule", FIELD_TEXT, .max = LIMIT_RULE_BYTES, .offset = offsetof(type, input.rule),            \
     .doc = RULE_DOC},                                                                             \
        {"json", FIELD_JSON, .offset = offsetof(type, input.json),                                 \
         .doc = "The same rule as JSON, instead of `rule`."},                                      \
    {                                                                                              \
        "at", FIELD_TEXT, .max = AT_BYTES_MAX, .offset = offsetof(type, input.at), .doc = AT_DOC   \
    }

typedef struct FlowInput {
    RuleInput input;
    int64_t days;
} FlowInput;
static const Field flow_input_fields[] = {
    RULE_INPUT_FIELDS(FlowInput),
    {"days", FIELD_INT, .min = 1, .max = FLOW_DAYS_MAX, .otherwise = 1,
     .offset = offsetof(FlowInput, days), .doc = "Compared with so many times 24 hours before."},
};
static const Schema flow_input = SCHEMA("SegmentFlowInput", FlowInput, flow_input_fields);

typedef struct OverlapInput {
    RuleInput input;
    FieldList others;
} OverlapInput;
static const Field overlap_input_fields[] = {
    RULE_INPUT_FIELDS(OverlapInput),
    {"others", FIELD_TEXTS, .required = true, .min = 1, .max = LOOK_OTHERS_MAX,
     .offset = offsetof(OverlapInput, others), .doc = "Texts of rules it is compared with."},
};
static const Schema overlap_input =
    SCHEMA("SegmentOverlapInput", OverlapInput, overlap_input_fields);

typedef struct BreakdownInput {
    RuleInput input;
    FieldList by;
} BreakdownInput;
static const Field breakdown_input_fields[] = {
    RULE_INPUT_FIELDS(BreakdownInput),
    {"by", FIELD_TEXTS, .required = true, .min = 1, .max = RULE_FIELD_NAMES_MAX,
     .offset = offsetof(BreakdownInput, by), .doc = "The names that lead to a trait."},
};
static const Schema breakdown_input =
    SCHEMA("SegmentBreakdownInput", BreakdownInput, breakdown_input_fields);

/* ---- what goes out ---- */

static const Field event_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .required = true, .doc = "Among the events looked at."},
    {"seen", FIELD_BOOL, .required = true, .doc = "It has come in at least once."},
};
static const Schema event_reply = SCHEMA_REPLY("SuggestedEvent", event_fields);
static const Field value_fields[] = {
    {"value", FIELD_JSON, .required = true},
    {"people", FIELD_INT, .required = true, .doc = "Who share it, of those looked at."},
};
static const Schema value_reply = SCHEMA_REPLY("SuggestedValue", value_fields);
static const Field field_fields[] = {
    {"path", FIELD_TEXTS, .required = true, .doc = "The names that lead to it."},
    {"type", FIELD_TEXT, .required = true, .doc = "text, number, flag or date."},
    {"count", FIELD_INT, .required = true, .doc = "How often it was met."},
    {"values", FIELD_LIST, .required = true, .of = &value_reply,
     .doc = "Frequent values that several people share; never of personal data."},
};
static const Schema field_reply = SCHEMA_REPLY("SuggestedField", field_fields);
static const Field names_fields[] = {
    {"events", FIELD_LIST, .required = true, .of = &event_reply},
    {"looked_at", FIELD_INT, .required = true, .doc = "Events looked at, the newest."},
    {"traits", FIELD_LIST, .required = true, .of = &field_reply},
    {"tags", FIELD_TEXTS, .required = true},
};
static const Schema names_reply = SCHEMA_REPLY("SegmentNames", names_fields);
static const Field properties_fields[] = {
    {"event", FIELD_TEXT, .required = true},
    {"looked_at", FIELD_INT, .required = true, .doc = "Events of that name looked at."},
    {"properties", FIELD_LIST, .required = true, .of = &field_reply},
};
static const Schema properties_reply = SCHEMA_REPLY("SegmentProperties", properties_fields);

static const char *const engines[] = {"sql", "columns", "both", NULL};
static const Field cost_fields[] = {
    {"engine", FIELD_TEXT, .required = true, .choices = engines,
     .doc = "What the rule is read from: columns (in memory), sql (the database) or both."},
    {"entries", FIELD_INT, .required = true,
     .doc = "Looked at in memory: events within their windows, values of people."},
    {"rows", FIELD_INT, .required = true, .doc = "Read from the database."},
    {"people", FIELD_INT, .required = true, .doc = "Who are judged."},
    {"took_ms", FIELD_INT, .required = true,
     .doc = "How long this whole answer took; the next is as long, or shorter once columns hold "
            "what the rule names."},
};
static const Schema cost_reply = SCHEMA_REPLY("SegmentCost", cost_fields);
static const Field preview_fields[] = {
    {"count", FIELD_INT, .required = true, .doc = "People for whom the rule is true."},
    {"people", FIELD_INT, .required = true, .doc = "All people of the store."},
    {"may", FIELD_INT, .required = true, .doc = "Of the count, who may be written to by mail."},
    {"at", FIELD_TIME, .required = true},
    {"rule", FIELD_TEXT, .required = true, .doc = "The canonical text."},
    {"cost", FIELD_OBJECT, .required = true, .of = &cost_reply},
    {"sample", FIELD_LIST, .required = true, .of = &face_reply},
};
static const Schema preview_reply = SCHEMA_REPLY("SegmentPreview", preview_fields);
static const Field flow_fields[] = {
    {"count", FIELD_INT, .required = true},
    {"before", FIELD_INT, .required = true, .doc = "How many it was then."},
    {"from", FIELD_TIME, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"entered", FIELD_INT, .required = true},
    {"left", FIELD_INT, .required = true},
    {"entered_sample", FIELD_LIST, .required = true, .of = &face_reply},
    {"left_sample", FIELD_LIST, .required = true, .of = &face_reply},
};
static const Schema flow_reply = SCHEMA_REPLY("SegmentFlow", flow_fields);
static const Field other_fields[] = {
    {"rule", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .required = true},
    {"both", FIELD_INT, .required = true, .doc = "Who are in both."},
};
static const Schema other_reply = SCHEMA_REPLY("SegmentOther", other_fields);
static const Field overlap_fields[] = {
    {"count", FIELD_INT, .required = true},
    {"people", FIELD_INT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"others", FIELD_LIST, .required = true, .of = &other_reply},
};
static const Schema overlap_reply = SCHEMA_REPLY("SegmentOverlap", overlap_fields);
static const Field share_fields[] = {
    {"value", FIELD_JSON, .required = true},
    {"count", FIELD_INT, .required = true, .doc = "Of the group."},
    {"people", FIELD_INT, .required = true, .doc = "Of everybody."},
};
static const Schema share_reply = SCHEMA_REPLY("SegmentShare", share_fields);
static const Field breakdown_fields[] = {
    {"count", FIELD_INT, .required = true},
    {"people", FIELD_INT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"values", FIELD_LIST, .required = true, .of = &share_reply},
    {"rest", FIELD_INT, .required = true,
     .doc = "Of the group, with other values, or with such as fewer than five people have."},
    {"missing", FIELD_INT, .required = true, .doc = "Of the group, without any."},
};
static const Schema breakdown_reply = SCHEMA_REPLY("SegmentBreakdown", breakdown_fields);

/* ---- handlers ---- */

static bool names_get(Request *request, GError **error)
{
    json_t *reply = suggest_names(request_context(request), error);
    return reply && request_reply_json(request, 200, reply);
}

static bool properties_get(Request *request, GError **error)
{
    json_t *reply =
        suggest_properties(request_context(request), request_path_text(request, "event"), error);
    return reply && request_reply_json(request, 200, reply);
}

/* A reply, or the rule's fault. */
static bool look_reply(Request *request, json_t *reply, GError *failure, GError **error)
{
    if (reply) return request_reply_json(request, 200, reply);
    return rule_input_fail(request, failure, error);
}

static bool preview_post(Request *request, GError **error)
{
    int64_t at;
    GError *failure = NULL;
    const RuleInput *input = request_input(request);
    g_autoptr(Rule) rule = rule_input_read(request, input, error);
    if (!rule || !at_input_read(request, input->at, &at, error)) return false;
    json_t *reply = look_preview(request_context(request), rule, at, &failure);
    return look_reply(request, reply, failure, error);
}

static bool flow_post(Request *request, GError **error)
{
    int64_t at;
    GError *failure = NULL;
    const FlowInput *input = request_input(request);
    g_autoptr(Rule) rule = rule_input_read(request, &input->input, error);
    if (!rule || !at_input_read(request, input->input.at, &at, error)) return false;
    int64_t from = at - input->days * CLOCK_DAY_MS;
    json_t *reply = look_flow(request_context(request), rule, from, at, &failure);
    return look_reply(request, reply, failure, error);
}

static bool others_read(Request *request, const FieldList *others, GPtrArray *rules, GError **error)
{
    for (size_t i = 0; i < others->count; i++) {
        g_autoptr(GError) failure = NULL;
        const char *text = ((const char *const *)others->items)[i];
        Rule *rule = rule_parse(slice_of(text), NULL, &failure);
        if (!rule) return request_fail_field(request, "others", failure->message, error);
        g_ptr_array_add(rules, rule);
    }
    return true;
}

static bool overlap_post(Request *request, GError **error)
{
    int64_t at;
    GError *failure = NULL;
    const OverlapInput *input = request_input(request);
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    Rule *rule = rule_input_read(request, &input->input, error);
    if (!rule) return false;
    g_ptr_array_add(rules, rule);
    if (!others_read(request, &input->others, rules, error)) return false;
    if (!at_input_read(request, input->input.at, &at, error)) return false;
    json_t *reply = look_overlap(request_context(request), (const Rule *const *)rules->pdata,
                                 rules->len, at, &failure);
    return look_reply(request, reply, failure, error);
}

static bool breakdown_post(Request *request, GError **error)
{
    GError *failure = NULL;
    const BreakdownInput *input = request_input(request);
    LookBy by = {.path = (const char *const *)input->by.items, .path_count = input->by.count};
    g_autoptr(Rule) rule = rule_input_read(request, &input->input, error);
    if (!rule || !at_input_read(request, input->input.at, &by.at, error)) return false;
    json_t *reply = look_breakdown(request_context(request), rule, &by, &failure);
    if (!reply && error_code(failure) == KITH_ERROR_NOT_FOUND) {
        g_autoptr(GError) kept = failure;
        return request_fail_field(request, "by", kept->message, error);
    }
    return look_reply(request, reply, failure, error);
}

static const Route look_routes[] = {
    {"GET", "/api/segments/names", SCOPE_USER, .reply = &names_reply, .handle = names_get,
     .summary = "Events, traits and tags of this shop, for whoever builds a rule"},
    {"GET", "/api/segments/names/{event}/properties", SCOPE_USER, .reply = &properties_reply,
     .handle = properties_get, .summary = "The properties of an event and their frequent values"},
    {"POST", "/api/segments/preview", SCOPE_USER, .request = &rule_input, .reply = &preview_reply,
     .handle = preview_post, .flags = ROUTE_LONG,
     .summary = "How many a rule means, some of them, who may be written to"},
    {"POST", "/api/segments/flow", SCOPE_USER, .request = &flow_input, .reply = &flow_reply,
     .handle = flow_post, .flags = ROUTE_LONG,
     .summary = "Who came into a rule's group and who left it since a day"},
    {"POST", "/api/segments/overlap", SCOPE_USER, .request = &overlap_input,
     .reply = &overlap_reply, .handle = overlap_post, .flags = ROUTE_LONG,
     .summary = "How many people a rule shares with others"},
    {"POST", "/api/segments/breakdown", SCOPE_USER, .request = &breakdown_input,
     .reply = &breakdown_reply, .handle = breakdown_post, .flags = ROUTE_LONG,
     .summary = "A rule's people by the values of a trait"},
};

void segments_add_look_routes(Server *server, Segments *segments)
{
    server_add_routes(server, look_routes, G_N_ELEMENTS(look_routes), segments);
}
