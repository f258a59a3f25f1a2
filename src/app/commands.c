#include "app/app.h"
#include "app/command.h"

#include <inttypes.h>

static int version_run(App *app, Console *console, const CommandLine *line)
{
    (void)app;
    (void)line;
    console_print(console, "kith %s\n", KITH_VERSION);
    return CONSOLE_DONE;
}

/* ── serve ───────────────────────────────────────────────────────────────────────────────────── */

static int serve_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(line, command_data(line), &error);
    if (!config) return console_fail(console, error);
    g_autoptr(App) app = app_open(
        &(AppOptions){.data_dir = command_data(line), .database = config_text(config, CONFIG_DATABASE)},
        &error);
    if (!app) return console_fail(console, error);
    return app_serve(app, config, console);
}

/* ── the table ───────────────────────────────────────────────────────────────────────────────── */

const Command commands[] = {
    {"serve", "", "Serve the UI, the API and the tracking of a data folder", serve_run,
     NEEDS_FOLDER, config_flags, CONFIG_COUNT},
    {"version", "", "Print the version", version_run, NEEDS_NOTHING, NULL, 0},
};
const size_t command_count = G_N_ELEMENTS(commands);
