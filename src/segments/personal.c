#include "segments/personal.h"

#include "people/json.h"
#include "segments/picked_sql.h"
#include "segments/watch_sql.h"

static bool member_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                         GError **error)
{
    EraseSegmentMemberParams params = {stem, rows_max};
    return sql_erase_segment_member(db, &params, ret_changed, error);
}

static bool due_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError **error)
{
    (void)rows_max; /* one for each watched segment */
    return sql_erase_segment_due(db, &(EraseSegmentDueParams){stem}, ret_changed, error);
}

static bool member_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportSegmentMemberParams params = {stem};
    ExportSegmentMemberRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_export_segment_member_open(db, &params, &cursor, error)) return false;
    while (sql_export_segment_member_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:o, s:I, s:o}", "segment_id",
                                        json_id(row.segment_id), "segment", json_text(row.name),
                                        "entered_at", (json_int_t)row.entered_at, "left_at",
                                        json_time(row.left_at.set ? row.left_at.value : 0)));
    return db_cursor_finish(&cursor, error);
}

static bool pick_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError **error)
{
    return sql_erase_segment_pick(db, &(EraseSegmentPickParams){stem, rows_max}, ret_changed,
                                  error);
}

static bool pick_export(Db *db, int64_t stem, json_t *rows, GError **error)
{
    ExportSegmentPickParams params = {stem};
    ExportSegmentPickRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_export_segment_pick_open(db, &params, &cursor, error)) return false;
    while (sql_export_segment_pick_next(&cursor, &row))
        json_array_append_new(rows,
                              json_pack("{s:o, s:o, s:I, s:o}", "segment_id",
                                        json_id(row.segment_id), "segment", json_text(row.name),
                                        "added_at", (json_int_t)row.added_at, "removed_at",
                                        json_time(row.removed_at.set ? row.removed_at.value : 0)));
    return db_cursor_finish(&cursor, error);
}

#define COLUMNS(...) ((const PersonalColumn[]){__VA_ARGS__, {NULL}})

const PersonalTable segments_personal[] = {
    {"segment_member", "segment_stays", "person_id",
     COLUMNS({"segment_id", "which group somebody belonged to"}), member_erase, member_export},
    {"segment_pick", "segment_lists", "person_id",
     COLUMNS({"segment_id", "which list somebody is on"}), pick_erase, pick_export},
    {"segment_due", NULL, "person_id", COLUMNS({"segment_id", "which group may change"}), due_erase,
     NULL},
    {NULL},
};
