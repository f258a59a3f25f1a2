#include "liquid/liquid_fixture.h"

typedef struct Case {
    const char *why, *source, *data, *want;
} Case;

static void cases_run(const Case *cases, size_t count, bool html)
{
    static const char partials[] =
        "{\"hello\": \"Hello {{ name }}{% assign name = 'x' %}\", \"line\": \"{{ line.t }};\","
        "\"seen\": \"[{{ shop }}{{ local }}]\", \"bad\": \"a\\n{% if %}\", \"stop\": \"s{% break "
        "%}t\"}";
    for (size_t i = 0; i < count; i++) {
        g_test_message("%s", cases[i].why);
        g_autofree char *text = fixture_text(cases[i].source, cases[i].data, partials, html);
        g_assert_cmpstr(text, ==, cases[i].want);
    }
}
#define RUN(cases) cases_run((cases), G_N_ELEMENTS(cases), false)

static void variables(void)
{
    static const Case cases[] = {
        {"text alone", "Hallo Welt", NULL, "Hallo Welt"},
        {"a member", "{{ a.b }}", "{\"a\": {\"b\": \"x\"}}", "x"},
        {"letters of other alphabets", "{{ person.größe }}", "{\"person\": {\"größe\": 44}}", "44"},
        {"by a name in a variable", "{{ a[k] }}", "{\"a\": {\"b\": 1}, \"k\": \"b\"}", "1"},
        {"items from both ends", "{{ a[0] }}{{ a[-1] }}{{ a[9] }}", "{\"a\": [1, 2, 3]}", "13"},
        {"what is not there is nothing", "[{{ x.y.z }}]", NULL, "[]"},
        {"size, first and last", "{{ a.size }}{{ a.first }}{{ a.last }}", "{\"a\": [7, 8]}", "278"},
        {"of a member of that name", "{{ a.size }}", "{\"a\": {\"size\": \"XL\"}}", "XL"},
        {"the data itself has no size", "{{ size }}{{ first }}", "{\"a\": 1}", ""},
        {"numbers", "{{ 1 }} {{ -2.50 }} {{ 1.0 }}", NULL, "1 -2.5 1.0"},
        {"numbers beyond 2^53 stay exact", "{{ id }}", "{\"id\": 820982911946154508}",
         "820982911946154508"},
        {"large and small floats as Ruby", "{{ a }} {{ b }}", "{\"a\": 1e20, \"b\": 0.00001}",
         "1.0e+20 1.0e-05"},
        {"an object as JSON", "{{ a }}", "{\"a\": {\"b\": [1, \"ü\"]}}", "{\"b\":[1,\"ü\"]}"},
        {"assign, capture, counters",
         "{% assign x = 1 %}{% capture y %}a{{ x }}{% endcapture %}"
         "{{ y }}{% increment c %}{% increment c %}{% decrement c %}",
         NULL, "a1011"},
        {"white space control", "a  {{- 'b' -}}  c {%- if true -%} d {%- endif %}", NULL, "abcd"},
        {"raw", "{% raw %}{{ x }}{% endraw %}", NULL, "{{ x }}"},
        {"comments", "{% comment %}{{ x }}{% nothing %}{% endcomment %}{% # so %}.", NULL, "."},
        {"lines", "{% liquid\n assign a = 2\n if a > 1\n echo a\n endif\n# x\n%}", NULL, "2"},
    };
    RUN(cases);
}

static void choices(void)
{
    static const Case cases[] = {
        {"if, elsif, else", "{% if a %}1{% elsif b %}2{% else %}3{% endif %}", "{\"b\": 0}", "2"},
        {"and and or bind from the right",
         "{% if false and false or true %}x{% else %}y{% endif %}", NULL, "y"},
        {"unless", "{% unless a %}x{% endunless %}", NULL, "x"},
        {"case with several values", "{% case a %}{% when 1 or 2, 3 %}x{% else %}y{% endcase %}",
         "{\"a\": 3}", "x"},
        {"contains", "{% if a contains 'b' %}x{% endif %}{% if s contains 'll' %}y{% endif %}",
         "{\"a\": [\"b\"], \"s\": \"hello\"}", "xy"},
        {"empty and blank", "{% if a == empty %}x{% endif %}{% if b == blank %}y{% endif %}",
         "{\"a\": [], \"b\": \"  \"}", "xy"},
        {"nothing is more than nil", "{% if a > 1 or a < 1 %}x{% endif %}", NULL, ""},
        {"a number and a text", "{% if a > 1 %}x{% endif %}", "{\"a\": \"2\"}",
         "error: line 1, column 1: a number cannot be compared with a text: make the text a number "
         "with \"| plus: 0\""},
    };
    RUN(cases);
}

static void loops(void)
{
    static const Case cases[] = {
        {"forloop",
         "{% for x in a %}{{ forloop.index }}{{ x }}{% unless forloop.last %},"
         "{% endunless %}{% endfor %}",
         "{\"a\": [\"x\", \"y\"]}", "1x,2y"},
        {"else of an empty one", "{% for x in a %}{{ x }}{% else %}none{% endfor %}", NULL, "none"},
        {"limit, offset, reversed",
         "{% for i in (1..9) reversed limit: 3 offset: 2 %}{{ i }}"
         "{% endfor %}",
         NULL, "543"},
        {"goes on where it ended",
         "{% for i in (1..5) limit: 2 %}{{ i }}{% endfor %}|"
         "{% for i in (1..5) offset: continue %}{{ i }}{% endfor %}",
         NULL, "12|345"},
        {"break and continue",
         "{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}"
         "{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
         NULL, "13"},
        {"pairs of an object", "{% for p in o %}{{ p[0] }}={{ p[1] }};{% endfor %}",
         "{\"o\": {\"b\": 1, \"a\": 2}}", "b=1;a=2;"},
        {"cycle", "{% for i in (1..3) %}{% cycle 'a', 'b' %}{% endfor %}", NULL, "aba"},
        {"tablerow", "{% tablerow i in (1..3) cols: 2 %}{{ i }}{% endtablerow %}", NULL,
         "<tr class=\"row1\">\n<td class=\"col1\">1</td><td class=\"col2\">2</td></tr>\n"
         "<tr class=\"row2\"><td class=\"col1\">3</td></tr>\n"},
        {"loops inside loops",
         "{% for i in (1..2) %}{% for j in (1..2) %}"
         "{{ forloop.parentloop.index }}{{ j }} {% endfor %}{% endfor %}",
         NULL, "11 12 21 22 "},
    };
    RUN(cases);
}

static void partials(void)
{
    static const Case cases[] = {
        {"render keeps its variables", "{% render 'hello', name: 'Ann' %}{{ name }}", NULL,
         "Hello Ann"},
        {"include shares them", "{% include 'hello', name: 'Ann' %}{{ name }}", NULL, "Hello Annx"},
        {"render sees the data, not what was assigned",
         "{% assign local = 1 %}{% render 'seen' %}{% include 'seen' %}", "{\"shop\": \"S\"}",
         "[S][S1]"},
        {"once for each", "{% render 'line' for a %}", "{\"a\": [{\"t\": 1}, {\"t\": 2}]}", "1;2;"},
        {"break stays inside render", "{% for i in (1..2) %}{% render 'stop' %}{% endfor %}", NULL,
         "ss"},
        {"one that is not there", "ab\n {% render 'none' %}", NULL,
         "error: line 2, column 2: partial \"none\": there is no partial of that name"},
        {"an error inside one", "{% render 'bad' %}", NULL,
         "error: line 1, column 1: partial \"bad\": \"bad\", line 2, column 6: expected a value "
         "here"},
    };
    RUN(cases);
}

static void filters(void)
{
    static const Case cases[] = {
        {"decimals are exact", "{{ 10.1 | plus: 2.2 }} {{ 1.1 | times: 3 }} {{ 0.3 | minus: 0.1 }}",
         NULL, "12.3 3.3 0.2"},
        {"whole numbers divide down",
         "{{ 7 | divided_by: 2 }} {{ -7 | divided_by: 2 }} "
         "{{ -7 | modulo: 3 }} {{ 7 | divided_by: 2.0 }}",
         NULL, "3 -4 2 3.5"},
        {"rounding is that of the decimal seen",
         "{{ 2.675 | round: 2 }} {{ 1.5 | round }} "
         "{{ -2.5 | round }} {{ 1234 | round: -2 }}",
         NULL, "2.68 2 -3 1200"},
        {"beyond 64 bits", "{{ 9223372036854775807 | plus: 1 }}", NULL,
         "error: line 1, column 26: the result is too large"},
        {"by zero", "{{ 1 | divided_by: 0 }}", NULL,
         "error: line 1, column 8: cannot divide by zero"},
        {"texts", "{{ 'Äb' | downcase }}{{ 'straße' | upcase }}{{ 'éa' | capitalize }}", NULL,
         "äbSTRASSEÉa"},
        {"characters, not bytes",
         "{{ 'Müller' | size }}{{ 'Müller' | slice: 1, 2 }}"
         "{{ 'Müller' | truncate: 4, '…' }}",
         NULL, "6ülMül…"},
        {"replacing", "{{ 'aXbXc' | replace: 'X', '-' }}{{ 'aXbX' | remove_last: 'X' }}", NULL,
         "a-b-caXb"},
        {"lists",
         "{{ a | sort | join: ',' }} {{ a | reverse | first }} {{ a | uniq | size }} "
         "{{ a | sum }}",
         "{\"a\": [3, 1, 2, 3]}", "1,2,3,3 3 3 9"},
        {"of objects",
         "{{ a | where: 'b', 2 | map: 'c' | join: ',' }}{{ a | find_index: 'b', 2 }}"
         "{{ a | has: 'b', 9 }}{{ a | reject: 'b', 2 | map: 'c' }}",
         "{\"a\": [{\"b\": 1, \"c\": \"x\"}, {\"b\": 2, \"c\": \"y\"}]}", "y1falsex"},
        {"default", "{{ a | default: 'there' }} {{ false | default: 1, allow_false: true }}", NULL,
         "there false"},
        {"codes", "{{ 'ä&b' | url_encode }} {{ 'ä' | base64_encode }} {{ 'w6Q=' | base64_decode }}",
         NULL, "%C3%A4%26b w6Q= ä"},
        {"bytes that are no text", "{{ '%ff' | url_decode }}", NULL,
         "error: line 1, column 12: this decodes to bytes that are no text"},
        {"HTML", "{{ '<b>a</b><script>x</script>' | strip_html }}{{ '<&amp;' | escape_once }}",
         NULL, "a&lt;&amp;"},
        {"json", "{{ a | json }}", "{\"a\": {\"b\": [1, null]}}", "{\"b\":[1,null]}"},
    };
    RUN(cases);
}

static void dates(void)
{
    static const Case cases[] = {
        {"ISO", "{{ '2020-02-29T10:05:06.789Z' | date: '%Y-%m-%d %H:%M:%S.%L' }}", NULL,
         "2020-02-29 10:05:06.789"},
        {"words", "{{ '2020-02-29' | date: '%A %-d %B, %a %b %^b %e' }}", NULL,
         "Saturday 29 February, Sat Feb FEB 29"},
        {"a birthday before 1970", "{{ '1949-12-31' | date: '%d.%m.%y %A %j' }}", NULL,
         "31.12.49 Saturday 365"},
        {"an offset", "{{ '1969-12-31T23:30:00-02:00' | date: '%F %R' }}", NULL,
         "1970-01-01 01:30"},
        {"weeks", "{{ '2021-01-03' | date: '%G-W%V %U %W %u %w' }}", NULL, "2020-W53 01 00 7 0"},
        {"twelve hours", "{{ '2020-01-01T00:30:00Z' | date: '%I:%M %p %l%P' }}", NULL,
         "12:30 AM 12am"},
        {"seconds since 1970", "{{ 0 | date: '%F' }} {{ '1700000000' | date: '%s %z %Z' }}", NULL,
         "1970-01-01 1700000000 +0000 UTC"},
        {"now is what it is given", "{{ 'now' | date: '%F' }}", NULL, "2023-11-14"},
        {"as mail writes it", "{{ 'Fri, 16 Sep 2022 10:00:00 +0000' | date: '%F' }}", NULL,
         "2022-09-16"},
        {"no date stays as it is", "{{ 'soon' | date: '%F' }}{{ nil | date: '%F' }}", NULL, "soon"},
        {"no directive stays too", "{{ 0 | date: '%Q %' }}", NULL, "%Q %"},
    };
    RUN(cases);
}

static void dates_in_a_zone(void)
{
    g_autoptr(LiquidTemplate) template =
        liquid_parse(SLICE("{{ '2020-07-01T22:30:00Z' | date: '%F %R %z %:z %Z' }} "
                           "{{ '2020-07-01 22:30' | date: '%s' }}"),
                     NULL);
    LiquidOptions options = {.zone = zone_find(SLICE("Europe/Berlin"), NULL)};
    g_autofree char *text = liquid_render(template, liquid_nil(), &options, NULL);
    g_assert_cmpstr(text, ==, "2020-07-02 00:30 +0200 +02:00 Europe/Berlin 1593635400");
}

static void html(void)
{
    static const Case cases[] = {
        {"what is written is escaped", "<p>{{ n }}</p>", "{\"n\": \"<b>&'\\\"\"}",
         "<p>&lt;b&gt;&amp;&#39;&quot;</p>"},
        {"texts of the template too", "{{ '<b>' }}{% echo '<' %}", NULL, "&lt;b&gt;&lt;"},
        {"but what is raw", "{{ n | raw }}", "{\"n\": \"<b>\"}", "<b>"},
        {"raw comes last", "{{ n | raw | append: '' }}", "{\"n\": \"<b>\"}", "&lt;b&gt;"},
        {"not twice", "{{ n | escape }}{% capture c %}<i>{{ n }}</i>{% endcapture %}{{ c }}",
         "{\"n\": \"&\"}", "&amp;<i>&amp;</i>"},
        {"lines", "{{ n | newline_to_br }}", "{\"n\": \"<\\na\"}", "&lt;<br />\na"},
        {"lists and objects", "{{ a }}{{ o }}", "{\"a\": [\"<\"], \"o\": {\"k\": \"<\"}}",
         "&lt;{&quot;k&quot;:&quot;&lt;&quot;}"},
        {"cycle", "{% cycle '<', '>' %}", NULL, "&lt;"},
        {"what is stripped of tags", "{{ n | strip_html }}", "{\"n\": \"<b>a<\\/b> & <i\"}",
         "a &amp; &lt;i"},
    };
    cases_run(cases, G_N_ELEMENTS(cases), true);
}

static void errors_say_where_and_what(void)
{
    static const Case cases[] = {
        {"a tag that is not closed", "a\n{% if x", NULL,
         "error: line 2, column 1: this tag is not closed: add %}"},
        {"an output", "ä {{ x ", NULL,
         "error: line 1, column 3: this output is not closed: add }}"},
        {"a block", "{% for x in a %}", NULL,
         "error: line 1, column 1: {% for %} is not closed: add {% endfor %}"},
        {"crossed blocks", "{% if a %}{% for x in a %}{% endif %}", NULL,
         "error: line 1, column 27: {% endif %} has nothing to belong to here: expected "
         "{% endfor %}"},
        {"an end without start", "x{% endif %}", NULL,
         "error: line 1, column 2: {% endif %} has nothing to belong to here"},
        {"a tag misspelt", "{% elif x %}", NULL,
         "error: line 1, column 1: unknown tag \"elif\": did you mean \"elsif\"?"},
        {"a filter misspelt", "{{ x | upcas }}", NULL,
         "error: line 1, column 8: unknown filter \"upcas\": did you mean \"upcase\"?"},
        {"a filter unknown", "{{ x | t }}", NULL, "error: line 1, column 8: unknown filter \"t\""},
        {"an argument missing", "{{ x | append }}", NULL,
         "error: line 1, column 8: filter \"append\" takes one argument: it was given 0"},
        {"an argument unknown", "{{ x | default: 1, allow: true }}", NULL,
         "error: line 1, column 20: filter \"default\" knows no \"allow\""},
        {"words too many", "{{ a b }}", NULL,
         "error: line 1, column 6: expected nothing more, not \"b\""},
        {"no operator", "{% if a = 1 %}{% endif %}", NULL,
         "error: line 1, column 9: expected a comparison, \"and\" or \"or\", not \"=\""},
        {"a text that is not closed", "{{ 'abc }}", NULL,
         "error: line 1, column 4: this text is not closed: add the same quote at its end"},
        {"a strange character", "{{ a & b }}", NULL,
         "error: line 1, column 6: this character has no meaning here"},
        {"a number too large", "{{ 99999999999999999999 }}", NULL,
         "error: line 1, column 4: this number is too large"},
        {"assign without value", "{% assign x %}", NULL,
         "error: line 1, column 1: write {% assign name = value %}"},
        {"a name that is none", "{% assign a.b = 1 %}", NULL,
         "error: line 1, column 11: \"a.b\" is no name for a variable: use letters, digits, _ and "
         "-"},
        {"an option of for", "{% for x in a max: 3 %}{% endfor %}", NULL,
         "error: line 1, column 15: expected reversed, limit: or offset:, not \"max\""},
        {"a limit that is no number", "{% for i in (1..3) limit: 'x' %}{% endfor %}", NULL,
         "error: line 1, column 1: limit must be a whole number, not \"x\""},
        {"bytes that are no text", "a\xff", NULL,
         "error: the template: byte 2 is not UTF-8: save it as UTF-8"},
    };
    RUN(cases);
}

/* ── data given lazily ───────────────────────────────────────────────────────────────────────── */

typedef struct Lazy {
    int asked;
} Lazy;

static bool lazy_get(void *object, Slice name, Arena *arena, LiquidValue *ret_value)
{
    Lazy *lazy = object;
    if (!slice_is(name, "name")) return false;
    char *text = arena_printf(arena, "asked %d", ++lazy->asked);
    *ret_value = liquid_text(slice_of(text));
    return text != NULL;
}

static bool lazy_entries(void *object, Arena *arena, LiquidEntry **ret_entries, size_t *ret_count)
{
    LiquidEntry *entry = arena_new_items(arena, LiquidEntry, 1);
    if (!entry) return false;
    entry->name = SLICE("name");
    *ret_entries = entry;
    *ret_count = 1;
    return lazy_get(object, entry->name, arena, &entry->value);
}

static void asks_only_for_what_is_used(void)
{
    static const LiquidObjectType type = {lazy_get, lazy_entries};
    Lazy lazy = {0};
    LiquidEntry entries[] = {{SLICE("person"), liquid_object(&type, &lazy)}};
    LiquidTable table = {G_N_ELEMENTS(entries), entries};
    g_autoptr(LiquidTemplate) quiet = liquid_parse(SLICE("{% if person %}y{% endif %}"), NULL);
    g_autoptr(LiquidTemplate) asking = liquid_parse(SLICE("{{ person.name }}"), NULL);
    LiquidOptions options = {0};
    g_autofree char *first = liquid_render(quiet, liquid_table(&table), &options, NULL);
    g_assert_cmpstr(first, ==, "y");
    g_assert_cmpint(lazy.asked, ==, 0);
    g_autofree char *second = liquid_render(asking, liquid_table(&table), &options, NULL);
    g_assert_cmpstr(second, ==, "asked 1");
}

static void path_add(void *context, const char *path, unsigned line, unsigned column)
{
    g_string_append_printf(context, "%s@%u:%u ", path, line, column);
}

static void tells_what_is_read(void)
{
    g_autoptr(LiquidTemplate) template = liquid_parse(
        SLICE("{{ person.first_name | default: shop.name }}\n{% assign x = order.total %}{{ x }}"
              "{% for l in order.lines limit: n %}{{ l.name }}{{ forloop.index }}{% endfor %}"
              "{% if person['first_name'] == a[k].b %}{% endif %}"),
        NULL);
    g_autoptr(GString) told = g_string_new("");
    liquid_variables(template, path_add, told);
    g_assert_cmpstr(told->str, ==,
                    "person.first_name@1:4 shop.name@1:33 order.total@2:15 order.lines@2:48 n@2:67 "
                    "k@2:146 a@2:144 ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/liquid/variables", variables);
    g_test_add_func("/liquid/choices", choices);
    g_test_add_func("/liquid/loops", loops);
    g_test_add_func("/liquid/partials", partials);
    g_test_add_func("/liquid/filters", filters);
    g_test_add_func("/liquid/dates", dates);
    g_test_add_func("/liquid/zones", dates_in_a_zone);
    g_test_add_func("/liquid/html", html);
    g_test_add_func("/liquid/errors", errors_say_where_and_what);
    g_test_add_func("/liquid/lazy", asks_only_for_what_is_used);
    g_test_add_func("/liquid/reads", tells_what_is_read);
    return g_test_run();
}
