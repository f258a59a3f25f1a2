#include "segments/match.h"

#include "base/keyhash.h"
#include "base/text.h"
#include "timeline/payload.h"

#include <string.h>

enum { MATCH_DEPTH_MAX = 40 };

bool match_glob(const char *pattern, const char *text)
{
    const char *star = NULL, *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* ---- numbers and texts of JSON ---- */

static bool plain_number(const json_t *value, int64_t *ret_micros)
{
    char text[40];
    if (json_is_integer(value))
        g_snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        g_ascii_formatd(text, sizeof text, "%.15g", json_real_value(value));
    return payload_micro(slice_of(text), ret_micros);
}

static bool number_of(const json_t *value, bool stored, int64_t *ret_micros)
{
    if (!json_is_number(value)) return false;
    if (!stored) return plain_number(value, ret_micros);
    *ret_micros = json_integer_value(value);
    return json_is_integer(value);
}

/* The fold of a text value; `owned` keeps it when it had to be made. */
static const char *fold_of(const Matcher *matcher, const json_t *value, char **owned)
{
    const char *text = json_string_value(value);
    if (matcher->stored && !matcher->raw) return text;
    *owned = text_fold(slice_of(text));
    return *owned;
}

/* ---- one scalar against one value ---- */

enum { APART = 2 }; /* not comparable */

static int order_of(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int date_compare(const Matcher *matcher, const json_t *value, const RuleValue *with)
{
    Range mine, other;
    if (!json_is_string(value)) return APART;
    g_autofree char *upper = g_ascii_strup(json_string_value(value), -1);
    if (!window_date(upper, matcher->moment, &mine)) return APART;
    if (!window_date(with->text, matcher->moment, &other)) return APART;
    if (mine.from < other.from) return -1;
    return mine.from < other.to ? 0 : 1;
}

/* -1, 0, 1 or APART. */
static int value_compare(const Matcher *matcher, const json_t *value, const RuleValue *with)
{
    int64_t micros;
    g_autofree char *owned = NULL;
    switch (with->type) {
    case RULE_NUMBER:
        return number_of(value, matcher->stored, &micros) ? order_of(micros, with->micros) : APART;
    case RULE_FLAG:
        return json_is_boolean(value) ? order_of(json_is_true(value), with->flag) : APART;
    case RULE_DATE:
        return date_compare(matcher, value, with);
    case RULE_TEXT:
        break;
    }
    if (!json_is_string(value)) return APART;
    int order = strcmp(fold_of(matcher, value, &owned), with->fold);
    return (order > 0) - (order < 0);
}

static bool text_holds(const Matcher *matcher, const RuleTest *test, const json_t *value)
{
    if (!json_is_string(value)) return false;
    g_autofree char *owned = NULL;
    const char *text = fold_of(matcher, value, &owned), *with = test->values[0].fold;
    if (test->op == RULE_CONTAINS) return strstr(text, with) != NULL;
    if (test->op == RULE_STARTS) return g_str_has_prefix(text, with);
    if (test->op == RULE_ENDS) return g_str_has_suffix(text, with);
    return match_glob(with, text);
}

static bool in_holds(const Matcher *matcher, const RuleTest *test, const json_t *value)
{
    for (uint32_t i = 0; i < test->value_count; i++)
        if (value_compare(matcher, value, &test->values[i]) == 0) return true;
    return false;
}

static bool between_holds(const Matcher *matcher, const RuleTest *test, const json_t *value)
{
    int low = value_compare(matcher, value, &test->values[0]);
    int high = value_compare(matcher, value, &test->values[1]);
    return (low == 0 || low == 1) && (high == 0 || high == -1);
}

static bool lies_holds(const Matcher *matcher, const RuleNode *node, const json_t *value)
{
    Range mine, range = window_range(&node->window, matcher->moment);
    if (!json_is_string(value)) return false;
    g_autofree char *upper = g_ascii_strup(json_string_value(value), -1);
    if (!window_date(upper, matcher->moment, &mine)) return false;
    return mine.from >= range.from && mine.from < range.to;
}

static bool scalar_holds(const Matcher *matcher, const RuleNode *node, const json_t *value)
{
    const RuleTest *test = &node->test;
    int order = test->value_count ? value_compare(matcher, value, &test->values[0]) : APART;
    switch (test->op) {
    case RULE_EQUAL:
    case RULE_NOT_EQUAL: /* negated by the caller */
        return order == 0;
    case RULE_LESS:
        return order == -1;
    case RULE_LESS_EQUAL:
        return order == -1 || order == 0;
    case RULE_MORE:
        return order == 1;
    case RULE_MORE_EQUAL:
        return order == 1 || order == 0;
    case RULE_CONTAINS:
    case RULE_STARTS:
    case RULE_ENDS:
    case RULE_MATCHES:
        return text_holds(matcher, test, value);
    case RULE_IN:
        return in_holds(matcher, test, value);
    case RULE_BETWEEN:
        return between_holds(matcher, test, value);
    case RULE_EXISTS:
    case RULE_MISSING: /* negated by the caller */
        return !json_is_string(value) || json_string_length(value) > 0;
    case RULE_LIES:
        return lies_holds(matcher, node, value);
    case RULE_OPS:
        break;
    }
    g_assert_not_reached();
}

/* ---- finding values ---- */

/* Told every scalar under a field until it returns true. */
typedef bool (*ScalarVisit)(const json_t *value, void *data);

typedef struct Walk {
    const RuleField *field;
    bool stored;
    ScalarVisit visit;
    void *data;
} Walk;

static const json_t *member_of(const json_t *object, const char *name, bool stored)
{
    if (!stored || name[0] != '#') return json_object_get(object, name);
    g_autofree char *doubled = g_strconcat("#", name, NULL);
    return json_object_get(object, doubled);
}

static bool walk(const Walk *way, const json_t *value, uint32_t step, unsigned depth)
{
    size_t i;
    json_t *item;
    if (!value || json_is_null(value) || depth > MATCH_DEPTH_MAX) return false;
    if (json_is_array(value)) {
        json_array_foreach((json_t *)value, i,
                           item) if (walk(way, item, step, depth + 1)) return true;
        return false;
    }
    if (step == way->field->count)
        return json_is_object(value) ? json_object_size(value) > 0 && way->visit(value, way->data)
                                     : way->visit(value, way->data);
    if (!json_is_object(value)) return false;
    const json_t *member = member_of(value, way->field->names[step], way->stored);
    return walk(way, member, step + 1, depth + 1);
}

/* Of a page the members stand in the context itself, and the name of the browser is shorter. */
static bool context_walk(const Walk *way, const json_t *payload)
{
    const json_t *context = json_object_get(payload, "c");
    const char *name = way->field->names[1];
    if (strcmp(name, "page") == 0) return walk(way, context, 2, 0);
    if (strcmp(name, "userAgent") == 0) name = "agent";
    return walk(way, member_of(context, name, true), 2, 0);
}

/* A property: its fold where there is one. */
static bool payload_walk(const Walk *way, const json_t *payload)
{
    if (way->field->context) return context_walk(way, payload);
    const char *name = way->field->names[0];
    const json_t *value = member_of(json_object_get(payload, "f"), name, true);
    if (!value) value = member_of(json_object_get(payload, "p"), name, true);
    return walk(way, value, 1, 0);
}

typedef struct Question {
    const Matcher *matcher;
    const RuleNode *node;
} Question;

static bool question_visit(const json_t *value, void *data)
{
    const Question *question = data;
    return scalar_holds(question->matcher, question->node, value);
}

static bool is_negative(const RuleTest *test)
{
    return test->op == RULE_NOT_EQUAL || test->op == RULE_MISSING;
}

bool match_trait(const Matcher *matcher, const RuleNode *node, const json_t *value)
{
    Question question = {matcher, node};
    Walk way = {&node->field, false, question_visit, &question};
    return walk(&way, value, 1, 0) != is_negative(&node->test);
}

static bool property_holds(const Matcher *matcher, const RuleNode *node, const json_t *payload)
{
    Matcher own = {matcher->moment, true, node->field.context};
    Question question = {&own, node};
    Walk way = {&node->field, true, question_visit, &question};
    return payload_walk(&way, payload) != is_negative(&node->test);
}

bool match_where(const Matcher *matcher, const RuleNode *where, const json_t *payload)
{
    if (!where) return true;
    if (where->kind == RULE_FIELD) return property_holds(matcher, where, payload);
    if (where->kind == RULE_NOT) return !match_where(matcher, where->items[0], payload);
    for (uint32_t i = 0; i < where->item_count; i++) {
        bool holds = match_where(matcher, where->items[i], payload);
        if (holds != (where->kind == RULE_AND)) return holds;
    }
    return where->kind == RULE_AND;
}

/* ---- numbers, fingerprints, texts ---- */

typedef struct NumberSought {
    bool stored;
    int64_t micros;
} NumberSought;

static bool number_visit(const json_t *value, void *data)
{
    NumberSought *sought = data;
    return number_of(value, sought->stored, &sought->micros);
}

bool match_number(const RuleField *field, const json_t *payload, int64_t *ret_micros)
{
    NumberSought sought = {.stored = true};
    Walk way = {field, true, number_visit, &sought};
    if (!payload_walk(&way, payload)) return false;
    *ret_micros = sought.micros;
    return true;
}

bool match_trait_number(const RuleField *field, const json_t *value, int64_t *ret_micros)
{
    NumberSought sought = {.stored = false};
    Walk way = {field, false, number_visit, &sought};
    if (!walk(&way, value, 1, 0)) return false;
    *ret_micros = sought.micros;
    return true;
}

static bool fingerprint_visit(const json_t *value, void *data)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = {0};
    uint64_t *hash = data;
    if (json_is_object(value)) return false;
    int64_t micros = json_is_integer(value) ? json_integer_value(value) : json_is_true(value);
    *hash = json_is_string(value)
                ? keyhash64(key, json_string_value(value), json_string_length(value))
                : keyhash64(key, &micros, sizeof micros) ^ (uint64_t)json_typeof(value);
    return true;
}

/* Texts of a context are not folded yet. */
static bool raw_fingerprint_visit(const json_t *value, void *data)
{
    if (!json_is_string(value)) return fingerprint_visit(value, data);
    g_autofree char *fold = text_fold(slice_of(json_string_value(value)));
    json_t *folded = json_string(fold);
    bool taken = fingerprint_visit(folded, data);
    json_decref(folded);
    return taken;
}

bool match_fingerprint(const RuleField *field, const json_t *payload, int64_t *ret_fingerprint)
{
    uint64_t hash = 0;
    Walk way = {field, true, field->context ? raw_fingerprint_visit : fingerprint_visit, &hash};
    if (!payload_walk(&way, payload)) return false;
    *ret_fingerprint = (int64_t)hash;
    return true;
}

static bool text_visit(const json_t *value, void *data)
{
    const char **text = data;
    *text = json_string_value(value);
    return *text != NULL;
}

const char *match_trait_text(const RuleField *field, const json_t *value)
{
    const char *text = NULL;
    Walk way = {field, false, text_visit, &text};
    walk(&way, value, 1, 0);
    return text;
}
