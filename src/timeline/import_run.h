/* timeline/import_run.h: private to the import: one run over one file.
 *
 * The import's thread reads, parses and groups; the writer's thread writes batches in order. A
 * batch that fails makes all later ones fail, so that the stored place never passes what is lost.
 */
#pragma once
#include "base/keyhash.h"
#include "timeline/import.h"
#include "timeline/import_group.h"

enum {
    IMPORT_BATCH_ROWS = 1200,  /* order lines and orders of one unit of the writer */
    IMPORT_BATCHES_MAX = 4,    /* waiting for the writer */
    IMPORT_SEEN_MAX = 1000000, /* traits remembered as written */
};

typedef struct ImportCounts {
    int64_t rows, orders, refunds, customers, items, unchanged, updated, no_value, nobody, rejected;
    int64_t rejected_bytes; /* length of the rejected file */
} ImportCounts;

typedef struct ImportRun {
    const ImportParts *parts;
    const ImportPlan *plan;
    int64_t import_id, source_id, shop_id;
    char *path, *rejected_path;
    int64_t position, line; /* where to begin */
    ImportCounts counts;    /* as stored when it began */
    /* of the reading thread */
    ImportGroup *group;
    CsvReader *csv;
    FILE *rejected;
    ImportCounts read; /* rows, nobody, rejected, rejected_bytes so far */
    /* of the writer's thread */
    ImportCounts written; /* sums of all batches */
    KeyMap *seen;         /* traits and identities written by this run */
    uint8_t seen_key[KEYHASH_KEY_SIZE];
    bool failed;
    /* between them, under the lock */
    GMutex lock;
    GCond changed;
    int in_flight;
    GError *failure;
    GPtrArray *refused; /* of Refused: rows the writer's side could not take */
    ImportCounts committed;
    gint stop; /* atomic */
    ImportShow show;
    void *show_context;
    int64_t started_us, shown_us, started_bytes, started_rows;
    ImportProgress *progress; /* shared with imports_json, under progress_lock */
    GMutex *progress_lock;
} ImportRun;

/* Reads the whole file. Errors as imports_run; CONFLICT when it was asked to stop. */
bool import_run_file(ImportRun *run, GError **error);

/* Writer's thread: writes one item and adds to the counts (import_write.c). */
bool import_item_write(ImportRun *run, Db *db, const ImportItem *item, ImportCounts *counts,
                       GError **error);

/* {"rows": …}; and back. */
json_t *import_counts_json(const ImportCounts *counts);
ImportCounts import_counts_load(const char *text);
