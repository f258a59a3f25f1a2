/* messages/send_routes.c: sending a mailing: dry run, send, undo, stop, who and why, result. */
#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "messages/campaign_json.h"
#include "messages/campaign_sql.h"
#include "messages/compare.h"
#include "messages/messages_sql.h"
#include "messages/outbox.h"
#include "messages/plan.h"
#include "messages/settings.h"
#include "net/audit.h"
#include "people/json.h"

/* ---- the dry run ---- */

static const Field named_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
};
static const Schema named_reply = SCHEMA_REPLY("CampaignNamed", named_fields);
static const Field reason_fields[] = {
    {"reason", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .required = true},
    {"people", FIELD_LIST, .required = true, .of = &named_reply, .doc = "The first of them"},
};
static const Schema reason_reply = SCHEMA_REPLY("CampaignReason", reason_fields);
static const Field dry_fields[] = {
    {"group", FIELD_INT, .required = true},
    {"send", FIELD_INT, .required = true, .doc = "People who would get it"},
    {"later", FIELD_INT, .required = true, .doc = "Of these, not at once: it is night there"},
    {"left_alone", FIELD_INT, .required = true},
    {"withheld", FIELD_INT, .required = true, .doc = "People who may not get it, by reason"},
    {"daily_limit", FIELD_INT, .required = true, .doc = "Mails in 24 hours; 0: any number"},
    {"days", FIELD_INT, .required = true,
     .doc = "Until all have left, with those of other mailings before them; 1: all today"},
    {"reasons", FIELD_LIST, .required = true, .of = &reason_reply},
};
static const Schema dry_reply = SCHEMA_REPLY("CampaignDryRun", dry_fields);

/* Who that is now; name and address are null when nothing is known. */
static json_t *named_json(Messages *messages, Db *db, int64_t stem, GError **error)
{
    int64_t person_id = people_person(messages->options.people, stem);
    MessagePersonParams params = {person_id};
    MessagePersonRow row = {0};
    bool found = false;
    if (!sql_message_person(db, &params, &row, &found, error)) return NULL;
    return json_pack("{s:o, s:o, s:o}", "id", json_id(person_id), "name",
                     json_text(found ? row.name : NULL), "email",
                     json_text(found ? row.email : NULL));
}

static json_t *people_json(Messages *messages, Db *db, const GArray *ids, GError **error)
{
    json_t *people = json_array();
    for (guint at = 0; at < ids->len; at++) {
        json_t *one = named_json(messages, db, g_array_index(ids, int64_t, at), error);
        if (!one) {
            json_decref(people);
            return NULL;
        }
        json_array_append_new(people, one);
    }
    return people;
}

static json_t *reasons_json(Messages *messages, Db *db, const PlanCounts *counts, GError **error)
{
    json_t *list = json_array();
    for (guint i = 0; i < counts->reasons->len; i++) {
        const PlanReason *reason = &g_array_index(counts->reasons, PlanReason, i);
        json_t *people = people_json(messages, db, reason->people, error);
        if (!people) {
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, json_pack("{s:s, s:I, s:o}", "reason", reason->reason, "count",
                                              (json_int_t)reason->count, "people", people));
    }
    return list;
}

static json_t *dry_json(const PlanCounts *counts, json_t *steal_reasons)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "group", (json_int_t)counts->group,
                     "send", (json_int_t)counts->send, "later", (json_int_t)counts->later,
                     "left_alone", (json_int_t)counts->left_alone, "withheld",
                     (json_int_t)counts->withheld, "daily_limit", (json_int_t)counts->daily_limit,
                     "days", (json_int_t)counts->days, "reasons", steal_reasons);
}

static bool dry_run(Request *request, GError **error)
{
    g_auto(Campaign) campaign = {0};
    g_auto(PlanCounts) counts = {0};
    Messages *messages = request_context(request);
    if (!campaign_of(request, &campaign, error) ||
        !plan_dry_run(messages, &campaign, &counts, error))
        return false;
    Db *db = store_reader_begin(messages_store(messages), error);
    json_t *reasons = db ? reasons_json(messages, db, &counts, error) : NULL;
    if (db) store_reader_end(messages_store(messages), db);
    return reasons && request_reply_json(request, 200, dry_json(&counts, reasons));
}

/* ---- send, undo, stop ---- */

typedef struct SendInput {
    int64_t undo_seconds;
} SendInput;
static const Field send_fields[] = {
    {"undo_seconds", FIELD_INT, .min = 0, .max = 3600, .otherwise = CAMPAIGN_UNDO_MS / 1000,
     .offset = offsetof(SendInput, undo_seconds), .doc = "How long it can be taken back"},
};
static const Schema send_input = SCHEMA("CampaignSendInput", SendInput, send_fields);

typedef struct StepWork StepWork;
struct StepWork {
    Messages *messages;
    Request *request;
    const char *action;
    int64_t undo_ms; /* of a send */
    int64_t campaign_id, audit_id, changed;
    bool (*step)(StepWork *work, Db *db, GError **error);
};

static bool step_run(Db *db, void *data, GError **error)
{
    StepWork *work = data;
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = clock_now_ms(),
                        .by = request_actor(work->request),
                        .action = work->action,
                        .kind = "campaign",
                        .id = work->campaign_id};
    return work->step(work, db, error) && audit_add(db, &entry, error);
}

static bool step_do(Request *request, const char *action, int64_t undo_ms,
                    bool (*step)(StepWork *work, Db *db, GError **error), GError **error)
{
    Messages *messages = request_context(request);
    g_auto(Campaign) campaign = {0};
    if (!campaign_of(request, &campaign, error)) return false;
    StepWork work = {.messages = messages,
                     .request = request,
                     .action = action,
                     .undo_ms = undo_ms,
                     .campaign_id = campaign.campaign_id,
                     .audit_id = store_id_next(messages_store(messages)),
                     .step = step};
    if (!writer_call(messages_writer(messages), WRITER_TIMER, step_run, &work, error)) return false;
    messages_wake(messages);
    return true;
}

static bool ready_check(Messages *messages, Db *db, GError **error)
{
    Readiness readiness;
    if (!settings_readiness(messages, db, &readiness, error)) return false;
    if (readiness_whole(&readiness)) return true;
    bool test = readiness.local || readiness.sender_test;
    bool address = readiness.local || readiness.address;
    return fail(error, KITH_ERROR_CONFLICT, "this mailing cannot go yet: %s",
                !readiness.postal ? "set the postal address in Settings"
                : !test           ? "set up and test the sender in Settings"
                : !address        ? "have your address checked in Settings, and mend what is wrong"
                                  : "unsubscribe once from a test mail");
}

/* Of two who press at once, the second finds no draft. */
static bool send_step(StepWork *work, Db *db, GError **error)
{
    int64_t now_ms = clock_now_ms();
    CampaignScheduleParams params = {work->campaign_id, now_ms + work->undo_ms, now_ms};
    if (!ready_check(work->messages, db, error)) return false;
    if (!sql_campaign_schedule(db, &params, &work->changed, error)) return false;
    return work->changed || fail(error, KITH_ERROR_CONFLICT, "this mailing was sent already");
}

static bool campaign_send(Request *request, GError **error)
{
    const SendInput *input = request_input(request);
    int64_t undo_ms = input->undo_seconds * CLOCK_SECOND_MS;
    return step_do(request, "campaign.send", undo_ms, send_step, error) &&
           campaign_answer(request, 200, request_path_id(request, "id"), error);
}

static bool undo_step(StepWork *work, Db *db, GError **error)
{
    CampaignUndoParams params = {work->campaign_id, clock_now_ms()};
    if (!sql_campaign_undo(db, &params, &work->changed, error)) return false;
    return work->changed ||
           fail(error, KITH_ERROR_CONFLICT, "it is too late to undo: stop the mailing instead");
}

static bool campaign_undo(Request *request, GError **error)
{
    return step_do(request, "campaign.undo", 0, undo_step, error) &&
           campaign_answer(request, 200, request_path_id(request, "id"), error);
}

static bool stop_step(StepWork *work, Db *db, GError **error)
{
    CampaignStopParams params = {work->campaign_id, "stopped_by_hand", clock_now_ms()};
    if (!sql_campaign_stop(db, &params, &work->changed, error)) return false;
    return work->changed || fail(error, KITH_ERROR_CONFLICT, "this mailing is not being sent");
}

/* From the answer on no message of it is handed over but those that were being so. */
static bool campaign_stop(Request *request, GError **error)
{
    int64_t campaign_id = request_path_id(request, "id");
    return step_do(request, "campaign.stop", 0, stop_step, error) &&
           outbox_cancel_all(request_context(request), campaign_id, "stopped", error) &&
           campaign_answer(request, 200, campaign_id, error);
}

/* ---- who and why ---- */

enum { PEOPLE_PAGE = 100 };

typedef struct PeopleQuery {
    const char *state, *reason;
    int64_t after;
} PeopleQuery;
static const Field query_fields[] = {
    {"state", FIELD_TEXT, .max = 40, .offset = offsetof(PeopleQuery, state)},
    {"reason", FIELD_TEXT, .max = 60, .offset = offsetof(PeopleQuery, reason)},
    {"after", FIELD_ID, .offset = offsetof(PeopleQuery, after)},
};
static const Schema people_query = SCHEMA("CampaignPeopleQuery", PeopleQuery, query_fields);
static const Field person_fields[] = {
    {"person_id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
    {"state", FIELD_TEXT, .required = true},
    {"reason", FIELD_TEXT},
    {"due_at", FIELD_TIME, .required = true},
    {"handed_at", FIELD_TIME},
};
static const Schema person_reply = SCHEMA_REPLY("CampaignPerson", person_fields);
static const Field people_fields[] = {
    {"people", FIELD_LIST, .required = true, .of = &person_reply},
    {"next", FIELD_ID},
};
static const Schema people_reply = SCHEMA_REPLY("CampaignPeople", people_fields);

static bool people_read(Db *db, const MessageListParams *params, json_t *list, int64_t *ret_last,
                        GError **error)
{
    MessageListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_message_list_open(db, params, &cursor, error)) return false;
    while (sql_message_list_next(&cursor, &row)) {
        json_array_append_new(
            list,
            json_pack("{s:o, s:s, s:o, s:I, s:o}", "person_id", json_id(row.person_id), "state",
                      row.state, "reason", json_text(row.reason), "due_at", (json_int_t)row.due_at,
                      "handed_at", json_time(row.handed_at.set ? row.handed_at.value : 0)));
        *ret_last = row.person_id;
    }
    return db_cursor_finish(&cursor, error);
}

/* Adds name and address to every row. */
static bool people_name(Messages *messages, Db *db, json_t *list, GError **error)
{
    size_t at;
    json_t *row;
    json_array_foreach(list, at, row)
    {
        int64_t stem = 0;
        const char *text = json_string_value(json_object_get(row, "person_id"));
        if (!id_parse(slice_of(text), &stem, error)) return false;
        json_t *named = named_json(messages, db, stem, error);
        if (!named) return false;
        json_object_set(row, "person_id", json_object_get(named, "id"));
        json_object_set(row, "name", json_object_get(named, "name"));
        json_object_set(row, "email", json_object_get(named, "email"));
        json_decref(named);
    }
    return true;
}

static bool campaign_people(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    const PeopleQuery *query = request_query(request);
    g_auto(Campaign) campaign = {0};
    if (!campaign_of(request, &campaign, error)) return false;
    MessageListParams params = {.origin = campaign.campaign_id,
                                .state = query->state ? query->state : "",
                                .reason = query->reason ? query->reason : "",
                                .after = query->after,
                                .rows = PEOPLE_PAGE};
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    int64_t last = 0;
    json_t *list = json_array();
    bool done =
        people_read(db, &params, list, &last, error) && people_name(messages, db, list, error);
    store_reader_end(messages_store(messages), db);
    if (json_array_size(list) < PEOPLE_PAGE) last = 0;
    json_t *reply = json_pack("{s:o, s:o}", "people", list, "next", json_id(last));
    if (done) return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

/* ---- did it help? ---- */

static const Field arm_fields[] = {
    {"people", FIELD_INT, .required = true},
    {"buyers", FIELD_INT, .required = true},
    {"revenue_minor", FIELD_INT, .required = true, .doc = "Net, in the business's currency"},
};
static const Schema arm_reply = SCHEMA_REPLY("CampaignArm", arm_fields);
static const char *const verdicts[] = {"too_few", "too_early",     "helped",
                                       "harmed",  "no_difference", NULL};
static const Field result_fields[] = {
    {"verdict", FIELD_TEXT, .required = true, .choices = verdicts},
    {"until", FIELD_TIME},
    {"opened", FIELD_INT, .required = true, .doc = "People; programs that fetch count too"},
    {"clicked", FIELD_INT, .required = true},
    {"unsubscribed", FIELD_INT, .required = true, .doc = "People, by the link in this mail"},
    {"written", FIELD_OBJECT, .required = true, .of = &arm_reply},
    {"left_alone", FIELD_OBJECT, .required = true, .of = &arm_reply},
    {"extra", FIELD_NUMBER, .doc = "Share of buyers more than without the mail"},
    {"low", FIELD_NUMBER, .doc = "95 % interval"},
    {"high", FIELD_NUMBER},
};
static const Schema result_reply = SCHEMA_REPLY("CampaignResult", result_fields);

static bool hits_count(Messages *messages, int64_t origin, const char *kind, int64_t *ret_people,
                       GError **error)
{
    HitPeopleParams params = {origin, kind};
    HitPeopleRow row = {0};
    bool found;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = sql_hit_people(db, &params, &row, &found, error);
    store_reader_end(messages_store(messages), db);
    *ret_people = row.people;
    return done;
}

static json_t *arm_json(const CompareArm *arm)
{
    return json_pack("{s:I, s:I, s:I}", "people", (json_int_t)arm->people, "buyers",
                     (json_int_t)arm->buyers, "revenue_minor", (json_int_t)arm->revenue);
}

static json_t *share_json(const Compare *compare, double share)
{
    return compare->enough ? json_real(share) : json_null();
}

static bool campaign_result(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    g_auto(Campaign) campaign = {0};
    Compare compare;
    int64_t opened, clicked, unsubscribed;
    if (!campaign_of(request, &campaign, error) ||
        !compare_load(messages, &campaign, &compare, error) ||
        !hits_count(messages, campaign.campaign_id, "open", &opened, error) ||
        !hits_count(messages, campaign.campaign_id, "click", &clicked, error) ||
        !hits_count(messages, campaign.campaign_id, "unsubscribe", &unsubscribed, error))
        return false;
    json_t *reply = json_pack(
        "{s:s, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "verdict", compare.verdict, "until",
        json_time(compare.until), "opened", (json_int_t)opened, "clicked", (json_int_t)clicked,
        "unsubscribed", (json_int_t)unsubscribed, "written", arm_json(&compare.written),
        "left_alone", arm_json(&compare.alone), "extra", share_json(&compare, compare.extra), "low",
        share_json(&compare, compare.low), "high", share_json(&compare, compare.high));
    return request_reply_json(request, 200, reply);
}

static const Route routes[] = {
    {"POST", "/api/campaigns/{id}/dry-run", SCOPE_USER, .reply = &dry_reply, .handle = dry_run,
     .summary = "Who would get a mailing, who not, and why"},
    {"POST", "/api/campaigns/{id}/send", SCOPE_USER, .request = &send_input,
     .reply = &campaign_reply, .handle = campaign_send,
     .summary = "Send a mailing once it cannot be undone any more"},
    {"POST", "/api/campaigns/{id}/undo", SCOPE_USER, .reply = &campaign_reply,
     .handle = campaign_undo, .summary = "Take the sending back while nothing has gone"},
    {"POST", "/api/campaigns/{id}/stop", SCOPE_USER, .reply = &campaign_reply,
     .handle = campaign_stop, .summary = "Stop a mailing; says who already has it"},
    {"GET", "/api/campaigns/{id}/people", SCOPE_USER, .query = &people_query,
     .reply = &people_reply, .handle = campaign_people, .summary = "Who, how far, and why not"},
    {"GET", "/api/campaigns/{id}/result", SCOPE_USER, .reply = &result_reply,
     .handle = campaign_result, .summary = "Those written to against those left alone"},
};

void campaign_send_add_routes(Messages *messages, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), messages);
}
