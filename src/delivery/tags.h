/* delivery/tags.h: lists of tags such as "v=DKIM1; k=rsa; p=…" (RFC 6376, 3.2). Pure. */
#pragma once
#include <glib.h>
#include <stdbool.h>

enum { TAGS_MAX = 32 };

typedef struct Tag {
    char *name, *value; /* spaces and line ends around them taken off */
} Tag;

typedef struct Tags {
    int count;
    Tag items[TAGS_MAX];
} Tags;

/* False when it is no such list, has one name twice or more than TAGS_MAX. Clear it either way. */
bool tags_read(const char *text, Tags *ret_tags);
void tags_clear(Tags *tags);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tags, tags_clear)

/* The value; NULL when there is none. */
const char *tags_get(const Tags *tags, const char *name);

/* A value without the white space in it; the caller frees. */
char *tag_squeeze(const char *value);
