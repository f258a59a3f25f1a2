/* Who may be written to and why not: the Permission page, the person page, and what was sworn to.
 */
#include "base/clock.h"
#include "net/audit.h"
#include "net/request.h"
#include "people/consent.h"
#include "people/json.h"
#include "people/people_routes.h"
#include "people/people_state.h"
#include "people/permission.h"
#include "people/permission_sql.h"
#include "people/person.h"
#include "people/summary_sql.h"
#include "store/store.h"

enum { PAGE_ROWS = 50, PAGE_ROWS_MAX = 200 };

/* ---- what comes in ---- */

static const char *const channels[] = {"email", "sms", "phone", "whatsapp", NULL};
static const char *const sworn_channels[] = {"email", "sms", NULL};
static const char *const bases[] = {ATTESTATION_CUSTOMER, NULL};
static const char *const languages[] = {"en", "de", NULL};

#define REASON_NAMES                                                                               \
    "granted", "existing_customer", "pending", "expired", "no_basis", "declined", "denied",        \
        "unsubscribed", "complained", "bounced", "cleaned", "manual", "unconfirmed_address",       \
        "no_address", "erased"
static const char *const reasons[] = {REASON_NAMES, NULL};
static const char *const reasons_asked[] = {"may", "may_not", REASON_NAMES, NULL};

typedef struct AskInput {
    const char *channel, *topic, *reason, *language;
    int64_t cursor, limit;
} AskInput;

#define ASK_FIELDS                                                                                 \
    {"channel", FIELD_TEXT, .choices = channels, .offset = offsetof(AskInput, channel),            \
     .doc = "none: email"},                                                                        \
    {                                                                                              \
        "topic", FIELD_TEXT, .max = CONSENT_WORD_MAX, .offset = offsetof(AskInput, topic),         \
                             .doc = "none: newsletter"                                             \
    }

static const Field count_input_fields[] = {ASK_FIELDS};
static const Schema count_input = SCHEMA("PermissionQuery", AskInput, count_input_fields);

static const Field people_input_fields[] = {
    ASK_FIELDS,
    {"reason", FIELD_TEXT, .choices = reasons_asked, .offset = offsetof(AskInput, reason),
     .doc = "none: everybody; may and may_not take several together"},
    {"cursor", FIELD_ID, .offset = offsetof(AskInput, cursor)},
    {"limit", FIELD_INT, .min = 1, .max = PAGE_ROWS_MAX, .otherwise = PAGE_ROWS,
     .offset = offsetof(AskInput, limit)},
};
static const Schema people_input = SCHEMA("PermissionPeopleQuery", AskInput, people_input_fields);

static const Field laws_input_fields[] = {
    ASK_FIELDS,
    {"language", FIELD_TEXT, .choices = languages, .offset = offsetof(AskInput, language),
     .doc = "of the texts; none: en"},
};
static const Schema laws_input = SCHEMA("LawsQuery", AskInput, laws_input_fields);

typedef struct AttestBody {
    const char *basis, *channel, *topic, *law, *country, *text;
    bool unknown_country, dry_run;
} AttestBody;
static const Field attest_fields[] = {
    {"basis", FIELD_TEXT, .required = true, .choices = bases,
     .offset = offsetof(AttestBody, basis)},
    {"channel", FIELD_TEXT, .choices = sworn_channels, .offset = offsetof(AttestBody, channel),
     .doc = "none: email"},
    {"topic", FIELD_TEXT, .max = CONSENT_WORD_MAX, .offset = offsetof(AttestBody, topic),
     .doc = "none: newsletter; * speaks of all topics"},
    {"law", FIELD_TEXT, .required = true, .max = 60, .offset = offsetof(AttestBody, law),
     .doc = "As GET /api/permission/laws gives it for the country"},
    {"country", FIELD_TEXT, .required = true, .max = 60, .offset = offsetof(AttestBody, country),
     .doc = "Of the customers"},
    {"text", FIELD_TEXT, .required = true, .min = 1, .max = ATTESTATION_TEXT_MAX,
     .offset = offsetof(AttestBody, text), .doc = "What was shown and confirmed, word for word"},
    {"unknown_country", FIELD_BOOL, .offset = offsetof(AttestBody, unknown_country),
     .doc = "Also for customers whose country is not known"},
    {"dry_run", FIELD_BOOL, .offset = offsetof(AttestBody, dry_run),
     .doc = "Only count what would change"},
};
static const Schema attest_input = SCHEMA("AttestInput", AttestBody, attest_fields);

/* ---- what goes out ---- */

static const Field reason_fields[] = {
    {"reason", FIELD_TEXT, .required = true, .choices = reasons},
    {"may", FIELD_BOOL, .required = true},
    {"count", FIELD_INT, .required = true},
};
static const Schema reason_reply = SCHEMA_REPLY("PermissionReason", reason_fields);

static const Field count_fields[] = {
    {"channel", FIELD_TEXT, .required = true},
    {"topic", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true, .doc = "The moment the answer is of"},
    {"total", FIELD_INT, .required = true},
    {"may", FIELD_INT, .required = true},
    {"may_not", FIELD_INT, .required = true},
    {"reasons", FIELD_LIST, .required = true, .of = &reason_reply,
     .doc = "Those with people behind them"},
};
static const Schema count_reply = SCHEMA_REPLY("PermissionCount", count_fields);

static const Field row_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
    {"country", FIELD_TEXT},
    {"reason", FIELD_TEXT, .required = true, .choices = reasons},
    {"may", FIELD_BOOL, .required = true},
    {"expires_at", FIELD_TIME, .doc = "When what permits it runs out"},
};
static const Schema row_reply = SCHEMA_REPLY("PermissionPerson", row_fields);

static const Field page_fields[] = {
    {"people", FIELD_LIST, .required = true, .of = &row_reply},
    {"total", FIELD_INT, .required = true},
    {"next", FIELD_ID, .doc = "Cursor of the next page"},
};
static const Schema page_reply = SCHEMA_REPLY("PermissionPeople", page_fields);

static const Field answer_fields[] = {
    {"channel", FIELD_TEXT, .required = true},
    {"topic", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"may", FIELD_BOOL, .required = true},
    {"reason", FIELD_TEXT, .required = true, .choices = reasons},
    {"address", FIELD_TEXT, .doc = "Where they are, or would be, written to"},
    {"expires_at", FIELD_TIME},
    {"consent_id", FIELD_ID, .doc = "The permission or refusal it rests on"},
    {"attestation_id", FIELD_ID},
};
static const Schema answer_reply = SCHEMA_REPLY("PersonPermission", answer_fields);

static const Field law_fields[] = {
    {"country", FIELD_TEXT, .required = true},
    {"law", FIELD_TEXT, .doc = "null: the country's law has no such basis"},
    {"citation", FIELD_TEXT},
    {"expires_days", FIELD_INT, .doc = "After the last order; null: no term"},
    {"text", FIELD_TEXT, .doc = "What is to be shown and confirmed"},
    {"people", FIELD_INT, .required = true, .doc = "Of this country, without a basis now"},
};
static const Schema law_reply = SCHEMA_REPLY("Law", law_fields);
static const Field laws_fields[] = {
    {"laws", FIELD_LIST, .required = true, .of = &law_reply},
    {"unknown_country", FIELD_INT, .required = true,
     .doc = "People without a basis whose country is not known, or not in the table"},
};
static const Schema laws_reply = SCHEMA_REPLY("Laws", laws_fields);

static const Field attested_fields[] = {
    {"attestation_id", FIELD_ID, .doc = "null: it was only counted"},
    {"before", FIELD_OBJECT, .required = true, .of = &count_reply},
    {"after", FIELD_OBJECT, .required = true, .of = &count_reply},
};
static const Schema attested_reply = SCHEMA_REPLY("Attested", attested_fields);

static const Field attestation_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"basis", FIELD_TEXT, .required = true},
    {"channel", FIELD_TEXT, .required = true},
    {"topic", FIELD_TEXT, .required = true},
    {"law", FIELD_TEXT, .required = true},
    {"citation", FIELD_TEXT},
    {"country", FIELD_TEXT, .required = true},
    {"unknown_country", FIELD_BOOL, .required = true},
    {"text", FIELD_TEXT, .required = true},
    {"actor", FIELD_TEXT, .required = true},
    {"at", FIELD_TIME, .required = true},
    {"ended_at", FIELD_TIME},
    {"ended_by", FIELD_TEXT},
};
static const Schema attestation_reply = SCHEMA_REPLY("Attestation", attestation_fields);
static const Field attestations_fields[] = {
    {"attestations", FIELD_LIST, .required = true, .of = &attestation_reply}};
static const Schema attestations_reply = SCHEMA_REPLY("Attestations", attestations_fields);

static const char *channel_of(const char *channel) { return channel ? channel : "email"; }

static const char *topic_of(const char *topic)
{
    return topic && *topic ? topic : PERMISSION_TOPIC;
}

/* ---- counts and lists ---- */

static json_t *count_json(const PermissionCount *count)
{
    int64_t may = 0;
    json_t *rows = json_array();
    for (PermissionReason i = 0; i < PERMISSION_REASONS; i++) {
        if (permission_may(i)) may += count->counts[i];
        if (!count->counts[i]) continue;
        json_array_append_new(
            rows, json_pack("{s:s, s:b, s:I}", "reason", permission_reason_name(i), "may",
                            (int)permission_may(i), "count", (json_int_t)count->counts[i]));
    }
    int64_t total = count->entries->len;
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "channel", count->channel, "topic",
                     count->topic, "at", (json_int_t)count->at_ms, "total", (json_int_t)total,
                     "may", (json_int_t)may, "may_not", (json_int_t)(total - may), "reasons", rows);
}

static bool count_get(Request *request, GError **error)
{
    const AskInput *input = request_query(request);
    g_autoptr(PermissionCount) count = people_permission_count(
        request_context(request), channel_of(input->channel), topic_of(input->topic), NULL, error);
    return count && request_reply_json(request, 200, count_json(count));
}

static bool is_asked(const char *asked, PermissionReason reason)
{
    if (!asked) return true;
    if (g_str_equal(asked, "may")) return permission_may(reason);
    if (g_str_equal(asked, "may_not")) return !permission_may(reason);
    return permission_reason_parse(asked) == reason;
}

/* Somebody erased or merged since the count is left out. */
static bool row_add(Db *db, const PermissionEntry *entry, json_t *rows, GError **error)
{
    SummaryFindParams params = {entry->person_id};
    SummaryFindRow row;
    bool found;
    if (!sql_summary_find(db, &params, &row, &found, error)) return false;
    if (!found || !row.listed) return true;
    json_array_append_new(
        rows,
        json_pack("{s:o, s:o, s:o, s:o, s:s, s:b, s:o}", "id", json_id(entry->person_id), "name",
                  json_text(row.name), "email", json_text(row.email), "country",
                  json_text(row.country), "reason", permission_reason_name(entry->reason), "may",
                  (int)permission_may(entry->reason), "expires_at", json_time(entry->expires_at)));
    return true;
}

static json_t *page_json(Db *db, const PermissionCount *count, const AskInput *input,
                         GError **error)
{
    int64_t total = 0, last = 0, taken = 0;
    bool more = false;
    json_t *rows = json_array();
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        if (!is_asked(input->reason, entry->reason)) continue;
        total++;
        if (entry->person_id <= input->cursor) continue;
        more |= taken == input->limit;
        if (taken == input->limit) continue;
        taken++;
        last = entry->person_id;
        if (row_add(db, entry, rows, error)) continue;
        json_decref(rows);
        return NULL;
    }
    return json_pack("{s:o, s:I, s:o}", "people", rows, "total", (json_int_t)total, "next",
                     json_id(more ? last : 0));
}

static bool people_get(Request *request, GError **error)
{
    const AskInput *input = request_query(request);
    People *people = request_context(request);
    g_autoptr(PermissionCount) count = people_permission_count(people, channel_of(input->channel),
                                                               topic_of(input->topic), NULL, error);
    Db *db = count ? store_reader_begin(people->store, error) : NULL;
    if (!db) return false;
    json_t *page = page_json(db, count, input, error);
    store_reader_end(people->store, db);
    return page && request_reply_json(request, 200, page);
}

/* ---- one person ---- */

static json_t *answer_json(const PermissionQuery *query, const Permission *answer)
{
    return json_pack("{s:s, s:s, s:I, s:b, s:s, s:o, s:o, s:o, s:o}", "channel", query->channel,
                     "topic", query->topic, "at", (json_int_t)query->at_ms, "may", (int)answer->may,
                     "reason", permission_reason_name(answer->reason), "address",
                     json_text(*answer->address ? answer->address : NULL), "expires_at",
                     json_time(answer->expires_at), "consent_id", json_id(answer->consent_id),
                     "attestation_id", json_id(answer->attestation_id));
}

static bool person_get(Request *request, GError **error)
{
    const AskInput *input = request_query(request);
    People *people = request_context(request);
    PermissionQuery query = {.person_id = request_path_id(request, "id"),
                             .channel = channel_of(input->channel),
                             .topic = topic_of(input->topic),
                             .at_ms = clock_now_ms()};
    Permission answer;
    Db *db = store_reader_begin(people->store, error);
    if (!db) return false;
    bool done = people_person(people, query.person_id) > 0
                    ? people_permission(people, db, &query, &answer, error)
                    : people_check(people, db, query.person_id, error);
    bool gone = done && answer.reason == PERMISSION_ERASED && !*answer.address;
    if (gone) done = people_check(people, db, query.person_id, error);
    store_reader_end(people->store, db);
    return done && request_reply_json(request, 200, answer_json(&query, &answer));
}

/* ---- laws ---- */

static json_t *law_json(const Law *law, const char *language, int64_t people)
{
    g_autofree char *text = law->id ? law_text(law, language) : NULL;
    json_t *term = law->expires_days ? json_integer(law->expires_days) : json_null();
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}", "country", law->country, "law",
                     json_text(law->id), "citation", json_text(law->citation), "expires_days", term,
                     "text", json_text(text), "people", (json_int_t)people);
}

static json_t *laws_json(const PermissionCount *count, const char *language)
{
    int64_t unknown = 0;
    g_autofree int64_t *people = g_new0(int64_t, law_count());
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        if (entry->reason != PERMISSION_NO_BASIS) continue;
        if (entry->law == LAW_NONE)
            unknown++;
        else
            people[entry->law]++;
    }
    json_t *laws = json_array();
    for (int i = 0; i < law_count(); i++)
        json_array_append_new(laws, law_json(law_at(i), language, people[i]));
    return json_pack("{s:o, s:I}", "laws", laws, "unknown_country", (json_int_t)unknown);
}

static bool laws_get(Request *request, GError **error)
{
    const AskInput *input = request_query(request);
    g_autoptr(PermissionCount) count = people_permission_count(
        request_context(request), channel_of(input->channel), topic_of(input->topic), NULL, error);
    return count && request_reply_json(request, 200, laws_json(count, input->language));
}

/* ---- what is sworn to ---- */

typedef struct Swear {
    People *people;
    const Actor *by;
    AttestationInput input;
    AttestationEnd end;
    int64_t id;
    char actor[ACTOR_TEXT_SIZE];
} Swear;

static bool swear_audit(Swear *swear, Db *db, const char *action, int64_t at, GError **error)
{
    const AttestationInput *input = &swear->input;
    json_t *detail = json_pack("{s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:b}", "basis", input->basis,
                               "channel", input->channel, "topic", input->topic, "law", input->law,
                               "country", input->country, "text", input->text, "unknown_country",
                               (int)input->unknown_country);
    char *text = input->text ? json_dumps(detail, JSON_COMPACT) : NULL;
    AuditEntry entry = {.audit_id = store_id_next(swear->people->store),
                        .at = at,
                        .by = swear->by,
                        .action = action,
                        .kind = "attestation",
                        .id = swear->id,
                        .detail = text};
    bool done = audit_add(db, &entry, error);
    free(text);
    json_decref(detail);
    return done;
}

static bool swear_run(Db *db, void *data, GError **error)
{
    Swear *swear = data;
    return people_attest(swear->people, db, &swear->input, &swear->id, error) &&
           swear_audit(swear, db, "permission.attest", swear->input.at, error);
}

static void swear_init(Swear *swear, Request *request)
{
    *swear = (Swear){.people = request_context(request), .by = request_actor(request)};
    actor_text(swear->by, swear->actor);
}

/* The counts as they are, and as they would be or have become. */
static bool attest_reply(Request *request, const Swear *swear, PermissionCount *before,
                         const Attestation *extra, GError **error)
{
    const AttestationInput *input = &swear->input;
    g_autoptr(PermissionCount) after =
        people_permission_count(swear->people, input->channel, before->topic, extra, error);
    if (!after) return false;
    json_t *reply = json_pack("{s:o, s:o, s:o}", "attestation_id", json_id(swear->id), "before",
                              count_json(before), "after", count_json(after));
    return request_reply_json(request, 200, reply);
}

static bool attest_post(Request *request, GError **error)
{
    const AttestBody *body = request_input(request);
    Swear swear;
    Attestation checked;
    swear_init(&swear, request);
    swear.input = (AttestationInput){.basis = body->basis,
                                     .channel = channel_of(body->channel),
                                     .topic = topic_of(body->topic),
                                     .law = body->law,
                                     .country = body->country,
                                     .text = body->text,
                                     .unknown_country = body->unknown_country,
                                     .actor = swear.actor,
                                     .at = clock_now_ms()};
    if (!attestation_check(&swear.input, &checked, error)) return false;
    const char *topic = g_str_equal(swear.input.topic, "*") ? PERMISSION_TOPIC : swear.input.topic;
    g_autoptr(PermissionCount) before =
        people_permission_count(swear.people, swear.input.channel, topic, NULL, error);
    if (!before) return false;
    if (body->dry_run) return attest_reply(request, &swear, before, &checked, error);
    Writer *writer = store_writer(swear.people->store);
    return writer_call(writer, WRITER_REST, swear_run, &swear, error) &&
           attest_reply(request, &swear, before, NULL, error);
}

static bool end_run(Db *db, void *data, GError **error)
{
    Swear *swear = data;
    return people_attestation_end(swear->people, db, &swear->end, error) &&
           swear_audit(swear, db, "permission.attest.end", swear->end.at, error);
}

static bool attestation_delete(Request *request, GError **error)
{
    Swear swear;
    swear_init(&swear, request);
    swear.id = request_path_id(request, "id");
    swear.end = (AttestationEnd){swear.id, swear.actor, clock_now_ms()};
    Writer *writer = store_writer(swear.people->store);
    return writer_call(writer, WRITER_HANDOVER, end_run, &swear, error) &&
           request_reply_empty(request, 204);
}

static json_t *attestation_json(const AttestationListRow *row)
{
    const Law *law = law_at(law_country(slice_of(row->country)));
    int64_t ended_at = row->ended_at.set ? row->ended_at.value : 0;
    return json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:s, s:b, s:s, s:s, s:I, s:o, s:o}", "id",
                     json_id(row->attestation_id), "basis", row->basis, "channel", row->channel,
                     "topic", row->topic, "law", row->law, "citation",
                     json_text(law ? law->citation : NULL), "country", row->country,
                     "unknown_country", (int)(row->unknown_country != 0), "text", row->text,
                     "actor", row->actor, "at", (json_int_t)row->at, "ended_at",
                     json_time(ended_at), "ended_by", json_text(row->ended_by));
}

static bool attestations_get(Request *request, GError **error)
{
    People *people = request_context(request);
    Db *db = store_reader_begin(people->store, error);
    if (!db) return false;
    json_t *list = json_array();
    AttestationListRow row;
    g_auto(DbCursor) cursor = {0};
    bool done = sql_attestation_list_open(db, &cursor, error);
    while (done && sql_attestation_list_next(&cursor, &row))
        json_array_append_new(list, attestation_json(&row));
    done = done && db_cursor_finish(&cursor, error);
    store_reader_end(people->store, db);
    json_t *reply = json_pack("{s:o}", "attestations", list);
    if (done) return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

/* ---- the table ---- */

static const Route routes[] = {
    {"GET", "/api/permission", SCOPE_USER, .query = &count_input, .reply = &count_reply,
     .handle = count_get, .summary = "How many may be written to, and why the others may not"},
    {"GET", "/api/permission/people", SCOPE_USER, .query = &people_input, .reply = &page_reply,
     .handle = people_get, .summary = "The people behind each reason"},
    {"GET", "/api/people/{id}/permission", SCOPE_USER, .query = &count_input,
     .reply = &answer_reply, .handle = person_get,
     .summary = "May this person be written to now, where, and if not why not"},
    {"GET", "/api/permission/laws", SCOPE_USER, .query = &laws_input, .reply = &laws_reply,
     .handle = laws_get, .summary = "Under which law customers may be written to, by country"},
    {"POST", "/api/permission/attest", SCOPE_USER, .request = &attest_input,
     .reply = &attested_reply, .handle = attest_post,
     .summary = "Confirm what permits writing to existing customers"},
    {"GET", "/api/permission/attestations", SCOPE_USER, .reply = &attestations_reply,
     .handle = attestations_get, .summary = "What was confirmed, by whom and when"},
    {"DELETE", "/api/permission/attestations/{id}", SCOPE_USER, .handle = attestation_delete,
     .summary = "Take a confirmation back"},
};

void people_add_permission_routes(Server *server, People *people)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), people);
}
