/* base/text.h: checks and forms of human text: UTF-8, folding, trimming, addresses, numbers.
 *
 * UTF-8 is checked at the edge with text_utf8_check; everything behind may rely on it. Folding
 * is what makes "Müller" and "MÜLLER" the same for search, rules and identities: Unicode NFKC
 * plus full case folding (GLib), with a fast path for ASCII. Pure and thread safe.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    TEXT_EMAIL_MAX = 254, /* bytes of an address: RFC 5321 4.5.3.1 as corrected by erratum 1690 */
    TEXT_PHONE_MAX = 16,  /* "+" and 15 digits: ITU-T E.164 */
};

/* Whether the bytes are valid UTF-8 (RFC 3629: no surrogates, nothing over U+10FFFF, no overlong
 * forms) without NUL. ASCII runs at several GB/s. */
bool text_utf8_check(const char *data, size_t size);

/* Length of the valid UTF-8 prefix without NUL, bytes; `size` when all is valid. */
size_t text_utf8_valid(const char *data, size_t size);

/* The longest prefix of at most `bytes_max` bytes that does not cut a character. */
Slice text_cut(Slice text, size_t bytes_max);

/* Without white space (Unicode) and control characters at both ends. No copy. */
Slice text_trim(Slice text);

/* The folded form (NFKC, case folded) for comparison, newly allocated (g_free). The text must be
 * valid UTF-8. */
char *text_fold(Slice text);

/* The folded form into `ret_text` when the text is ASCII and fits (size + 1 <= capacity). False:
 * use text_fold. For hot paths. */
bool text_fold_ascii(Slice text, char *ret_text, size_t capacity);

/* Whether two texts are the same but for ASCII case. */
bool text_equal_ascii_case(Slice a, Slice b);

/* Normalises an e-mail address for comparison: trimmed, folded, one "@", a domain with a dot or
 * "localhost", at most TEXT_EMAIL_MAX bytes, no white space or control characters. The local
 * part is folded too: no provider of note tells "Ann" from "ann". Plus tags and dots are kept:
 * they are different mailboxes to most hosts. Newly allocated (g_free); NULL when it is none. */
char *text_email(Slice text);

/* Normalises a phone number to "+" and digits (E.164 form). "00" in front counts as "+". Spaces,
 * dots, dashes, slashes and brackets are dropped; "(0)" after a country code is dropped. Numbers
 * without a country code get `country_code` (digits, such as "49") and lose one leading 0, or, when
 * that is NULL, are kept as their digits. NULL when it is no number of 5 to 15 digits. g_free. */
char *text_phone(Slice text, const char *country_code);
