/* timeline/payload.h: how an event's properties are stored: JSON in comparable form.
 *
 *     {"p":{…}, "f":{…}, "t":{…}, "c":{…}, "n":"…"}         every member only when not empty
 *
 *   p  properties. Text stays text; a number is its value × 10⁶ as an integer when that is exact
 *      (|number| <= 9.2·10¹², at most 6 decimals), else {"#":"the number as written"}; true, false,
 *      null, lists and objects likewise. A name that begins with "#" gets one more "#" in front.
 *   f  the fold (base/text.h) of those top-level properties in which any text differs from its
 *      fold: rules compare f[name] where it is present, else p[name]
 *   t  traits, in the form of p (identify and group calls)
 *   c  the context worth keeping: url, path, referrer, title, campaign, locale, timezone, library,
 *      agent. Never the address of the caller
 *   n  the name of an event over the budget of names
 *
 * So SQL and the columns compare integers and folded text and never parse a decimal. Pure.
 *
 *     g_auto(Buffer) out = BUFFER_INIT(PAYLOAD_BYTES_MAX);
 *     PayloadParts parts = {.properties = raw_json};
 *     if (!payload_encode(coder, &parts, &out, error)) …
 */
#pragma once
#include <jansson.h>

#include "base/buffer.h"
#include "base/json_read.h"

enum {
    /* A 32 KB event of escaped capitals, kept twice (text and fold), with room for brackets. */
    PAYLOAD_BYTES_MAX = 128 * 1024,
    PAYLOAD_DEPTH_MAX = 32,
    PAYLOAD_EXTRAS = 2,
};

#define PAYLOAD_MICRO INT64_C(1000000)

/* Raw JSON as it came, each an object or empty; `other_name` is plain text. */
typedef struct PayloadParts {
    Slice properties, traits, context;
    bool checked; /* all three were read to their end by a JsonReader: not checked again */
    Slice other_name;
    struct {
        const char *name; /* of a text that joins the properties unless they have it; NULL: none */
        Slice text;       /* empty: none */
    } extras[PAYLOAD_EXTRAS];
} PayloadParts;

/* Two readers and scratch memory, 50 KB: keep one per thread. */
typedef struct PayloadCoder PayloadCoder;
PayloadCoder *payload_coder_new(void);
void payload_coder_free(PayloadCoder *coder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PayloadCoder, payload_coder_free)

/* Appends the comparable form. Errors: KITH_ERROR_INVALID (not an object, bad JSON),
 * KITH_ERROR_LIMIT (too deep, too long). About 0.5 µs for 300 bytes. */
bool payload_encode(PayloadCoder *coder, const PayloadParts *parts, Buffer *out, GError **error);

/* The payload of plain properties, for producers inside Kith: newly allocated (g_free), NULL on
 * error as above. `properties` is borrowed; NULL gives "{}". */
char *payload_from_json(const json_t *properties, GError **error);

/* The plain form again: {"properties":{…},"traits":{…},"context":{…},"name":…}, members only when
 * stored. Numbers that JSON libraries would round come back as text. New reference; NULL when the
 * payload is damaged. */
json_t *payload_decode(const char *payload);

/* A decimal number as written, × 10⁶, when that is exact and within ±9.2·10¹² (before scaling). */
bool payload_micro(Slice number, int64_t *ret_micro);
