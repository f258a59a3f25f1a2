/* people/identity.h: what names a person, and when a value names nobody.
 *
 * An identity is a kind and a value in normal form. Two spellings of one address have one normal
 * form (`Ann@Shop.DE ` and `ann@shop.de`); a value that programs send when they know nothing
 * (`null`, `-1`, `00000000-0000-…`, `test@…`) is *blocked*: it names nobody, is never stored as an
 * identity and never joins two people. Pure: no clock, no database, no allocation; thread safe.
 *
 *     IdentityValue value;
 *     if (identity_normalize(IDENTITY_EMAIL, slice_of(text), &value) == IDENTITY_USABLE) …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    IDENTITY_VALUE_MAX = 255,      /* bytes in normal form; longer values name nobody */
    IDENTITY_PER_PERSON_MAX = 100, /* per stem and kind: beyond, claims are refused */
};

/* Stored in `identity.kind`: numbers are part of the schema, add only. */
typedef enum IdentityKind {
    IDENTITY_USER_ID = 1,      /* the shop's own id; case counts */
    IDENTITY_ANONYMOUS_ID = 2, /* a browser or device; belongs to one source; case counts */
    IDENTITY_EMAIL = 3,
    IDENTITY_PHONE = 4,
    IDENTITY_KIND_END
} IdentityKind;

/* Stored in `identity.state`: how far the claim may be relied on. */
typedef enum IdentityState {
    IDENTITY_UNCONFIRMED = 0, /* only the public key said so: never written to */
    IDENTITY_PRESUMED = 1,    /* an alias named it before it was seen */
    IDENTITY_CONFIRMED = 2,   /* a server, a file, a hand or the person's own act said so */
} IdentityState;

typedef enum IdentityVerdict {
    IDENTITY_USABLE,
    IDENTITY_EMPTY,     /* nothing but white space */
    IDENTITY_BLOCKED,   /* a placeholder that names nobody */
    IDENTITY_TOO_LONG,  /* over IDENTITY_VALUE_MAX bytes */
    IDENTITY_MALFORMED, /* not an address, not a telephone number, control characters */
} IdentityVerdict;

typedef struct IdentityValue {
    size_t size;                       /* bytes before the terminator */
    char text[IDENTITY_VALUE_MAX + 1]; /* normal form, terminated */
} IdentityValue;

/* Writes the normal form into `ret_value` if IDENTITY_USABLE; else leaves it undefined.
 * `raw` must be UTF-8 (checked at the edge). O(size). */
IdentityVerdict identity_normalize(IdentityKind kind, Slice raw, IdentityValue *ret_value);

/* "user_id", "anonymous_id", "email", "phone": the words of the API. */
const char *identity_kind_name(IdentityKind kind);

/* The kind of a word of the API, or IDENTITY_KIND_END. */
IdentityKind identity_kind_parse(const char *name);

/* "unconfirmed", "presumed", "confirmed". */
const char *identity_state_name(IdentityState state);

/* Why a value was refused: "empty", "blocked", "too long", "malformed"; "usable" if it was not. */
const char *identity_verdict_name(IdentityVerdict verdict);
