/* people/erase.h: forgetting somebody, on the answer and then to the last byte (promise 5).
 *
 * people_erase, in one unit of the writer: from its commit on nothing finds, lists, exports or
 * writes to the person. Names and links are gone from memory and database, addresses are denied for
 * ever by keyed hash, and a line in never.log repeats it over any restored backup.
 *
 * people_erase_rest, on a worker (job "people.erase"): deletes or blanks what every folder declared
 * (personal.h), stem by stem in small units; then files; then rewrites files and empties SQLite's
 * log, so that no byte is left. Repeatable: after a crash it starts again.
 *
 * What remains: the id (a tombstone), keyed hashes of denied addresses, money without a person.
 * What we do not own (the server's WAL on PostgreSQL, backups) is documented in docs.
 */
#pragma once
#include "people/people.h"

/* "people.erase": the kind of job that people_erase adds; its key is the erasure's id. */
#define PEOPLE_ERASE_JOB "people.erase"

/* Inside a unit of the writer. Errors: KITH_ERROR_NOT_FOUND. */
bool people_erase(People *people, Db *db, int64_t person_id, int64_t *ret_erasure_id,
                  GError **error);

/* The rest of one erasure. Worker thread. Done already: true. */
bool people_erase_rest(People *people, int64_t erasure_id, GError **error);

/* Finishes every erasure that is open, for the command line and tests. */
bool people_erase_all(People *people, GError **error);

/* Repeats the denials and erasures of never.log that this store does not know: it came from a
 * backup. Idempotent; call at each start, before anything is sent. `ret_count`: those repeated. */
bool people_never_replay(People *people, int64_t *ret_count, GError **error);
