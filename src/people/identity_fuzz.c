/* Any value of any kind: a normal form or a verdict. The normal form of a normal form is itself. */
#include "base/text.h"
#include "people/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    IdentityKind kind = (IdentityKind)(IDENTITY_USER_ID + data[0] % (IDENTITY_KIND_END - 1));
    const char *text = (const char *)data + 1;
    Slice raw = {text, text_utf8_valid(text, size - 1)};
    IdentityValue value, again;
    IdentityVerdict verdict = identity_normalize(kind, raw, &value);
    g_assert_nonnull(identity_verdict_name(verdict));
    if (verdict != IDENTITY_USABLE) return 0;
    Slice normal = {value.text, value.size};
    g_assert_cmpuint(value.size, <=, IDENTITY_VALUE_MAX);
    g_assert_cmpuint(strlen(value.text), ==, value.size);
    g_assert_true(text_utf8_check(value.text, value.size));
    g_assert_cmpint(identity_normalize(kind, normal, &again), ==, IDENTITY_USABLE);
    g_assert_cmpstr(again.text, ==, value.text);
    return 0;
}
