/* segments/rule_input.h: a rule in the body of a request, for the tables of routes of segments/. */
#pragma once
#include "net/request.h"
#include "segments/language.h"

#define RULE_DOC "The text of a rule; docs/rules.md has the language."
#define AT_DOC   "Judged at this day or time instead of now: 2024-03-31 or 2024-03-31T18:00."

enum { AT_BYTES_MAX = 40 };

typedef struct RuleInput {
    const char *rule, *at;
    json_t *json;
} RuleInput;

extern const Schema rule_input; /* of a RuleInput */
extern const Schema face_reply; /* {"id":…,"name":…} */

/* The rule of a body: its text, or its JSON. NULL and the field's error when it cannot be read. */
Rule *rule_input_read(Request *request, const RuleInput *input, GError **error);

/* The moment named, else that of the request. */
bool at_input_read(Request *request, const char *text, int64_t *ret_at, GError **error);

/* Why an evaluation failed: what only the store knows of a rule is the rule's fault too. Always
 * false. */
bool rule_input_fail(Request *request, GError *steal_failure, GError **error);
