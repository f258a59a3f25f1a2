/* liquid/liquid.h: the template engine: Liquid as Shopify defines it, bounded everywhere.
 *
 * A template is parsed once, into an immutable tree that any number of threads may render. A
 * rendering reads no clock, file or network: time and zone are given, partials come from a loader,
 * data from LiquidValue. Whatever the template does, a rendering ends within LIMIT_LIQUID_STEPS
 * steps, LIMIT_LIQUID_OUTPUT_BYTES of output and LIMIT_LIQUID_MEMORY_BYTES of memory
 * (base/limits.h), with an error that says where and which.
 *
 *     g_autoptr(LiquidTemplate) template = liquid_parse(source, error);
 *     if (!template) return false;
 *     LiquidOptions options = {.html = true, .zone = zone, .now_ms = clock_now_ms()};
 *     g_autofree char *mail = liquid_render(template, liquid_json(data), &options, error);
 *
 * HTML: with `html` everything a template writes out is escaped, but what went through the filter
 * `raw`, `escape`, `escape_once`, `newline_to_br` or was captured (it was escaped then).
 *
 * Errors read "line 3, column 12: …", in a partial `"header", line 3, column 12: …`; columns count
 * characters. What is supported, and where we differ on purpose: docs/liquid.md.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/limits.h"
#include "base/zones.h"
#include "liquid/value.h"

typedef struct LiquidTemplate LiquidTemplate;

/* Finds the source of `{% render "name" %}`. */
typedef struct LiquidLoader {
    /* The source, newly allocated (g_free), or NULL. Errors: NOT_FOUND naming the partial. */
    char *(*load)(void *context, const char *name, GError **error);
    void *context;
} LiquidLoader;

typedef struct LiquidOptions {
    bool html;                  /* escape what is written out */
    const Zone *zone;           /* of dates; NULL: UTC */
    int64_t now_ms;             /* what "now" means, epoch ms */
    const LiquidLoader *loader; /* NULL: include and render are errors */
} LiquidOptions;

/* Parses a template; `source` is copied. Errors: INVALID (what is wrong, where, and what to do),
 * LIMIT (over LIMIT_LIQUID_TEMPLATE_BYTES, LIMIT_LIQUID_DEPTH or LIMIT_LIQUID_PARSE_BYTES). */
LiquidTemplate *liquid_parse(Slice source, GError **error);
void liquid_template_free(LiquidTemplate *template);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiquidTemplate, liquid_template_free)

/* Renders. `data` is an object whose members are the variables, or nil. The result is newly
 * allocated (g_free), valid UTF-8 and at most LIMIT_LIQUID_OUTPUT_BYTES. Thread safe. Errors:
 * INVALID (a filter cannot take this value), LIMIT (a bound), NOT_FOUND (a partial). */
char *liquid_render(const LiquidTemplate *template, LiquidValue data, const LiquidOptions *options,
                    GError **error);

/* Every path of the data that the template itself reads ("person.first_name"), once each, in order
 * of appearance, at most 1,000; names it assigns or loops over are left out. `visit` gets the path
 * and the line and column of its first use. Partials are not looked into. */
typedef void (*LiquidVisit)(void *context, const char *path, unsigned line, unsigned column);
void liquid_variables(const LiquidTemplate *template, LiquidVisit visit, void *context);
