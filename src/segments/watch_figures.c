#include "segments/watch_private.h"

#include "base/clock.h"

/* Counting goes over the rows of a record: who asks more often than it may be done gets what was
 * counted before, unless that is older than this. */
enum { FIGURES_OLD_US = 60 * 1000 * 1000 };

static bool figure_count(Segments *segments, const SavedSegment *saved, int64_t now,
                         WatchFigure *figure, GError **error)
{
    WatchAsk ask = {saved->segment_id, now - CLOCK_DAY_MS, 1};
    *figure = (WatchFigure){.segment_id = saved->segment_id, .watched_at = saved->watched_at};
    if (!watch_count(segments, &ask, &figure->count, error)) return false;
    g_autoptr(GArray) last = watch_recent(segments, &ask, error);
    if (last && last->len > 0) figure->last_at = g_array_index(last, WatchFlip, 0).at;
    return last != NULL;
}

static GArray *figures_count(Segments *segments, const GPtrArray *saved, int64_t now,
                             GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(WatchFigure));
    for (guint i = 0; i < saved->len; i++) {
        WatchFigure figure;
        const SavedSegment *one = saved->pdata[i];
        if (!one->watched) continue;
        if (!figure_count(segments, one, now, &figure, error)) return NULL;
        g_array_append_val(list, figure);
    }
    return g_steal_pointer(&list);
}

/* Whether they are of the records that are kept, and of no others. */
static bool figures_fit(const GArray *figures, const GPtrArray *saved)
{
    guint k = 0;
    for (guint i = 0; i < saved->len; i++) {
        const SavedSegment *one = saved->pdata[i];
        if (!one->watched) continue;
        if (k >= figures->len) return false;
        const WatchFigure *figure = &g_array_index(figures, WatchFigure, k++);
        if (figure->segment_id != one->segment_id || figure->watched_at != one->watched_at)
            return false;
    }
    return k == figures->len;
}

/* With the lock: whether what was counted before has to do. */
static bool figures_hold(const WatchFigures *figures, const GPtrArray *saved)
{
    int64_t now_us = clock_monotonic_us();
    if (!figures->list || !figures_fit(figures->list, saved)) return false;
    if (!figures->counting && ration_allows(&figures->ration, now_us)) return false;
    return now_us - figures->counted_us < FIGURES_OLD_US;
}

static void figures_keep(WatchFigures *figures, GArray *list, int64_t began_us, int64_t now)
{
    int64_t now_us = clock_monotonic_us();
    ration_take(&figures->ration, began_us, now_us);
    if (!list) return;
    if (figures->list) g_array_unref(figures->list);
    figures->list = g_array_ref(list);
    figures->as_of = now;
    figures->counted_us = now_us;
}

GArray *watch_figures(Watch *watch, const GPtrArray *saved, int64_t *ret_as_of, GError **error)
{
    WatchFigures *figures = &watch->figures;
    GArray *list = NULL;
    g_mutex_lock(&figures->mutex);
    while (!figures_hold(figures, saved) && figures->counting)
        g_cond_wait(&figures->cond, &figures->mutex);
    if (figures_hold(figures, saved)) {
        list = g_array_ref(figures->list);
        *ret_as_of = figures->as_of;
        g_mutex_unlock(&figures->mutex);
        return list;
    }
    figures->counting = true;
    g_mutex_unlock(&figures->mutex);
    int64_t began_us = clock_monotonic_us(), now = clock_now_ms();
    list = figures_count(watch->segments, saved, now, error);
    g_mutex_lock(&figures->mutex);
    figures_keep(figures, list, began_us, now);
    figures->counting = false;
    g_cond_broadcast(&figures->cond);
    g_mutex_unlock(&figures->mutex);
    *ret_as_of = now;
    return list;
}

void watch_figures_init(WatchFigures *figures)
{
    g_mutex_init(&figures->mutex);
    g_cond_init(&figures->cond);
}

void watch_figures_clear(WatchFigures *figures)
{
    if (figures->list) g_array_unref(figures->list);
    g_cond_clear(&figures->cond);
    g_mutex_clear(&figures->mutex);
}
