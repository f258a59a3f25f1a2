#include "base/error.h"
#include "base/limits.h"
#include "net/request.h"
#include "segments/rule_input.h"
#include "segments/segments_routes.h"
#include "segments/why.h"

enum { PERSON_BYTES_MAX = 400 };

typedef struct WhyInput {
    RuleInput input;
    const char *person;
} WhyInput;
static const Field why_input_fields[] = {
    {"rule", FIELD_TEXT, .max = LIMIT_RULE_BYTES, .offset = offsetof(WhyInput, input.rule),
     .doc = RULE_DOC},
    {"json", FIELD_JSON, .offset = offsetof(WhyInput, input.json),
     .doc = "The same rule as JSON, instead of `rule`."},
    {"at", FIELD_TEXT, .max = AT_BYTES_MAX, .offset = offsetof(WhyInput, input.at), .doc = AT_DOC},
    {"person", FIELD_TEXT, .required = true, .max = PERSON_BYTES_MAX,
     .offset = offsetof(WhyInput, person), .doc = "An id, an e-mail address, or a user id."},
};
static const Schema why_input = SCHEMA("SegmentWhyInput", WhyInput, why_input_fields);

#define FLIPS_DOC "The first ms at which it is different if nothing happens; null: never."
#define UNTIL_DOC "Set when it was not looked at further: no difference before."

static const Schema part_reply;
static const Field part_fields[] = {
    {"rule", FIELD_TEXT, .required = true, .doc = "The part as text."},
    {"holds", FIELD_BOOL, .required = true},
    {"flips_at", FIELD_TIME, .doc = FLIPS_DOC},
    {"looked_until", FIELD_TIME, .doc = UNTIL_DOC},
    {"count", FIELD_INT, .doc = "Occurrences in the window."},
    {"number", FIELD_NUMBER, .doc = "The amount."},
    {"value", FIELD_JSON, .doc = "What the trait says."},
    {"reason", FIELD_TEXT, .doc = "Why somebody may be written to or not."},
    {"last_at", FIELD_TIME, .doc = "The last such event, in the window or not."},
    {"parts", FIELD_LIST, .required = true, .of = &part_reply},
};
static const Schema part_reply = SCHEMA_REPLY("SegmentWhyPart", part_fields);

static const Field why_fields[] = {
    {"person", FIELD_OBJECT, .required = true, .of = &face_reply},
    {"rule", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"zone", FIELD_TEXT, .required = true},
    {"holds", FIELD_BOOL, .required = true},
    {"flips_at", FIELD_TIME, .doc = FLIPS_DOC},
    {"looked_until", FIELD_TIME, .doc = UNTIL_DOC},
    {"why", FIELD_OBJECT, .required = true, .of = &part_reply},
};
static const Schema why_reply = SCHEMA_REPLY("SegmentWhy", why_fields);

static bool why_post(Request *request, GError **error)
{
    g_autoptr(GError) failure = NULL;
    Segments *segments = request_context(request);
    const WhyInput *input = request_input(request);
    g_autoptr(Rule) rule = rule_input_read(request, &input->input, error);
    WhyAsk ask = {.rule = rule, .person_id = why_person(segments, input->person)};
    if (!rule || !at_input_read(request, input->input.at, &ask.at, error)) return false;
    if (!ask.person_id) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
    json_t *reply = why_json(segments, &ask, &failure);
    if (!reply) return rule_input_fail(request, g_steal_pointer(&failure), error);
    return request_reply_json(request, 200, reply);
}

static const Route why_routes[] = {
    {"POST", "/api/segments/why", SCOPE_USER, .request = &why_input, .reply = &why_reply,
     .handle = why_post, .summary = "Why a rule is true of a person or not, and until when"},
};

void segments_add_why_routes(Server *server, Segments *segments)
{
    server_add_routes(server, why_routes, G_N_ELEMENTS(why_routes), segments);
}
