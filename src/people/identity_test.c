/* Normal forms and values that name nobody. */
#include "people/identity.h"

static const struct {
    const char *why;
    IdentityKind kind;
    const char *raw;
    IdentityVerdict verdict;
    const char *normal;
} cases[] = {
    {"an id stays", IDENTITY_USER_ID, "u-17", IDENTITY_USABLE, "u-17"},
    {"case of an id counts", IDENTITY_USER_ID, "AbC", IDENTITY_USABLE, "AbC"},
    {"white space around is typing", IDENTITY_USER_ID, " 17\n", IDENTITY_USABLE, "17"},
    {"a short number is an id", IDENTITY_USER_ID, "7", IDENTITY_USABLE, "7"},
    {"ten is not zero", IDENTITY_USER_ID, "10", IDENTITY_USABLE, "10"},
    {"null", IDENTITY_USER_ID, "null", IDENTITY_BLOCKED, NULL},
    {"NULL", IDENTITY_USER_ID, "NULL", IDENTITY_BLOCKED, NULL},
    {"minus one", IDENTITY_USER_ID, "-1", IDENTITY_BLOCKED, NULL},
    {"zero", IDENTITY_USER_ID, "0", IDENTITY_BLOCKED, NULL},
    {"zeros", IDENTITY_USER_ID, "000000", IDENTITY_BLOCKED, NULL},
    {"a uuid of zeros", IDENTITY_ANONYMOUS_ID, "00000000-0000-0000-0000-000000000000",
     IDENTITY_BLOCKED, NULL},
    {"anonymous", IDENTITY_USER_ID, "Anonymous", IDENTITY_BLOCKED, NULL},
    {"undefined", IDENTITY_ANONYMOUS_ID, "undefined", IDENTITY_BLOCKED, NULL},
    {"none", IDENTITY_USER_ID, "none", IDENTITY_BLOCKED, NULL},
    {"an object that was printed", IDENTITY_USER_ID, "[object Object]", IDENTITY_BLOCKED, NULL},
    {"only dashes", IDENTITY_USER_ID, "----", IDENTITY_BLOCKED, NULL},
    {"nothing", IDENTITY_USER_ID, "  ", IDENTITY_EMPTY, NULL},
    {"absent", IDENTITY_USER_ID, NULL, IDENTITY_EMPTY, NULL},
    {"a control character", IDENTITY_USER_ID, "a\x01z", IDENTITY_MALFORMED, NULL},
    {"address folds", IDENTITY_EMAIL, " Ann.Lee@Shop.DE ", IDENTITY_USABLE, "ann.lee@shop.de"},
    {"a link is an address", IDENTITY_EMAIL, "mailto:a@b.io", IDENTITY_USABLE, "a@b.io"},
    {"the root's dot", IDENTITY_EMAIL, "a@b.io.", IDENTITY_USABLE, "a@b.io"},
    {"a domain with umlaut", IDENTITY_EMAIL, "a@bücher.de", IDENTITY_USABLE, "a@xn--bcher-kva.de"},
    {"a local part with umlaut", IDENTITY_EMAIL, "JÖRG@b.de", IDENTITY_USABLE, "jörg@b.de"},
    {"plus tags are other addresses", IDENTITY_EMAIL, "a+x@b.io", IDENTITY_USABLE, "a+x@b.io"},
    {"test@ is nobody", IDENTITY_EMAIL, "test@test.com", IDENTITY_BLOCKED, NULL},
    {"noreply@ is nobody", IDENTITY_EMAIL, "NoReply@shop.de", IDENTITY_BLOCKED, NULL},
    {"null@null", IDENTITY_EMAIL, "null@null", IDENTITY_BLOCKED, NULL},
    {"undefined as an address", IDENTITY_EMAIL, "undefined", IDENTITY_BLOCKED, NULL},
    {"no at sign", IDENTITY_EMAIL, "ann.shop.de", IDENTITY_MALFORMED, NULL},
    {"two at signs", IDENTITY_EMAIL, "a@b@c.de", IDENTITY_MALFORMED, NULL},
    {"no dot in the domain", IDENTITY_EMAIL, "a@shop", IDENTITY_MALFORMED, NULL},
    {"a label that ends in a dash", IDENTITY_EMAIL, "a@shop-.de", IDENTITY_MALFORMED, NULL},
    {"a domain that ends in dots", IDENTITY_EMAIL, "a@shop.de..", IDENTITY_MALFORMED, NULL},
    {"a header is smuggled in", IDENTITY_EMAIL, "a@b.de\r\nBcc: c@d.de", IDENTITY_MALFORMED, NULL},
    {"two addresses", IDENTITY_EMAIL, "a@b.de,c@d.de", IDENTITY_MALFORMED, NULL},
    {"a number with signs", IDENTITY_PHONE, "+49 (30) 901-820", IDENTITY_USABLE, "+4930901820"},
    {"00 is plus", IDENTITY_PHONE, "0049 30 901820", IDENTITY_USABLE, "+4930901820"},
    {"without country it stays", IDENTITY_PHONE, "030 901820", IDENTITY_USABLE, "030901820"},
    {"one digit over and over", IDENTITY_PHONE, "1111111111", IDENTITY_BLOCKED, NULL},
    {"counting is no number", IDENTITY_PHONE, "123456789", IDENTITY_BLOCKED, NULL},
    {"letters", IDENTITY_PHONE, "call me", IDENTITY_MALFORMED, NULL},
    {"too short", IDENTITY_PHONE, "112", IDENTITY_MALFORMED, NULL},
    {"too long", IDENTITY_PHONE, "+4930901820123456", IDENTITY_TOO_LONG, NULL},
};

static void values_normalise_or_name_nobody(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        IdentityValue value;
        IdentityVerdict verdict = identity_normalize(cases[i].kind, slice_of(cases[i].raw), &value);
        g_assert_cmpstr(identity_verdict_name(verdict), ==,
                        identity_verdict_name(cases[i].verdict));
        if (verdict != IDENTITY_USABLE) continue;
        g_assert_cmpstr(value.text, ==, cases[i].normal);
        g_assert_cmpuint(value.size, ==, strlen(cases[i].normal));
    }
}

static void a_normal_form_is_its_own_normal_form(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (cases[i].verdict != IDENTITY_USABLE) continue;
        IdentityValue once, twice;
        identity_normalize(cases[i].kind, slice_of(cases[i].raw), &once);
        g_assert_cmpint(identity_normalize(cases[i].kind, slice_of(once.text), &twice), ==,
                        IDENTITY_USABLE);
        g_assert_cmpstr(once.text, ==, twice.text);
    }
}

static void length_is_limited(void)
{
    g_autofree char *longest = g_strnfill(IDENTITY_VALUE_MAX, 'x');
    g_autofree char *beyond = g_strnfill(IDENTITY_VALUE_MAX + 1, 'x');
    IdentityValue value;
    g_assert_cmpint(identity_normalize(IDENTITY_USER_ID, slice_of(longest), &value), ==,
                    IDENTITY_USABLE);
    g_assert_cmpint(identity_normalize(IDENTITY_USER_ID, slice_of(beyond), &value), ==,
                    IDENTITY_TOO_LONG);
    g_autofree char *address = g_strconcat(longest + 155, "@", longest + 100, ".de", NULL);
    g_assert_cmpint(identity_normalize(IDENTITY_EMAIL, slice_of(address), &value), !=,
                    IDENTITY_USABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/people/identity/normal_forms", values_normalise_or_name_nobody);
    g_test_add_func("/people/identity/idempotent", a_normal_form_is_its_own_normal_form);
    g_test_add_func("/people/identity/length", length_is_limited);
    return g_test_run();
}
