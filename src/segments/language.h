/* segments/language.h: the two ways to write a rule: text and JSON.
 *
 * docs/rules.md has the grammar and the semantics, with an example of every form. A Rule owns all
 * of its nodes and texts in one arena; it is immutable once read and may be shared by threads.
 * Reading one way and writing the other loses nothing, and rule_text is canonical: equal trees
 * give equal texts.
 *
 *     RuleProblem problem;
 *     g_autoptr(Rule) rule = rule_parse(SLICE("orders >= 3"), &problem, error);
 *     g_autofree char *text = rule_text(rule);
 *
 * Pure: no database, no clock. What only a store knows (event names, other segments, the zone) is
 * looked at when the rule is evaluated.
 */
#pragma once
#include <glib.h>
#include <jansson.h>

#include "base/arena.h"
#include "base/slice.h"
#include "segments/rule.h"

typedef struct Rule {
    Arena *arena;
    const RuleNode *root;
    unsigned depth, parts; /* of the tree */
} Rule;

void rule_free(Rule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rule, rule_free)

/* Where a text stops being a rule. Lines and columns count from 1, columns in characters. */
typedef struct RuleProblem {
    uint32_t line, column, offset; /* `offset` in bytes */
    char message[400];             /* without the place; net/reason.h gives its code */
    char suggestion[220];          /* a name that was probably meant; "" = none */
    const char *expected; /* code of what should stand here; NULL: something else is wrong */
} RuleProblem;

/* Sets line and column from an offset into a text. */
void rule_problem_place(RuleProblem *problem, Slice text, uint32_t offset);

/* Reads a rule. `ret_problem` (may be NULL) is written on failure. Errors: KITH_ERROR_INVALID with
 * the place in front, KITH_ERROR_LIMIT (LIMIT_RULE_BYTES, _DEPTH, _PARTS, _LIST of base/limits.h).
 * O(length). */
Rule *rule_parse(Slice text, RuleProblem *ret_problem, GError **error);

/* The canonical text; the caller frees. */
char *rule_text(const Rule *rule);
/* The canonical text of a part. */
char *rule_node_text(const RuleNode *node);

/* The same rule as JSON (docs/rules.md); new reference. */
json_t *rule_to_json(const Rule *rule);
/* Reads what rule_to_json writes. Errors: KITH_ERROR_INVALID naming the member, KITH_ERROR_LIMIT.
 */
Rule *rule_from_json(const json_t *json, GError **error);

/* Words shared by text and JSON. */
extern const char *const rule_op_words[RULE_OPS];
extern const char *const rule_unit_words[RULE_UNITS]; /* plural */
extern const char *const rule_amount_words[RULE_AMOUNTS];
extern const char *const rule_gap_words[RULE_GAPS];
extern const char *const rule_stage_words[RULE_STAGES];
