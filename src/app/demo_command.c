#include "app/demo_command.h"

#include "app/app.h"
#include "app/config.h"
#include "app/demo.h"
#include "base/clock.h"

const CommandOption demo_options[DEMO_OPTIONS] = {
    {"people", OPTION_INT, "N", "size of the shop, 100 to 1000000 (default: 20000)"},
    {"seed", OPTION_INT, "N", "another number, another shop (default: 1)"},
    {"fill", OPTION_FLAG, NULL, "only fill the folder, do not serve"},
};

/* A line that is overwritten on a terminal, every twentieth part elsewhere. */
static void progress_show(void *data, const char *what, uint32_t done, uint32_t all)
{
    Console *console = data;
    if (console->terminal) console_note(console, "\r  %s %u of %u        ", what, done, all);
    if (console->terminal && done == all) console_note(console, "\n");
    if (!console->terminal && done == all) console_note(console, "  %u %s\n", all, what);
}

static bool options_read(const CommandLine *line, DemoOptions *options, GError **error)
{
    int64_t people = DEMO_PEOPLE_DEFAULT, seed = 1;
    if (!command_int(line, "people", DEMO_PEOPLE_MIN, DEMO_PEOPLE_MAX, &people, error))
        return false;
    if (!command_int(line, "seed", 0, INT64_MAX, &seed, error)) return false;
    options->people = (uint32_t)people;
    options->seed = (uint64_t)seed;
    return true;
}

static bool fill(App *app, Console *console, const DemoOptions *options, GError **error)
{
    DemoSummary summary;
    int64_t start_us = clock_monotonic_us();
    DemoParts parts = {app_store(app), app_people(app), app_timeline(app), app_orders(app)};
    console_note(console, "Simulating a shop with %u people and two years of history\n",
                 options->people);
    if (!demo_fill(&parts, options, &summary, error)) return false;
    if (summary.people == 0) {
        console_note(console, "It is here already; remove the folder to begin again\n");
        return true;
    }
    console_note(console, "%u people, %u orders, %u refunds, %u visits in %.1f s\n", summary.people,
                 summary.orders, summary.refunds, summary.visits,
                 (double)(clock_monotonic_us() - start_us) / 1e6);
    console_note(console, "Its orders as a shop exports them: %s/demo-orders.csv\n",
                 store_dir(app_store(app)));
    return true;
}

int demo_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    DemoOptions options = {.progress = progress_show, .data = console};
    g_autoptr(GError) error = NULL;
    if (!options_read(line, &options, &error)) {
        console_fail(console, error);
        return CONSOLE_USAGE;
    }
    g_autoptr(Config) config = config_load(line, command_data(line), &error);
    if (!config) return console_fail(console, error);
    AppOptions app_options = {.data_dir = command_data(line),
                              .database = config_text(config, CONFIG_DATABASE)};
    g_autoptr(App) app = app_open(&app_options, &error);
    if (!app || !fill(app, console, &options, &error)) return console_fail(console, error);
    return command_flag(line, "fill") ? CONSOLE_DONE : app_serve(app, config, true, console);
}
