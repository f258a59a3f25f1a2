/* What is to be held: asked for by questions, by rules that are kept, by the ready groups. */
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "segments/feed_private.h"
#include "segments/fill.h"
#include "segments/groups.h"
#include "segments/saved.h"

static int path_find(const FeedName *name, const char *property)
{
    for (guint i = 0; i < name->paths->len; i++)
        if (g_str_equal(name->paths->pdata[i], property)) return (int)i;
    return -1;
}

/* The place for another: at the end, else that of what nobody needed lately; -1: none is left. */
static int path_place(const FeedName *name, int64_t now)
{
    int oldest = 0;
    if (name->paths->len < LIMIT_FEED_PROPERTIES) return (int)name->paths->len;
    for (int i = 1; i < LIMIT_FEED_PROPERTIES; i++)
        if (name->asked_us[i] < name->asked_us[oldest]) oldest = i;
    return now - name->asked_us[oldest] > FEED_FRESH_US ? oldest : -1;
}

/* Whoever reads `paths` holds what they hold: they are replaced. */
static void path_put(FeedName *name, int place, const char *property)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (int i = 0; i < (int)MAX(name->paths->len, (guint)place + 1); i++)
        g_ptr_array_add(paths, g_strdup(i == place ? property : name->paths->pdata[i]));
    g_ptr_array_unref(name->paths);
    name->paths = paths;
}

static bool properties_over(const Feed *feed, const FeedName *name, const char *property,
                            GError **error)
{
    const char *text = names_text(timeline_names(feed->options.timeline), name->name_id);
    return fail(
        error, KITH_ERROR_LIMIT,
        "\"%.60s\" of \"%.60s\" would be property %u of that event in memory, where %d fit: "
        "let another kept rule go without one of the others",
        property[0] == FEED_CONTEXT_MARK ? "context" : property, text ? text : "",
        name->paths->len + 1, LIMIT_FEED_PROPERTIES);
}

static bool property_want(Feed *feed, FeedName *name, const char *property, FeedNeed need,
                          GError **error)
{
    int64_t now = g_get_monotonic_time();
    int place = path_find(name, property);
    bool known = place >= 0;
    if (!known) place = path_place(name, now);
    if (place < 0) return properties_over(feed, name, property, error);
    if (!known) {
        path_put(name, place, property);
        name->asked_us[place] = now;
        name->again = feed->wanted = true;
        g_cond_broadcast(&feed->wake);
    }
    if (name->asked_us[place] != FEED_FOR_EVER) name->asked_us[place] = now;
    if (need == FEED_KEPT) name->asked_us[place] = FEED_FOR_EVER;
    return true;
}

static bool memory_check(Feed *feed, const FeedName *name, GError **error)
{
    g_mutex_lock(&feed->write);
    EventHeld held =
        feed->columns ? event_columns_held(feed->columns, (uint32_t)name->name_id) : EVENT_HELD_NOT;
    g_mutex_unlock(&feed->write);
    if (held != EVENT_HELD_OVER) return true;
    const char *text = names_text(timeline_names(feed->options.timeline), name->name_id);
    return fail(error, KITH_ERROR_LIMIT,
                "the events \"%.60s\" do not fit into the %" G_GUINT64_FORMAT
                " MB of memory that columns may take: raise columns-mb",
                text ? text : "", feed->options.bytes_max >> 20);
}

bool feed_want(Feed *feed, int64_t name_id, const char *property, FeedNeed need, GError **error)
{
    bool done = true;
    g_mutex_lock(&feed->lock);
    FeedName *name = g_hash_table_lookup(feed->names, &name_id);
    if (name && property) done = property_want(feed, name, property, need, error);
    if (name && done && need == FEED_KEPT) done = memory_check(feed, name, error);
    g_mutex_unlock(&feed->lock);
    return done;
}

/* ---- ahead ---- */

static void rule_want(Feed *feed, const char *text)
{
    g_auto(Evaluation) evaluation;
    evaluation_init(&evaluation, feed->segments, clock_now_ms());
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, NULL);
    bool planned =
        rule && evaluation_business(&evaluation, NULL) && plan_rule(&evaluation, rule, NULL);
    if (planned)
        fill_want(&evaluation, feed, FEED_KEPT, NULL); /* what does not fit is asked of SQL */
}

static void saved_want(Feed *feed, const GPtrArray *saved, bool watched)
{
    for (guint i = 0; saved && i < saved->len; i++) {
        const SavedSegment *segment = saved->pdata[i];
        if (segment->watched == watched) rule_want(feed, segment->rule);
    }
}

void feed_want_ahead(Feed *feed)
{
    g_autoptr(GPtrArray) saved = saved_list(feed->segments, NULL);
    saved_want(feed, saved, true);
    saved_want(feed, saved, false);
    for (size_t i = 0; i < group_count; i++)
        rule_want(feed, groups[i].rule);
}

/* ---- no longer ---- */

static void asked_let_go(int64_t *asked_us)
{
    if (*asked_us == FEED_FOR_EVER) *asked_us = FEED_LET_GO;
}

void feed_let_go(Feed *feed)
{
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, feed->names);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        for (int i = 0; i < LIMIT_FEED_PROPERTIES; i++)
            asked_let_go(&((FeedName *)value)->asked_us[i]);
    for (guint i = 0; i < feed->traits->len; i++)
        asked_let_go(&((FeedTrait *)feed->traits->pdata[i])->asked_us);
}

void feed_want_anew(Feed *feed)
{
    if (!feed) return;
    g_mutex_lock(&feed->lock);
    feed->anew = true;
    g_cond_broadcast(&feed->wake);
    g_mutex_unlock(&feed->lock);
}
