#include "base/findings.h"

void findings_init(Findings *findings)
{
    *findings = (Findings){.parts = g_array_new(FALSE, TRUE, sizeof(FindingsPart)),
                           .texts = g_ptr_array_new_with_free_func(g_free)};
}

void findings_clear(Findings *findings)
{
    g_clear_pointer(&findings->parts, g_array_unref);
    g_clear_pointer(&findings->texts, g_ptr_array_unref);
}

static FindingsPart *current(Findings *findings)
{
    g_assert(findings->parts->len > 0);
    return &g_array_index(findings->parts, FindingsPart, findings->parts->len - 1);
}

void findings_part(Findings *findings, const char *name)
{
    FindingsPart part = {.name = name};
    g_array_append_val(findings->parts, part);
}

void findings_checked(Findings *findings, int64_t count) { current(findings)->checked += count; }

void findings_add(Findings *findings, const char *format, ...)
{
    current(findings)->wrong++;
    findings->wrong++;
    if (findings->texts->len >= FINDINGS_KEPT_MAX) return;
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(findings->texts, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}
