/* timeline/import_private.h: the inside of `Imports`, for the import_*.c files of this folder. */
#pragma once
#include "timeline/import.h"
#include "timeline/import_run.h"

struct Imports {
    ImportParts parts;
    GMutex lock;             /* of all below */
    GThread *thread;         /* runs `run`, when imports_start was used */
    ImportRun *run;          /* NULL = nothing runs */
    ImportProgress progress; /* of run */
    bool closing;
};

/* A row of `import`, owned. */
typedef struct ImportRecord {
    int64_t import_id, source_id, shop_id;
    ImportKind kind;
    ImportFormat format;
    char *file_name, *file_path, *error, *counts;
    int64_t file_bytes, position, line, created_at;
    DbInt started_at, ended_at;
    json_t *mapping, *assumed;
    char state[16];
} ImportRecord;

void import_record_clear(ImportRecord *record);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportRecord, import_record_clear)

/* Errors: NOT_FOUND. */
bool import_record_load(Imports *imports, int64_t import_id, ImportRecord *ret_record,
                        GError **error);

/* The plan that the row describes. */
ImportPlan *import_record_plan(Imports *imports, const ImportRecord *record, GError **error);

/* Whether a file lies in DATA/imports, so that it is ours to remove. */
bool import_file_is_ours(Imports *imports, const char *path);

/* "x/orders.csv" -> "x/orders.rejected.csv". The caller frees. */
char *import_rejected_name(const char *path);
