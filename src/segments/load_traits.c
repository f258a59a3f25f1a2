#include "segments/evaluate.h"

#include "base/clock.h"
#include "base/dates.h"
#include "people/consent.h"
#include "people/permission.h"
#include "segments/segments_sql.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONSENT_PEOPLE = 500, /* asked one by one with one reader */
    CONSENT_NOW_MS = 10000,
};

typedef struct TraitLoad {
    Evaluation *evaluation;
    LoadAt at;
    char *name; /* owned: the key to read on from */
} TraitLoad;

/* Whether a row comes before what a cell holds: as people/trait.c orders them. */
static bool counts_more(const FactTrait *row, const struct TraitCell *cell)
{
    if (!cell->json) return true;
    if (row->confirmed != cell->confirmed) return row->confirmed;
    if (row->trust != cell->trust) return row->trust > cell->trust;
    if (row->occurred_at != cell->occurred_at) return row->occurred_at > cell->occurred_at;
    if (row->received_at != cell->received_at) return row->received_at > cell->received_at;
    return strcmp(row->value, cell->json) < 0;
}

void trait_cell_take(struct TraitCell *cell, const FactTrait *row)
{
    if (!counts_more(row, cell)) return;
    g_free(cell->json);
    *cell = (struct TraitCell){.json = g_strdup(row->value),
                               .occurred_at = row->occurred_at,
                               .received_at = row->received_at,
                               .trust = (int32_t)row->trust,
                               .confirmed = row->confirmed};
}

void evaluation_tell_trait(Evaluation *evaluation, const FactTrait *row)
{
    if (evaluation->fact_sink) {
        evaluation->fact_sink->trait(evaluation->sink_data, row);
        return;
    }
    if (evaluation->facts) {
        facts_add_trait(evaluation->facts, row);
        return;
    }
    if (row->occurred_at > evaluation->moment.now) return;
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (column->shown || strcmp(column->name, row->name) != 0) continue;
        int64_t person = evaluation_index(evaluation, row->stem);
        if (person < 0) return;
        column->told = true;
        trait_cell_take(trait_column_cell(column, (uint32_t)person), row);
    }
}

static bool trait_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    TraitLoad *load = data;
    bool begins = load->at.id == INT64_MIN;
    LoadTraitsParams params = {.person_id = load->at.person,
                               .name = begins ? "" : load->name,
                               .trait_id = load->at.id,
                               .last = load->at.last,
                               .rows = load_rows(load->evaluation)};
    LoadTraitsRow row;
    int64_t rows = 0;
    g_autofree char *last = NULL;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_traits_open(db, &params, &cursor, error)) return false;
    for (; sql_load_traits_next(&cursor, &row); rows++) {
        FactTrait trait = {.stem = row.person_id,
                           .name = row.name,
                           .value = row.value,
                           .trait_id = row.trait_id,
                           .trust = row.trust,
                           .occurred_at = row.occurred_at,
                           .received_at = row.received_at,
                           .confirmed = row.confirmed != 0};
        evaluation_tell_trait(load->evaluation, &trait);
        load->at.person = row.person_id;
        load->at.id = row.trait_id;
        if (g_strcmp0(last, row.name) == 0) continue;
        g_free(last);
        last = g_strdup(row.name);
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    bool done = db_cursor_finish(&cursor, error);
    if (last) {
        g_free(load->name);
        load->name = g_steal_pointer(&last);
    }
    return done;
}

/* An unconfirmed value is shown, never current; an ended trait is null. */
static void current_only(TraitColumn *column)
{
    for (uint32_t i = 0; column->cells && i < column->size; i++)
        if (!column->cells[i].confirmed) g_clear_pointer(&column->cells[i].json, g_free);
}

void evaluation_traits_end(Evaluation *evaluation)
{
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (!column->shown) current_only(column);
    }
}

/* ---- what the list shows ---- */

typedef struct ShownLoad {
    Evaluation *evaluation;
    LoadAt at;
} ShownLoad;

static char *text_json(const char *text)
{
    if (!text) return NULL;
    json_t *value = json_string(text);
    char *json = json_dumps(value, JSON_ENCODE_ANY), *copy = g_strdup(json);
    free(json);
    json_decref(value);
    return copy;
}

char *fact_shown_json(const FactShown *row, const char *name)
{
    char date[DATE_TEXT_SIZE];
    if (strcmp(name, "name") == 0) return text_json(row->name);
    if (strcmp(name, "email") == 0) return text_json(row->email);
    if (strcmp(name, "phone") == 0) return text_json(row->phone);
    if (strcmp(name, "country") == 0) return text_json(row->country);
    date_format_iso(row->created_at, date);
    return text_json(date);
}

void evaluation_tell_shown(Evaluation *evaluation, const FactShown *shown)
{
    if (evaluation->fact_sink) {
        evaluation->fact_sink->shown(evaluation->sink_data, shown);
        return;
    }
    if (evaluation->facts) {
        facts_add_shown(evaluation->facts, shown);
        return;
    }
    int64_t person = evaluation_index(evaluation, shown->person);
    for (guint i = 0; person >= 0 && i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (!column->shown) continue;
        struct TraitCell *cell = trait_column_cell(column, (uint32_t)person);
        g_free(cell->json);
        column->told = true;
        cell->json = fact_shown_json(shown, column->name);
    }
}

static bool shown_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    ShownLoad *load = data;
    CrowdPeopleParams params = {load->at.person, load->at.last, load_rows(load->evaluation)};
    CrowdPeopleRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_crowd_people_open(db, &params, &cursor, error)) return false;
    for (; sql_crowd_people_next(&cursor, &row); rows++) {
        load->at.person = row.person_id + 1;
        if (!row.listed) continue;
        FactShown shown = {row.person_id, row.name,    row.email,
                           row.phone,     row.country, row.created_at};
        evaluation_tell_shown(load->evaluation, &shown);
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

bool load_shown_rows(Evaluation *evaluation, GError **error)
{
    ShownLoad load = {.evaluation = evaluation};
    return load_spans(evaluation, shown_chunk, &load, &load.at, error);
}

bool load_trait_rows(Evaluation *evaluation, GError **error)
{
    TraitLoad load = {.evaluation = evaluation, .name = g_strdup("")};
    bool done = load_spans(evaluation, trait_chunk, &load, &load.at, error);
    g_free(load.name);
    return done;
}

bool load_traits(Evaluation *evaluation, GError **error)
{
    bool shown = false, other = false;
    for (guint i = 0; i < evaluation->columns->len; i++) {
        bool is_shown = ((const TraitColumn *)evaluation->columns->pdata[i])->shown;
        shown = shown || is_shown;
        other = other || !is_shown;
    }
    if (shown && !load_shown_rows(evaluation, error)) return false;
    if (!other) return true;
    bool done = load_trait_rows(evaluation, error);
    evaluation_traits_end(evaluation);
    return done;
}

/* ---- consents ---- */

typedef struct ConsentLoad {
    Evaluation *evaluation;
    Leaf *leaf;
    uint32_t person;
} ConsentLoad;

static const char *topic_of(const RuleNode *node)
{
    return node->topic ? node->topic : PERMISSION_TOPIC;
}

static bool writes_to_address(const char *channel)
{
    static const char *const channels[] = {"email", "sms", "phone", "whatsapp"};
    for (size_t i = 0; i < G_N_ELEMENTS(channels); i++)
        if (strcmp(channels[i], channel) == 0) return true;
    return false;
}

/* Whom the ledger itself calls bounced counts as such: no mail of ours need have come back. */
static bool reason_holds(const Leaf *leaf, PermissionReason reason)
{
    return leaf->kind == RULE_BOUNCED ? reason == PERMISSION_BOUNCED : permission_may(reason);
}

bool load_consent(People *people, Db *db, const ConsentAsk *ask, bool *ret_holds, GError **error)
{
    const RuleNode *node = ask->leaf->node;
    if (writes_to_address(node->text)) {
        Permission permission;
        PermissionQuery query = {ask->person_id, NULL, node->text, topic_of(node), ask->at};
        if (!people_permission(people, db, &query, &permission, error)) return false;
        *ret_holds = reason_holds(ask->leaf, permission.reason);
        return true;
    }
    ConsentState state;
    ConsentQuery query = {.person_id = ask->person_id,
                          .channel = node->text,
                          .topic = topic_of(node),
                          .at_ms = ask->at,
                          .known_at_ms = INT64_MAX};
    if (!people_consent_state(people, db, &query, &state, error)) return false;
    *ret_holds = state == CONSENT_GRANTED;
    return true;
}

static bool consent_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    bool holds;
    ConsentLoad *load = data;
    People *people = load->evaluation->segments->options.people;
    uint32_t size = evaluation_size(load->evaluation);
    uint32_t end = MIN(size, load->person + CONSENT_PEOPLE);
    for (; load->person < end; load->person++) {
        ConsentAsk ask = {load->leaf,
                          g_array_index(load->evaluation->people, int64_t, load->person),
                          load->evaluation->moment.now};
        if (!load_consent(people, db, &ask, &holds, error)) return false;
        if (holds) set_add(load->leaf->set, load->person);
    }
    *ret_more = end < size;
    return true;
}

/* Asked about now, the count of the Permission page is the answer, and it is kept there. */
static bool consents_now(Evaluation *evaluation, Leaf *leaf, GError **error)
{
    People *people = evaluation->segments->options.people;
    g_autoptr(PermissionCount) count =
        people_permission_count(people, leaf->node->text, topic_of(leaf->node), NULL, error);
    if (!count) return false;
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        bool holds = reason_holds(leaf, entry->reason);
        int64_t person = holds ? evaluation_index(evaluation, entry->person_id) : -1;
        if (person >= 0) set_add(leaf->set, (uint32_t)person);
    }
    return true;
}

static bool consent_load(Evaluation *evaluation, Leaf *leaf, GError **error)
{
    int64_t age = clock_now_ms() - evaluation->moment.now;
    bool now = age >= 0 && age <= CONSENT_NOW_MS;
    bool all = !evaluation->stems;
    if (now && all && writes_to_address(leaf->node->text))
        return consents_now(evaluation, leaf, error);
    ConsentLoad load = {evaluation, leaf, 0};
    return load_chunks(evaluation, consent_chunk, &load, error);
}

bool load_consents(Evaluation *evaluation, GError **error)
{
    if (evaluation->facts) return true; /* asked at each moment */
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        bool asks = leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED;
        if (asks && !consent_load(evaluation, leaf, error)) return false;
    }
    return true;
}
