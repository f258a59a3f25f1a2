#include "people/identity.h"

#include <gio/gio.h>
#include <string.h>

#include "people/trust.h"

/* What programs send for "nobody": seen in the wild, compared without case. Values made of zeros
 * and punctuation only (`0`, `00000000-0000-…`, `---`) are found by rule. */
static const char *const placeholders[] = {
    "-1",
    "anonymous",
    "anon",
    "default",
    "distinct_id",
    "distinctid",
    "email",
    "empty",
    "false",
    "guest",
    "id",
    "n/a",
    "na",
    "nan",
    "nil",
    "no-id",
    "none",
    "not_authenticated",
    "not set",
    "not_set",
    "null",
    "(null)",
    "[null]",
    "(not set)",
    "undefined",
    "unknown",
    "user",
    "userid",
    "user_id",
    "test",
    "true",
    "visitor",
    "(none)",
    "<nil>",
    "[object object]",
    "none@none",
    "customer",
    "void",
    "anonymous_id",
};

/* Local parts of addresses that belong to nobody in particular. */
static const char *const placeholder_locals[] = {
    "test",    "null",     "none",     "undefined",  "anonymous",    "guest",
    "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "unknown",
    "na",      "n.a",      "nomail",   "noemail",    "no-email",     "keine",
    "nobody",  "0",        "-1",       "false",
};

static const char *const placeholder_domains[] = {
    "null", "none", "undefined", "localhost", "invalid", "example.invalid", "email.invalid",
};

static const struct {
    IdentityKind kind;
    const char *name;
} kinds[] = {
    {IDENTITY_USER_ID, "user_id"},
    {IDENTITY_ANONYMOUS_ID, "anonymous_id"},
    {IDENTITY_EMAIL, "email"},
    {IDENTITY_PHONE, "phone"},
};

enum { EMAIL_MAX = 254, EMAIL_LOCAL_MAX = 64, PHONE_DIGITS_MIN = 6, PHONE_DIGITS_MAX = 15 };

static bool text_is_among(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (g_ascii_strcasecmp(text, list[i]) == 0) return true;
    return false;
}

/* Longest placeholder: longer values need no comparison, which keeps the hot path short. */
enum { PLACEHOLDER_MAX = 17 };

static bool is_zeros(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!strchr("0-_. :", text[i])) return false;
    return true;
}

static bool is_placeholder(const IdentityValue *value)
{
    if (is_zeros(value->text, value->size)) return true;
    if (value->size > PLACEHOLDER_MAX) return false;
    if (strpbrk(value->text, "0123456789")) return strcmp(value->text, "-1") == 0;
    return text_is_among(value->text, placeholders, G_N_ELEMENTS(placeholders));
}

static Slice text_trim(Slice raw)
{
    while (raw.size && g_ascii_isspace(raw.data[0])) {
        raw.data++;
        raw.size--;
    }
    while (raw.size && g_ascii_isspace(raw.data[raw.size - 1]))
        raw.size--;
    return raw;
}

static bool has_control(Slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.data[i] < 0x20 || text.data[i] == 0x7f) return true;
    return false;
}

static void value_set(IdentityValue *value, const char *data, size_t size)
{
    memcpy(value->text, data, size);
    value->text[size] = '\0';
    value->size = size;
}

static IdentityVerdict id_normalize(Slice raw, IdentityValue *ret_value)
{
    value_set(ret_value, raw.data, raw.size);
    return is_placeholder(ret_value) ? IDENTITY_BLOCKED : IDENTITY_USABLE;
}

static bool local_is_valid(const char *local, size_t size)
{
    if (size < 1 || size > EMAIL_LOCAL_MAX) return false;
    if (local[0] == '.' || local[size - 1] == '.') return false;
    for (size_t i = 0; i < size; i++)
        if (strchr(" \t<>()[],;:\\\"@", local[i])) return false;
    return true;
}

static bool domain_is_valid(const char *domain)
{
    size_t size = strlen(domain);
    if (size < 3 || strchr(".-", domain[0]) || strchr(".-", domain[size - 1])) return false;
    if (!strchr(domain, '.') || strstr(domain, "..")) return false;
    if (strstr(domain, "-.") || strstr(domain, ".-")) return false; /* RFC 1123, 2.1 */
    for (const char *c = domain; *c; c++)
        if (!g_ascii_isalnum(*c) && *c != '-' && *c != '.' && *c != '_') return false;
    return true;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80) return false;
    return true;
}

/* Domains compare in their ASCII form (RFC 5891), without the root's dot. */
static char *domain_fold(const char *domain)
{
    char *folded = is_ascii(domain) ? g_ascii_strdown(domain, -1) : g_hostname_to_ascii(domain);
    if (folded && g_str_has_suffix(folded, ".")) folded[strlen(folded) - 1] = '\0';
    return folded;
}

/* RFC 5321 lets hosts treat local parts by case; none that people write to does. */
static char *local_fold(const char *local, size_t size)
{
    g_autofree char *copy = g_strndup(local, size);
    return is_ascii(copy) ? g_ascii_strdown(copy, -1) : g_utf8_strdown(copy, -1);
}

static IdentityVerdict email_check(const char *local, const char *domain)
{
    if (!local_is_valid(local, strlen(local))) return IDENTITY_MALFORMED;
    if (text_is_among(domain, placeholder_domains, G_N_ELEMENTS(placeholder_domains)))
        return IDENTITY_BLOCKED;
    if (!domain_is_valid(domain)) return IDENTITY_MALFORMED;
    bool blocked = text_is_among(local, placeholder_locals, G_N_ELEMENTS(placeholder_locals));
    return blocked ? IDENTITY_BLOCKED : IDENTITY_USABLE;
}

static IdentityVerdict email_normalize(Slice raw, IdentityValue *ret_value)
{
    value_set(ret_value, raw.data, raw.size);
    char *text = ret_value->text;
    if (g_ascii_strncasecmp(text, "mailto:", 7) == 0) text += 7;
    if (is_placeholder(ret_value)) return IDENTITY_BLOCKED;
    const char *at = strrchr(text, '@');
    if (!at) return IDENTITY_MALFORMED;
    g_autofree char *local = local_fold(text, (size_t)(at - text));
    g_autofree char *domain = domain_fold(at + 1);
    if (!domain) return IDENTITY_MALFORMED;
    IdentityVerdict verdict = email_check(local, domain);
    if (verdict != IDENTITY_USABLE) return verdict;
    size_t size = strlen(local) + 1 + strlen(domain);
    if (size > EMAIL_MAX) return IDENTITY_TOO_LONG;
    g_snprintf(ret_value->text, sizeof ret_value->text, "%s@%s", local, domain);
    ret_value->size = size;
    return IDENTITY_USABLE;
}

static bool phone_is_placeholder(const char *digits, size_t count)
{
    if (strspn(digits, (char[]){digits[0], '\0'}) == count) return true;
    return strstr("01234567890123456789", digits) != NULL;
}

/* Digits with an optional leading plus (E.164 where the country is given; `00` counts as plus).
 * Numbers without a country stay as typed: a guessed country would join strangers. */
static IdentityVerdict phone_normalize(Slice raw, IdentityValue *ret_value)
{
    char digits[PHONE_DIGITS_MAX + 3];
    size_t count = 0;
    bool plus = raw.data[0] == '+';
    for (size_t i = plus ? 1 : 0; i < raw.size; i++) {
        if (strchr(" -./()\t", raw.data[i])) continue;
        if (!g_ascii_isdigit(raw.data[i])) return IDENTITY_MALFORMED;
        if (count == sizeof digits - 1) return IDENTITY_TOO_LONG;
        digits[count++] = raw.data[i];
    }
    digits[count] = '\0';
    const char *number = digits;
    if (!plus && g_str_has_prefix(digits, "00") && count > PHONE_DIGITS_MIN) {
        plus = true;
        number += 2;
        count -= 2;
    }
    if (count && phone_is_placeholder(number, count)) return IDENTITY_BLOCKED;
    if (count < PHONE_DIGITS_MIN) return IDENTITY_MALFORMED;
    if (count > PHONE_DIGITS_MAX) return IDENTITY_TOO_LONG;
    int size = g_snprintf(ret_value->text, sizeof ret_value->text, "%s%s", plus ? "+" : "", number);
    ret_value->size = (size_t)size;
    return IDENTITY_USABLE;
}

IdentityVerdict identity_normalize(IdentityKind kind, Slice raw, IdentityValue *ret_value)
{
    if (!raw.data) return IDENTITY_EMPTY;
    Slice text = text_trim(raw);
    if (text.size == 0) return IDENTITY_EMPTY;
    if (text.size > IDENTITY_VALUE_MAX) return IDENTITY_TOO_LONG;
    if (has_control(text)) return IDENTITY_MALFORMED;
    switch (kind) {
    case IDENTITY_USER_ID:
    case IDENTITY_ANONYMOUS_ID:
        return id_normalize(text, ret_value);
    case IDENTITY_EMAIL:
        return email_normalize(text, ret_value);
    case IDENTITY_PHONE:
        return phone_normalize(text, ret_value);
    case IDENTITY_KIND_END:
        break;
    }
    g_assert_not_reached();
}

const char *identity_kind_name(IdentityKind kind)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (kinds[i].kind == kind) return kinds[i].name;
    return "unknown";
}

IdentityKind identity_kind_parse(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(kinds[i].name, name) == 0) return kinds[i].kind;
    return IDENTITY_KIND_END;
}

const char *identity_state_name(IdentityState state)
{
    static const char *const names[] = {"unconfirmed", "presumed", "confirmed"};
    return (size_t)state < G_N_ELEMENTS(names) ? names[state] : "unknown";
}

const char *identity_verdict_name(IdentityVerdict verdict)
{
    static const char *const names[] = {"usable", "empty", "blocked", "too long", "malformed"};
    return names[verdict];
}

const char *trust_name(Trust trust)
{
    switch (trust) {
    case TRUST_TRACK:
        return "track";
    case TRUST_INGEST:
        return "ingest";
    case TRUST_FILE:
        return "file";
    case TRUST_SHOP:
        return "shop";
    case TRUST_PERSON:
        return "person";
    case TRUST_HAND:
        return "hand";
    }
    return "unknown";
}
