/* segments/match.h: does a value, somewhere in JSON, pass a test of a rule?
 *
 * Values are of two kinds. *Stored* ones come from an event's payload: numbers are integers x 10^6
 * and texts have their fold beside them (timeline/payload.h). Others come from a trait's JSON as it
 * was sent. Either way texts are compared by their fold, numbers exactly, dates as instants.
 *
 * A list passes when any of its items does; a name leads into each object of a list. A value of
 * another type than the test's passes nothing but `!=`, which is exactly the negation of `=`.
 * null, "", [] and {} are missing. Pure; one thread.
 */
#pragma once
#include <jansson.h>

#include "segments/window.h"

typedef struct Matcher {
    const Moment *moment;
    bool stored;
    bool raw; /* stored, but texts are as sent: of an event's context */
} Matcher;

/* A trait's JSON value; NULL: the person has none. The field's first name is the trait's. */
bool match_trait(const Matcher *matcher, const RuleNode *node, const json_t *value);

/* `where` over a stored payload; NULL passes all. */
bool match_where(const Matcher *matcher, const RuleNode *where, const json_t *payload);

/* The first number under a field of a stored payload. */
bool match_number(const RuleField *field, const json_t *payload, int64_t *ret_micros);

/* A fingerprint of the first value under a field that is a text, number or flag: equal values,
 * equal fingerprints. */
bool match_fingerprint(const RuleField *field, const json_t *payload, int64_t *ret_fingerprint);

/* The first number, resp. text (borrowed), of a trait's JSON. */
bool match_trait_number(const RuleField *field, const json_t *value, int64_t *ret_micros);
const char *match_trait_text(const RuleField *field, const json_t *value);

/* `*` stands for any run of bytes; linear but for repeated near misses, never backtracks beyond
 * the last `*`. Both folded. */
bool match_glob(const char *pattern, const char *text);
