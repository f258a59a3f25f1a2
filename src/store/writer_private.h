/* store/writer_private.h: what the store itself asks of its writer. */
#pragma once
#include "store/metrics.h"
#include "store/writer.h"

typedef struct WriterOptions {
    Db *(*open)(void *data, GError **error); /* opens (again) the writing connection */
    /* Called inside each group before its COMMIT; may be NULL. */
    bool (*before_commit)(Db *db, void *data, GError **error);
    void (*after_commit)(void *data, bool done); /* may be NULL */
    void *data;
    Db *db; /* already open; the writer owns it */
    StoreMetrics *metrics;
} WriterOptions;

Writer *writer_new(const WriterOptions *options);

/* Runs what waits, then ends the thread and closes the connection. */
void writer_stop(Writer *writer);
void writer_free(Writer *writer);

/* Holds the writer between two groups; units wait meanwhile. Not nested: one `let` ends all. `ask`
 * does not wait until it is held, and may come from the writer's own thread. */
void writer_hold_ask(Writer *writer);
void writer_hold(Writer *writer);
void writer_let(Writer *writer);

/* Runs `run` on the writer's thread between two groups, outside any transaction, and waits. */
bool writer_between(Writer *writer, WriterRun run, void *data, GError **error);
