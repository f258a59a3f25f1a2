#include <stdlib.h>

#include "base/error.h"
#include "base/ids.h"
#include "timeline/timeline_private.h"
#include "timeline/timeline_sql.h"

/* What is needed to put one event in its place, before its row is read whole. */
typedef struct Brief {
    int64_t event_id, stem, occurred_at;
} Brief;

typedef struct Reading {
    Timeline *timeline;
    Db *db;
    const TimelineAsk *ask;
    GArray *briefs;         /* of Brief */
    GHashTable *name_shown; /* name_id -> whether its family is asked for */
    RunsView *view;         /* SQLite */
    bool with_evidence;     /* further reports of orders too */
} Reading;

void timeline_event_free(TimelineEvent *event)
{
    if (!event) return;
    g_free(event->message_id);
    g_free(event->payload);
    g_free(event);
}

static void event_unref(gpointer data) { timeline_event_free(data); }

void timeline_page_free(TimelinePage *page)
{
    if (!page) return;
    if (page->events) g_ptr_array_unref(page->events);
    g_free(page);
}

static bool name_is_shown(Reading *reading, int64_t name_id)
{
    if (reading->ask->families == 0) return true;
    gpointer known;
    if (g_hash_table_lookup_extended(reading->name_shown, &name_id, NULL, &known))
        return GPOINTER_TO_INT(known) != 0;
    EventFamily family = event_name_family(slice_of(names_text(reading->timeline->names, name_id)));
    bool shown = (reading->ask->families & (1u << family)) != 0;
    g_hash_table_insert(reading->name_shown, g_memdup2(&name_id, sizeof name_id),
                        GINT_TO_POINTER(shown ? 1 : 0));
    return shown;
}

static void brief_add(Reading *reading, Brief brief, int64_t name_id, int64_t flags)
{
    if (!reading->with_evidence && (flags & EVENT_EVIDENCE)) return;
    if (name_is_shown(reading, name_id)) g_array_append_val(reading->briefs, brief);
}

/* SQLite: ids from the runs, confirmed on the rows. */
static bool briefs_by_runs(Reading *reading, int64_t stem, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    runs_find(reading->view, timeline_key(stem), ids);
    if (reading->briefs->len + ids->len > TIMELINE_EVENTS_MAX)
        return fail(error, KITH_ERROR_LIMIT, "a timeline of more than %d events",
                    TIMELINE_EVENTS_MAX);
    for (guint i = 0; i < ids->len; i++) {
        EventBriefParams params = {stem, (int64_t)g_array_index(ids, uint64_t, i)};
        EventBriefRow row;
        bool found;
        if (!sql_event_brief(reading->db, &params, &row, &found, error)) return false;
        if (found)
            brief_add(reading, (Brief){params.event_id, stem, row.occurred_at}, row.name_id,
                      row.flags);
    }
    return true;
}

/* PostgreSQL: by the key. */
static bool briefs_by_key(Reading *reading, int64_t stem, GError **error)
{
    EventBriefsParams params = {.person_id = stem, .limit = TIMELINE_EVENTS_MAX};
    g_auto(DbCursor) cursor = {0};
    if (!sql_event_briefs_open(reading->db, &params, &cursor, error)) return false;
    EventBriefsRow row;
    while (sql_event_briefs_next(&cursor, &row))
        brief_add(reading, (Brief){row.event_id, stem, row.occurred_at}, row.name_id, row.flags);
    return db_cursor_finish(&cursor, error);
}

static bool briefs_read(Reading *reading, GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(reading->timeline->people, reading->ask->person_id, stems);
    bool ok = true;
    for (guint i = 0; i < stems->len && ok; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        ok = reading->view ? briefs_by_runs(reading, stem, error)
                           : briefs_by_key(reading, stem, error);
    }
    return ok;
}

static int brief_compare(const void *left, const void *right)
{
    const Brief *a = left, *b = right;
    if (a->occurred_at != b->occurred_at) return a->occurred_at > b->occurred_at ? -1 : 1;
    return (a->event_id < b->event_id) - (a->event_id > b->event_id);
}

/* Is it older than where the last page ended? */
static bool brief_is_before(const Brief *brief, const TimelineAsk *ask)
{
    if (ask->before_at == 0 && ask->before_id == 0) return true;
    if (brief->occurred_at != ask->before_at) return brief->occurred_at < ask->before_at;
    return brief->event_id < ask->before_id;
}

static TimelineEvent *event_new(Timeline *timeline, const EventFindRow *row)
{
    TimelineEvent *event = g_new0(TimelineEvent, 1);
    event->event_id = row->event_id;
    event->stem = row->person_id;
    event->name_id = row->name_id;
    event->source_id = row->source_id;
    event->occurred_at = row->occurred_at;
    event->received_at = row->received_at;
    event->flags = (unsigned)row->flags;
    event->name = names_text(timeline->names, row->name_id);
    event->message_id = g_strdup(row->message_id);
    event->payload = g_strdup(row->payload);
    return event;
}

static bool event_load(Timeline *timeline, Db *db, int64_t stem, int64_t event_id,
                       TimelineEvent **ret_event, GError **error)
{
    EventFindParams params = {.person_id = stem, .event_id = event_id};
    EventFindRow row;
    bool found;
    if (!sql_event_find(db, &params, &row, &found, error)) return false;
    *ret_event = found ? event_new(timeline, &row) : NULL;
    return true;
}

static bool page_fill(Reading *reading, TimelinePage *page, GError **error)
{
    page->total = reading->briefs->len;
    g_array_sort(reading->briefs, brief_compare);
    for (guint i = 0; i < reading->briefs->len; i++) {
        const Brief *brief = &g_array_index(reading->briefs, Brief, i);
        if (!brief_is_before(brief, reading->ask)) continue;
        page->more = page->events->len == reading->ask->limit;
        if (page->more) return true;
        TimelineEvent *event;
        if (!event_load(reading->timeline, reading->db, brief->stem, brief->event_id, &event,
                        error))
            return false;
        if (event) g_ptr_array_add(page->events, event);
    }
    return true;
}

TimelinePage *timeline_read(Timeline *timeline, Db *db, const TimelineAsk *ask, GError **error)
{
    g_assert(ask->limit >= 1 && ask->limit <= TIMELINE_LIMIT_MAX);
    g_autoptr(RunsView) view = timeline->runs ? runs_view(timeline->runs) : NULL;
    g_autoptr(GArray) briefs = g_array_new(FALSE, FALSE, sizeof(Brief));
    g_autoptr(GHashTable) shown = g_hash_table_new_full(id_hash, g_int64_equal, g_free, NULL);
    Reading reading = {timeline, db, ask, briefs, shown, view};
    g_autoptr(TimelinePage) page = g_new0(TimelinePage, 1);
    page->events = g_ptr_array_new_with_free_func(event_unref);
    if (people_is_erased(timeline->people, ask->person_id)) return g_steal_pointer(&page);
    if (!briefs_read(&reading, error) || !page_fill(&reading, page, error)) return NULL;
    return g_steal_pointer(&page);
}

static gint brief_by_id(gconstpointer left, gconstpointer right)
{
    const Brief *a = left, *b = right;
    return (a->event_id > b->event_id) - (a->event_id < b->event_id);
}

bool timeline_each(Timeline *timeline, Db *db, int64_t stem, TimelineEach each, void *context,
                   GError **error)
{
    g_autoptr(RunsView) view = timeline->runs ? runs_view(timeline->runs) : NULL;
    g_autoptr(GArray) briefs = g_array_new(FALSE, FALSE, sizeof(Brief));
    TimelineAsk all = {.limit = 1};
    Reading reading = {timeline, db, &all, briefs, NULL, view, .with_evidence = true};
    bool ok = view ? briefs_by_runs(&reading, stem, error) : briefs_by_key(&reading, stem, error);
    g_array_sort(briefs, brief_by_id);
    for (guint i = 0; ok && i < briefs->len; i++) {
        TimelineEvent *event = NULL;
        ok =
            event_load(timeline, db, stem, g_array_index(briefs, Brief, i).event_id, &event, error);
        bool going = !event || each(context, event);
        timeline_event_free(event);
        if (!going) break;
    }
    return ok;
}
