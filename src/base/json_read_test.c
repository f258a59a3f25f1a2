#include "base/json_read.h"

#include <time.h>

#include "base/buffer.h"
#include "base/json_write.h"

static JsonReader reader;

/* Reads everything; NULL when it is good JSON, else the problem. */
static const char *problem_of(const char *data, size_t size)
{
    json_read_init(&reader, data, size, 16);
    JsonReadToken token;
    do
        token = json_read_next(&reader);
    while (token != JSON_READ_DONE && token != JSON_READ_ERROR);
    return reader.problem;
}

static void takes_and_refuses(void)
{
    static const struct {
        const char *why, *text;
        const char *want; /* NULL = good */
    } cases[] = {
        {"object", " {\"a\": [1, -0.5e+3, true, false, null, \"x\"]} ", NULL},
        {"empty containers", "[{},[],\"\"]", NULL},
        {"a bare value", "17", NULL},
        {"beyond 2^53 stays text", "123456789012345678901234567890", NULL},
        {"surrogate pair", "\"\\ud83d\\ude00\"", NULL},
        {"lone surrogate is decoded as U+FFFD", "\"\\ud83d\"", NULL},
        {"same name in different objects", "{\"a\":{\"a\":1},\"b\":{\"a\":2}}", NULL},
        {"nothing", "", "the text ends too early"},
        {"only space", " \n", "the text ends too early"},
        {"trailing comma", "[1,]", "a bad number or an unknown word"},
        {"trailing comma in object", "{\"a\":1,}", "a name was expected"},
        {"missing colon", "{\"a\" 1}", "\":\" was expected"},
        {"missing comma", "[1 2]", "\",\" or the end of the container was expected"},
        {"wrong bracket", "[1}", "the wrong closing bracket"},
        {"open object", "{\"a\":1", "the text ends too early"},
        {"open string", "\"abc", "the string does not end"},
        {"leading zero", "012", "a bad number or an unknown word"},
        {"plus sign", "+1", "a bad number or an unknown word"},
        {"dot without digits", "1.", "a bad number or an unknown word"},
        {"NaN", "NaN", "a bad number or an unknown word"},
        {"cut word", "tru", "an unknown word"},
        {"control character", "\"a\nb\"", "a control character in a string"},
        {"escaped NUL", "\"a\\u0000\"", "\\u0000 is not allowed"},
        {"bad escape", "\"\\x\"", "a bad escape"},
        {"short unicode escape", "\"\\u12\"", "a bad escape"},
        {"something behind", "{} {}", "something follows the value"},
        {"duplicate name", "{\"a\":1,\"b\":2,\"a\":3}", "the same name twice in one object"},
        {"duplicate by escape", "{\"a\":1,\"\\u0061\":3}", "the same name twice in one object"},
        {"duplicate of an escape", "{\"\\u0061\":1,\"a\":3}", "the same name twice in one object"},
        {"deep", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "nested too deep"},
        {"invalid UTF-8", "\"\xC3\x28\"", "invalid UTF-8"},
        {"encoded surrogate", "\"\xED\xA0\x80\"", "invalid UTF-8"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_assert_cmpstr(problem_of(cases[i].text, strlen(cases[i].text)), ==, cases[i].want);
    }
    g_assert_cmpstr(problem_of("\"a\0b\"", 5), ==, "a NUL byte");
}

static void names_ten_thousand_deep_and_wide(void)
{
    g_autofree char *deep = g_strnfill(10000, '[');
    g_assert_cmpstr(problem_of(deep, 10000), ==, "nested too deep");
    g_assert_true(reader.over_limit);
    g_auto(Buffer) wide = BUFFER_INIT(1 << 20);
    for (int i = 0; i < 2000; i++)
        buffer_append_printf(&wide, "%s\"n%d\":1", i ? "," : "{", i);
    buffer_append_char(&wide, '}');
    g_assert_cmpstr(problem_of(wide.data, wide.size), ==, "too many names in one object");
}

static void decodes_and_skips(void)
{
    g_autoptr(Arena) arena = arena_new(1000);
    const char *text =
        "{\"skip\":{\"x\":[1,{}]},\"t\":\"a\\n\\u00e4\\ud83d\\ude00\\ud800z\",\"r\":[1, 2]}";
    json_read_init(&reader, text, strlen(text), 8);
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_OBJECT);
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_NAME);
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_OBJECT);
    g_assert_true(json_read_skip(&reader));
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_NAME);
    g_assert_true(json_read_is(&reader, SLICE("t")));
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_STRING);
    Slice decoded, raw;
    g_assert_true(json_read_text(&reader, arena, &decoded));
    g_assert_true(slice_is(decoded, "a\nä😀\uFFFDz"));
    g_assert_true(json_read_is(&reader, decoded));
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_NAME);
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_ARRAY);
    g_assert_true(json_read_raw(&reader, &raw));
    g_assert_true(slice_is(raw, "[1, 2]"));
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_OBJECT_END);
    g_assert_cmpint(json_read_next(&reader), ==, JSON_READ_DONE);
}

static void reads_numbers(void)
{
    static const struct {
        const char *text;
        bool good;
        int64_t want;
    } cases[] = {
        {"0", true, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"1.0", false, 0},
        {"1e2", false, 0},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        int64_t value = 0;
        g_assert_cmpint(json_number_int(slice_of(cases[i].text), &value), ==, cases[i].good);
        if (cases[i].good) g_assert_cmpint(value, ==, cases[i].want);
    }
    double number;
    g_assert_true(json_number_double(SLICE("-1.5e3"), &number));
    g_assert_cmpfloat(number, ==, -1500.0);
    g_assert_false(json_number_double(SLICE("1e999"), &number));
}

static void writes_what_it_reads(void)
{
    g_auto(Buffer) out = BUFFER_INIT(4096);
    JsonWriter json = {&out};
    json_write_object(&json);
    json_write_name(&json, "a\"b");
    json_write_text(&json, SLICE("line\n\x01\\ä"));
    json_write_name(&json, "list");
    json_write_array(&json);
    json_write_int(&json, -5);
    json_write_id(&json, 7);
    json_write_double(&json, 0.1);
    json_write_bool(&json, true);
    json_write_null(&json);
    json_write_end(&json, ']');
    json_write_end(&json, '}');
    g_assert_cmpstr(buffer_text(&out), ==,
                    "{\"a\\\"b\":\"line\\n\\u0001\\\\ä\",\"list\":[-5,\"7\",0.1,true,null]}");
    g_assert_null(problem_of(out.data, out.size));
}

/* The promise of the header, with a margin for busy machines and sanitizers. */
static void is_fast(void)
{
    static const char event[] =
        "{\"type\":\"track\",\"event\":\"Product Viewed\",\"userId\":\"user-123456\",\"messageId\":"
        "\"ajs-next-1700000000-0a1b2c3d4e5f\",\"timestamp\":\"2026-01-02T03:04:05.678Z\","
        "\"properties\":{\"product_id\":\"sku-8812\",\"category\":\"shoes\",\"price\":59.9,"
        "\"currency\":\"EUR\",\"url\":\"https://shop.example/p/8812\"},\"context\":{\"library\":"
        "{\"name\":\"analytics.js\",\"version\":\"2.1.0\"},\"locale\":\"de-DE\"},\"x\":\"12345\"}";
    enum { EVENTS = 200000 };
    clock_t start = clock(); /* of the processor: others may keep it busy meanwhile */
    for (int i = 0; i < EVENTS; i++)
        g_assert_null(problem_of(event, sizeof(event) - 1));
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    g_test_message("%.0f events of %zu bytes a second", EVENTS / seconds, sizeof(event) - 1);
    g_assert_cmpfloat(EVENTS / seconds, >, 5000); /* with sanitizers too */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/takes_and_refuses", takes_and_refuses);
    g_test_add_func("/json/deep_and_wide", names_ten_thousand_deep_and_wide);
    g_test_add_func("/json/decodes_and_skips", decodes_and_skips);
    g_test_add_func("/json/reads_numbers", reads_numbers);
    g_test_add_func("/json/writes", writes_what_it_reads);
    g_test_add_func("/json/fast", is_fast);
    return g_test_run();
}
