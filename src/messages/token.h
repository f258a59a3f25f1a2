/* messages/token.h: the unguessable part of a link in a mail.
 *
 * A token names a message (or a test mail) and what a click means. It is the encryption of those
 * numbers under a key of this store, with a keyed hash of them as nonce and as proof (synthetic
 * initialisation vector, as in RFC 5297): nobody can read, make or alter one, the same link is the
 * same token, and none ever expires. Pure; thread safe.
 *
 *     char text[TOKEN_TEXT_SIZE];
 *     token_write(key, &(Token){.kind = TOKEN_UNSUBSCRIBE, .person_id = …}, text);
 *     Token token;
 *     if (!token_read(key, text, &token)) …nobody gave this out…
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum TokenKind {
    TOKEN_UNSUBSCRIBE = 1, /* the one click, and the page with the button */
    TOKEN_OPEN = 2,
    TOKEN_CLICK = 3,
    TOKEN_TEST = 4, /* unsubscribing from a test mail: proves the round trip */
    TOKEN_KINDS_END = 5,
} TokenKind;

enum {
    TOKEN_PROOF_SIZE = 16,
    TOKEN_BODY_SIZE = 1 + 8 + 8 + 8 + 2,
    TOKEN_SIZE = TOKEN_PROOF_SIZE + TOKEN_BODY_SIZE,
    TOKEN_TEXT_SIZE = (TOKEN_SIZE + 2) / 3 * 4 + 1, /* base64, URL-safe, with its NUL */
};

/* Two keys of the store. */
typedef struct TokenKey {
    const uint8_t *proof;  /* 16 bytes */
    const uint8_t *cipher; /* 32 bytes */
} TokenKey;

typedef struct Token {
    TokenKind kind;
    int64_t person_id, origin, occurrence;
    uint16_t link_no; /* of TOKEN_CLICK; else 0 */
} Token;

void token_write(TokenKey key, const Token *token, char ret_text[TOKEN_TEXT_SIZE]);

/* False for everything that token_write did not write with this key. O(1). */
bool token_read(TokenKey key, const char *text, Token *ret_token);
