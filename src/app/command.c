#include "app/command.h"

#include "app/app.h"
#include "app/config.h"
#include "app/local.h"

#include <inttypes.h>
#include <string.h>

/* Nobody waits beside a command: where the machine is slow, it may be so too. */
enum { COMMAND_READER_MS = 60 * 1000 };

static const CommandOption common_options[] = {
    {"data", OPTION_TEXT, "DIR", "the data folder (default: $KITH_DATA, else ./data)"},
    {"database", OPTION_TEXT, "URL", "postgres://… instead of DIR/kith.db; remembered in DIR"},
    {"help", OPTION_FLAG, NULL, "this text"},
};

static const Command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static const CommandOption *option_in(const CommandOption *options, size_t count, const char *name,
                                      size_t size)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == size && memcmp(options[i].name, name, size) == 0)
            return &options[i];
    return NULL;
}

static const CommandOption *option_find(const Command *command, const char *name, size_t size)
{
    const CommandOption *own = option_in(command->options, command->option_count, name, size);
    if (!own && command->serves) own = option_in(config_flags, CONFIG_COUNT, name, size);
    return own ? own : option_in(common_options, G_N_ELEMENTS(common_options), name, size);
}

static void option_help(Console *console, const CommandOption *option)
{
    g_autofree char *left = option->argument
                                ? g_strdup_printf("--%s %s", option->name, option->argument)
                                : g_strdup_printf("--%s", option->name);
    console_print(console, "  %-26s %s\n", left, option->help);
}

static void command_help(Console *console, const Command *command)
{
    console_print(console, "kith %s %s\n%s\n\n", command->name, command->words, command->summary);
    for (size_t i = 0; i < command->option_count; i++)
        option_help(console, &command->options[i]);
    for (size_t i = 0; command->serves && i < CONFIG_COUNT; i++)
        if (i != CONFIG_DATABASE) option_help(console, &config_flags[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(common_options); i++)
        if (option_find(command, common_options[i].name, strlen(common_options[i].name)) ==
            &common_options[i])
            option_help(console, &common_options[i]);
}

static void general_help(Console *console)
{
    console_print(console, "Kith keeps one timeline per person of your business.\n\n");
    for (size_t i = 0; i < command_count; i++)
        console_print(console, "  kith %-9s %s\n", commands[i].name, commands[i].summary);
    console_print(console, "\nkith COMMAND --help says more. Exit status: 0 done, 1 failed, "
                           "2 wrong usage.\n");
}

static void line_clear(CommandLine *line)
{
    g_clear_pointer(&line->words, g_ptr_array_unref);
    g_clear_pointer(&line->options, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CommandLine, line_clear)

/* Options are few and are our own names: any hash will do. */
static guint name_hash(gconstpointer name) { return (guint)strlen(name); }

static void line_init(CommandLine *line)
{
    line->words = g_ptr_array_new();
    line->options =
        g_hash_table_new_full(name_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
}

static void line_add(CommandLine *line, const CommandOption *option, char *value)
{
    GPtrArray *values = g_hash_table_lookup(line->options, option->name);
    if (!values) {
        values = g_ptr_array_new();
        g_hash_table_insert(line->options, (char *)option->name, values);
    }
    g_ptr_array_add(values, value);
}

/* Reads one "--name", "--name=value" or "--name value" at argv[*index]. */
static bool line_read_option(const Command *command, CommandLine *line, char **argv, int *index,
                             GError **error)
{
    char *text = argv[*index] + 2;
    size_t size = strcspn(text, "=");
    const CommandOption *option = option_find(command, text, size);
    if (!option)
        return fail(error, KITH_ERROR_INVALID, "unknown option --%.*s: see kith %s --help",
                    (int)size, text, command->name);
    if (option->type == OPTION_FLAG) {
        if (text[size] == '=')
            return fail(error, KITH_ERROR_INVALID, "option --%s takes no value", option->name);
        line_add(line, option, text);
        return true;
    }
    char *value = text[size] == '=' ? text + size + 1 : argv[*index + 1];
    if (!value)
        return fail(error, KITH_ERROR_INVALID, "option --%s needs a value: --%s %s", option->name,
                    option->name, option->argument);
    if (text[size] != '=') *index += 1;
    line_add(line, option, value);
    return true;
}

static bool line_read(const Command *command, CommandLine *line, char **argv, GError **error)
{
    bool options_over = false;
    for (int i = 2; argv[i]; i++) {
        if (!options_over && strcmp(argv[i], "--") == 0) {
            options_over = true;
        } else if (!options_over && g_str_has_prefix(argv[i], "--")) {
            if (!line_read_option(command, line, argv, &i, error)) return false;
        } else {
            g_ptr_array_add(line->words, argv[i]);
        }
    }
    return true;
}

const char *command_data(const CommandLine *line)
{
    const char *data = command_text(line, "data");
    if (!data) data = g_getenv("KITH_DATA");
    return data ? data : "data";
}

/* The folder is not held by a server: open it here, under the same lock. */
static int command_run_here(const Command *command, Console *console, const CommandLine *line)
{
    g_autoptr(GError) error = NULL;
    AppOptions options = {.data_dir = command_data(line),
                          .database = command_text(line, "database"),
                          .reader_ms = COMMAND_READER_MS,
                          .must_exist = command->asks};
    g_autoptr(App) app = app_open(&options, &error);
    if (!app) return console_fail(console, error);
    return command->run(app, console, line);
}

static int command_dispatch(const Command *command, App *app, Console *console,
                            const CommandLine *line, char **argv)
{
    if (command->needs == NEEDS_NOTHING || app) {
        if (app && command->needs == NEEDS_FOLDER) {
            console_note(console, "kith: %s cannot run while a server holds this folder\n",
                         command->name);
            return CONSOLE_FAILED;
        }
        return command->run(app, console, line);
    }
    if (command->needs == NEEDS_FOLDER) return command->run(NULL, console, line);
    int status;
    if (local_call(command_data(line), console, argv, &status)) return status;
    return command_run_here(command, console, line);
}

static bool asks_for_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int command_run(App *app, Console *console, int argc, char **argv)
{
    if (argc < 2 || asks_for_help(argv[1])) {
        general_help(console);
        return argc < 2 ? CONSOLE_USAGE : CONSOLE_DONE;
    }
    const Command *command = command_find(argv[1]);
    if (!command) {
        console_note(console, "kith: unknown command \"%s\": see kith --help\n", argv[1]);
        return CONSOLE_USAGE;
    }
    g_auto(CommandLine) line = {0};
    line_init(&line);
    g_autoptr(GError) error = NULL;
    if (!line_read(command, &line, argv, &error)) {
        console_note(console, "kith: %s\n", error->message);
        return CONSOLE_USAGE;
    }
    if (command_flag(&line, "help")) {
        command_help(console, command);
        return CONSOLE_DONE;
    }
    return command_dispatch(command, app, console, &line, argv);
}

const GPtrArray *command_list(const CommandLine *line, const char *name)
{
    return g_hash_table_lookup(line->options, name);
}

bool command_flag(const CommandLine *line, const char *name)
{
    return command_list(line, name) != NULL;
}

const char *command_text(const CommandLine *line, const char *name)
{
    const GPtrArray *values = command_list(line, name);
    return values ? g_ptr_array_index(values, values->len - 1) : NULL;
}

bool command_int(const CommandLine *line, const char *name, int64_t min, int64_t max,
                 int64_t *in_out, GError **error)
{
    const char *text = command_text(line, name);
    if (!text) return true;
    char *end;
    int64_t value = g_ascii_strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value < min || value > max)
        return fail(error, KITH_ERROR_INVALID,
                    "option --%s \"%s\": must be a number from %" PRId64 " to %" PRId64, name, text,
                    min, max);
    *in_out = value;
    return true;
}

size_t command_word_count(const CommandLine *line) { return line->words->len; }

const char *command_word(const CommandLine *line, size_t index)
{
    return index < line->words->len ? g_ptr_array_index(line->words, index) : NULL;
}
