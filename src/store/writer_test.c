/* The writer: units alone or together, lanes, failures, retries, hold. */
#include "store/writer_private.h"

#include "base/clock.h"
#include "store/db_driver.h"
#include "store/fault.h"
#include "store/store_private.h"
#include "store/testdb.h"

#define COUNT "SELECT COUNT(*) FROM setting WHERE name LIKE 't.%'"

static const DbStatement put = {
    .name = "put",
    .place = "test",
    .kind = DB_EXEC,
    .params = "t",
    .names = "name",
    .columns = "",
    .writes = "setting",
    .sql = {"INSERT INTO setting VALUES (?1, 'v', 0)", "INSERT INTO setting VALUES ($1, 'v', 0)"}};

/* Shared by the units of one test. */
typedef struct Trace {
    GMutex mutex;
    GCond cond;
    GString *order; /* a letter per finished unit, capital = failed */
    guint finished;
} Trace;

typedef struct Step {
    Trace *trace;
    char name[16]; /* row 't.NAME'; a second unit of the same name fails */
    char letter;
    bool fails;
} Step;

static bool step_run(Db *db, void *data, GError **error)
{
    const Step *step = data;
    g_autofree char *name = g_strdup_printf("t.%s", step->name);
    DbValue value = db_value_text(name);
    if (!db_exec(db, &put, &value, NULL, error)) return false;
    return !step->fails || fail(error, KITH_ERROR_INVALID, "planned");
}

static void step_done(void *data, const GError *error)
{
    const Step *step = data;
    g_mutex_lock(&step->trace->mutex);
    g_string_append_c(step->trace->order, error ? g_ascii_toupper(step->letter) : step->letter);
    step->trace->finished++;
    g_cond_broadcast(&step->trace->cond);
    g_mutex_unlock(&step->trace->mutex);
}

static void trace_wait(Trace *trace, guint finished)
{
    g_mutex_lock(&trace->mutex);
    while (trace->finished < finished)
        g_cond_wait(&trace->cond, &trace->mutex);
    g_mutex_unlock(&trace->mutex);
}

/* Until the keeper's own units of the start are through. */
static void keeper_wait(TestStore *test)
{
    while (store_metric_get(&store_metrics(test->store)->disk_data_bytes) == 0)
        g_usleep(1000);
}

/* Units that wait while the writer is held share one group; one that fails takes nothing along. */
static void units_fail_alone(TestStore *test)
{
    Trace trace = {.order = g_string_new(NULL)};
    Step steps[] = {{&trace, "1", 'a', false},
                    {&trace, "2", 'b', true},
                    {&trace, "3", 'c', false},
                    {&trace, "1", 'd', false},
                    {&trace, "4", 'e', false}};
    Writer *writer = store_writer(test->store);
    keeper_wait(test);
    int64_t groups = store_metric_get(&store_metrics(test->store)->groups);
    writer_hold(writer);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        writer_submit(writer, WRITER_ACK, step_run, step_done, &steps[i]);
    g_assert_cmpint(writer_depth(writer), >=, G_N_ELEMENTS(steps));
    writer_let(writer);
    trace_wait(&trace, G_N_ELEMENTS(steps));
    g_assert_cmpstr(trace.order->str, ==, "aBcDe");
    g_assert_cmpint(test_store_number(test, COUNT), ==, 3);
    g_assert_cmpint(store_metric_get(&store_metrics(test->store)->groups) - groups, <,
                    5); /* the keeper may come between */
    g_string_free(trace.order, TRUE);
}

static void nothing_noted(void *data) { (void)data; }
static void undo_noted(void *data) { g_string_append_c(data, 'u'); }

static void put_noted(void *data, const DbStatement *statement, const DbValue *values)
{
    if (statement == &put) g_string_append_c(data, *((const char *)values[0].bytes.data + 2));
}

/* A watch hears of each row that is written, and of what is undone. */
static void writes_are_told(TestStore *test)
{
    Trace trace = {.order = g_string_new(NULL)};
    g_autoptr(GString) noted = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    WriterWatch watch = {.unit_begin = nothing_noted,
                         .unit_undo = undo_noted,
                         .group_commit = nothing_noted,
                         .group_undo = nothing_noted,
                         .data = noted,
                         .written = put_noted};
    Step steps[] = {{&trace, "1", 'a', false}, {&trace, "2", 'b', true}, {&trace, "3", 'c', false}};
    Writer *writer = store_writer(test->store);
    writer_watch(writer, &watch, &error);
    g_assert_no_error(error);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++)
        writer_submit(writer, WRITER_ACK, step_run, step_done, &steps[i]);
    trace_wait(&trace, G_N_ELEMENTS(steps));
    writer_unwatch(writer, noted);
    g_assert_cmpstr(noted->str, ==, "12u3");
    g_string_free(trace.order, TRUE);
}

/* Every lane gets its turn in one group, acknowledgements first. */
static void lanes_take_turns(TestStore *test)
{
    Trace trace = {.order = g_string_new(NULL)};
    Step rest = {&trace, "r", 'r', false}, timer = {&trace, "t", 't', false};
    Step hand = {&trace, "h", 'h', false}, ack = {&trace, "a", 'a', false};
    Writer *writer = store_writer(test->store);
    keeper_wait(test);
    writer_hold(writer);
    writer_submit(writer, WRITER_REST, step_run, step_done, &rest);
    writer_submit(writer, WRITER_TIMER, step_run, step_done, &timer);
    writer_submit(writer, WRITER_HANDOVER, step_run, step_done, &hand);
    writer_submit(writer, WRITER_ACK, step_run, step_done, &ack);
    writer_let(writer);
    trace_wait(&trace, 4);
    g_assert_cmpstr(trace.order->str, ==, "ahtr");
    g_string_free(trace.order, TRUE);
}

static bool count_run(Db *db G_GNUC_UNUSED, void *data, GError **error G_GNUC_UNUSED)
{
    ++*(int *)data;
    return true;
}

enum { FLOOD = 1000, FLOOD_US = 100 }; /* together far longer than a group may take */

typedef struct Flood {
    gint acks;        /* atomic: acknowledgements so far */
    gint acks_before; /* atomic: as many when the last lane had its turn; -1 = not yet */
} Flood;

static bool flood_run(Db *db G_GNUC_UNUSED, void *data, GError **error G_GNUC_UNUSED)
{
    g_atomic_int_inc(&((Flood *)data)->acks);
    g_usleep(FLOOD_US);
    return true;
}

static bool flood_rest_run(Db *db G_GNUC_UNUSED, void *data, GError **error G_GNUC_UNUSED)
{
    Flood *flood = data;
    g_atomic_int_set(&flood->acks_before, g_atomic_int_get(&flood->acks));
    return true;
}

/* A flood of acknowledgements does not keep the last lane from its turn. */
static void no_lane_starves(TestStore *test)
{
    Flood flood = {0, -1};
    Writer *writer = store_writer(test->store);
    writer_hold(writer);
    for (int i = 0; i < FLOOD; i++)
        writer_submit(writer, WRITER_ACK, flood_run, NULL, &flood);
    writer_submit(writer, WRITER_REST, flood_rest_run, NULL, &flood);
    writer_let(writer);
    while (g_atomic_int_get(&flood.acks) < FLOOD || g_atomic_int_get(&flood.acks_before) < 0)
        g_usleep(1000);
    g_test_message("%d of %d acknowledgements were before it", flood.acks_before, FLOOD);
    g_assert_cmpint(flood.acks_before, <, FLOOD);
}

/* Every call to the database fails in turn: each unit is told the truth, and nothing is half-done.
 */
static void faults(TestStore *test)
{
    Writer *writer = store_writer(test->store);
    int64_t stored = 0, calls = 0;
    for (int64_t nth = 1;; nth++) {
        Trace trace = {.order = g_string_new(NULL)};
        Step steps[3];
        writer_hold(writer);
        for (int i = 0; i < 3; i++) {
            steps[i] = (Step){&trace, "", (char)('a' + i), false};
            g_snprintf(steps[i].name, sizeof steps[i].name, "%d-%d", (int)nth, i);
            writer_submit(writer, WRITER_ACK, step_run, step_done, &steps[i]);
        }
        store_fault_at(nth);
        writer_let(writer);
        trace_wait(&trace, 3);
        bool hit = store_fault_hit();
        store_fault_at(0);
        for (const char *at = trace.order->str; *at; at++)
            stored += g_ascii_islower(*at) != 0;
        g_string_free(trace.order, TRUE);
        g_assert_cmpint(test_store_number(test, COUNT), ==, stored);
        if (!hit) break;
        calls = nth;
    }
    g_test_message("%d calls failed one after the other", (int)calls);
    g_assert_cmpint(calls, >=, 8);
}

/* A disk that stays full: all are told so; when there is room again, writing goes on. */
static void recovers_when_there_is_room(TestStore *test)
{
    Trace trace = {.order = g_string_new(NULL)};
    Step full = {&trace, "full", 'f', false}, free_again = {&trace, "free", 'g', false};
    Writer *writer = store_writer(test->store);
    store_fault_from(1);
    writer_submit(writer, WRITER_ACK, step_run, step_done, &full);
    trace_wait(&trace, 1);
    store_fault_at(0);
    writer_submit(writer, WRITER_ACK, step_run, step_done, &free_again);
    trace_wait(&trace, 2);
    g_assert_cmpstr(trace.order->str, ==, "Fg");
    g_assert_cmpint(test_store_number(test, COUNT), ==, 1);
    g_string_free(trace.order, TRUE);
}

/* What was submitted before the end is still written. */
static void close_writes_what_waits(TestStore *test)
{
    Trace trace = {.order = g_string_new(NULL)};
    Step steps[100];
    Writer *writer = store_writer(test->store);
    for (int i = 0; i < 100; i++) {
        steps[i] = (Step){&trace, "", 'a', false};
        g_snprintf(steps[i].name, sizeof steps[i].name, "c%d", i);
        writer_submit(writer, WRITER_REST, step_run, step_done, &steps[i]);
    }
    test_store_close(test);
    g_assert_cmpuint(trace.finished, ==, 100);
    g_assert_cmpint(test_store_number(test, COUNT), ==, 100);
    g_string_free(trace.order, TRUE);
}

/* ---- PostgreSQL's own troubles ---- */

#define KILL_WRITERS                                                                               \
    "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "               \
    "current_database() AND pid <> pg_backend_pid()"

typedef struct Killer {
    TestStore *test;
    int runs;
} Killer;

/* Loses its connection in the middle of its first run. */
static bool killed_run(Db *db, void *data, GError **error)
{
    Killer *killer = data;
    g_autofree char *name = g_strdup_printf("t.k%d", killer->runs);
    DbValue value = db_value_text(name);
    if (!db_exec(db, &put, &value, NULL, error)) return false;
    if (killer->runs++ == 0) g_free(test_store_sql(killer->test, KILL_WRITERS));
    value = db_value_text("t.end");
    return db_exec(db, &put, &value, &(int64_t){0}, error);
}

static void gone_in_the_middle(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    Killer killer = {test, 0};
    Writer *writer = store_writer(test->store);
    g_assert_false(writer_call(writer, WRITER_ACK, killed_run, &killer, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_UNAVAILABLE);
    g_test_message("%s", error->message);
    g_assert_nonnull(strstr(error->message, "PostgreSQL"));
    g_assert_cmpint(test_store_number(test, COUNT), ==, 0);
    /* The next unit finds a new connection. */
    g_clear_error(&error);
    g_assert_true(writer_call(writer, WRITER_ACK, killed_run, &killer, &error));
    g_assert_cmpint(test_store_number(test, COUNT), ==, 2);
}

static void gone_between_groups(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    int count = 0;
    while (test_store_number(test, KILL_WRITERS) > 0) /* until they are really gone */
        g_usleep(5000);
    writer_call(store_writer(test->store), WRITER_ACK, count_run, &count, &error);
    g_assert_no_error(error);
    Db *db = store_reader_begin(test->store, &error);
    g_assert_no_error(error);
    store_reader_end(test->store, db);
}

static void again_after_the_loss(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    Killer killer = {test, 0};
    WriterUnit unit = {.lane = WRITER_ACK, .run = killed_run, .data = &killer, .again = true};
    g_assert_true(writer_call_unit(store_writer(test->store), &unit, &error));
    g_assert_no_error(error);
    g_assert_cmpint(killer.runs, ==, 2);
    g_assert_cmpint(test_store_number(test, COUNT), ==, 2);
    g_assert_cmpint(store_metric_get(&store_metrics(test->store)->units_retried), ==, 1);
}

/* PostgreSQL ends the connection while it commits: nobody can say whether it was stored, and Kith
 * says just that; it is not run again by itself. */
static void unknown_at_commit(TestStore *test)
{
    static const char *const traps[] = {
        "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON setting DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW WHEN (NEW.name LIKE 't.trap%') EXECUTE FUNCTION trap()",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(traps); i++)
        g_free(test_store_sql(test, traps[i]));
    g_autoptr(GError) error = NULL;
    Trace trace = {0};
    Step step = {&trace, "trap", 't', false}, next = {&trace, "next", 'n', false};
    WriterUnit unit = {.lane = WRITER_ACK, .run = step_run, .data = &step, .again = true};
    g_assert_false(writer_call_unit(store_writer(test->store), &unit, &error));
    g_test_message("%s", error->message);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_UNAVAILABLE);
    g_assert_nonnull(strstr(error->message, "unknown whether it was stored"));
    g_assert_cmpint(store_metric_get(&store_metrics(test->store)->units_retried), ==, 0);
    g_clear_error(&error);
    unit.data = &next;
    g_assert_true(writer_call_unit(store_writer(test->store), &unit, &error));
    g_assert_cmpint(test_store_number(test, COUNT), ==, 1);
}

/* Two processes that lock two rows in opposite order: one is chosen by PostgreSQL and run again. */
typedef struct Crossing {
    const char *first, *second;
    GMutex *mutex;
    GCond *cond;
    int *arrived;
    int runs;
} Crossing;

static bool row_touch(Db *db, const char *name, GError **error)
{
    static const DbStatement touch = {
        .name = "touch",
        .place = "test",
        .kind = DB_EXEC,
        .params = "t",
        .columns = "",
        .sql = {"UPDATE setting SET changed_at = changed_at + 1 WHERE name = ?1",
                "UPDATE setting SET changed_at = changed_at + 1 WHERE name = $1"}};
    DbValue value = db_value_text(name);
    return db_exec(db, &touch, &value, &(int64_t){0}, error);
}

static bool crossing_run(Db *db, void *data, GError **error)
{
    Crossing *crossing = data;
    crossing->runs++;
    if (!row_touch(db, crossing->first, error)) return false;
    g_mutex_lock(crossing->mutex);
    ++*crossing->arrived;
    g_cond_broadcast(crossing->cond);
    while (*crossing->arrived < 2)
        g_cond_wait(crossing->cond, crossing->mutex);
    g_mutex_unlock(crossing->mutex);
    return row_touch(db, crossing->second, error);
}

typedef struct Caller {
    Store *store;
    Crossing crossing;
    GError *error;
} Caller;

static void *caller_main(void *data)
{
    Caller *caller = data;
    WriterUnit unit = {
        .lane = WRITER_ACK, .run = crossing_run, .data = &caller->crossing, .again = true};
    writer_call_unit(store_writer(caller->store), &unit, &caller->error);
    return NULL;
}

static void deadlock_is_run_again(TestStore *test)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("kith-second-XXXXXX", NULL);
    StoreOptions options = {.data_dir = dir, .database = test->database, .shared = true};
    Store *second = store_open(&options, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(store_node(second), !=, store_node(test->store));
    GMutex mutex = {0};
    GCond cond = {0};
    int arrived = 0;
    Caller callers[2] = {{test->store, {"t.x", "t.y", &mutex, &cond, &arrived, 0}, NULL},
                         {second, {"t.y", "t.x", &mutex, &cond, &arrived, 0}, NULL}};
    for (int i = 0; i < 2; i++) {
        g_autofree char *sql =
            g_strdup_printf("INSERT INTO setting VALUES ('t.%c', '', 0)", 'x' + i);
        g_free(test_store_sql(test, sql));
    }
    GThread *threads[2];
    for (int i = 0; i < 2; i++)
        threads[i] = g_thread_new("caller", caller_main, &callers[i]);
    for (int i = 0; i < 2; i++) {
        g_thread_join(threads[i]);
        g_assert_no_error(callers[i].error);
    }
    g_assert_cmpint(callers[0].crossing.runs + callers[1].crossing.runs, >=, 3);
    g_assert_cmpint(test_store_number(test, "SELECT CAST(SUM(changed_at) AS BIGINT) FROM setting "
                                            "WHERE name LIKE 't.%'"),
                    ==, 4);
    store_close(second);
    test_dir_remove(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/store/writer/units-fail-alone", units_fail_alone);
    test_store_add("/store/writer/writes", writes_are_told);
    test_store_add("/store/writer/lanes-take-turns", lanes_take_turns);
    test_store_add("/store/writer/no-lane-starves", no_lane_starves);
    test_store_add("/store/writer/faults", faults);
    test_store_add("/store/writer/recovers", recovers_when_there_is_room);
    test_store_add("/store/writer/close", close_writes_what_waits);
    test_store_add_on(DB_POSTGRES, "/store/writer/gone-in-the-middle", gone_in_the_middle);
    test_store_add_on(DB_POSTGRES, "/store/writer/gone-between", gone_between_groups);
    test_store_add_on(DB_POSTGRES, "/store/writer/again", again_after_the_loss);
    test_store_add_on(DB_POSTGRES, "/store/writer/unknown", unknown_at_commit);
    test_store_add_on(DB_POSTGRES, "/store/writer/deadlock", deadlock_is_run_again);
    return g_test_run();
}
