/* liquid/value.h: what a template sees: nothing, truth, number, text, range, array, object.
 *
 * A LiquidValue is 32 bytes, passed by value, and owns nothing: texts, arrays and objects live in
 * the data the caller gave or in the arena of the rendering. Arrays and objects are read through
 * two small tables of functions, so that a person, an order or a shop can be given without being
 * loaded: only what the template asks for is read.
 *
 *     static bool order_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
 *     {
 *         const OrderRow *order = object;
 *         if (slice_is(name, "number")) *ret_value = liquid_text(slice_of(order->number));
 *         else return false;
 *         return true;
 *     }
 *     static const LiquidObjectType order_type = {order_get, order_entries};
 *     LiquidValue order = liquid_object(&order_type, row);
 *
 * A source that could not be read keeps its error for whoever made it and says "absent" here.
 * Texts must be valid UTF-8 without NUL. Values may be shared between threads if their sources may.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

typedef enum LiquidKind {
    LIQUID_NIL,
    LIQUID_BOOL,
    LIQUID_INT,
    LIQUID_FLOAT,
    LIQUID_TEXT,
    LIQUID_RANGE, /* first..last, both included; empty when last < first */
    LIQUID_ARRAY,
    LIQUID_OBJECT,
    LIQUID_EMPTY, /* the word "empty": equals every text, array or object without content */
    LIQUID_BLANK  /* the word "blank": also nil, false and white space */
} LiquidKind;

typedef struct LiquidValue LiquidValue;
typedef struct LiquidEntry LiquidEntry;

/* How an array is read. Items may be made on demand, in the arena. */
typedef struct LiquidArrayType {
    size_t (*size)(void *array);
    LiquidValue (*at)(void *array, size_t index, Arena *arena); /* index < size */
} LiquidArrayType;

/* How an object is read. */
typedef struct LiquidObjectType {
    /* The member of that name; false when there is none. */
    bool (*get)(void *object, Slice name, Arena *arena, LiquidValue *ret_value);
    /* All members in a fixed order, in the arena; false when the arena is full. */
    bool (*entries)(void *object, Arena *arena, LiquidEntry **ret_entries, size_t *ret_count);
} LiquidObjectType;

struct LiquidValue {
    LiquidKind kind;
    bool safe; /* a text that is HTML already and is not escaped again */
    union {
        bool truth;
        int64_t integer;
        double number; /* finite */
        Slice text;
        struct {
            int64_t first, last;
        } range;
        struct {
            const LiquidArrayType *type;
            void *source;
        } array;
        struct {
            const LiquidObjectType *type;
            void *source;
        } object;
    };
};

struct LiquidEntry {
    Slice name;
    LiquidValue value;
};

static inline LiquidValue liquid_nil(void) { return (LiquidValue){.kind = LIQUID_NIL}; }

static inline LiquidValue liquid_bool(bool truth)
{
    return (LiquidValue){.kind = LIQUID_BOOL, .truth = truth};
}

static inline LiquidValue liquid_int(int64_t integer)
{
    return (LiquidValue){.kind = LIQUID_INT, .integer = integer};
}

static inline LiquidValue liquid_float(double number)
{
    return (LiquidValue){.kind = LIQUID_FLOAT, .number = number};
}

static inline LiquidValue liquid_text(Slice text)
{
    return (LiquidValue){.kind = LIQUID_TEXT, .text = text};
}

static inline LiquidValue liquid_range(int64_t first, int64_t last)
{
    LiquidValue value = {.kind = LIQUID_RANGE};
    value.range.first = first;
    value.range.last = last;
    return value;
}

static inline LiquidValue liquid_array(const LiquidArrayType *type, void *source)
{
    LiquidValue value = {.kind = LIQUID_ARRAY};
    value.array.type = type;
    value.array.source = source;
    return value;
}

static inline LiquidValue liquid_object(const LiquidObjectType *type, void *source)
{
    LiquidValue value = {.kind = LIQUID_OBJECT};
    value.object.type = type;
    value.object.source = source;
    return value;
}

/* An array or object over values in memory, for data that is at hand. */
typedef struct LiquidList {
    size_t count;
    const LiquidValue *items;
} LiquidList;

typedef struct LiquidTable {
    size_t count;
    const LiquidEntry *entries;
} LiquidTable;

/* Both borrow the list, which must live as long as the value. */
LiquidValue liquid_list(LiquidList *list);
LiquidValue liquid_table(LiquidTable *table);
