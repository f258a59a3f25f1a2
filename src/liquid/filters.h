/* liquid/filters.h: the filters, one table in filters.c. Private to liquid/.
 *
 * A filter is a row (name, function, how many arguments) and a function that reads its input and
 * gives a value; texts and arrays it makes lie in the rendering's arena. The parser checks names
 * and numbers of arguments, so a function only judges values. Work is paid for with render_cost.
 */
#pragma once
#include "liquid/render.h"

enum { FILTER_ARGUMENTS_MAX = 2 };

typedef struct FilterInput {
    LiquidValue input;
    LiquidValue arguments[FILTER_ARGUMENTS_MAX]; /* nil where none was given */
    size_t count;
    LiquidValue keyword; /* of `default: …, allow_false: true` */
} FilterInput;

/* False after render_fail. */
typedef bool (*FilterRun)(Render *render, const FilterInput *in, LiquidValue *ret_value);

struct Filter {
    const char *name;
    FilterRun run;
    uint8_t arguments_min, arguments_max;
    const char *usage;   /* "one argument": of an error */
    const char *keyword; /* the one named argument, or NULL */
};

const Filter *filter_find(Slice name);
/* The nearest name of a filter, or NULL when none is near. */
const char *filter_near(Slice name);

/* filters_number.c */
bool filter_abs(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_at_least(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_at_most(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_ceil(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_divided_by(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_floor(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_minus(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_modulo(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_plus(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_round(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_times(Render *render, const FilterInput *in, LiquidValue *ret_value);
/* filters_text.c */
bool filter_append(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_capitalize(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_downcase(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_lstrip(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_prepend(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_remove(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_remove_first(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_remove_last(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_replace(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_replace_first(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_replace_last(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_rstrip(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_slice(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_split(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_strip(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_strip_newlines(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_truncate(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_truncatewords(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_upcase(Render *render, const FilterInput *in, LiquidValue *ret_value);
/* filters_code.c */
bool filter_base64_decode(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_base64_encode(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_base64_url_safe_decode(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_base64_url_safe_encode(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_escape(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_escape_once(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_json(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_newline_to_br(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_raw(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_strip_html(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_url_decode(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_url_encode(Render *render, const FilterInput *in, LiquidValue *ret_value);
/* filters_list.c */
bool filter_compact(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_concat(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_find_index(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_find_item(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_first(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_has(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_join(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_last(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_map(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_reject(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_reverse(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_size(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_sort(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_sort_natural(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_sum(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_uniq(Render *render, const FilterInput *in, LiquidValue *ret_value);
bool filter_where(Render *render, const FilterInput *in, LiquidValue *ret_value);
/* filters_date.c */
bool filter_date(Render *render, const FilterInput *in, LiquidValue *ret_value);
/* filters.c */
bool filter_default(Render *render, const FilterInput *in, LiquidValue *ret_value);
