#include "stage.h"

#include "base/error.h"
#include "people/summary.h"
#include "people/summary_sql.h"
#include "segments/feed_private.h"
#include "timeline/names.h"

enum { UNIT_PEOPLE = 2000, BATCH = 8192 };

int64_t stage_stem(uint32_t person) { return ((int64_t)person + 1) * 28672 + 4096; }
uint32_t stage_person(int64_t stem) { return (uint32_t)((stem - 4096) / 28672 - 1); }

static double now_s(void) { return (double)g_get_monotonic_time() / 1e6; }

/* ---- people ---- */

typedef struct Span {
    uint32_t from, to;
} Span;

static bool people_put(Db *db, void *data, GError **error)
{
    const Span *span = data;
    bool done = true;
    for (uint32_t person = span->from; done && person < span->to; person++) {
        SummaryPutParams row = {.person_id = stage_stem(person),
                                .country = history_country(person),
                                .search = "",
                                .sort_name = SUMMARY_NAMELESS,
                                .listed = 1,
                                .created_at = 1};
        done = sql_summary_put(db, &row, NULL, error);
    }
    return done;
}

static bool people_store(const Stage *stage, GError **error)
{
    Writer *writer = store_writer(stage->store);
    uint32_t people = stage->options.people;
    for (Span span = {0}; span.from < people; span.from = span.to) {
        span.to = MIN(people, span.from + UNIT_PEOPLE);
        if (!writer_call(writer, WRITER_REST, people_put, &span, error)) return false;
    }
    return true;
}

static bool names_put(Db *db, void *data, GError **error)
{
    int64_t name_id;
    for (size_t i = 0; i < HISTORY_NAMES; i++) {
        NameAsk ask = {.name = slice_of(history_names[i]), .source_id = 1, .at = 1};
        if (!names_take(data, db, &ask, &name_id, error)) return false;
    }
    return true;
}

/* ---- columns ---- */

static const char *const category_path[] = {"category"};

static uint32_t column_of(const Stage *stage, HistoryName name)
{
    if (name == HISTORY_ORDER) return FEED_NAME_ORDERS;
    Names *names = timeline_names(stage->timeline);
    return (uint32_t)names_find(names, slice_of(history_names[name]));
}

static bool has_category(HistoryName name)
{
    return name == HISTORY_PRODUCT_VIEW || name == HISTORY_ADD_TO_CART;
}

/* The values of an order as feed_order_paths has them: what was paid, net of refunds, pieces. */
static void values_make(const HistoryEvent *event, EventValue *values)
{
    static const char currency[] = "eur";
    if (event->category) {
        *values = (EventValue){
            .kind = EVENT_TEXT, .text = event->category, .length = strlen(event->category)};
        return;
    }
    for (int i = 0; i < FEED_ORDER_PATHS; i++)
        values[i] = (EventValue){.kind = EVENT_MISSING};
    values[0] = values[1] = (EventValue){.kind = EVENT_NUMBER, .number = event->revenue_micro};
    values[2] = (EventValue){.kind = EVENT_NUMBER, .number = 1000000};
    values[6] = (EventValue){.kind = EVENT_TEXT, .text = currency, .length = sizeof currency - 1};
}

static void hold(Stage *stage)
{
    EventColumns *columns = stage->feed->columns;
    for (HistoryName name = 0; name < HISTORY_NAMES; name++) {
        const char *const *paths = name == HISTORY_ORDER ? feed_order_paths : category_path;
        uint32_t count = name == HISTORY_ORDER ? FEED_ORDER_PATHS : has_category(name);
        g_assert_true(event_columns_hold(columns, column_of(stage, name), paths, count, NULL));
    }
}

static void append(Stage *stage)
{
    g_autofree EventFact *facts = g_new(EventFact, BATCH);
    g_autofree EventValue *values = g_new(EventValue, BATCH * FEED_ORDER_PATHS);
    uint32_t columns[HISTORY_NAMES];
    for (HistoryName name = 0; name < HISTORY_NAMES; name++)
        columns[name] = column_of(stage, name);
    for (uint64_t from = 0; from < stage->history.events; from += BATCH) {
        size_t count = MIN(stage->history.events - from, (uint64_t)BATCH);
        for (size_t i = 0; i < count; i++) {
            HistoryEvent event = history_event(&stage->history, from + i);
            EventValue *own = &values[i * FEED_ORDER_PATHS];
            values_make(&event, own);
            facts[i] =
                (EventFact){columns[event.name], stage_stem(event.person), event.at, event.id, own};
        }
        event_columns_append(stage->feed->columns, facts, count);
    }
}

/* The columns of everything, in place of those that the feed made of an empty store. */
static void columns_make(Stage *stage, const char *path)
{
    EventColumns *columns = stage->feed->columns;
    hold(stage);
    append(stage);
    for (HistoryName name = 0; name < HISTORY_NAMES; name++)
        g_assert_true(event_columns_ready(columns, column_of(stage, name), NULL));
    event_columns_publish(columns, INT64_MAX);
    stage->made = true;
    g_autoptr(GError) error = NULL;
    if (!event_columns_save(columns, path, &error)) g_printerr("not kept: %s\n", error->message);
}

static bool columns_read(Stage *stage, const char *path)
{
    EventColumnsOptions options = {.bytes_max = stage->feed->options.bytes_max,
                                   .properties_max = FEED_ORDER_PATHS};
    memcpy(options.key, store_secret(stage->store, "columns"), sizeof options.key);
    EventColumns *columns = event_columns_new(&options);
    g_autoptr(GError) error = NULL;
    if (!event_columns_load(columns, path, &error)) {
        g_printerr("made anew: %s\n", error->message);
        event_columns_free(columns);
        return false;
    }
    event_columns_free(stage->feed->columns);
    stage->feed->columns = columns;
    return true;
}

static void category_known(FeedName *held)
{
    guint place = held->paths->len;
    for (guint i = 0; i < held->paths->len; i++)
        if (g_str_equal(held->paths->pdata[i], category_path[0])) place = i;
    if (place == held->paths->len) g_ptr_array_add(held->paths, g_strdup(category_path[0]));
    held->asked_us[place] = FEED_FOR_EVER;
}

/* The feed must not read the names anew, which the database does not have; but it reads the traits
 * again, whose columns were replaced with the others. */
static void names_settle(Stage *stage)
{
    Feed *feed = stage->feed;
    for (HistoryName name = 0; name < HISTORY_NAMES; name++) {
        FeedName *held = feed_name_add(feed, column_of(stage, name));
        held->again = false;
        if (has_category(name)) category_known(held);
    }
    for (guint i = 0; i < feed->traits->len; i++)
        ((FeedTrait *)feed->traits->pdata[i])->again = true;
    feed->changed = feed->wanted = true;
    g_cond_broadcast(&feed->wake);
}

static void columns_fill(Stage *stage)
{
    g_autofree char *name = g_strdup_printf("columns-%" G_GUINT64_FORMAT "-%u",
                                            stage->options.events, stage->options.people);
    g_autofree char *path = g_build_filename(stage->options.folder, name, NULL);
    feed_settle(stage->feed);
    g_mutex_lock(&stage->feed->lock);
    g_mutex_lock(&stage->feed->write);
    double started = now_s();
    if (stage->options.anew || !columns_read(stage, path)) columns_make(stage, path);
    stage->columns_s = now_s() - started;
    names_settle(stage);
    g_mutex_unlock(&stage->feed->write);
    g_mutex_unlock(&stage->feed->lock);
    feed_settle(stage->feed);
}

/* ---- the whole ---- */

static bool parts_open(Stage *stage, GError **error)
{
    g_autofree char *data = g_build_filename(stage->options.folder, "data", NULL);
    if (g_mkdir_with_parents(stage->options.folder, 0700) != 0)
        return fail(error, KITH_ERROR_INVALID, "cannot make the folder %s", stage->options.folder);
    stage->store = store_open(&(StoreOptions){.data_dir = data, .reader_ms = 60000}, error);
    if (!stage->store) return false;
    stage->people = people_open(stage->store, error);
    if (!stage->people) return false;
    stage->timeline = timeline_open(stage->store, stage->people, error);
    return stage->timeline != NULL;
}

static bool feed_open(Stage *stage, GError **error)
{
    stage->feed = feed_new(&(FeedOptions){.store = stage->store,
                                          .people = stage->people,
                                          .timeline = stage->timeline,
                                          .bytes_max = UINT64_C(16) << 30},
                           error);
    return stage->feed != NULL;
}

static bool people_ready(const Stage *stage, GError **error)
{
    g_autofree char *mark = g_strdup_printf("people-%u", stage->options.people);
    g_autofree char *path = g_build_filename(stage->options.folder, mark, NULL);
    Names *names = timeline_names(stage->timeline);
    if (g_file_test(path, G_FILE_TEST_EXISTS)) return true;
    if (!people_store(stage, error) ||
        !writer_call(store_writer(stage->store), WRITER_REST, names_put, names, error))
        return false;
    return g_file_set_contents(path, "", 0, error);
}

Stage *stage_open(const StageOptions *options, GError **error)
{
    g_autoptr(Stage) stage = g_new0(Stage, 1);
    stage->options = *options;
    stage->history = history_two_years(options->events, options->people);
    if (!parts_open(stage, error) || !people_ready(stage, error) || !feed_open(stage, error))
        return NULL;
    columns_fill(stage);
    stage->segments = segments_new(&(SegmentsOptions){.store = stage->store,
                                                      .people = stage->people,
                                                      .timeline = stage->timeline,
                                                      .feed = stage->feed});
    return g_steal_pointer(&stage);
}

void stage_free(Stage *stage)
{
    if (!stage) return;
    segments_free(stage->segments);
    feed_free(stage->feed);
    timeline_free(stage->timeline);
    people_free(stage->people);
    store_close(stage->store);
    g_free(stage);
}
