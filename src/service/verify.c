#include "service/inbox_private.h"
#include "service/inbox_sql.h"

#include <string.h>

enum { VERIFY_ROWS = 1000 };

#define ID "%" G_GINT64_FORMAT

typedef struct Verify {
    Inbox *inbox;
    Findings *findings;
    int64_t person_id, conversation_id, mail_id; /* behind which the next page begins */
    int64_t rows;                                /* of the last page */
} Verify;

static void conversation_check(Verify *verify, const VerifyConversationsRow *row)
{
    static const char *const states[] = {"open", "done", "apart", NULL};
    bool person = strcmp(row->kind, "person") == 0;
    findings_checked(verify->findings, 1);
    if (!g_strv_contains(inbound_kind_names, row->kind) || !g_strv_contains(states, row->state))
        findings_add(verify->findings, "conversation " ID ": no such kind or state",
                     row->conversation_id);
    else if (person == (strcmp(row->state, "apart") == 0))
        findings_add(verify->findings, "conversation " ID ": %s and %s", row->conversation_id,
                     row->kind, row->state);
}

static bool conversations_page(Verify *verify, Db *db, GError **error)
{
    VerifyConversationsParams params = {verify->person_id, verify->conversation_id, VERIFY_ROWS};
    VerifyConversationsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_conversations_open(db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_conversations_next(&cursor, &row); verify->rows++) {
        conversation_check(verify, &row);
        verify->person_id = row.person_id;
        verify->conversation_id = row.conversation_id;
    }
    return db_cursor_finish(&cursor, error);
}

static bool mail_check(Verify *verify, Db *db, const VerifyConversationMailsRow *row,
                       GError **error)
{
    static const char *const out[] = {"waiting", "handing", "sent", "refused", "unknown", NULL};
    VerifyConversationExistsParams params = {row->person_id, row->conversation_id};
    VerifyConversationExistsRow of;
    bool found, came = strcmp(row->direction, "in") == 0;
    bool good = came ? strcmp(row->state, "received") == 0 : g_strv_contains(out, row->state);
    findings_checked(verify->findings, 1);
    if (!good)
        findings_add(verify->findings, "mail " ID " of conversation " ID ": no such state",
                     row->mail_id, row->conversation_id);
    if (!sql_verify_conversation_exists(db, &params, &of, &found, error)) return false;
    if (!found)
        findings_add(verify->findings, "mail " ID ": its conversation " ID " is not there",
                     row->mail_id, row->conversation_id);
    return true;
}

static bool mails_page(Verify *verify, Db *db, GError **error)
{
    VerifyConversationMailsParams params = {verify->person_id, verify->conversation_id,
                                            verify->mail_id, VERIFY_ROWS};
    VerifyConversationMailsRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_verify_conversation_mails_open(db, &params, &cursor, error)) return false;
    for (verify->rows = 0; sql_verify_conversation_mails_next(&cursor, &row); verify->rows++) {
        if (!mail_check(verify, db, &row, error)) return false;
        verify->person_id = row.person_id;
        verify->conversation_id = row.conversation_id;
        verify->mail_id = row.mail_id;
    }
    return db_cursor_finish(&cursor, error);
}

static bool pages(Verify *verify, bool (*page)(Verify *, Db *, GError **), GError **error)
{
    Store *store = verify->inbox->options.store;
    verify->person_id = verify->conversation_id = verify->mail_id = -1;
    for (verify->rows = VERIFY_ROWS; verify->rows == VERIFY_ROWS;) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        bool done = page(verify, db, error);
        store_reader_end(store, db);
        if (!done) return false;
    }
    return true;
}

bool inbox_verify(Inbox *inbox, Findings *findings, GError **error)
{
    Verify verify = {.inbox = inbox, .findings = findings};
    findings_part(findings, "inbox");
    return pages(&verify, conversations_page, error) && pages(&verify, mails_page, error);
}
