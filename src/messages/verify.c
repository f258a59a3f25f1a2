#include "messages/verify.h"

#include <string.h>

#include "messages/messages_private.h"
#include "messages/messages_sql.h"
#include "people/consent_rules.h"

enum { VERIFY_ROWS = 1000 };

#define ID "%" G_GINT64_FORMAT

typedef struct Verify {
    Findings *findings;
    Db *db;
    MessageKey after;
    int64_t rows;
} Verify;

static bool is_one_of(const char *state, const char *const *states)
{
    return g_strv_contains(states, state);
}

static bool sent_check(Verify *verify, const VerifyMessagesRow *row, GError **error)
{
    AddressSentFindParams params = {row->origin, row->occurrence, row->address_hash};
    AddressSentFindRow sent;
    bool found;
    if (row->address_hash.size != CONSENT_HASH_SIZE) {
        findings_add(verify->findings, "message " ID " of person " ID ": went to no address",
                     row->origin, row->person_id);
        return true;
    }
    uint8_t hash[CONSENT_HASH_SIZE];
    memcpy(hash, row->address_hash.data, sizeof hash);
    params.address_hash.data = hash;
    if (!sql_address_sent_find(verify->db, &params, &sent, &found, error)) return false;
    if (!found || sent.person_id != row->person_id)
        findings_add(verify->findings,
                     "message " ID " of person " ID ": its address is another person's",
                     row->origin, row->person_id);
    if (!row->consent_id && !row->attestation_id)
        findings_add(verify->findings, "message " ID " of person " ID ": rests on no permission",
                     row->origin, row->person_id);
    return true;
}

static bool row_check(Verify *verify, const VerifyMessagesRow *row, GError **error)
{
    static const char *const sent[] = {"handing", "accepted", "unknown", NULL};
    static const char *const held[] = {"claimed", "handing", NULL};
    static const char *const states[] = {"planned", "waiting", "claimed",   "handing", "accepted",
                                         "refused", "unknown", "cancelled", "dropped", NULL};
    findings_checked(verify->findings, 1);
    if (!is_one_of(row->state, states))
        findings_add(verify->findings, "message " ID " of person " ID ": no such state",
                     row->origin, row->person_id);
    if (is_one_of(row->state, held) != (row->owner != 0))
        findings_add(verify->findings, "message " ID " of person " ID ": %s and owner " ID,
                     row->origin, row->person_id, row->state, row->owner);
    if (!is_one_of(row->state, sent)) return true;
    if (!row->handed_at.set)
        findings_add(verify->findings, "message " ID " of person " ID ": was never handed over",
                     row->origin, row->person_id);
    return sent_check(verify, row, error);
}

static bool chunk_check(Verify *verify, GError **error)
{
    VerifyMessagesParams params = {verify->after.person_id, verify->after.origin,
                                   verify->after.occurrence, VERIFY_ROWS};
    VerifyMessagesRow row;
    g_auto(DbCursor) cursor = {0};
    verify->rows = 0;
    if (!sql_verify_messages_open(verify->db, &params, &cursor, error)) return false;
    while (sql_verify_messages_next(&cursor, &row)) {
        verify->rows++;
        verify->after = (MessageKey){row.person_id, row.origin, row.occurrence};
        if (!row_check(verify, &row, error)) return false;
    }
    return db_cursor_finish(&cursor, error);
}

bool messages_verify(Messages *messages, Findings *findings, GError **error)
{
    Verify verify = {.findings = findings};
    findings_part(findings, "messages");
    do {
        verify.db = store_reader_begin(messages_store(messages), error);
        if (!verify.db) return false;
        bool done = chunk_check(&verify, error);
        store_reader_end(messages_store(messages), verify.db);
        if (!done) return false;
    } while (verify.rows == VERIFY_ROWS);
    return true;
}
