/* bench/stage.h: a shop of bench/history.h inside this process, as the rules' columns see it.
 *
 * People are stored in a store on SQLite (a person each, with a country); events stand in the
 * columns of a Feed only, filled past the database. So a rule that reads events by SQL finds none:
 * whoever asks must look that the answer's engine is the columns. The folder keeps the people, and
 * the columns as a snapshot, for the next time.
 *
 *     g_autoptr(Stage) stage = stage_open(&(StageOptions){"folder", 100000000, 1000000}, &error);
 *     segments_ask(stage->segments, …)
 */
#pragma once
#include "history.h"
#include "segments/feed.h"

typedef struct StageOptions {
    const char *folder; /* made when it is not there */
    uint64_t events;
    uint32_t people;
    bool anew; /* make the columns even if the folder has them */
} StageOptions;

typedef struct Stage {
    StageOptions options;
    History history;
    Store *store;
    People *people;
    Timeline *timeline;
    Feed *feed;
    Segments *segments; /* with the feed */
    bool made;          /* the columns were made now, not read */
    double columns_s;   /* making, resp. reading them */
} Stage;

/* NULL on failure. Thread rule: one thread. */
Stage *stage_open(const StageOptions *options, GError **error);
void stage_free(Stage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Stage, stage_free)

/* The id of a person of the history, and back. */
int64_t stage_stem(uint32_t person);
uint32_t stage_person(int64_t stem);
