#include <string.h>

#include "people/consent.h"
#include "people/json.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/person.h"
#include "people/person_sql.h"
#include "people/resolve_sql.h"
#include "people/summary_sql.h"
#include "people/trait.h"

/* The page of one person while it is made. */
typedef struct Profile {
    People *people;
    Db *db;
    int64_t person_id;
    GArray *stems;
    json_t *page;
} Profile;

static json_t *source_json(Db *db, int64_t source_id)
{
    ProfileSourceParams params = {source_id};
    ProfileSourceRow row;
    bool found = false;
    if (!sql_profile_source(db, &params, &row, &found, NULL) || !found) {
        if (source_id == SOURCE_ID_HAND) return json_string("hand");
        return json_sprintf("source %" JSON_INTEGER_FORMAT, (json_int_t)source_id);
    }
    return json_string(row.name);
}

/* Runs `add` for every stem that is a person. */
static bool stems_each(Profile *profile, json_t *rows,
                       bool (*add)(Profile *, int64_t stem, json_t *rows, GError **),
                       GError **error)
{
    for (guint i = 0; i < profile->stems->len; i++) {
        int64_t stem = g_array_index(profile->stems, int64_t, i);
        if (stem > 0 && !add(profile, stem, rows, error)) return false;
    }
    return true;
}

static bool identities_add(Profile *profile, int64_t stem, json_t *rows, GError **error)
{
    PersonIdentityListParams params = {stem};
    PersonIdentityListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_list_open(profile->db, &params, &cursor, error)) return false;
    while (sql_person_identity_list_next(&cursor, &row)) {
        const char *value = row.value;
        bool visitor = identity_kind_parse(row.kind) == IDENTITY_ANONYMOUS_ID;
        if (visitor && strchr(value, ':')) value = strchr(value, ':') + 1;
        json_array_append_new(
            rows,
            json_pack("{s:s, s:s, s:o, s:s, s:I, s:I}", "kind", row.kind, "value", value, "source",
                      source_json(profile->db, row.source_id), "state", row.state, "first_seen_at",
                      (json_int_t)row.first_seen_at, "last_seen_at", (json_int_t)row.last_seen_at));
    }
    return db_cursor_finish(&cursor, error);
}

static bool notes_add(Profile *profile, int64_t stem, json_t *rows, GError **error)
{
    NoteListParams params = {stem};
    NoteListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_note_list_open(profile->db, &params, &cursor, error)) return false;
    while (sql_note_list_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:s, s:s, s:I}", "id", json_id(row.note_id), "body",
                                        row.body, "author", row.author, "at", (json_int_t)row.at));
    return db_cursor_finish(&cursor, error);
}

/* The merge behind a link; nothing for the link of a visitor. */
static bool link_json(Db *db, int64_t merge_id, int64_t other, json_t *rows, GError **error)
{
    MergeFindParams params = {merge_id};
    MergeFindRow row = {0};
    bool found;
    if (!sql_merge_find(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    int64_t undone = row.undone_at.set ? row.undone_at.value : 0;
    json_array_append_new(rows, json_pack("{s:o, s:o, s:I, s:s, s:s, s:o}", "merge_id",
                                          json_id(merge_id), "other", json_id(other), "at",
                                          (json_int_t)row.at, "actor", row.actor, "reason",
                                          row.reason, "undone_at", json_time(undone)));
    return true;
}

static bool links_of_stem(Profile *profile, int64_t stem, json_t *rows, GError **error)
{
    ProfileLinksParams params = {stem};
    ProfileLinksRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_profile_links_open(profile->db, &params, &cursor, error)) return false;
    while (sql_profile_links_next(&cursor, &row)) {
        int64_t other = stem == profile->person_id ? row.person_id : stem;
        if (!link_json(profile->db, row.merge_id, other, rows, error)) return false;
    }
    return db_cursor_finish(&cursor, error);
}

static bool traits_add(Profile *profile, GError **error)
{
    g_autoptr(GPtrArray) traits =
        people_traits_load(profile->people, profile->db, TRAITS_NOW(profile->person_id), error);
    if (!traits) return false;
    json_t *rows = json_array();
    json_object_set_new(profile->page, "traits", rows);
    for (guint i = 0; i < traits->len; i++) {
        const Trait *trait = traits->pdata[i];
        json_t *value = json_loads(trait->json, JSON_DECODE_ANY, NULL);
        json_array_append_new(rows, json_pack("{s:s, s:o, s:o, s:s, s:I, s:I, s:b}", "name",
                                              trait->name, "value", value ? value : json_null(),
                                              "source", source_json(profile->db, trait->source_id),
                                              "trust", trust_name(trait->trust), "occurred_at",
                                              (json_int_t)trait->occurred_at, "received_at",
                                              (json_int_t)trait->received_at, "unconfirmed",
                                              (int)trait->unconfirmed));
    }
    return true;
}

/* The address a consent row speaks of, if the person still has it. */
static json_t *consent_address(Profile *profile, const Consent *consent)
{
    json_t *identities = json_object_get(profile->page, "identities"), *identity;
    size_t index;
    if (!consent->has_address) return json_null();
    json_array_foreach(identities, index, identity)
    {
        const char *value = json_string_value(json_object_get(identity, "value"));
        const char *kind = json_string_value(json_object_get(identity, "kind"));
        uint8_t hash[CONSENT_HASH_SIZE];
        people_address_hash(profile->people, identity_kind_parse(kind), slice_of(value), hash);
        if (memcmp(hash, consent->address_hash, sizeof hash) == 0) return json_string(value);
    }
    return json_null();
}

static bool consents_add(Profile *profile, GError **error)
{
    g_autoptr(GPtrArray) consents =
        people_consents_load(profile->people, profile->db, profile->person_id, error);
    if (!consents) return false;
    json_t *rows = json_array();
    json_object_set_new(profile->page, "consents", rows);
    for (guint i = 0; i < consents->len; i++) {
        const Consent *row = consents->pdata[i];
        json_array_append_new(
            rows, json_pack("{s:o, s:s, s:s, s:s, s:s, s:o, s:I, s:o, s:o, s:o, s:o, s:s, s:b}",
                            "id", json_id(row->consent_id), "channel", row->channel, "topic",
                            row->topic, "state", consent_state_name(row->state), "basis",
                            row->basis, "source", source_json(profile->db, row->source_id),
                            "occurred_at", (json_int_t)row->occurred_at, "expires_at",
                            json_time(row->expires_at), "text", json_text(row->text), "proof",
                            json_text(row->proof), "address", consent_address(profile, row),
                            "actor", row->actor, "by_person", (int)row->by_person));
    }
    return true;
}

static void figures_add(Profile *profile)
{
    PersonFigures figures;
    if (!people_figures(profile->people, profile->person_id, &figures)) {
        json_object_set_new(profile->page, "figures", json_null());
        return;
    }
    json_object_set_new(profile->page, "figures",
                        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o}", "orders",
                                  (json_int_t)figures.orders, "spent",
                                  json_money(figures.spent_minor, figures.currency), "net",
                                  json_money(figures.net_minor, figures.currency), "first_order_at",
                                  json_time(figures.first_order_at), "last_order_at",
                                  json_time(figures.last_order_at), "median_gap_days",
                                  json_days(figures.median_gap_days), "quiet_days",
                                  json_days(figures.quiet_days), "quiet", (int)figures.quiet,
                                  "next_expected_at", json_time(figures.next_expected_at)));
}

static bool head_add(Profile *profile, GError **error)
{
    SummaryFindParams params = {profile->person_id};
    SummaryFindRow row = {0};
    bool found;
    if (!sql_summary_find(profile->db, &params, &row, &found, error)) return false;
    json_object_set_new(profile->page, "id", json_id(profile->person_id));
    json_object_set_new(profile->page, "name", json_text(row.name));
    json_object_set_new(profile->page, "email", json_text(row.email));
    json_object_set_new(profile->page, "phone", json_text(row.phone));
    json_object_set_new(profile->page, "country", json_text(row.country));
    json_object_set_new(profile->page, "created_at", json_time(row.created_at));
    json_object_set_new(profile->page, "merged_into", json_null());
    return true;
}

/* The person's own zone, when a trait says so. */
static void zone_add(Profile *profile)
{
    static const char *const names[] = {"timezone", "time_zone", "zone"};
    json_t *traits = json_object_get(profile->page, "traits"), *trait, *zone = NULL;
    size_t index;
    json_array_foreach(traits, index, trait)
    {
        const char *name = json_string_value(json_object_get(trait, "name"));
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
            if (g_strcmp0(name, names[i]) == 0) zone = json_object_get(trait, "value");
    }
    json_object_set(profile->page, "local_zone", zone ? zone : json_null());
}

static bool part_add(Profile *profile, const char *name,
                     bool (*add)(Profile *, int64_t stem, json_t *rows, GError **), GError **error)
{
    json_t *rows = json_array();
    json_object_set_new(profile->page, name, rows);
    return stems_each(profile, rows, add, error);
}

static bool profile_make(Profile *profile, GError **error)
{
    if (!head_add(profile, error)) return false;
    if (!part_add(profile, "identities", identities_add, error)) return false;
    if (!traits_add(profile, error) || !consents_add(profile, error)) return false;
    if (!part_add(profile, "notes", notes_add, error)) return false;
    if (!part_add(profile, "links", links_of_stem, error)) return false;
    json_t *tags = people_tags_json(profile->people, profile->db, profile->person_id, error);
    if (!tags) return false;
    json_object_set_new(profile->page, "tags", tags);
    figures_add(profile);
    zone_add(profile);
    return true;
}

json_t *people_profile_json(People *people, Db *db, int64_t person_id, GError **error)
{
    int64_t root = person_id > 0 ? people_person(people, person_id) : 0;
    if (root > 0 && root != person_id && people_check(people, db, root, NULL))
        return json_pack("{s:o, s:o}", "id", json_id(person_id), "merged_into", json_id(root));
    if (!people_check(people, db, person_id, error)) return NULL;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    Profile profile = {people, db, person_id, stems, json_object()};
    if (profile_make(&profile, error)) return profile.page;
    json_decref(profile.page);
    return NULL;
}
