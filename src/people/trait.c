#include "people/trait.h"

#include <string.h>

#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "people/summary.h"
#include "people/trait_sql.h"
#include "store/changes.h"

void trait_free(Trait *trait)
{
    if (!trait) return;
    g_free(trait->name);
    g_free(trait->json);
    g_free(trait);
}

/* ---- writing ---- */

typedef struct TraitPut {
    People *people;
    Db *db;
    const TraitReport *report;
    bool confirmed; /* what this report says counts */
    TraitOutcome outcome;
} TraitPut;

static bool stem_known_by_server(Db *db, int64_t stem, bool *ret_known, GError **error)
{
    PersonFindParams person = {stem};
    PersonFindRow row;
    bool found;
    if (!sql_person_find(db, &person, &row, &found, error)) return false;
    *ret_known = found && row.trust > TRUST_TRACK;
    if (*ret_known) return true;
    PersonIdentityFactsParams params = {stem};
    PersonIdentityFactsRow fact;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_facts_open(db, &params, &cursor, error)) return false;
    while (sql_person_identity_facts_next(&cursor, &fact))
        if (g_str_equal(fact.state, identity_state_name(IDENTITY_CONFIRMED))) *ret_known = true;
    return db_cursor_finish(&cursor, error);
}

static bool person_known_by_server(People *people, Db *db, int64_t stem, bool *ret_known,
                                   GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, people_person(people, stem), stems);
    *ret_known = false;
    for (guint i = 0; i < stems->len && !*ret_known; i++) {
        int64_t one = g_array_index(stems, int64_t, i);
        if (one > 0 && !stem_known_by_server(db, one, ret_known, error)) return false;
    }
    return true;
}

/* What the ledger has about one name. */
typedef struct Before {
    bool same;  /* this level said the same when the report's time came */
    bool known; /* the stem has the name */
} Before;

static bool said_before(TraitPut *put, const char *name, const char *json, Before *before,
                        GError **error)
{
    TraitHistoryParams params = {put->report->stem, name};
    TraitHistoryRow row;
    int64_t best_at = INT64_MIN;
    *before = (Before){0};
    g_auto(DbCursor) cursor = {0};
    if (!sql_trait_history_open(put->db, &params, &cursor, error)) return false;
    while (sql_trait_history_next(&cursor, &row)) {
        before->known = true;
        if (row.trust != put->report->trust || (row.confirmed != 0) != put->confirmed) continue;
        if (row.occurred_at > put->report->occurred_at || row.occurred_at < best_at) continue;
        best_at = row.occurred_at;
        before->same = g_str_equal(row.value, json);
    }
    return db_cursor_finish(&cursor, error);
}

static bool trait_row(TraitPut *put, const char *name, const char *json, GError **error)
{
    const TraitReport *report = put->report;
    TraitInsertParams params = {
        .person_id = report->stem,
        .name = name,
        .trait_id = store_id_next(put->people->store),
        .value = json,
        .source_id = report->source_id,
        .trust = report->trust,
        .confirmed = put->confirmed,
        .occurred_at = report->occurred_at,
        .received_at = report->received_at,
    };
    put->outcome.written++;
    if (!put->confirmed) put->outcome.unconfirmed++;
    StoreChange change = {CHANGE_TRAIT, report->stem, report->received_at, .name = name};
    return sql_trait_insert(put->db, &params, NULL, error) &&
           store_changed(put->db, &change, error);
}

static bool names_left(TraitPut *put, bool *ret_left, GError **error)
{
    TraitNameCountParams params = {put->report->stem};
    TraitNameCountRow row = {0};
    bool found;
    if (!sql_trait_name_count(put->db, &params, &row, &found, error)) return false;
    *ret_left = row.count < TRAIT_NAMES_MAX;
    return true;
}

static bool value_put(TraitPut *put, const TraitValue *value, GError **error)
{
    bool fits = value->name.size >= 1 && value->name.size <= TRAIT_NAME_MAX &&
                value->json.size >= 1 && value->json.size <= TRAIT_VALUE_MAX;
    if (!fits) {
        put->outcome.refused++;
        return true;
    }
    g_autofree char *name = g_strndup(value->name.data, value->name.size);
    g_autofree char *json = g_strndup(value->json.data, value->json.size);
    Before before;
    bool left = true;
    if (!said_before(put, name, json, &before, error)) return false;
    if (before.same || (!before.known && g_str_equal(json, "null"))) {
        put->outcome.unchanged++;
        return true;
    }
    if (!before.known && !names_left(put, &left, error)) return false;
    if (left) return trait_row(put, name, json, error);
    put->outcome.refused++;
    return true;
}

bool people_traits_put(People *people, Db *db, const TraitReport *report, TraitOutcome *ret_outcome,
                       GError **error)
{
    g_assert(report->stem > 0);
    TraitPut put = {people, db, report, true, {0}};
    if (!trust_is_server(report->trust)) {
        bool known;
        if (!person_known_by_server(people, db, report->stem, &known, error)) return false;
        put.confirmed = !known;
    }
    for (size_t i = 0; i < report->count; i++) {
        if (i >= TRAIT_REPORT_MAX) {
            put.outcome.refused++;
            continue;
        }
        if (!value_put(&put, &report->traits[i], error)) return false;
    }
    int64_t person_id = people_person(people, report->stem);
    if (put.outcome.written && !people_summary_refresh(people, db, person_id, error)) return false;
    if (ret_outcome) *ret_outcome = put.outcome;
    return true;
}

/* ---- reading ---- */

static Trait *trait_of_row(int64_t stem, const TraitAllRow *row)
{
    Trait *trait = g_new0(Trait, 1);
    *trait = (Trait){
        .name = g_strdup(row->name),
        .json = g_strdup(row->value),
        .stem = stem,
        .source_id = row->source_id,
        .occurred_at = row->occurred_at,
        .received_at = row->received_at,
        .trust = (Trust)row->trust,
        .unconfirmed = !row->confirmed,
    };
    return trait;
}

static bool stem_traits(Db *db, int64_t stem, const TraitQuery *query, GPtrArray *rows,
                        GError **error)
{
    TraitAllParams params = {stem};
    TraitAllRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_trait_all_open(db, &params, &cursor, error)) return false;
    while (sql_trait_all_next(&cursor, &row)) {
        if (query->name && !g_str_equal(query->name, row.name)) continue;
        if (row.occurred_at > query->at_ms) continue;
        if (row.received_at > query->known_at_ms) continue;
        g_ptr_array_add(rows, trait_of_row(stem, &row));
    }
    return db_cursor_finish(&cursor, error);
}

static int int64_compare(int64_t a, int64_t b) { return a < b ? -1 : a > b; }

/* By name; within a name the one that counts first. */
static int trait_compare(const void *a_pointer, const void *b_pointer)
{
    const Trait *a = *(Trait *const *)a_pointer, *b = *(Trait *const *)b_pointer;
    int order = strcmp(a->name, b->name);
    if (!order) order = a->unconfirmed - b->unconfirmed;
    if (!order) order = int64_compare(b->trust, a->trust);
    if (!order) order = int64_compare(b->occurred_at, a->occurred_at);
    if (!order) order = int64_compare(b->received_at, a->received_at);
    return order ? order : strcmp(a->json, b->json);
}

static bool is_null(const Trait *trait) { return g_str_equal(trait->json, "null"); }

/* Keeps of each name the first, and the first unconfirmed one that says something else. */
static GPtrArray *current_only(GPtrArray *rows)
{
    GPtrArray *kept = g_ptr_array_new_with_free_func((GDestroyNotify)trait_free);
    const char *name = "", *shown = "";
    bool rival = false;
    for (guint i = 0; i < rows->len; i++) {
        Trait *trait = rows->pdata[i];
        bool first = !g_str_equal(trait->name, name);
        bool other = !first && trait->unconfirmed && !rival && !g_str_equal(trait->json, shown);
        if (!first && !other) continue;
        if (first) shown = trait->json;
        name = trait->name;
        rival = trait->unconfirmed;
        if (is_null(trait)) continue;
        g_ptr_array_add(kept, trait);
        rows->pdata[i] = NULL;
    }
    return kept;
}

GPtrArray *people_traits_load(People *people, Db *db, const TraitQuery *query, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)trait_free);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, query->person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !stem_traits(db, stem, query, rows, error)) return NULL;
    }
    g_ptr_array_sort(rows, trait_compare);
    return current_only(rows);
}
