#include "segments/segments_routes.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "net/reason.h"
#include "net/request.h"
#include "people/json.h"
#include "people/list.h"
#include "people/people_routes.h"
#include "segments/groups.h"
#include "segments/rule_input.h"
#include "segments/saved.h"

#include <stdlib.h>
#include <string.h>

/* ---- what comes in ---- */

enum { CURSOR_BYTES_MAX = 60 };

static const Field rule_input_fields[] = {
    {"rule", FIELD_TEXT, .max = LIMIT_RULE_BYTES, .offset = offsetof(RuleInput, rule),
     .doc = RULE_DOC},
    {"json", FIELD_JSON, .offset = offsetof(RuleInput, json),
     .doc = "The same rule as JSON, instead of `rule`."},
    {"at", FIELD_TEXT, .max = AT_BYTES_MAX, .offset = offsetof(RuleInput, at), .doc = AT_DOC},
};
const Schema rule_input = SCHEMA("RuleInput", RuleInput, rule_input_fields);

typedef struct MembersInput {
    const char *rule, *at, *cursor;
    int64_t limit;
} MembersInput;
static const Field members_input_fields[] = {
    {"rule", FIELD_TEXT, .required = true, .max = LIMIT_RULE_BYTES,
     .offset = offsetof(MembersInput, rule), .doc = RULE_DOC},
    {"at", FIELD_TEXT, .max = AT_BYTES_MAX, .offset = offsetof(MembersInput, at), .doc = AT_DOC},
    {"cursor", FIELD_TEXT, .max = CURSOR_BYTES_MAX, .offset = offsetof(MembersInput, cursor),
     .doc = "`next` of the page before."},
    {"limit", FIELD_INT, .min = 1, .max = LIST_LIMIT_MAX, .otherwise = LIST_LIMIT,
     .offset = offsetof(MembersInput, limit)},
};
static const Schema members_input =
    SCHEMA("SegmentPeopleQuery", MembersInput, members_input_fields);

typedef struct SavedInput {
    const char *name, *rule;
    bool notify;
} SavedInput;
static const Field saved_input_fields[] = {
    {"name", FIELD_TEXT, .min = 1, .max = SEGMENT_NAME_BYTES_MAX,
     .offset = offsetof(SavedInput, name)},
    {"rule", FIELD_TEXT, .min = 1, .max = LIMIT_RULE_BYTES, .offset = offsetof(SavedInput, rule),
     .doc = RULE_DOC},
    {"notify", FIELD_BOOL, .offset = offsetof(SavedInput, notify),
     .doc = "Whom a change of a watched rule moves gets Segment Entered or Exited; else nobody."},
};
static const Schema saved_input = SCHEMA("SegmentInput", SavedInput, saved_input_fields);

/* ---- what goes out ---- */

static const Field count_fields[] = {
    {"count", FIELD_INT, .required = true, .doc = "People for whom the rule is true."},
    {"people", FIELD_INT, .required = true, .doc = "All people of the store."},
    {"at", FIELD_TIME, .required = true},
    {"zone", FIELD_TEXT, .required = true},
    {"rule", FIELD_TEXT, .required = true, .doc = "The canonical text."},
    {"engine", FIELD_TEXT, .required = true,
     .doc = "What it was read from: columns (in memory), sql (the database) or both."},
};
static const Schema count_reply = SCHEMA_REPLY("SegmentCount", count_fields);

static const Field problem_fields[] = {
    {"message", FIELD_TEXT, .required = true},
    {"line", FIELD_INT, .required = true, .doc = "From 1."},
    {"column", FIELD_INT, .required = true, .doc = "From 1, in characters."},
    {"offset", FIELD_INT, .required = true, .doc = "From 0, in bytes of UTF-8."},
    {"suggestion", FIELD_TEXT, .doc = "A name that was probably meant."},
    {"reason", FIELD_OBJECT, .of = &reason_schema},
    {"expected", FIELD_TEXT,
     .doc = "Of reasons rule-expected… and rule-ends: what should stand there, by a stable code "
            "(parse_expect.c); `word`: the first value of the reason."},
};
static const Schema problem_reply = SCHEMA_REPLY("RuleProblem", problem_fields);
static const Field check_fields[] = {
    {"valid", FIELD_BOOL, .required = true},
    {"rule", FIELD_TEXT, .doc = "The canonical text of a valid rule."},
    {"json", FIELD_JSON, .doc = "A valid rule as JSON."},
    {"problem", FIELD_OBJECT, .of = &problem_reply},
};
static const Schema check_reply = SCHEMA_REPLY("RuleChecked", check_fields);

static const Field members_fields[] = {
    {"people", FIELD_LIST, .required = true, .of = &people_row_reply},
    {"total", FIELD_INT, .required = true},
    {"next", FIELD_TEXT},
    {"at", FIELD_TIME, .required = true},
};
static const Schema members_reply = SCHEMA_REPLY("SegmentPeople", members_fields);

static const Field face_fields[] = {{"id", FIELD_ID, .required = true},
                                    {"name", FIELD_TEXT, .required = true}};
const Schema face_reply = SCHEMA_REPLY("GroupFace", face_fields);
static const Field group_fields[] = {
    {"key", FIELD_TEXT, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"rule", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .required = true},
    {"as_of", FIELD_TIME, .required = true, .doc = "The moment this group is judged at."},
    {"sample", FIELD_LIST, .required = true, .of = &face_reply},
};
static const Schema group_reply = SCHEMA_REPLY("ReadyGroup", group_fields);
static const Field groups_fields[] = {
    {"as_of", FIELD_TIME, .required = true},
    {"as_of_reason", FIELD_TEXT, .doc = "day_after_newest_order, or null: now."},
    {"zone", FIELD_TEXT, .required = true},
    {"people", FIELD_INT, .required = true, .doc = "All people of the store."},
    {"groups", FIELD_LIST, .required = true, .of = &group_reply},
};
static const Schema groups_reply = SCHEMA_REPLY("ReadyGroups", groups_fields);

static const char *const saved_kinds[] = {"rule", "list", NULL};
static const Field saved_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"kind", FIELD_TEXT, .required = true, .choices = saved_kinds},
    {"rule", FIELD_TEXT, .required = true, .doc = "Of a list: in segment and its own name."},
    {"created_at", FIELD_TIME, .required = true},
    {"changed_at", FIELD_TIME, .required = true},
    {"watched_at", FIELD_TIME, .doc = "Since when a record is kept of who comes and goes."},
};
static const Schema saved_reply = SCHEMA_REPLY("SavedSegment", saved_fields);
static const Field list_fields[] = {
    {"segments", FIELD_LIST, .required = true, .of = &saved_reply},
};
static const Schema list_reply = SCHEMA_REPLY("SavedSegments", list_fields);

/* ---- reading a rule ---- */

Rule *rule_input_read(Request *request, const RuleInput *input, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (!input->rule == !input->json) {
        request_fail_field(request, "rule", "give either a rule or its json", error);
        return NULL;
    }
    Rule *rule = input->rule ? rule_parse(slice_of(input->rule), NULL, &failure)
                             : rule_from_json(input->json, &failure);
    if (!rule) request_fail_field(request, input->rule ? "rule" : "json", failure->message, error);
    return rule;
}

bool at_input_read(Request *request, const char *text, int64_t *ret_at, GError **error)
{
    g_autoptr(GError) failure = NULL;
    *ret_at = request_now_ms(request);
    if (!text || segments_at(request_context(request), text, ret_at, &failure)) return true;
    return request_fail_field(request, "at", failure->message, error);
}

bool rule_input_fail(Request *request, GError *steal_failure, GError **error)
{
    if (error_code(steal_failure) != KITH_ERROR_INVALID) {
        g_propagate_error(error, steal_failure);
        return false;
    }
    g_autoptr(GError) failure = steal_failure;
    return request_fail_field(request, "rule", failure->message, error);
}

static SegmentAnswer *ask(Request *request, const Rule *rule, int64_t at, GError **error)
{
    GError *failure = NULL;
    const Rule *rules[] = {rule};
    SegmentAsk question = {.rules = rules, .count = 1, .at = at};
    SegmentAnswer *answer = segments_ask(request_context(request), &question, &failure);
    if (!answer) rule_input_fail(request, failure, error);
    return answer;
}

/* ---- handlers ---- */

static bool count_post(Request *request, GError **error)
{
    int64_t at;
    const RuleInput *input = request_input(request);
    g_autoptr(Rule) rule = rule_input_read(request, input, error);
    if (!rule || !at_input_read(request, input->at, &at, error)) return false;
    g_autoptr(SegmentAnswer) answer = ask(request, rule, at, error);
    if (!answer) return false;
    g_autofree char *text = rule_text(rule);
    return request_reply_json(request, 200,
                              json_pack("{s:I, s:I, s:I, s:s, s:s, s:s}", "count",
                                        (json_int_t)set_count(answer->sets[0]), "people",
                                        (json_int_t)answer->people->len, "at", (json_int_t)at,
                                        "zone", zone_name(answer->zone), "rule", text, "engine",
                                        segment_engine_name(answer->engine)));
}

static json_t *problem_json(const RuleProblem *problem)
{
    const char *suggestion = problem->suggestion[0] ? problem->suggestion : NULL;
    return json_pack("{s:s, s:i, s:i, s:i, s:s?, s:o, s:s?}", "message", problem->message, "line",
                     (int)problem->line, "column", (int)problem->column, "offset",
                     (int)problem->offset, "suggestion", suggestion, "reason",
                     reason_json(problem->message), "expected", problem->expected);
}

static json_t *checked_json(const Rule *rule, const RuleProblem *problem)
{
    if (!rule)
        return json_pack("{s:b, s:n, s:n, s:o}", "valid", 0, "rule", "json", "problem",
                         problem_json(problem));
    g_autofree char *text = rule_text(rule);
    return json_pack("{s:b, s:s, s:o, s:n}", "valid", 1, "rule", text, "json", rule_to_json(rule),
                     "problem");
}

/* Reading and checking; a rule that came as JSON is placed by its canonical text. */
static Rule *rule_judge(Segments *segments, const RuleInput *input, RuleProblem *problem,
                        GError **error)
{
    Rule *rule = input->rule ? rule_parse(slice_of(input->rule), problem, error)
                             : rule_from_json(input->json, error);
    if (!rule) return NULL;
    g_autofree char *text = rule_text(rule);
    Slice slice = slice_of(input->rule ? input->rule : text);
    if (segments_check(segments, rule, slice, problem, error)) return rule;
    rule_free(rule);
    return NULL;
}

static bool check_post(Request *request, GError **error)
{
    const RuleInput *input = request_input(request);
    RuleProblem problem = {.line = 1, .column = 1};
    g_autoptr(GError) failure = NULL;
    if (!input->rule == !input->json)
        return request_fail_field(request, "rule", "give either a rule or its json", error);
    g_autoptr(Rule) rule = rule_judge(request_context(request), input, &problem, &failure);
    bool faulty = failure && (error_code(failure) == KITH_ERROR_INVALID ||
                              error_code(failure) == KITH_ERROR_LIMIT);
    if (failure && !faulty) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (failure && !problem.message[0])
        g_strlcpy(problem.message, failure->message, sizeof problem.message);
    return request_reply_json(request, 200, checked_json(rule, &problem));
}

/* "o<offset>.<moment>": every page of one list is judged at the same moment. */
static bool cursor_read(Request *request, const char *cursor, int64_t *in_out_at, guint *ret_offset,
                        GError **error)
{
    char *end;
    *ret_offset = 0;
    if (!cursor) return true;
    int64_t offset = cursor[0] == 'o' ? g_ascii_strtoll(cursor + 1, &end, 10) : -1;
    bool fits = offset >= 0 && offset <= G_MAXINT && *end == '.';
    if (!fits) return request_fail_field(request, "cursor", "this is no cursor of people", error);
    *in_out_at = g_ascii_strtoll(end + 1, NULL, 10);
    *ret_offset = (guint)offset;
    return true;
}

static json_t *rows_read(Segments *segments, const GArray *ids, GError **error)
{
    Store *store = segments_store(segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return NULL;
    json_t *rows = people_rows_json(segments_people(segments), db, ids, error);
    store_reader_end(store, db);
    return rows;
}

static bool members_get(Request *request, GError **error)
{
    int64_t at;
    guint offset;
    const MembersInput *input = request_query(request);
    RuleInput question = {.rule = input->rule};
    g_autoptr(Rule) rule = rule_input_read(request, &question, error);
    if (!rule || !at_input_read(request, input->at, &at, error)) return false;
    if (!cursor_read(request, input->cursor, &at, &offset, error)) return false;
    g_autoptr(SegmentAnswer) answer = ask(request, rule, at, error);
    if (!answer) return false;
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    guint total = ids->len, end = MIN(total, offset + (guint)input->limit);
    g_array_set_size(ids, end);
    g_array_remove_range(ids, 0, MIN(offset, end));
    json_t *rows = rows_read(request_context(request), ids, error);
    if (!rows) return false;
    g_autofree char *next = g_strdup_printf("o%u.%" G_GINT64_FORMAT, end, at);
    return request_reply_json(request, 200,
                              json_pack("{s:o, s:I, s:s?, s:I}", "people", rows, "total",
                                        (json_int_t)total, "next", end < total ? next : NULL, "at",
                                        (json_int_t)at));
}

static bool groups_get(Request *request, GError **error)
{
    json_t *reply = groups_json(request_context(request), error);
    return reply && request_reply_json(request, 200, reply);
}

/* ---- saved segments ---- */

static json_t *saved_json(const SavedSegment *saved)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, saved->segment_id);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o}", "id", id, "name", saved->name, "kind",
                     saved_kinds[saved->listed], "rule", saved->rule, "created_at",
                     (json_int_t)saved->created_at, "changed_at", (json_int_t)saved->changed_at,
                     "watched_at", json_time(saved->watched_at));
}

static bool list_get(Request *request, GError **error)
{
    g_autoptr(GPtrArray) list = saved_list(request_context(request), error);
    if (!list) return false;
    json_t *segments = json_array();
    for (guint i = 0; i < list->len; i++)
        json_array_append_new(segments, saved_json(list->pdata[i]));
    return request_reply_json(request, 200, json_pack("{s:o}", "segments", segments));
}

static bool one_reply(Request *request, int status, int64_t segment_id, GError **error)
{
    g_autoptr(SavedSegment) saved = saved_get(request_context(request), segment_id, error);
    return saved && request_reply_json(request, status, saved_json(saved));
}

static bool segment_get(Request *request, GError **error)
{
    return one_reply(request, 200, request_path_id(request, "id"), error);
}

/* A rule that cannot be read names its field. */
static bool saved_fail(Request *request, GError *failure, GError **error)
{
    return rule_input_fail(request, failure, error);
}

/* A blank name is the name's fault, not the rule's. */
static bool name_check(Request *request, const char *name, GError **error)
{
    g_autoptr(GError) failure = NULL;
    if (!name || saved_name_valid(name, &failure)) return true;
    return request_fail_field(request, "name", failure->message, error);
}

static bool list_post(Request *request, GError **error)
{
    int64_t segment_id;
    GError *failure = NULL;
    const SavedInput *input = request_input(request);
    if (!input->name) return request_fail_field(request, "name", "is required", error);
    if (!input->rule) return request_fail_field(request, "rule", "is required", error);
    if (!name_check(request, input->name, error)) return false;
    if (!saved_create(request_context(request), request_actor(request), input->name, input->rule,
                      &segment_id, &failure))
        return saved_fail(request, failure, error);
    return one_reply(request, 201, segment_id, error);
}

static bool segment_put(Request *request, GError **error)
{
    GError *failure = NULL;
    const SavedInput *input = request_input(request);
    int64_t segment_id = request_path_id(request, "id");
    if (!name_check(request, input->name, error)) return false;
    SavedEdit edit = {request_actor(request), segment_id, input->name, input->rule, input->notify};
    if (!saved_edit(request_context(request), &edit, &failure))
        return saved_fail(request, failure, error);
    return one_reply(request, 200, segment_id, error);
}

static bool segment_remove(Request *request, GError **error)
{
    return saved_delete(request_context(request), request_actor(request),
                        request_path_id(request, "id"), error) &&
           request_reply_empty(request, 204);
}

static const Route segment_routes[] = {
    {"POST", "/api/segments/count", SCOPE_USER, .request = &rule_input, .reply = &count_reply,
     .handle = count_post, .flags = ROUTE_LONG, .summary = "How many people a rule means"},
    {"POST", "/api/segments/check", SCOPE_USER, .request = &rule_input, .reply = &check_reply,
     .handle = check_post, .summary = "Whether a text is a rule, where not, and its other forms"},
    {"GET", "/api/segments/people", SCOPE_USER, .query = &members_input, .reply = &members_reply,
     .handle = members_get, .flags = ROUTE_LONG, .summary = "The people a rule means"},
    {"GET", "/api/groups", SCOPE_USER, .reply = &groups_reply, .handle = groups_get,
     .flags = ROUTE_LONG, .summary = "Ready groups with how many and who"},
    {"GET", "/api/segments", SCOPE_USER, .reply = &list_reply, .handle = list_get,
     .summary = "The segments that are kept"},
    {"POST", "/api/segments", SCOPE_USER, .request = &saved_input, .reply = &saved_reply,
     .handle = list_post, .summary = "Keep a rule under a name"},
    {"GET", "/api/segments/{id}", SCOPE_USER, .reply = &saved_reply, .handle = segment_get,
     .summary = "One segment"},
    {"PUT", "/api/segments/{id}", SCOPE_USER, .request = &saved_input, .reply = &saved_reply,
     .handle = segment_put, .summary = "Change a segment's name or rule"},
    {"DELETE", "/api/segments/{id}", SCOPE_USER, .handle = segment_remove,
     .summary = "Keep a segment no longer"},
};

void segments_add_routes(Server *server, Segments *segments)
{
    server_add_routes(server, segment_routes, G_N_ELEMENTS(segment_routes), segments);
    segments_add_look_routes(server, segments);
    segments_add_why_routes(server, segments);
    segments_add_watch_routes(server, segments);
    segments_add_picked_routes(server, segments);
    segments_add_person_routes(server, segments);
    segments_add_export_routes(server, segments);
}
