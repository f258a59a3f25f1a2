#include "segments/why.h"

#include "base/clock.h"
#include "base/dates.h"
#include "base/error.h"
#include "base/ids.h"
#include "people/permission.h"
#include "segments/judge_private.h"
#include "segments/segments_sql.h"

#include <string.h>

typedef struct Why {
    Judge *judge;
    int64_t at;
    unsigned depth; /* of segments inside segments */
} Why;

static json_t *node_json(const Why *why, const RuleNode *node, GError **error);

static void put_time(json_t *object, const char *name, int64_t at)
{
    bool known = at != INT64_MAX && at != INT64_MIN;
    json_object_set_new(object, name, known ? json_integer(at) : json_null());
}

/* ---- the number behind a part ---- */

/* The last occurrence that the leaf's first step hears of, in the window or not. */
static int64_t last_at(const Judge *judge, const Evaluation *evaluation, const Leaf *leaf)
{
    int64_t last = INT64_MIN;
    for (guint i = 0; i < evaluation->taps->len; i++) {
        Tap tap = *(const Tap *)evaluation->taps->pdata[i];
        if (tap.leaf != leaf || tap.step != 0 || tap.negative) continue;
        tap.range = (Range){INT64_MIN, evaluation->moment.now};
        for (guint k = 0; k < judge->facts.seen->len; k++) {
            const Seen *seen = &g_array_index(judge->facts.seen, Seen, k);
            if (seen->at > last && evaluation_hears(evaluation, &tap, seen)) last = seen->at;
        }
    }
    return last;
}

static void amount_put(json_t *object, const Leaf *leaf)
{
    LeafNumber number = leaf_number(leaf, 0);
    bool sum =
        leaf->amount == RULE_SUM || leaf->amount == RULE_COUNT || leaf->amount == RULE_DISTINCT;
    if (!number.known && !sum) return;
    double value = (double)number.numerator / (double)number.denominator / DECIMAL_SCALE;
    json_object_set_new(object, "number", json_real(value));
}

static void trait_put(json_t *object, const Leaf *leaf)
{
    const char *json = trait_column_json(leaf->column, 0);
    json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
    if (value) json_object_set_new(object, "value", value);
}

static bool reason_put(json_t *object, const Why *why, const RuleNode *node, GError **error)
{
    Permission permission;
    PermissionQuery query = {why->judge->person_id, NULL, node->text,
                             node->topic ? node->topic : PERMISSION_TOPIC, why->at};
    static const char *const channels[] = {"email", "sms", "phone", "whatsapp", NULL};
    if (!node->text || !g_strv_contains(channels, node->text)) return true;
    Segments *segments = why->judge->segments;
    Db *db = store_reader_begin(segments_store(segments), error);
    if (!db) return false;
    bool done = people_permission(segments_people(segments), db, &query, &permission, error);
    store_reader_end(segments_store(segments), db);
    if (done)
        json_object_set_new(object, "reason",
                            json_string(permission_reason_name(permission.reason)));
    return done;
}

static bool leaf_put(json_t *object, const Why *why, const Evaluation *evaluation, const Leaf *leaf,
                     GError **error)
{
    if (leaf->column) trait_put(object, leaf);
    put_time(object, "last_at", last_at(why->judge, evaluation, leaf));
    switch (leaf->kind) {
    case RULE_DID:
        json_object_set_new(object, "count", json_integer(leaf->counts[0]));
        return true;
    case RULE_AMOUNT:
        amount_put(object, leaf);
        return true;
    case RULE_CONSENT:
    case RULE_BOUNCED:
        return reason_put(object, why, leaf->node, error);
    default: /* nothing more to say */
        return true;
    }
}

/* ---- the tree ---- */

static bool parts_put(json_t *object, const Why *why, const RuleNode *node, GError **error)
{
    json_t *parts = json_object_get(object, "parts");
    for (uint32_t i = 0; i < node->item_count; i++) {
        json_t *part = node_json(why, node->items[i], error);
        if (!part) return false;
        json_array_append_new(parts, part);
    }
    return true;
}

/* What stands behind the name of a segment. */
static bool inner_put(json_t *object, const Why *why, const Evaluation *evaluation,
                      const RuleNode *node, GError **error)
{
    const Rule *inner = g_hash_table_lookup(evaluation->inner_of, node);
    Why deeper = *why;
    if (!inner || deeper.depth-- == 0) return true;
    json_t *part = node_json(&deeper, inner->root, error);
    return part && json_array_append_new(json_object_get(object, "parts"), part) == 0;
}

static bool evaluated_put(json_t *object, const Why *why, const RuleNode *node, GError **error)
{
    g_auto(Evaluation) evaluation;
    if (!judge_evaluate(why->judge, node, why->at, &evaluation, error)) return false;
    if (node->kind == RULE_SEGMENT) return inner_put(object, why, &evaluation, node, error);
    Leaf *leaf = g_hash_table_lookup(evaluation.leaf_of, node);
    if (!leaf) return true;
    LeafJudge judge = {&evaluation.moment, &why->judge->person_id};
    set_free(leaf_conclude(leaf, &judge)); /* counts what is different */
    return leaf_put(object, why, &evaluation, leaf, error);
}

static json_t *node_json(const Why *why, const RuleNode *node, GError **error)
{
    JudgeFlip flip;
    if (!judge_node_next(why->judge, node, why->at, &flip, error)) return NULL;
    g_autofree char *text = rule_node_text(node);
    json_t *object =
        json_pack("{s:s, s:b, s:n, s:n, s:n, s:n, s:n, s:[]}", "rule", text, "holds", flip.holds,
                  "count", "number", "value", "reason", "last_at", "parts");
    put_time(object, "flips_at", flip.at);
    put_time(object, "looked_until", flip.until);
    if (parts_put(object, why, node, error) && evaluated_put(object, why, node, error))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *person_json(const Judge *judge, GError **error)
{
    bool found;
    char id[ID_TEXT_SIZE];
    SegmentPersonRow row = {0};
    Store *store = segments_store(judge->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return NULL;
    json_t *person = NULL;
    id_format(judge->person_id, id);
    if (sql_segment_person(db, &(SegmentPersonParams){judge->person_id}, &row, &found, error)) {
        const char *name = found ? (row.name ? row.name : row.email) : NULL;
        person = json_pack("{s:s, s:s}", "id", id, "name", name ? name : id);
    }
    store_reader_end(store, db);
    return person;
}

json_t *why_json(Segments *segments, const WhyAsk *ask, GError **error)
{
    const Rule *rules[] = {ask->rule};
    JudgeAsk question = {.person_id = ask->person_id, .rules = rules, .count = 1};
    g_autoptr(Judge) judge = judge_new(segments, &question, error);
    if (!judge) return NULL;
    if (judge->person_id == 0) {
        fail(error, KITH_ERROR_NOT_FOUND, "there is no such person");
        return NULL;
    }
    Why why = {judge, ask->at, 4};
    json_t *tree = node_json(&why, ask->rule->root, error);
    json_t *person = tree ? person_json(judge, error) : NULL;
    if (!person) {
        json_decref(tree);
        return NULL;
    }
    g_autofree char *text = rule_text(ask->rule);
    return json_pack("{s:o, s:s, s:I, s:s, s:O, s:O, s:O, s:o}", "person", person, "rule", text,
                     "at", (json_int_t)ask->at, "zone", zone_name(judge->zone), "holds",
                     json_object_get(tree, "holds"), "flips_at", json_object_get(tree, "flips_at"),
                     "looked_until", json_object_get(tree, "looked_until"), "why", tree);
}

int64_t why_person(Segments *segments, const char *text)
{
    int64_t id = 0;
    People *people = segments_people(segments);
    if (strchr(text, '@')) return people_find(people, IDENTITY_EMAIL, 0, slice_of(text));
    if (id_parse(slice_of(text), &id, NULL) && id > 0) {
        int64_t person = people_person(people, id);
        if (person) return person;
    }
    return people_find(people, IDENTITY_USER_ID, 0, slice_of(text));
}

/* ---- as text ---- */

static void until_append(GString *out, const json_t *node)
{
    char at[DATE_TEXT_SIZE];
    const json_t *flips = json_object_get(node, "flips_at"),
                 *until = json_object_get(node, "looked_until");
    if (json_is_integer(flips)) {
        date_format_iso(json_integer_value(flips), at);
        g_string_append_printf(out, "; %s from %s on if nothing happens",
                               json_is_true(json_object_get(node, "holds")) ? "no" : "yes", at);
    } else if (json_is_integer(until)) {
        date_format_iso(json_integer_value(until), at);
        g_string_append_printf(out, "; at least until %s if nothing happens", at);
    }
}

static void number_append(GString *out, const json_t *node, int64_t at)
{
    const json_t *count = json_object_get(node, "count"), *number = json_object_get(node, "number"),
                 *value = json_object_get(node, "value"), *reason = json_object_get(node, "reason"),
                 *last = json_object_get(node, "last_at");
    if (json_is_integer(count))
        g_string_append_printf(out, "; %" JSON_INTEGER_FORMAT " counted",
                               json_integer_value(count));
    if (json_is_real(number)) g_string_append_printf(out, "; it is %.15g", json_real_value(number));
    if (value && !json_is_null(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        g_string_append_printf(out, "; it is %s", text);
        free(text);
    }
    if (json_is_string(reason)) g_string_append_printf(out, "; %s", json_string_value(reason));
    if (!json_is_integer(last)) return;
    int64_t days = (at - json_integer_value(last)) / CLOCK_DAY_MS;
    g_string_append_printf(out, "; last %" G_GINT64_FORMAT " day%s ago", days,
                           days == 1 ? "" : "s");
}

static void node_append(GString *out, const json_t *node, int64_t at, int depth)
{
    size_t i;
    json_t *part;
    bool holds = json_is_true(json_object_get(node, "holds"));
    g_string_append_printf(out, "%*s%-4s%s", 2 * depth, "", holds ? "yes" : "no",
                           json_string_value(json_object_get(node, "rule")));
    number_append(out, node, at);
    until_append(out, node);
    g_string_append_c(out, '\n');
    json_array_foreach(json_object_get(node, "parts"), i, part)
        node_append(out, part, at, depth + 1);
}

char *why_text(const json_t *why)
{
    char at[DATE_TEXT_SIZE];
    GString *out = g_string_new(NULL);
    int64_t moment = json_integer_value(json_object_get(why, "at"));
    date_format_iso(moment, at);
    g_string_append_printf(
        out, "%s, judged at %s, days of %s:\n",
        json_string_value(json_object_get(json_object_get(why, "person"), "name")), at,
        json_string_value(json_object_get(why, "zone")));
    node_append(out, json_object_get(why, "why"), moment, 0);
    return g_string_free(out, FALSE);
}
