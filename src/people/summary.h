/* people/summary.h: the row by which lists show and search a person.
 *
 * Derived: name, address, telephone number and country of the person's current traits and
 * identities over all stems, folded for search. Written whenever one of them changes; `kith
 * verify` recomputes it. A person merged into another keeps a row that is not listed.
 */
#pragma once
#include "people/people.h"

/* Sorts behind every name (a private-use character). */
#define SUMMARY_NAMELESS "\xf4\x8f\xbf\xbd"

enum { SUMMARY_SEARCH_MAX = 1000 }; /* bytes of the search text */

typedef struct Summary {
    char *name, *email, *phone, *country; /* NULL when unknown; owned */
    char *search;                         /* folded, words joined by spaces */
    char *sort_name;                      /* folded name, else address, else SUMMARY_NAMELESS */
    bool listed;                          /* not merged into another, not erased */
} Summary;

typedef struct SummaryBegin {
    int64_t person_id, created_at;
    const char *user_id; /* in normal form */
} SummaryBegin;

void summary_clear(Summary *summary);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Summary, summary_clear)

/* Computes the row of a person (a root or a stem that was merged away). Any thread. */
bool people_summary_compute(People *people, Db *db, int64_t person_id, Summary *ret_summary,
                            GError **error);

/* Computes and stores it. Inside a unit of the writer. */
bool people_summary_refresh(People *people, Db *db, int64_t person_id, GError **error);

/* Stores the row of a person just made, of whom nothing but a user_id is known. The same row as
 * people_summary_refresh makes, without asking the database. Inside a unit of the writer. */
bool people_summary_begin(People *people, Db *db, const SummaryBegin *begin, GError **error);

/* Case and accents folded as search compares: NFKD without marks, case folded. Owned. */
char *people_fold(const char *text);
