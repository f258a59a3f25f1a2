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
    int64_t person, trait_id;
    char *name; /* owned: the key to read on from */
} TraitLoad;

/* Whether a row comes before what a cell holds: as people/trait.c orders them. */
static bool counts_more(const LoadTraitsRow *row, const struct TraitCell *cell)
{
    if (!cell->json) return true;
    bool confirmed = row->confirmed != 0;
    if (confirmed != cell->confirmed) return confirmed;
    if (row->trust != cell->trust) return row->trust > cell->trust;
    if (row->occurred_at != cell->occurred_at) return row->occurred_at > cell->occurred_at;
    if (row->received_at != cell->received_at) return row->received_at > cell->received_at;
    return strcmp(row->value, cell->json) < 0;
}

static void trait_seen(Evaluation *evaluation, const LoadTraitsRow *row)
{
    if (row->occurred_at > evaluation->moment.now) return;
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (column->shown || strcmp(column->name, row->name) != 0) continue;
        int64_t person = evaluation_index(evaluation, row->person_id);
        if (person < 0) return;
        struct TraitCell *cell = &column->cells[person];
        if (!counts_more(row, cell)) continue;
        g_free(cell->json);
        *cell = (struct TraitCell){.json = g_strdup(row->value),
                                   .occurred_at = row->occurred_at,
                                   .received_at = row->received_at,
                                   .trust = (int32_t)row->trust,
                                   .confirmed = row->confirmed != 0};
    }
}

static bool trait_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    TraitLoad *load = data;
    LoadTraitsParams params = {load->person, load->name, load->trait_id,
                               load_rows(load->evaluation)};
    LoadTraitsRow row;
    int64_t rows = 0;
    g_autofree char *last = NULL;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_traits_open(db, &params, &cursor, error)) return false;
    for (; sql_load_traits_next(&cursor, &row); rows++) {
        trait_seen(load->evaluation, &row);
        load->person = row.person_id;
        load->trait_id = row.trait_id;
        if (g_strcmp0(last, row.name) == 0) continue;
        g_free(last);
        last = g_strdup(row.name);
    }
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
    for (uint32_t i = 0; i < column->size; i++)
        if (!column->cells[i].confirmed) g_clear_pointer(&column->cells[i].json, g_free);
}

/* ---- what the list shows ---- */

typedef struct ShownLoad {
    Evaluation *evaluation;
    int64_t person;
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

static char *shown_json(const CrowdPeopleRow *row, const char *name)
{
    char date[DATE_TEXT_SIZE];
    if (strcmp(name, "name") == 0) return text_json(row->name);
    if (strcmp(name, "email") == 0) return text_json(row->email);
    if (strcmp(name, "phone") == 0) return text_json(row->phone);
    if (strcmp(name, "country") == 0) return text_json(row->country);
    date_format_iso(row->created_at, date);
    return text_json(date);
}

static bool shown_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    ShownLoad *load = data;
    CrowdPeopleParams params = {load->person, load_rows(load->evaluation)};
    CrowdPeopleRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_crowd_people_open(db, &params, &cursor, error)) return false;
    for (; sql_crowd_people_next(&cursor, &row); rows++) {
        load->person = row.person_id;
        int64_t person = row.listed ? evaluation_index(load->evaluation, row.person_id) : -1;
        if (person < 0) continue;
        for (guint i = 0; i < load->evaluation->columns->len; i++) {
            TraitColumn *column = load->evaluation->columns->pdata[i];
            if (!column->shown) continue;
            g_free(column->cells[person].json);
            column->cells[person].json = shown_json(&row, column->name);
        }
    }
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

bool load_traits(Evaluation *evaluation, GError **error)
{
    bool shown = false, other = false, done = true;
    for (guint i = 0; i < evaluation->columns->len; i++) {
        bool is_shown = ((const TraitColumn *)evaluation->columns->pdata[i])->shown;
        shown = shown || is_shown;
        other = other || !is_shown;
    }
    ShownLoad shown_load = {evaluation, 0};
    if (shown && !load_chunks(evaluation, shown_chunk, &shown_load, error)) return false;
    if (!other) return true;
    TraitLoad load = {.evaluation = evaluation, .person = INT64_MIN, .name = g_strdup("")};
    done = load_chunks(evaluation, trait_chunk, &load, error);
    g_free(load.name);
    for (guint i = 0; i < evaluation->columns->len; i++) {
        TraitColumn *column = evaluation->columns->pdata[i];
        if (!column->shown) current_only(column);
    }
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

/* One person as at the moment of sending; a channel that needs no address asks the person. */
static bool consent_seen(const ConsentLoad *load, Db *db, bool *ret_holds, GError **error)
{
    People *people = load->evaluation->segments->options.people;
    const RuleNode *node = load->leaf->node;
    int64_t person_id = g_array_index(load->evaluation->people, int64_t, load->person);
    int64_t at = load->evaluation->moment.now;
    if (writes_to_address(node->text)) {
        Permission permission;
        PermissionQuery query = {person_id, NULL, node->text, topic_of(node), at};
        if (!people_permission(people, db, &query, &permission, error)) return false;
        *ret_holds = reason_holds(load->leaf, permission.reason);
        return true;
    }
    ConsentState state;
    ConsentQuery query = {.person_id = person_id,
                          .channel = node->text,
                          .topic = topic_of(node),
                          .at_ms = at,
                          .known_at_ms = INT64_MAX};
    if (!people_consent_state(people, db, &query, &state, error)) return false;
    *ret_holds = state == CONSENT_GRANTED;
    return true;
}

static bool consent_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    bool holds;
    ConsentLoad *load = data;
    uint32_t size = evaluation_size(load->evaluation);
    uint32_t end = MIN(size, load->person + CONSENT_PEOPLE);
    for (; load->person < end; load->person++) {
        if (!consent_seen(load, db, &holds, error)) return false;
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
    if (now && writes_to_address(leaf->node->text)) return consents_now(evaluation, leaf, error);
    ConsentLoad load = {evaluation, leaf, 0};
    return load_chunks(evaluation, consent_chunk, &load, error);
}

bool load_consents(Evaluation *evaluation, GError **error)
{
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        bool asks = leaf->kind == RULE_CONSENT || leaf->kind == RULE_BOUNCED;
        if (asks && !consent_load(evaluation, leaf, error)) return false;
    }
    return true;
}
