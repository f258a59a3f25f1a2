/* app/app.h: the parts of a running Kith, built in one place and passed to whom needs them.
 *
 * app_open builds what every command needs (store, people, timeline, orders, measure); app_serve
 * adds the listeners, the jobs and the door for commands, and runs until it is told to stop. Parts
 * know only the parts before them; what must flow back is an event or a job.
 *
 *     AppOptions options = {.data_dir = "shop"};
 *     g_autoptr(App) app = app_open(&options, error);
 */
#pragma once
#include "app/config.h"
#include "base/console.h"
#include "base/error.h"
#include "delivery/delivery.h"
#include "measure/measure.h"
#include "messages/messages.h"
#include "net/auth.h"
#include "people/people.h"
#include "segments/segments.h"
#include "service/inbox.h"
#include "timeline/import.h"
#include "timeline/orders.h"
#include "timeline/timeline.h"

typedef struct App App;

typedef struct AppOptions {
    const char *data_dir;
    const char *database; /* postgres://…, or NULL: what the folder remembers, else DIR/kith.db */
    int reader_ms;        /* StoreOptions */
    bool must_exist;      /* the same */
} AppOptions;

/* Opens the folder (made when it is not there, unless it must exist) under its exclusive lock. The
 * caller frees it. */
App *app_open(const AppOptions *options, GError **error);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)

Store *app_store(App *app);
People *app_people(App *app);
Timeline *app_timeline(App *app);
Orders *app_orders(App *app);
Imports *app_imports(App *app);
Segments *app_segments(App *app);
Delivery *app_delivery(App *app);
Messages *app_messages(App *app);
Inbox *app_inbox(App *app);
Inbound *app_inbound(App *app);
Measure *app_measure(App *app);
Auth *app_auth(App *app);

/* Serves until SIGTERM or SIGINT. Prints the address and, on a store nobody owns yet, a one-time
 * set-up link. Returns the exit status. `demo`: the store holds the demo shop, whose owner a
 * browser on this machine is. */
int app_serve(App *app, const Config *config, bool demo, Console *console);
