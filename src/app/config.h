/* app/config.h: what can be set about a running Kith: one table.
 *
 * From the table follow the options of `kith serve` and `kith demo`, their --help, the variables
 * KITH_…, the keys of DATA/kith.conf, the sample file and the page docs/config.md. The first of
 * these that says something counts: option, environment, file, default.
 *
 *     g_autoptr(Config) config = config_load(line, data_dir, error);
 *     const char *listen = config_text(config, CONFIG_LISTEN);
 *
 * The file: one `name = value` a line, `#` begins a comment line. An unknown name, a value that
 * does not fit or a line that is neither is an error naming file and line. Immutable once loaded.
 */
#pragma once
#include "app/command.h"

enum { CONFIG_FILE_BYTES_MAX = 256 * 1024 };

typedef enum ConfigName {
    CONFIG_DATABASE,
    CONFIG_LISTEN,
    CONFIG_URL,
    CONFIG_PUBLIC_LISTEN,
    CONFIG_PUBLIC_URL,
    CONFIG_TRUSTED_PROXY,
    CONFIG_RESOLVER,
    CONFIG_HTTP_THREADS,
    CONFIG_WORKERS,
    CONFIG_CONNECTIONS,
    CONFIG_BODY_BUDGET_MB,
    CONFIG_COLUMNS_MB,
    CONFIG_LOG,
    CONFIG_COUNT
} ConfigName;

typedef struct ConfigOption {
    const char *fallback;       /* the default; NULL: not set */
    int64_t min, max;           /* of an OPTION_INT */
    const char *const *choices; /* of a text, NULL-terminated; NULL: any */
    bool reloadable;            /* SIGHUP is enough, no restart */
    bool secret;                /* never shown again */
} ConfigOption;

/* Both by ConfigName. `config_flags` is what a Command takes as its options. */
extern const CommandOption config_flags[CONFIG_COUNT];
extern const ConfigOption config_options[CONFIG_COUNT];

typedef struct Config Config;

/* `line` may be NULL (no options), `data_dir` too (no file). Errors: INVALID, UNAVAILABLE. */
Config *config_load(const CommandLine *line, const char *data_dir, GError **error);
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* NULL when not set and without default. */
const char *config_text(const Config *config, ConfigName name);
int64_t config_int(const Config *config, ConfigName name);

/* "KITH_PUBLIC_URL"; the caller frees it. */
char *config_env_name(ConfigName name);
/* A kith.conf with everything in it commented out, and docs/config.md. The caller frees. */
char *config_sample(void);
char *config_page(void);
