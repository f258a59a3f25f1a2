/* timeline/import_words.h: what a cell of a list says about permission; and what a list is. Pure.
 *
 * Every word is in one table; what is not in it is UNKNOWN and its row is rejected, never guessed.
 */
#pragma once
#include "timeline/import_plan.h"

typedef enum ImportWord {
    WORD_NOTHING, /* an empty cell, or one that says nothing about permission */
    WORD_YES,
    WORD_NO, /* not now; nobody objected */
    WORD_PENDING,
    WORD_UNSUBSCRIBED,
    WORD_BOUNCED,
    WORD_COMPLAINED,
    WORD_CLEANED,
    WORD_MANUAL,
    WORD_UNKNOWN
} ImportWord;

/* Without regard to case, signs and spaces around it. */
ImportWord import_word(Slice cell);

/* "yes", "no", "pending", "unsubscribed", "bounced", "complained", "cleaned", "manual": the words
 * of the API. NULL when nothing is said, or nothing that is understood. */
const char *import_word_name(ImportWord word);

/* Is it a reason never to write to an address again? */
bool import_word_suppresses(ImportWord word);

/* Why a file looks like a list of addresses that are never to be written to: by a column that only
 * such lists have, by its name, or by what most cells of a column say. NULL: it does not. The
 * caller frees. `name` may be NULL. */
char *import_suppression_hint(const ImportPlan *plan, const char *name);
