#include "app/command.h"

#include <locale.h>
#include <string.h>

static GString *printed;

static bool keep(void *context, ConsoleStream stream, const char *text, size_t size)
{
    (void)context;
    (void)stream;
    g_string_append_len(printed, text, (gssize)size);
    return true;
}

static int run(char **argv)
{
    g_string_truncate(printed, 0);
    Console console = {.write = keep, .directory = "/"};
    return command_run(NULL, &console, (int)g_strv_length(argv), argv);
}

static void a_command_line_is_read_or_refused(void)
{
    static const struct {
        const char *why;
        const char *argv[6];
        int want;
        const char *says;
    } cases[] = {
        {"nothing to do is a wrong usage", {"kith"}, CONSOLE_USAGE, "kith COMMAND --help"},
        {"help is an answer", {"kith", "--help"}, CONSOLE_DONE, "one timeline per person"},
        {"unknown command",
         {"kith", "frobnicate"},
         CONSOLE_USAGE,
         "unknown command \"frobnicate\""},
        {"version", {"kith", "version"}, CONSOLE_DONE, KITH_VERSION},
        {"help of a command", {"kith", "serve", "--help"}, CONSOLE_DONE, "--data DIR"},
        {"unknown option", {"kith", "serve", "--colour"}, CONSOLE_USAGE, "unknown option --colour"},
        {"a flag takes no value", {"kith", "key", "--json=1"}, CONSOLE_USAGE, "takes no value"},
        {"a value is missing", {"kith", "serve", "--data"}, CONSOLE_USAGE, "--data DIR"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        g_assert_cmpint(run((char **)cases[i].argv), ==, cases[i].want);
        if (!strstr(printed->str, cases[i].says))
            g_error("\"%s\" does not say \"%s\"", printed->str, cases[i].says);
    }
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    printed = g_string_new(NULL);
    g_test_add_func("/command/line", a_command_line_is_read_or_refused);
    int status = g_test_run();
    g_string_free(printed, TRUE);
    return status;
}
