#include "segments/tally.h"

#include <stdlib.h>
#include <string.h>

static void feed(Tally *tally, const char *json, int64_t person)
{
    const char *name;
    json_t *value, *object = json_loads(json, 0, NULL);
    g_assert_nonnull(object);
    json_object_foreach(object, name, value) tally_add(tally, name, value, person);
    json_decref(object);
}

/* "path type values", the values in the order they are offered. */
static char *told(const Tally *tally, const char *path)
{
    size_t i, k;
    json_t *field, *value, *fields = tally_json(tally);
    GString *text = g_string_new(NULL);
    json_array_foreach(fields, i, field)
    {
        char *key = json_dumps(json_object_get(field, "path"), JSON_COMPACT);
        if (strcmp(key, path) == 0) {
            g_string_append(text, json_string_value(json_object_get(field, "type")));
            json_array_foreach(json_object_get(field, "values"), k, value)
            {
                char *one = json_dumps(json_object_get(value, "value"), JSON_ENCODE_ANY);
                g_string_append_printf(text, " %s", one);
                free(one);
            }
        }
        free(key);
    }
    json_decref(fields);
    return g_string_free(text, FALSE);
}

static void values_that_people_share_are_offered(void)
{
    static const struct {
        const char *why, *path, *want;
    } cases[] = {
        {"the most frequent first, in any case, as first met", "[\"plan\"]",
         "text \"Gold\" \"basic\""},
        {"what one alone has is not told", "[\"city\"]", "text"},
        {"numbers", "[\"size\"]", "number 38"},
        {"flags", "[\"vip\"]", "flag true"},
        {"days are a type of their own, without values", "[\"trial\"]", "date"},
        {"nested", "[\"pet\",\"kind\"]", "text \"cat\""},
        {"each item of a list", "[\"likes\"]", "text \"tea\""},
        {"names of people are not told", "[\"name\"]", "text"},
        {"nor addresses under any name", "[\"contact\"]", "text"},
        {"nor numbers like telephones", "[\"line\"]", "text"},
        {"never met, never told", "[\"nothing\"]", ""},
    };
    g_autoptr(Tally) tally = tally_new(true);
    for (int i = 0; i < 3; i++) {
        feed(tally,
             "{\"plan\":\"Gold\",\"size\":38,\"vip\":true,\"trial\":\"2024-05-01\",\"name\":\"A\","
             "\"contact\":\"a@b.example\",\"line\":\"+49 30 1234567\"}",
             i);
        if (i > 0) feed(tally, "{\"plan\":\"basic\",\"pet\":{\"kind\":\"cat\"}}", i);
        feed(tally, "{\"likes\":[\"tea\",[\"x\"],null]}", i);
    }
    feed(tally, "{\"city\":\"Ulm\",\"plan\":\"gold\"}", 4);
    feed(tally, "{\"city\":\"Ulm\"}", 4);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *text = told(tally, cases[i].path);
        g_assert_cmpstr(text, ==, cases[i].want);
    }
}

static void names_of_people_are_known(void)
{
    static const struct {
        const char *name;
        bool trait, want;
    } cases[] = {
        {"email", true, true},       {"Work E-Mail", false, true}, {"first_name", true, true},
        {"firstName", false, true},  {"name", true, true},         {"name", false, false},
        {"phone", false, true},      {"order_id", false, true},    {"category", false, false},
        {"country", true, false},    {"plan", true, false},        {"birthday", true, true},
        {"postal_code", true, true}, {"id", false, true},          {"city", true, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].name);
        g_assert_true(tally_is_personal(cases[i].name, cases[i].trait) == cases[i].want);
    }
}

static void a_stranger_cannot_fill_it(void)
{
    g_autoptr(Tally) tally = tally_new(false);
    for (int i = 0; i < 3 * TALLY_FIELDS_MAX; i++) {
        g_autofree char *json =
            g_strdup_printf("{\"p%d\":1,\"v\":\"%d\",\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}}}}", i,
                            i % (2 * TALLY_TRACKED_MAX));
        feed(tally, json, i);
        feed(tally, json, i + 1);
    }
    json_t *fields = tally_json(tally);
    g_assert_cmpuint(json_array_size(fields), ==, TALLY_FIELDS_MAX);
    g_autofree char *values = told(tally, "[\"v\"]");
    g_assert_cmpuint(strlen(values), <, TALLY_VALUES_MAX * 10);
    g_autofree char *deep = told(tally, "[\"a\",\"b\",\"c\",\"d\",\"e\"]");
    g_assert_cmpstr(deep, ==, "");
    json_decref(fields);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/segments/tally/values", values_that_people_share_are_offered);
    g_test_add_func("/segments/tally/personal", names_of_people_are_known);
    g_test_add_func("/segments/tally/limits", a_stranger_cannot_fill_it);
    return g_test_run();
}
