#include "app/app_private.h"
#include "app/jobs.h"
#include "app/local.h"
#include "app/routes.h"
#include "net/server.h"
#include "segments/feed.h"
#include "timeline/track.h"

#include <glib-unix.h>
#include <signal.h>
#include <string.h>

/* What ends a server: SIGTERM and SIGINT, heard from before it says where it is. */
typedef struct Stop {
    GMainLoop *loop;
    guint term, interrupt;
} Stop;

static gboolean stop_loop(gpointer loop)
{
    g_main_loop_quit(loop);
    return G_SOURCE_CONTINUE;
}

static void stop_init(Stop *stop)
{
    stop->loop = g_main_loop_new(NULL, FALSE);
    stop->term = g_unix_signal_add(SIGTERM, stop_loop, stop->loop);
    stop->interrupt = g_unix_signal_add(SIGINT, stop_loop, stop->loop);
}

static void stop_clear(Stop *stop)
{
    g_source_remove(stop->term);
    g_source_remove(stop->interrupt);
    g_main_loop_unref(stop->loop);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stop, stop_clear)

static ServerOptions server_options(App *app, const Config *config, const char *upload_dir)
{
    return (ServerOptions){
        .listen = config_text(config, CONFIG_LISTEN),
        .url = config_text(config, CONFIG_URL),
        .public_listen = config_text(config, CONFIG_PUBLIC_LISTEN),
        .public_url = config_text(config, CONFIG_PUBLIC_URL),
        .trusted_proxy = config_text(config, CONFIG_TRUSTED_PROXY),
        .upload_dir = upload_dir,
        .http_threads = (unsigned)config_int(config, CONFIG_HTTP_THREADS),
        .workers = (unsigned)config_int(config, CONFIG_WORKERS),
        .connections_max = (unsigned)config_int(config, CONFIG_CONNECTIONS),
        .body_budget_bytes = config_int(config, CONFIG_BODY_BUDGET_MB) * 1024 * 1024,
        .auth = app->auth,
        .quiet = strcmp(config_text(config, CONFIG_LOG), "errors") == 0,
    };
}

static char *address_of(const Server *server, const Config *config)
{
    const char *url = config_text(config, CONFIG_URL);
    if (url) return g_strdup(url);
    const char *listen = config_text(config, CONFIG_LISTEN);
    const char *colon = strrchr(listen, ':');
    return g_strdup_printf("http://%.*s:%u", (int)(colon - listen), listen, server_port(server));
}

static void columns_note(void *console, const char *text) { console_note(console, "%s\n", text); }

/* Segments are answered from memory as soon as everything is read. */
static bool columns_start(App *app, const Config *config, Console *console, GError **error)
{
    int64_t bytes = config_int(config, CONFIG_COLUMNS_MB) * 1024 * 1024;
    if (bytes == 0) return true;
    app->feed = feed_new(&(FeedOptions){.store = app->store,
                                        .people = app->people,
                                        .timeline = app->timeline,
                                        .bytes_max = (uint64_t)bytes,
                                        .snapshot = true,
                                        .note = columns_note,
                                        .note_data = console},
                         error);
    if (app->feed) segments_set_feed(app->segments, app->feed);
    return app->feed != NULL;
}

int app_serve(App *app, const Config *config, bool demo, Console *console)
{
    g_autoptr(GError) error = NULL;
    g_auto(Stop) stop;
    stop_init(&stop);
    g_autofree char *upload_dir = g_build_filename(store_dir(app->store), "uploads", NULL);
    if (g_mkdir_with_parents(upload_dir, 0700) != 0) {
        console_note(console, "kith: could not make %s\n", upload_dir);
        return CONSOLE_FAILED;
    }
    ServerOptions options = server_options(app, config, upload_dir);
    g_autoptr(Server) server = server_new(&options, &error);
    if (!server) return console_fail(console, error);
    /* Freed before the server: it waits for requests that the writer still holds. */
    g_autoptr(Track) track = track_new(app->timeline, app->orders);
    track_add_routes(track, server);
    if (!routes_add(app, server, demo, &error)) return console_fail(console, error);
    if (!columns_start(app, config, console, &error)) return console_fail(console, error);
    g_autoptr(Local) local = local_new(app, store_dir(app->store), &error);
    if (!local) return console_fail(console, error);
    app->url = g_strdup(config_text(config, CONFIG_URL));
    if (!app_jobs_start(app, &error)) return console_fail(console, error);
    if (!server_start(server, &error)) return console_fail(console, error);
    if (!imports_resume(app->imports, &error)) return console_fail(console, error);
    g_autofree char *address = address_of(server, config);
    const char *public_url = config_text(config, CONFIG_PUBLIC_URL);
    const char *links = public_url ? public_url : address;
    if (!delivery_serve_at(app->delivery, links, config_text(config, CONFIG_RESOLVER), &error) ||
        !messages_start(app->messages, links, &error) || !watch_start(app->watch, &error))
        return console_fail(console, error);
    console_note(console, "Kith is at %s\n", address);
    if (!routes_greet(app, address, console, &error)) return console_fail(console, error);
    g_main_loop_run(stop.loop);
    console_note(console, "Kith stops: answering what was asked, then closing\n");
    server_stop(server);
    return CONSOLE_DONE;
}
