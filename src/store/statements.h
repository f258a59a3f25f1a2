/* store/statements.h: the table of every named statement of every folder, made by
 * tools/sqlgen.py --list. A test prepares each on both databases.
 */
#pragma once
#include "store/db.h"

extern const DbStatement sql_statements[];
extern const size_t sql_statement_count;
