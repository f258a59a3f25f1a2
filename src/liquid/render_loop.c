#include "liquid/render.h"

/* ── forloop ─────────────────────────────────────────────────────────────────────────────────── */

static bool loop_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
{
    LoopState *loop = object;
    const struct {
        const char *name;
        LiquidValue value;
    } members[] = {
        {"index", liquid_int(loop->index0 + 1)},
        {"index0", liquid_int(loop->index0)},
        {"rindex", liquid_int(loop->length - loop->index0)},
        {"rindex0", liquid_int(loop->length - loop->index0 - 1)},
        {"first", liquid_bool(loop->index0 == 0)},
        {"last", liquid_bool(loop->index0 == loop->length - 1)},
        {"length", liquid_int(loop->length)},
        {"name", liquid_text(loop->title)},
        {"parentloop", loop->parent ? loop_value(loop->parent) : liquid_nil()},
    };
    (void)arena;
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!slice_is(name, members[i].name)) continue;
        *ret_value = members[i].value;
        return true;
    }
    return false;
}

static bool table_loop_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
{
    LoopState *loop = object;
    int64_t column = loop->index0 % loop->columns;
    const struct {
        const char *name;
        LiquidValue value;
    } members[] = {
        {"col", liquid_int(column + 1)},
        {"col0", liquid_int(column)},
        {"col_first", liquid_bool(column == 0)},
        {"col_last", liquid_bool(column == loop->columns - 1)},
        {"row", liquid_int(loop->index0 / loop->columns + 1)},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++) {
        if (!slice_is(name, members[i].name)) continue;
        *ret_value = members[i].value;
        return true;
    }
    bool hidden = slice_is(name, "name") || slice_is(name, "parentloop");
    return !hidden && loop_get(object, name, arena, ret_value);
}

/* What `{{ forloop }}` shows: its plain figures. */
static bool loop_entries(void *object, Arena *arena, LiquidEntry **ret_entries, size_t *ret_count)
{
    static const char *const names[] = {"length",  "index", "index0", "rindex",
                                        "rindex0", "first", "last"};
    LiquidEntry *entries = arena_alloc0(arena, G_N_ELEMENTS(names), sizeof(LiquidEntry));
    if (!entries) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        entries[i].name = slice_of(names[i]);
        loop_get(object, entries[i].name, arena, &entries[i].value);
    }
    *ret_entries = entries;
    *ret_count = G_N_ELEMENTS(names);
    return true;
}

static const LiquidObjectType loop_type = {loop_get, loop_entries};
static const LiquidObjectType table_loop_type = {table_loop_get, loop_entries};

LiquidValue loop_value(LoopState *loop)
{
    return liquid_object(loop->columns > 0 ? &table_loop_type : &loop_type, loop);
}

/* ── the part of a collection that is walked ─────────────────────────────────────────────────── */

typedef struct Span {
    Sequence sequence;
    int64_t from, count;
} Span;

static bool option_value(Render *render, const Expression *expression, const char *what,
                         int64_t *in_out)
{
    LiquidValue value;
    if (!expression) return true;
    if (!expression_value(render, expression, &value)) return false;
    return value.kind == LIQUID_NIL || value_integer(render, &value, what, in_out);
}

/* Where the last loop of that title ended, kept for `offset: continue`. */
static Binding *offset_binding(Render *render, const LoopNode *loop)
{
    Binding *binding = binding_find(render, render->frame->offsets, loop->title);
    if (binding || render->error) return binding;
    return binding_add(render, &render->frame->offsets, loop->title, liquid_int(0));
}

static bool span_open(Render *render, const LoopNode *loop, Span *ret_span)
{
    LiquidValue collection;
    int64_t from = 0, limit = INT64_MAX;
    if (!expression_value(render, loop->collection, &collection)) return false;
    if (!sequence_open(render, &collection, &ret_span->sequence)) return false;
    Binding *kept = offset_binding(render, loop);
    if (!kept) return false;
    if (loop->offset_continue)
        from = kept->value.integer;
    else if (!option_value(render, loop->offset, "offset", &from))
        return false;
    if (!option_value(render, loop->limit, "limit", &limit)) return false;
    ret_span->from = CLAMP(from, 0, ret_span->sequence.size);
    ret_span->count = CLAMP(limit, 0, ret_span->sequence.size - ret_span->from);
    kept->value = liquid_int(ret_span->from + ret_span->count);
    return true;
}

static bool span_at(Render *render, const Span *span, const LoopNode *loop, int64_t index,
                    LiquidValue *ret_value)
{
    int64_t at = span->from + (loop->reversed ? span->count - 1 - index : index);
    return render_cost(render, 1) && sequence_at(render, &span->sequence, at, ret_value);
}

/* ── for ─────────────────────────────────────────────────────────────────────────────────────── */

/* True when the loop ends here. */
static bool interrupt_take(Render *render)
{
    bool breaks = render->interrupt == INTERRUPT_BREAK;
    render->interrupt = INTERRUPT_NONE;
    return breaks;
}

static bool for_turns(Render *render, const LoopNode *loop, const Span *span, LoopState *state)
{
    Binding *item = binding_add(render, &render->frame->bound, loop->variable, liquid_nil());
    if (!item) return false;
    for (; state->index0 < span->count; state->index0++) {
        if (!span_at(render, span, loop, state->index0, &item->value)) return false;
        if (!render_body(render, loop->body)) return false;
        if (interrupt_take(render)) break;
    }
    return true;
}

bool render_for(Render *render, const Node *node)
{
    const LoopNode *loop = &node->loop;
    Frame *frame = render->frame;
    Span span;
    if (!span_open(render, loop, &span)) return false;
    if (span.count == 0) return !loop->otherwise || render_body(render, loop->otherwise);
    LoopState *state = render_alloc(render, 1, sizeof *state);
    if (!state) return false;
    *state = (LoopState){.title = loop->title, .length = span.count, .parent = frame->loop};
    Binding *outside = frame->bound;
    frame->loop = state;
    bool good = binding_add(render, &frame->bound, SLICE("forloop"), loop_value(state)) &&
                for_turns(render, loop, &span, state);
    frame->loop = state->parent;
    frame->bound = outside;
    return good;
}

/* ── tablerow ────────────────────────────────────────────────────────────────────────────────── */

static bool columns_value(Render *render, const LoopNode *loop, int64_t *in_out)
{
    LiquidValue value;
    if (!loop->columns) return true;
    if (!expression_value(render, loop->columns, &value)) return false;
    if (value.kind == LIQUID_NIL) return true;
    if (value.kind == LIQUID_FLOAT && value.number >= 1 && value.number < 1e15)
        value = liquid_int((int64_t)value.number);
    if (!value_integer(render, &value, "cols", in_out)) return false;
    return *in_out > 0 || render_fail(render, KITH_ERROR_INVALID, "cols must be 1 or more");
}

static bool table_cells(Render *render, const LoopNode *loop, const Span *span, LoopState *state)
{
    Binding *item = binding_add(render, &render->frame->bound, loop->variable, liquid_nil());
    if (!item) return false;
    for (; state->index0 < span->count; state->index0++) {
        int64_t column = state->index0 % state->columns + 1;
        if (!span_at(render, span, loop, state->index0, &item->value)) return false;
        buffer_append_printf(render->out, "<td class=\"col%" G_GINT64_FORMAT "\">", column);
        if (!render_body(render, loop->body)) return false;
        buffer_append(render->out, SLICE("</td>"));
        if (interrupt_take(render)) break;
        if (column == state->columns && state->index0 < span->count - 1)
            buffer_append_printf(render->out, "</tr>\n<tr class=\"row%" G_GINT64_FORMAT "\">",
                                 state->index0 / state->columns + 2);
    }
    return true;
}

bool render_tablerow(Render *render, const Node *node)
{
    const LoopNode *loop = &node->loop;
    Frame *frame = render->frame;
    Span span;
    if (!span_open(render, loop, &span)) return false;
    if (span.sequence.value.kind == LIQUID_NIL) return true;
    LoopState *state = render_alloc(render, 1, sizeof *state);
    if (!state) return false;
    *state = (LoopState){.length = span.count, .columns = MAX(span.count, 1)};
    if (!columns_value(render, loop, &state->columns)) return false;
    Binding *outside = frame->bound;
    buffer_append(render->out, SLICE("<tr class=\"row1\">\n"));
    bool good = binding_add(render, &frame->bound, SLICE("tablerowloop"), loop_value(state)) &&
                table_cells(render, loop, &span, state);
    buffer_append(render->out, SLICE("</tr>\n"));
    frame->bound = outside;
    return good;
}

/* ── cycle ───────────────────────────────────────────────────────────────────────────────────── */

bool render_cycle(Render *render, const Node *node)
{
    const CycleNode *cycle = &node->cycle;
    LiquidValue name, value = liquid_nil();
    Slice title = cycle->title;
    if (cycle->name) {
        if (!expression_value(render, cycle->name, &name)) return false;
        if (!value_text(render, &name, &title)) return false;
    }
    Binding *turn = binding_find(render, render->frame->cycles, title);
    if (!turn && !render->error)
        turn = binding_add(render, &render->frame->cycles, title, liquid_int(0));
    if (!turn) return false;
    int64_t index = turn->value.integer;
    const Argument *argument = cycle->values;
    for (int64_t i = 0; i < index && argument; i++)
        argument = argument->next;
    if (argument && !expression_value(render, argument->value, &value)) return false;
    turn->value = liquid_int(index + 1 >= (int64_t)cycle->count ? 0 : index + 1);
    return render_cost(render, (uint64_t)index / 16) && output_write(render, &value);
}
