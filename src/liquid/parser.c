#include "liquid/parser.h"

#include "base/text.h"

#include <string.h>

char *template_place(const LiquidTemplate *template, const char *at)
{
    unsigned line = 1, column = 1;
    for (const char *p = template->source.data; p < at; p++) {
        if (*p == '\n')
            line++, column = 1;
        else if (((unsigned char)*p & 0xC0) != 0x80)
            column++;
    }
    return template->name
               ? g_strdup_printf("\"%s\", line %u, column %u", template->name, line, column)
               : g_strdup_printf("line %u, column %u", line, column);
}

bool parser_fail(Parser *parser, const char *at, KithError code, const char *format, ...)
{
    if (parser->error) return false;
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_autofree char *place = template_place(parser->template, at);
    return fail(&parser->error, code, "%s: %s", place, text);
}

void *parser_alloc(Parser *parser, size_t size)
{
    void *memory = arena_alloc0(parser->template->arena, 1, size);
    if (!memory)
        parser_fail(parser, parser->token.at, KITH_ERROR_LIMIT,
                    "the template has too many parts: split it");
    return memory;
}

bool parser_enter(Parser *parser, const char *at)
{
    if (++parser->depth <= LIMIT_LIQUID_DEPTH) return true;
    return parser_fail(parser, at, KITH_ERROR_LIMIT,
                       "more than %d levels inside each other: use fewer", LIMIT_LIQUID_DEPTH);
}

void parser_leave(Parser *parser) { parser->depth--; }

Body *parser_body_new(Parser *parser)
{
    Body *body = parser_new(parser, Body);
    if (!body) return NULL;
    body->blank = true;
    body->end = &body->first;
    return body;
}

/* A no-break space is not blank: somebody put it there to be seen. */
static bool text_is_blank(Slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isspace(text.data[i])) return false;
    return true;
}

static bool node_is_blank(const Node *node)
{
    switch (node->kind) {
    case NODE_ASSIGN:
    case NODE_CAPTURE:
    case NODE_BREAK:
    case NODE_CONTINUE:
        return true;
    case NODE_TEXT:
        return text_is_blank(node->name);
    case NODE_OUTPUT:
    case NODE_IF:
    case NODE_CASE:
    case NODE_FOR:
    case NODE_TABLEROW:
    case NODE_CYCLE:
    case NODE_INCREMENT:
    case NODE_DECREMENT:
    case NODE_IFCHANGED:
    case NODE_INCLUDE:
    case NODE_RENDER:
        break;
    }
    return false;
}

Node *parser_add(Parser *parser, Body *body, NodeKind kind, const Token *tag)
{
    Node *node = parser_new(parser, Node);
    if (!node) return NULL;
    node->kind = kind;
    node->at = tag->at;
    if (kind == NODE_TEXT) node->name = tag->markup;
    *body->end = node;
    body->end = &node->next;
    /* Blocks answer for themselves: their parser says so once their bodies are known. */
    if (kind != NODE_IF && kind != NODE_CASE && kind != NODE_FOR)
        body->blank = body->blank && node_is_blank(node);
    return node;
}

void body_strip(Body *body)
{
    Node **link = &body->first;
    while (*link) {
        if ((*link)->kind == NODE_TEXT)
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
    body->end = link;
}

static bool is_stop(Slice name, const char *const *stops)
{
    for (size_t i = 0; stops && stops[i]; i++)
        if (slice_is(name, stops[i])) return true;
    return false;
}

/* "endfor" where no for is open, or an "else" at the wrong place. */
static bool unknown_tag(Parser *parser, const Token *tag, const char *const *stops)
{
    Slice name = tag->name;
    if (name.size == 0)
        return parser_fail(parser, tag->at, KITH_ERROR_INVALID,
                           "a tag begins with its name, such as {%% if … %%}");
    bool ends = name.size > 3 && memcmp(name.data, "end", 3) == 0;
    if (ends || slice_is(name, "else") || slice_is(name, "elsif") || slice_is(name, "when")) {
        size_t last = 0;
        while (stops && stops[last + 1])
            last++;
        return parser_fail(parser, tag->at, KITH_ERROR_INVALID,
                           "{%% %.*s %%} has nothing to belong to here%s%s%s", (int)name.size,
                           name.data, stops ? ": expected {% " : "", stops ? stops[last] : "",
                           stops ? " %}" : "");
    }
    const char *near = tag_near(name);
    return parser_fail(parser, tag->at, KITH_ERROR_INVALID, "unknown tag \"%.*s\"%s%s%s",
                       (int)name.size, name.data, near ? ": did you mean \"" : "", near ? near : "",
                       near ? "\"?" : "");
}

/* `{% liquid %}`: its lines belong to the body it stands in, but blocks may not cross its ends. */
static bool liquid_lines(Parser *parser, const Token *tag, Body *body)
{
    Lexer lines, *outer = parser->lexer;
    lexer_init(&lines, tag->markup, true);
    parser->lexer = &lines;
    bool good = parser_enter(parser, tag->at) && parser_body(parser, tag, NULL, body);
    parser_leave(parser);
    parser->lexer = outer;
    return good;
}

static bool body_tag(Parser *parser, const Token *token, const char *const *stops, Body *body)
{
    if (slice_is(token->name, "liquid")) return liquid_lines(parser, token, body);
    const Tag *tag = tag_find(token->name);
    return tag ? tag->parse(parser, token, body) : unknown_tag(parser, token, stops);
}

static bool body_output(Parser *parser, const Token *token, Body *body)
{
    Words words;
    words_init(&words, token->markup);
    Node *node = parser_add(parser, body, NODE_OUTPUT, token);
    return node && parser_filtered(parser, &words, &node->output) && parser_end(parser, &words);
}

static bool body_unclosed(Parser *parser, const Token *tag, const char *const *stops)
{
    size_t last = 0;
    while (stops[last + 1])
        last++;
    return parser_fail(parser, tag->at, KITH_ERROR_INVALID,
                       "{%% %.*s %%} is not closed: add {%% %s %%}", (int)tag->name.size,
                       tag->name.data, stops[last]);
}

bool parser_body(Parser *parser, const Token *tag, const char *const *stops, Body *body)
{
    bool good = true;
    while (good) {
        Token token = parser->token = lexer_next(parser->lexer);
        switch (token.kind) {
        case TOKEN_TEXT:
            good = parser_add(parser, body, NODE_TEXT, &token) != NULL;
            break;
        case TOKEN_OUTPUT:
            good = body_output(parser, &token, body);
            break;
        case TOKEN_TAG:
            if (is_stop(token.name, stops)) return true;
            good = body_tag(parser, &token, stops, body);
            break;
        case TOKEN_END:
            return stops ? body_unclosed(parser, tag, stops) : true;
        case TOKEN_BAD:
            return parser_fail(parser, token.at, KITH_ERROR_INVALID, "%s", token.problem);
        }
    }
    return false;
}

/* ── templates ───────────────────────────────────────────────────────────────────────────────── */

static bool source_check(Slice source, const char *name, GError **error)
{
    const char *what = name ? name : "the template";
    if (source.size > LIMIT_LIQUID_TEMPLATE_BYTES)
        return fail(error, KITH_ERROR_LIMIT, "%s: %zu bytes, at most %d", what, source.size,
                    LIMIT_LIQUID_TEMPLATE_BYTES);
    size_t good = text_utf8_valid(source.data, source.size);
    if (good < source.size)
        return fail(error, KITH_ERROR_INVALID, "%s: byte %zu is not UTF-8: save it as UTF-8", what,
                    good + 1);
    return true;
}

/* Parses the copy that lies in the arena. */
static bool template_parse(LiquidTemplate *template, GError **error)
{
    Parser parser = {.template = template, .token = {.at = template->source.data}};
    Lexer lexer;
    lexer_init(&lexer, template->source, false);
    parser.lexer = &lexer;
    template->body = parser_body_new(&parser);
    Token none = parser.token;
    if (template->body && parser_body(&parser, &none, NULL, template->body)) return true;
    g_propagate_error(error, parser.error);
    return false;
}

LiquidTemplate *liquid_parse_named(Slice source, const char *name, GError **error)
{
    if (!source_check(source, name, error)) return NULL;
    g_autoptr(LiquidTemplate) template = g_new0(LiquidTemplate, 1);
    template->arena = arena_new(LIMIT_LIQUID_PARSE_BYTES);
    template->source.data = arena_copy(template->arena, source.data, source.size);
    template->source.size = source.size;
    if (name) template->name = arena_copy(template->arena, name, strlen(name));
    if (!template->source.data || (name && !template->name)) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not parse the template: no memory left");
        return NULL;
    }
    return template_parse(template, error) ? g_steal_pointer(&template) : NULL;
}

LiquidTemplate *liquid_parse(Slice source, GError **error)
{
    return liquid_parse_named(source, NULL, error);
}

void liquid_template_free(LiquidTemplate *template)
{
    if (template) arena_free(template->arena);
    g_free(template);
}
