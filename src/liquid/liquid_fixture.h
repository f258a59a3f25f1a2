/* liquid/liquid_fixture.h: rendering in one line, for tests. */
#pragma once
#include <jansson.h>
#include <string.h>

#include "liquid/json_value.h"
#include "liquid/liquid.h"

/* Partials from the members of a JSON object. */
static inline char *fixture_partial(void *context, const char *name, GError **error)
{
    const char *source = json_string_value(json_object_get(context, name));
    if (!source) fail(error, KITH_ERROR_NOT_FOUND, "there is no partial of that name");
    return g_strdup(source);
}

/* The result, or NULL and the error. `data` and `partials` are JSON objects or NULL. */
static inline char *fixture_render(Slice source, json_t *data, json_t *partials, bool html,
                                   GError **error)
{
    LiquidLoader loader = {fixture_partial, partials};
    LiquidOptions options = {
        .html = html, .now_ms = 1700000000000, .loader = partials ? &loader : NULL};
    g_autoptr(LiquidTemplate) template = liquid_parse(source, error);
    return template ? liquid_render(template, liquid_json(data), &options, error) : NULL;
}

/* The same from texts; "error: …" instead of a result. */
static inline char *fixture_text(const char *source, const char *data, const char *partials,
                                 bool html)
{
    g_autoptr(GError) error = NULL;
    json_t *json = json_loads(data ? data : "{}", 0, NULL);
    json_t *parts = partials ? json_loads(partials, 0, NULL) : NULL;
    char *text = fixture_render(slice_of(source), json, parts, html, &error);
    json_decref(json);
    json_decref(parts);
    return text ? text : g_strdup_printf("error: %s", error->message);
}
