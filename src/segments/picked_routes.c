#include "base/error.h"
#include "base/ids.h"
#include "base/limits.h"
#include "net/request.h"
#include "people/json.h"
#include "segments/picked.h"
#include "segments/rule_input.h"
#include "segments/segments_routes.h"

enum {
    PICK_IDS_MAX = 1000, /* in one request; more go by a rule or a file */
    PICK_COLUMN_BYTES = 200,
};

/* ---- what comes in ---- */

typedef struct NewInput {
    const char *name, *rule;
    FieldList people;
} NewInput;
static const Field new_input_fields[] = {
    {"name", FIELD_TEXT, .required = true, .max = SEGMENT_NAME_BYTES_MAX,
     .offset = offsetof(NewInput, name)},
    {"people", FIELD_TEXTS, .max = PICK_IDS_MAX, .offset = offsetof(NewInput, people),
     .doc = "Ids of people to put on it."},
    {"rule", FIELD_TEXT, .max = LIMIT_RULE_BYTES, .offset = offsetof(NewInput, rule),
     .doc = "Whoever this rule means at this moment is put on it too."},
};
static const Schema new_input = SCHEMA("SegmentListInput", NewInput, new_input_fields);

typedef struct ChangeInput {
    FieldList add, remove;
    const char *rule;
} ChangeInput;
static const Field change_input_fields[] = {
    {"add", FIELD_TEXTS, .max = PICK_IDS_MAX, .offset = offsetof(ChangeInput, add),
     .doc = "Ids of people to put on the list."},
    {"remove", FIELD_TEXTS, .max = PICK_IDS_MAX, .offset = offsetof(ChangeInput, remove),
     .doc = "Ids of people to take off it."},
    {"rule", FIELD_TEXT, .max = LIMIT_RULE_BYTES, .offset = offsetof(ChangeInput, rule),
     .doc = "Whoever this rule means at this moment is put on it too."},
};
static const Schema change_input = SCHEMA("SegmentMembersInput", ChangeInput, change_input_fields);

static const char *const by_names[] = {"auto", "email", "user_id", "person_id", NULL};
typedef struct FileQuery {
    const char *name, *column, *by;
    int64_t id;
    bool dry_run;
} FileQuery;
static const Field file_query_fields[] = {
    {"name", FIELD_TEXT, .max = SEGMENT_NAME_BYTES_MAX, .offset = offsetof(FileQuery, name),
     .doc = "Makes a list of this name; or give `id`."},
    {"id", FIELD_ID, .offset = offsetof(FileQuery, id), .doc = "Puts people on this list."},
    {"column", FIELD_TEXT, .max = PICK_COLUMN_BYTES, .offset = offsetof(FileQuery, column),
     .doc = "The column that says who it is; else the one that looks like it."},
    {"by", FIELD_TEXT, .choices = by_names, .offset = offsetof(FileQuery, by),
     .doc = "What stands in it; auto: an address if there is an @, else an id."},
    {"dry_run", FIELD_BOOL, .offset = offsetof(FileQuery, dry_run),
     .doc = "Only says what was understood."},
};
static const Schema file_query = SCHEMA("SegmentFileQuery", FileQuery, file_query_fields);

/* ---- what goes out ---- */

static const Field count_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"added", FIELD_INT, .required = true},
    {"removed", FIELD_INT, .required = true},
    {"same", FIELD_INT, .required = true, .doc = "Were as they should be already."},
    {"unknown", FIELD_INT, .required = true, .doc = "Nobody has such an id."},
};
static const Schema count_reply = SCHEMA_REPLY("SegmentPicked", count_fields);

static const Field column_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"samples", FIELD_TEXTS, .required = true},
};
static const Schema column_reply = SCHEMA_REPLY("SegmentFileColumn", column_fields);
static const Field unknown_fields[] = {
    {"line", FIELD_INT, .required = true},
    {"value", FIELD_TEXT, .required = true},
};
static const Schema unknown_reply = SCHEMA_REPLY("SegmentFileUnknown", unknown_fields);
static const Field file_fields[] = {
    {"columns", FIELD_LIST, .required = true, .of = &column_reply},
    {"column", FIELD_TEXT, .required = true},
    {"by", FIELD_TEXT, .required = true, .choices = by_names},
    {"rows", FIELD_INT, .required = true},
    {"found", FIELD_INT, .required = true, .doc = "Different people."},
    {"repeated", FIELD_INT, .required = true, .doc = "Rows of people named before."},
    {"empty", FIELD_INT, .required = true, .doc = "Rows that name nobody."},
    {"unknown", FIELD_INT, .required = true, .doc = "Rows of somebody who is not known here."},
    {"unknown_sample", FIELD_LIST, .required = true, .of = &unknown_reply},
    {"picked", FIELD_OBJECT, .of = &count_reply, .doc = "What was done; null after a dry run."},
};
static const Schema file_reply = SCHEMA_REPLY("SegmentFile", file_fields);

static json_t *count_json(int64_t segment_id, const PickedCount *count)
{
    return json_pack("{s:o, s:I, s:I, s:I, s:I}", "id", json_id(segment_id), "added",
                     (json_int_t)count->added, "removed", (json_int_t)count->removed, "same",
                     (json_int_t)count->same, "unknown", (json_int_t)count->unknown);
}

/* ---- reading ---- */

static bool ids_read(Request *request, const char *field, const FieldList *texts, GArray *ids,
                     GError **error)
{
    for (size_t i = 0; i < texts->count; i++) {
        int64_t id;
        const char *text = ((const char *const *)texts->items)[i];
        if (!id_parse(slice_of(text), &id, NULL))
            return request_fail_field(request, field, "must be ids of people", error);
        g_array_append_val(ids, id);
    }
    return true;
}

/* Adds whom a rule means now. */
static bool rule_ids(Request *request, const char *text, GArray *ids, GError **error)
{
    GError *failure = NULL;
    if (!text) return true;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &failure);
    if (!rule) return rule_input_fail(request, failure, error);
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = request_now_ms(request)};
    g_autoptr(SegmentAnswer) answer = segments_ask(request_context(request), &ask, &failure);
    if (!answer) return rule_input_fail(request, failure, error);
    g_autoptr(GArray) members = segment_answer_ids(answer, 0);
    g_array_append_vals(ids, members->data, members->len);
    return true;
}

/* ---- handlers ---- */

static bool create(Request *request, const PickedNew *made, int64_t *ret_id, PickedCount *ret_count,
                   GError **error)
{
    GError *failure = NULL;
    if (picked_create(request_context(request), made, ret_id, ret_count, &failure)) return true;
    if (error_code(failure) != KITH_ERROR_INVALID) {
        g_propagate_error(error, failure);
        return false;
    }
    g_autoptr(GError) kept = failure;
    return request_fail_field(request, "name", kept->message, error);
}

static bool lists_post(Request *request, GError **error)
{
    int64_t segment_id;
    PickedCount count = {0};
    const NewInput *input = request_input(request);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!ids_read(request, "people", &input->people, ids, error)) return false;
    if (!rule_ids(request, input->rule, ids, error)) return false;
    PickedNew made = {request_actor(request), input->name, ids};
    return create(request, &made, &segment_id, &count, error) &&
           request_reply_json(request, 201, count_json(segment_id, &count));
}

static bool members_post(Request *request, GError **error)
{
    PickedCount count = {0};
    const ChangeInput *input = request_input(request);
    g_autoptr(GArray) add = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) leave = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!ids_read(request, "add", &input->add, add, error)) return false;
    if (!ids_read(request, "remove", &input->remove, leave, error)) return false;
    if (!rule_ids(request, input->rule, add, error)) return false;
    PickedChange change = {request_actor(request), request_path_id(request, "id"), add, leave};
    return picked_change(request_context(request), &change, &count, error) &&
           request_reply_json(request, 200, count_json(change.segment_id, &count));
}

static bool file_apply(Request *request, const FileQuery *query, const GArray *ids, json_t *reply,
                       GError **error)
{
    int64_t segment_id = query->id;
    PickedCount count = {0};
    PickedNew made = {request_actor(request), query->name, ids};
    PickedChange change = {request_actor(request), query->id, ids, NULL};
    if (query->dry_run) return true;
    bool done = query->id ? picked_change(request_context(request), &change, &count, error)
                          : create(request, &made, &segment_id, &count, error);
    if (done) json_object_set_new(reply, "picked", count_json(segment_id, &count));
    return done;
}

static bool file_post(Request *request, GError **error)
{
    int64_t size = 0;
    g_autoptr(GArray) ids = NULL;
    const FileQuery *query = request_query(request);
    const char *path = request_file(request, &size);
    if (!path || size == 0) return fail(error, KITH_ERROR_INVALID, "the file is empty");
    if (!query->dry_run && !query->name == !query->id)
        return request_fail_field(request, "name", "give the name of a new list, or an id", error);
    PickedFile file = {path, query->column, query->by};
    json_t *reply = picked_read(request_context(request), &file, &ids, error);
    if (!reply) return false;
    if (file_apply(request, query, ids, reply, error))
        return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

static const Route picked_routes[] = {
    {"POST", "/api/segments/lists", SCOPE_USER, .request = &new_input, .reply = &count_reply,
     .handle = lists_post, .summary = "Keep a list of people under a name"},
    {"POST", "/api/segments/{id}/members", SCOPE_USER, .request = &change_input,
     .reply = &count_reply, .handle = members_post,
     .summary = "Put people on a list, or take them off"},
    {"POST", "/api/segments/file", SCOPE_USER, .query = &file_query, .reply = &file_reply,
     .handle = file_post, .body = BODY_FILE, .body_max = LIMIT_SEGMENT_FILE_BYTES,
     .summary = "Put the people of a CSV file on a list; unknown ones are counted, not made"},
};

void segments_add_picked_routes(Server *server, Segments *segments)
{
    server_add_routes(server, picked_routes, G_N_ELEMENTS(picked_routes), segments);
}
