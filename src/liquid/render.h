/* liquid/render.h: what one rendering keeps, and what nodes, expressions and filters share.
 * Private to liquid/.
 *
 * Everything a rendering makes lies in its arena and goes with it. The first error ends it: every
 * function returns false once there is one. Work is paid for in steps before it is done.
 */
#pragma once
#include <glib.h>

#include "base/buffer.h"
#include "liquid/ast.h"
#include "liquid/liquid.h"

/* A name bound to a value: an assigned variable, a loop's, a partial's argument. */
typedef struct Binding {
    struct Binding *next;
    Slice name;
    LiquidValue value;
} Binding;

/* State of `for` and `tablerow` that templates see as forloop and tablerowloop. */
typedef struct LoopState {
    Slice title;
    int64_t index0, length;
    int64_t columns;          /* tablerow; else 0 */
    struct LoopState *parent; /* the loop around it, or NULL */
} LoopState;

/* The variables of a template and the partials it includes; `render` begins a new one. */
typedef struct Frame {
    Binding *bound;    /* innermost first: loops and arguments */
    Binding *assigned; /* assign and capture */
    Binding *counters; /* increment and decrement */
    Binding *cycles, *offsets;
    Slice changed; /* what ifchanged wrote last */
    LoopState *loop;
    bool isolated; /* of `render`: no include here */
} Frame;

/* Bodies inside each other in one rendering: bounds the stack to about 300 KB. */
enum { RENDER_LEVELS_MAX = 4 * LIMIT_LIQUID_DEPTH };

typedef enum Interrupt { INTERRUPT_NONE, INTERRUPT_BREAK, INTERRUPT_CONTINUE } Interrupt;

typedef struct Partial {
    struct Partial *next;
    Slice name;
    LiquidTemplate *template; /* owned */
} Partial;

typedef struct Render {
    Arena *arena;
    const LiquidOptions *options;
    LiquidValue data;
    Buffer *out;
    Frame *frame;
    Interrupt interrupt;
    uint64_t steps_left;
    unsigned depth;  /* partials inside each other */
    unsigned levels; /* bodies inside each other, over all partials */
    Partial *partials;
    const LiquidTemplate *template; /* where we are, for errors */
    const char *at;
    GError *error;
} Render;

/* Sets the error, with the place we are at, unless there is one; returns false. */
bool render_fail(Render *render, KithError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Takes `steps` off what is left; false and an error when there are not as many. */
bool render_cost(Render *render, uint64_t steps);
/* The cost of reading a text. */
bool render_cost_text(Render *render, Slice text);

/* Zeroed memory of the rendering; NULL and an error over LIMIT_LIQUID_MEMORY_BYTES. */
void *render_alloc(Render *render, size_t count, size_t size);

/* A buffer's content as a value in the arena; clears the buffer. False when it had overflowed. */
bool render_take(Render *render, Buffer *buffer, LiquidValue *ret_value);

/* Writes a value out, escaped when the options say so and it is not safe. */
bool output_write(Render *render, const LiquidValue *value);

bool render_body(Render *render, const Body *body);
bool render_for(Render *render, const Node *node);
bool render_tablerow(Render *render, const Node *node);
bool render_cycle(Render *render, const Node *node);
bool render_partial(Render *render, const Node *node);
void render_partials_clear(Render *render);

/* forloop and tablerowloop as values. */
LiquidValue loop_value(LoopState *loop);

/* The binding of that name, or NULL. Costs a step for every 16 looked at. */
Binding *binding_find(Render *render, Binding *first, Slice name);
/* A new binding in front of `*list`; NULL and an error without memory. */
Binding *binding_add(Render *render, Binding **list, Slice name, LiquidValue value);

/* ── expressions (evaluate.c) ── */

bool expression_value(Render *render, const Expression *expression, LiquidValue *ret_value);
bool filtered_value(Render *render, const Filtered *filtered, LiquidValue *ret_value);
bool condition_value(Render *render, const Condition *condition, bool *ret_truth);

/* ── values (render_value.c) ── */

bool value_truthy(const LiquidValue *value);
/* Equality as Liquid's `==`; deep. False too when the steps ran out (render->error is set). */
bool value_equal(Render *render, const LiquidValue *a, const LiquidValue *b);
/* nil, false, "", [] or {}: what `default` replaces. `blank` counts white space too. */
bool value_empty(Render *render, const LiquidValue *value, bool blank);
/* What `{{ value }}` writes, unescaped. */
bool value_write(Render *render, const LiquidValue *value, Buffer *out);
bool value_json(Render *render, const LiquidValue *value, Buffer *out);
/* The same as a text that lives as long as the rendering. */
bool value_text(Render *render, const LiquidValue *value, Slice *ret_text);
/* `.name` and `[key]`; nil when there is no such thing. */
bool value_member(Render *render, const LiquidValue *value, Slice name, LiquidValue *ret_value);
bool value_index(Render *render, const LiquidValue *value, const LiquidValue *key,
                 LiquidValue *ret_value);
/* Length of a text in characters, of an array, range or object in items; 0 for all else. */
bool value_size(Render *render, const LiquidValue *value, int64_t *ret_size);
/* "first" or "last" of an array, range, text or (first only) object; else nil. */
bool value_end(Render *render, const LiquidValue *value, bool last, LiquidValue *ret_value);
/* The number a text stands for (Ruby's to_i and its decimals), numbers as they are, else 0. */
LiquidValue value_number(const LiquidValue *value);
/* A whole number, or an error naming `what`: 2.2, "x" and nil are none. */
bool value_integer(Render *render, const LiquidValue *value, const char *what,
                   int64_t *ret_integer);
/* A float as Ruby writes it: 1.0, 2.5, 1.0e+20. */
void float_write(double number, Buffer *out);
void html_escape(Slice text, Buffer *out);

/* What a loop or filter walks over, without collecting it. */
typedef struct Sequence {
    LiquidValue value;
    LiquidEntry *entries; /* of an object */
    int64_t size;
} Sequence;

/* As `for` does: arrays, ranges, pairs of an object, a text as its only item; else nothing. */
bool sequence_open(Render *render, const LiquidValue *value, Sequence *ret_sequence);
bool sequence_at(Render *render, const Sequence *sequence, int64_t index, LiquidValue *ret_value);

/* As filters do: arrays flattened, a range's numbers, nothing for nil, else the value itself. */
typedef struct Items {
    LiquidValue *items;
    size_t count;
} Items;
bool items_collect(Render *render, const LiquidValue *value, Items *ret_items);
/* An array value over items of the arena. */
bool items_value(Render *render, Items items, LiquidValue *ret_value);
