/* people/personal.h: every column and file that may hold personal data, as tables in code.
 *
 * Each folder declares a const array of PersonalColumn beside its .sql; `app/` hands them all to
 * people_set_domains. Export (GDPR 15 and 20) and erasure (17) walk them, so that a new table
 * needs no change here; a test compares them with the schema and fails for a column nobody listed.
 *
 * The statements belong to the folder's .sql file; `rows_max` says how many rows a call may touch,
 * so that no unit of the writer gets long.
 *
 *     static bool note_erase(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed, GError
 * **e) const PersonalTable timeline_personal[] = {
 *         {.table = "note", .key = "person_id", .columns = note_columns, .name = "notes",
 *          .erase = note_erase, .export = note_export},
 *         {NULL},
 *     };
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Db Db;

enum { PERSONAL_COLUMNS_MAX = 24, PERSONAL_CHUNK_ROWS = 500 };

/* One column: what it holds and why it is personal, for the export and the tests. */
typedef struct PersonalColumn {
    const char *column;
    const char *holds; /* "the address as typed", one phrase */
} PersonalColumn;

/* Deletes or blanks up to `rows_max` rows of one stem (negative: a visitor's). `ret_changed`: rows
 * touched; 0 means that none is left. Writer thread. */
typedef bool (*PersonalErase)(Db *db, int64_t stem, int64_t rows_max, int64_t *ret_changed,
                              GError **error);

/* Appends everything about one stem to `rows`, a JSON array, as objects. Any reader; chunks its
 * own reading. */
typedef bool (*PersonalExport)(Db *db, int64_t stem, json_t *rows, GError **error);

typedef struct PersonalTable {
    const char *table;             /* name in the schema */
    const char *name;              /* key in the export, "notes" */
    const char *key;               /* the column that holds the stem */
    const PersonalColumn *columns; /* ends with {NULL} */
    PersonalErase erase;           /* NULL: rows vanish with another table's statement */
    PersonalExport export;         /* NULL: shown with another table */
} PersonalTable;

/* Personal data outside the database (columns, files), or in rows that are found through something
 * outside (events through the runs): after the tables' rows were deleted and that was committed,
 * `erase` removes one stem's, so that nothing reads it any more; `seal` rewrites files so that no
 * byte is left. Worker thread; may be called again after a crash. `export` (may be NULL) appends
 * objects to `rows` and takes its own readers. */
typedef struct PersonalFile {
    const char *name; /* key in the export, "events" */
    bool (*erase)(void *context, int64_t stem, GError **error);
    bool (*seal)(void *context, GError **error); /* rewrites files so that no byte is left */
    bool (*export)(void *context, int64_t stem, json_t *rows, GError **error);
    void *context;
} PersonalFile;

/* What merging means for a domain's open decisions (DESIGN.md section 5, "Links"). Each entry of a
 * folder's const table settles one kind of row between the two people of a merge and notes the
 * merge_id, so that its `undo` can reverse what was not acted on. Writer thread, in the
 * transaction of the merge. A table ends with {NULL}. */
typedef struct Settlement {
    const char *name; /* "messages: the furthest on stays" */
    bool (*merge)(Db *db, int64_t merge_id, int64_t winner, int64_t loser, GError **error);
    bool (*undo)(Db *db, int64_t merge_id, int64_t winner, int64_t loser, GError **error);
} Settlement;

/* What all folders handed in; each list is NULL-terminated, its tables end with {NULL}. Borrowed,
 * const for the life of the program (but the contexts of `files`). */
typedef struct PeopleDomains {
    const PersonalTable *const *personal;
    const Settlement *const *settlements;
    const PersonalFile *files; /* ends with {NULL}; may be NULL */
} PeopleDomains;

/* Once, after people_open and before anything is merged, exported or erased. The tables of this
 * folder (people_personal) belong in the list too. */
typedef struct People People;
void people_set_domains(People *people, const PeopleDomains *domains);

/* The personal tables of this folder. */
extern const PersonalTable people_personal[];
