/* net/reason.h: why something was refused, as a stable code with values beside the sentence.
 *
 * The English sentence of an error is what logs, files and the database hold. A reader in another
 * language needs the same without the words: one table (reason.c) lists the sentences that people
 * meet, each with a code that never changes and `*` where a value stands. The API gives the code
 * and the values beside the sentence; the catalogues of the UI say it in their language. A
 * sentence that is not listed has no code and is shown as it is.
 *
 *     reason_json("price: number \"12,x\" cannot be read with a decimal comma")
 *     -> {"code": "number-comma", "values": ["price", "12,x"]}
 *
 * "line 2, column 10: " in front of a sentence, as mistakes of rules have it, is passed over.
 *
 * Pure; any thread.
 */
#pragma once
#include "net/schema.h"

enum {
    REASON_VALUES_MAX = 4,     /* `*` in one pattern */
    REASON_SENTENCE_MAX = 2000 /* bytes; a longer sentence has no code */
};

/* The reply schema of reason_json: {code, values}. */
extern const Schema reason_schema;

/* {"code", "values"} of a sentence; JSON null when it is NULL or not listed. New reference. Linear
 * in the length of the sentence. */
json_t *reason_json(const char *sentence);
