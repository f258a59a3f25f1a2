#include "people/people_routes.h"

#include "base/clock.h"
#include "net/audit.h"
#include "net/request.h"
#include "people/consent.h"
#include "people/erase.h"
#include "people/export.h"
#include "people/json.h"
#include "people/list.h"
#include "people/merge.h"
#include "people/people_state.h"
#include "people/person.h"
#include "people/trait.h"
#include "store/store.h"

/* ---- what comes in ---- */

static const char *const sorts[] = {"name",  "last_order", "orders", "spent",
                                    "quiet", "created",    NULL};
static const char *const orders[] = {"asc", "desc", NULL};
static const char *const groups[] = {"all", "customers", "quiet", "new", "repeat", NULL};

typedef struct ListInput {
    const char *q, *sort, *order, *cursor, *group, *kpi, *from, *to;
    int64_t limit;
} ListInput;
static const Field list_input_fields[] = {
    {"q", FIELD_TEXT, .max = 200, .offset = offsetof(ListInput, q),
     .doc = "Words of name, address, number or user id; all must occur"},
    {"sort", FIELD_TEXT, .choices = sorts, .offset = offsetof(ListInput, sort)},
    {"order", FIELD_TEXT, .choices = orders, .offset = offsetof(ListInput, order)},
    {"cursor", FIELD_TEXT, .max = LIST_CURSOR_MAX, .offset = offsetof(ListInput, cursor)},
    {"limit", FIELD_INT, .min = 1, .max = LIST_LIMIT_MAX, .otherwise = LIST_LIMIT,
     .offset = offsetof(ListInput, limit)},
    {"group", FIELD_TEXT, .choices = groups, .offset = offsetof(ListInput, group)},
    {"kpi", FIELD_TEXT, .max = 60, .offset = offsetof(ListInput, kpi),
     .doc = "Only the people behind this figure"},
    {"from", FIELD_DATE, .offset = offsetof(ListInput, from)},
    {"to", FIELD_DATE, .offset = offsetof(ListInput, to)},
};
static const Schema list_input = SCHEMA("PeopleQuery", ListInput, list_input_fields);

typedef struct PersonInput {
    const char *name, *email, *phone, *user_id, *note;
    json_t *traits;
} PersonInput;
static const Field person_input_fields[] = {
    {"name", FIELD_TEXT, .max = 200, .offset = offsetof(PersonInput, name)},
    {"email", FIELD_TEXT, .max = IDENTITY_VALUE_MAX, .offset = offsetof(PersonInput, email)},
    {"phone", FIELD_TEXT, .max = 40, .offset = offsetof(PersonInput, phone)},
    {"user_id", FIELD_TEXT, .max = IDENTITY_VALUE_MAX, .offset = offsetof(PersonInput, user_id)},
    {"traits", FIELD_JSON, .offset = offsetof(PersonInput, traits), .doc = "Facts, by name"},
    {"note", FIELD_TEXT, .max = NOTE_BODY_MAX, .offset = offsetof(PersonInput, note)},
};
static const Schema person_input = SCHEMA("PersonInput", PersonInput, person_input_fields);

typedef struct NoteInput {
    const char *body;
} NoteInput;
static const Field note_input_fields[] = {
    {"body", FIELD_TEXT, .required = true, .min = 1, .max = NOTE_BODY_MAX,
     .offset = offsetof(NoteInput, body)},
};
static const Schema note_input = SCHEMA("NoteInput", NoteInput, note_input_fields);

typedef struct TagsInput {
    FieldList tags;
} TagsInput;
static const Field tags_input_fields[] = {
    {"tags", FIELD_TEXTS, .required = true, .max = TAGS_MAX, .offset = offsetof(TagsInput, tags)},
};
static const Schema tags_input = SCHEMA("TagsInput", TagsInput, tags_input_fields);

typedef struct TraitInput {
    const char *name;
    json_t *value;
} TraitInput;
static const Field trait_input_fields[] = {
    {"name", FIELD_TEXT, .required = true, .min = 1, .max = TRAIT_NAME_MAX,
     .offset = offsetof(TraitInput, name)},
    {"value", FIELD_JSON, .offset = offsetof(TraitInput, value), .doc = "null ends the trait"},
};
static const Schema trait_input = SCHEMA("TraitInput", TraitInput, trait_input_fields);

static const char *const states[] = {"granted", "pending", "denied", NULL};
typedef struct ConsentBody {
    const char *channel, *topic, *state, *basis, *text, *proof, *source, *address;
    int64_t expires_at, occurred_at;
} ConsentBody;
static const Field consent_input_fields[] = {
    {"channel", FIELD_TEXT, .required = true, .min = 1, .max = CONSENT_WORD_MAX,
     .offset = offsetof(ConsentBody, channel)},
    {"topic", FIELD_TEXT, .required = true, .min = 1, .max = CONSENT_WORD_MAX,
     .offset = offsetof(ConsentBody, topic), .doc = "* speaks of all topics"},
    {"state", FIELD_TEXT, .required = true, .choices = states,
     .offset = offsetof(ConsentBody, state)},
    {"basis", FIELD_TEXT, .max = CONSENT_WORD_MAX, .offset = offsetof(ConsentBody, basis)},
    {"text", FIELD_TEXT, .max = CONSENT_TEXT_MAX, .offset = offsetof(ConsentBody, text),
     .doc = "What was shown or said"},
    {"proof", FIELD_TEXT, .max = CONSENT_TEXT_MAX, .offset = offsetof(ConsentBody, proof),
     .doc = "Where it can be seen: the signed card, the recording, the form"},
    {"source", FIELD_TEXT, .max = CONSENT_WORD_MAX, .offset = offsetof(ConsentBody, source),
     .doc = "How it came to us, when there is no proof: by telephone, at the till"},
    {"occurred_at", FIELD_TIME, .offset = offsetof(ConsentBody, occurred_at),
     .doc = "none: now; never in the future"},
    {"address", FIELD_TEXT, .max = IDENTITY_VALUE_MAX, .offset = offsetof(ConsentBody, address)},
    {"expires_at", FIELD_TIME, .offset = offsetof(ConsentBody, expires_at)},
};
static const Schema consent_input = SCHEMA("ConsentInput", ConsentBody, consent_input_fields);

typedef struct MergeBody {
    int64_t other;
} MergeBody;
static const Field merge_input_fields[] = {
    {"other", FIELD_ID, .required = true, .offset = offsetof(MergeBody, other)},
};
static const Schema merge_input = SCHEMA("MergeInput", MergeBody, merge_input_fields);

/* ---- what goes out ---- */

static const Field id_fields[] = {{"id", FIELD_ID, .required = true}};
static const Schema id_reply = SCHEMA_REPLY("Made", id_fields);
static const Field merged_fields[] = {{"merge_id", FIELD_ID, .required = true}};
static const Schema merged_reply = SCHEMA_REPLY("Merged", merged_fields);
static const Field erased_fields[] = {{"erased", FIELD_BOOL, .required = true},
                                      {"erasure_id", FIELD_ID, .required = true}};
static const Schema erased_reply = SCHEMA_REPLY("Erased", erased_fields);

static const Field row_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
    {"country", FIELD_TEXT},
    {"created_at", FIELD_TIME, .required = true},
    {"orders", FIELD_INT, .required = true},
    {"spent", FIELD_MONEY, .required = true},
    {"first_order_at", FIELD_TIME},
    {"last_order_at", FIELD_TIME},
    {"tags", FIELD_TEXTS, .required = true},
    {"quiet", FIELD_BOOL, .required = true},
    {"quiet_days", FIELD_NUMBER},
    {"usual_gap_days", FIELD_NUMBER},
};
const Schema people_row_reply = SCHEMA_REPLY("PersonRow", row_fields);
static const Field list_fields[] = {
    {"people", FIELD_LIST, .required = true, .of = &people_row_reply},
    {"total", FIELD_INT, .required = true},
    {"next", FIELD_TEXT},
};
static const Schema list_reply = SCHEMA_REPLY("PeoplePage", list_fields);

static const Field identity_fields[] = {
    {"kind", FIELD_TEXT, .required = true},          {"value", FIELD_TEXT, .required = true},
    {"source", FIELD_TEXT, .required = true},        {"state", FIELD_TEXT, .required = true},
    {"first_seen_at", FIELD_TIME, .required = true}, {"last_seen_at", FIELD_TIME, .required = true},
};
static const Schema identity_reply = SCHEMA_REPLY("PersonIdentity", identity_fields);
static const Field trait_fields[] = {
    {"name", FIELD_TEXT, .required = true},        {"value", FIELD_JSON},
    {"source", FIELD_TEXT, .required = true},      {"trust", FIELD_TEXT, .required = true},
    {"occurred_at", FIELD_TIME, .required = true}, {"received_at", FIELD_TIME, .required = true},
    {"unconfirmed", FIELD_BOOL, .required = true},
};
static const Schema trait_reply = SCHEMA_REPLY("PersonTrait", trait_fields);
static const Field consent_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"channel", FIELD_TEXT, .required = true},
    {"topic", FIELD_TEXT, .required = true},
    {"state", FIELD_TEXT, .required = true},
    {"basis", FIELD_TEXT, .required = true},
    {"source", FIELD_TEXT, .required = true},
    {"occurred_at", FIELD_TIME, .required = true},
    {"expires_at", FIELD_TIME},
    {"text", FIELD_TEXT},
    {"proof", FIELD_TEXT},
    {"address", FIELD_TEXT},
    {"actor", FIELD_TEXT, .required = true},
    {"by_person", FIELD_BOOL, .required = true},
};
static const Schema consent_reply = SCHEMA_REPLY("PersonConsent", consent_fields);
static const Field note_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"body", FIELD_TEXT, .required = true},
    {"author", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
};
static const Schema note_reply = SCHEMA_REPLY("PersonNote", note_fields);
static const Field link_fields[] = {
    {"merge_id", FIELD_ID, .required = true}, {"other", FIELD_ID, .required = true},
    {"at", FIELD_TIME, .required = true},     {"actor", FIELD_TEXT, .required = true},
    {"reason", FIELD_TEXT, .required = true}, {"undone_at", FIELD_TIME},
};
static const Schema link_reply = SCHEMA_REPLY("PersonLink", link_fields);
static const Field figure_fields[] = {
    {"orders", FIELD_INT, .required = true},
    {"spent", FIELD_MONEY, .required = true},
    {"net", FIELD_MONEY, .required = true},
    {"first_order_at", FIELD_TIME},
    {"last_order_at", FIELD_TIME},
    {"median_gap_days", FIELD_NUMBER},
    {"quiet_days", FIELD_NUMBER},
    {"quiet", FIELD_BOOL, .required = true},
    {"next_expected_at", FIELD_TIME},
};
static const Schema figure_reply = SCHEMA_REPLY("PersonFigures", figure_fields);
static const Field person_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"merged_into", FIELD_ID, .doc = "Set, and all else absent, when merged into somebody"},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
    {"phone", FIELD_TEXT},
    {"country", FIELD_TEXT},
    {"created_at", FIELD_TIME},
    {"local_zone", FIELD_TEXT},
    {"identities", FIELD_LIST, .of = &identity_reply},
    {"traits", FIELD_LIST, .of = &trait_reply},
    {"consents", FIELD_LIST, .of = &consent_reply},
    {"tags", FIELD_TEXTS},
    {"notes", FIELD_LIST, .of = &note_reply},
    {"figures", FIELD_OBJECT, .of = &figure_reply},
    {"links", FIELD_LIST, .of = &link_reply},
};
static const Schema person_reply = SCHEMA_REPLY("Person", person_fields);

/* ---- reading ---- */

typedef json_t *(*ReadCall)(People *people, Db *db, const void *data, GError **error);

static bool reply_read(Request *request, ReadCall call, const void *data, GError **error)
{
    People *people = request_context(request);
    Db *db = store_reader_begin(people->store, error);
    if (!db) return false;
    json_t *json = call(people, db, data, error);
    store_reader_end(people->store, db);
    return json && request_reply_json(request, 200, json);
}

static json_t *list_read(People *people, Db *db, const void *data, GError **error)
{
    return people_list_json(people, db, data, error);
}

static bool list_get(Request *request, GError **error)
{
    const ListInput *input = request_query(request);
    PeopleListQuery query = {
        .text = input->q,
        .sort = input->sort,
        .group = input->group,
        .kpi = input->kpi,
        .from = input->from,
        .to = input->to,
        .cursor = input->cursor,
        .limit = input->limit,
        .descending = g_strcmp0(input->order, "desc") == 0,
    };
    return reply_read(request, list_read, &query, error);
}

static json_t *person_read(People *people, Db *db, const void *data, GError **error)
{
    return people_profile_json(people, db, *(const int64_t *)data, error);
}

static bool person_get(Request *request, GError **error)
{
    int64_t person_id = request_path_id(request, "id");
    return reply_read(request, person_read, &person_id, error);
}

static bool export_get(Request *request, GError **error)
{
    int64_t person_id = request_path_id(request, "id");
    json_t *document = people_export_json(request_context(request), person_id, error);
    if (!document) return false;
    request_set_header(request, "Content-Disposition", "attachment; filename=\"person.json\"");
    return request_reply_json(request, 200, document);
}

/* ---- writing: each act is one unit of the writer, its line in the audit log included ---- */

typedef struct Act {
    People *people;
    const Request *request;
    const void *input; /* validated body, NULL when there is none */
    int64_t id;        /* of the path */
    int64_t result;    /* id of what was made */
    int64_t at;
    const Actor *by;
    char actor[ACTOR_TEXT_SIZE];
    bool (*run)(struct Act *act, Db *db, GError **error);
    const char *action; /* for the audit log; NULL: it shows on the person */
    const char *kind;
} Act;

/* A signed-in user's word is a hand entry; a key's is the shop's. */
static Trust act_trust(const Act *act)
{
    return act->by->kind == ACTOR_KEY ? TRUST_SHOP : TRUST_HAND;
}

static bool act_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    if (!act->run(act, db, error)) return false;
    if (!act->action) return true;
    AuditEntry entry = {
        .audit_id = store_id_next(act->people->store),
        .at = act->at,
        .by = act->by,
        .action = act->action,
        .kind = act->kind,
        .id = act->id ? act->id : act->result,
    };
    return audit_add(db, &entry, error);
}

static bool act_do(Act *act, Request *request, WriterLane lane, GError **error)
{
    act->people = request_context(request);
    act->request = request;
    act->by = request_actor(request);
    act->at = clock_now_ms();
    actor_text(act->by, act->actor);
    return writer_call(store_writer(act->people->store), lane, act_run, act, error);
}

static bool create_run(Act *act, Db *db, GError **error)
{
    const PersonInput *input = act->input;
    HandPerson person = {input->name, input->email, input->phone, input->user_id, input->traits,
                         input->note, act->actor,   act->at,      act_trust(act)};
    return people_create(act->people, db, &person, &act->result, error);
}

static bool person_post(Request *request, GError **error)
{
    Act act = {.input = request_input(request),
               .run = create_run,
               .action = "person.create",
               .kind = "person"};
    if (!act_do(&act, request, WRITER_REST, error)) return false;
    return request_reply_json(request, 201, json_pack("{s:o}", "id", json_id(act.result)));
}

static bool note_run(Act *act, Db *db, GError **error)
{
    const NoteInput *input = act->input;
    HandText note = {act->id, input->body, act->actor, act->at};
    return people_note_add(act->people, db, &note, &act->result, error);
}

static bool note_post(Request *request, GError **error)
{
    Act act = {
        .input = request_input(request), .id = request_path_id(request, "id"), .run = note_run};
    if (!act_do(&act, request, WRITER_REST, error)) return false;
    return request_reply_json(request, 201, json_pack("{s:o}", "id", json_id(act.result)));
}

static bool note_delete_run(Act *act, Db *db, GError **error)
{
    int64_t note_id = request_path_id(act->request, "note");
    return people_note_delete(act->people, db, act->id, note_id, error);
}

static bool note_delete(Request *request, GError **error)
{
    Act act = {.id = request_path_id(request, "id"),
               .run = note_delete_run,
               .action = "note.delete",
               .kind = "person"};
    return act_do(&act, request, WRITER_REST, error) && request_reply_empty(request, 204);
}

static bool tags_run(Act *act, Db *db, GError **error)
{
    const TagsInput *input = act->input;
    HandTags tags = {act->id, input->tags.items, input->tags.count, act->actor, act->at};
    return people_tags_set(act->people, db, &tags, error);
}

static bool tags_put(Request *request, GError **error)
{
    Act act = {
        .input = request_input(request), .id = request_path_id(request, "id"), .run = tags_run};
    return act_do(&act, request, WRITER_REST, error) && request_reply_empty(request, 204);
}

/* An address typed on the person's page is theirs from then on: events that bear it find them. */
static bool trait_address(Act *act, Db *db, const TraitInput *input, GError **error)
{
    IdentityKind kind = identity_kind_parse(input->name);
    const char *text = json_string_value(input->value);
    if (!text || (kind != IDENTITY_EMAIL && kind != IDENTITY_PHONE)) return true;
    return people_address_add(act->people, db, act->id, kind, text, error);
}

static bool trait_run(Act *act, Db *db, GError **error)
{
    const TraitInput *input = act->input;
    if (!people_check(act->people, db, act->id, error)) return false;
    if (!trait_address(act, db, input, error)) return false;
    char *json = input->value ? json_dumps(input->value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    TraitValue trait = {slice_of(input->name), json ? slice_of(json) : SLICE("null")};
    TraitReport report = {act->id, SOURCE_ID_HAND, act_trust(act), act->at, act->at, &trait, 1};
    TraitOutcome outcome;
    bool done = people_traits_put(act->people, db, &report, &outcome, error);
    free(json);
    if (!done || !outcome.refused) return done;
    return fail(error, KITH_ERROR_LIMIT, "a person has at most %d traits of %d bytes each",
                TRAIT_NAMES_MAX, TRAIT_VALUE_MAX);
}

static bool trait_put(Request *request, GError **error)
{
    Act act = {
        .input = request_input(request), .id = request_path_id(request, "id"), .run = trait_run};
    return act_do(&act, request, WRITER_REST, error) && request_reply_empty(request, 204);
}

/* How it came, then where it can be seen. `ret_both` owns the text when both are given. */
static const char *consent_proof(const ConsentBody *body, char **ret_both)
{
    if (!body->proof || !body->source) return body->proof ? body->proof : body->source;
    *ret_both = g_strdup_printf("%s: %s", body->source, body->proof);
    return *ret_both;
}

static bool consent_run(Act *act, Db *db, GError **error)
{
    const ConsentBody *body = act->input;
    g_autofree char *proof = NULL;
    int64_t at = body->occurred_at > 0 ? MIN(body->occurred_at, act->at) : act->at;
    if (!people_check(act->people, db, act->id, error)) return false;
    ConsentInput input = {
        .stem = act->id,
        .address = body->address,
        .channel = body->channel,
        .topic = body->topic,
        .state = consent_state_parse(body->state),
        .basis = body->basis,
        .text = body->text,
        .proof = consent_proof(body, &proof),
        .actor = act->actor,
        .source_id = SOURCE_ID_HAND,
        .trust = act_trust(act),
        .occurred_at = at,
        .received_at = act->at,
        .expires_at = MAX(body->expires_at, 0),
    };
    return people_consent_put(act->people, db, &input, error);
}

static bool consent_post(Request *request, GError **error)
{
    Act act = {.input = request_input(request),
               .id = request_path_id(request, "id"),
               .run = consent_run,
               .action = "consent.add",
               .kind = "person"};
    return act_do(&act, request, WRITER_HANDOVER, error) && request_reply_empty(request, 204);
}

static bool merge_run(Act *act, Db *db, GError **error)
{
    const MergeBody *body = act->input;
    MergeInput input = {act->id, body->other, "by hand", act->actor, act->at};
    return people_merge(act->people, db, &input, &act->result, error);
}

static bool merge_post(Request *request, GError **error)
{
    Act act = {.input = request_input(request),
               .id = request_path_id(request, "id"),
               .run = merge_run,
               .action = "person.merge",
               .kind = "person"};
    if (!act_do(&act, request, WRITER_REST, error)) return false;
    return request_reply_json(request, 200, json_pack("{s:o}", "merge_id", json_id(act.result)));
}

static bool undo_run(Act *act, Db *db, GError **error)
{
    MergeUndo undo = {act->id, act->actor, act->at};
    return people_merge_undo(act->people, db, &undo, error);
}

static bool undo_post(Request *request, GError **error)
{
    Act act = {.id = request_path_id(request, "id"),
               .run = undo_run,
               .action = "merge.undo",
               .kind = "merge"};
    return act_do(&act, request, WRITER_REST, error) && request_reply_empty(request, 204);
}

static bool erase_run(Act *act, Db *db, GError **error)
{
    return people_erase(act->people, db, act->id, &act->result, error);
}

static bool person_delete(Request *request, GError **error)
{
    Act act = {.id = request_path_id(request, "id"),
               .run = erase_run,
               .action = "person.erase",
               .kind = "person"};
    if (!act_do(&act, request, WRITER_HANDOVER, error)) return false;
    return request_reply_json(
        request, 200, json_pack("{s:b, s:o}", "erased", 1, "erasure_id", json_id(act.result)));
}

/* ---- the table ---- */

static const Route routes[] = {
    {"GET", "/api/people", SCOPE_USER, .query = &list_input, .reply = &list_reply,
     .handle = list_get, .summary = "List, search and sort people"},
    {"POST", "/api/people", SCOPE_USER, .request = &person_input, .reply = &id_reply,
     .handle = person_post, .summary = "Enter a person by hand"},
    {"GET", "/api/people/{id}", SCOPE_USER, .reply = &person_reply, .handle = person_get,
     .summary = "Everything about a person but the timeline"},
    {"DELETE", "/api/people/{id}", SCOPE_USER, .reply = &erased_reply, .handle = person_delete,
     .summary = "Erase a person, for ever"},
    {"GET", "/api/people/{id}/export", SCOPE_USER, .handle = export_get,
     .summary = "All that is known of a person, as JSON"},
    {"POST", "/api/people/{id}/notes", SCOPE_USER, .request = &note_input, .reply = &id_reply,
     .handle = note_post, .summary = "Add a note"},
    {"DELETE", "/api/people/{id}/notes/{note}", SCOPE_USER, .handle = note_delete,
     .summary = "Delete a note"},
    {"PUT", "/api/people/{id}/tags", SCOPE_USER, .request = &tags_input, .handle = tags_put,
     .summary = "Set the tags of a person"},
    {"PUT", "/api/people/{id}/traits", SCOPE_USER, .request = &trait_input, .handle = trait_put,
     .summary = "Set one fact about a person"},
    {"POST", "/api/people/{id}/consents", SCOPE_USER, .request = &consent_input,
     .handle = consent_post, .summary = "Record a permission or a refusal"},
    {"POST", "/api/people/{id}/merge", SCOPE_USER, .request = &merge_input, .reply = &merged_reply,
     .handle = merge_post, .summary = "Make another person part of this one"},
    {"POST", "/api/merges/{id}/undo", SCOPE_USER, .handle = undo_post,
     .summary = "Make two people again of a merge"},
};

void people_add_routes(Server *server, People *people)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), people);
}
