#include "messages/personal.h"

#include "messages/messages_sql.h"
#include "people/json.h"

static bool message_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                          GError **error)
{
    return sql_erase_message(db, &(EraseMessageParams){stem, rows_max}, ret_changed, error);
}

static bool hit_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError **error)
{
    return sql_erase_hit(db, &(EraseHitParams){stem, rows_max}, ret_changed, error);
}

static bool message_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportMessageParams params = {stem};
    ExportMessageRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_export_message_open(db, &params, &cursor, error)) return false;
    while (sql_export_message_next(&cursor, &row))
        json_array_append_new(
            rows,
            json_pack("{s:o, s:I, s:s, s:o, s:o, s:o, s:I}", "campaign_id", json_id(row.origin),
                      "occurrence", (json_int_t)row.occurrence, "state", row.state, "reason",
                      json_text(row.reason), "address", json_text(row.address), "sent_at",
                      json_time(row.handed_at.set ? row.handed_at.value : 0), "planned_at",
                      (json_int_t)row.created_at));
    return db_cursor_finish(&cursor, error);
}

static bool hit_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportHitParams params = {stem};
    ExportHitRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_export_hit_open(db, &params, &cursor, error)) return false;
    while (sql_export_hit_next(&cursor, &row))
        json_array_append_new(rows, json_pack("{s:o, s:s, s:I, s:o, s:I}", "campaign_id",
                                              json_id(row.origin), "kind", row.kind, "link",
                                              (json_int_t)row.link_no, "agent",
                                              json_text(row.agent), "at", (json_int_t)row.at));
    return db_cursor_finish(&cursor, error);
}

#define COLUMNS(...) ((const PersonalColumn[]){__VA_ARGS__, {NULL}})

const PersonalTable messages_personal[] = {
    {"message", "messages", "person_id", COLUMNS({"address", "where a mail went"}), message_erase,
     message_export},
    {"hit", "mail_hits", "person_id", COLUMNS({"agent", "the program that opened a mail"}),
     hit_erase, hit_export},
    {NULL},
};
