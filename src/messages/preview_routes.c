/* messages/preview_routes.c: a mailing before it goes: as a person sees it, and as a test mail. */
#include <string.h>

#include "messages/campaign_json.h"
#include "messages/render.h"
#include "messages/sender.h"
#include "people/json.h"

typedef struct PreviewInput {
    int64_t person_id;
} PreviewInput;
static const Field preview_fields[] = {
    {"person_id", FIELD_ID, .offset = offsetof(PreviewInput, person_id),
     .doc = "As this person would see it; absent: nobody's facts"},
};
static const Schema preview_input = SCHEMA("CampaignPreviewInput", PreviewInput, preview_fields);

typedef struct TestInput {
    const char *address;
    int64_t person_id;
} TestInput;
static const Field test_fields[] = {
    {"address", FIELD_TEXT, .required = true, .max = 254, .offset = offsetof(TestInput, address)},
    {"person_id", FIELD_ID, .offset = offsetof(TestInput, person_id),
     .doc = "As this person would see it"},
};
static const Schema test_input = SCHEMA("CampaignTestInput", TestInput, test_fields);

static const Field rendered_fields[] = {
    {"subject", FIELD_TEXT, .required = true},
    {"html", FIELD_TEXT, .required = true, .doc = "show it in a sandboxed frame only"},
    {"text", FIELD_TEXT, .required = true},
};
static const Schema rendered_reply = SCHEMA_REPLY("CampaignPreview", rendered_fields);

static const char *const test_states[] = {"none", "running", "done", NULL};
static const char *const test_outcomes[] = {
    [CARRIER_ACCEPTED] = "accepted",
    [CARRIER_REFUSED_ADDRESS] = "no_such_mailbox",
    [CARRIER_REFUSED_MESSAGE] = "refused",
    [CARRIER_LATER] = "later",
    [CARRIER_BLOCKED] = "blocked",
    [CARRIER_UNKNOWN] = "unknown",
    [CARRIER_HELD] = "held",
    [CARRIER_OUTCOMES] = NULL,
};
static const Field tested_fields[] = {
    {"state", FIELD_TEXT, .required = true, .choices = test_states},
    {"outcome", FIELD_TEXT, .choices = test_outcomes, .doc = "Of one that is done"},
    {"said", FIELD_TEXT, .doc = "What the mail server answered"},
    {"address", FIELD_TEXT},
    {"at", FIELD_TIME},
    {"mail_id", FIELD_ID, .doc = "Its name in the local mailbox, if it went there"},
};
static const Schema tested_reply = SCHEMA_REPLY("CampaignTest", tested_fields);

static bool rendered_of(Request *request, int64_t person_id, Rendered *ret_rendered, GError **error)
{
    Messages *messages = request_context(request);
    g_auto(Campaign) campaign = {0};
    if (!campaign_of(request, &campaign, error)) return false;
    RenderAsk ask = {.subject = campaign.subject,
                     .body = campaign.body,
                     .preheader = campaign.preheader,
                     .person_id = person_id};
    if (person_id > 0 && people_person(messages->options.people, person_id) != person_id)
        return fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
    return render_mail(messages, &ask, ret_rendered, error);
}

static bool campaign_preview(Request *request, GError **error)
{
    const PreviewInput *input = request_input(request);
    g_auto(Rendered) rendered = {0};
    return rendered_of(request, input->person_id, &rendered, error) &&
           request_reply_json(request, 200,
                              json_pack("{s:s, s:s, s:s}", "subject", rendered.subject, "html",
                                        rendered.html, "text", rendered.text));
}

/* A page of its own that can do nothing but show the pictures its author named: no scripts, no way
 * to the pages around it (ASVS 3.2.2). */
static bool campaign_preview_html(Request *request, GError **error)
{
    const PreviewInput *input = request_query(request);
    g_auto(Rendered) rendered = {0};
    if (!rendered_of(request, input->person_id, &rendered, error)) return false;
    request_set_header(request, "Content-Security-Policy",
                       "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
                       "img-src data: https: http:; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'self'");
    request_set_header(request, "X-Frame-Options", "SAMEORIGIN");
    request_set_header(request, "Referrer-Policy", "no-referrer");
    return request_reply_bytes(request, 200, "text/html; charset=utf-8", rendered.html,
                               strlen(rendered.html));
}

static bool campaign_test(Request *request, GError **error)
{
    const TestInput *input = request_input(request);
    Rendered rendered = {0};
    IdentityValue address;
    if (identity_normalize(IDENTITY_EMAIL, slice_of(input->address), &address) != IDENTITY_USABLE)
        return request_fail_field(request, "address", "is no e-mail address", error);
    if (!rendered_of(request, input->person_id, &rendered, error)) return false;
    TestAsk ask = {request_path_id(request, "id"), address.text};
    if (!sender_test(request_context(request), &ask, &rendered)) {
        rendered_clear(&rendered);
        return fail(error, KITH_ERROR_RATE, "there are test mails waiting: try again later");
    }
    return request_reply_empty(request, 202);
}

static json_t *tested_json(const Tested *tested)
{
    bool done = tested->state == TESTED_DONE;
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "state", test_states[tested->state],
                     "outcome", json_text(done ? test_outcomes[tested->result.outcome] : NULL),
                     "said", json_text(done && *tested->result.text ? tested->result.text : NULL),
                     "address", json_text(*tested->address ? tested->address : NULL), "at",
                     json_time(tested->at), "mail_id", json_id(tested->message_id));
}

static bool campaign_tested(Request *request, GError **error)
{
    Tested tested;
    g_auto(Campaign) campaign = {0};
    if (!campaign_of(request, &campaign, error)) return false;
    sender_tested(request_context(request), campaign.campaign_id, &tested);
    return request_reply_json(request, 200, tested_json(&tested));
}

static const Route routes[] = {
    {"POST", "/api/campaigns/{id}/preview", SCOPE_USER, .request = &preview_input,
     .reply = &rendered_reply, .handle = campaign_preview,
     .summary = "The mail as a person sees it"},
    {"GET", "/api/campaigns/{id}/preview/html", SCOPE_USER, .query = &preview_input,
     .handle = campaign_preview_html, .summary = "The mail as a person sees it, as a page"},
    {"POST", "/api/campaigns/{id}/test", SCOPE_USER, .request = &test_input,
     .handle = campaign_test, .summary = "Send a test mail to one address"},
    {"GET", "/api/campaigns/{id}/test", SCOPE_USER, .reply = &tested_reply,
     .handle = campaign_tested, .summary = "What came of the last test mail"},
};

void campaign_preview_add_routes(Messages *messages, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), messages);
}
