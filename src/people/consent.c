#include "people/consent.h"

#include <string.h>

#include "base/clock.h"
#include "base/ids.h"
#include "people/consent_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "store/changes.h"
#include "store/never.h"

void consent_free(Consent *consent)
{
    if (!consent) return;
    g_free(consent->channel);
    g_free(consent->topic);
    g_free(consent->basis);
    g_free(consent->text);
    g_free(consent->proof);
    g_free(consent->actor);
    g_free(consent);
}

/* ---- addresses ---- */

void people_address_hash(const People *people, IdentityKind kind, Slice value,
                         uint8_t ret_hash[CONSENT_HASH_SIZE])
{
    char text[IDENTITY_VALUE_MAX + 2];
    size_t size = MIN(value.size, IDENTITY_VALUE_MAX);
    text[0] = (char)kind;
    memcpy(text + 1, value.data, size);
    Hash128 hash = keyhash128(people->address_key, text, size + 1);
    uint64_t words[2] = {GUINT64_TO_LE(hash.low), GUINT64_TO_LE(hash.high)};
    memcpy(ret_hash, words, CONSENT_HASH_SIZE);
}

IdentityKind people_channel_kind(const char *channel)
{
    static const struct {
        const char *channel;
        IdentityKind kind;
    } kinds[] = {
        {"email", IDENTITY_EMAIL},
        {"sms", IDENTITY_PHONE},
        {"phone", IDENTITY_PHONE},
        {"whatsapp", IDENTITY_PHONE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_equal(kinds[i].channel, channel)) return kinds[i].kind;
    return IDENTITY_KIND_END;
}

static bool address_hash(const People *people, const char *channel, const char *address,
                         uint8_t ret_hash[CONSENT_HASH_SIZE])
{
    IdentityValue value;
    IdentityKind kind = people_channel_kind(channel);
    if (kind == IDENTITY_KIND_END) kind = IDENTITY_USER_ID; /* a handle: compared as typed */
    if (identity_normalize(kind, slice_of(address), &value) != IDENTITY_USABLE) return false;
    people_address_hash(people, kind, (Slice){value.text, value.size}, ret_hash);
    return true;
}

/* ---- writing ---- */

typedef struct ConsentPut {
    People *people;
    Db *db;
    const ConsentInput *input;
    ConsentState state; /* what is stored */
} ConsentPut;

static DbInt expiry(const ConsentInput *input)
{
    return (DbInt){input->expires_at != 0, input->expires_at};
}

static bool ledger_add(ConsentPut *put, int64_t consent_id, DbBytes hash, GError **error)
{
    const ConsentInput *input = put->input;
    ConsentInsertParams params = {
        .person_id = input->stem,
        .consent_id = consent_id,
        .address_hash = hash,
        .channel = input->channel,
        .topic = input->topic,
        .state = consent_state_name(put->state),
        .basis = input->basis ? input->basis : "consent",
        .text = input->text,
        .proof = input->proof,
        .source_id = input->source_id,
        .actor = input->actor,
        .by_person = input->trust == TRUST_PERSON,
        .occurred_at = input->occurred_at,
        .received_at = input->received_at,
        .expires_at = expiry(input),
    };
    StoreChange change = {CHANGE_CONSENT, input->stem, input->received_at};
    return sql_consent_insert(put->db, &params, NULL, error) &&
           store_changed(put->db, &change, error);
}

/* "deny HASH CHANNEL TOPIC ID TIME BY REASON", words escaped: hashes and ids, nothing personal. */
static bool denial_log(People *people, const AddressConsentInsertParams *row, GError **error)
{
    g_autofree char *channel = g_uri_escape_string(row->channel, NULL, FALSE);
    g_autofree char *topic = g_uri_escape_string(row->topic, NULL, FALSE);
    g_autoptr(GString) line = g_string_new("deny ");
    const uint8_t *hash = row->address_hash.data;
    for (int i = 0; i < CONSENT_HASH_SIZE; i++)
        g_string_append_printf(line, "%02x", hash[i]);
    g_string_append_printf(
        line, " %s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", channel,
        topic, row->consent_id, row->occurred_at, row->by_person, row->reason);
    if (!people->denials) return store_never_append(people->store, line->str, error);
    g_ptr_array_add(people->denials, g_string_free(g_steal_pointer(&line), FALSE));
    return true;
}

void people_denials_hold(People *people)
{
    g_clear_pointer(&people->denials, g_ptr_array_unref); /* of a unit that failed */
    people->denials = g_ptr_array_new_with_free_func(g_free);
}

bool people_denials_flush(People *people, GError **error)
{
    g_autoptr(GPtrArray) denials = g_steal_pointer(&people->denials);
    return !denials || !denials->len || store_never_append_all(people->store, denials, error);
}

static bool address_row_add(People *people, Db *db, const AddressConsentInsertParams *row,
                            GError **error)
{
    if (!sql_address_consent_insert(db, row, NULL, error)) return false;
    bool denied = g_str_equal(row->state, consent_state_name(CONSENT_DENIED));
    return !denied || denial_log(people, row, error);
}

static bool address_add(ConsentPut *put, int64_t consent_id, const uint8_t *hash, GError **error)
{
    const ConsentInput *input = put->input;
    AddressConsentInsertParams params = {
        .address_hash = {hash, CONSENT_HASH_SIZE},
        .channel = input->channel,
        .topic = input->topic,
        .consent_id = consent_id,
        .state = consent_state_name(put->state),
        .by_person = input->trust == TRUST_PERSON,
        .occurred_at = input->occurred_at,
        .expires_at = expiry(input),
        .reason = denial_reason_name(input->reason),
        .source_id = db_int(input->source_id),
    };
    if (put->state != CONSENT_DENIED) params.reason = NULL;
    return address_row_add(put->people, put->db, &params, error);
}

static bool put_for_address(ConsentPut *put, const char *address, GError **error)
{
    uint8_t hash[CONSENT_HASH_SIZE];
    if (!address_hash(put->people, put->input->channel, address, hash))
        return fail(error, KITH_ERROR_INVALID, "this is no address of channel '%s'",
                    put->input->channel);
    int64_t consent_id = store_id_next(put->people->store);
    if (put->input->stem && !ledger_add(put, consent_id, (DbBytes){hash, CONSENT_HASH_SIZE}, error))
        return false;
    return address_add(put, consent_id, hash, error);
}

/* The values of one kind that a stem has, as owned texts. */
static bool stem_addresses(Db *db, int64_t stem, IdentityKind kind, GPtrArray *values,
                           GError **error)
{
    PersonIdentityListParams params = {stem};
    PersonIdentityListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_list_open(db, &params, &cursor, error)) return false;
    while (sql_person_identity_list_next(&cursor, &row))
        if (identity_kind_parse(row.kind) == kind) g_ptr_array_add(values, g_strdup(row.value));
    return db_cursor_finish(&cursor, error);
}

/* A "no" of the person also binds the addresses they have. */
static bool put_for_all(ConsentPut *put, GError **error)
{
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    IdentityKind kind = people_channel_kind(put->input->channel);
    people_stems(put->people, people_person(put->people, put->input->stem), stems);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !stem_addresses(put->db, stem, kind, values, error)) return false;
    }
    for (guint i = 0; i < values->len; i++)
        if (!put_for_address(put, values->pdata[i], error)) return false;
    return true;
}

static bool word_is_valid(const char *word)
{
    return word && *word && strlen(word) <= CONSENT_WORD_MAX;
}

static bool input_check(const ConsentInput *input, GError **error)
{
    bool stored = input->state != CONSENT_UNKNOWN && input->state != CONSENT_EXPIRED;
    if (!stored)
        return fail(error, KITH_ERROR_INVALID, "consent is granted, pending, denied or declined");
    if (!word_is_valid(input->channel) || !word_is_valid(input->topic))
        return fail(error, KITH_ERROR_INVALID, "channel and topic have 1 to %d bytes",
                    CONSENT_WORD_MAX);
    if ((input->text && strlen(input->text) > CONSENT_TEXT_MAX) ||
        (input->proof && strlen(input->proof) > CONSENT_TEXT_MAX))
        return fail(error, KITH_ERROR_LIMIT, "text and proof have at most %d bytes",
                    CONSENT_TEXT_MAX);
    return true;
}

static bool consent_write(ConsentPut *put, GError **error)
{
    const ConsentInput *input = put->input;
    if (input->address && *input->address) return put_for_address(put, input->address, error);
    if (!ledger_add(put, store_id_next(put->people->store), (DbBytes){0}, error)) return false;
    return put->state != CONSENT_DENIED || put_for_all(put, error);
}

/* What is said about an address is said about who has it. */
static bool holder_changed(const ConsentPut *put, GError **error)
{
    const ConsentInput *input = put->input;
    IdentityKind kind = people_channel_kind(input->channel);
    if (!input->address || !*input->address || kind == IDENTITY_KIND_END) return true;
    int64_t holder = people_find(put->people, kind, 0, slice_of(input->address));
    if (!holder) return true;
    people_permission_touch(put->people, holder);
    StoreChange change = {CHANGE_CONSENT, holder, input->received_at};
    return store_changed(put->db, &change, error);
}

void people_set_refusals(People *people, const PeopleRefusals *refusals)
{
    people->refusals = *refusals;
}

bool people_refused(People *people, Db *db, const PeopleRefusal *refusal, GError **error)
{
    const PeopleRefusals *refusals = &people->refusals;
    return !refusals->refused || refusals->refused(refusals->context, db, refusal, error);
}

bool people_consent_put(People *people, Db *db, const ConsentInput *input, GError **error)
{
    g_assert(input->stem > 0 || (input->stem == 0 && input->address && *input->address));
    if (!input_check(input, error)) return false;
    ConsentPut put = {people, db, input, input->state};
    if (!trust_is_server(input->trust) && put.state == CONSENT_GRANTED) put.state = CONSENT_PENDING;
    if (!consent_write(&put, error) || !holder_changed(&put, error)) return false;
    if (put.state != CONSENT_DENIED) return true;
    PeopleRefusal refusal = {
        .person_id = input->stem ? people_person(people, input->stem) : 0,
        .address = input->address && *input->address ? input->address : NULL,
        .channel = input->channel,
        .topic = input->topic,
        .reason = input->reason == DENIAL_SAID ? "denied" : denial_reason_name(input->reason)};
    return people_refused(people, db, &refusal, error);
}

bool people_consent_suppress(People *people, Db *db, IdentityKind kind, const char *value,
                             GError **error)
{
    uint8_t hash[CONSENT_HASH_SIZE];
    people_permission_touch(people, 0);
    people_address_hash(people, kind, slice_of(value), hash);
    AddressConsentInsertParams params = {
        .address_hash = {hash, CONSENT_HASH_SIZE},
        .channel = "*",
        .topic = "*",
        .consent_id = store_id_next(people->store),
        .state = consent_state_name(CONSENT_DENIED),
        .by_person = 1,
        .occurred_at = clock_now_ms(),
        .reason = denial_reason_name(DENIAL_ERASED),
        .source_id = db_int(SOURCE_ID_KITH),
    };
    return address_row_add(people, db, &params, error);
}

static bool hash_parse(const char *hex, uint8_t ret_hash[CONSENT_HASH_SIZE])
{
    for (int i = 0; i < CONSENT_HASH_SIZE; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(hex[2 * i + 1]);
        if (low < 0) return false;
        ret_hash[i] = (uint8_t)(high * 16 + low);
    }
    return hex[2 * CONSENT_HASH_SIZE] == '\0';
}

bool people_consent_replay(Db *db, const char *record, int64_t *count, GError **error)
{
    g_auto(GStrv) words = g_strsplit(record, " ", -1);
    uint8_t hash[CONSENT_HASH_SIZE];
    guint word_count = g_strv_length(words);
    if (word_count < 7 || word_count > 8 || !hash_parse(words[1], hash))
        return fail(error, KITH_ERROR_INTERNAL, "never.log has a denial that cannot be read");
    g_autofree char *channel = g_uri_unescape_string(words[2], NULL);
    g_autofree char *topic = g_uri_unescape_string(words[3], NULL);
    AddressConsentInsertParams row = {
        .address_hash = {hash, CONSENT_HASH_SIZE},
        .channel = channel ? channel : "*",
        .topic = topic ? topic : "*",
        .consent_id = g_ascii_strtoll(words[4], NULL, 10),
        .state = consent_state_name(CONSENT_DENIED),
        .by_person = g_ascii_strtoll(words[6], NULL, 10),
        .occurred_at = g_ascii_strtoll(words[5], NULL, 10),
    };
    AddressConsentFindParams find = {row.address_hash, row.channel, row.topic, row.consent_id};
    AddressConsentFindRow known;
    bool found;
    if (!sql_address_consent_find(db, &find, &known, &found, error)) return false;
    if (found) return true;
    ++*count;
    return sql_address_consent_insert(db, &row, NULL, error);
}

/* ---- reading the ledger ---- */

static Consent *consent_of_row(int64_t stem, const ConsentOfPersonRow *row)
{
    Consent *consent = g_new0(Consent, 1);
    *consent = (Consent){
        .consent_id = row->consent_id,
        .stem = stem,
        .source_id = row->source_id,
        .channel = g_strdup(row->channel),
        .topic = g_strdup(row->topic),
        .basis = g_strdup(row->basis),
        .text = g_strdup(row->text),
        .proof = g_strdup(row->proof),
        .actor = g_strdup(row->actor),
        .has_address = row->address_hash.size == CONSENT_HASH_SIZE,
        .by_person = row->by_person != 0,
        .state = consent_state_parse(row->state),
        .occurred_at = row->occurred_at,
        .received_at = row->received_at,
        .expires_at = row->expires_at.set ? row->expires_at.value : 0,
    };
    if (consent->has_address)
        memcpy(consent->address_hash, row->address_hash.data, CONSENT_HASH_SIZE);
    return consent;
}

static bool stem_consents(Db *db, int64_t stem, GPtrArray *rows, GError **error)
{
    ConsentOfPersonParams params = {stem};
    ConsentOfPersonRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_consent_of_person_open(db, &params, &cursor, error)) return false;
    while (sql_consent_of_person_next(&cursor, &row))
        g_ptr_array_add(rows, consent_of_row(stem, &row));
    return db_cursor_finish(&cursor, error);
}

static int consent_newer(const void *a_pointer, const void *b_pointer)
{
    const Consent *a = *(Consent *const *)a_pointer, *b = *(Consent *const *)b_pointer;
    if (a->occurred_at != b->occurred_at) return a->occurred_at < b->occurred_at ? 1 : -1;
    return a->consent_id < b->consent_id ? 1 : a->consent_id > b->consent_id ? -1 : 0;
}

GPtrArray *people_consents_load(People *people, Db *db, int64_t person_id, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)consent_free);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !stem_consents(db, stem, rows, error)) return NULL;
    }
    g_ptr_array_sort(rows, consent_newer);
    return g_steal_pointer(&rows);
}

/* ---- the state at a moment ---- */

typedef struct Question {
    Db *db;
    const ConsentQuery *query;
    uint8_t hash[CONSENT_HASH_SIZE];
    GArray *says; /* of Say: all that bears on it */
} Question;

static bool channel_bears(const char *asked, const char *channel)
{
    return g_str_equal(channel, "*") || g_str_equal(channel, asked);
}

Say consent_say(const Consent *row)
{
    Say say = {
        .consent_id = row->consent_id,
        .source_id = row->source_id,
        .occurred_at = row->occurred_at,
        .expires_at = row->expires_at,
        .state = row->state,
        .reason = DENIAL_SAID,
        .has_address = row->has_address,
        .by_person = row->by_person,
    };
    memcpy(say.address_hash, row->address_hash, CONSENT_HASH_SIZE);
    return say;
}

/* Rows of the person about other addresses say nothing about this one; those about this one come
 * with the address. Without an address in question, all rows of the person bear on it. */
static bool row_bears(const ConsentQuery *query, const Consent *row)
{
    if (!channel_bears(query->channel, row->channel)) return false;
    if (!channel_bears(query->topic, row->topic)) return false;
    if (row->occurred_at > query->at_ms || row->received_at > query->known_at_ms) return false;
    return !query->address || !row->has_address;
}

bool people_person_says(People *people, Db *db, const ConsentQuery *query, GArray *says,
                        GError **error)
{
    if (query->person_id <= 0) return true;
    g_autoptr(GPtrArray) rows = people_consents_load(people, db, query->person_id, error);
    if (!rows) return false;
    for (guint i = 0; i < rows->len; i++) {
        if (!row_bears(query, rows->pdata[i])) continue;
        Say say = consent_say(rows->pdata[i]);
        g_array_append_val(says, say);
    }
    return true;
}

static void address_row(Question *question, const ConsentOfAddressRow *row)
{
    const ConsentQuery *query = question->query;
    bool bears = channel_bears(query->topic, row->topic) && row->occurred_at <= query->at_ms &&
                 id_time_ms(row->consent_id) <= query->known_at_ms;
    if (!bears) return;
    Say say = {
        .consent_id = row->consent_id,
        .source_id = row->source_id.set ? row->source_id.value : 0,
        .has_address = true,
        .by_person = row->by_person != 0,
        .state = consent_state_parse(row->state),
        .reason = denial_reason_parse(row->reason),
        .occurred_at = row->occurred_at,
        .expires_at = row->expires_at.set ? row->expires_at.value : 0,
    };
    memcpy(say.address_hash, question->hash, CONSENT_HASH_SIZE);
    g_array_append_val(question->says, say);
}

static bool address_rows(Question *question, GError **error)
{
    ConsentOfAddressParams params = {{question->hash, CONSENT_HASH_SIZE}, question->query->channel};
    ConsentOfAddressRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_consent_of_address_open(question->db, &params, &cursor, error)) return false;
    while (sql_consent_of_address_next(&cursor, &row))
        address_row(question, &row);
    return db_cursor_finish(&cursor, error);
}

bool people_address_says(People *people, Db *db, const ConsentQuery *query, GArray *says,
                         GError **error)
{
    Question question = {.db = db, .query = query, .says = says};
    if (!address_hash(people, query->channel, query->address, question.hash)) return true;
    return address_rows(&question, error);
}

bool people_consent_state(People *people, Db *db, const ConsentQuery *query,
                          ConsentState *ret_state, GError **error)
{
    uint8_t hash[CONSENT_HASH_SIZE];
    g_autoptr(GArray) says = g_array_new(FALSE, FALSE, sizeof(Say));
    bool sound = !query->address || address_hash(people, query->channel, query->address, hash);
    if (sound && query->address && !people_address_says(people, db, query, says, error))
        return false;
    if (sound && !people_person_says(people, db, query, says, error)) return false;
    *ret_state = consent_judge((const Say *)(void *)says->data, says->len, query->at_ms).state;
    return true;
}

/* ---- undo of a merge ---- */

static bool denial_copy(People *people, Db *db, int64_t stem, const Consent *denial, GError **error)
{
    ConsentInsertParams params = {
        .person_id = stem,
        .consent_id = store_id_next(people->store),
        .channel = denial->channel,
        .topic = denial->topic,
        .state = consent_state_name(CONSENT_DENIED),
        .basis = denial->basis,
        .text = denial->text,
        .proof = denial->proof,
        .source_id = denial->source_id,
        .actor = denial->actor,
        .by_person = denial->by_person,
        .occurred_at = denial->occurred_at,
        .received_at = denial->received_at,
    };
    return sql_consent_insert(db, &params, NULL, error) &&
           store_changed_now(db, CHANGE_CONSENT, stem, error);
}

/* ---- since when two stems have been one person: the youngest link between them ---- */

/* Moves `later` up to the time of the link of `stem`. */
static bool link_time(Db *db, int64_t stem, int64_t *later, GError **error)
{
    ConsentLinkTimeParams params = {stem};
    ConsentLinkTimeRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_consent_link_time_open(db, &params, &cursor, error)) return false;
    while (sql_consent_link_time_next(&cursor, &row))
        *later = MAX(*later, row.at);
    return db_cursor_finish(&cursor, error);
}

static bool is_above(const Links *links, int64_t above, int64_t stem)
{
    while (stem && stem != above)
        stem = links_parent(links, stem);
    return stem == above;
}

/* Climbs from `from` until it is above `to`; what is left of the way down is climbed from there. */
static bool joined_since(People *people, Db *db, int64_t from, int64_t to, int64_t *ret_since,
                         GError **error)
{
    int64_t since = INT64_MIN;
    for (; !is_above(people->links, from, to); from = links_parent(people->links, from))
        if (!link_time(db, from, &since, error)) return false;
    for (; to != from; to = links_parent(people->links, to))
        if (!link_time(db, to, &since, error)) return false;
    *ret_since = since;
    return true;
}

/* Whether a denial is lifted in all it says, for rows of any channel and topic. */
static bool is_lifted_whole(const GPtrArray *rows, const Consent *denial)
{
    for (guint i = 0; i < rows->len; i++) {
        const Consent *row = rows->pdata[i];
        if (!channel_bears(denial->channel, row->channel)) continue;
        Say act = consent_say(row), no = consent_say(denial);
        if (channel_bears(denial->topic, row->topic) && say_lifts(&act, &no)) return true;
    }
    return false;
}

typedef struct Split {
    People *people;
    Db *db;
    GPtrArray *rows; /* the ledger of the whole person */
    int64_t stem, parent;
} Split;

/* A no that was given while both sides were one person goes to the side that lacks it: to the end
 * of the link there, not to a root above it that came later and may leave earlier. */
static bool split_row(Split *split, const Consent *row, GError **error)
{
    int64_t since;
    bool own = is_above(split->people->links, split->stem, row->stem);
    int64_t here = own ? split->stem : split->parent, there = own ? split->parent : split->stem;
    if (!joined_since(split->people, split->db, row->stem, here, &since, error)) return false;
    if (!link_time(split->db, split->stem, &since, error)) return false;
    return row->received_at < since || denial_copy(split->people, split->db, there, row, error);
}

/* Denials of an address bind by the address and need no copy. */
bool people_consent_split(People *people, Db *db, int64_t stem, GError **error)
{
    int64_t person_id = people_person(people, stem);
    g_autoptr(GPtrArray) rows = people_consents_load(people, db, person_id, error);
    if (!rows) return false;
    Split split = {people, db, rows, stem, links_parent(people->links, stem)};
    for (guint i = 0; i < rows->len; i++) {
        const Consent *row = rows->pdata[i];
        if (row->state != CONSENT_DENIED || row->has_address) continue;
        if (is_lifted_whole(rows, row)) continue;
        if (!split_row(&split, row, error)) return false;
    }
    return true;
}
