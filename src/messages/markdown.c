#include "messages/markdown.h"

#include <md4c-html.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Letters and digits: Markdown leaves them alone everywhere, also in addresses. */
#define HOLD "kithL1qu1d"

enum { HOLD_SIZE = sizeof HOLD - 1 + 4 + 1 /* four digits and a "z" */ };

/* ---- Liquid out and in ---- */

static const char *tag_end(const char *at)
{
    const char *end = strstr(at + 2, at[1] == '{' ? "}}" : "%}");
    return end ? end + 2 : NULL;
}

static bool tags_take(const char *source, GString *out, GPtrArray *tags, GError **error)
{
    for (const char *at = source; *at;) {
        bool opens = at[0] == '{' && (at[1] == '{' || at[1] == '%');
        const char *end = opens ? tag_end(at) : NULL;
        if (!end) {
            g_string_append_c(out, *at++);
            continue;
        }
        if (tags->len >= MARKDOWN_TAGS_MAX)
            return fail(error, KITH_ERROR_LIMIT, "a text has at most %d Liquid tags",
                        MARKDOWN_TAGS_MAX);
        g_string_append_printf(out, HOLD "%04uz", tags->len);
        g_ptr_array_add(tags, g_strndup(at, (gsize)(end - at)));
        at = end;
    }
    return true;
}

static int hold_index(const char *at)
{
    int index = 0;
    if (strncmp(at, HOLD, sizeof HOLD - 1) != 0) return -1;
    const char *digits = at + sizeof HOLD - 1;
    for (int i = 0; i < 4; i++) {
        if (!g_ascii_isdigit(digits[i])) return -1;
        index = index * 10 + (digits[i] - '0');
    }
    return digits[4] == 'z' ? index : -1;
}

/* A paragraph that holds nothing but {% … %} is no paragraph: returns its end, else NULL. */
static const char *bare_paragraph(const char *at, const GPtrArray *tags, GString *out)
{
    if (!g_str_has_prefix(at, "<p>")) return NULL;
    g_autoptr(GString) held = g_string_new(NULL);
    const char *end = at + 3;
    for (int index; (index = hold_index(end)) >= 0 && (guint)index < tags->len;) {
        const char *tag = tags->pdata[index];
        if (tag[1] != '%') return NULL;
        g_string_append(held, tag);
        end += HOLD_SIZE;
        end += strspn(end, " \n");
    }
    if (!held->len || !g_str_has_prefix(end, "</p>")) return NULL;
    g_string_append_len(out, held->str, (gssize)held->len);
    return end + 4;
}

static char *tags_return(const char *html, const GPtrArray *tags)
{
    GString *out = g_string_new(NULL);
    for (const char *at = html; *at;) {
        const char *end = bare_paragraph(at, tags, out);
        int index = end ? -1 : hold_index(at);
        if (end) {
            at = end;
        } else if (index >= 0 && (guint)index < tags->len) {
            g_string_append(out, tags->pdata[index]);
            at += HOLD_SIZE;
        } else {
            g_string_append_c(out, *at++);
        }
    }
    return g_string_free(out, FALSE);
}

static void html_take(const MD_CHAR *text, MD_SIZE size, void *data)
{
    g_string_append_len(data, text, (gssize)size);
}

char *markdown_html(const char *source, GError **error)
{
    g_autoptr(GString) held = g_string_new(NULL);
    g_autoptr(GString) html = g_string_new(NULL);
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free);
    if (strstr(source, HOLD)) {
        fail(error, KITH_ERROR_INVALID, "the text must not contain \"%s\"", HOLD);
        return NULL;
    }
    if (!tags_take(source, held, tags, error)) return NULL;
    unsigned flags = MD_FLAG_NOHTML | MD_FLAG_PERMISSIVEURLAUTOLINKS | MD_FLAG_TABLES;
    if (md_html(held->str, (MD_SIZE)held->len, html_take, html, flags, 0) != 0) {
        fail(error, KITH_ERROR_LIMIT, "could not read the text as Markdown");
        return NULL;
    }
    return tags_return(html->str, tags);
}

/* ---- HTML to plain text ---- */

static const struct {
    const char *entity;
    char byte;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};

/* The byte an entity at `at` stands for and its length; 0 when it is none of ours. */
static size_t entity_read(const char *at, char *ret_byte)
{
    for (size_t i = 0; *at == '&' && i < G_N_ELEMENTS(entities); i++)
        if (g_str_has_prefix(at, entities[i].entity)) {
            *ret_byte = entities[i].byte;
            return strlen(entities[i].entity);
        }
    return 0;
}

void markdown_unescape(char *text)
{
    char *out = text;
    for (const char *at = text; *at;) {
        char byte = *at;
        size_t size = entity_read(at, &byte);
        *out++ = byte;
        at += size ? size : 1;
    }
    *out = '\0';
}

typedef struct TextMaker {
    GString *out;
    char *href; /* of the link at hand; owned */
    gsize link_start;
} TextMaker;

static void lines_end(GString *out, unsigned lines)
{
    while (out->len && (out->str[out->len - 1] == ' '))
        g_string_truncate(out, out->len - 1);
    unsigned have = 0;
    while (have < out->len && out->str[out->len - 1 - have] == '\n')
        have++;
    for (; out->len && have < lines; have++)
        g_string_append_c(out, '\n');
}

static void link_begin(TextMaker *maker, const char *tag, size_t size)
{
    g_autofree char *copy = g_strndup(tag, size);
    const char *href = strstr(copy, "href=\"");
    g_clear_pointer(&maker->href, g_free);
    maker->link_start = maker->out->len;
    if (!href) return;
    maker->href = g_strndup(href + 6, strcspn(href + 6, "\""));
    markdown_unescape(maker->href);
}

static void link_end(TextMaker *maker)
{
    if (maker->href &&
        strcmp(maker->out->str + MIN(maker->link_start, maker->out->len), maker->href) != 0)
        g_string_append_printf(maker->out, " (%s)", maker->href);
    g_clear_pointer(&maker->href, g_free);
}

static bool tag_is(const char *tag, const char *name)
{
    size_t size = strlen(name);
    return strncmp(tag, name, size) == 0 &&
           (tag[size] == '>' || tag[size] == ' ' || tag[size] == '/');
}

static void tag_take(TextMaker *maker, const char *tag, size_t size)
{
    static const char *const blocks[] = {"p",          "/p",          "h1", "/h1",   "h2",    "/h2",
                                         "h3",         "/h3",         "ul", "/ul",   "ol",    "/ol",
                                         "blockquote", "/blockquote", "hr", "table", "/table"};
    if (tag_is(tag, "a")) link_begin(maker, tag, size);
    if (tag_is(tag, "/a")) link_end(maker);
    if (tag_is(tag, "br") || tag_is(tag, "tr") || tag_is(tag, "div")) lines_end(maker->out, 1);
    if (tag_is(tag, "li")) {
        lines_end(maker->out, 1);
        g_string_append(maker->out, "- ");
    }
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++)
        if (tag_is(tag, blocks[i])) lines_end(maker->out, 2);
}

static void byte_take(GString *out, char byte)
{
    bool space = byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
    if (!space) {
        g_string_append_c(out, byte);
    } else if (out->len && out->str[out->len - 1] != ' ' && out->str[out->len - 1] != '\n') {
        g_string_append_c(out, ' ');
    }
}

char *markdown_text(const char *html)
{
    TextMaker maker = {.out = g_string_new(NULL)};
    for (const char *at = html; *at;) {
        const char *end = *at == '<' ? strchr(at, '>') : NULL;
        char byte = *at;
        size_t size = 1;
        if (end) {
            tag_take(&maker, at + 1, (size_t)(end - at));
            at = end + 1;
            continue;
        }
        size_t entity = entity_read(at, &byte);
        byte_take(maker.out, byte);
        at += entity ? entity : size;
    }
    lines_end(maker.out, 1);
    g_free(maker.href);
    return g_string_free(maker.out, FALSE);
}
