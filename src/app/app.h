/* app/app.h: the parts of a running Kith, built in one place and passed to whom needs them.
 *
 * app_open builds what every command needs (store, people, timeline, measure); app_serve adds the
 * listeners, the workers and the stages and runs until it is told to stop. Parts know only the
 * parts before them; what must flow back is an event or a job.
 */
#pragma once
#include "app/config.h"
#include "base/console.h"
#include "base/error.h"

typedef struct App App;

typedef struct AppOptions {
    const char *data_dir;
    const char *database; /* postgres://…, or NULL: what the folder remembers, else DIR/kith.db */
} AppOptions;

/* Opens the folder (made when it is not there) under its exclusive lock. The caller frees it. */
App *app_open(const AppOptions *options, GError **error);
void app_free(App *app);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(App, app_free)
