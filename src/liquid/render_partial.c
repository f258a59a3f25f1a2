#include "liquid/parser.h"
#include "liquid/render.h"

#include <string.h>

void render_partials_clear(Render *render)
{
    for (Partial *partial = render->partials; partial; partial = partial->next)
        g_clear_pointer(&partial->template, liquid_template_free);
}

/* The error of a loader or parser, with the place that asked. */
static bool partial_fail(Render *render, const char *name, GError *error)
{
    g_autoptr(GError) cause = error;
    return render_fail(render, error_code(cause), "partial \"%s\": %s", name, cause->message);
}

static bool partial_load(Render *render, const char *name, Partial *partial)
{
    const LiquidLoader *loader = render->options->loader;
    GError *error = NULL;
    if (!loader)
        return render_fail(render, KITH_ERROR_INVALID,
                           "partial \"%s\": there are no partials here: write its content instead",
                           name);
    g_autofree char *source = loader->load(loader->context, name, &error);
    if (!source) return partial_fail(render, name, error);
    partial->template = liquid_parse_named(slice_of(source), name, &error);
    return partial->template || partial_fail(render, name, error);
}

/* The partial of that name, parsed once per rendering; NULL and an error. */
static Partial *partial_get(Render *render, Slice name)
{
    size_t count = 0;
    for (Partial *partial = render->partials; partial; partial = partial->next, count++)
        if (slice_equal(partial->name, name)) return partial;
    if (count >= LIMIT_LIQUID_PARTIALS) {
        render_fail(render, KITH_ERROR_LIMIT, "more than %d different partials: use fewer",
                    LIMIT_LIQUID_PARTIALS);
        return NULL;
    }
    Partial *partial = render_alloc(render, 1, sizeof *partial);
    char *text = render_alloc(render, 1, name.size + 1);
    if (!partial || !text) return NULL;
    if (name.size > 0) memcpy(text, name.data, name.size);
    partial->name = (Slice){text, name.size};
    if (!partial_load(render, text, partial)) return NULL;
    partial->next = render->partials;
    render->partials = partial;
    return partial;
}

/* The variable a partial gets its value under: `as`, else the last part of its name. */
static Slice partial_variable(const PartialNode *node, const Partial *partial)
{
    if (node->alias.size > 0) return node->alias;
    Slice name = partial->name;
    for (size_t i = name.size; i > 0; i--)
        if (name.data[i - 1] == '/') return (Slice){name.data + i, name.size - i};
    return name;
}

static bool arguments_bind(Render *render, const Argument *first, Binding **list)
{
    for (const Argument *argument = first; argument; argument = argument->next) {
        LiquidValue value;
        if (!expression_value(render, argument->value, &value)) return false;
        if (!binding_add(render, list, argument->name, value)) return false;
    }
    return true;
}

static bool partial_body(Render *render, const Partial *partial)
{
    const LiquidTemplate *outer = render->template;
    const char *at = render->at;
    if (render->depth >= LIMIT_LIQUID_DEPTH)
        return render_fail(render, KITH_ERROR_LIMIT,
                           "more than %d partials inside each other: does one use itself?",
                           LIMIT_LIQUID_DEPTH);
    render->depth++;
    render->template = partial->template;
    bool good = render_body(render, partial->template->body);
    render->template = outer;
    render->at = at;
    render->depth--;
    return good;
}

/* Once, or once for each item; `loop`: items also get a forloop. */
static bool partial_turns(Render *render, const Partial *partial, Binding *bound, bool loops)
{
    Frame *frame = render->frame;
    Sequence sequence;
    LiquidValue value = bound->value;
    if (!sequence_open(render, &value, &sequence)) return false;
    LoopState *state = render_alloc(render, 1, sizeof *state);
    if (!state) return false;
    *state = (LoopState){.title = partial->name, .length = sequence.size};
    if (loops && !binding_add(render, &frame->bound, SLICE("forloop"), loop_value(state)))
        return false;
    for (; state->index0 < sequence.size; state->index0++) {
        if (!sequence_at(render, &sequence, state->index0, &bound->value)) return false;
        if (!render_cost(render, 1) || !partial_body(render, partial)) return false;
        if (render->interrupt != INTERRUPT_NONE) break;
    }
    return true;
}

static bool is_sequence(const LiquidValue *value)
{
    return value->kind == LIQUID_ARRAY || value->kind == LIQUID_RANGE;
}

/* `include` sees and changes the variables around it. */
static bool partial_include(Render *render, const PartialNode *node, const Partial *partial)
{
    Frame *frame = render->frame;
    Binding *outside = frame->bound;
    LiquidValue value = liquid_nil();
    if (node->bound && !expression_value(render, node->bound, &value)) return false;
    bool each = is_sequence(&value);
    Binding *bound = NULL;
    if (node->bound) {
        bound = binding_add(render, &frame->bound, partial_variable(node, partial), value);
        if (!bound) return false;
    }
    bool good =
        arguments_bind(render, node->arguments, &frame->bound) &&
        (each ? partial_turns(render, partial, bound, false) : partial_body(render, partial));
    frame->bound = outside;
    return good;
}

/* `render` sees its arguments, as variables of its own, and the data; it changes nothing outside.
 */
static bool partial_isolated(Render *render, const PartialNode *node, const Partial *partial)
{
    Frame *outer = render->frame, frame = {.isolated = true};
    Binding *bound = NULL;
    LiquidValue value = liquid_nil();
    if (!arguments_bind(render, node->arguments, &frame.assigned)) return false;
    if (node->bound && !expression_value(render, node->bound, &value)) return false;
    if (node->bound) {
        bound = binding_add(render, &frame.assigned, partial_variable(node, partial), value);
        if (!bound) return false;
    }
    render->frame = &frame;
    bool good = node->each && is_sequence(&value) ? partial_turns(render, partial, bound, true)
                                                  : partial_body(render, partial);
    render->frame = outer;
    render->interrupt = INTERRUPT_NONE;
    return good;
}

bool render_partial(Render *render, const Node *node)
{
    LiquidValue name;
    bool isolated = node->kind == NODE_RENDER;
    if (render->frame->isolated && !isolated)
        return render_fail(render, KITH_ERROR_INVALID,
                           "include cannot be used inside render: use render here too");
    if (!expression_value(render, node->partial.name, &name)) return false;
    if (name.kind != LIQUID_TEXT)
        return render_fail(render, KITH_ERROR_INVALID, "the name of a partial must be a text");
    Partial *partial = partial_get(render, name.text);
    if (!partial) return false;
    return isolated ? partial_isolated(render, &node->partial, partial)
                    : partial_include(render, &node->partial, partial);
}
