#include "people/personal.h"

#include "people/consent_sql.h"
#include "people/erase_sql.h"
#include "people/json.h"
#include "people/list_sql.h"
#include "people/people_state.h"
#include "people/person_sql.h"
#include "people/resolve_sql.h"
#include "people/summary_sql.h"
#include "people/trait_sql.h"

void people_set_domains(People *people, const PeopleDomains *domains)
{
    people->domains = *domains;
}

/* ---- erasing: visitors (negative stems) have no rows here ---- */

static bool identity_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                           GError **error)
{
    (void)db, (void)stem, (void)rows_max, (void)error;
    *ret_changed = 0; /* people_erase deleted them by value, before the answer */
    return true;
}

#define ERASE_CALL(function, call, Params)                                                         \
    static bool function(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,             \
                         GError **error)                                                           \
    {                                                                                              \
        *ret_changed = 0;                                                                          \
        if (stem < 0) return true;                                                                 \
        return call(db, &(Params){stem, rows_max}, ret_changed, error);                            \
    }

ERASE_CALL(person_identity_erase, sql_erase_person_identity, ErasePersonIdentityParams)
ERASE_CALL(trait_erase, sql_erase_trait, EraseTraitParams)
ERASE_CALL(consent_erase, sql_erase_consent, EraseConsentParams)
ERASE_CALL(note_erase, sql_erase_note, EraseNoteParams)
ERASE_CALL(tag_erase, sql_erase_tag, EraseTagParams)

static bool summary_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                          GError **error)
{
    (void)rows_max;
    return sql_erase_summary(db, &(EraseSummaryParams){stem}, ret_changed, error);
}

/* A visitor's link goes on the answer (erase.c); one that is there later was made since: the device
 * was identified anew and is somebody else's now. */
static bool link_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError **error)
{
    (void)rows_max;
    if (stem < 0) return true;
    return sql_erase_links(db, &(EraseLinksParams){stem}, ret_changed, error);
}

/* ---- exporting ---- */

static bool identity_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    PersonIdentityListParams params = {stem};
    PersonIdentityListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_list_open(db, &params, &cursor, error)) return false;
    while (sql_person_identity_list_next(&cursor, &row))
        json_array_append_new(rows, json_pack("{s:o, s:s, s:s, s:o, s:I, s:s, s:I, s:I}",
                                              "person_id", json_id(stem), "kind", row.kind, "value",
                                              row.value, "source_id", json_id(row.source_id),
                                              "trust", (json_int_t)row.trust, "state", row.state,
                                              "first_seen_at", (json_int_t)row.first_seen_at,
                                              "last_seen_at", (json_int_t)row.last_seen_at));
    return db_cursor_finish(&cursor, error);
}

static bool trait_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    TraitAllParams params = {stem};
    TraitAllRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_trait_all_open(db, &params, &cursor, error)) return false;
    while (sql_trait_all_next(&cursor, &row)) {
        json_t *value = json_loads(row.value, JSON_DECODE_ANY, NULL);
        json_array_append_new(
            rows,
            json_pack("{s:o, s:s, s:o, s:o, s:I, s:b, s:I, s:I}", "person_id", json_id(stem),
                      "name", row.name, "value", value ? value : json_string(row.value),
                      "source_id", json_id(row.source_id), "trust", (json_int_t)row.trust,
                      "confirmed", (int)(row.confirmed != 0), "occurred_at",
                      (json_int_t)row.occurred_at, "received_at", (json_int_t)row.received_at));
    }
    return db_cursor_finish(&cursor, error);
}

static bool consent_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ConsentOfPersonParams params = {stem};
    ConsentOfPersonRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_consent_of_person_open(db, &params, &cursor, error)) return false;
    while (sql_consent_of_person_next(&cursor, &row)) {
        json_t *one = json_pack(
            "{s:o, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:b, s:I, s:I, s:o}", "person_id",
            json_id(stem), "consent_id", json_id(row.consent_id), "channel", row.channel, "topic",
            row.topic, "state", row.state, "basis", row.basis, "text", json_text(row.text), "proof",
            json_text(row.proof), "actor", row.actor, "by_person", (int)(row.by_person != 0),
            "occurred_at", (json_int_t)row.occurred_at, "received_at", (json_int_t)row.received_at,
            "expires_at", json_time(row.expires_at.set ? row.expires_at.value : 0));
        json_object_set_new(one, "of_one_address", json_boolean(row.address_hash.data != NULL));
        json_array_append_new(rows, one);
    }
    return db_cursor_finish(&cursor, error);
}

static bool note_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    NoteListParams params = {stem};
    NoteListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_note_list_open(db, &params, &cursor, error)) return false;
    while (sql_note_list_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:o, s:s, s:s, s:I}", "person_id", json_id(stem),
                                        "note_id", json_id(row.note_id), "body", row.body, "author",
                                        row.author, "at", (json_int_t)row.at));
    return db_cursor_finish(&cursor, error);
}

static bool tag_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    TagListParams params = {stem};
    TagListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_tag_list_open(db, &params, &cursor, error)) return false;
    while (sql_tag_list_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:s, s:s, s:I}", "person_id", json_id(stem), "tag",
                                        row.tag, "author", row.author, "at", (json_int_t)row.at));
    return db_cursor_finish(&cursor, error);
}

static bool summary_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    SummaryFindParams params = {stem};
    SummaryFindRow row;
    bool found;
    if (!sql_summary_find(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    json_array_append_new(rows,
                          json_pack("{s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:I}", "person_id",
                                    json_id(stem), "name", json_text(row.name), "email",
                                    json_text(row.email), "phone", json_text(row.phone), "country",
                                    json_text(row.country), "search", row.search, "sort_name",
                                    row.sort_name, "created_at", (json_int_t)row.created_at));
    return true;
}

static bool link_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportLinksParams params = {stem};
    ExportLinksRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_export_links_open(db, &params, &cursor, error)) return false;
    while (sql_export_links_next(&cursor, &row)) {
        int64_t ended = row.ended_at.set ? row.ended_at.value : 0;
        char text[32];
        g_snprintf(text, sizeof text, "%" G_GINT64_FORMAT, stem);
        json_array_append_new(rows, json_pack("{s:s, s:o, s:I, s:o}", "stem", text, "person_id",
                                              json_id(row.person_id), "at", (json_int_t)row.at,
                                              "ended_at", json_time(ended)));
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- the table ---- */

#define COLUMNS(...) ((const PersonalColumn[]){__VA_ARGS__, {NULL}})

const PersonalTable people_personal[] = {
    {"identity", NULL, "person_id", COLUMNS({"value", "look-up: the identity in normal form"}),
     identity_erase, NULL},
    {"person_identity", "identities", "person_id",
     COLUMNS({"value", "user id, device id, e-mail address, telephone number"}),
     person_identity_erase, identity_export},
    {"person_summary", "summary", "person_id",
     COLUMNS({"name", "name as shown"}, {"email", "address as shown"}, {"phone", "number as shown"},
             {"country", "country as shown"}, {"search", "all of these, folded for search"},
             {"sort_name", "the name, folded for sorting"}),
     summary_erase, summary_export},
    {"trait", "traits", "person_id", COLUMNS({"value", "a fact about the person, as JSON"}),
     trait_erase, trait_export},
    {"consent", "consents", "person_id",
     COLUMNS({"proof", "how the permission is proved"}, {"text", "the text that was shown"}),
     consent_erase, consent_export},
    {"note", "notes", "person_id", COLUMNS({"body", "what somebody of the business noted"}),
     note_erase, note_export},
    {"person_tag", "tags", "person_id", COLUMNS({"tag", "a word the business put on the person"}),
     tag_erase, tag_export},
    {"person_link", "links", "stem", COLUMNS({"stem", "a device or person that is this person"}),
     link_erase, link_export},
    {NULL},
};
