/* store/stage.h: a stage after the acknowledgement: its durable position, and the item it is on.
 *
 * Stages (columns, segments, journeys …) read the events in order of id, each from its own
 * position. The item at hand is noted in a small mapped file, which outlives the process but costs
 * no write to the database. When the process dies on the same item twice, the item is parked with a
 * reason, shown under "needs attention", and the stage goes on without it.
 *
 *     Stage *stage = stage_open(store, "columns", error);
 *     for each event above stage_position(stage):
 *         if (!stage_begin(stage, event_id)) continue;     // parked
 *         … work …
 *         stage_end(stage);
 *     stage_save(stage, db, last_id, error);               // in a unit of the writer
 *
 * A stage belongs to one thread; stage_save may run on the writer's.
 */
#pragma once
#include "store/store.h"

enum { STAGE_DEATHS_MAX = 2, STAGE_NAME_MAX = 40 };

typedef struct Stage Stage;

/* Opens a stage: reads its position (0 at first), parks the item that the process died on twice.
 * `name`: a-z and '-', at most STAGE_NAME_MAX. Not from the writer's thread. */
Stage *stage_open(Store *store, const char *name, GError **error);
void stage_free(Stage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stage, stage_free)

/* Highest item done, as last saved. */
int64_t stage_position(const Stage *stage);

/* Notes that the work on an item (> 0) begins; false: it is parked, skip it. About 10 ns. */
bool stage_begin(Stage *stage, int64_t item);
void stage_end(Stage *stage);

/* Saves the position in the caller's transaction. */
bool stage_save(Stage *stage, Db *db, int64_t position, GError **error);

/* Parks an item that cannot be worked on, in the caller's transaction. The reason holds no
 * personal data. */
bool stage_park(Stage *stage, Db *db, int64_t item, const char *reason, GError **error);

/* The next item that somebody wants tried again (attention_settle); 0 = none. */
int64_t stage_retry_next(Stage *stage);
