#include "people/list.h"

#include <string.h>

#include "people/json.h"
#include "people/list_sql.h"
#include "people/people_state.h"
#include "people/summary.h"
#include "people/summary_sql.h"
#include "store/store.h"

void people_set_provider(People *people, const PeopleProvider *provider)
{
    people->provider = *provider;
}

bool people_figures(People *people, int64_t person_id, PersonFigures *ret_figures)
{
    *ret_figures = (PersonFigures){.median_gap_days = -1, .quiet_days = -1};
    const PeopleProvider *provider = &people->provider;
    if (!provider->figures) return false;
    return provider->figures(provider->context, person_id, ret_figures, NULL);
}

/* ---- the page at hand ---- */

typedef struct List {
    People *people;
    Db *db;
    const PeopleListQuery *query;
    size_t limit;
    GArray *ids; /* of int64_t: the page */
    char *next;  /* cursor behind it, NULL at the end; owned */
    int64_t total;
} List;

static bool sorts_by(const PeopleListQuery *query, const char *sort)
{
    return g_strcmp0(query->sort ? query->sort : "name", sort) == 0;
}

/* Cursors: "i<id>", "n<id>.<sort name>", "o<offset>". */
static bool cursor_parse(const char *cursor, char kind, int64_t *ret_number, const char **ret_rest,
                         GError **error)
{
    char *end = NULL;
    if (cursor[0] == kind && strlen(cursor) <= LIST_CURSOR_MAX)
        *ret_number = g_ascii_strtoll(cursor + 1, &end, 10);
    if (!end || end == cursor + 1)
        return fail(error, KITH_ERROR_INVALID, "cursor '%s' is not of this list", cursor);
    if (ret_rest) *ret_rest = *end == '.' ? end + 1 : end;
    return true;
}

/* ---- by name ---- */

typedef bool (*NameNext)(DbCursor *cursor, ListByNameRow *ret_row);

static bool name_down_next(DbCursor *cursor, ListByNameRow *ret_row)
{
    ListByNameDownRow row;
    if (!sql_list_by_name_down_next(cursor, &row)) return false;
    *ret_row = (ListByNameRow){row.person_id, row.sort_name};
    return true;
}

static bool name_open(List *list, DbCursor *cursor, NameNext *ret_next, GError **error)
{
    bool down = list->query->descending;
    int64_t id = down ? INT64_MAX : 0;
    const char *name = down ? "\xf4\x8f\xbf\xbf" : "";
    if (list->query->cursor && !cursor_parse(list->query->cursor, 'n', &id, &name, error))
        return false;
    int64_t rows = (int64_t)list->limit + 1;
    *ret_next = down ? name_down_next : sql_list_by_name_next;
    if (down)
        return sql_list_by_name_down_open(list->db, &(ListByNameDownParams){name, id, rows}, cursor,
                                          error);
    return sql_list_by_name_open(list->db, &(ListByNameParams){name, id, rows}, cursor, error);
}

static bool page_by_name(List *list, GError **error)
{
    NameNext next;
    ListByNameRow row;
    g_auto(DbCursor) cursor = {0};
    g_autofree char *last = NULL;
    if (!name_open(list, &cursor, &next, error)) return false;
    while (next(&cursor, &row)) {
        if (list->ids->len == list->limit) {
            list->next = g_steal_pointer(&last);
            break;
        }
        g_array_append_val(list->ids, row.person_id);
        if (list->ids->len == list->limit)
            last = g_strdup_printf("n%" G_GINT64_FORMAT ".%s", row.person_id, row.sort_name);
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- by time of creation: ids rise with it ---- */

static bool id_down_next(DbCursor *cursor, ListByIdRow *ret_row)
{
    ListByIdDownRow row;
    if (!sql_list_by_id_down_next(cursor, &row)) return false;
    ret_row->person_id = row.person_id;
    return true;
}

static bool id_open(List *list, DbCursor *cursor, GError **error)
{
    bool down = list->query->descending;
    int64_t id = down ? INT64_MAX : 0, rows = (int64_t)list->limit + 1;
    if (list->query->cursor && !cursor_parse(list->query->cursor, 'i', &id, NULL, error))
        return false;
    if (down)
        return sql_list_by_id_down_open(list->db, &(ListByIdDownParams){id, rows}, cursor, error);
    return sql_list_by_id_open(list->db, &(ListByIdParams){id, rows}, cursor, error);
}

static bool page_by_id(List *list, GError **error)
{
    ListByIdRow row;
    g_auto(DbCursor) cursor = {0};
    if (!id_open(list, &cursor, error)) return false;
    bool down = list->query->descending;
    while (down ? id_down_next(&cursor, &row) : sql_list_by_id_next(&cursor, &row)) {
        if (list->ids->len == list->limit) {
            int64_t last = g_array_index(list->ids, int64_t, list->limit - 1);
            list->next = g_strdup_printf("i%" G_GINT64_FORMAT, last);
            break;
        }
        g_array_append_val(list->ids, row.person_id);
    }
    return db_cursor_finish(&cursor, error);
}

/* ---- by offset in a list of ids ---- */

static bool page_of_ids(List *list, const GArray *all, GError **error)
{
    int64_t offset = 0;
    if (list->query->cursor && !cursor_parse(list->query->cursor, 'o', &offset, NULL, error))
        return false;
    offset = CLAMP(offset, 0, (int64_t)all->len);
    size_t end = MIN((size_t)offset + list->limit, all->len);
    for (size_t i = (size_t)offset; i < end; i++)
        g_array_append_val(list->ids, g_array_index(all, int64_t, i));
    if (end < all->len) list->next = g_strdup_printf("o%zu", end);
    list->total = all->len;
    return true;
}

/* ---- search ---- */

typedef struct Match {
    int64_t person_id;
    char *sort_name;
} Match;

typedef struct Search {
    char **words;      /* folded; each must occur */
    GArray *matches;   /* of Match */
    int64_t person_id; /* where the next chunk begins */
    int64_t rows;      /* of the chunk at hand */
} Search;

static void match_clear(void *data) { g_free(((Match *)data)->sort_name); }

static bool words_occur(char *const *words, const char *text)
{
    for (; *words; words++)
        if (**words && !strstr(text, *words)) return false;
    return true;
}

static bool search_chunk(List *list, Search *search, GError **error)
{
    ListScanParams params = {search->person_id, LIST_SCAN_ROWS};
    ListScanRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_list_scan_open(list->db, &params, &cursor, error)) return false;
    for (search->rows = 0; sql_list_scan_next(&cursor, &row); search->rows++) {
        search->person_id = row.person_id;
        if (!row.listed || !words_occur(search->words, row.search)) continue;
        Match match = {row.person_id, g_strdup(row.sort_name)};
        g_array_append_val(search->matches, match);
        if (search->matches->len == LIST_MATCHES_MAX) break;
    }
    return db_cursor_finish(&cursor, error);
}

static int match_compare(const void *a_pointer, const void *b_pointer)
{
    const Match *a = a_pointer, *b = b_pointer;
    int order = strcmp(a->sort_name, b->sort_name);
    return order ? order : (a->person_id > b->person_id) - (a->person_id < b->person_id);
}

static bool search_run(List *list, GArray *ids, GError **error)
{
    g_autofree char *folded = people_fold(list->query->text);
    g_auto(GStrv) words = g_strsplit_set(folded, " \t\n", -1);
    g_autoptr(GArray) matches = g_array_new(FALSE, FALSE, sizeof(Match));
    g_array_set_clear_func(matches, match_clear);
    Search search = {words, matches, 0, 0};
    do {
        if (!search_chunk(list, &search, error)) return false;
    } while (search.rows == LIST_SCAN_ROWS && matches->len < LIST_MATCHES_MAX);
    if (!sorts_by(list->query, "created")) g_array_sort(matches, match_compare);
    for (guint i = 0; i < matches->len; i++) {
        guint at = list->query->descending ? matches->len - 1 - i : i;
        g_array_append_val(ids, g_array_index(matches, Match, at).person_id);
    }
    return true;
}

/* ---- people that measure chose ---- */

static bool is_group(const PeopleListQuery *query)
{
    return query->group && *query->group && !g_str_equal(query->group, "all");
}

static bool needs_provider(const PeopleListQuery *query)
{
    bool own = sorts_by(query, "name") || sorts_by(query, "created");
    return !own || is_group(query) || query->kpi;
}

static bool provider_ids(List *list, GArray *ids, GError **error)
{
    const PeopleListQuery *query = list->query;
    const PeopleProvider *provider = &list->people->provider;
    if (!provider->select) return true;
    bool own = sorts_by(query, "name") || sorts_by(query, "created");
    PeopleSelect select = {
        .sort = own ? NULL : query->sort,
        .group = is_group(query) ? query->group : NULL,
        .kpi = query->kpi,
        .from = query->from,
        .to = query->to,
        .descending = query->descending,
    };
    return provider->select(provider->context, &select, ids, error);
}

/* A set of ids, sorted for look-ups. */
static int id_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static GArray *ids_sorted(const GArray *ids)
{
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), ids->len);
    g_array_append_vals(sorted, ids->data, ids->len);
    g_array_sort(sorted, id_compare);
    return sorted;
}

/* Keeps the order of `ids` and only those that are in `among`. */
static void ids_keep(GArray *ids, const GArray *among)
{
    g_autoptr(GArray) sorted = ids_sorted(among);
    guint kept = 0;
    for (guint i = 0; i < ids->len; i++) {
        int64_t id = g_array_index(ids, int64_t, i);
        if (g_array_binary_search(sorted, &id, id_compare, NULL))
            g_array_index(ids, int64_t, kept++) = id;
    }
    g_array_set_size(ids, kept);
}

/* Everybody who is listed and not yet in `ids`, behind them: people without an order. */
static bool ids_append_rest(List *list, GArray *ids, GError **error)
{
    g_autoptr(GArray) sorted = ids_sorted(ids);
    Search all = {.words = (char *[]){NULL}};
    g_autoptr(GArray) rest = g_array_new(FALSE, FALSE, sizeof(int64_t));
    do {
        ListByIdParams params = {all.person_id, LIST_SCAN_ROWS};
        ListByIdRow row;
        g_auto(DbCursor) cursor = {0};
        if (!sql_list_by_id_open(list->db, &params, &cursor, error)) return false;
        for (all.rows = 0; sql_list_by_id_next(&cursor, &row); all.rows++) {
            all.person_id = row.person_id;
            if (!g_array_binary_search(sorted, &row.person_id, id_compare, NULL))
                g_array_append_val(rest, row.person_id);
        }
        if (!db_cursor_finish(&cursor, error)) return false;
    } while (all.rows == LIST_SCAN_ROWS);
    g_array_append_vals(ids, rest->data, rest->len);
    return true;
}

static bool page_chosen(List *list, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    bool searched = list->query->text && *list->query->text;
    if (needs_provider(list->query) && !provider_ids(list, ids, error)) return false;
    if (needs_provider(list->query) && !is_group(list->query) && !list->query->kpi &&
        !ids_append_rest(list, ids, error))
        return false;
    if (searched) {
        g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(int64_t));
        if (!search_run(list, found, error)) return false;
        if (!needs_provider(list->query)) return page_of_ids(list, found, error);
        ids_keep(ids, found);
    }
    return page_of_ids(list, ids, error);
}

/* ---- rows ---- */

json_t *people_tags_json(People *people, Db *db, int64_t person_id, GError **error)
{
    json_t *tags = json_array();
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        TagListParams params = {g_array_index(stems, int64_t, i)};
        TagListRow row;
        g_auto(DbCursor) cursor = {0};
        bool done = params.person_id < 0 || sql_tag_list_open(db, &params, &cursor, error);
        while (done && params.person_id > 0 && sql_tag_list_next(&cursor, &row))
            json_array_append_new(tags, json_string(row.tag));
        if (done && (params.person_id < 0 || db_cursor_finish(&cursor, error))) continue;
        json_decref(tags);
        return NULL;
    }
    return tags;
}

static void row_figures(List *list, json_t *row, int64_t person_id)
{
    PersonFigures figures;
    people_figures(list->people, person_id, &figures);
    json_object_set_new(row, "orders", json_integer(figures.orders));
    json_object_set_new(row, "spent", json_money(figures.spent_minor, figures.currency));
    json_object_set_new(row, "first_order_at", json_time(figures.first_order_at));
    json_object_set_new(row, "last_order_at", json_time(figures.last_order_at));
    json_object_set_new(row, "quiet", json_boolean(figures.quiet));
    json_object_set_new(row, "quiet_days", json_days(figures.quiet_days));
    json_object_set_new(row, "usual_gap_days", json_days(figures.median_gap_days));
}

static bool row_add(List *list, json_t *rows, int64_t person_id, GError **error)
{
    SummaryFindParams params = {person_id};
    SummaryFindRow summary;
    bool found;
    if (!sql_summary_find(list->db, &params, &summary, &found, error)) return false;
    if (!found || !summary.listed) return true; /* erased or merged since the ids were made */
    json_t *row = json_object();
    json_array_append_new(rows, row);
    json_object_set_new(row, "id", json_id(person_id));
    json_object_set_new(row, "name", json_text(summary.name));
    json_object_set_new(row, "email", json_text(summary.email));
    json_object_set_new(row, "country", json_text(summary.country));
    json_object_set_new(row, "created_at", json_integer(summary.created_at));
    row_figures(list, row, person_id);
    json_t *tags = people_tags_json(list->people, list->db, person_id, error);
    json_object_set_new(row, "tags", tags);
    return tags != NULL;
}

json_t *people_rows_json(People *people, Db *db, const GArray *ids, GError **error)
{
    List list = {.people = people, .db = db};
    json_t *rows = json_array();
    for (guint i = 0; i < ids->len; i++) {
        if (row_add(&list, rows, g_array_index(ids, int64_t, i), error)) continue;
        json_decref(rows);
        return NULL;
    }
    return rows;
}

static bool page_make(List *list, GError **error)
{
    bool searched = list->query->text && *list->query->text;
    if (searched || needs_provider(list->query)) return page_chosen(list, error);
    ListCountRow count = {0};
    bool found;
    if (!sql_list_count(list->db, &count, &found, error)) return false;
    list->total = count.count;
    return sorts_by(list->query, "created") ? page_by_id(list, error) : page_by_name(list, error);
}

static json_t *list_json(List *list, GError **error)
{
    if (!page_make(list, error)) return NULL;
    json_t *rows = json_array();
    json_t *page = json_pack("{s:o, s:I, s:o}", "people", rows, "total", (json_int_t)list->total,
                             "next", json_text(list->next));
    for (guint i = 0; i < list->ids->len; i++) {
        if (row_add(list, rows, g_array_index(list->ids, int64_t, i), error)) continue;
        json_decref(page);
        return NULL;
    }
    return page;
}

json_t *people_list_json(People *people, Db *db, const PeopleListQuery *query, GError **error)
{
    List list = {
        .people = people,
        .db = db,
        .query = query,
        .limit = (size_t)CLAMP(query->limit ? query->limit : LIST_LIMIT, 1, LIST_LIMIT_MAX),
        .ids = g_array_new(FALSE, FALSE, sizeof(int64_t)),
    };
    json_t *page = list_json(&list, error);
    g_array_unref(list.ids);
    g_free(list.next);
    return page;
}
