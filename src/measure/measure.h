/* measure/measure.h: the figures' one owner: keeps the newest facts and hands out views of them.
 *
 * Facts are loaded at the first question and again when the version of orders and links has moved
 * on, one load at a time. While a load is short (MEASURE_WAIT_US) the asker waits for it; when it
 * is long it runs behind, and the previous facts are handed out with the time they were built at
 * (Facts.origin.built_at), which every answer shows; so they are while loading has taken its share
 * of the time (base/ration.h). Thread safe. Lock order: `lock` alone; nothing
 * is called under it but the version callback.
 *
 *     g_autoptr(View) view = measure_view(measure, NULL, error);
 *     if (!view) return false;
 *     json_t *reply = report_kpis(view, &period, NULL);
 */
#pragma once
#include "measure/view.h"
#include "segments/segments.h"
#include "store/store.h"

typedef struct Measure Measure;

/* Loads up to this long are waited for. */
#define MEASURE_WAIT_US INT64_C(400000)

/* A view is at most this much older than the question; for the first of them not even the business
 * profile is looked at again. */
#define MEASURE_VIEW_MS  INT64_C(30000)
#define MEASURE_FRESH_MS INT64_C(1000)

typedef struct MeasureOptions {
    Store *store;                                /* outlives the Measure */
    int64_t (*person)(void *data, int64_t stem); /* survivor of a stem; <= 0: nobody known */
    int64_t (*version)(void *data); /* moves after every commit that changed orders, refunds, rates
                                       or links; any thread */
    void *data;                     /* for both */
    Segments *segments;             /* outlives it too; NULL: figures come from facts alone */
} MeasureOptions;

Measure *measure_new(const MeasureOptions *options);
/* Waits for a load under way. */
void measure_free(Measure *measure);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Measure, measure_free)

/* The business profile as far as figures need it. */
typedef struct MeasureBusiness {
    char currency[FACTS_CURRENCY_SIZE]; /* "" while empty */
    const Zone *zone;                   /* UTC while empty */
    int32_t gap_days;                   /* 0: fit to the data */
} MeasureBusiness;

bool measure_business(Measure *measure, MeasureBusiness *ret_business, GError **error);

/* The newest view in a zone (NULL: the business's), as of now; the caller's reference. NULL on
 * failure of the database. */
View *measure_view(Measure *measure, const Zone *zone, GError **error);

Store *measure_store(Measure *measure);
Segments *measure_segments(Measure *measure);

/* How many lines of an import differ from what Kith shows, as of a version of the orders. One is
 * kept, so that Home need not compare the whole file every time. */
typedef struct MeasureMatch {
    int64_t version, import_id, differs;
} MeasureMatch;

/* Fills in `differs` when it is kept for this version and import. */
bool measure_match_find(Measure *measure, MeasureMatch *in_out);
void measure_match_keep(Measure *measure, const MeasureMatch *match);
