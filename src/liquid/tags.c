#include "liquid/parser.h"

#include <string.h>

/* ── variables ───────────────────────────────────────────────────────────────────────────────── */

static bool tag_assign(Parser *parser, const Token *tag, Body *body)
{
    Slice markup = tag->markup;
    const char *sign = markup.size > 0 ? memchr(markup.data, '=', markup.size) : NULL;
    if (!sign)
        return parser_fail(parser, tag->at, KITH_ERROR_INVALID,
                           "write {%% assign name = value %%}");
    Slice target = {markup.data, (size_t)(sign - markup.data)};
    while (target.size > 0 && g_ascii_isspace(target.data[target.size - 1]))
        target.size--;
    Node *node = parser_add(parser, body, NODE_ASSIGN, tag);
    if (!node || !parser_name(parser, target, "a variable", &node->name)) return false;
    Words words;
    words_init(&words, (Slice){sign + 1, (size_t)(markup.data + markup.size - sign - 1)});
    if (words.kind == WORD_END) return parser_expected(parser, &words, "a value");
    return parser_filtered(parser, &words, &node->output) && parser_end(parser, &words);
}

static bool block_body(Parser *parser, const Token *tag, const char *const *stops, Body **ret_body)
{
    *ret_body = parser_body_new(parser);
    bool good =
        *ret_body && parser_enter(parser, tag->at) && parser_body(parser, tag, stops, *ret_body);
    parser_leave(parser);
    return good;
}

static bool tag_capture(Parser *parser, const Token *tag, Body *body)
{
    static const char *const stops[] = {"endcapture", NULL};
    Node *node = parser_add(parser, body, NODE_CAPTURE, tag);
    return node && parser_name(parser, tag->markup, "a variable", &node->name) &&
           block_body(parser, tag, stops, &node->body);
}

static bool tag_counter(Parser *parser, const Token *tag, Body *body)
{
    NodeKind kind = slice_is(tag->name, "increment") ? NODE_INCREMENT : NODE_DECREMENT;
    Node *node = parser_add(parser, body, kind, tag);
    return node && parser_name(parser, tag->markup, "a counter", &node->name);
}

static bool tag_echo(Parser *parser, const Token *tag, Body *body)
{
    Words words;
    words_init(&words, tag->markup);
    Node *node = parser_add(parser, body, NODE_OUTPUT, tag);
    return node && parser_filtered(parser, &words, &node->output) && parser_end(parser, &words);
}

/* ── text that is no template ────────────────────────────────────────────────────────────────── */

static bool tag_unclosed(Parser *parser, const Token *tag)
{
    return parser_fail(parser, tag->at, KITH_ERROR_INVALID,
                       "{%% %.*s %%} is not closed: add {%% end%.*s %%}", (int)tag->name.size,
                       tag->name.data, (int)tag->name.size, tag->name.data);
}

static bool tag_comment(Parser *parser, const Token *tag, Body *body)
{
    (void)body;
    return lexer_comment(parser->lexer) || tag_unclosed(parser, tag);
}

static bool tag_no_markup(Parser *parser, const Token *tag)
{
    return tag->markup.size == 0 || parser_fail(parser, tag->markup.data, KITH_ERROR_INVALID,
                                                "{%% %.*s %%} takes nothing behind its name",
                                                (int)tag->name.size, tag->name.data);
}

static bool tag_raw(Parser *parser, const Token *tag, Body *body)
{
    Token text = {.kind = TOKEN_TEXT, .at = tag->at};
    if (!tag_no_markup(parser, tag)) return false;
    if (!lexer_verbatim(parser->lexer, "endraw", &text.markup)) return tag_unclosed(parser, tag);
    if (text.markup.size == 0) return true;
    body->blank = false;
    return parser_add(parser, body, NODE_TEXT, &text) != NULL;
}

static bool tag_doc(Parser *parser, const Token *tag, Body *body)
{
    Slice text;
    (void)body;
    if (!tag_no_markup(parser, tag)) return false;
    return lexer_verbatim(parser->lexer, "enddoc", &text) || tag_unclosed(parser, tag);
}

/* `{% # … %}`: every line of it begins with "#". */
static bool tag_inline_comment(Parser *parser, const Token *tag, Body *body)
{
    (void)body;
    bool fresh = false;
    for (size_t i = 0; i < tag->markup.size; i++) {
        char c = tag->markup.data[i];
        if (c == '\n')
            fresh = true;
        else if (fresh && c == '#')
            fresh = false;
        else if (fresh && !g_ascii_isspace(c))
            return parser_fail(parser, tag->markup.data + i, KITH_ERROR_INVALID,
                               "each line of this comment begins with #");
    }
    return true;
}

/* ── choices ─────────────────────────────────────────────────────────────────────────────────── */

static Branch *branch_new(Parser *parser, Body *body)
{
    Branch *branch = parser_new(parser, Branch);
    if (branch) branch->body = body;
    return branch;
}

/* A choice all of whose arms are blank is blank, and writes not even their white space. */
static void choice_blank(Body *body, Branch *branches)
{
    bool blank = true;
    for (Branch *branch = branches; branch; branch = branch->next)
        blank = blank && branch->body->blank;
    for (Branch *branch = branches; blank && branch; branch = branch->next)
        body_strip(branch->body);
    body->blank = body->blank && blank;
}

/* The arm that begins at `tag`: if, unless, elsif or else. */
static Branch *if_branch(Parser *parser, const Token *tag)
{
    Branch *branch = branch_new(parser, parser_body_new(parser));
    if (!branch || !branch->body) return NULL;
    branch->is_else = slice_is(tag->name, "else");
    if (branch->is_else) return branch;
    Words words;
    words_init(&words, tag->markup);
    branch->condition = parser_condition(parser, &words);
    return branch->condition ? branch : NULL;
}

static bool tag_if(Parser *parser, const Token *tag, Body *body)
{
    static const char *const if_stops[] = {"elsif", "else", "endif", NULL};
    static const char *const unless_stops[] = {"elsif", "else", "endunless", NULL};
    bool negated = slice_is(tag->name, "unless");
    const char *const *stops = negated ? unless_stops : if_stops;
    Node *node = parser_add(parser, body, NODE_IF, tag);
    if (!node || !parser_enter(parser, tag->at)) return false;
    node->negated = negated;
    Branch **link = &node->choice.branches;
    Token arm = *tag;
    do {
        *link = if_branch(parser, &arm);
        if (!*link || !parser_body(parser, tag, stops, (*link)->body)) return false;
        link = &(*link)->next;
        arm = parser->token;
    } while (!slice_is(arm.name, stops[2]));
    parser_leave(parser);
    choice_blank(body, node->choice.branches);
    return true;
}

/* `when a, b or c`: one branch each, with one body. */
static Branch **when_parse(Parser *parser, const Token *tag, Branch **link, Body *body)
{
    Words words;
    words_init(&words, tag->markup);
    for (bool more = true; more;) {
        *link = branch_new(parser, body);
        if (!*link) return NULL;
        (*link)->when = parser_expression(parser, &words);
        if (!(*link)->when) return NULL;
        link = &(*link)->next;
        more = words_is_sign(&words, ',') || words_is_name(&words, "or");
        if (more) words_next(&words);
    }
    if (words.kind == WORD_END) return link;
    parser_expected(parser, &words, "a comma or \"or\"");
    return NULL;
}

/* The arm of a case that begins at `tag`; returns where the next one is linked. */
static Branch **case_branch(Parser *parser, const Token *tag, Branch **link, Body *body)
{
    if (!slice_is(tag->name, "else")) return when_parse(parser, tag, link, body);
    *link = branch_new(parser, body);
    if (!*link) return NULL;
    (*link)->is_else = true;
    return &(*link)->next;
}

static bool tag_case(Parser *parser, const Token *tag, Body *body)
{
    static const char *const stops[] = {"when", "else", "endcase", NULL};
    Node *node = parser_add(parser, body, NODE_CASE, tag);
    Body *before = parser_body_new(parser); /* what stands before the first `when` is dropped */
    if (!node || !before || !parser_enter(parser, tag->at)) return false;
    Words words;
    words_init(&words, tag->markup);
    node->choice.subject = parser_expression(parser, &words);
    if (!node->choice.subject || !parser_end(parser, &words)) return false;
    if (!parser_body(parser, tag, stops, before)) return false;
    Branch **link = &node->choice.branches;
    while (!slice_is(parser->token.name, "endcase")) {
        Token arm = parser->token;
        Body *arm_body = parser_body_new(parser);
        link = arm_body ? case_branch(parser, &arm, link, arm_body) : NULL;
        if (!link || !parser_body(parser, tag, stops, arm_body)) return false;
    }
    parser_leave(parser);
    choice_blank(body, node->choice.branches);
    return true;
}

static bool tag_ifchanged(Parser *parser, const Token *tag, Body *body)
{
    static const char *const stops[] = {"endifchanged", NULL};
    Node *node = parser_add(parser, body, NODE_IFCHANGED, tag);
    return node && block_body(parser, tag, stops, &node->body);
}

static bool tag_interrupt(Parser *parser, const Token *tag, Body *body)
{
    NodeKind kind = slice_is(tag->name, "break") ? NODE_BREAK : NODE_CONTINUE;
    return tag_no_markup(parser, tag) && parser_add(parser, body, kind, tag) != NULL;
}

/* ── the table ───────────────────────────────────────────────────────────────────────────────── */

static const Tag tags[] = {
    {"#", tag_inline_comment},
    {"assign", tag_assign},
    {"break", tag_interrupt},
    {"capture", tag_capture},
    {"case", tag_case},
    {"comment", tag_comment},
    {"continue", tag_interrupt},
    {"cycle", tag_cycle},
    {"decrement", tag_counter},
    {"doc", tag_doc},
    {"echo", tag_echo},
    {"for", tag_for},
    {"if", tag_if},
    {"ifchanged", tag_ifchanged},
    {"include", tag_include},
    {"increment", tag_counter},
    {"raw", tag_raw},
    {"render", tag_render},
    {"tablerow", tag_tablerow},
    {"unless", tag_if},
};

const Tag *tag_find(Slice name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        if (slice_is(name, tags[i].name)) return &tags[i];
    return NULL;
}

const char *tag_near(Slice name)
{
    static const char *const parts[] = {"else",   "elsif",   "when",       "endif",
                                        "endfor", "endcase", "endunless",  "endcapture",
                                        "endraw", "liquid",  "endcomment", "endtablerow"};
    const char *names[G_N_ELEMENTS(tags) + G_N_ELEMENTS(parts)];
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        names[i] = tags[i].name;
    memcpy(names + G_N_ELEMENTS(tags), parts, sizeof parts);
    int near = names_near(name, names, G_N_ELEMENTS(names));
    return near < 0 ? NULL : names[near];
}

/* Levenshtein distance of two short names, in one row. */
static size_t name_distance(Slice a, Slice b)
{
    size_t row[33];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t above = row[j];
            size_t changed = diagonal + (a.data[i - 1] != b.data[j - 1]);
            row[j] = MIN(changed, MIN(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b.size];
}

int names_near(Slice text, const char *const *names, size_t count)
{
    int best = -1;
    size_t best_distance = MAX(text.size / 3, 1) + 1;
    if (text.size > 32) return -1;
    for (size_t i = 0; i < count; i++) {
        Slice name = slice_of(names[i]);
        size_t distance = name.size > 32 ? best_distance : name_distance(text, name);
        if (distance >= best_distance || distance >= name.size) continue;
        best = (int)i;
        best_distance = distance;
    }
    return best;
}
