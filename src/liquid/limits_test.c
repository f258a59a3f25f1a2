/* Every bound of base/limits.h for templates, on both sides: what just fits works, one more is an
 * error that says which bound, where and what to do. */
#include "base/clock.h"
#include "liquid/liquid_fixture.h"

/* `count` times `part`, between `start` and `end`. */
static char *repeated(const char *start, const char *part, size_t count, const char *end)
{
    GString *text = g_string_new(start);
    for (size_t i = 0; i < count; i++)
        g_string_append(text, part);
    g_string_append(text, end);
    return g_string_free(text, FALSE);
}

static void assert_fits(const char *source)
{
    g_autofree char *text = fixture_text(source, NULL, NULL, false);
    g_assert_false(g_str_has_prefix(text, "error"));
}

static void assert_over(const char *source, const char *why)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = fixture_render(slice_of(source), NULL, NULL, false, &error);
    g_assert_null(text);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    g_assert_nonnull(strstr(error->message, why));
}

static void template_bytes(void)
{
    g_autofree char *full = g_strnfill(LIMIT_LIQUID_TEMPLATE_BYTES, 'x');
    g_autofree char *over = g_strnfill(LIMIT_LIQUID_TEMPLATE_BYTES + 1, 'x');
    assert_fits(full);
    assert_over(over, "bytes, at most");
}

static void parse_bytes(void)
{
    g_autofree char *dense = repeated("", "{{a}}", 200000, "");
    assert_over(dense, "too many parts");
    g_autofree char *fits = repeated("", "{{a}}", 50000, "");
    assert_fits(fits);
}

static void depth_of_tags(void)
{
    g_autofree char *open = repeated("", "{% if true %}", LIMIT_LIQUID_DEPTH, "x");
    g_autofree char *full = repeated(open, "{% endif %}", LIMIT_LIQUID_DEPTH, "");
    assert_fits(full);
    g_autofree char *more = repeated("", "{% if true %}", LIMIT_LIQUID_DEPTH + 1, "x");
    assert_over(more, "levels inside each other");
}

static void depth_of_brackets(void)
{
    g_autofree char *open = repeated("{{ ", "[", LIMIT_LIQUID_DEPTH, "'a'");
    g_autofree char *full = repeated(open, "]", LIMIT_LIQUID_DEPTH, " }}");
    assert_fits(full);
    g_autofree char *more = repeated("{{ ", "[", 100000, "'a' }}");
    assert_over(more, "levels inside each other");
    g_autofree char *lines = repeated("{% liquid ", "liquid ", 100000, "%}");
    assert_over(lines, "levels inside each other");
}

static void steps(void)
{
    assert_fits("{% for i in (1..300000) %}{% assign x = i %}{% endfor %}");
    assert_over("{% for i in (1..1000000000000) %}{% endfor %}", "1000000 steps");
    assert_over("{% for i in (1..10000) %}{% for j in (1..10000) %}{% endfor %}{% endfor %}",
                "1000000 steps");
    assert_over("{% assign s = 'ab' %}{% for i in (1..19) %}{% assign s = s | append: s %}"
                "{% endfor %}{% for i in (1..100000) %}{% if s contains 'x' %}{% endif %}"
                "{% endfor %}",
                "1000000 steps");
}

/* A loop over 10^12 that is left early costs only what it did. */
static void large_ranges_are_walked_not_made(void)
{
    g_autofree char *first = fixture_text(
        "{% for i in (1..1000000000000) %}{{ i }}{% if i == 3 %}{% break %}{% endif %}{% endfor %}"
        "{{ (1..1000000000000) | size }} {{ (1..1000000000000) | last }}",
        NULL, NULL, false);
    g_assert_cmpstr(first, ==, "1231000000000000 1000000000000");
    g_autofree char *ends =
        fixture_text("{{ (-9223372036854775807..9223372036854775807) | size }}", NULL, NULL, false);
    g_assert_cmpstr(ends, ==, "9223372036854775807");
    g_autofree char *limited =
        fixture_text("{% for i in (1..1000000000000) reversed limit: 2 %}{{ i }} {% endfor %}",
                     NULL, NULL, false);
    g_assert_cmpstr(limited, ==, "2 1 ");
}

static void items(void)
{
    assert_fits("{{ (1..50000) | size }}{{ (1..50000) | reverse | first }}");
    assert_over("{{ (1..50001) | reverse | first }}", "50000 items");
    assert_over("{% assign s = 'ab' %}{% for i in (1..18) %}{% assign s = s | append: s %}"
                "{% endfor %}{{ s | split: '' | size }}",
                "50000 items");
    assert_over("{% assign a = (1..30000) | reverse %}{{ a | concat: a | size }}", "50000 items");
}

static void output_bytes(void)
{
    g_autofree char *kilo = g_strnfill(1024, 'x');
    g_autofree char *full = g_strdup_printf("{%% for i in (1..2048) %%}%s{%% endfor %%}", kilo);
    g_autofree char *over = g_strdup_printf("%s.", full);
    assert_fits(full);
    assert_over(over, "2048 KB");
}

static void text_bytes(void)
{
    static const char grow[] = "{%% assign s = 'abcdefgh' %%}{%% for i in (1..17) %%}"
                               "{%% assign s = s | append: s %%}{%% endfor %%}{{ s%s | size }}";
    g_autofree char *full = g_strdup_printf(grow, "");
    g_autofree char *over = g_strdup_printf(grow, " | append: 'x'");
    g_autofree char *captured =
        g_strdup_printf("%s{%% capture c %%}{{ s }}x{%% endcapture %%}", full);
    assert_fits(full);
    assert_over(over, "1024 KB");
    assert_over(captured, "1024 KB");
}

static void memory_bytes(void)
{
    static const char grow[] =
        "{%% assign s = 'abcdefgh' %%}{%% for i in (1..16) %%}"
        "{%% assign s = s | append: s %%}{%% endfor %%}"
        "{%% for i in (1..%d) %%}{%% assign t = s | upcase %%}{%% endfor %%}";
    g_autofree char *full = g_strdup_printf(grow, 30);
    g_autofree char *over = g_strdup_printf(grow, 80);
    assert_fits(full);
    assert_over(over, "32 MB");
}

static void partials(void)
{
    json_t *parts = json_object();
    for (int i = 0; i <= LIMIT_LIQUID_PARTIALS; i++) {
        g_autofree char *name = g_strdup_printf("p%d", i);
        json_object_set_new(parts, name, json_string("."));
    }
    for (int count = LIMIT_LIQUID_PARTIALS; count <= LIMIT_LIQUID_PARTIALS + 1; count++) {
        g_autofree char *source =
            g_strdup_printf("{%% for i in (1..%d) %%}{%% assign n = i | minus: 1 "
                            "| prepend: 'p' %%}{%% include n %%}{%% endfor %%}",
                            count);
        g_autofree char *text = fixture_render(slice_of(source), NULL, parts, false, NULL);
        g_assert_true((text != NULL) == (count == LIMIT_LIQUID_PARTIALS));
    }
    json_decref(parts);
    g_autofree char *endless = fixture_text(
        "{% render 'a' %}", NULL, "{\"a\": \"{% if true %}{% render 'a' %}{% endif %}\"}", false);
    g_assert_nonnull(strstr(endless, "does one use itself?"));
}

/* What a stranger can make us do ends quickly, whatever the bound that stops it. */
static void ends_soon(void)
{
    static const char *const hostile[] = {
        "{% for i in (1..1000000000000) %}{% for j in (1..1000000000000) %}{% endfor %}{% endfor "
        "%}",
        "{% assign s = 'aaaaaaaa' %}{% for i in (1..17) %}{% assign s = s | append: s %}{% endfor "
        "%}"
        "{% assign p = s | slice: 0, 500000 | append: 'b' %}{{ s | replace_last: p, '' | size }}",
        "{% assign a = (1..50000) | reverse %}{{ a | uniq | size }}",
        "{% assign a = (1..50000) | reverse %}{% for i in (1..50000) %}{{ a | sort | first }}{% "
        "endfor %}",
        "{% assign s = '<<<<<<<<' %}{% for i in (1..17) %}{% assign s = s | append: s %}{% endfor "
        "%}"
        "{{ s | strip_html | size }}{{ s | escape | size }}",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(hostile); i++) {
        int64_t start_us = clock_monotonic_us();
        g_autofree char *text = fixture_text(hostile[i], NULL, NULL, false);
        g_test_message("%s: %.40s after %d ms", hostile[i], text,
                       (int)((clock_monotonic_us() - start_us) / 1000));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/liquid/limits/template", template_bytes);
    g_test_add_func("/liquid/limits/parts", parse_bytes);
    g_test_add_func("/liquid/limits/tags-deep", depth_of_tags);
    g_test_add_func("/liquid/limits/brackets-deep", depth_of_brackets);
    g_test_add_func("/liquid/limits/steps", steps);
    g_test_add_func("/liquid/limits/ranges", large_ranges_are_walked_not_made);
    g_test_add_func("/liquid/limits/items", items);
    g_test_add_func("/liquid/limits/output", output_bytes);
    g_test_add_func("/liquid/limits/text", text_bytes);
    g_test_add_func("/liquid/limits/memory", memory_bytes);
    g_test_add_func("/liquid/limits/partials", partials);
    g_test_add_func("/liquid/limits/time", ends_soon);
    return g_test_run();
}
