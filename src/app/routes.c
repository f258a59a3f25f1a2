#include "app/routes.h"

#include "app/app_private.h"
#include "measure/measure_routes.h"
#include "net/metrics.h"
#include "net/ui.h"
#include "people/people_routes.h"
#include "segments/feed.h"
#include "segments/segments_routes.h"
#include "timeline/import_routes.h"
#include "timeline/reconcile.h"
#include "timeline/timeline_routes.h"

static void columns_write(GString *out, Feed *feed)
{
    FeedUsage usage;
    feed_usage(feed, &usage);
    const EventUsage *columns = &usage.columns;
    metric_write(out, "kith_columns_ready", "gauge", "1: segments are answered from memory",
                 usage.ready);
    metric_write(out, "kith_columns_bytes", "gauge", "memory of the columns",
                 (double)columns->bytes);
    metric_write(out, "kith_columns_events", "gauge", "events, orders and refunds held",
                 (double)columns->events);
    metric_write(out, "kith_columns_names", "gauge", "names of events held", columns->names);
    metric_write(out, "kith_columns_names_over", "gauge", "names that memory did not allow",
                 columns->names_over);
    metric_write(out, "kith_columns_mapped", "gauge", "1: this start used the snapshot",
                 usage.loaded);
    metric_write(out, "kith_columns_reads_total", "counter", "times everything was read anew",
                 (double)usage.rebuilds);
    metric_write(out, "kith_segments_answers_columns_total", "counter", "answers from columns",
                 usage.answers[SEGMENT_COLUMNS]);
    metric_write(out, "kith_segments_answers_sql_total", "counter", "answers from the database",
                 usage.answers[SEGMENT_SQL]);
    metric_write(out, "kith_segments_answers_both_total", "counter", "answers from both",
                 usage.answers[SEGMENT_BOTH]);
}

static void watch_write(GString *out, Watch *watch)
{
    WatchState state = watch_state(watch);
    metric_write(out, "kith_watched_segments", "gauge", "segments whose record is kept",
                 state.watched);
    metric_write(out, "kith_watch_lag_ms", "gauge", "age of the oldest change not judged yet",
                 (double)state.lag_ms);
    metric_write(out, "kith_watch_waiting", "gauge", "people judged next, of those who wait",
                 (double)state.waiting);
    metric_write(out, "kith_watch_entered_total", "counter", "steps into watched segments",
                 (double)state.entered);
    metric_write(out, "kith_watch_exited_total", "counter", "steps out of watched segments",
                 (double)state.left);
    metric_write(out, "kith_watch_failures_total", "counter", "tries that failed and are repeated",
                 (double)state.failures);
}

/* Figures of the parts that have no page of their own. */
static void figures_write(GString *out, void *data)
{
    App *app = data;
    PeopleSize size = people_size(app->people);
    metric_write(out, "kith_dedup_hits_total", "counter",
                 "events seen before and not counted again",
                 (double)dedupe_hits(timeline_dedupe(app->timeline)));
    metric_write(out, "kith_people_identities", "gauge", "identities in memory",
                 (double)size.identities);
    metric_write(out, "kith_people_links", "gauge", "links in memory", (double)size.links);
    metric_write(out, "kith_people_bytes", "gauge", "memory of identities and links",
                 (double)size.bytes);
    if (app->feed) columns_write(out, app->feed);
    if (app->watch) watch_write(out, app->watch);
}

bool routes_add(App *app, Server *server, bool demo, GError **error)
{
    app->admin = admin_new(&(AdminOptions){.store = app->store,
                                           .auth = app->auth,
                                           .timeline = app->timeline,
                                           .measure = app->measure,
                                           .delivery = app->delivery,
                                           .demo = demo},
                           error);
    if (!app->admin) return false;
    app->orders_routes = (OrdersRoutes){app->orders, app->people, app->store};
    people_add_routes(server, app->people);
    people_add_permission_routes(server, app->people);
    timeline_add_routes(app->timeline, server);
    orders_add_routes(server, &app->orders_routes);
    import_add_routes(server, app->imports);
    segments_add_routes(server, app->segments);
    delivery_add_routes(app->delivery, server);
    app->letter_routes = (LetterRoutes){app->measure, app->delivery};
    messages_add_routes(app->messages, server);
    inbound_add_routes(app->inbound, server);
    inbox_add_routes(app->inbox, server);
    hooks_add_routes(app->hooks, server);
    reconcile_add_routes(app->hooks, server);
    measure_add_routes(server, app->measure);
    letter_add_routes(server, &app->letter_routes);
    admin_add_routes(app->admin, server);
    ui_serve(server);
    metrics_add(server_metrics(server), figures_write, app);
    return true;
}

bool routes_greet(App *app, const char *address, Console *console, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autofree char *link = admin_setup_url(app->admin, address, &failure);
    if (failure) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    if (link)
        console_note(console, "Nobody owns this store yet. Open this once, within 30 days:\n  %s\n",
                     link);
    return true;
}
