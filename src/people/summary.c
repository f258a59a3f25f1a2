#include "people/summary.h"

#include <jansson.h>
#include <string.h>

#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "people/summary_sql.h"
#include "people/trait.h"
#include "store/changes.h"

void summary_clear(Summary *summary)
{
    g_free(summary->name);
    g_free(summary->email);
    g_free(summary->phone);
    g_free(summary->country);
    g_free(summary->search);
    g_free(summary->sort_name);
    *summary = (Summary){0};
}

char *people_fold(const char *text)
{
    if (g_str_is_ascii(text)) return g_ascii_strdown(text, -1);
    g_autofree char *plain = g_utf8_normalize(text, -1, G_NORMALIZE_ALL);
    if (!plain) return g_strdup("");
    GString *bare = g_string_new(NULL);
    for (const char *c = plain; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (!g_unichar_ismark(letter)) g_string_append_unichar(bare, letter);
    }
    char *folded = g_utf8_casefold(bare->str, -1);
    g_string_free(bare, TRUE);
    return folded;
}

/* What a summary is made of, as gathered from traits and identities. */
typedef struct Parts {
    char *name, *first, *last, *email, *phone, *country;
    int email_rank, phone_rank; /* of an identity's claim; the highest wins */
    char *email_claim, *phone_claim;
    GString *search;
    People *people;
    Db *db;
} Parts;

static void parts_clear(Parts *parts)
{
    g_free(parts->name);
    g_free(parts->first);
    g_free(parts->last);
    g_free(parts->email);
    g_free(parts->phone);
    g_free(parts->country);
    g_free(parts->email_claim);
    g_free(parts->phone_claim);
    if (parts->search) g_string_free(parts->search, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parts, parts_clear)

/* ---- from traits ---- */

/* Traits that make the row, as the Segment spec and shops name them. */
static const struct {
    const char *trait;
    size_t offset;
} places[] = {
    {"name", offsetof(Parts, name)},           {"firstName", offsetof(Parts, first)},
    {"first_name", offsetof(Parts, first)},    {"lastName", offsetof(Parts, last)},
    {"last_name", offsetof(Parts, last)},      {"email", offsetof(Parts, email)},
    {"phone", offsetof(Parts, phone)},         {"country", offsetof(Parts, country)},
    {"countryCode", offsetof(Parts, country)},
};

static void part_set(char **part, const char *text)
{
    if (*part || !text) return;
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    if (*trimmed) *part = g_steal_pointer(&trimmed);
}

static const char *address_country(json_t *address)
{
    const char *code = json_string_value(json_object_get(address, "countryCode"));
    return code ? code : json_string_value(json_object_get(address, "country"));
}

static void trait_take(Parts *parts, const Trait *trait)
{
    json_t *value = json_loads(trait->json, JSON_DECODE_ANY, NULL);
    if (g_str_equal(trait->name, "address")) part_set(&parts->country, address_country(value));
    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        if (!g_str_equal(trait->name, places[i].trait)) continue;
        part_set((char **)(void *)((char *)parts + places[i].offset), json_string_value(value));
    }
    json_decref(value);
}

static bool traits_take(Parts *parts, int64_t person_id, GError **error)
{
    g_autoptr(GPtrArray) traits =
        people_traits_load(parts->people, parts->db, TRAITS_NOW(person_id), error);
    if (!traits) return false;
    for (guint i = 0; i < traits->len; i++) {
        const Trait *trait = traits->pdata[i];
        if (!trait->unconfirmed) trait_take(parts, trait);
    }
    return true;
}

/* ---- from identities ---- */

static int claim_rank(const PersonIdentityListRow *row)
{
    bool confirmed = g_str_equal(row->state, identity_state_name(IDENTITY_CONFIRMED));
    return (confirmed ? 1000 : 1) + (int)row->trust;
}

static void claim_keep(char **claim, int *claim_best, const PersonIdentityListRow *row)
{
    int rank = claim_rank(row);
    if (rank < *claim_best) return;
    *claim_best = rank;
    g_free(*claim);
    *claim = g_strdup(row->value);
}

static void search_add(Parts *parts, const char *text)
{
    if (!text || parts->search->len > SUMMARY_SEARCH_MAX) return;
    g_autofree char *folded = people_fold(text);
    if (parts->search->len) g_string_append_c(parts->search, ' ');
    g_string_append(parts->search, folded);
}

static void identity_take(Parts *parts, const PersonIdentityListRow *row)
{
    switch (identity_kind_parse(row->kind)) {
    case IDENTITY_EMAIL:
        claim_keep(&parts->email_claim, &parts->email_rank, row);
        search_add(parts, row->value);
        return;
    case IDENTITY_PHONE:
        claim_keep(&parts->phone_claim, &parts->phone_rank, row);
        search_add(parts, row->value);
        return;
    case IDENTITY_USER_ID:
        search_add(parts, row->value);
        return;
    case IDENTITY_ANONYMOUS_ID:
    case IDENTITY_KIND_END:
        return;
    }
}

static bool stem_identities(Parts *parts, int64_t stem, GError **error)
{
    PersonIdentityListParams params = {stem};
    PersonIdentityListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_list_open(parts->db, &params, &cursor, error)) return false;
    while (sql_person_identity_list_next(&cursor, &row))
        identity_take(parts, &row);
    return db_cursor_finish(&cursor, error);
}

static int stem_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* Oldest stem first: the row must not depend on the order in which links are in memory. */
static bool identities_take(Parts *parts, int64_t person_id, GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(parts->people, person_id, stems);
    g_array_sort(stems, stem_compare);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !stem_identities(parts, stem, error)) return false;
    }
    return true;
}

/* ---- the row ---- */

static char *full_name(const Parts *parts)
{
    if (parts->name) return g_strdup(parts->name);
    if (parts->first && parts->last) return g_strdup_printf("%s %s", parts->first, parts->last);
    return g_strdup(parts->first ? parts->first : parts->last);
}

/* The address of the traits when it is one, else the best claim. */
static char *best_address(IdentityKind kind, const char *trait, const char *claim)
{
    IdentityValue value;
    if (trait && identity_normalize(kind, slice_of(trait), &value) == IDENTITY_USABLE)
        return g_strdup(value.text);
    return g_strdup(claim);
}

static void summary_make(Parts *parts, Summary *summary)
{
    *summary = (Summary){
        .name = full_name(parts),
        .email = best_address(IDENTITY_EMAIL, parts->email, parts->email_claim),
        .phone = best_address(IDENTITY_PHONE, parts->phone, parts->phone_claim),
        .country = g_steal_pointer(&parts->country),
    };
    const char *sorted = summary->name ? summary->name : summary->email;
    summary->sort_name = people_fold(sorted ? sorted : SUMMARY_NAMELESS);
    if (summary->name) {
        g_string_prepend_c(parts->search, ' ');
        g_autofree char *folded = people_fold(summary->name);
        g_string_prepend(parts->search, folded);
    }
    summary->search = g_string_free(g_steal_pointer(&parts->search), FALSE);
}

bool people_summary_compute(People *people, Db *db, int64_t person_id, Summary *ret_summary,
                            GError **error)
{
    g_auto(Parts) parts = {.people = people, .db = db, .search = g_string_new(NULL)};
    if (!identities_take(&parts, person_id, error)) return false;
    if (!traits_take(&parts, person_id, error)) return false;
    summary_make(&parts, ret_summary);
    bool merged = people_person(people, person_id) != person_id;
    ret_summary->listed = !merged && !people_is_erased(people, person_id);
    return true;
}

static bool summary_store(Db *db, const Summary *summary, const SummaryBegin *whose, GError **error)
{
    SummaryPutParams params = {
        .person_id = whose->person_id,
        .name = summary->name,
        .email = summary->email,
        .phone = summary->phone,
        .country = summary->country,
        .search = summary->search,
        .sort_name = summary->sort_name,
        .listed = summary->listed,
        .created_at = whose->created_at,
    };
    return sql_summary_put(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_PERSON, whose->person_id, error);
}

bool people_summary_begin(People *people, Db *db, const SummaryBegin *begin, GError **error)
{
    g_auto(Parts) parts = {.people = people, .db = db, .search = g_string_new(NULL)};
    g_auto(Summary) summary = {0};
    search_add(&parts, begin->user_id);
    summary_make(&parts, &summary);
    summary.listed = true;
    return summary_store(db, &summary, begin, error);
}

bool people_summary_refresh(People *people, Db *db, int64_t person_id, GError **error)
{
    PersonFindParams find = {person_id};
    PersonFindRow person;
    bool found;
    if (!sql_person_find(db, &find, &person, &found, error)) return false;
    if (!found) return true; /* another process has not committed it yet */
    g_auto(Summary) summary = {0};
    if (!people_summary_compute(people, db, person_id, &summary, error)) return false;
    summary.listed = summary.listed && !person.erased_at.set;
    SummaryBegin whose = {.person_id = person_id, .created_at = person.created_at};
    return summary_store(db, &summary, &whose, error);
}
