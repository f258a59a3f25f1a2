#include "delivery/tags.h"

#include <string.h>

static bool name_is_good(const char *name)
{
    if (!g_ascii_isalpha(*name)) return false;
    for (; *name; name++)
        if (!g_ascii_isalnum(*name) && *name != '_') return false;
    return true;
}

static bool tag_read(char *part, Tags *tags)
{
    char *equals = strchr(part, '=');
    if (!equals || tags->count == TAGS_MAX) return false;
    *equals = '\0';
    char *name = g_strstrip(part), *value = g_strstrip(equals + 1);
    if (!name_is_good(name) || tags_get(tags, name)) return false;
    tags->items[tags->count++] = (Tag){g_strdup(name), g_strdup(value)};
    return true;
}

bool tags_read(const char *text, Tags *ret_tags)
{
    *ret_tags = (Tags){0};
    g_auto(GStrv) parts = g_strsplit(text, ";", TAGS_MAX + 2);
    for (int i = 0; parts[i]; i++) {
        bool last = parts[i + 1] == NULL;
        g_autofree char *copy = g_strstrip(g_strdup(parts[i]));
        if (last && !*copy) break;
        if (!tag_read(copy, ret_tags)) return false;
    }
    return ret_tags->count > 0;
}

void tags_clear(Tags *tags)
{
    for (int i = 0; i < tags->count; i++) {
        g_free(tags->items[i].name);
        g_free(tags->items[i].value);
    }
    tags->count = 0;
}

const char *tags_get(const Tags *tags, const char *name)
{
    for (int i = 0; i < tags->count; i++)
        if (strcmp(tags->items[i].name, name) == 0) return tags->items[i].value;
    return NULL;
}

char *tag_squeeze(const char *value)
{
    GString *out = g_string_new(NULL);
    for (; *value; value++)
        if (!g_ascii_isspace(*value)) g_string_append_c(out, *value);
    return g_string_free(out, FALSE);
}
