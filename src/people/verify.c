#include "people/verify.h"

#include <string.h>

#include "base/clock.h"
#include "people/consent.h"
#include "people/consent_sql.h"
#include "people/law.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "people/summary.h"
#include "people/summary_sql.h"
#include "people/verify_sql.h"
#include "store/store.h"

enum { VERIFY_ROWS = 2000 };

typedef struct Verify {
    People *people;
    Findings *findings;
    Db *db;
    int64_t rows;          /* of the chunk at hand */
    int64_t first, second; /* where the next chunk begins */
    char kind[CONSENT_WORD_MAX + 1], value[IDENTITY_VALUE_MAX + 32];
    uint8_t hash[CONSENT_HASH_SIZE];
    int64_t identities; /* counted */
    int64_t links;
} Verify;

/* Ids in messages, as the API writes them. */
#define ID "%" G_GINT64_FORMAT

static void place_keep(Verify *verify, const char *kind, const char *value)
{
    g_strlcpy(verify->kind, kind, sizeof verify->kind);
    g_strlcpy(verify->value, value, sizeof verify->value);
}

/* Whether the person exists and was not erased. */
static bool alive(Verify *verify, int64_t person_id, bool *ret_alive, GError **error)
{
    PersonFindParams params = {person_id};
    PersonFindRow row = {0};
    bool found;
    if (!sql_person_find(verify->db, &params, &row, &found, error)) return false;
    *ret_alive = found && !row.erased_at.set;
    return true;
}

/* ---- identities ---- */

static bool identity_check(Verify *verify, const VerifyIdentitiesRow *row, GError **error)
{
    bool found, lives;
    VerifyMirrorParams params = {row->person_id, row->kind, row->value};
    VerifyMirrorRow mirror = {0};
    if (!sql_verify_mirror(verify->db, &params, &mirror, &found, error)) return false;
    if (!alive(verify, row->person_id, &lives, error)) return false;
    bool confirmed = found && g_str_equal(mirror.state, identity_state_name(IDENTITY_CONFIRMED));
    IdentityKind kind = identity_kind_parse(row->kind);
    if (!found)
        findings_add(verify->findings, "person " ID ": a %s has no mirror", row->person_id,
                     row->kind);
    if (!lives)
        findings_add(verify->findings, "person " ID ": a %s of nobody", row->person_id, row->kind);
    if (found && confirmed != (row->confirmed != 0))
        findings_add(verify->findings, "person " ID ": a %s and its mirror differ", row->person_id,
                     row->kind);
    if (kind == IDENTITY_KIND_END || strlen(row->value) > IDENTITY_VALUE_MAX) {
        findings_add(verify->findings, "person " ID ": an identity of no known kind",
                     row->person_id);
        return true;
    }
    bool memory_confirmed;
    Hash128 hash = people_identity_hash(verify->people, kind, slice_of(row->value));
    int64_t stem = people_identity_stem(verify->people, hash, &memory_confirmed);
    if (stem != row->person_id || memory_confirmed != (row->confirmed != 0))
        findings_add(verify->findings, "person " ID ": memory differs about a %s", row->person_id,
                     row->kind);
    return true;
}

static bool identities_chunk(Verify *verify, GError **error)
{
    VerifyIdentitiesParams params = {verify->kind, verify->value, VERIFY_ROWS};
    VerifyIdentitiesRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_identities_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_identities_next(&cursor, &row); verify->rows++) {
        verify->identities++;
        if (!identity_check(verify, &row, error)) return false;
        place_keep(verify, row.kind, row.value);
    }
    return db_cursor_finish(&cursor, error);
}

static bool mirror_check(Verify *verify, const VerifyMirrorsRow *row, GError **error)
{
    if (identity_kind_parse(row->kind) == IDENTITY_ANONYMOUS_ID) return true;
    IdentityFindParams params = {row->kind, row->value};
    IdentityFindRow found_row = {0};
    bool found;
    if (!sql_identity_find(verify->db, &params, &found_row, &found, error)) return false;
    if (!found || found_row.person_id != row->person_id)
        findings_add(verify->findings, "person " ID ": a %s cannot be looked up", row->person_id,
                     row->kind);
    return true;
}

static bool mirrors_chunk(Verify *verify, GError **error)
{
    VerifyMirrorsParams params = {verify->first, verify->kind, verify->value, VERIFY_ROWS};
    VerifyMirrorsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_mirrors_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_mirrors_next(&cursor, &row); verify->rows++) {
        if (!people_is_erased(verify->people, row.person_id) && !mirror_check(verify, &row, error))
            return false;
        verify->first = row.person_id;
        place_keep(verify, row.kind, row.value);
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- links ---- */

static bool link_check(Verify *verify, const VerifyLinksRow *row, GError **error)
{
    MergeFindParams params = {row->merge_id};
    MergeFindRow merge = {0};
    bool found, lives, open = !row->ended_at.set;
    if (!sql_merge_find(verify->db, &params, &merge, &found, error)) return false;
    if (row->stem > 0 && (!found || merge.undone_at.set == open))
        findings_add(verify->findings, "merge " ID " and its link differ", row->merge_id);
    if (!open) return true;
    verify->links++;
    if (links_parent(verify->people->links, row->stem) != row->person_id)
        findings_add(verify->findings, "stem " ID ": memory differs about its link", row->stem);
    if (links_person(verify->people->links, row->stem) <= 0)
        findings_add(verify->findings, "stem " ID " leads to nobody", row->stem);
    if (!alive(verify, row->person_id, &lives, error)) return false;
    if (!lives) findings_add(verify->findings, "stem " ID " hangs on nobody", row->stem);
    return true;
}

static bool links_chunk(Verify *verify, GError **error)
{
    VerifyLinksParams params = {verify->first, verify->second, VERIFY_ROWS};
    VerifyLinksRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_links_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_links_next(&cursor, &row); verify->rows++) {
        if (!link_check(verify, &row, error)) return false;
        verify->first = row.stem;
        verify->second = row.merge_id;
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- summaries ---- */

/* Somebody who was merged away keeps a row that is brought up to date when the merge is undone. */
static bool summary_equal(const Summary *want, const SummaryFindRow *row)
{
    if (!want->listed) return row->listed == 0;
    return g_strcmp0(want->name, row->name) == 0 && g_strcmp0(want->email, row->email) == 0 &&
           g_strcmp0(want->phone, row->phone) == 0 && g_strcmp0(want->country, row->country) == 0 &&
           g_strcmp0(want->search, row->search) == 0 &&
           g_strcmp0(want->sort_name, row->sort_name) == 0 && row->listed != 0;
}

static bool person_check(Verify *verify, const VerifyPeopleRow *person, GError **error)
{
    SummaryFindParams params = {person->person_id};
    SummaryFindRow row;
    bool found;
    g_auto(Summary) want = {0};
    if (!sql_summary_find(verify->db, &params, &row, &found, error)) return false;
    if (person->erased_at.set) {
        if (found)
            findings_add(verify->findings, "person " ID " was erased and has a summary",
                         person->person_id);
        return true;
    }
    if (!people_summary_compute(verify->people, verify->db, person->person_id, &want, error))
        return false;
    /* The id of a lost claim has no names and no row: harmless (people/README.md). */
    if (!found && !*want.search) return true;
    if (!found || !summary_equal(&want, &row))
        findings_add(verify->findings, "person " ID ": the summary is out of date",
                     person->person_id);
    return true;
}

static bool people_chunk(Verify *verify, GError **error)
{
    VerifyPeopleParams params = {verify->first, VERIFY_ROWS};
    VerifyPeopleRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_people_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_people_next(&cursor, &row); verify->rows++) {
        if (!person_check(verify, &row, error)) return false;
        verify->first = row.person_id;
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- consent ---- */

static bool consents_chunk(Verify *verify, GError **error)
{
    VerifyConsentsParams params = {verify->first, verify->second, VERIFY_ROWS};
    VerifyConsentsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_consents_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_consents_next(&cursor, &row); verify->rows++) {
        AddressConsentFindParams find = {row.address_hash, row.channel, row.topic, row.consent_id};
        AddressConsentFindRow state;
        bool found = true;
        if (row.address_hash.data &&
            !sql_address_consent_find(verify->db, &find, &state, &found, error))
            return false;
        if (!found)
            findings_add(verify->findings, "consent " ID " is not found by its address",
                         row.consent_id);
        else if (row.address_hash.data && !g_str_equal(state.state, row.state))
            findings_add(verify->findings,
                         "consent " ID ": person and address say different things", row.consent_id);
        verify->first = row.person_id;
        verify->second = row.consent_id;
    }
    return db_cursor_finish(&cursor, error);
}

static void address_row_check(Verify *verify, const VerifyAddressConsentsRow *row)
{
    bool denied = consent_state_parse(row->state) == CONSENT_DENIED;
    DenialReason reason = denial_reason_parse(row->reason);
    if (row->address_hash.size != CONSENT_HASH_SIZE)
        findings_add(verify->findings, "consent " ID ": its address is no hash", row->consent_id);
    if (consent_state_parse(row->state) == CONSENT_UNKNOWN)
        findings_add(verify->findings, "consent " ID " of an address says nothing",
                     row->consent_id);
    if (row->reason && (!denied || !g_str_equal(row->reason, denial_reason_name(reason))))
        findings_add(verify->findings, "consent " ID ": its reason is none", row->consent_id);
}

static bool address_consents_chunk(Verify *verify, GError **error)
{
    VerifyAddressConsentsParams params = {{verify->hash, CONSENT_HASH_SIZE},
                                          verify->kind,
                                          verify->value,
                                          verify->second,
                                          VERIFY_ROWS};
    VerifyAddressConsentsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_address_consents_open(verify->db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_address_consents_next(&cursor, &row); verify->rows++) {
        address_row_check(verify, &row);
        memcpy(verify->hash, row.address_hash.data,
               MIN(row.address_hash.size, (size_t)CONSENT_HASH_SIZE));
        g_strlcpy(verify->kind, row.channel, sizeof verify->kind);
        g_strlcpy(verify->value, row.topic, sizeof verify->value);
        verify->second = row.consent_id;
    }
    return db_cursor_finish(&cursor, error);
}

/* What was sworn to names the law of the country it speaks of, and the words. */
static bool attestations_check(Verify *verify, GError **error)
{
    VerifyAttestationsRow row;
    g_auto(DbCursor) cursor = {0};
    verify->rows = 0;
    if (!sql_verify_attestations_open(verify->db, &cursor, error)) return false;
    while (sql_verify_attestations_next(&cursor, &row)) {
        const Law *law = law_at(law_country(slice_of(row.country)));
        if (!law || g_strcmp0(law->id, row.law) != 0 || !*row.text)
            findings_add(verify->findings, "attestation " ID " rests on no law",
                         row.attestation_id);
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- all ---- */

static bool counts_check(Verify *verify, GError **error)
{
    PeopleSize size = people_size(verify->people);
    if ((int64_t)size.identities != verify->identities)
        findings_add(verify->findings, "memory has %zu identities, the store " ID, size.identities,
                     verify->identities);
    if ((int64_t)size.links != verify->links)
        findings_add(verify->findings, "memory has %zu links, the store " ID, size.links,
                     verify->links);
    VerifyOpenErasuresParams params = {clock_now_ms() - CLOCK_DAY_MS};
    VerifyOpenErasuresRow row = {0};
    bool found;
    if (!sql_verify_open_erasures(verify->db, &params, &row, &found, error)) return false;
    if (row.count)
        findings_add(verify->findings, ID " erasures are open for more than a day", row.count);
    verify->rows = 0;
    return true;
}

bool people_verify(People *people, Findings *findings, GError **error)
{
    static const struct {
        const char *name;
        bool (*chunk)(Verify *, GError **);
    } checks[] = {
        {"identities", identities_chunk},
        {"identities of people", mirrors_chunk},
        {"links", links_chunk},
        {"people", people_chunk},
        {"consents", consents_chunk},
        {"consents of addresses", address_consents_chunk},
        {"attestations", attestations_check},
        {"people in memory", counts_check},
    };
    Verify verify = {.people = people, .findings = findings};
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        verify.first = verify.second = INT64_MIN;
        place_keep(&verify, "", "");
        memset(verify.hash, 0, sizeof verify.hash);
        findings_part(findings, checks[i].name);
        do {
            verify.db = store_reader_begin(people->store, error);
            if (!verify.db) return false;
            bool done = checks[i].chunk(&verify, error);
            store_reader_end(people->store, verify.db);
            if (!done) return false;
            findings_checked(findings, verify.rows);
        } while (verify.rows == VERIFY_ROWS);
    }
    return true;
}
