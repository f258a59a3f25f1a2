/* app/command.h: the commands of `kith`, one table.
 *
 * A command on a folder that a server holds runs inside that server (app/local.h); otherwise it
 * opens the store itself, under the same exclusive lock. Either way it gets an open App and a
 * Console, so it is written once.
 *
 *     static const CommandOption options[] = {{"from", OPTION_TEXT, "YYYY-MM-DD", "first day"}};
 *     {"kpi", "[NAME…]", "Figures of the shop", kpi_run, options, G_N_ELEMENTS(options)}
 *
 * Exit status: 0 done, 1 failed, 2 usage.
 */
#pragma once
#include "base/console.h"
#include "base/error.h"

#include <stdint.h>

typedef struct App App;

typedef enum OptionType { OPTION_FLAG, OPTION_TEXT, OPTION_INT, OPTION_LIST } OptionType;

typedef struct CommandOption {
    const char *name;     /* without "--" */
    OptionType type;      /* OPTION_LIST may be given several times */
    const char *argument; /* shown in the help: "FILE" */
    const char *help;
} CommandOption;

/* What was typed. Texts are borrowed from the command line and live as long as the command. */
typedef struct CommandLine {
    GPtrArray *words;    /* of char *, NULL-terminated: what is no option */
    GHashTable *options; /* name -> GPtrArray of char * */
} CommandLine;

typedef enum CommandNeeds {
    NEEDS_NOTHING, /* runs without a data folder */
    NEEDS_APP,     /* an open App: in the server that holds the folder, or here */
    NEEDS_FOLDER   /* the folder itself, which no server may hold: serve, demo, restore */
} CommandNeeds;

/* `app` is NULL unless the command NEEDS_APP. */
typedef int (*CommandRun)(App *app, Console *console, const CommandLine *line);

typedef struct Command {
    const char *name;
    const char *words; /* usage of the words: "orders FILE.csv" */
    const char *summary;
    CommandRun run;
    CommandNeeds needs;
    const CommandOption *options;
    size_t option_count;
    bool serves; /* also takes the options of the config table */
    bool asks;   /* of what is there: makes no new store */
} Command;

/* The table, in the order of `kith --help`. */
extern const Command commands[];
extern const size_t command_count;

/* Runs argv[1..]; argv[0] is the program's name. `app` is the open App when this process is the
 * server, else NULL. Returns the exit status. */
int command_run(App *app, Console *console, int argc, char **argv);

/* The data folder: --data, else $KITH_DATA, else "data". */
const char *command_data(const CommandLine *line);

/* Readers for runs. An option's last value, NULL when it was not given. */
bool command_flag(const CommandLine *line, const char *name);
const char *command_text(const CommandLine *line, const char *name);
/* Number in min..max; `otherwise` when absent. Errors: INVALID naming option and range. */
bool command_int(const CommandLine *line, const char *name, int64_t min, int64_t max,
                 int64_t *in_out, GError **error);
/* All values of an OPTION_LIST, or NULL. */
const GPtrArray *command_list(const CommandLine *line, const char *name);
size_t command_word_count(const CommandLine *line);
const char *command_word(const CommandLine *line, size_t index); /* NULL beyond the end */
