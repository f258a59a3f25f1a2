#include "segments/of_person.h"

#include "base/error.h"
#include "net/request.h"
#include "people/json.h"
#include "segments/judge.h"
#include "segments/segments_routes.h"
#include "segments/segments_sql.h"

/* The saved segments that can be judged, and their rules side by side. */
typedef struct Kept {
    GPtrArray *saved; /* of SavedSegment, borrowed */
    GPtrArray *rules; /* of Rule */
} Kept;

static void kept_clear(Kept *kept)
{
    g_clear_pointer(&kept->saved, g_ptr_array_unref);
    g_clear_pointer(&kept->rules, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Kept, kept_clear)

/* One that names what is gone is left out: it has no members that could be told. */
static void kept_read(Segments *segments, const GPtrArray *list, Kept *kept)
{
    kept->saved = g_ptr_array_new();
    kept->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    for (guint i = 0; i < list->len; i++) {
        SavedSegment *saved = list->pdata[i];
        Rule *rule = rule_parse(slice_of(saved->rule), NULL, NULL);
        if (rule && segments_check(segments, rule, slice_of(saved->rule), NULL, NULL)) {
            g_ptr_array_add(kept->saved, saved);
            g_ptr_array_add(kept->rules, rule);
        } else {
            rule_free(rule);
        }
    }
}

static bool since_rows(Db *db, int64_t person_id, GHashTable *since, GError **error)
{
    MemberSinceRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_member_since_open(db, &(MemberSinceParams){person_id}, &cursor, error)) return false;
    while (sql_member_since_next(&cursor, &row))
        g_hash_table_insert(since, g_memdup2(&row.segment_id, sizeof row.segment_id),
                            g_memdup2(&row.entered_at, sizeof row.entered_at));
    return db_cursor_finish(&cursor, error);
}

static GHashTable *since_read(Segments *segments, int64_t person_id, GError **error)
{
    g_autoptr(GHashTable) since =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    Store *store = segments_store(segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return NULL;
    bool done = since_rows(db, person_id, since, error);
    store_reader_end(store, db);
    return done ? g_steal_pointer(&since) : NULL;
}

static json_t *group_json(const SavedSegment *saved, bool holds, const int64_t *since)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:b, s:o}", "id", json_id(saved->segment_id), "name",
                     saved->name, "kind", saved->listed ? "list" : "rule", "rule", saved->rule,
                     "holds", holds, "since", json_time(holds && since ? *since : 0));
}

static json_t *groups_judge(const Kept *kept, Judge *judge, GHashTable *since, int64_t at,
                            GError **error)
{
    json_t *list = json_array();
    for (guint i = 0; i < kept->saved->len; i++) {
        bool holds;
        const SavedSegment *saved = kept->saved->pdata[i];
        if (!judge_holds(judge, i, at, &holds, error)) {
            json_decref(list);
            return NULL;
        }
        const int64_t *entered = g_hash_table_lookup(since, &saved->segment_id);
        json_array_append_new(list, group_json(saved, holds, entered));
    }
    return list;
}

json_t *of_person_json(Segments *segments, int64_t person_id, int64_t at, GError **error)
{
    g_auto(Kept) kept = {0};
    g_autoptr(GPtrArray) list = saved_list(segments, error);
    if (!list) return NULL;
    kept_read(segments, list, &kept);
    JudgeAsk ask = {.person_id = person_id,
                    .rules = (const Rule *const *)(void *)kept.rules->pdata,
                    .count = kept.rules->len,
                    .ranks_kept = true};
    g_autoptr(Judge) judge = judge_new(segments, &ask, error);
    if (!judge) return NULL;
    int64_t person = judge_person_id(judge);
    if (person == 0) {
        fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
        return NULL;
    }
    g_autoptr(GHashTable) since = since_read(segments, person, error);
    return since ? groups_judge(&kept, judge, since, at, error) : NULL;
}

/* ---- over HTTP ---- */

static const char *const kinds[] = {"rule", "list", NULL};
static const Field group_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"kind", FIELD_TEXT, .required = true, .choices = kinds},
    {"rule", FIELD_TEXT, .required = true},
    {"holds", FIELD_BOOL, .required = true, .doc = "This person is in it at this moment."},
    {"since", FIELD_TIME, .doc = "Of watched segments: since when."},
};
static const Schema group_reply = SCHEMA_REPLY("PersonSegment", group_fields);
static const Field groups_fields[] = {
    {"segments", FIELD_LIST, .required = true, .of = &group_reply, .doc = "By name."},
    {"at", FIELD_TIME, .required = true},
};
static const Schema groups_reply = SCHEMA_REPLY("PersonSegments", groups_fields);

/* What was just done by hand counts: a moment sees what happened before it. */
static bool of_person_get(Request *request, GError **error)
{
    int64_t at = request_now_ms(request) + 1;
    json_t *list =
        of_person_json(request_context(request), request_path_id(request, "id"), at, error);
    if (!list) return false;
    return request_reply_json(request, 200,
                              json_pack("{s:o, s:I}", "segments", list, "at", (json_int_t)at));
}

static const Route of_person_routes[] = {
    {"GET", "/api/people/{id}/segments", SCOPE_USER, .reply = &groups_reply,
     .handle = of_person_get, .summary = "The saved segments, and which of them this person is in"},
};

void segments_add_person_routes(Server *server, Segments *segments)
{
    server_add_routes(server, of_person_routes, G_N_ELEMENTS(of_person_routes), segments);
}
