#include "segments/parse_private.h"

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "segments/near.h"

#include <string.h>

/* What to do about a rule that is too large. */
#define SYNTAX_SMALLER ": keep a part of it as a segment and write in segment \"NAME\""

/* A tree takes at most this: a part is under 400 bytes, and every token is copied once. */
enum { RULE_ARENA_BYTES = 4 * 1024 * 1024 };

const char *const rule_op_words[RULE_OPS] = {
    [RULE_EQUAL] = "=",
    [RULE_NOT_EQUAL] = "!=",
    [RULE_LESS] = "<",
    [RULE_LESS_EQUAL] = "<=",
    [RULE_MORE] = ">",
    [RULE_MORE_EQUAL] = ">=",
    [RULE_CONTAINS] = "contains",
    [RULE_STARTS] = "starts with",
    [RULE_ENDS] = "ends with",
    [RULE_MATCHES] = "matches",
    [RULE_IN] = "in",
    [RULE_BETWEEN] = "between",
    [RULE_EXISTS] = "exists",
    [RULE_MISSING] = "is missing",
    [RULE_LIES] = "lies",
};
const char *const rule_unit_words[RULE_UNITS] = {
    "minutes", "hours", "days", "weeks", "months", "quarters", "years",
};
const char *const rule_amount_words[RULE_AMOUNTS] = {
    "sum", "average", "minimum", "maximum", "distinct", "count",
};
const char *const rule_stage_words[RULE_STAGES] = {"lead", "new", "active", "lapsed"};
const char *const rule_gap_words[RULE_GAPS] = {"average", "median", "minimum", "maximum"};

/* ---- tokens ---- */

const Token *syntax_token(const Parser *parser, unsigned ahead)
{
    uint32_t at = parser->at;
    for (; ahead > 0 && parser->tokens[at].kind != TOKEN_END; ahead--)
        at++;
    return &parser->tokens[at];
}

bool syntax_is(const Parser *parser, unsigned ahead, const char *word)
{
    const Token *token = syntax_token(parser, ahead);
    return token->kind == TOKEN_WORD && g_ascii_strcasecmp(token->text, word) == 0;
}

bool syntax_is_sign(const Parser *parser, unsigned ahead, const char *sign)
{
    const Token *token = syntax_token(parser, ahead);
    return token->kind == TOKEN_SIGN && strcmp(token->text, sign) == 0;
}

bool syntax_take(Parser *parser, const char *word)
{
    bool is = syntax_is(parser, 0, word);
    parser->at += is;
    return is;
}

bool syntax_take_sign(Parser *parser, const char *sign)
{
    bool is = syntax_is_sign(parser, 0, sign);
    parser->at += is;
    return is;
}

bool syntax_limit(Parser *parser, const char *message)
{
    parser->over_limit = true;
    return rule_problem_set(parser->problem, syntax_token(parser, 0)->at, "%s", message);
}

RuleNode *syntax_node(Parser *parser, RuleKind kind)
{
    RuleNode *node = NULL;
    if (parser->parts < LIMIT_RULE_PARTS) node = arena_new_items(parser->arena, RuleNode, 1);
    if (!node) {
        g_autofree char *text =
            g_strdup_printf("a rule has at most %d parts" SYNTAX_SMALLER, LIMIT_RULE_PARTS);
        syntax_limit(parser, text);
        return NULL;
    }
    parser->parts++;
    node->kind = kind;
    node->at = syntax_token(parser, 0)->at;
    return node;
}

bool syntax_deeper(Parser *parser)
{
    if (++parser->depth <= LIMIT_RULE_DEPTH) return true;
    g_autofree char *text =
        g_strdup_printf("brackets and not may be nested %d deep" SYNTAX_SMALLER, LIMIT_RULE_DEPTH);
    return syntax_limit(parser, text);
}

const char *syntax_text(Parser *parser, SyntaxExpect what)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_TEXT || !token->text[0]) {
        syntax_expected(parser, what);
        return NULL;
    }
    parser->at++;
    return token->text;
}

bool syntax_whole(Parser *parser, int64_t low, int64_t high, int64_t *ret_number)
{
    const Token *token = syntax_token(parser, 0);
    int64_t number = token->micros / DECIMAL_SCALE;
    if (token->kind == TOKEN_NUMBER && token->whole && number >= low && number <= high) {
        *ret_number = number;
        parser->at++;
        return true;
    }
    if (token->kind != TOKEN_NUMBER) return syntax_expected(parser, EXPECT_WHOLE);
    return rule_problem_set(
        parser->problem, token->at,
        "this number must be a whole one, %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, low, high);
}

/* ---- fields, values, comparisons ---- */

bool syntax_field(Parser *parser, RuleField *ret_field)
{
    const char *names[RULE_FIELD_NAMES_MAX];
    uint32_t count = 0;
    do {
        const Token *token = syntax_token(parser, 0);
        bool named = (token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT) && token->text[0];
        if (!named) return syntax_expected(parser, EXPECT_NAME);
        if (count == RULE_FIELD_NAMES_MAX)
            return syntax_limit(parser, "a nested name has at most 8 parts");
        names[count++] = token->text;
        parser->at++;
    } while (syntax_take_sign(parser, "."));
    ret_field->names = (const char **)arena_alloc(parser->arena, count * sizeof *names);
    if (!ret_field->names) return syntax_limit(parser, "the rule is too large");
    memcpy(ret_field->names, names, count * sizeof *names);
    ret_field->count = count;
    return true;
}

static bool name_is_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

/* What timeline/payload.h keeps of a context, by the names that are sent. */
static bool context_check(Parser *parser, const RuleField *field, uint32_t at)
{
    static const char *const kept[] = {"campaign", "library",  "locale",
                                       "page",     "timezone", "userAgent"};
    static const char *const of_pages[] = {"url", "path", "referrer", "title"};
    const char *name = field->names[1], *near = NULL;
    bool page = strcmp(name, "page") == 0;
    bool known =
        page ? field->count == 3 && name_is_of(field->names[2], of_pages, G_N_ELEMENTS(of_pages))
             : name_is_of(name, kept, G_N_ELEMENTS(kept));
    if (known) return true;
    if (!page) near = near_find(name, kept, G_N_ELEMENTS(kept));
    if (page && field->count > 2)
        near = near_find(field->names[2], of_pages, G_N_ELEMENTS(of_pages));
    g_strlcpy(parser->problem->suggestion, near ? near : "", sizeof parser->problem->suggestion);
    return rule_problem_set(parser->problem, at,
                            "of an event's context campaign, library, locale, timezone, userAgent "
                            "and page.url, .path, .referrer, .title are kept%s%s%s",
                            near ? ": did you mean " : "", near ? near : "", near ? "?" : "");
}

bool syntax_property(Parser *parser, RuleField *ret_field)
{
    const Token *token = syntax_token(parser, 0);
    bool word = token->kind == TOKEN_WORD && strcmp(token->text, "context") == 0;
    bool context = word && syntax_is_sign(parser, 1, ".");
    if (!syntax_field(parser, ret_field)) return false;
    ret_field->context = context;
    return !context || context_check(parser, ret_field, token->at);
}

/* EUR behind a number. */
static void currency_take(Parser *parser, RuleValue *value)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_WORD || strlen(token->text) != 3) return;
    if (currency_digits(token->text) < 0) return;
    g_strlcpy(value->currency, token->text, sizeof value->currency);
    parser->at++;
}

static bool text_value(Parser *parser, const Token *token, RuleValue *value)
{
    value->type = RULE_TEXT;
    value->text = token->text;
    g_autofree char *fold = text_fold(slice_of(token->text));
    value->fold = arena_copy(parser->arena, fold, strlen(fold));
    return value->fold || syntax_limit(parser, "the rule is too large");
}

static bool value_read(Parser *parser, RuleValue *value)
{
    const Token *token = syntax_token(parser, 0);
    *value = (RuleValue){.micros = token->micros, .text = token->text};
    bool flag = syntax_is(parser, 0, "true");
    bool known = flag || syntax_is(parser, 0, "false") || token->kind == TOKEN_TEXT ||
                 token->kind == TOKEN_NUMBER || token->kind == TOKEN_DATE;
    if (!known)
        return syntax_expected(parser,
                               token->kind == TOKEN_WORD ? EXPECT_VALUE_QUOTED : EXPECT_VALUE);
    parser->at++;
    if (token->kind == TOKEN_TEXT) return text_value(parser, token, value);
    value->type = token->kind == TOKEN_DATE     ? RULE_DATE
                  : token->kind == TOKEN_NUMBER ? RULE_NUMBER
                                                : RULE_FLAG;
    value->flag = flag;
    if (value->type == RULE_NUMBER) currency_take(parser, value);
    if (value->type == RULE_FLAG) value->text = NULL;
    return true;
}

/* "(" value { "," value } ")" */
static bool values_read(Parser *parser, RuleTest *test)
{
    RuleValue value;
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(RuleValue));
    if (!syntax_want_sign(parser, "(")) return false;
    do {
        if (values->len == LIMIT_RULE_LIST) return syntax_limit(parser, "this list is too long");
        if (!value_read(parser, &value)) return false;
        g_array_append_val(values, value);
    } while (syntax_take_sign(parser, ","));
    if (!syntax_want_sign(parser, ")")) return false;
    test->value_count = values->len;
    test->values = arena_alloc(parser->arena, values->len * sizeof(RuleValue));
    if (!test->values) return syntax_limit(parser, "the rule is too large");
    memcpy(test->values, values->data, values->len * sizeof(RuleValue));
    return true;
}

/* Sets test->op from the words at hand; false when they are none. */
static bool op_read(Parser *parser, RuleTest *test)
{
    static const struct {
        const char *words[2];
        RuleOp op;
    } words[] = {
        {{"contains"}, RULE_CONTAINS},     {{"starts", "with"}, RULE_STARTS},
        {{"ends", "with"}, RULE_ENDS},     {{"matches"}, RULE_MATCHES},
        {{"between"}, RULE_BETWEEN},       {{"exists"}, RULE_EXISTS},
        {{"is", "missing"}, RULE_MISSING}, {{"in"}, RULE_IN},
    };
    for (RuleOp op = RULE_EQUAL; op <= RULE_MORE_EQUAL; op++) {
        test->op = op;
        if (syntax_take_sign(parser, rule_op_words[op])) return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        const char *second = words[i].words[1];
        if (!syntax_is(parser, 0, words[i].words[0])) continue;
        if (second && !syntax_is(parser, 1, second)) continue;
        test->op = words[i].op;
        parser->at += second ? 2 : 1;
        return true;
    }
    return false;
}

static bool values_type(Parser *parser, const RuleTest *test, uint32_t at, bool number)
{
    bool text_only = test->op >= RULE_CONTAINS && test->op <= RULE_MATCHES;
    for (uint32_t i = 0; i < test->value_count; i++) {
        RuleValueType type = test->values[i].type;
        if (text_only && type != RULE_TEXT)
            return rule_problem_set(parser->problem, at, "\"%s\" takes a text in double quotes",
                                    rule_op_words[test->op]);
        if (number && type != RULE_NUMBER)
            return rule_problem_set(parser->problem, at, "an amount is compared with a number");
        if (type != test->values[0].type && test->op == RULE_BETWEEN)
            return rule_problem_set(parser->problem, at, "between takes two values of one kind");
        bool ordered =
            (test->op >= RULE_LESS && test->op <= RULE_MORE_EQUAL) || test->op == RULE_BETWEEN;
        if (ordered && type == RULE_FLAG)
            return rule_problem_set(parser->problem, at, "true and false have no order");
    }
    return true;
}

static bool operands_read(Parser *parser, RuleTest *test)
{
    if (test->op == RULE_EXISTS || test->op == RULE_MISSING) return true;
    if (test->op == RULE_IN) return values_read(parser, test);
    test->value_count = test->op == RULE_BETWEEN ? 2 : 1;
    test->values = arena_new_items(parser->arena, RuleValue, test->value_count);
    if (!test->values) return syntax_limit(parser, "the rule is too large");
    if (!value_read(parser, &test->values[0])) return false;
    if (test->op != RULE_BETWEEN) return true;
    return syntax_want(parser, "and") && value_read(parser, &test->values[1]);
}

/* `in last 30 days`, `this month`: a date that lies in a window. */
static bool lies_read(Parser *parser, RuleTest *test, RuleWindow *window)
{
    test->op = RULE_LIES;
    return syntax_window(parser, window) && window->kind != RULE_ALWAYS;
}

bool syntax_begins_window(const Parser *parser)
{
    static const char *const words[] = {"more", "less", "since", "before", "after",     "on",
                                        "this", "last", "next",  "today",  "yesterday", "tomorrow"};
    bool in_list = syntax_is(parser, 0, "in") && syntax_is_sign(parser, 1, "(");
    if (syntax_is(parser, 0, "in") && !in_list) return true;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (syntax_is(parser, 0, words[i])) return true;
    bool between = syntax_is(parser, 0, "between") && syntax_token(parser, 1)->kind == TOKEN_NUMBER;
    return between && syntax_is(parser, 2, "and") && syntax_token(parser, 4)->kind == TOKEN_WORD &&
           syntax_is(parser, 5, "ago");
}

bool syntax_test(Parser *parser, RuleTest *ret_test, RuleWindow *window)
{
    static const char *const words[] = {"contains", "starts", "ends",    "matches", "in",
                                        "between",  "exists", "missing", "is"};
    uint32_t at = syntax_token(parser, 0)->at;
    if (window && syntax_begins_window(parser)) return lies_read(parser, ret_test, window);
    if (!op_read(parser, ret_test))
        return syntax_expected_of(parser, window ? EXPECT_COMPARISON : EXPECT_COMPARISON_NUMBER,
                                  words, G_N_ELEMENTS(words));
    bool named = ret_test->op >= RULE_CONTAINS && ret_test->op != RULE_BETWEEN;
    if (!window && named && ret_test->op != RULE_IN)
        return rule_problem_set(parser->problem, at,
                                "an amount is compared with = != < <= > >= "
                                "or between");
    return operands_read(parser, ret_test) && values_type(parser, ret_test, at, !window);
}

/* ---- and, or, not ---- */

static RuleNode *or_read(Parser *parser, ParsePrimary primary);

static RuleNode *brackets_read(Parser *parser, ParsePrimary primary)
{
    if (!syntax_deeper(parser)) return NULL;
    RuleNode *node = or_read(parser, primary);
    if (!node || !syntax_want_sign(parser, ")")) return NULL;
    parser->depth--;
    return node;
}

static RuleNode *not_read(Parser *parser, ParsePrimary primary)
{
    if (syntax_take_sign(parser, "(")) return brackets_read(parser, primary);
    if (!syntax_is(parser, 0, "not")) return primary(parser);
    RuleNode *node = syntax_node(parser, RULE_NOT);
    if (!node || !syntax_deeper(parser)) return NULL;
    parser->at++;
    node->items = arena_new_items(parser->arena, RuleNode *, 1);
    node->item_count = 1;
    if (!node->items) return NULL;
    node->items[0] = not_read(parser, primary);
    parser->depth--;
    return node->items[0] ? node : NULL;
}

/* Adds one operand; a bracket of the same word melts into the list. */
static void operand_add(GPtrArray *items, RuleNode *item, RuleKind kind)
{
    if (item->kind != kind) {
        g_ptr_array_add(items, item);
        return;
    }
    for (uint32_t i = 0; i < item->item_count; i++)
        g_ptr_array_add(items, item->items[i]);
}

static RuleNode *list_make(Parser *parser, RuleKind kind, const GPtrArray *items)
{
    RuleNode *node = syntax_node(parser, kind);
    if (!node) return NULL;
    node->at = ((RuleNode *)items->pdata[0])->at;
    node->items = arena_new_items(parser->arena, RuleNode *, items->len);
    if (!node->items) {
        syntax_limit(parser, "the rule is too large");
        return NULL;
    }
    node->item_count = items->len;
    memcpy(node->items, items->pdata, items->len * sizeof(void *));
    return node;
}

typedef RuleNode *(*ParseOperand)(Parser *parser, ParsePrimary primary);

static RuleNode *list_read(Parser *parser, RuleKind kind, ParseOperand operand,
                           ParsePrimary primary)
{
    const char *word = kind == RULE_AND ? "and" : "or";
    RuleNode *first = operand(parser, primary);
    if (!first || !syntax_is(parser, 0, word)) return first;
    g_autoptr(GPtrArray) items = g_ptr_array_new();
    operand_add(items, first, kind);
    while (syntax_take(parser, word)) {
        RuleNode *item = operand(parser, primary);
        if (!item) return NULL;
        operand_add(items, item, kind);
    }
    return list_make(parser, kind, items);
}

static RuleNode *and_read(Parser *parser, ParsePrimary primary)
{
    return list_read(parser, RULE_AND, not_read, primary);
}

static RuleNode *or_read(Parser *parser, ParsePrimary primary)
{
    return list_read(parser, RULE_OR, and_read, primary);
}

RuleNode *syntax_expression(Parser *parser, ParsePrimary primary)
{
    return or_read(parser, primary);
}

/* ---- people ---- */

/* `x not in (…)` and `x != …` read as one thinks: the first is the negation of `x in (…)`. */
static RuleNode *negated(Parser *parser, RuleNode *node)
{
    RuleNode *not_node = syntax_node(parser, RULE_NOT);
    if (!not_node) return NULL;
    not_node->items = arena_new_items(parser->arena, RuleNode *, 1);
    if (!not_node->items) return NULL;
    not_node->items[0] = node;
    not_node->item_count = 1;
    not_node->at = node->at;
    return not_node;
}

static RuleNode *parse_field(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_FIELD);
    if (!node || !syntax_field(parser, &node->field)) return NULL;
    bool is_not = syntax_is(parser, 0, "not") && syntax_is(parser, 1, "in");
    parser->at += is_not;
    if (!syntax_test(parser, &node->test, &node->window)) return NULL;
    return is_not ? negated(parser, node) : node;
}

/* A kind that is one word and a text in quotes. */
static RuleNode *parse_named(Parser *parser, RuleKind kind, SyntaxExpect what)
{
    RuleNode *node = syntax_node(parser, kind);
    if (node) node->text = syntax_text(parser, what);
    return node && node->text ? node : NULL;
}

static RuleNode *parse_tag(Parser *parser)
{
    parser->at++;
    return parse_named(parser, RULE_TAG, EXPECT_TAG);
}

static RuleNode *parse_segment(Parser *parser)
{
    parser->at++;
    if (!syntax_want(parser, "segment")) return NULL;
    return parse_named(parser, RULE_SEGMENT, EXPECT_SEGMENT);
}

static const char *channel_read(Parser *parser)
{
    static const char *const channels[] = {"email", "sms", "phone", "whatsapp", "post", "push"};
    for (size_t i = 0; i < G_N_ELEMENTS(channels); i++)
        if (syntax_take(parser, channels[i])) return channels[i];
    syntax_expected_of(parser, EXPECT_CHANNEL, channels, G_N_ELEMENTS(channels));
    return NULL;
}

static RuleNode *parse_consent(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_CONSENT);
    parser->at++;
    if (!node || !(node->text = channel_read(parser))) return NULL;
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_TEXT) return node;
    node->topic = syntax_text(parser, EXPECT_TOPIC);
    return node->topic ? node : NULL;
}

static RuleNode *parse_bounced(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_BOUNCED);
    parser->at++;
    if (!node || !syntax_want(parser, "email")) return NULL;
    node->text = "email";
    return node;
}

static bool percent_read(Parser *parser, RuleNode *node)
{
    const Token *token = syntax_token(parser, 0);
    if (token->kind != TOKEN_NUMBER) return syntax_expected(parser, EXPECT_PERCENTAGE);
    if (token->micros < 0 || token->micros > 100 * (int64_t)DECIMAL_SCALE)
        return rule_problem_set(parser->problem, token->at, "a percentage is 0 to 100");
    node->number = token->micros;
    node->percent = true;
    parser->at++;
    return syntax_want_sign(parser, "%");
}

static RuleNode *parse_random(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_RANDOM);
    parser->at++;
    if (!node || !percent_read(parser, node)) return NULL;
    if (!syntax_want(parser, "seed")) return NULL;
    node->text = syntax_text(parser, EXPECT_SEED);
    return node->text ? node : NULL;
}

static RuleNode *parse_everybody(Parser *parser)
{
    RuleNode *node = syntax_node(parser, RULE_EVERYBODY);
    parser->at++;
    return node;
}

static RuleNode *parse_person(Parser *parser)
{
    static const struct {
        const char *word;
        ParsePrimary parse;
    } forms[] = {
        {"did", parse_did},
        {"first", parse_moment},
        {"last", parse_moment},
        {"top", parse_top},
        {"birthday", parse_birthday},
        {"anniversary", parse_anniversary},
        {"silent", parse_silent},
        {"tag", parse_tag},
        {"in", parse_segment},
        {"consent", parse_consent},
        {"bounced", parse_bounced},
        {"random", parse_random},
        {"everybody", parse_everybody},
    };
    RuleAmount amount = syntax_amount(parser);
    if (amount != RULE_AMOUNTS) return parse_amount(parser, amount);
    if (syntax_token(parser, 0)->kind == TOKEN_ORDINAL) return parse_moment(parser);
    RuleNode *measured;
    if (parse_measured(parser, &measured)) return measured;
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++)
        if (syntax_is(parser, 0, forms[i].word)) return forms[i].parse(parser);
    const Token *token = syntax_token(parser, 0);
    bool named =
        token->kind == TOKEN_TEXT || (token->kind == TOKEN_WORD && rule_name_is_plain(token->text));
    if (named) return parse_field(parser);
    syntax_expected(parser, token->kind == TOKEN_WORD ? EXPECT_CONDITION_QUOTED : EXPECT_CONDITION);
    return NULL;
}

/* ---- the whole ---- */

void rule_free(Rule *rule)
{
    if (!rule) return;
    arena_free(rule->arena);
    g_free(rule);
}

static const RuleNode *root_read(Parser *parser)
{
    const RuleNode *root = syntax_expression(parser, parse_person);
    if (!root || syntax_token(parser, 0)->kind == TOKEN_END) return root;
    static const char *const words[] = {"and", "or"};
    syntax_expected_of(parser, EXPECT_JOIN, words, G_N_ELEMENTS(words));
    return NULL;
}

static bool text_check(Slice text, RuleProblem *problem, bool *ret_over_limit)
{
    *ret_over_limit = text.size > LIMIT_RULE_BYTES;
    if (*ret_over_limit)
        return rule_problem_set(problem, 0, "a rule has at most %d bytes" SYNTAX_SMALLER,
                                LIMIT_RULE_BYTES);
    return text_utf8_check(text.data, text.size) ||
           rule_problem_set(problem, 0, "the rule is not UTF-8 text");
}

static Rule *rule_fail(RuleProblem *problem, Slice text, bool over_limit, GError **error)
{
    rule_problem_place(problem, text, problem->offset);
    fail(error, over_limit ? KITH_ERROR_LIMIT : KITH_ERROR_INVALID, "line %u, column %u: %s",
         problem->line, problem->column, problem->message);
    return NULL;
}

Rule *rule_parse(Slice text, RuleProblem *ret_problem, GError **error)
{
    RuleProblem own, *problem = ret_problem ? ret_problem : &own;
    bool over_limit;
    *problem = (RuleProblem){0};
    if (!text_check(text, problem, &over_limit))
        return rule_fail(problem, (Slice){0}, over_limit, error);
    g_autoptr(Rule) rule = g_new0(Rule, 1);
    g_autoptr(GArray) tokens = g_array_new(FALSE, FALSE, sizeof(Token));
    rule->arena = arena_new(RULE_ARENA_BYTES);
    if (!rule_lexer_run(rule->arena, text, tokens, problem))
        return rule_fail(problem, text, false, error);
    Parser parser = {
        .arena = rule->arena, .tokens = (const Token *)(void *)tokens->data, .problem = problem};
    rule->root = root_read(&parser);
    if (!rule->root) return rule_fail(problem, text, parser.over_limit, error);
    rule->parts = parser.parts;
    return g_steal_pointer(&rule);
}
