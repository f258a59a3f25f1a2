#include "measure/measure.h"

#include "base/clock.h"
#include "base/ration.h"
#include "measure/facts_load.h"
#include "measure/measure_sql.h"

#include <string.h>

struct Measure {
    MeasureOptions options;
    GMutex lock;
    GCond loaded;
    bool loading;    /* somebody loads; under lock, as all below */
    Facts *facts;    /* newest, or NULL before the first load */
    int64_t load_us; /* how long the last load took */
    Ration ration;
    View *view;            /* last view handed out in the business's zone, or NULL */
    int64_t view_at;       /* when it was made */
    int32_t view_gap_days; /* with which setting */
    MeasureMatch match;    /* import_id 0: none kept */
};

Measure *measure_new(const MeasureOptions *options)
{
    Measure *measure = g_new0(Measure, 1);
    measure->options = *options;
    g_mutex_init(&measure->lock);
    g_cond_init(&measure->loaded);
    return measure;
}

void measure_free(Measure *measure)
{
    g_mutex_lock(&measure->lock);
    while (measure->loading)
        g_cond_wait(&measure->loaded, &measure->lock);
    g_mutex_unlock(&measure->lock);
    g_clear_pointer(&measure->facts, facts_unref);
    g_clear_pointer(&measure->view, view_unref);
    g_mutex_clear(&measure->lock);
    g_cond_clear(&measure->loaded);
    g_free(measure);
}

Store *measure_store(Measure *measure) { return measure->options.store; }

Segments *measure_segments(Measure *measure) { return measure->options.segments; }

/* Copies a setting into `text`; "" when it is not set. */
static bool setting_read(Db *db, const char *name, char *text, size_t size, GError **error)
{
    MeasureSettingRow row;
    bool found;
    text[0] = '\0';
    if (!sql_measure_setting(db, &(MeasureSettingParams){name}, &row, &found, error)) return false;
    if (found) g_strlcpy(text, row.value, size);
    return true;
}

static bool business_read(Db *db, MeasureBusiness *business, GError **error)
{
    char zone[128], gap[32];
    if (!setting_read(db, "business.currency", business->currency, FACTS_CURRENCY_SIZE, error))
        return false;
    if (!setting_read(db, "business.zone", zone, sizeof zone, error)) return false;
    if (!setting_read(db, "business.gap_days", gap, sizeof gap, error)) return false;
    business->gap_days = (int32_t)CLAMP(g_ascii_strtoll(gap, NULL, 10), 0, 3650);
    business->zone = zone_utc();
    if (zone[0]) business->zone = zone_find(slice_of(zone), error);
    return business->zone != NULL;
}

bool measure_business(Measure *measure, MeasureBusiness *ret_business, GError **error)
{
    MeasureBusiness business;
    Db *db = store_reader_begin(measure->options.store, error);
    if (!db) return false;
    bool done = business_read(db, &business, error);
    store_reader_end(measure->options.store, db);
    if (done) *ret_business = business;
    return done;
}

static int64_t version_now(Measure *measure)
{
    return measure->options.version(measure->options.data);
}

/* One load. Not under the lock; `loading` keeps others out. */
static Facts *load(Measure *measure, int64_t version, GError **error)
{
    MeasureBusiness business;
    if (!measure_business(measure, &business, error)) return NULL;
    FactsSource source = {.store = measure->options.store,
                          .person = measure->options.person,
                          .data = measure->options.data,
                          .origin = {.version = version, .built_at = clock_now_ms()}};
    memcpy(source.origin.currency, business.currency, FACTS_CURRENCY_SIZE);
    return facts_load(&source, error);
}

/* Loads and puts the result in place; the caller's reference. `loading` is set, the lock is not
 * held. */
static Facts *load_and_keep(Measure *measure, int64_t version, GError **error)
{
    int64_t start_us = clock_monotonic_us();
    Facts *facts = load(measure, version, error);
    g_mutex_lock(&measure->lock);
    measure->loading = false;
    ration_take(&measure->ration, start_us, clock_monotonic_us());
    if (facts) {
        g_clear_pointer(&measure->facts, facts_unref);
        measure->facts = facts_ref(facts);
        measure->load_us = clock_monotonic_us() - start_us;
    }
    g_cond_broadcast(&measure->loaded);
    g_mutex_unlock(&measure->lock);
    return facts;
}

typedef struct Behind {
    Measure *measure;
    int64_t version;
} Behind;

/* A failed load behind leaves the previous facts in place; the next question tries again. */
static void *load_behind(void *data)
{
    g_autofree Behind *behind = data;
    g_autoptr(Facts) facts = load_and_keep(behind->measure, behind->version, NULL);
    return NULL;
}

/* Decides, under the lock: the facts to hand out, or NULL: the caller loads (`loading` is set). */
static Facts *facts_take(Measure *measure, int64_t version)
{
    while (measure->loading && !measure->facts)
        g_cond_wait(&measure->loaded, &measure->lock);
    if (measure->facts && (measure->loading || measure->facts->origin.version == version))
        return facts_ref(measure->facts);
    if (measure->facts && !ration_allows(&measure->ration, clock_monotonic_us()))
        return facts_ref(measure->facts);
    measure->loading = true;
    if (!measure->facts || measure->load_us <= MEASURE_WAIT_US) return NULL;
    Behind *behind = g_new(Behind, 1);
    *behind = (Behind){measure, version};
    g_thread_unref(g_thread_new("facts", load_behind, behind));
    return facts_ref(measure->facts);
}

static Facts *facts_newest(Measure *measure, GError **error)
{
    int64_t version = version_now(measure);
    g_mutex_lock(&measure->lock);
    Facts *facts = facts_take(measure, version);
    g_mutex_unlock(&measure->lock);
    return facts ? facts : load_and_keep(measure, version, error);
}

/* The kept view, when it still answers the question. */
static View *view_kept(Measure *measure, const Facts *facts, const ViewOptions *options)
{
    View *view = NULL;
    g_mutex_lock(&measure->lock);
    View *kept = measure->view;
    if (kept && kept->facts == facts && kept->zone == options->zone &&
        measure->view_gap_days == options->gap_days && options->now >= measure->view_at &&
        options->now - measure->view_at < MEASURE_VIEW_MS)
        view = view_ref(kept);
    g_mutex_unlock(&measure->lock);
    return view;
}

static void view_keep(Measure *measure, View *view, const ViewOptions *options)
{
    g_mutex_lock(&measure->lock);
    g_clear_pointer(&measure->view, view_unref);
    measure->view = view_ref(view);
    measure->view_at = options->now;
    measure->view_gap_days = options->gap_days;
    g_mutex_unlock(&measure->lock);
}

/* Lists ask for many people in a row: a view of this moment answers without a look at the store. */
static View *view_fresh(Measure *measure, int64_t version)
{
    View *view = NULL;
    g_mutex_lock(&measure->lock);
    bool same = measure->view && measure->facts == measure->view->facts &&
                measure->facts->origin.version == version;
    if (same && ABS(clock_now_ms() - measure->view_at) < MEASURE_FRESH_MS)
        view = view_ref(measure->view);
    g_mutex_unlock(&measure->lock);
    return view;
}

View *measure_view(Measure *measure, const Zone *zone, GError **error)
{
    MeasureBusiness business;
    View *view = zone ? NULL : view_fresh(measure, version_now(measure));
    if (view) return view;
    if (!measure_business(measure, &business, error)) return NULL;
    g_autoptr(Facts) facts = facts_newest(measure, error);
    if (!facts) return NULL;
    ViewOptions options = {
        .zone = zone ? zone : business.zone, .now = clock_now_ms(), .gap_days = business.gap_days};
    view = view_kept(measure, facts, &options);
    if (view) return view;
    view = view_new(facts, &options);
    if (options.zone == business.zone) view_keep(measure, view, &options);
    return view;
}

bool measure_match_find(Measure *measure, MeasureMatch *in_out)
{
    g_mutex_lock(&measure->lock);
    const MeasureMatch *kept = &measure->match;
    bool found = kept->import_id == in_out->import_id && kept->version == in_out->version;
    if (found) in_out->differs = kept->differs;
    g_mutex_unlock(&measure->lock);
    return found;
}

void measure_match_keep(Measure *measure, const MeasureMatch *match)
{
    g_mutex_lock(&measure->lock);
    measure->match = *match;
    g_mutex_unlock(&measure->lock);
}
