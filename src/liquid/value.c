#include "liquid/value.h"

static size_t list_size(void *array) { return ((LiquidList *)array)->count; }

static LiquidValue list_at(void *array, size_t index, Arena *arena)
{
    (void)arena;
    return ((LiquidList *)array)->items[index];
}

static bool table_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
{
    LiquidTable *table = object;
    (void)arena;
    for (size_t i = 0; i < table->count; i++) {
        if (!slice_equal(table->entries[i].name, name)) continue;
        *ret_value = table->entries[i].value;
        return true;
    }
    return false;
}

static bool table_entries(void *object, Arena *arena, LiquidEntry **ret_entries, size_t *ret_count)
{
    LiquidTable *table = object;
    LiquidEntry *copy = arena_alloc(arena, table->count * sizeof(LiquidEntry));
    if (!copy) return false;
    if (table->count > 0) memcpy(copy, table->entries, table->count * sizeof(LiquidEntry));
    *ret_entries = copy;
    *ret_count = table->count;
    return true;
}

static const LiquidArrayType list_type = {list_size, list_at};
static const LiquidObjectType table_type = {table_get, table_entries};

LiquidValue liquid_list(LiquidList *list) { return liquid_array(&list_type, list); }
LiquidValue liquid_table(LiquidTable *table) { return liquid_object(&table_type, table); }
