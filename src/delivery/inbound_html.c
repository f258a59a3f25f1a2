/* delivery/inbound_html.c: the words of an HTML mail. Nothing of it is ever shown as HTML, so this
 * need not understand it, only bring out its text and end: one pass, no recursion. */
#include "delivery/inbound_mail.h"

#include <string.h>

enum { ENTITY_MAX = 10, LINES_MAX = 2 /* line ends in a row */ };

typedef struct Entity {
    const char *name, *text;
} Entity;

/* Those that mail programs write; others stand as they are. */
static const Entity entities[] = {
    {"amp", "&"},
    {"lt", "<"},
    {"gt", ">"},
    {"quot", "\""},
    {"apos", "'"},
    {"nbsp", " "},
    {"auml", "\xc3\xa4"},
    {"ouml", "\xc3\xb6"},
    {"uuml", "\xc3\xbc"},
    {"Auml", "\xc3\x84"},
    {"Ouml", "\xc3\x96"},
    {"Uuml", "\xc3\x9c"},
    {"szlig", "\xc3\x9f"},
    {"euro", "\xe2\x82\xac"},
    {"ndash", "\xe2\x80\x93"},
    {"mdash", "\xe2\x80\x94"},
    {"hellip", "\xe2\x80\xa6"},
    {"rsquo", "\xe2\x80\x99"},
};

static const char *const line_tags[] = {"br", "p",  "div",        "tr",    "li", "h1", "h2",
                                        "h3", "h4", "blockquote", "table", "ul", "ol", NULL};
static const char *const silent_tags[] = {"script", "style", "head", "title", NULL};

/* Adds a character; white space becomes one space, and none begins a line. */
static void text_add(GString *out, gunichar c)
{
    bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == 0xa0;
    char last = out->len > 0 ? out->str[out->len - 1] : '\n';
    if (!space)
        g_string_append_unichar(out, c);
    else if (last != ' ' && last != '\n')
        g_string_append_c(out, ' ');
}

static void line_add(GString *out)
{
    size_t ends = 0;
    while (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    while (ends < out->len && out->str[out->len - 1 - ends] == '\n')
        ends++;
    if (out->len > 0 && ends < LINES_MAX) g_string_append_c(out, '\n');
}

/* The character of "#228" or "#xe4"; 0: none. */
static gunichar number_entity(const char *name)
{
    guint64 code = 0;
    bool hex = name[0] == '#' && (name[1] == 'x' || name[1] == 'X');
    if (name[0] != '#') return 0;
    const char *digits = name + (hex ? 2 : 1);
    if (!g_ascii_string_to_unsigned(digits, hex ? 16 : 10, 1, 0x10ffff, &code, NULL)) return 0;
    return g_unichar_validate((gunichar)code) && !g_unichar_iscntrl((gunichar)code) ? (gunichar)code
                                                                                    : 0;
}

/* Passes over "&name;" and adds what it stands for; else adds the "&". */
static const char *entity_take(const char *at, GString *out)
{
    char name[ENTITY_MAX + 1];
    size_t size = 0;
    while (size < ENTITY_MAX && (g_ascii_isalnum(at[1 + size]) || at[1 + size] == '#'))
        size++;
    if (size > 0 && at[1 + size] == ';') {
        g_strlcpy(name, at + 1, size + 1);
        gunichar c = number_entity(name);
        for (size_t i = 0; !c && i < G_N_ELEMENTS(entities); i++)
            if (strcmp(entities[i].name, name) == 0) c = g_utf8_get_char(entities[i].text);
        if (c) {
            text_add(out, c);
            return at + size + 2;
        }
    }
    text_add(out, '&');
    return at + 1;
}

static void tag_name(const char *at, char name[16])
{
    size_t size = 0;
    if (*at == '/') at++;
    while (size < 15 && g_ascii_isalnum(at[size]))
        size++;
    g_strlcpy(name, at, size + 1);
    for (char *c = name; *c; c++)
        *c = g_ascii_tolower(*c);
}

/* Behind the end of an element whose words are not for reading. */
static const char *silent_end(const char *at, const char *name)
{
    size_t size = strlen(name);
    for (const char *end = strstr(at, "</"); end; end = strstr(end + 2, "</"))
        if (g_ascii_strncasecmp(end + 2, name, size) == 0) {
            const char *close = strchr(end, '>');
            return close ? close + 1 : end + strlen(end);
        }
    return at + strlen(at);
}

static const char *tag_take(const char *at, GString *out)
{
    char name[16];
    if (g_str_has_prefix(at, "<!--")) {
        const char *end = strstr(at + 4, "-->");
        return end ? end + 3 : at + strlen(at);
    }
    const char *close = strchr(at, '>');
    if (!close) return at + strlen(at);
    tag_name(at + 1, name);
    if (g_strv_contains(line_tags, name)) line_add(out);
    if (strcmp(name, "p") == 0 && at[1] == '/') line_add(out);
    bool silent = at[1] != '/' && g_strv_contains(silent_tags, name);
    return silent ? silent_end(close + 1, name) : close + 1;
}

char *inbound_html_text(const char *html)
{
    g_autofree char *valid = g_utf8_make_valid(html, -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *at = valid; *at && out->len < INBOUND_TEXT_MAX;) {
        if (*at == '<' && (g_ascii_isalpha(at[1]) || at[1] == '/' || at[1] == '!')) {
            at = tag_take(at, out);
        } else if (*at == '&') {
            at = entity_take(at, out);
        } else {
            text_add(out, g_utf8_get_char(at));
            at = g_utf8_next_char(at);
        }
    }
    while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    return g_strdup(out->str);
}
