#include "people/json.h"
#include "service/inbox_private.h"
#include "service/inbox_sql.h"

enum { EXPORT_ROWS = 100 };

static bool conversation_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                               GError **error)
{
    *ret_changed = 0;
    if (stem <= 0) return true;
    return sql_erase_conversation(db, &(EraseConversationParams){stem, rows_max}, ret_changed,
                                  error);
}

static bool mail_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError **error)
{
    *ret_changed = 0;
    if (stem <= 0) return true;
    return sql_erase_conversation_mail(db, &(EraseConversationMailParams){stem, rows_max},
                                       ret_changed, error);
}

static bool conversation_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportConversationParams params = {stem};
    ExportConversationRow row;
    g_auto(DbCursor) cursor = {0};
    if (stem <= 0) return true;
    if (!sql_export_conversation_open(db, &params, &cursor, error)) return false;
    while (sql_export_conversation_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:I}", "conversation_id",
                                        json_id(row.conversation_id), "kind", row.kind, "state",
                                        row.state, "address", row.address, "name", row.name,
                                        "subject", row.subject, "at", (json_int_t)row.created_at));
    return db_cursor_finish(&cursor, error);
}

/* A page; `params` moves behind it. */
static bool mails_page(Db *db, ExportConversationMailParams *params, json_t *rows, int64_t *count,
                       GError **error)
{
    ExportConversationMailRow row;
    g_auto(DbCursor) cursor = {0};
    *count = 0;
    if (!sql_export_conversation_mail_open(db, params, &cursor, error)) return false;
    while (sql_export_conversation_mail_next(&cursor, &row)) {
        json_array_append_new(
            rows, json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "conversation_id",
                            json_id(row.conversation_id), "direction", row.direction, "state",
                            row.state, "address", row.address, "subject", row.subject, "text",
                            row.body, "message_id", row.message_key, "at", (json_int_t)row.at));
        params->conversation_id = row.conversation_id;
        params->mail_id = row.mail_id;
        (*count)++;
    }
    return db_cursor_finish(&cursor, error);
}

static bool mail_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportConversationMailParams params = {.person_id = stem, .rows = EXPORT_ROWS};
    for (int64_t count = EXPORT_ROWS; stem > 0 && count == EXPORT_ROWS;)
        if (!mails_page(db, &params, rows, &count, error)) return false;
    return true;
}

#define COLUMNS(...) ((const PersonalColumn[]){__VA_ARGS__, {NULL}})

const PersonalTable inbox_personal[] = {
    {"conversation_mail", "mails", "person_id",
     COLUMNS({"address", "who wrote a mail, or to whom it went"}, {"subject", "its subject"},
             {"body", "its text"},
             {"message_key", "its Message-ID, as its writer's program gave it"}),
     mail_erase, mail_export},
    {"conversation", "conversations", "person_id",
     COLUMNS({"address", "who writes to the business"}, {"name", "their name as they write it"},
             {"subject", "what about"}),
     conversation_erase, conversation_export},
    {NULL},
};
