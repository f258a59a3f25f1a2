#include "segments/look.h"

#include "base/error.h"
#include "people/permission.h"
#include "segments/cost.h"
#include "segments/segments_sql.h"
#include "segments/suggest.h"

enum { FACE_LOOKS = 200 };

/* ---- shared ---- */

static PersonSet *both(const PersonSet *one, const PersonSet *other)
{
    PersonSet *set = set_new(one->size);
    set_or(set, one);
    set_and(set, other);
    return set;
}

static json_int_t both_count(const PersonSet *one, const PersonSet *other)
{
    g_autoptr(PersonSet) set = both(one, other);
    return (json_int_t)set_count(set);
}

bool look_faces(Db *db, const SegmentAnswer *answer, const PersonSet *set, size_t most,
                json_t *sample, GError **error)
{
    uint32_t looks = 0;
    for (uint32_t i = 0; i < answer->people->len && looks < FACE_LOOKS; i++) {
        SegmentPersonRow row;
        bool found;
        SegmentPersonParams params = {g_array_index(answer->people, int64_t, i)};
        if (!set_has(set, i)) continue;
        looks++;
        if (!sql_segment_person(db, &params, &row, &found, error)) return false;
        if (!found || !row.name) continue;
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, params.person_id);
        json_array_append_new(sample, json_pack("{s:s, s:s}", "id", id, "name", row.name));
        if (json_array_size(sample) == most) break;
    }
    return true;
}

static bool faces_read(Segments *segments, const SegmentAnswer *answer, const PersonSet *set,
                       json_t *sample, GError **error)
{
    Db *db = store_reader_begin(segments_store(segments), error);
    if (!db) return false;
    bool done = look_faces(db, answer, set, LOOK_FACES, sample, error);
    store_reader_end(segments_store(segments), db);
    return done;
}

static SegmentAnswer *ask(Segments *segments, const Rule *const *rules, size_t count, int64_t at,
                          GError **error)
{
    SegmentAsk question = {.rules = rules, .count = count, .at = at};
    return segments_ask(segments, &question, error);
}

/* ---- how many, who, and who may be written to ---- */

json_t *look_preview(Segments *segments, const Rule *rule, int64_t at, GError **error)
{
    g_autoptr(Rule) may = rule_parse(SLICE("consent email \"" PERMISSION_TOPIC "\""), NULL, error);
    if (!may) return NULL;
    const Rule *rules[] = {rule, may};
    g_autoptr(SegmentAnswer) answer = ask(segments, rules, 2, at, error);
    if (!answer) return NULL;
    g_autofree char *text = rule_text(rule);
    json_t *sample = json_array();
    json_t *reply =
        json_pack("{s:I, s:I, s:I, s:I, s:s, s:o, s:o}", "count",
                  (json_int_t)set_count(answer->sets[0]), "people", (json_int_t)answer->people->len,
                  "may", both_count(answer->sets[0], answer->sets[1]), "at", (json_int_t)at, "rule",
                  text, "cost", cost_json(answer, 0), "sample", sample);
    if (faces_read(segments, answer, answer->sets[0], sample, error)) return reply;
    json_decref(reply);
    return NULL;
}

/* ---- who came and went ---- */

/* The people of `then` placed in the universe of `now`: somebody may have come between the asks. */
static PersonSet *placed(const SegmentAnswer *then, const SegmentAnswer *now)
{
    uint32_t k = 0;
    PersonSet *set = set_new(now->people->len);
    for (uint32_t i = 0; i < now->people->len; i++) {
        int64_t person = g_array_index(now->people, int64_t, i);
        while (k < then->people->len && g_array_index(then->people, int64_t, k) < person)
            k++;
        bool same = k < then->people->len && g_array_index(then->people, int64_t, k) == person;
        if (same && set_has(then->sets[0], k)) set_add(set, i);
    }
    return set;
}

static PersonSet *without(const PersonSet *one, const PersonSet *other)
{
    g_autoptr(PersonSet) rest = set_new(one->size);
    set_or(rest, other);
    set_invert(rest);
    return both(one, rest);
}

json_t *look_flow(Segments *segments, const Rule *rule, int64_t from, int64_t at, GError **error)
{
    const Rule *rules[] = {rule};
    g_autoptr(SegmentAnswer) then = ask(segments, rules, 1, from, error);
    g_autoptr(SegmentAnswer) now = then ? ask(segments, rules, 1, at, error) : NULL;
    if (!now) return NULL;
    g_autoptr(PersonSet) before = placed(then, now);
    g_autoptr(PersonSet) entered = without(now->sets[0], before);
    g_autoptr(PersonSet) left = without(before, now->sets[0]);
    json_t *came = json_array(), *went = json_array();
    json_t *reply = json_pack(
        "{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "count", (json_int_t)set_count(now->sets[0]),
        "before", (json_int_t)set_count(before), "from", (json_int_t)from, "at", (json_int_t)at,
        "entered", (json_int_t)set_count(entered), "left", (json_int_t)set_count(left),
        "entered_sample", came, "left_sample", went);
    if (faces_read(segments, now, entered, came, error) &&
        faces_read(segments, now, left, went, error))
        return reply;
    json_decref(reply);
    return NULL;
}

/* ---- whom groups share ---- */

json_t *look_overlap(Segments *segments, const Rule *const *rules, size_t count, int64_t at,
                     GError **error)
{
    g_autoptr(SegmentAnswer) answer = ask(segments, rules, count, at, error);
    if (!answer) return NULL;
    json_t *others = json_array();
    for (size_t i = 1; i < count; i++) {
        g_autofree char *text = rule_text(rules[i]);
        json_array_append_new(others, json_pack("{s:s, s:I, s:I}", "rule", text, "count",
                                                (json_int_t)set_count(answer->sets[i]), "both",
                                                both_count(answer->sets[0], answer->sets[i])));
    }
    return json_pack("{s:I, s:I, s:I, s:o}", "count", (json_int_t)set_count(answer->sets[0]),
                     "people", (json_int_t)answer->people->len, "at", (json_int_t)at, "others",
                     others);
}

/* ---- what they have in common ---- */

static json_t *path_json(const LookBy *by)
{
    json_t *path = json_array();
    for (size_t i = 0; i < by->path_count; i++)
        json_array_append_new(path, json_string(by->path[i]));
    return path;
}

/* The frequent values of a trait; NULL when it is not one that is offered. */
static json_t *values_find(const json_t *names, const json_t *path)
{
    size_t i;
    json_t *trait;
    json_array_foreach(json_object_get(names, "traits"), i, trait)
    {
        if (json_equal(json_object_get(trait, "path"), path))
            return json_object_get(trait, "values");
    }
    return NULL;
}

static Rule *value_rule(json_t *path, json_t *value, GError **error)
{
    json_t *json = value ? json_pack("{s:O, s:s, s:O}", "field", path, "is", "=", "value", value)
                         : json_pack("{s:O, s:s}", "field", path, "is", "is missing");
    Rule *rule = rule_from_json(json, error);
    json_decref(json);
    return rule;
}

/* The group, those without the trait, then one rule for each value; owned by the array. */
static GPtrArray *rules_of(const Rule *rule, json_t *path, const json_t *values, GError **error)
{
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    g_autofree char *text = rule_text(rule);
    size_t count = MIN(json_array_size(values), LOOK_VALUES_MAX);
    g_ptr_array_add(rules, rule_parse(slice_of(text), NULL, error));
    g_ptr_array_add(rules, rules->pdata[0] ? value_rule(path, NULL, error) : NULL);
    for (size_t i = 0; i < count && rules->pdata[i + 1]; i++)
        g_ptr_array_add(rules, value_rule(path, json_array_get(values, i), error));
    return rules->pdata[rules->len - 1] ? g_steal_pointer(&rules) : NULL;
}

static json_t *breakdown_json(const SegmentAnswer *answer, const json_t *values)
{
    const PersonSet *group = answer->sets[0];
    g_autoptr(PersonSet) named = set_new(group->size);
    json_t *list = json_array();
    set_or(named, answer->sets[1]);
    for (size_t i = 2; i < answer->count; i++) {
        json_t *value = json_object_get(json_array_get(values, i - 2), "value");
        if (set_count(answer->sets[i]) < LOOK_SHARED_MIN) continue; /* told with the rest */
        set_or(named, answer->sets[i]);
        json_array_append_new(list, json_pack("{s:O, s:I, s:I}", "value", value, "count",
                                              both_count(group, answer->sets[i]), "people",
                                              (json_int_t)set_count(answer->sets[i])));
    }
    g_autoptr(PersonSet) rest = without(group, named);
    return json_pack("{s:I, s:I, s:I, s:o, s:I, s:I}", "count", (json_int_t)set_count(group),
                     "people", (json_int_t)answer->people->len, "at", (json_int_t)answer->at,
                     "values", list, "rest", (json_int_t)set_count(rest), "missing",
                     both_count(group, answer->sets[1]));
}

static json_t *breakdown_ask(Segments *segments, const Rule *rule, const LookBy *by,
                             const json_t *names, GError **error)
{
    json_t *path = path_json(by), *reply = NULL;
    const json_t *offered = values_find(names, path);
    json_t *values = json_array();
    for (size_t i = 0; i < json_array_size(offered); i++)
        json_array_append(values, json_object_get(json_array_get(offered, i), "value"));
    g_autoptr(GPtrArray) rules = offered ? rules_of(rule, path, values, error) : NULL;
    json_decref(path);
    json_decref(values);
    if (!offered) fail(error, KITH_ERROR_NOT_FOUND, "nobody has a trait of that name");
    if (!rules) return NULL;
    g_autoptr(SegmentAnswer) answer =
        ask(segments, (const Rule *const *)rules->pdata, rules->len, by->at, error);
    if (answer) reply = breakdown_json(answer, offered);
    return reply;
}

json_t *look_breakdown(Segments *segments, const Rule *rule, const LookBy *by, GError **error)
{
    json_t *names = suggest_names(segments, error);
    json_t *reply = names ? breakdown_ask(segments, rule, by, names, error) : NULL;
    json_decref(names);
    return reply;
}
