#include "liquid/filters.h"

#include "liquid/parser.h"

bool filter_default(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    bool kept_false = value_truthy(&in->keyword) && in->input.kind == LIQUID_BOOL;
    bool absent = !value_truthy(&in->input) || value_empty(render, &in->input, false);
    if (render->error) return false;
    *ret_value = absent && !kept_false ? in->arguments[0] : in->input;
    return true;
}

#define NONE       0, 0, "no arguments"
#define ONE        1, 1, "one argument"
#define TWO        2, 2, "two arguments"
#define UP_TO_ONE  0, 1, "at most one argument"
#define UP_TO_TWO  0, 2, "at most two arguments"
#define ONE_OR_TWO 1, 2, "one or two arguments"

static const Filter filters[] = {
    {"abs", filter_abs, NONE},
    {"append", filter_append, ONE},
    {"at_least", filter_at_least, ONE},
    {"at_most", filter_at_most, ONE},
    {"base64_decode", filter_base64_decode, NONE},
    {"base64_encode", filter_base64_encode, NONE},
    {"base64_url_safe_decode", filter_base64_url_safe_decode, NONE},
    {"base64_url_safe_encode", filter_base64_url_safe_encode, NONE},
    {"capitalize", filter_capitalize, NONE},
    {"ceil", filter_ceil, NONE},
    {"compact", filter_compact, UP_TO_ONE},
    {"concat", filter_concat, ONE},
    {"date", filter_date, ONE},
    {"default", filter_default, UP_TO_ONE, "allow_false"},
    {"divided_by", filter_divided_by, ONE},
    {"downcase", filter_downcase, NONE},
    {"escape", filter_escape, NONE},
    {"escape_once", filter_escape_once, NONE},
    {"find", filter_find_item, ONE_OR_TWO},
    {"find_index", filter_find_index, ONE_OR_TWO},
    {"first", filter_first, NONE},
    {"floor", filter_floor, NONE},
    {"h", filter_escape, NONE},
    {"has", filter_has, ONE_OR_TWO},
    {"join", filter_join, UP_TO_ONE},
    {"json", filter_json, NONE},
    {"last", filter_last, NONE},
    {"lstrip", filter_lstrip, NONE},
    {"map", filter_map, ONE},
    {"minus", filter_minus, ONE},
    {"modulo", filter_modulo, ONE},
    {"newline_to_br", filter_newline_to_br, NONE},
    {"plus", filter_plus, ONE},
    {"prepend", filter_prepend, ONE},
    {"raw", filter_raw, NONE},
    {"reject", filter_reject, ONE_OR_TWO},
    {"remove", filter_remove, ONE},
    {"remove_first", filter_remove_first, ONE},
    {"remove_last", filter_remove_last, ONE},
    {"replace", filter_replace, ONE_OR_TWO},
    {"replace_first", filter_replace_first, ONE_OR_TWO},
    {"replace_last", filter_replace_last, TWO},
    {"reverse", filter_reverse, NONE},
    {"round", filter_round, UP_TO_ONE},
    {"rstrip", filter_rstrip, NONE},
    {"size", filter_size, NONE},
    {"slice", filter_slice, ONE_OR_TWO},
    {"sort", filter_sort, UP_TO_ONE},
    {"sort_natural", filter_sort_natural, UP_TO_ONE},
    {"split", filter_split, ONE},
    {"strip", filter_strip, NONE},
    {"strip_html", filter_strip_html, NONE},
    {"strip_newlines", filter_strip_newlines, NONE},
    {"sum", filter_sum, UP_TO_ONE},
    {"times", filter_times, ONE},
    {"truncate", filter_truncate, UP_TO_TWO},
    {"truncatewords", filter_truncatewords, UP_TO_TWO},
    {"uniq", filter_uniq, UP_TO_ONE},
    {"upcase", filter_upcase, NONE},
    {"url_decode", filter_url_decode, NONE},
    {"url_encode", filter_url_encode, NONE},
    {"where", filter_where, ONE_OR_TWO},
};

const Filter *filter_find(Slice name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
        if (slice_is(name, filters[i].name)) return &filters[i];
    return NULL;
}

const char *filter_near(Slice name)
{
    const char *names[G_N_ELEMENTS(filters)];
    for (size_t i = 0; i < G_N_ELEMENTS(filters); i++)
        names[i] = filters[i].name;
    int near = names_near(name, names, G_N_ELEMENTS(names));
    return near < 0 ? NULL : names[near];
}
