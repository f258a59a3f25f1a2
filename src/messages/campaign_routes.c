/* messages/campaign_routes.c: writing a mailing: list, draft. */
#include <string.h>

#include "base/clock.h"
#include "messages/campaign_json.h"
#include "messages/campaign_sql.h"
#include "messages/messages_sql.h"
#include "messages/render.h"
#include "net/audit.h"
#include "people/json.h"
#include "people/permission.h"

/* ---- what comes in ---- */

static const char *const purposes[] = {"value", "promotion", NULL};

typedef struct CampaignInput {
    const char *name, *subject, *preheader, *body, *rule, *topic, *purpose;
    int64_t holdout, compare_days;
} CampaignInput;

static const Field input_fields[] = {
    {"name", FIELD_TEXT, .required = true, .min = 1, .max = CAMPAIGN_NAME_MAX,
     .offset = offsetof(CampaignInput, name)},
    {"subject", FIELD_TEXT, .required = true, .min = 1, .max = CAMPAIGN_SUBJECT_MAX,
     .offset = offsetof(CampaignInput, subject), .doc = "Liquid"},
    {"preheader", FIELD_TEXT, .max = CAMPAIGN_PREHEADER_MAX,
     .offset = offsetof(CampaignInput, preheader),
     .doc = "Liquid; shown beside the subject in lists of mails"},
    {"body", FIELD_TEXT, .required = true, .min = 1, .max = CAMPAIGN_BODY_MAX,
     .offset = offsetof(CampaignInput, body), .doc = "Markdown with Liquid in it"},
    {"rule", FIELD_TEXT, .required = true, .min = 1, .max = CAMPAIGN_RULE_MAX,
     .offset = offsetof(CampaignInput, rule), .doc = "The group, as a rule"},
    {"topic", FIELD_TEXT, .min = 1, .max = CAMPAIGN_TOPIC_MAX,
     .offset = offsetof(CampaignInput, topic), .doc = "What people said yes to: newsletter"},
    {"purpose", FIELD_TEXT, .choices = purposes, .offset = offsetof(CampaignInput, purpose),
     .doc = "value: helpful; promotion: an offer"},
    {"holdout", FIELD_INT, .min = 0, .max = CAMPAIGN_HOLDOUT_MAX, .otherwise = CAMPAIGN_HOLDOUT,
     .offset = offsetof(CampaignInput, holdout), .doc = "Per mille left alone to compare"},
    {"compare_days", FIELD_INT, .min = 1, .max = CAMPAIGN_COMPARE_DAYS_MAX,
     .otherwise = CAMPAIGN_COMPARE_DAYS, .offset = offsetof(CampaignInput, compare_days),
     .doc = "How long the comparison runs"},
};
static const Schema campaign_input = SCHEMA("CampaignInput", CampaignInput, input_fields);

/* ---- what goes out ---- */

static const char *const states[] = {"draft",   "scheduled", "planning", "sending",
                                     "stopped", "done",      NULL};
static const Field count_fields[] = {
    {"state", FIELD_TEXT, .required = true},
    {"reason", FIELD_TEXT},
    {"count", FIELD_INT, .required = true},
};
static const Schema count_reply = SCHEMA_REPLY("CampaignCount", count_fields);
static const Field reply_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"subject", FIELD_TEXT, .required = true},
    {"preheader", FIELD_TEXT, .required = true},
    {"body", FIELD_TEXT, .required = true},
    {"rule", FIELD_TEXT, .required = true},
    {"topic", FIELD_TEXT, .required = true},
    {"purpose", FIELD_TEXT, .required = true, .choices = purposes},
    {"holdout", FIELD_INT, .required = true},
    {"compare_days", FIELD_INT, .required = true},
    {"state", FIELD_TEXT, .required = true, .choices = states},
    {"reason", FIELD_TEXT, .doc = "Why it was stopped"},
    {"goes_on_at", FIELD_TIME, .doc = "The sender's mails of the day are used up: it goes on then"},
    {"send_at", FIELD_TIME, .doc = "Until then sending can be undone"},
    {"started_at", FIELD_TIME},
    {"ended_at", FIELD_TIME},
    {"created_at", FIELD_TIME, .required = true},
    {"changed_at", FIELD_TIME, .required = true},
    {"counts", FIELD_LIST, .required = true, .of = &count_reply},
};
const Schema campaign_reply = SCHEMA_REPLY("Campaign", reply_fields);
static const Field list_fields[] = {
    {"campaigns", FIELD_LIST, .required = true, .of = &campaign_reply},
};
static const Schema list_reply = SCHEMA_REPLY("Campaigns", list_fields);

static bool counts_read(Db *db, int64_t campaign_id, json_t *counts, GError **error)
{
    MessageCountsParams params = {campaign_id};
    MessageCountsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_message_counts_open(db, &params, &cursor, error)) return false;
    while (sql_message_counts_next(&cursor, &row))
        json_array_append_new(counts,
                              json_pack("{s:s, s:o, s:I}", "state", row.state, "reason",
                                        json_text(row.reason), "count", (json_int_t)row.count));
    return db_cursor_finish(&cursor, error);
}

/* 0: it does not wait for the limit of the day. */
static bool goes_on_read(Db *db, const Campaign *campaign, int64_t *ret_at, GError **error)
{
    DailyGoesOnParams params = {campaign->campaign_id};
    DailyGoesOnRow row = {0};
    bool found;
    *ret_at = 0;
    if (!campaign_runs(campaign)) return true;
    if (!sql_daily_goes_on(db, &params, &row, &found, error)) return false;
    if (found && row.at.set) *ret_at = row.at.value;
    return true;
}

json_t *campaign_json(Db *db, const Campaign *campaign, GError **error)
{
    int64_t goes_on_at;
    json_t *counts = json_array();
    if (!counts_read(db, campaign->campaign_id, counts, error) ||
        !goes_on_read(db, campaign, &goes_on_at, error)) {
        json_decref(counts);
        return NULL;
    }
    json_t *json = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "id",
                             json_id(campaign->campaign_id), "name", campaign->name, "subject",
                             campaign->subject, "body", campaign->body, "rule", campaign->rule,
                             "topic", campaign->topic, "purpose", campaign->purpose, "holdout",
                             (json_int_t)campaign->holdout, "compare_days",
                             (json_int_t)campaign->compare_days, "state", campaign->state);
    json_object_set_new(json, "preheader", json_string(campaign->preheader));
    json_object_set_new(json, "reason", json_text(campaign->reason));
    json_object_set_new(json, "goes_on_at", json_time(goes_on_at));
    json_object_set_new(json, "send_at", json_time(campaign->send_at));
    json_object_set_new(json, "started_at", json_time(campaign->started_at));
    json_object_set_new(json, "ended_at", json_time(campaign->ended_at));
    json_object_set_new(json, "created_at", json_time(campaign->created_at));
    json_object_set_new(json, "changed_at", json_time(campaign->changed_at));
    json_object_set_new(json, "counts", counts);
    return json;
}

static json_t *campaign_read(Messages *messages, int64_t campaign_id, GError **error)
{
    g_auto(Campaign) campaign = {0};
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return NULL;
    json_t *json = campaign_load(db, campaign_id, &campaign, error)
                       ? campaign_json(db, &campaign, error)
                       : NULL;
    store_reader_end(messages_store(messages), db);
    return json;
}

bool campaign_answer(Request *request, int status, int64_t campaign_id, GError **error)
{
    json_t *json = campaign_read(request_context(request), campaign_id, error);
    return json && request_reply_json(request, status, json);
}

bool campaign_of(Request *request, Campaign *ret_campaign, GError **error)
{
    Messages *messages = request_context(request);
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = campaign_load(db, request_path_id(request, "id"), ret_campaign, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

/* ---- drafts ---- */

typedef struct DraftWork {
    Messages *messages;
    Request *request;
    const CampaignInput *input;
    int64_t campaign_id, template_id, audit_id;
    bool fresh;
} DraftWork;

static bool draft_check(Request *request, const CampaignInput *input, GError **error)
{
    Messages *messages = request_context(request);
    g_autoptr(GError) failure = NULL;
    g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const MessageGroups *groups = &messages->options.groups;
    if (!render_check(input->subject, &failure))
        return request_fail_field(request, "subject", failure->message, error);
    if (input->preheader && !render_check(input->preheader, &failure))
        return request_fail_field(request, "preheader", failure->message, error);
    if (!render_check_body(input->body, &failure))
        return request_fail_field(request, "body", failure->message, error);
    if (!groups->people(groups->context, input->rule, clock_now_ms(), people, &failure))
        return request_fail_field(request, "rule", failure->message, error);
    return true;
}

static bool template_write(DraftWork *work, Db *db, GError **error)
{
    char actor[ACTOR_TEXT_SIZE];
    actor_text(request_actor(work->request), actor);
    const CampaignInput *input = work->input;
    TemplateAddParams params = {.template_id = work->template_id,
                                .subject = input->subject,
                                .preheader = input->preheader ? input->preheader : "",
                                .body = input->body,
                                .now = clock_now_ms(),
                                .actor = actor};
    return sql_template_add(db, &params, NULL, error);
}

static const char *topic_of(const CampaignInput *input)
{
    return input->topic ? input->topic : PERMISSION_TOPIC;
}

static bool draft_add(DraftWork *work, Db *db, GError **error)
{
    char actor[ACTOR_TEXT_SIZE];
    const CampaignInput *input = work->input;
    actor_text(request_actor(work->request), actor);
    CampaignAddParams params = {.campaign_id = work->campaign_id,
                                .name = input->name,
                                .template_id = work->template_id,
                                .rule = input->rule,
                                .topic = topic_of(input),
                                .purpose = input->purpose ? input->purpose : "value",
                                .holdout = input->holdout,
                                .compare_days = input->compare_days,
                                .now = clock_now_ms(),
                                .actor = actor};
    return sql_campaign_add(db, &params, NULL, error);
}

static bool draft_change(DraftWork *work, Db *db, GError **error)
{
    const CampaignInput *input = work->input;
    int64_t changed = 0;
    CampaignChangeParams params = {.campaign_id = work->campaign_id,
                                   .name = input->name,
                                   .template_id = work->template_id,
                                   .rule = input->rule,
                                   .topic = topic_of(input),
                                   .purpose = input->purpose ? input->purpose : "value",
                                   .holdout = input->holdout,
                                   .compare_days = input->compare_days,
                                   .now = clock_now_ms()};
    if (!sql_campaign_change(db, &params, &changed, error)) return false;
    return changed ||
           fail(error, KITH_ERROR_CONFLICT, "this mailing is no draft any more: undo or copy it");
}

static bool draft_run(Db *db, void *data, GError **error)
{
    DraftWork *work = data;
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = clock_now_ms(),
                        .by = request_actor(work->request),
                        .action = work->fresh ? "campaign.create" : "campaign.change",
                        .kind = "campaign",
                        .id = work->campaign_id};
    if (!template_write(work, db, error)) return false;
    bool done = work->fresh ? draft_add(work, db, error) : draft_change(work, db, error);
    return done && audit_add(db, &entry, error);
}

static bool draft_write(Request *request, int64_t campaign_id, GError **error)
{
    Messages *messages = request_context(request);
    Store *store = messages_store(messages);
    DraftWork work = {.messages = messages,
                      .request = request,
                      .input = request_input(request),
                      .campaign_id = campaign_id ? campaign_id : store_id_next(store),
                      .template_id = store_id_next(store),
                      .audit_id = store_id_next(store),
                      .fresh = !campaign_id};
    if (!draft_check(request, work.input, error)) return false;
    if (!writer_call(messages_writer(messages), WRITER_REST, draft_run, &work, error)) return false;
    return campaign_answer(request, work.fresh ? 201 : 200, work.campaign_id, error);
}

static bool campaign_post(Request *request, GError **error)
{
    return draft_write(request, 0, error);
}

static bool campaign_put(Request *request, GError **error)
{
    g_auto(Campaign) campaign = {0};
    return campaign_of(request, &campaign, error) &&
           draft_write(request, campaign.campaign_id, error);
}

static bool campaign_get(Request *request, GError **error)
{
    return campaign_answer(request, 200, request_path_id(request, "id"), error);
}

static bool delete_run(Db *db, void *data, GError **error)
{
    const Campaign *campaign = data;
    int64_t changed = 0;
    CampaignDeleteParams params = {campaign->campaign_id, clock_now_ms()};
    if (!sql_campaign_delete(db, &params, &changed, error)) return false;
    return changed || fail(error, KITH_ERROR_CONFLICT, "only a draft can be deleted");
}

static bool campaign_remove(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    g_auto(Campaign) campaign = {0};
    return campaign_of(request, &campaign, error) &&
           writer_call(messages_writer(messages), WRITER_REST, delete_run, &campaign, error) &&
           request_reply_empty(request, 204);
}

static bool list_read(Db *db, json_t *list, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    CampaignListParams params = {CAMPAIGN_LIST_MAX};
    CampaignListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_campaign_list_open(db, &params, &cursor, error)) return false;
    while (sql_campaign_list_next(&cursor, &row))
        g_array_append_val(ids, row.campaign_id);
    if (!db_cursor_finish(&cursor, error)) return false;
    for (guint i = 0; i < ids->len; i++) {
        g_auto(Campaign) campaign = {0};
        if (!campaign_load(db, g_array_index(ids, int64_t, i), &campaign, error)) return false;
        json_t *json = campaign_json(db, &campaign, error);
        if (!json) return false;
        json_array_append_new(list, json);
    }
    return true;
}

static bool campaign_list(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    json_t *list = json_array();
    bool done = list_read(db, list, error);
    store_reader_end(messages_store(messages), db);
    json_t *reply = json_pack("{s:o}", "campaigns", list);
    if (done) return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

static const Route routes[] = {
    {"GET", "/api/campaigns", SCOPE_USER, .reply = &list_reply, .handle = campaign_list,
     .summary = "All mailings, newest first"},
    {"POST", "/api/campaigns", SCOPE_USER, .request = &campaign_input, .reply = &campaign_reply,
     .handle = campaign_post, .summary = "Draft a mailing"},
    {"GET", "/api/campaigns/{id}", SCOPE_USER, .reply = &campaign_reply, .handle = campaign_get,
     .summary = "One mailing and how far it is"},
    {"PUT", "/api/campaigns/{id}", SCOPE_USER, .request = &campaign_input, .reply = &campaign_reply,
     .handle = campaign_put, .summary = "Change a draft"},
    {"DELETE", "/api/campaigns/{id}", SCOPE_USER, .handle = campaign_remove,
     .summary = "Delete a draft"},
};

void campaign_add_routes(Messages *messages, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), messages);
}
