#include "messages/token.h"

#include <string.h>

static const uint8_t proof[16] = "proof-proof-proo", cipher[32] = "cipher-cipher-cipher-cipher-cip";
static const TokenKey key = {proof, cipher};

static void what_was_written_is_read(void)
{
    for (int round = 0; round < 2000; round++) {
        Token in = {.kind = (TokenKind)g_random_int_range(1, TOKEN_KINDS_END),
                    .person_id = (int64_t)g_random_int() << 31 | g_random_int(),
                    .origin = (int64_t)g_random_int() << 31,
                    .occurrence = (int64_t)g_random_int(),
                    .link_no = (uint16_t)g_random_int()};
        Token out;
        char text[TOKEN_TEXT_SIZE], again[TOKEN_TEXT_SIZE];
        token_write(key, &in, text);
        token_write(key, &in, again);
        g_assert_cmpstr(text, ==, again);
        g_assert_true(token_read(key, text, &out));
        g_assert_true(out.kind == in.kind && out.person_id == in.person_id &&
                      out.origin == in.origin && out.occurrence == in.occurrence &&
                      out.link_no == in.link_no);
    }
}

/* Every bit matters, also the spare ones of base64. */
static void nothing_else_is(void)
{
    Token in = {.kind = TOKEN_UNSUBSCRIBE, .person_id = 5, .origin = 6}, out;
    char text[TOKEN_TEXT_SIZE];
    token_write(key, &in, text);
    size_t size = strlen(text);
    for (size_t at = 0; at < size; at++)
        for (int byte = 1; byte < 256; byte++) {
            char other[TOKEN_TEXT_SIZE];
            memcpy(other, text, sizeof other);
            if ((char)byte == text[at]) continue;
            other[at] = (char)byte;
            g_assert_false(token_read(key, other, &out));
        }
    for (size_t at = 0; at < size; at++) {
        g_autofree char *cut = g_strndup(text, at);
        g_assert_false(token_read(key, cut, &out));
    }
    g_autofree char *longer = g_strconcat(text, "A", NULL);
    g_assert_false(token_read(key, longer, &out));
    TokenKey other_store = {cipher, cipher};
    g_assert_false(token_read(other_store, text, &out));
}

static void nothing_can_be_read_in_it(void)
{
    char text[TOKEN_TEXT_SIZE], next[TOKEN_TEXT_SIZE];
    token_write(key, &(Token){.kind = TOKEN_OPEN, .person_id = 1, .origin = 1}, text);
    token_write(key, &(Token){.kind = TOKEN_OPEN, .person_id = 2, .origin = 1}, next);
    size_t same = 0;
    for (size_t at = 0; text[at]; at++)
        same += text[at] == next[at];
    g_assert_cmpint(same, <, 12);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/token/round", what_was_written_is_read);
    g_test_add_func("/token/forged", nothing_else_is);
    g_test_add_func("/token/opaque", nothing_can_be_read_in_it);
    return g_test_run();
}
