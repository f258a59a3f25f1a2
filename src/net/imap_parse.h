/* net/imap_parse.h: what an IMAP server answers, read (RFC 3501 section 9, RFC 9051). Pure.
 *
 * One response is its text with the literals taken out of it: where "{5}" CRLF stood, the token at
 * that place is the literal. Nothing a server can say makes these calls fail otherwise than by
 * saying false: no recursion, no length that is believed, nothing written past an end.
 *
 *     ImapCursor cursor = imap_cursor(response);
 *     ImapToken token;
 *     while (imap_token_next(&cursor, &token)) …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    IMAP_LITERALS_MAX = 16,       /* in one response */
    IMAP_LITERAL_DIGITS_MAX = 10, /* RFC 9051: number64, but none of ours is so large */
    IMAP_DEPTH_MAX = 32,          /* of parentheses that are skipped */
};

typedef struct ImapResponse {
    GString *text; /* without literals and without line ends */
    unsigned literal_count;
    struct {
        size_t at; /* offset in `text` where it stands */
        GString *data;
    } literals[IMAP_LITERALS_MAX];
} ImapResponse;

void imap_response_init(ImapResponse *response);
void imap_response_clear(ImapResponse *response);
/* Forgets what was read, for the next one. */
void imap_response_reset(ImapResponse *response);

/* Whether a line announces a literal: its size, and how many bytes of the line do so. */
bool imap_literal_announced(const GString *line, uint64_t *ret_size, size_t *ret_bytes);

typedef enum ImapTokenKind {
    IMAP_ATOM,
    IMAP_STRING, /* quoted, with its backslashes, or a literal */
    IMAP_OPEN,
    IMAP_CLOSE,
    IMAP_BAD
} ImapTokenKind;

typedef struct ImapToken {
    ImapTokenKind kind;
    Slice text; /* borrowed of the response */
} ImapToken;

typedef struct ImapCursor {
    const ImapResponse *response;
    size_t at;
    unsigned literal; /* next one */
} ImapCursor;

ImapCursor imap_cursor(const ImapResponse *response);
/* False at the end. After IMAP_BAD nothing follows. */
bool imap_token_next(ImapCursor *cursor, ImapToken *ret_token);

/* "* BYE …", "* 5 EXISTS", "a1 OK …", "+ …". */
typedef struct ImapHead {
    bool tagged, more; /* more: "+" */
    Slice tag;
    uint64_t number; /* before the word; 0: none */
    Slice word;      /* "OK", "FETCH", … */
    Slice rest;      /* the text after it, without leading space */
} ImapHead;

/* False: this is no response. */
bool imap_head_parse(const ImapResponse *response, ImapHead *ret_head);

/* The number of a code such as "[UIDVALIDITY 7]" at the start of a text. */
bool imap_code_number(Slice rest, const char *name, uint64_t *ret_number);
bool imap_code_is(Slice rest, const char *name);
/* Whether a list of words divided by spaces holds one, in any case. */
bool imap_words_have(Slice words, const char *word);

/* Appends the numbers of a SEARCH answer, at most `count_max`, to `uids` (of guint32). */
bool imap_search_parse(const ImapResponse *response, GArray *uids, guint count_max);

/* One FETCH answer. */
typedef struct ImapFetched {
    uint32_t uid;  /* 0: not said */
    uint64_t size; /* of the whole mail */
    int64_t at;    /* INTERNALDATE, UTC ms; 0: not said */
    Slice data;    /* what was asked of the body; borrowed of the response */
    bool has_data;
} ImapFetched;
bool imap_fetch_parse(const ImapResponse *response, ImapFetched *ret_fetched);

/* "17-Jul-1996 02:44:25 -0700" in UTC ms. */
bool imap_date_parse(Slice text, int64_t *ret_ms);
