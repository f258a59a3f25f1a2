/* timeline/import_consent.h: private to the import: what a row says about permission, written.
 *
 * A source's own latest word counts (people/consent_rules.h): the same word again changes nothing,
 * a "no" after a "yes" ends it, and a word older than the one known is passed over. Lists have a
 * source of their own beside the shop's files, so that a shop that never asked does not end what a
 * list was given. Addresses of refusals are kept as keyed hashes and make nobody a person.
 */
#pragma once
#include "timeline/import_run.h"
#include "timeline/import_words.h"

typedef struct ImportSaying {
    ImportRun *run;
    Db *db;
    const ImportRow *row;
    int64_t now;  /* UTC ms */
    int64_t stem; /* whom the row names; 0 = look who has the address */
} ImportSaying;

/* Whether the row says that somebody may, or may one day, be written to: then they are a person. */
bool import_saying_invites(const ImportPlan *plan, const ImportRow *row);

/* What the row says about mail: of a list of refusals why, of others yes or no. WORD_NOTHING for
 * kinds that say nothing. */
ImportWord import_saying_word(const ImportPlan *plan, const ImportRow *row);

/* Writes what the row of customers or consents says; adds to `in_out_written` what was news.
 * Inside a unit of the writer. */
bool import_saying_write(const ImportSaying *saying, unsigned *in_out_written, GError **error);

/* The same for a row of suppressions. */
bool import_suppression_write(const ImportSaying *saying, unsigned *in_out_written, GError **error);
