#include "net/ui.h"

#include <string.h>

enum { HEADER_BYTES_MAX = 1024 };

/* Does the part after the coding say q=0 (0, 0.0, 0.00, 0.000)? */
static bool quality_is_zero(const char *text, size_t size)
{
    const char *q = memchr(text, '=', size);
    if (!q) return false;
    for (const char *at = q + 1; at < text + size; at++)
        if (*at >= '1' && *at <= '9') return false;
    return true;
}

bool accept_encoding_allows(const char *header, const char *coding)
{
    size_t coding_size = strlen(coding);
    bool any = false;
    if (!header || strnlen(header, HEADER_BYTES_MAX + 1) > HEADER_BYTES_MAX) return false;
    for (const char *at = header; at;) {
        at += strspn(at, " \t");
        size_t size = strcspn(at, ",");
        size_t name = strcspn(at, "; \t,");
        bool zero = quality_is_zero(at + name, size - name);
        if (name == coding_size && g_ascii_strncasecmp(at, coding, name) == 0) return !zero;
        if (name == 1 && *at == '*') any = !zero;
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    return any;
}
