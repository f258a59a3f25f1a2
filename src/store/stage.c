#include "store/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/ids.h"
#include "store/store_private.h"
#include "store/store_sql.h"

/* The mapped file: written by plain stores, kept by the kernel when the process dies. */
typedef struct Trail {
    volatile int64_t item;    /* at hand; 0 = between items */
    volatile int64_t suspect; /* on which the process died last */
    volatile int64_t deaths;  /* on that one, in a row */
} Trail;

struct Stage {
    Store *store;
    char *name;
    Trail *trail;
    int64_t position;
    GMutex mutex;       /* guards `parked` */
    GHashTable *parked; /* items, boxed */
};

static bool trail_open(Stage *stage, GError **error)
{
    g_autofree char *dir = folder_file(&stage->store->folder, "stages");
    g_autofree char *path = g_build_filename(dir, stage->name, NULL);
    g_mkdir(dir, 0700);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool done = file >= 0 && ftruncate(file, sizeof(Trail)) == 0;
    void *at =
        done ? mmap(NULL, sizeof(Trail), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
    int code = errno;
    if (file >= 0) close(file);
    if (at == MAP_FAILED)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not open %s: %s", path, g_strerror(code));
    stage->trail = at;
    return true;
}

static void parked_note(Stage *stage, int64_t item)
{
    g_mutex_lock(&stage->mutex);
    g_hash_table_add(stage->parked, g_memdup2(&item, sizeof item));
    g_mutex_unlock(&stage->mutex);
}

static bool parked_load(Stage *stage, Db *db, GError **error)
{
    ParkedOfStageParams params = {stage->name};
    ParkedOfStageRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_parked_of_stage_open(db, &params, &cursor, error)) return false;
    while (sql_parked_of_stage_next(&cursor, &row))
        parked_note(stage, row.item);
    return db_cursor_finish(&cursor, error);
}

static bool state_load(Stage *stage, GError **error)
{
    StageFindParams params = {store_node(stage->store), stage->name};
    StageFindRow row;
    bool found = false;
    Db *db = store_reader_begin(stage->store, error);
    if (!db) return false;
    bool done = sql_stage_find(db, &params, &row, &found, error);
    if (done && found) stage->position = row.position;
    done = done && parked_load(stage, db, error);
    store_reader_end(stage->store, db);
    return done;
}

bool stage_park(Stage *stage, Db *db, int64_t item, const char *reason, GError **error)
{
    ParkedAddParams params = {store_id_next(stage->store), stage->name, item, reason,
                              clock_now_ms()};
    if (!sql_parked_add(db, &params, NULL, error)) return false;
    parked_note(stage, item);
    return true;
}

static bool died_unit(Db *db, void *data, GError **error)
{
    Stage *stage = data;
    return stage_park(stage, db, stage->trail->suspect, "the process died twice on this item",
                      error);
}

/* Looks at what the last process was on when it ended. */
static bool trail_judge(Stage *stage, GError **error)
{
    Trail *trail = stage->trail;
    if (trail->item == 0) return true;
    trail->deaths = trail->item == trail->suspect ? trail->deaths + 1 : 1;
    trail->suspect = trail->item;
    trail->item = 0;
    if (trail->deaths < STAGE_DEATHS_MAX) return true;
    if (!writer_call(store_writer(stage->store), WRITER_REST, died_unit, stage, error)) {
        trail->item = trail->suspect; /* judged again at the next start */
        trail->deaths--;
        return false;
    }
    trail->suspect = trail->deaths = 0;
    return true;
}

Stage *stage_open(Store *store, const char *name, GError **error)
{
    g_assert(name[0] && strlen(name) <= STAGE_NAME_MAX);
    Stage *stage = g_new0(Stage, 1);
    stage->store = store;
    stage->name = g_strdup(name);
    stage->parked = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    g_mutex_init(&stage->mutex);
    if (trail_open(stage, error) && state_load(stage, error) && trail_judge(stage, error))
        return stage;
    stage_free(stage);
    return NULL;
}

void stage_free(Stage *stage)
{
    if (!stage) return;
    if (stage->trail) munmap(stage->trail, sizeof(Trail));
    g_hash_table_destroy(stage->parked);
    g_mutex_clear(&stage->mutex);
    g_free(stage->name);
    g_free(stage);
}

int64_t stage_position(const Stage *stage) { return stage->position; }

bool stage_begin(Stage *stage, int64_t item)
{
    g_assert(item > 0);
    if (G_UNLIKELY(g_hash_table_size(stage->parked) > 0)) {
        g_mutex_lock(&stage->mutex);
        bool parked = g_hash_table_contains(stage->parked, &item);
        g_mutex_unlock(&stage->mutex);
        if (parked) return false;
    }
    stage->trail->item = item;
    return true;
}

void stage_end(Stage *stage)
{
    if (stage->trail->item == stage->trail->suspect)
        stage->trail->suspect = stage->trail->deaths = 0;
    stage->trail->item = 0;
}

bool stage_save(Stage *stage, Db *db, int64_t position, GError **error)
{
    int64_t suspect = stage->trail->suspect;
    StageSaveParams params = {
        .node_id = store_node(stage->store),
        .name = stage->name,
        .position = position,
        .item = {suspect != 0, suspect},
        .deaths = stage->trail->deaths,
        .changed_at = clock_now_ms(),
    };
    if (!sql_stage_save(db, &params, NULL, error)) return false;
    stage->position = position;
    return true;
}

int64_t stage_retry_next(Stage *stage)
{
    Store *store = stage->store;
    int64_t item = 0;
    g_mutex_lock(&store->retry_mutex);
    for (guint i = 0; i < store->retries->len && !item; i++) {
        const Retry *retry = &g_array_index(store->retries, Retry, i);
        if (strcmp(retry->stage, stage->name) != 0) continue;
        item = retry->item;
        g_array_remove_index(store->retries, i);
    }
    g_mutex_unlock(&store->retry_mutex);
    if (!item) return 0;
    g_mutex_lock(&stage->mutex);
    g_hash_table_remove(stage->parked, &item);
    g_mutex_unlock(&stage->mutex);
    return item;
}
