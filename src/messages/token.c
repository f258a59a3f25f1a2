#include "messages/token.h"

#include <sodium.h>
#include <string.h>

#include "base/keyhash.h"

#define TOKEN_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static void number_put(uint8_t *place, uint64_t number, int bytes)
{
    for (int i = 0; i < bytes; i++)
        place[i] = (uint8_t)(number >> (8 * i));
}

static uint64_t number_get(const uint8_t *place, int bytes)
{
    uint64_t number = 0;
    for (int i = bytes - 1; i >= 0; i--)
        number = number << 8 | place[i];
    return number;
}

static void proof_make(TokenKey key, const uint8_t *body, uint8_t *ret_proof)
{
    Hash128 hash = keyhash128(key.proof, body, TOKEN_BODY_SIZE);
    number_put(ret_proof, hash.low, 8);
    number_put(ret_proof + 8, hash.high, 8);
}

/* The proof is the nonce: two bodies never share one but by a collision of 128 bits. */
static void body_mask(TokenKey key, const uint8_t *proof, uint8_t *body)
{
    uint8_t nonce[crypto_stream_xchacha20_NONCEBYTES] = {0};
    memcpy(nonce, proof, TOKEN_PROOF_SIZE);
    crypto_stream_xchacha20_xor(body, body, TOKEN_BODY_SIZE, nonce, key.cipher);
}

void token_write(TokenKey key, const Token *token, char ret_text[TOKEN_TEXT_SIZE])
{
    uint8_t bytes[TOKEN_SIZE], *body = bytes + TOKEN_PROOF_SIZE;
    body[0] = (uint8_t)token->kind;
    number_put(body + 1, (uint64_t)token->person_id, 8);
    number_put(body + 9, (uint64_t)token->origin, 8);
    number_put(body + 17, (uint64_t)token->occurrence, 8);
    number_put(body + 25, token->link_no, 2);
    proof_make(key, body, bytes);
    body_mask(key, bytes, body);
    sodium_bin2base64(ret_text, TOKEN_TEXT_SIZE, bytes, TOKEN_SIZE,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool token_read(TokenKey key, const char *text, Token *ret_token)
{
    uint8_t bytes[TOKEN_SIZE], *body = bytes + TOKEN_PROOF_SIZE, proof[TOKEN_PROOF_SIZE];
    size_t size = 0, length = strnlen(text, TOKEN_TEXT_SIZE);
    /* libsodium takes some bytes above 127 for "_". */
    if (length >= TOKEN_TEXT_SIZE || strspn(text, TOKEN_ALPHABET) != length) return false;
    if (sodium_base642bin(bytes, sizeof bytes, text, length, NULL, &size, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        size != TOKEN_SIZE)
        return false;
    body_mask(key, bytes, body);
    proof_make(key, body, proof);
    if (sodium_memcmp(proof, bytes, TOKEN_PROOF_SIZE) != 0) return false;
    *ret_token = (Token){.kind = (TokenKind)body[0],
                         .person_id = (int64_t)number_get(body + 1, 8),
                         .origin = (int64_t)number_get(body + 9, 8),
                         .occurrence = (int64_t)number_get(body + 17, 8),
                         .link_no = (uint16_t)number_get(body + 25, 2)};
    return body[0] > 0 && body[0] < TOKEN_KINDS_END;
}
