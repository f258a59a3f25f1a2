#include "segments/saved.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "net/audit.h"
#include "segments/evaluate.h"
#include "segments/feed.h"
#include "segments/picked.h"
#include "segments/segments_sql.h"
#include "segments/watch.h"
#include "segments/watch_sql.h"

#include <string.h>

void saved_segment_free(SavedSegment *saved)
{
    if (!saved) return;
    g_free(saved->name);
    g_free(saved->rule);
    g_free(saved);
}

static SavedSegment *saved_of(const SegmentListRow *row)
{
    SavedSegment *saved = g_new0(SavedSegment, 1);
    *saved = (SavedSegment){.segment_id = row->segment_id,
                            .name = g_strdup(row->name),
                            .rule = g_strdup(row->rule),
                            .created_at = row->created_at,
                            .changed_at = row->changed_at,
                            .version = row->version,
                            .watched = row->watched_at.set,
                            .watched_at = row->watched_at.set ? row->watched_at.value : 0,
                            .listed = row->listed != 0};
    return saved;
}

static bool list_read(Db *db, GPtrArray *list, GError **error)
{
    SegmentListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_segment_list_open(db, &cursor, error)) return false;
    while (sql_segment_list_next(&cursor, &row))
        g_ptr_array_add(list, saved_of(&row));
    return db_cursor_finish(&cursor, error);
}

GPtrArray *saved_list(Segments *segments, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)saved_segment_free);
    Db *db = store_reader_begin(segments->options.store, error);
    if (!db) return NULL;
    bool done = list_read(db, list, error);
    store_reader_end(segments->options.store, db);
    return done ? g_steal_pointer(&list) : NULL;
}

GPtrArray *saved_names(Segments *segments, GError **error)
{
    g_autoptr(GPtrArray) list = saved_list(segments, error);
    if (!list) return NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < list->len; i++)
        g_ptr_array_add(names, g_strdup(((SavedSegment *)list->pdata[i])->name));
    return names;
}

static SavedSegment *find_in(GPtrArray *list, int64_t segment_id)
{
    for (guint i = 0; i < list->len; i++)
        if (((SavedSegment *)list->pdata[i])->segment_id == segment_id) return list->pdata[i];
    return NULL;
}

static bool not_found(GError **error)
{
    return fail(error, KITH_ERROR_NOT_FOUND, "there is no such segment");
}

static gboolean id_is(gconstpointer saved, gconstpointer segment_id)
{
    return ((const SavedSegment *)saved)->segment_id == *(const int64_t *)segment_id;
}

SavedSegment *saved_get(Segments *segments, int64_t segment_id, GError **error)
{
    g_autoptr(GPtrArray) list = saved_list(segments, error);
    if (!list) return NULL;
    guint index;
    if (!g_ptr_array_find_with_equal_func(list, &segment_id, id_is, &index)) {
        not_found(error);
        return NULL;
    }
    g_ptr_array_set_free_func(list, NULL);
    SavedSegment *found = list->pdata[index];
    for (guint i = 0; i < list->len; i++)
        if (i != index) saved_segment_free(list->pdata[i]);
    return found;
}

char *saved_rule_find(Segments *segments, const char *name, int64_t *ret_list_id, GError **error)
{
    SegmentByNameRow row;
    bool found = false;
    g_autofree char *fold = text_fold(slice_of(name));
    Db *db = store_reader_begin(segments->options.store, error);
    if (!db) return NULL;
    SegmentByNameParams params = {fold};
    bool done = sql_segment_by_name(db, &params, &row, &found, error);
    char *rule = done && found ? g_strdup(row.rule) : NULL;
    if (rule && ret_list_id) *ret_list_id = row.listed ? row.segment_id : 0;
    store_reader_end(segments->options.store, db);
    return rule;
}

/* ---- writing ---- */

/* A change: looked through under the writer, so that two at once cannot both pass. */
typedef struct Change {
    int64_t segment_id;
    const char *name, *fold, *rule; /* what it becomes; `rule` canonical */
    const Actor *by;
    int64_t audit_id;
    bool listed; /* a list: its rule says its name */
    bool notify; /* people whom an edit moves are told of by events */
} Change;

static bool change_note(Db *db, const Change *change, const char *action, GError **error)
{
    AuditEntry entry = {.audit_id = change->audit_id,
                        .at = clock_now_ms(),
                        .by = change->by,
                        .action = action,
                        .kind = "segment",
                        .id = change->segment_id};
    return audit_add(db, &entry, error);
}

/* Whether a rule names a segment, in any case. */
static bool node_names(const RuleNode *node, const char *fold)
{
    if (node->kind == RULE_SEGMENT) {
        g_autofree char *other = text_fold(slice_of(node->text));
        return g_str_equal(other, fold);
    }
    for (uint32_t i = 0; i < node->item_count; i++)
        if (node_names(node->items[i], fold)) return true;
    return false;
}

static const SavedSegment *named_by(const GPtrArray *list, const SavedSegment *target)
{
    g_autofree char *fold = text_fold(slice_of(target->name));
    for (guint i = 0; i < list->len; i++) {
        const SavedSegment *other = list->pdata[i];
        g_autoptr(Rule) rule = rule_parse(slice_of(other->rule), NULL, NULL);
        if (other != target && rule && node_names(rule->root, fold)) return other;
    }
    return NULL;
}

static bool used_fail(const SavedSegment *target, const SavedSegment *user, GError **error)
{
    return fail(error, KITH_ERROR_CONFLICT, "segment \"%s\" is named by segment \"%s\"",
                target->name, user->name);
}

static bool name_free(const GPtrArray *list, const Change *change, GError **error)
{
    for (guint i = 0; i < list->len; i++) {
        const SavedSegment *other = list->pdata[i];
        g_autofree char *fold = text_fold(slice_of(other->name));
        if (other->segment_id == change->segment_id || !g_str_equal(fold, change->fold)) continue;
        return fail(error, KITH_ERROR_CONFLICT, "there is a segment \"%s\" already", other->name);
    }
    return true;
}

static bool create_run(Db *db, void *data, GError **error)
{
    const Change *change = data;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)saved_segment_free);
    if (!list_read(db, list, error) || !name_free(list, change, error)) return false;
    if (list->len >= LIMIT_SEGMENTS)
        return fail(error, KITH_ERROR_LIMIT, "at most %d segments can be kept", LIMIT_SEGMENTS);
    SegmentInsertParams params = {.segment_id = change->segment_id,
                                  .name = change->name,
                                  .name_fold = change->fold,
                                  .rule = change->rule,
                                  .listed = change->listed,
                                  .at = clock_now_ms()};
    VersionInsertParams version = {change->segment_id, 1, change->rule, params.at};
    return sql_segment_insert(db, &params, NULL, error) &&
           sql_version_insert(db, &version, NULL, error) &&
           change_note(db, change, "segment.create", error);
}

static bool version_write(Db *db, const SegmentUpdateParams *update, GError **error)
{
    VersionInsertParams params = {update->segment_id, update->version, update->rule, update->at};
    return sql_version_insert(db, &params, NULL, error);
}

/* What others mean changed with what they name: their records are made anew. */
static bool users_behind(Db *db, const GPtrArray *list, const SavedSegment *target, GError **error)
{
    g_autofree char *fold = text_fold(slice_of(target->name));
    for (guint i = 0; i < list->len; i++) {
        const SavedSegment *other = list->pdata[i];
        g_autoptr(Rule) rule = rule_parse(slice_of(other->rule), NULL, NULL);
        if (other == target || !rule || !node_names(rule->root, fold)) continue;
        if (!sql_watch_behind(db, &(WatchBehindParams){other->segment_id}, NULL, error))
            return false;
        if (!users_behind(db, list, other, error)) return false;
    }
    return true;
}

static bool change_run(Db *db, void *data, GError **error)
{
    const Change *change = data;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)saved_segment_free);
    if (!list_read(db, list, error) || !name_free(list, change, error)) return false;
    const SavedSegment *target = find_in(list, change->segment_id);
    if (!target) return not_found(error);
    g_autofree char *fold = text_fold(slice_of(target->name));
    const SavedSegment *user = named_by(list, target);
    if (user && !g_str_equal(fold, change->fold)) return used_fail(target, user, error);
    bool same = target->listed || g_str_equal(target->rule, change->rule);
    SegmentUpdateParams params = {.segment_id = change->segment_id,
                                  .name = change->name,
                                  .name_fold = change->fold,
                                  .rule = change->rule,
                                  .version = target->version + !same,
                                  .notify = change->notify,
                                  .at = clock_now_ms()};
    return sql_segment_update(db, &params, NULL, error) &&
           (same || (version_write(db, &params, error) && users_behind(db, list, target, error))) &&
           change_note(db, change, "segment.change", error);
}

static bool delete_run(Db *db, void *data, GError **error)
{
    const Change *change = data;
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)saved_segment_free);
    if (!list_read(db, list, error)) return false;
    const SavedSegment *target = find_in(list, change->segment_id);
    if (!target) return not_found(error);
    const SavedSegment *user = named_by(list, target);
    if (user) return used_fail(target, user, error);
    SegmentDeleteParams params = {change->segment_id};
    return sql_segment_delete(db, &params, NULL, error) &&
           change_note(db, change, "segment.delete", error);
}

/* The name without white space around it, in `ret_name`; NULL and an error when it is none. */
static char *name_read(const char *name, GError **error)
{
    Slice trimmed = text_trim(slice_of(name));
    if (trimmed.size >= 1 && trimmed.size <= SEGMENT_NAME_BYTES_MAX)
        return g_strndup(trimmed.data, trimmed.size);
    fail(error, KITH_ERROR_INVALID, "a segment's name has 1 to %d bytes", SEGMENT_NAME_BYTES_MAX);
    return NULL;
}

/* Follows the segments that a rule names; finding `fold` again is a circle. */
static bool circle_check(Segments *segments, const RuleNode *node, const char *fold, unsigned depth,
                         GError **error)
{
    for (uint32_t i = 0; i < node->item_count; i++)
        if (!circle_check(segments, node->items[i], fold, depth, error)) return false;
    if (node->kind != RULE_SEGMENT) return true;
    g_autofree char *other = text_fold(slice_of(node->text));
    if (g_str_equal(other, fold))
        return fail(error, KITH_ERROR_INVALID, "the segment would lead back to itself");
    if (depth == 0)
        return fail(error, KITH_ERROR_LIMIT, "segments lead from one to the next over %d steps",
                    LIMIT_SEGMENT_DEPTH);
    int64_t list_id = 0;
    g_autofree char *text = saved_rule_find(segments, node->text, &list_id, NULL);
    g_autoptr(Rule) inner = text && !list_id ? rule_parse(slice_of(text), NULL, NULL) : NULL;
    return !inner || circle_check(segments, inner->root, fold, depth - 1, error);
}

/* The canonical text of a rule that this store can judge. */
static char *rule_read(Segments *segments, const char *text, const char *fold, GError **error)
{
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, error);
    if (!rule || !circle_check(segments, rule->root, fold, LIMIT_SEGMENT_DEPTH, error)) return NULL;
    if (!segments_check(segments, rule, slice_of(text), NULL, error)) return NULL;
    return rule_text(rule);
}

static bool change_write(Segments *segments, WriterRun run, Change *change, GError **error)
{
    change->audit_id = store_id_next(segments->options.store);
    Writer *writer = store_writer(segments->options.store);
    if (!writer_call(writer, WRITER_REST, run, change, error)) return false;
    watch_renew(segments->watch);
    feed_want_anew(segments->options.feed);
    return true;
}

bool saved_create(Segments *segments, const Actor *by, const char *name, const char *rule,
                  int64_t *ret_segment_id, GError **error)
{
    g_autofree char *kept = name_read(name, error);
    if (!kept) return false;
    g_autofree char *fold = text_fold(slice_of(kept));
    g_autofree char *canonical = rule_read(segments, rule, fold, error);
    if (!canonical) return false;
    Change change = {.segment_id = store_id_next(segments->options.store),
                     .by = by,
                     .name = kept,
                     .fold = fold,
                     .rule = canonical};
    if (!change_write(segments, create_run, &change, error)) return false;
    *ret_segment_id = change.segment_id;
    return true;
}

/* What a list's rule says: its own name. */
static char *list_rule(const char *name)
{
    return rule_node_text(&(RuleNode){.kind = RULE_SEGMENT, .text = name});
}

bool saved_create_list(Segments *segments, const Actor *by, const char *name, int64_t segment_id,
                       GError **error)
{
    g_autofree char *kept = name_read(name, error);
    if (!kept) return false;
    g_autofree char *fold = text_fold(slice_of(kept));
    g_autofree char *rule = list_rule(kept);
    Change change = {.segment_id = segment_id,
                     .by = by,
                     .name = kept,
                     .fold = fold,
                     .rule = rule,
                     .listed = true};
    return change_write(segments, create_run, &change, error);
}

bool saved_name_valid(const char *name, GError **error)
{
    g_autofree char *kept = name_read(name, error);
    return kept != NULL;
}

bool saved_name_check(Segments *segments, const char *name, GError **error)
{
    g_autofree char *kept = name_read(name, error);
    g_autoptr(GPtrArray) list = kept ? saved_list(segments, error) : NULL;
    if (!list) return false;
    g_autofree char *fold = text_fold(slice_of(kept));
    return name_free(list, &(Change){.fold = fold}, error);
}

bool saved_change(Segments *segments, const Actor *by, int64_t segment_id, const char *name,
                  const char *rule, GError **error)
{
    return saved_edit(segments, &(SavedEdit){by, segment_id, name, rule, false}, error);
}

bool saved_edit(Segments *segments, const SavedEdit *edit, GError **error)
{
    int64_t segment_id = edit->segment_id;
    const char *name = edit->name, *rule = edit->rule;
    g_autoptr(SavedSegment) before = saved_get(segments, segment_id, error);
    if (!before) return false;
    g_autofree char *kept = name_read(name ? name : before->name, error);
    if (!kept) return false;
    g_autofree char *fold = text_fold(slice_of(kept));
    if (rule && before->listed)
        return fail(error, KITH_ERROR_INVALID,
                    "segment \"%s\" is a list of people and has no rule to change", before->name);
    g_autofree char *canonical = before->listed ? list_rule(kept)
                                 : rule         ? rule_read(segments, rule, fold, error)
                                                : g_strdup(before->rule);
    if (!canonical || (before->watched && !watch_check(segments, kept, canonical, error)))
        return false;
    Change change = {.segment_id = segment_id,
                     .by = edit->by,
                     .name = kept,
                     .fold = fold,
                     .rule = canonical,
                     .notify = edit->notify};
    return change_write(segments, change_run, &change, error);
}

bool saved_delete(Segments *segments, const Actor *by, int64_t segment_id, GError **error)
{
    Change change = {.segment_id = segment_id, .by = by};
    if (!change_write(segments, delete_run, &change, error)) return false;
    if (!picked_forget(segments, segment_id, error)) return false;
    return !segments->watch || watch_forget(segments->watch, segment_id, error);
}
