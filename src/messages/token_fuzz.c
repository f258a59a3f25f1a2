/* Any text at all: no token, or the very text that token_write makes of it. Any token: read as it
 * was written, and with one byte changed it is none. */
#include "messages/token.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t proof[16] = "proof-proof-proo", cipher[32] = "cipher-cipher-cipher-cipher-cip";
static const TokenKey key = {proof, cipher};

static void text_try(const char *text)
{
    Token token;
    char again[TOKEN_TEXT_SIZE];
    if (!token_read(key, text, &token)) return;
    token_write(key, &token, again);
    g_assert_cmpstr(again, ==, text);
}

static Token token_of(const uint8_t *data, size_t size)
{
    int64_t numbers[3] = {0};
    memcpy(numbers, data, MIN(size, sizeof numbers));
    return (Token){.kind = (TokenKind)(1 + data[0] % (TOKEN_KINDS_END - 1)),
                   .person_id = numbers[0],
                   .origin = numbers[1],
                   .occurrence = numbers[2],
                   .link_no = (uint16_t)(data[0] << 8 | data[size - 1])};
}

static void token_try(const uint8_t *data, size_t size)
{
    Token in = token_of(data, size), out;
    char text[TOKEN_TEXT_SIZE];
    token_write(key, &in, text);
    g_assert_true(token_read(key, text, &out));
    g_assert_true(out.kind == in.kind && out.person_id == in.person_id && out.origin == in.origin &&
                  out.occurrence == in.occurrence && out.link_no == in.link_no);
    size_t at = data[size / 2] % strlen(text);
    text[at] = text[at] == 'A' ? 'B' : 'A';
    g_assert_false(token_read(key, text, &out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    g_autofree char *text = g_strndup((const char *)data, size);
    text_try(text);
    token_try(data, size);
    return 0;
}
