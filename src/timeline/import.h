/* timeline/import.h: a file of a shop comes in: orders, customers, products, events, rates.
 *
 * One import = one file = one row of `import`. The command line and the server use the same calls;
 * at most one import runs at a time in a process.
 *
 *   uploaded ──plan──► ready ──start──► running ──► done
 *      ▲ change ──────────┘               └──► stopped | failed ──start──► running (goes on)
 *
 * Promises
 *   - constant memory, whatever the file (import_group.h);
 *   - the same file twice changes nothing; duplicate lines inside one file are kept;
 *   - killed at any moment it goes on where it was: the place to resume from is stored in the same
 *     transaction as the rows before it;
 *   - a row that cannot be read stops nothing: it goes to the rejected file with line and reason;
 *   - nothing is triggered: events bear EVENT_IMPORTED.
 *
 *     ImportFile file = {.name = "orders.csv", .path = path, .options = &options};
 *     if (!imports_add(imports, &file, &import_id, error)) return false;
 *     if (!imports_run(imports, import_id, show_progress, NULL, error)) return false;
 *
 * Threads: all calls from any thread but the writer's.
 */
#pragma once
#include "people/personal.h"
#include "timeline/import_plan.h"
#include "timeline/orders.h"
#include "timeline/timeline.h"

typedef struct Imports Imports;

typedef struct ImportParts {
    Store *store;
    People *people;
    Timeline *timeline;
    Orders *orders;
} ImportParts;

/* All parts must outlive the result. */
Imports *imports_new(const ImportParts *parts);

/* Stops a running import (it goes on at imports_resume) and waits for it. */
void imports_free(Imports *imports);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Imports, imports_free)

typedef struct ImportFile {
    const char *name;             /* as people know it */
    const char *path;             /* must stay until the import is done */
    const ImportOptions *options; /* what is fixed; the rest is guessed */
    bool again;                   /* go on with an unfinished import of the same content */
} ImportFile;

/* Notes a file and plans it. A file that cannot be planned yet (unknown columns) is noted as
 * `uploaded` with its error. Errors: file problems as csv_sniff_file, database. */
bool imports_add(Imports *imports, const ImportFile *file, int64_t *ret_import_id, GError **error);

/* Plans anew with other options. Errors: NOT_FOUND, CONFLICT (running or done), INVALID. */
bool imports_change(Imports *imports, int64_t import_id, const ImportOptions *options,
                    GError **error);

typedef struct ImportProgress {
    int64_t bytes_total, bytes_done;
    int64_t rows;         /* records read, without the header */
    int64_t orders;       /* orders that were new */
    int64_t refunds;      /* refunds that were new */
    int64_t customers;    /* people that were new */
    int64_t items;        /* new or changed products, events, rates; customers with news */
    int64_t unchanged;    /* orders and others that said nothing new */
    int64_t updated;      /* orders known before that changed */
    int64_t no_value;     /* orders with nothing of positive value: not orders */
    int64_t nobody;       /* order lines without a known customer */
    int64_t rejected;     /* rows that cannot be read */
    int64_t rate;         /* rows a second; 0 when unknown or over */
    int64_t seconds_left; /* -1 = unknown */
} ImportProgress;

/* Called from the import's thread about four times a second, at least every 4,096 rows, and at the
 * end. False stops. */
typedef bool (*ImportShow)(void *context, const ImportProgress *progress);

/* Runs an import to its end in this thread. Errors: INVALID (what import_plan_check says), CONFLICT
 * (another one runs; done before; stopped), the file's and the database's. */
bool imports_run(Imports *imports, int64_t import_id, ImportShow show, void *context,
                 GError **error);

/* Runs it in a thread of its own. Errors as far as they show at once. */
bool imports_start(Imports *imports, int64_t import_id, GError **error);

/* Asks the running import to stop; it is `stopped` soon. NOT_FOUND when it does not run. */
bool imports_stop(Imports *imports, int64_t import_id, GError **error);

/* Starts what was running when the process ended; called once after the start. */
bool imports_resume(Imports *imports, GError **error);

/* Removes the note and, inside the data folder, the file. What was imported stays. CONFLICT while
 * it runs. */
bool imports_delete(Imports *imports, int64_t import_id, GError **error);

/* Everything the Import page shows (DESIGN: GET /api/imports/{id}). New reference, NULL on error.
 */
json_t *imports_json(Imports *imports, int64_t import_id, GError **error);

/* All imports, newest first, without columns and preview. */
json_t *imports_list_json(Imports *imports, GError **error);

/* Path of the rejected rows; the caller frees. Empty file = none. */
char *imports_rejected_path(Imports *imports, int64_t import_id, GError **error);

/* A plan as imports_add would make it, nothing stored: with the business's currency and zone, and
 * the mapping kept for this header. */
ImportPlan *imports_plan(Imports *imports, const char *path, const ImportOptions *options,
                         GError **error);

/* What the first orders of a planned file would become: [{line, order_key, at, person, total,
 * lines, problem}]. New reference. */
json_t *import_preview(const ImportPlan *plan, const char *path);

/* Uploads and rejected rows hold personal data, so they do not stay: an upload goes when its import
 * is done and after 7 days at the latest, rejected rows after 24 hours or (`all_rejected`) now.
 * Only files inside the data folder; those of the command line are their owner's. Hourly. */
void imports_tidy(Imports *imports, bool all_rejected);

/* For erasure (people/personal.h): removes all rejected rows in the data folder. */
PersonalFile imports_personal_file(Imports *imports);

Store *imports_store(const Imports *imports);
