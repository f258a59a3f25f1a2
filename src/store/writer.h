/* store/writer.h: the one thread that writes, in groups.
 *
 * Units of work wait in four lanes. The writer takes what waits, runs each unit inside a savepoint
 * of one transaction, commits once for all (the group commit), then tells each unit. A unit that
 * fails is rolled back alone; when the commit fails all of its group are told so. Every lane gets
 * at least one unit a group; acknowledgements get the most time.
 *
 * No unit runs over 5 ms or 2,000 rows: long work is many units. `run` and `done` are called on the
 * writer's thread; units of one lane run in the order of submission.
 *
 *     static bool note_run(Db *db, void *data, GError **error) { … sql_note_insert(db, …) … }
 *     writer_call(store_writer(store), WRITER_REST, note_run, &note, error);
 */
#pragma once
#include "store/db.h"

typedef enum WriterLane {
    WRITER_ACK,      /* what a client waits for */
    WRITER_HANDOVER, /* claims of messages, unsubscribes, denials */
    WRITER_TIMER,    /* what falls due */
    WRITER_REST,     /* imports, jobs, housekeeping */
    WRITER_LANES
} WriterLane;

enum {
    WRITER_UNIT_MS_MAX = 5,
    WRITER_UNIT_ROWS_MAX = 2000,
    WRITER_ATTEMPTS_MAX = 5, /* of a unit that may run again */
};

typedef struct Writer Writer;

/* The work; inside a savepoint, so that returning false undoes exactly this unit. */
typedef bool (*WriterRun)(Db *db, void *data, GError **error);

/* The end: after COMMIT (`error` NULL), or after this unit or its group was rolled back. Whatever
 * `run` changed in memory is put back here when `error` is set. An error whose text says "unknown"
 * came at COMMIT on a lost connection: the unit may have been stored. */
typedef void (*WriterDone)(void *data, const GError *error);

typedef struct WriterUnit {
    WriterLane lane;
    WriterRun run;
    WriterDone done; /* may be NULL */
    void *data;
    bool again;        /* `run` may be called again after a rollback without `done` between: it
                          changes nothing but the database. Then deadlocks, serialization failures
                          and lost connections are retried here */
    const char *place; /* G_STRLOC of the submitter, for slow units */
} WriterUnit;

/* Queues a unit and returns at once. Thread safe; also from `run` and `done`. After
 * writer_stop has begun, `done` gets KITH_ERROR_UNAVAILABLE. */
void writer_submit_unit(Writer *writer, const WriterUnit *unit);

#define writer_submit(writer_, lane_, run_, done_, data_)                                          \
    writer_submit_unit(                                                                            \
        (writer_),                                                                                 \
        &(const WriterUnit){                                                                       \
            .lane = (lane_), .run = (run_), .done = (done_), .data = (data_), .place = G_STRLOC})

/* Runs a unit and waits for its commit. Never from the writer's thread (asserted). */
bool writer_call_unit(Writer *writer, const WriterUnit *unit, GError **error);

#define writer_call(writer_, lane_, run_, data_, error_)                                           \
    writer_call_unit(                                                                              \
        (writer_),                                                                                 \
        &(const WriterUnit){.lane = (lane_), .run = (run_), .data = (data_), .place = G_STRLOC},   \
        (error_))

/* For memory that mirrors the database and is changed by units of many owners (the maps of people/,
 * the heads of columns/): tells when what a unit changed has to be put back, at once, before the
 * next unit runs. All on the writer's thread; `group_*` come before the units' `done`. */
typedef struct WriterWatch {
    void (*unit_begin)(void *data);
    void (*unit_undo)(void *data);    /* rolled back to where it began; others of the group stand */
    void (*group_commit)(void *data); /* all units that were not undone are stored */
    void (*group_undo)(void *data);   /* all of the group is rolled back (it may run again) */
    void *data;
    /* May be NULL. A statement that writes was run (or waits to be, with others of its kind) in
     * the unit at hand: for copies of rows, so that no writer of a table can forget to tell. */
    void (*written)(void *data, const DbStatement *statement, const DbValue *values);
} WriterWatch;

enum { WRITER_WATCHES_MAX = 8 };

/* Adds a watch (copied) or removes the one with this `data`, between two groups. Never from the
 * writer's thread. Fails when the writer is being stopped or has no connection. */
bool writer_watch(Writer *writer, const WriterWatch *watch, GError **error);
void writer_unwatch(Writer *writer, void *data);

/* Whether this is the writer's thread. */
bool writer_is_current(const Writer *writer);

/* Units that wait in all lanes, and the age of the oldest in ms; no locks. */
int64_t writer_depth(const Writer *writer);
int64_t writer_age_ms(const Writer *writer);
