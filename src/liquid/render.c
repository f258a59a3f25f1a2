#include "liquid/render.h"

#include "liquid/parser.h"

bool render_fail(Render *render, KithError code, const char *format, ...)
{
    if (render->error) return false;
    va_list list;
    va_start(list, format);
    g_autofree char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_autofree char *place = template_place(render->template, render->at);
    return fail(&render->error, code, "%s: %s", place, text);
}

bool render_cost(Render *render, uint64_t steps)
{
    if (render->error) return false;
    if (steps <= render->steps_left) {
        render->steps_left -= steps;
        return true;
    }
    render->steps_left = 0;
    return render_fail(render, KITH_ERROR_LIMIT,
                       "the template does more than %d steps: loop over less, or add a limit",
                       LIMIT_LIQUID_STEPS);
}

bool render_cost_text(Render *render, Slice text) { return render_cost(render, text.size / 256); }

void *render_alloc(Render *render, size_t count, size_t size)
{
    void *memory = arena_alloc0(render->arena, count, size);
    if (!memory)
        render_fail(render, KITH_ERROR_LIMIT,
                    "the template makes more than %d MB of texts and lists: make fewer",
                    LIMIT_LIQUID_MEMORY_BYTES / 1024 / 1024);
    return memory;
}

bool render_take(Render *render, Buffer *buffer, LiquidValue *ret_value)
{
    if (buffer->failed)
        return render_fail(render, KITH_ERROR_LIMIT,
                           "this makes a text of over %d KB: make it shorter",
                           LIMIT_LIQUID_TEXT_BYTES / 1024);
    char *copy = render_alloc(render, 1, buffer->size + 1);
    if (!copy) return false;
    if (buffer->size > 0) memcpy(copy, buffer->data, buffer->size);
    *ret_value = liquid_text((Slice){copy, buffer->size});
    buffer_clear(buffer);
    return true;
}

/* ── bindings ────────────────────────────────────────────────────────────────────────────────── */

Binding *binding_find(Render *render, Binding *first, Slice name)
{
    uint64_t looked = 0;
    Binding *binding = first;
    while (binding && !slice_equal(binding->name, name)) {
        binding = binding->next;
        looked++;
    }
    return render_cost(render, looked / 16) ? binding : NULL;
}

Binding *binding_add(Render *render, Binding **list, Slice name, LiquidValue value)
{
    Binding *binding = render_alloc(render, 1, sizeof *binding);
    if (!binding) return NULL;
    *binding = (Binding){*list, name, value};
    *list = binding;
    return binding;
}

static bool variable_assign(Render *render, Slice name, LiquidValue value)
{
    Binding *binding = binding_find(render, render->frame->assigned, name);
    if (render->error) return false;
    if (binding) binding->value = value;
    return binding || binding_add(render, &render->frame->assigned, name, value) != NULL;
}

/* ── nodes ───────────────────────────────────────────────────────────────────────────────────── */

static bool out_check(Render *render)
{
    return !render->out->failed ||
           render_fail(render, KITH_ERROR_LIMIT, "the output is over %zu KB: write less",
                       render->out->bytes_max / 1024);
}

bool output_write(Render *render, const LiquidValue *value)
{
    g_auto(Buffer) plain = BUFFER_INIT(render->out->bytes_max);
    if (!render->options->html || value->safe) return value_write(render, value, render->out);
    if (value->kind == LIQUID_TEXT) {
        html_escape(value->text, render->out);
        return true;
    }
    if (!value_write(render, value, &plain)) return false;
    if (plain.failed) render->out->failed = true;
    html_escape(buffer_slice(&plain), render->out);
    return true;
}

static bool render_output(Render *render, const Node *node)
{
    LiquidValue value;
    return filtered_value(render, &node->output, &value) && output_write(render, &value);
}

static bool render_assign(Render *render, const Node *node)
{
    LiquidValue value;
    return filtered_value(render, &node->output, &value) &&
           variable_assign(render, node->name, value);
}

/* Renders a body into a text of its own. */
static bool body_captured(Render *render, const Body *body, LiquidValue *ret_value)
{
    g_auto(Buffer) text = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    Buffer *outer = render->out;
    render->out = &text;
    bool good = render_body(render, body);
    render->out = outer;
    if (!good || !render_take(render, &text, ret_value)) return false;
    ret_value->safe = render->options->html; /* it was escaped when it was written */
    return true;
}

static bool render_capture(Render *render, const Node *node)
{
    LiquidValue value;
    return body_captured(render, node->body, &value) && variable_assign(render, node->name, value);
}

static bool render_ifchanged(Render *render, const Node *node)
{
    LiquidValue value;
    if (!body_captured(render, node->body, &value)) return false;
    if (slice_equal(value.text, render->frame->changed)) return true;
    render->frame->changed = value.text;
    buffer_append(render->out, value.text);
    return true;
}

static bool render_if(Render *render, const Node *node)
{
    bool negate = node->negated;
    for (const Branch *branch = node->choice.branches; branch; branch = branch->next) {
        bool truth = true;
        if (!branch->is_else && !condition_value(render, branch->condition, &truth)) return false;
        if (truth != negate) return render_body(render, branch->body);
        negate = false; /* an elsif of unless is plain */
    }
    return true;
}

/* Every `when` that matches is written, and each `else` nothing matched before. */
static bool render_case(Render *render, const Node *node)
{
    bool matched = false;
    LiquidValue subject, when;
    if (!expression_value(render, node->choice.subject, &subject)) return false;
    for (const Branch *branch = node->choice.branches; branch; branch = branch->next) {
        bool fits = !matched;
        if (!branch->is_else) {
            if (!expression_value(render, branch->when, &when)) return false;
            fits = value_equal(render, &subject, &when);
            if (render->error) return false;
            matched = matched || fits;
        }
        if (fits && !render_body(render, branch->body)) return false;
    }
    return true;
}

/* `increment` shows the number before, `decrement` the one after; both share their counters. */
static bool render_counter(Render *render, const Node *node, int64_t by)
{
    Binding *counter = binding_find(render, render->frame->counters, node->name);
    if (!counter && !render->error)
        counter = binding_add(render, &render->frame->counters, node->name, liquid_int(0));
    if (!counter) return false;
    buffer_append_int(render->out, counter->value.integer + MIN(by, 0));
    counter->value.integer += by;
    return true;
}

static bool render_node(Render *render, const Node *node)
{
    switch (node->kind) {
    case NODE_TEXT:
        buffer_append(render->out, node->name);
        return true;
    case NODE_OUTPUT:
        return render_output(render, node);
    case NODE_ASSIGN:
        return render_assign(render, node);
    case NODE_CAPTURE:
        return render_capture(render, node);
    case NODE_IF:
        return render_if(render, node);
    case NODE_CASE:
        return render_case(render, node);
    case NODE_FOR:
        return render_for(render, node);
    case NODE_TABLEROW:
        return render_tablerow(render, node);
    case NODE_CYCLE:
        return render_cycle(render, node);
    case NODE_INCREMENT:
        return render_counter(render, node, 1);
    case NODE_DECREMENT:
        return render_counter(render, node, -1);
    case NODE_BREAK:
        render->interrupt = INTERRUPT_BREAK;
        return true;
    case NODE_CONTINUE:
        render->interrupt = INTERRUPT_CONTINUE;
        return true;
    case NODE_IFCHANGED:
        return render_ifchanged(render, node);
    case NODE_INCLUDE:
    case NODE_RENDER:
        break;
    }
    return render_partial(render, node);
}

static bool body_nodes(Render *render, const Body *body)
{
    for (const Node *node = body->first; node; node = node->next) {
        render->at = node->at;
        if (!render_cost(render, 1) || !render_node(render, node)) return false;
        render->at = node->at;
        if (!out_check(render)) return false;
        if (render->interrupt != INTERRUPT_NONE) return true;
    }
    return true;
}

bool render_body(Render *render, const Body *body)
{
    if (render->levels >= RENDER_LEVELS_MAX)
        return render_fail(render, KITH_ERROR_LIMIT,
                           "more than %d levels inside each other: use fewer", RENDER_LEVELS_MAX);
    render->levels++;
    bool good = body_nodes(render, body);
    render->levels--;
    return good;
}

/* ── the whole ───────────────────────────────────────────────────────────────────────────────── */

char *liquid_render(const LiquidTemplate *template, LiquidValue data, const LiquidOptions *options,
                    GError **error)
{
    g_autoptr(Arena) arena = arena_new(LIMIT_LIQUID_MEMORY_BYTES);
    g_auto(Buffer) out = BUFFER_INIT(LIMIT_LIQUID_OUTPUT_BYTES);
    Frame frame = {0};
    Render render = {.arena = arena,
                     .options = options,
                     .data = data,
                     .out = &out,
                     .frame = &frame,
                     .steps_left = LIMIT_LIQUID_STEPS,
                     .template = template,
                     .at = template->source.data};
    bool good = render_body(&render, template->body);
    render_partials_clear(&render);
    if (!good) {
        g_propagate_error(error, render.error);
        return NULL;
    }
    return out.data ? buffer_steal(&out) : g_strdup("");
}
