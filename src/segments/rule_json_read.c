#include "segments/lexer.h"

#include "base/error.h"
#include "base/limits.h"
#include "timeline/payload.h"

#include <string.h>

/* The JSON is written as text, every word looked up in a table and every other text quoted, and
 * that is parsed: so one place alone knows what a rule may say. */

typedef struct Out {
    GString *text;
    unsigned depth;
} Out;

static bool node_write(Out *out, const json_t *json, GError **error);

static bool wrong(GError **error, const char *member, const char *what)
{
    return fail(error, KITH_ERROR_INVALID, "\"%s\" in the rule's JSON must be %s", member, what);
}

/* Whether an object has no member but these (words between blanks): one that would be passed over
 * may have been meant to narrow the rule. */
static bool only(const json_t *json, const char *members, GError **error)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        bool known = false;
        size_t length = strlen(key);
        for (const char *at = members; length && *at && !known; at += strspn(at, " ")) {
            size_t size = strcspn(at, " ");
            known = size == length && strncmp(at, key, size) == 0;
            at += size;
        }
        if (known) continue;
        g_autofree char *shown = g_utf8_substring(key, 0, MIN(g_utf8_strlen(key, -1), 40));
        return fail(error, KITH_ERROR_INVALID,
                    "\"%s\" in the rule's JSON has no meaning where it stands", shown);
    }
    return true;
}

/* The same of an object that says one of several things. */
static bool one_of(const json_t *json, const char *member, const char *members, GError **error)
{
    if (json_object_size(json) > 1) return wrong(error, member, "one thing, not several");
    return only(json, members, error);
}

/* Whether something is true; false where it is not given. */
static bool flag_read(const json_t *json, const char *member, bool *ret_flag, GError **error)
{
    const json_t *flag = json_object_get(json, member);
    *ret_flag = json_is_true(flag);
    return !flag || json_is_boolean(flag) || wrong(error, member, "true or false");
}

static bool put(Out *out, const char *text)
{
    g_string_append(out->text, text);
    return true;
}

static bool text_write(Out *out, const json_t *json, const char *member, GError **error)
{
    const char *text = json_string_value(json);
    if (!text || json_string_length(json) != strlen(text)) return wrong(error, member, "a text");
    g_string_append_c(out->text, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') g_string_append_c(out->text, '\\');
        g_string_append_c(out->text, *text);
    }
    g_string_append_c(out->text, '"');
    return true;
}

static bool number_write(Out *out, const json_t *json, const char *member, GError **error)
{
    char text[64];
    int64_t micros;
    const char *written = json_string_value(json);
    if (json_is_integer(json))
        g_snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    else if (json_is_real(json))
        g_ascii_formatd(text, sizeof text, "%.15g", json_real_value(json));
    else
        g_strlcpy(text, written ? written : "", sizeof text);
    bool shaped = text[0] && strspn(text, "0123456789.-+e") == strlen(text);
    if (!shaped || !payload_micro(slice_of(text), &micros))
        return wrong(error, member, "a number of at most 6 decimals");
    uint64_t size = micros < 0 ? -(uint64_t)micros : (uint64_t)micros;
    g_string_append_printf(out->text, "%s%" G_GUINT64_FORMAT, micros < 0 ? "-" : "",
                           size / DECIMAL_SCALE);
    if (size % DECIMAL_SCALE)
        g_string_append_printf(out->text, ".%06" G_GUINT64_FORMAT, size % DECIMAL_SCALE);
    return true;
}

static bool date_write(Out *out, const json_t *json, const char *member, GError **error)
{
    const char *text = json_string_value(json);
    if (!text || !rule_date_check(text)) return wrong(error, member, "a date that exists");
    return put(out, text);
}

static bool name_write(Out *out, const json_t *json, const char *member, GError **error)
{
    const char *text = json_string_value(json);
    if (!text || !text[0]) return wrong(error, member, "a name");
    if (rule_name_is_plain(text)) return put(out, text);
    return text_write(out, json, member, error);
}

static bool field_write(Out *out, const json_t *json, GError **error)
{
    size_t i;
    json_t *name;
    if (json_is_string(json)) return name_write(out, json, "field", error);
    if (json_array_size(json) == 0) return wrong(error, "field", "a name or a list of names");
    json_array_foreach((json_t *)json, i, name)
    {
        bool other = i == 0 && g_strcmp0(json_string_value(name), "context") == 0;
        if (i > 0) put(out, ".");
        if (other ? !text_write(out, name, "field", error) : !name_write(out, name, "field", error))
            return false;
    }
    return true;
}

/* A property or something of the event's context. */
static bool property_write(Out *out, const json_t *json, GError **error)
{
    const json_t *context = json_object_get(json, "context");
    if (context && json_object_get(json, "field"))
        return wrong(error, "field", "left out where \"context\" is given");
    if (!context) return field_write(out, json_object_get(json, "field"), error);
    return put(out, "context.") && field_write(out, context, error);
}

/* One of the words; written as it stands in the table. */
static bool word_write(Out *out, const json_t *json, const char *const *words, size_t count)
{
    const char *text = json_string_value(json);
    for (size_t i = 0; text && i < count; i++)
        if (strcmp(words[i], text) == 0) return put(out, words[i]);
    return false;
}

static bool value_write(Out *out, const json_t *json, GError **error)
{
    if (json_is_boolean(json)) return put(out, json_is_true(json) ? "true" : "false");
    if (json_is_string(json)) return text_write(out, json, "value", error);
    if (!json_is_object(json)) return number_write(out, json, "value", error);
    const json_t *date = json_object_get(json, "date");
    if (!only(json, date ? "date" : "number currency", error)) return false;
    if (date) return date_write(out, date, "date", error);
    if (!number_write(out, json_object_get(json, "number"), "number", error)) return false;
    const json_t *code = json_object_get(json, "currency");
    const char *currency = json_string_value(code);
    if (!code) return true;
    if (!currency || strlen(currency) != 3 || currency_digits(currency) < 0)
        return wrong(error, "currency", "a code such as EUR");
    return put(out, " ") && put(out, currency);
}

static bool values_write(Out *out, const json_t *values, const char *between, GError **error)
{
    size_t i;
    json_t *value;
    if (json_array_size(values) == 0) return wrong(error, "values", "a list of values");
    json_array_foreach((json_t *)values, i, value)
    {
        if (i > 0) put(out, between);
        if (!value_write(out, value, error)) return false;
    }
    return true;
}

/* ---- windows ---- */

static bool unit_write(Out *out, const json_t *json, GError **error)
{
    put(out, " ");
    return word_write(out, json, rule_unit_words, RULE_UNITS) ||
           wrong(error, "unit", "minutes, hours, days, weeks, months or years");
}

static bool span_write(Out *out, const json_t *json, GError **error)
{
    return only(json, "number unit", error) &&
           number_write(out, json_object_get(json, "number"), "number", error) &&
           unit_write(out, json_object_get(json, "unit"), error);
}

static bool period_write(Out *out, const json_t *json, GError **error)
{
    static const char *const days[] = {"yesterday", "today", "tomorrow"};
    static const char *const steps[] = {"last ", "this ", "next "};
    static const char *const units[] = {"week", "month", "quarter", "year"};
    const json_t *unit = json_object_get(json, "unit"), *number = json_object_get(json, "step");
    json_int_t step = json_integer_value(number);
    if (!only(json, "unit step", error)) return false;
    if (!json_is_integer(number) || step < -1 || step > 1)
        return wrong(error, "step", "-1 (last), 0 (this) or 1 (next)");
    if (g_strcmp0(json_string_value(unit), "day") == 0) return put(out, days[step + 1]);
    put(out, steps[step + 1]);
    return word_write(out, unit, units, G_N_ELEMENTS(units)) ||
           wrong(error, "unit", "day, week, month, quarter or year");
}

static bool between_write(Out *out, const json_t *json, GError **error)
{
    return only(json, "from to", error) && put(out, "between ") &&
           date_write(out, json_object_get(json, "from"), "from", error) && put(out, " and ") &&
           date_write(out, json_object_get(json, "to"), "to", error);
}

static bool between_ago_write(Out *out, const json_t *json, GError **error)
{
    return only(json, "from to unit", error) && put(out, "between ") &&
           number_write(out, json_object_get(json, "from"), "from", error) && put(out, " and ") &&
           number_write(out, json_object_get(json, "to"), "to", error) &&
           unit_write(out, json_object_get(json, "unit"), error) && put(out, " ago");
}

#define WINDOWS                                                                                    \
    "in_last in_next more_than_ago less_than_ago since before after on period between between_ago"

static bool window_write(Out *out, const json_t *window, GError **error)
{
    static const struct {
        const char *key, *before, *after;
        bool date;
    } forms[] = {
        {"in_last", "in last ", "", false},
        {"in_next", "in next ", "", false},
        {"more_than_ago", "more than ", " ago", false},
        {"less_than_ago", "less than ", " ago", false},
        {"since", "since ", "", true},
        {"before", "before ", "", true},
        {"after", "after ", "", true},
        {"on", "on ", "", true},
    };
    if (!window) return true;
    if (!one_of(window, "window", WINDOWS, error)) return false;
    put(out, " ");
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        const json_t *inner = json_object_get(window, forms[i].key);
        if (!inner) continue;
        put(out, forms[i].before);
        bool done = forms[i].date ? date_write(out, inner, forms[i].key, error)
                                  : span_write(out, inner, error);
        return done && put(out, forms[i].after);
    }
    const json_t *period = json_object_get(window, "period");
    if (period) return period_write(out, period, error);
    const json_t *between = json_object_get(window, "between");
    if (between) return between_write(out, between, error);
    const json_t *ago = json_object_get(window, "between_ago");
    return ago ? between_ago_write(out, ago, error) : wrong(error, "window", "a known window");
}

/* ---- conditions ---- */

static bool test_write(Out *out, const json_t *json, GError **error)
{
    const json_t *is = json_object_get(json, "is"), *value = json_object_get(json, "value");
    const json_t *values = json_object_get(json, "values");
    const char *word = json_string_value(is);
    bool list = g_strcmp0(word, "in") == 0 || g_strcmp0(word, "between") == 0;
    if (value && list) return wrong(error, "value", "left out: this comparison takes \"values\"");
    if (values && !list) return wrong(error, "values", "left out: only in and between take them");
    if (g_strcmp0(word, rule_op_words[RULE_LIES]) == 0) /* the window says when */
        return !value || wrong(error, "value", "left out: the window says when");
    put(out, " ");
    if (!word_write(out, is, rule_op_words, RULE_OPS))
        return wrong(error, "is", "a comparison such as = or contains");
    if (strcmp(word, "exists") == 0 || strcmp(word, "is missing") == 0)
        return !value || wrong(error, "value", "left out: nothing is compared");
    put(out, " ");
    if (strcmp(word, "in") == 0)
        return put(out, "(") && values_write(out, values, ", ", error) && put(out, ")");
    if (strcmp(word, "between") == 0) return values_write(out, values, " and ", error);
    return value ? value_write(out, value, error) : wrong(error, "value", "given");
}

/* Of an event or of a step of a sequence; the caller looks at the other members. */
static bool happening_write(Out *out, const json_t *json, GError **error)
{
    const json_t *where = json_object_get(json, "where");
    if (!text_write(out, json_object_get(json, "event"), "event", error)) return false;
    if (!where) return true;
    bool bare = json_object_get(where, "field") || json_object_get(where, "context");
    put(out, bare ? " where " : " where (");
    return node_write(out, where, error) && (bare || put(out, ")"));
}

static bool event_write(Out *out, const json_t *json, GError **error)
{
    return only(json, "event where", error) && happening_write(out, json, error);
}

static bool times_write(Out *out, const json_t *times, GError **error)
{
    static const struct {
        const char *key, *words;
    } forms[] = {{"at_least", " at least "}, {"at_most", " at most "}, {"exactly", " exactly "}};
    if (!times) return true;
    if (!one_of(times, "times", "at_least at_most exactly between", error)) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        const json_t *number = json_object_get(times, forms[i].key);
        if (!number) continue;
        return put(out, forms[i].words) && number_write(out, number, forms[i].key, error) &&
               put(out, " times");
    }
    const json_t *between = json_object_get(times, "between");
    if (!between) return wrong(error, "times", "at_least, at_most, exactly or between");
    return only(between, "from to", error) && put(out, " between ") &&
           number_write(out, json_object_get(between, "from"), "from", error) &&
           put(out, " and ") && number_write(out, json_object_get(between, "to"), "to", error) &&
           put(out, " times");
}

static bool within_write(Out *out, const json_t *within, GError **error)
{
    return !within || (put(out, " within ") && span_write(out, within, error));
}

static bool step_write(Out *out, const json_t *step, const char *words, GError **error)
{
    return only(step, "event where within", error) && put(out, words) &&
           happening_write(out, step, error) &&
           within_write(out, json_object_get(step, "within"), error);
}

/* A list of steps, or one, and what did not follow; `within` of the only step may stand outside. */
static bool steps_write(Out *out, const json_t *json, GError **error)
{
    size_t i;
    json_t *step;
    const json_t *then = json_object_get(json, "then"),
                 *not_then = json_object_get(json, "not_then");
    if (json_is_array(then) && json_array_size(then) == 0)
        return wrong(error, "then", "a list of steps");
    json_array_foreach((json_t *)then, i,
                       step) if (!step_write(out, step, " then ", error)) return false;
    if (json_is_object(then) && !step_write(out, then, " then ", error)) return false;
    if (then && !json_is_array(then) && !json_is_object(then))
        return wrong(error, "then", "a list of steps");
    if (not_then && !step_write(out, not_then, " and not then ", error)) return false;
    return within_write(out, json_object_get(json, "within"), error);
}

static bool did_write(Out *out, const json_t *json, GError **error)
{
    if (!put(out, "did ") || !event_write(out, json_object_get(json, "did"), error)) return false;
    if (!times_write(out, json_object_get(json, "times"), error)) return false;
    if (!window_write(out, json_object_get(json, "window"), error)) return false;
    return steps_write(out, json, error);
}

static bool amount_head_write(Out *out, const json_t *json, GError **error)
{
    const json_t *amount = json_object_get(json, "amount");
    if (!word_write(out, amount, rule_amount_words, RULE_AMOUNTS))
        return wrong(error, "amount", "sum, average, minimum, maximum, distinct or count");
    if (g_strcmp0(json_string_value(amount), "count") != 0)
        if (!put(out, "(") || !property_write(out, json, error) || !put(out, ")")) return false;
    return put(out, " of ") && event_write(out, json_object_get(json, "of"), error);
}

static bool amount_write(Out *out, const json_t *json, GError **error)
{
    return amount_head_write(out, json, error) && test_write(out, json, error) &&
           window_write(out, json_object_get(json, "window"), error);
}

static bool gap_write(Out *out, const json_t *json, GError **error)
{
    if (!word_write(out, json_object_get(json, "time_between"), rule_gap_words, RULE_GAPS))
        return wrong(error, "time_between", "average, median, minimum or maximum");
    return put(out, " time between ") && event_write(out, json_object_get(json, "of"), error) &&
           test_write(out, json, error) && unit_write(out, json_object_get(json, "unit"), error) &&
           window_write(out, json_object_get(json, "window"), error);
}

static bool ratio_write(Out *out, const json_t *json, GError **error)
{
    bool percent;
    return flag_read(json, "percent", &percent, error) && put(out, "ratio of ") &&
           event_write(out, json_object_get(json, "ratio"), error) && put(out, " to ") &&
           event_write(out, json_object_get(json, "to"), error) && test_write(out, json, error) &&
           (!percent || put(out, " %")) &&
           window_write(out, json_object_get(json, "window"), error);
}

static bool moment_write(Out *out, const json_t *json, GError **error)
{
    const json_t *number = json_object_get(json, "nth");
    json_int_t nth = json_integer_value(number);
    if (!json_is_integer(number) || nth < 0 || nth > RULE_NTH_MAX)
        return wrong(error, "nth", "0 (the last) to 1000");
    if (nth <= 1)
        put(out, nth ? "first " : "last ");
    else
        g_string_append_printf(out->text, "%dth ", (int)nth);
    return event_write(out, json_object_get(json, "of"), error);
}

static bool moment_window_write(Out *out, const json_t *json, GError **error)
{
    return moment_write(out, json, error) &&
           window_write(out, json_object_get(json, "window"), error);
}

static bool top_write(Out *out, const json_t *json, GError **error)
{
    bool percent;
    const json_t *by = json_object_get(json, "by");
    if (!flag_read(json, "percent", &percent, error)) return false;
    if (!only(by, json_object_get(by, "amount") ? "amount field context of window" : "field",
              error))
        return false;
    put(out, "top ");
    if (!number_write(out, json_object_get(json, "top"), "top", error)) return false;
    put(out, percent ? " % by " : " by ");
    if (!json_object_get(by, "amount"))
        return field_write(out, json_object_get(by, "field"), error);
    return amount_head_write(out, by, error) &&
           window_write(out, json_object_get(by, "window"), error);
}

static bool birthday_write(Out *out, const json_t *json, GError **error)
{
    if (!json_is_true(json_object_get(json, "birthday"))) return wrong(error, "birthday", "true");
    return put(out, "birthday") && window_write(out, json_object_get(json, "window"), error);
}

static bool anniversary_write(Out *out, const json_t *json, GError **error)
{
    const json_t *what = json_object_get(json, "anniversary");
    const json_t *field = json_object_get(what, "field");
    if (!only(what, field ? "field" : "nth of", error)) return false;
    put(out, "anniversary of ");
    bool done = field ? field_write(out, field, error) : moment_write(out, what, error);
    return done && window_write(out, json_object_get(json, "window"), error);
}

static bool silent_write(Out *out, const json_t *json, GError **error)
{
    const json_t *of = json_object_get(json, "of");
    return put(out, "silent longer than ") &&
           number_write(out, json_object_get(json, "silent"), "silent", error) &&
           put(out, " times usual") && (!of || (put(out, " of ") && event_write(out, of, error)));
}

static bool field_node_write(Out *out, const json_t *json, GError **error)
{
    return property_write(out, json, error) && test_write(out, json, error) &&
           window_write(out, json_object_get(json, "window"), error);
}

static bool channel_write(Out *out, const json_t *json, const char *member, GError **error)
{
    const char *text = json_string_value(json);
    if (!text || !rule_name_is_plain(text)) return wrong(error, member, "a channel such as email");
    return put(out, member) && put(out, " ") && put(out, text);
}

static bool consent_write(Out *out, const json_t *json, GError **error)
{
    const json_t *topic = json_object_get(json, "topic");
    if (!channel_write(out, json_object_get(json, "consent"), "consent", error)) return false;
    return !topic || (put(out, " ") && text_write(out, topic, "topic", error));
}

static bool bounced_write(Out *out, const json_t *json, GError **error)
{
    return channel_write(out, json_object_get(json, "bounced"), "bounced", error);
}

static bool lifecycle_write(Out *out, const json_t *json, GError **error)
{
    return put(out, "lifecycle ") &&
           text_write(out, json_object_get(json, "lifecycle"), "lifecycle", error);
}

static bool tag_write(Out *out, const json_t *json, GError **error)
{
    return put(out, "tag ") && text_write(out, json_object_get(json, "tag"), "tag", error);
}

static bool segment_write(Out *out, const json_t *json, GError **error)
{
    return put(out, "in segment ") &&
           text_write(out, json_object_get(json, "segment"), "segment", error);
}

static bool random_write(Out *out, const json_t *json, GError **error)
{
    return put(out, "random ") &&
           number_write(out, json_object_get(json, "random"), "random", error) &&
           put(out, " % seed ") && text_write(out, json_object_get(json, "seed"), "seed", error);
}

static bool everybody_write(Out *out, const json_t *json, GError **error)
{
    if (!json_is_true(json_object_get(json, "everybody"))) return wrong(error, "everybody", "true");
    return put(out, "everybody");
}

/* ---- and, or, not ---- */

static bool items_write(Out *out, const json_t *items, const char *word, GError **error)
{
    size_t i;
    json_t *item;
    if (json_array_size(items) == 0) return wrong(error, word, "a list of conditions");
    put(out, "(");
    json_array_foreach((json_t *)items, i, item)
    {
        if (i > 0) g_string_append_printf(out->text, " %s ", word);
        if (!node_write(out, item, error)) return false;
    }
    return put(out, ")");
}

static bool and_write(Out *out, const json_t *json, GError **error)
{
    return items_write(out, json_object_get(json, "and"), "and", error);
}

static bool or_write(Out *out, const json_t *json, GError **error)
{
    return items_write(out, json_object_get(json, "or"), "or", error);
}

static bool not_write(Out *out, const json_t *json, GError **error)
{
    return put(out, "not (") && node_write(out, json_object_get(json, "not"), error) &&
           put(out, ")");
}

typedef struct Form {
    const char *key;     /* the member that tells this kind */
    const char *members; /* all that it may have */
    bool (*write)(Out *out, const json_t *json, GError **error);
} Form;

static const Form forms[] = {
    {"and", "and", and_write},
    {"or", "or", or_write},
    {"not", "not", not_write},
    {"everybody", "everybody", everybody_write},
    {"did", "did times window then not_then within", did_write},
    {"amount", "amount field context of is value values window", amount_write},
    {"nth", "nth of window", moment_window_write},
    {"top", "top percent by", top_write},
    {"birthday", "birthday window", birthday_write},
    {"anniversary", "anniversary window", anniversary_write},
    {"time_between", "time_between of is value values unit window", gap_write},
    {"silent", "silent of", silent_write},
    {"tag", "tag", tag_write},
    {"lifecycle", "lifecycle", lifecycle_write},
    {"ratio", "ratio to is value values percent window", ratio_write},
    {"context", "context field is value values window", field_node_write},
    {"consent", "consent topic", consent_write},
    {"bounced", "bounced", bounced_write},
    {"segment", "segment", segment_write},
    {"random", "random seed", random_write},
    {"field", "field is value values window", field_node_write},
};

static bool node_write(Out *out, const json_t *json, GError **error)
{
    if (out->depth >= LIMIT_RULE_DEPTH || out->text->len > 2 * LIMIT_RULE_BYTES)
        return fail(error, KITH_ERROR_LIMIT, "the rule's JSON is too deep or too long");
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (!json_object_get(json, forms[i].key)) continue;
        out->depth++;
        bool done = only(json, forms[i].members, error) && forms[i].write(out, json, error);
        out->depth--;
        return done;
    }
    return fail(error, KITH_ERROR_INVALID, "the rule's JSON has a part of no known kind");
}

Rule *rule_from_json(const json_t *json, GError **error)
{
    Out out = {.text = g_string_new(NULL)};
    Rule *rule = NULL;
    if (node_write(&out, json, error))
        rule = rule_parse((Slice){out.text->str, out.text->len}, NULL, error);
    g_string_free(out.text, TRUE);
    return rule;
}
