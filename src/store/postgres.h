/* store/postgres.h: opens PostgreSQL connections through libpq. Private to store/.
 *
 * Statements are prepared once per connection and run in binary format. Inside a transaction an
 * exec whose count is not asked for is sent without waiting (libpq's pipeline), so that a unit
 * costs one round trip instead of one a statement; its failure then shows at the next statement
 * that waits, or when the unit's savepoint is released.
 *
 * Plain inserts (one VALUES tuple, nothing or DO NOTHING on conflict) that follow each other go as
 * one statement over arrays (`bulk` of the generated statement): a few times faster than one by
 * one, with the same effect.
 *
 * A lost connection marks the Db broken: the owner opens a new one. Deadlocks (40P01),
 * serialization failures (40001) and lost connections set `retry`; lost at COMMIT sets `unknown`.
 */
#pragma once
#include "store/db_driver.h"

typedef enum PostgresRole {
    POSTGRES_WRITER,
    POSTGRES_READER, /* whoever opens it sets statement_timeout */
} PostgresRole;

/* Connects to a postgres:// address. NULL on error: KITH_ERROR_INVALID (address, database of
 * another program), KITH_ERROR_UNAVAILABLE (cannot reach). The text never holds the password. */
Db *postgres_open(const char *address, PostgresRole role, GError **error);
