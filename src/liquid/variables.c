#include "liquid/parser.h"

#include "base/buffer.h"

/* Names and paths looked at; what a template has beyond is not told. */
enum { VARIABLES_MAX = 1000 };

/* Walks the tree and tells each path that is read and not made by the template itself. */
typedef struct Walk {
    const LiquidTemplate *template;
    LiquidVisit visit;
    void *context;
    GHashTable *told; /* paths, owned */
    GPtrArray *own;   /* of Slice *: names assigned, captured, counted or looped over */
} Walk;

static void walk_body(Walk *walk, const Body *body);
static void walk_expression(Walk *walk, const Expression *expression);

static bool is_own(const Walk *walk, Slice name)
{
    for (guint i = 0; i < walk->own->len; i++)
        if (slice_equal(*(const Slice *)g_ptr_array_index(walk->own, i), name)) return true;
    return slice_is(name, "forloop") || slice_is(name, "tablerowloop");
}

static void place_count(const LiquidTemplate *template, const char *at, unsigned *ret_line,
                        unsigned *ret_column)
{
    *ret_line = *ret_column = 1;
    for (const char *p = template->source.data; p < at; p++) {
        if (*p == '\n')
            ++*ret_line, *ret_column = 1;
        else if (((unsigned char)*p & 0xC0) != 0x80)
            ++*ret_column;
    }
}

static void walk_path(Walk *walk, const Expression *path)
{
    g_auto(Buffer) text = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    walk_expression(walk, path->first);
    buffer_append(&text, path->name);
    bool plain = !path->first;
    for (const PathStep *step = path->steps; step; step = step->next) {
        walk_expression(walk, step->index);
        bool named = !step->index;
        if (step->index && step->index->kind == EXPRESSION_VALUE &&
            step->index->value.kind == LIQUID_TEXT)
            named = true;
        plain = plain && named;
        if (!plain) continue;
        buffer_append_char(&text, '.');
        buffer_append(&text, step->index ? step->index->value.text : step->name);
    }
    if (path->first || is_own(walk, path->name)) return;
    if (g_hash_table_size(walk->told) >= VARIABLES_MAX) return;
    if (!g_hash_table_add(walk->told, g_strdup(buffer_text(&text)))) return;
    unsigned line, column;
    place_count(walk->template, path->at, &line, &column);
    walk->visit(walk->context, buffer_text(&text), line, column);
}

static void walk_expression(Walk *walk, const Expression *expression)
{
    if (!expression) return;
    switch (expression->kind) {
    case EXPRESSION_VALUE:
        return;
    case EXPRESSION_PATH:
        walk_path(walk, expression);
        return;
    case EXPRESSION_RANGE:
        break;
    }
    walk_expression(walk, expression->first);
    walk_expression(walk, expression->last);
}

static void walk_arguments(Walk *walk, const Argument *first)
{
    for (const Argument *argument = first; argument; argument = argument->next)
        walk_expression(walk, argument->value);
}

static void walk_filtered(Walk *walk, const Filtered *filtered)
{
    walk_expression(walk, filtered->base);
    for (const FilterCall *call = filtered->filters; call; call = call->next)
        walk_arguments(walk, call->arguments);
}

static void walk_choice(Walk *walk, const Node *node)
{
    walk_expression(walk, node->choice.subject);
    for (const Branch *branch = node->choice.branches; branch; branch = branch->next) {
        for (const Condition *test = branch->condition; test; test = test->next) {
            walk_expression(walk, test->left);
            walk_expression(walk, test->right);
        }
        walk_expression(walk, branch->when);
        /* Several values of one `when` share their body. */
        if (!branch->next || branch->next->body != branch->body) walk_body(walk, branch->body);
    }
}

static void walk_loop(Walk *walk, const LoopNode *loop)
{
    walk_expression(walk, loop->collection);
    walk_expression(walk, loop->limit);
    if (!loop->offset_continue) walk_expression(walk, loop->offset);
    walk_expression(walk, loop->columns);
    g_ptr_array_add(walk->own, (void *)&loop->variable);
    walk_body(walk, loop->body);
    g_ptr_array_remove(walk->own, (void *)&loop->variable);
    if (loop->otherwise) walk_body(walk, loop->otherwise);
}

static void walk_node(Walk *walk, const Node *node)
{
    switch (node->kind) {
    case NODE_OUTPUT:
    case NODE_ASSIGN:
        walk_filtered(walk, &node->output);
        break;
    case NODE_CAPTURE:
    case NODE_IFCHANGED:
        walk_body(walk, node->body);
        break;
    case NODE_IF:
    case NODE_CASE:
        walk_choice(walk, node);
        break;
    case NODE_FOR:
    case NODE_TABLEROW:
        walk_loop(walk, &node->loop);
        break;
    case NODE_CYCLE:
        walk_expression(walk, node->cycle.name);
        walk_arguments(walk, node->cycle.values);
        break;
    case NODE_INCLUDE:
    case NODE_RENDER:
        walk_expression(walk, node->partial.name);
        walk_expression(walk, node->partial.bound);
        walk_arguments(walk, node->partial.arguments);
        break;
    case NODE_TEXT:
    case NODE_INCREMENT:
    case NODE_DECREMENT:
    case NODE_BREAK:
    case NODE_CONTINUE:
        break;
    }
}

static void walk_body(Walk *walk, const Body *body)
{
    for (const Node *node = body->first; node; node = node->next) {
        walk_node(walk, node);
        bool names = node->kind == NODE_ASSIGN || node->kind == NODE_CAPTURE ||
                     node->kind == NODE_INCREMENT || node->kind == NODE_DECREMENT;
        if (names && walk->own->len < VARIABLES_MAX && !is_own(walk, node->name))
            g_ptr_array_add(walk->own, (void *)&node->name);
    }
}

/* At most VARIABLES_MAX of them: any hash will do. */
static guint path_hash(gconstpointer path) { return (guint)strlen(path); }

void liquid_variables(const LiquidTemplate *template, LiquidVisit visit, void *context)
{
    g_autoptr(GHashTable) told = g_hash_table_new_full(path_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) own = g_ptr_array_new();
    Walk walk = {template, visit, context, told, own};
    walk_body(&walk, template->body);
}
