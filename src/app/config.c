#include "app/config.h"

#include <errno.h>
#include <string.h>

static const char *const log_choices[] = {"requests", "errors", NULL};

const CommandOption config_flags[CONFIG_COUNT] = {
    [CONFIG_DATABASE] = {"database", OPTION_TEXT, "postgres://…",
                         "database; default: what the data folder remembers, else DATA/kith.db"},
    [CONFIG_LISTEN] = {"listen", OPTION_TEXT, "ADDRESS:PORT",
                       "where browsers and SDKs connect; plain HTTP, so keep it on this machine "
                       "and let a proxy speak TLS"},
    [CONFIG_URL] = {"url", OPTION_TEXT, "https://…",
                    "outside address of the user interface, when a proxy stands before it"},
    [CONFIG_PUBLIC_LISTEN] = {"public-listen", OPTION_TEXT, "ADDRESS:PORT",
                              "second port for public pages and tracking only"},
    [CONFIG_PUBLIC_URL] =
        {"public-url", OPTION_TEXT, "https://…",
         "outside address of public pages; requests for its host reach only them"},
    [CONFIG_TRUSTED_PROXY] = {"trusted-proxy", OPTION_TEXT, "ADDRESS[/BITS],…",
                              "proxies whose X-Forwarded-For and -Proto are believed"},
    [CONFIG_RESOLVER] = {"resolver", OPTION_TEXT, "ADDRESS[:PORT]",
                         "name server that the checks of the sender's domain ask; default: this "
                         "machine's"},
    [CONFIG_HTTP_THREADS] = {"http-threads", OPTION_INT, "N", "threads that read and write HTTP"},
    [CONFIG_WORKERS] = {"workers", OPTION_INT, "N", "threads that answer the API"},
    [CONFIG_CONNECTIONS] = {"connections", OPTION_INT, "N", "connections open at once"},
    [CONFIG_BODY_BUDGET_MB] = {"body-budget-mb", OPTION_INT, "MB",
                               "memory for all request bodies together; beyond it clients get 429"},
    [CONFIG_COLUMNS_MB] = {"columns-mb", OPTION_INT, "MB",
                           "memory for the columns that segments are answered from; what does not "
                           "fit, or everything with 0, is read from the database"},
    [CONFIG_LOG] = {"log", OPTION_TEXT, "requests|errors",
                    "requests: one JSON line per request on stderr; errors: failures only"},
};

const ConfigOption config_options[CONFIG_COUNT] = {
    [CONFIG_DATABASE] = {.secret = true},
    [CONFIG_LISTEN] = {.fallback = "127.0.0.1:8420"},
    [CONFIG_HTTP_THREADS] = {.fallback = "2", .min = 1, .max = 64},
    [CONFIG_WORKERS] = {.fallback = "4", .min = 1, .max = 64},
    [CONFIG_CONNECTIONS] = {.fallback = "2000", .min = 10, .max = 100000},
    [CONFIG_BODY_BUDGET_MB] = {.fallback = "256", .min = 16, .max = 65536},
    [CONFIG_COLUMNS_MB] = {.fallback = "1024", .min = 0, .max = 1048576},
    [CONFIG_LOG] = {.fallback = "requests", .choices = log_choices},
};

struct Config {
    char *values[CONFIG_COUNT]; /* owned; NULL: not set */
};

void config_free(Config *config)
{
    if (!config) return;
    for (int i = 0; i < CONFIG_COUNT; i++)
        g_free(config->values[i]);
    g_free(config);
}

char *config_env_name(ConfigName name)
{
    g_autofree char *upper = g_ascii_strup(config_flags[name].name, -1);
    return g_strconcat("KITH_", g_strdelimit(upper, "-", '_'), NULL);
}

/* Sets a value unless a stronger layer did. `where`: for the message, as "--listen". */
static bool value_set(Config *config, ConfigName name, const char *text, const char *where,
                      GError **error)
{
    const ConfigOption *option = &config_options[name];
    gint64 number;
    if (config->values[name]) return true;
    if (*text == '\0') return fail(error, KITH_ERROR_INVALID, "%s: a value is missing", where);
    if (config_flags[name].type == OPTION_INT &&
        !g_ascii_string_to_signed(text, 10, option->min, option->max, &number, NULL))
        return fail(error, KITH_ERROR_INVALID,
                    "%s: must be %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT ", not \"%s\"", where,
                    option->min, option->max, text);
    if (option->choices && !g_strv_contains(option->choices, text))
        return fail(error, KITH_ERROR_INVALID, "%s: must be %s, not \"%s\"", where,
                    config_flags[name].argument, text);
    config->values[name] = g_strdup(text);
    return true;
}

static bool flags_read(Config *config, const CommandLine *line, GError **error)
{
    for (int i = 0; line && i < CONFIG_COUNT; i++) {
        const char *text = command_text(line, config_flags[i].name);
        g_autofree char *where = g_strconcat("--", config_flags[i].name, NULL);
        if (text && !value_set(config, (ConfigName)i, text, where, error)) return false;
    }
    return true;
}

static bool environment_read(Config *config, GError **error)
{
    for (int i = 0; i < CONFIG_COUNT; i++) {
        g_autofree char *name = config_env_name((ConfigName)i);
        const char *text = g_getenv(name);
        if (text && *text && !value_set(config, (ConfigName)i, text, name, error)) return false;
    }
    return true;
}

static bool name_find(const char *text, ConfigName *ret_name)
{
    for (int i = 0; i < CONFIG_COUNT; i++) {
        if (strcmp(config_flags[i].name, text) != 0) continue;
        *ret_name = (ConfigName)i;
        return true;
    }
    return false;
}

static bool line_read(Config *config, char *text, const char *where, GError **error)
{
    ConfigName name;
    g_strstrip(text);
    if (*text == '\0' || *text == '#') return true;
    char *equals = strchr(text, '=');
    if (!equals) return fail(error, KITH_ERROR_INVALID, "%s: write \"name = value\"", where);
    *equals = '\0';
    if (!name_find(g_strchomp(text), &name))
        return fail(error, KITH_ERROR_INVALID, "%s: there is no setting \"%s\"", where, text);
    return value_set(config, name, g_strchug(equals + 1), where, error);
}

static bool file_read(Config *config, const char *data_dir, GError **error)
{
    g_autofree char *path = data_dir ? g_build_filename(data_dir, "kith.conf", NULL) : NULL;
    g_autofree char *text = NULL;
    gsize size = 0;
    if (!path || !g_file_test(path, G_FILE_TEST_EXISTS)) return true;
    if (!g_file_get_contents(path, &text, &size, error)) return false;
    if (size > CONFIG_FILE_BYTES_MAX || !g_utf8_validate(text, (gssize)size, NULL))
        return fail(error, KITH_ERROR_INVALID, "%s: not a text file of at most %d bytes", path,
                    CONFIG_FILE_BYTES_MAX);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        g_autofree char *where = g_strdup_printf("%s:%u", path, i + 1);
        if (!line_read(config, lines[i], where, error)) return false;
    }
    return true;
}

static void defaults_set(Config *config)
{
    for (int i = 0; i < CONFIG_COUNT; i++)
        if (!config->values[i]) config->values[i] = g_strdup(config_options[i].fallback);
}

Config *config_load(const CommandLine *line, const char *data_dir, GError **error)
{
    g_autoptr(Config) config = g_new0(Config, 1);
    if (!flags_read(config, line, error) || !environment_read(config, error) ||
        !file_read(config, data_dir, error))
        return NULL;
    defaults_set(config);
    return g_steal_pointer(&config);
}

const char *config_text(const Config *config, ConfigName name) { return config->values[name]; }

int64_t config_int(const Config *config, ConfigName name)
{
    g_assert(config_flags[name].type == OPTION_INT);
    return g_ascii_strtoll(config->values[name], NULL, 10);
}

char *config_sample(void)
{
    GString *out = g_string_new("# kith.conf: lies in the data folder; options and variables of "
                                "the environment win over it.\n");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const char *fallback = config_options[i].fallback;
        g_string_append_printf(out, "\n# %s\n#%s = %s\n", config_flags[i].help,
                               config_flags[i].name,
                               fallback ? fallback : config_flags[i].argument);
    }
    return g_string_free(out, FALSE);
}

/* A cell of a Markdown table. */
static char *cell(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "|", -1);
    return g_strjoinv("\\|", parts);
}

char *config_page(void)
{
    GString *out = g_string_new(
        "# Settings of `kith serve`\n\n"
        "Made from the table in `src/app/config.c`; a test keeps the two the same. The first that "
        "says something counts: option, environment, `DATA/kith.conf`, default.\n\n"
        "| option | environment | in kith.conf | default | |\n| --- | --- | --- | --- | --- |\n");
    for (int i = 0; i < CONFIG_COUNT; i++) {
        const CommandOption *flag = &config_flags[i];
        const ConfigOption *option = &config_options[i];
        g_autofree char *env = config_env_name((ConfigName)i);
        g_autofree char *argument = cell(flag->argument);
        g_string_append_printf(out, "| `--%s` %s | `%s` | `%s` | %s | %s%s%s |\n", flag->name,
                               argument, env, flag->name, option->fallback ? option->fallback : "",
                               flag->help, option->secret ? "; secret: never logged or shown" : "",
                               option->reloadable ? "; read again on SIGHUP" : "");
    }
    return g_string_free(out, FALSE);
}
