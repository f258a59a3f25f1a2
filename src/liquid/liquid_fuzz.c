/* Any bytes as a template: parsing and rendering end within their bounds, the output is valid
 * UTF-8, and the same template renders the same twice. */
#include "base/text.h"
#include "liquid/liquid_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void variable_seen(void *context, const char *path, unsigned line, unsigned column)
{
    (void)context;
    g_assert_true(path != NULL && line > 0 && column > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char variables[] =
        "{\"a\":[1,2.5,\"x\",null,true,{\"k\":\"v\"},[3,[4]]],\"o\":{\"k\":\"v\",\"n\":1},"
        "\"s\":\"Müller & <b>\",\"n\":5,\"f\":1.25,\"d\":\"2020-02-29T10:00:00Z\"}";
    static const char partials[] =
        "{\"p\":\"{{ p }}{% render 'p' %}\",\"q\":\"{{ s }}{% break %}\"}";
    json_t *json = json_loads(variables, 0, NULL), *parts = json_loads(partials, 0, NULL);
    Slice source = {(const char *)data, size};
    g_autoptr(GError) error = NULL;
    g_autoptr(LiquidTemplate) template = liquid_parse(source, &error);
    g_assert_true((template != NULL) == (error == NULL));
    if (template) liquid_variables(template, variable_seen, NULL);
    for (int html = 0; html < 2; html++) {
        g_autofree char *text = fixture_render(source, json, parts, html, NULL);
        g_autofree char *again = fixture_render(source, json, parts, html, NULL);
        g_assert_cmpstr(text, ==, again);
        g_assert_true(!text || text_utf8_check(text, strlen(text)));
    }
    json_decref(parts);
    json_decref(json);
    return 0;
}
