#include "liquid/parser.h"

/* ── for and tablerow ────────────────────────────────────────────────────────────────────────── */

/* One `name: value` of a loop. */
static bool option_parse(Parser *parser, Words *words, LoopNode *loop, bool is_table)
{
    const Expression **slot = NULL;
    if (words_is_name(words, "limit")) slot = &loop->limit;
    if (words_is_name(words, "offset")) slot = &loop->offset;
    if (is_table && words_is_name(words, "cols")) slot = &loop->columns;
    if (!slot)
        return parser_expected(
            parser, words, is_table ? "cols:, limit: or offset:" : "reversed, limit: or offset:");
    words_next(words);
    if (!words_is_sign(words, ':')) return parser_expected(parser, words, "\":\"");
    words_next(words);
    loop->offset_continue =
        loop->offset_continue || (slot == &loop->offset && words_is_name(words, "continue"));
    *slot = parser_expression(parser, words);
    return *slot != NULL;
}

static bool options_parse(Parser *parser, Words *words, LoopNode *loop, bool is_table)
{
    while (words->kind != WORD_END) {
        bool skip = words_is_sign(words, ',');
        if (!is_table && words_is_name(words, "reversed")) skip = loop->reversed = true;
        if (skip)
            words_next(words);
        else if (!option_parse(parser, words, loop, is_table))
            return false;
    }
    return true;
}

/* "item-shop.items" in the template's arena. */
static bool loop_title(Parser *parser, LoopNode *loop, Slice collection)
{
    while (collection.size > 0 && g_ascii_isspace(collection.data[collection.size - 1]))
        collection.size--;
    size_t size = loop->variable.size + 1 + collection.size;
    char *title = parser_alloc(parser, size + 1);
    if (!title) return false;
    memcpy(title, loop->variable.data, loop->variable.size);
    title[loop->variable.size] = '-';
    memcpy(title + loop->variable.size + 1, collection.data, collection.size);
    loop->title = (Slice){title, size};
    return true;
}

static bool loop_parse(Parser *parser, const Token *tag, LoopNode *loop)
{
    bool is_table = slice_is(tag->name, "tablerow");
    Words words;
    words_init(&words, tag->markup);
    if (!parser_variable(parser, &words, &loop->variable)) return false;
    if (!words_is_name(&words, "in")) return parser_expected(parser, &words, "\"in\"");
    words_next(&words);
    const char *start = words.text.data;
    loop->collection = parser_expression(parser, &words);
    if (!loop->collection) return false;
    Slice collection = {start, (size_t)(words.text.data - start)};
    return loop_title(parser, loop, collection) && options_parse(parser, &words, loop, is_table);
}

static void loop_blank(Body *body, LoopNode *loop)
{
    bool blank = loop->body->blank && (!loop->otherwise || loop->otherwise->blank);
    if (blank) body_strip(loop->body);
    if (blank && loop->otherwise) body_strip(loop->otherwise);
    body->blank = body->blank && blank;
}

bool tag_for(Parser *parser, const Token *tag, Body *body)
{
    static const char *const stops[] = {"else", "endfor", NULL};
    static const char *const last[] = {"endfor", NULL};
    Node *node = parser_add(parser, body, NODE_FOR, tag);
    if (!node || !parser_enter(parser, tag->at) || !loop_parse(parser, tag, &node->loop))
        return false;
    node->loop.body = parser_body_new(parser);
    if (!node->loop.body || !parser_body(parser, tag, stops, node->loop.body)) return false;
    if (slice_is(parser->token.name, "else")) {
        node->loop.otherwise = parser_body_new(parser);
        if (!node->loop.otherwise || !parser_body(parser, tag, last, node->loop.otherwise))
            return false;
    }
    parser_leave(parser);
    loop_blank(body, &node->loop);
    return true;
}

bool tag_tablerow(Parser *parser, const Token *tag, Body *body)
{
    static const char *const stops[] = {"endtablerow", NULL};
    Node *node = parser_add(parser, body, NODE_TABLEROW, tag);
    if (!node || !parser_enter(parser, tag->at) || !loop_parse(parser, tag, &node->loop))
        return false;
    node->loop.body = parser_body_new(parser);
    bool good = node->loop.body && parser_body(parser, tag, stops, node->loop.body);
    parser_leave(parser);
    return good;
}

/* ── cycle ───────────────────────────────────────────────────────────────────────────────────── */

bool tag_cycle(Parser *parser, const Token *tag, Body *body)
{
    Node *node = parser_add(parser, body, NODE_CYCLE, tag);
    if (!node) return false;
    CycleNode *cycle = &node->cycle;
    cycle->title = tag->markup;
    Words words;
    words_init(&words, tag->markup);
    const Expression *value = parser_expression(parser, &words);
    if (value && words_is_sign(&words, ':')) {
        cycle->name = value;
        words_next(&words);
        value = parser_expression(parser, &words);
    }
    Argument **link = &cycle->values;
    while (value) {
        *link = parser_new(parser, Argument);
        if (!*link) return false;
        (*link)->value = value;
        link = &(*link)->next;
        cycle->count++;
        if (!words_is_sign(&words, ',')) return parser_end(parser, &words);
        words_next(&words);
        if (words.kind == WORD_END) return true;
        value = parser_expression(parser, &words);
    }
    return false;
}

/* ── include and render ──────────────────────────────────────────────────────────────────────── */

/* `with value`, `for value`, `as name`, then pairs. */
static bool partial_rest(Parser *parser, Words *words, PartialNode *partial)
{
    if (words_is_name(words, "with") || words_is_name(words, "for")) {
        partial->each = words_is_name(words, "for");
        words_next(words);
        partial->bound = parser_expression(parser, words);
        if (!partial->bound) return false;
    }
    if (words_is_name(words, "as")) {
        words_next(words);
        if (!parser_variable(parser, words, &partial->alias)) return false;
    }
    return parser_pairs(parser, words, &partial->arguments);
}

static bool partial_parse(Parser *parser, const Token *tag, Body *body, NodeKind kind)
{
    Node *node = parser_add(parser, body, kind, tag);
    if (!node) return false;
    Words words;
    words_init(&words, tag->markup);
    if (kind == NODE_RENDER && (words.kind != WORD_VALUE || words.value.kind != LIQUID_TEXT))
        return parser_expected(parser, &words, "the quoted name of a partial");
    node->partial.name = parser_expression(parser, &words);
    return node->partial.name && partial_rest(parser, &words, &node->partial);
}

bool tag_include(Parser *parser, const Token *tag, Body *body)
{
    return partial_parse(parser, tag, body, NODE_INCLUDE);
}

bool tag_render(Parser *parser, const Token *tag, Body *body)
{
    return partial_parse(parser, tag, body, NODE_RENDER);
}
