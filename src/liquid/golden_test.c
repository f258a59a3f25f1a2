/* The conformance cases of github.com/jg-rp/golden-liquid, read from the shared data where they are
 * present; liquid_test.c covers the same points with cases of our own. */
#include "liquid/liquid_fixture.h"

/* Where we differ on purpose; docs/liquid.md says why. */
static const struct {
    const char *name, *why;
} differs[] = {
    {"tags, case, unexpected when token",
     "what we cannot read is an error, here and in Shopify's strict2; lax Liquid ignores it"},
};

static const char *case_text(const json_t *json, const char *name)
{
    return json_string_value(json_object_get(json, name));
}

static bool differs_on_purpose(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(differs); i++)
        if (strcmp(differs[i].name, name) == 0) return true;
    return false;
}

static bool one_of(const json_t *wanted, const char *text)
{
    size_t index;
    json_t *item;
    json_array_foreach((json_t *)wanted, index,
                       item) if (strcmp(json_string_value(item), text) == 0) return true;
    return false;
}

/* Whether what came out is what the case wants. */
static bool case_fits(const json_t *json, const char *text)
{
    const json_t *results = json_object_get(json, "results");
    if (json_is_true(json_object_get(json, "invalid"))) return text == NULL;
    if (!text) return false;
    return results ? one_of(results, text) : strcmp(case_text(json, "result"), text) == 0;
}

static bool case_passes(const json_t *json)
{
    g_autoptr(GError) error = NULL;
    const json_t *template = json_object_get(json, "template");
    Slice source = {json_string_value(template), json_string_length(template)};
    json_t *partials = json_object_get(json, "templates"), *none = json_object();
    g_autofree char *text = fixture_render(source, json_object_get(json, "data"),
                                           partials ? partials : none, false, &error);
    json_decref(none);
    bool fits = case_fits(json, text);
    if (!fits)
        g_test_message("%s: %s gives %s", case_text(json, "name"), source.data,
                       text ? text : error->message);
    return fits;
}

static void passes_the_golden_suite(void)
{
    const char *folder = g_getenv("KITH_TEST_DATA");
    g_autofree char *path =
        g_build_filename(folder ? folder : "", "liquid", "golden_liquid.json", NULL);
    json_t *file = json_load_file(path, 0, NULL), *one;
    size_t index, passed = 0, on_purpose = 0;
    if (!file) {
        g_test_skip("shared data absent (KITH_TEST_DATA)");
        return;
    }
    json_t *cases = json_object_get(file, "tests");
    json_array_foreach(cases, index, one)
    {
        bool good = case_passes(one);
        passed += good;
        on_purpose += !good && differs_on_purpose(case_text(one, "name"));
    }
    g_test_message("golden liquid: %zu of %zu pass, %zu differ on purpose", passed,
                   json_array_size(cases), on_purpose);
    g_assert_cmpuint(json_array_size(cases), >, 1000);
    g_assert_cmpuint(passed + on_purpose, ==, json_array_size(cases));
    g_assert_cmpuint(on_purpose, ==, G_N_ELEMENTS(differs));
    json_decref(file);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/liquid/golden", passes_the_golden_suite);
    return g_test_run();
}
