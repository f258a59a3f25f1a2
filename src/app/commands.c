#include "app/app.h"
#include "app/command.h"
#include "app/demo_command.h"
#include "app/liquid_command.h"
#include "app/verify.h"
#include "measure/kpi_command.h"
#include "net/account.h"
#include "segments/segment_command.h"
#include "store/backup.h"
#include "timeline/import_command.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static int usage(Console *console, const char *text)
{
    console_note(console, "kith: %s\n", text);
    return CONSOLE_USAGE;
}

/* Prints a JSON object and drops it. */
static int print_json(Console *console, json_t *steal)
{
    char *text = json_dumps(steal, JSON_INDENT(2));
    console_print(console, "%s\n", text);
    free(text);
    json_decref(steal);
    return CONSOLE_DONE;
}

/* The command line acts in the name of whoever may read the folder. */
static const Actor command_actor = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};

/* ── serve, config, version ──────────────────────────────────────────────────────────────────── */

static int serve_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) config = config_load(line, command_data(line), &error);
    if (!config) return console_fail(console, error);
    AppOptions options = {.data_dir = command_data(line),
                          .database = config_text(config, CONFIG_DATABASE)};
    g_autoptr(App) app = app_open(&options, &error);
    if (!app) return console_fail(console, error);
    return app_serve(app, config, false, console);
}

static int config_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    const char *word = command_word(line, 0);
    if (!word || (strcmp(word, "sample") != 0 && strcmp(word, "page") != 0))
        return usage(console, "kith config sample (a kith.conf) or kith config page (its manual)");
    g_autofree char *text = strcmp(word, "sample") == 0 ? config_sample() : config_page();
    console_print(console, "%s", text);
    return CONSOLE_DONE;
}

static int version_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    (void)line;
    console_print(console, "kith %s\n", KITH_VERSION);
    return CONSOLE_DONE;
}

/* ── kpi ─────────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption kpi_options[] = {
    {"from", OPTION_TEXT, "YYYY-MM-DD", "first day (default: the first order)"},
    {"to", OPTION_TEXT, "YYYY-MM-DD", "first day that is no longer counted"},
    {"zone", OPTION_TEXT, "ZONE", "time zone of the days (default: the business's)"},
    {"json", OPTION_FLAG, NULL, "everything, with cohorts and curves, as JSON"},
};

static int kpi_run(App *app, Console *console, const CommandLine *line)
{
    KpiCommand command = {
        .names = (const char *const *)(void *)line->words->pdata,
        .name_count = command_word_count(line),
        .from = command_text(line, "from"),
        .to = command_text(line, "to"),
        .zone = command_text(line, "zone"),
        .json = command_flag(line, "json"),
    };
    return kpi_command(app_measure(app), console, &command);
}

/* ── segment ─────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption segment_options[] = {
    {"at", OPTION_TEXT, "TIME", "what is known today about this time (default: now)"},
    {"known-at", OPTION_TEXT, "TIME", "who was in a watched segment as it was known then"},
    {"members", OPTION_TEXT, "FILE.csv", "create: a list of the people that this file names"},
    {"column", OPTION_TEXT, "NAME", "of the file, that says who it is (default: by its name)"},
    {"by", OPTION_TEXT, "KIND", "what stands in it: email, user_id, person_id (default: auto)"},
    {"json", OPTION_FLAG, NULL, "the answer as JSON"},
};

static int segment_run(App *app, Console *console, const CommandLine *line)
{
    bool why = g_strcmp0(command_word(line, 0), "why") == 0;
    bool create = g_strcmp0(command_word(line, 0), "create") == 0;
    if (command_word_count(line) > (why || create ? 3 : 2))
        return usage(console, "put the whole rule between quotes: kith segment count 'RULE'");
    SegmentCommand command = {
        .verb = command_word(line, 0),
        .rule = command_word(line, create ? 2 : 1),
        .name = create ? command_word(line, 1) : NULL,
        .members = command_text(line, "members"),
        .column = command_text(line, "column"),
        .by = command_text(line, "by"),
        .person = why ? command_word(line, 2) : NULL,
        .at = command_text(line, "at"),
        .known_at = command_text(line, "known-at"),
        .json = command_flag(line, "json"),
    };
    return segment_command(app_segments(app), console, &command);
}

/* ── import ──────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption import_options[] = {
    {"format", OPTION_TEXT, "NAME",
     "auto, shopify, woocommerce, mailchimp, klaviyo, brevo, listmonk, generic"},
    {"map", OPTION_LIST, "FIELD=COLUMN", "what a column means; may be given several times"},
    {"shop", OPTION_TEXT, "NAME", "the shop the file belongs to (default: the first)"},
    {"currency", OPTION_TEXT, "CODE", "ISO 4217 (default: the business's)"},
    {"zone", OPTION_TEXT, "ZONE", "of times without an offset (default: the business's)"},
    {"delimiter", OPTION_TEXT, "CHAR", "one character, or tab (default: by the file)"},
    {"date-order", OPTION_TEXT, "ORDER", "ymd, dmy, mdy, epoch_s, epoch_ms (default: by the file)"},
    {"decimal-comma", OPTION_FLAG, NULL, "1.234,50 (default: by the file)"},
    {"says", OPTION_TEXT, "WORD", "of a list: subscribed, unsubscribed, bounced, cleaned …"},
    {"not-suppressions", OPTION_FLAG, NULL, "they may be written to, whatever the file looks like"},
    {"dry-run", OPTION_FLAG, NULL, "show how it would be read; change nothing"},
    {"json", OPTION_FLAG, NULL, "the counts as JSON"},
};

static int import_run(App *app, Console *console, const CommandLine *line)
{
    if (command_word_count(line) != 2) return usage(console, "kith import KIND FILE.csv");
    const GPtrArray *maps = command_list(line, "map");
    ImportCommand command = {
        .kind = command_word(line, 0),
        .path = command_word(line, 1),
        .format = command_text(line, "format"),
        .maps = maps ? (const char *const *)(void *)maps->pdata : NULL,
        .map_count = maps ? maps->len : 0,
        .shop = command_text(line, "shop"),
        .currency = command_text(line, "currency"),
        .zone = command_text(line, "zone"),
        .delimiter = command_text(line, "delimiter"),
        .date_order = command_text(line, "date-order"),
        .says = command_text(line, "says"),
        .not_suppressions = command_flag(line, "not-suppressions"),
        .decimal_comma = command_flag(line, "decimal-comma"),
        .dry_run = command_flag(line, "dry-run"),
        .json = command_flag(line, "json"),
    };
    return import_command(app_imports(app), console, &command);
}

/* ── key ─────────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption key_options[] = {
    {"scope", OPTION_TEXT, "track|ingest|api", "what the key may do"},
    {"name", OPTION_TEXT, "NAME", "what it is for (default: the scope)"},
    {"json", OPTION_FLAG, NULL, "key and its id as JSON"},
};

static int key_run(App *app, Console *console, const CommandLine *line)
{
    const char *word = command_word(line, 0), *scope = command_text(line, "scope");
    KeyInput input = {.name = command_text(line, "name")};
    if (!word || strcmp(word, "create") != 0)
        return usage(console, "kith key create --scope track|ingest|api [--name NAME]");
    if (!scope || !key_scope_parse(scope, &input.scope))
        return usage(console, "--scope must be track (public), ingest (server) or api");
    if (!input.name) input.name = scope;
    g_autoptr(GError) error = NULL;
    KeyMade made;
    if (!auth_key_create(app_auth(app), &input, &command_actor, &made, &error))
        return console_fail(console, error);
    if (command_flag(line, "json")) {
        g_autofree char *id = g_strdup_printf("%" PRId64, made.key_id);
        return print_json(console, json_pack("{s:s,s:s,s:s,s:s}", "id", id, "scope", scope, "name",
                                             input.name, "secret", made.secret));
    }
    console_print(console, "%s\n", made.secret);
    return CONSOLE_DONE;
}

/* ── user ────────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption user_options[] = {
    {"name", OPTION_TEXT, "NAME", "shown to colleagues (default: the address)"},
    {"role", OPTION_TEXT, "owner|staff", "default: staff"},
    {"language", OPTION_TEXT, "en|de", "default: en"},
};

static bool role_of(const char *text, UserRole *ret_role)
{
    *ret_role = ROLE_STAFF;
    for (int i = 0; text && i < ROLES; i++) {
        if (strcmp(role_names[i], text) != 0) continue;
        *ret_role = (UserRole)i;
        return true;
    }
    return text == NULL;
}

static int user_run(App *app, Console *console, const CommandLine *line)
{
    const char *word = command_word(line, 0), *email = command_word(line, 1);
    AccountInput input = {.email = email,
                          .name = command_text(line, "name"),
                          .language = command_text(line, "language")};
    if (!word || strcmp(word, "create") != 0 || !email)
        return usage(console, "kith user create ADDRESS [--name NAME] [--role owner|staff]");
    if (!role_of(command_text(line, "role"), &input.role))
        return usage(console, "--role must be owner or staff");
    if (!input.name) input.name = email;
    if (!input.language) input.language = "en";
    g_autoptr(GError) error = NULL;
    int64_t account_id;
    char token[AUTH_TOKEN_SIZE];
    if (!account_create(app_auth(app), &input, &command_actor, &account_id, token, &error))
        return console_fail(console, error);
    console_note(console,
                 "An invite, good once, for seven days, under the address of the server:\n");
    console_print(console, "/link#%s\n", token);
    return CONSOLE_DONE;
}

/* ── liquid ──────────────────────────────────────────────────────────────────────────────────── */

static const CommandOption liquid_options[] = {
    {"data", OPTION_TEXT, "JSON", "the variables: an object, or a file with one"},
    {"partials", OPTION_TEXT, "DIR", "where render and include find NAME.liquid"},
    {"zone", OPTION_TEXT, "ZONE", "time zone of dates (default: UTC)"},
    {"html", OPTION_FLAG, NULL, "escape what is written out, as mails do"},
    {"jsonl", OPTION_FLAG, NULL, "FILE has one case a line: {\"template\": …, \"data\": …}"},
    {"json", OPTION_FLAG, NULL, "check: what is wrong, or what is read, as JSON"},
};

static int liquid_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    const char *verb = command_word(line, 0);
    bool known = verb && (strcmp(verb, "render") == 0 || strcmp(verb, "check") == 0);
    bool jsonl = command_flag(line, "jsonl");
    if (!known || command_word_count(line) > 2 || (!jsonl && !command_word(line, 1)))
        return usage(console, "kith liquid render FILE --data JSON, or kith liquid check FILE "
                              "(FILE - is standard input)");
    LiquidCommand command = {
        .verb = verb,
        .file = command_word(line, 1),
        .data = command_text(line, "data"),
        .partials = command_text(line, "partials"),
        .zone = command_text(line, "zone"),
        .html = command_flag(line, "html"),
        .jsonl = jsonl,
        .json = command_flag(line, "json"),
    };
    return liquid_command(console, &command);
}

/* ── backup and restore ──────────────────────────────────────────────────────────────────────── */

static bool backup_progress(int64_t done, int64_t total, void *data)
{
    Console *console = data;
    if (console->terminal && total > 0)
        console_note(console, "\r%3" PRId64 " %%", done * 100 / total);
    return !console_is_closed(console);
}

static int backup_run(App *app, Console *console, const CommandLine *line)
{
    const char *name = command_word(line, 0);
    if (!name) return usage(console, "kith backup FILE");
    g_autofree char *path = console_path(console, name);
    g_autoptr(GError) error = NULL;
    bool done = store_backup(app_store(app), path, backup_progress, console, &error);
    if (console->terminal) console_note(console, "\r      \r");
    if (!done) return console_fail(console, error);
    console_note(console, "saved in %s; keep secret.key of the data folder apart from it\n", path);
    return CONSOLE_DONE;
}

static int restore_run(App *none, Console *console, const CommandLine *line)
{
    (void)none;
    const char *name = command_word(line, 0);
    if (!name) return usage(console, "kith restore FILE --data DIR");
    g_autofree char *path = console_path(console, name);
    g_autoptr(GError) error = NULL;
    if (!store_restore(command_data(line), path, &error)) return console_fail(console, error);
    console_note(console, "restored; nothing is sent until you release the hold in the UI\n");
    return CONSOLE_DONE;
}

/* ── verify ──────────────────────────────────────────────────────────────────────────────────── */

static int verify_run(App *app, Console *console, const CommandLine *line)
{
    (void)line;
    g_autoptr(GError) error = NULL;
    g_auto(Findings) findings;
    findings_init(&findings);
    if (!verify_all(app, &findings, &error)) return console_fail(console, error);
    for (guint i = 0; i < findings.parts->len; i++) {
        const FindingsPart *part = &g_array_index(findings.parts, FindingsPart, i);
        console_print(console, "%-12s %12" PRId64 " checked %8" PRId64 " wrong\n", part->name,
                      part->checked, part->wrong);
    }
    for (guint i = 0; i < findings.texts->len; i++)
        console_print(console, "%s\n", (const char *)g_ptr_array_index(findings.texts, i));
    return findings.wrong ? CONSOLE_FAILED : CONSOLE_DONE;
}

/* ── the table ───────────────────────────────────────────────────────────────────────────────── */

#define OPTIONS(table) .options = (table), .option_count = G_N_ELEMENTS(table)

const Command commands[] = {
    {"serve", "", "Serve the UI, the API and the tracking of a data folder", serve_run,
     NEEDS_FOLDER, .serves = true},
    {"demo", "", "A simulated shop with two years of history, then serve it", demo_run,
     NEEDS_FOLDER, .options = demo_options, .option_count = DEMO_OPTIONS, .serves = true},
    {"import", "KIND FILE.csv", "Bring in orders, customers, products, events, rates, lists",
     import_run, NEEDS_APP, OPTIONS(import_options)},
    {"segment", "count|list|explain|export 'RULE'",
     "Who is meant by a rule (docs/rules.md); why 'RULE' PERSON: and why; create NAME 'RULE', or "
     "create NAME --members FILE.csv: keep a rule or a list",
     segment_run, NEEDS_APP, OPTIONS(segment_options), .asks = true},
    {"kpi", "[NAME…]", "Figures of the shop", kpi_run, NEEDS_APP, OPTIONS(kpi_options),
     .asks = true},
    {"liquid", "render|check FILE", "Render or check a template", liquid_run, NEEDS_NOTHING,
     OPTIONS(liquid_options)},
    {"key", "create --scope SCOPE", "Make a key for an SDK or the API; printed once", key_run,
     NEEDS_APP, OPTIONS(key_options)},
    {"user", "create ADDRESS", "Invite somebody to sign in", user_run, NEEDS_APP,
     OPTIONS(user_options)},
    {"backup", "FILE", "Copy the store into a file, also while it is served", backup_run,
     NEEDS_APP},
    {"restore", "FILE", "Put a copy back into a data folder", restore_run, NEEDS_FOLDER},
    {"verify", "", "Check every invariant that a store can show", verify_run, NEEDS_APP},
    {"config", "sample|page", "What can be set about a server", config_run, NEEDS_NOTHING},
    {"version", "", "Print the version", version_run, NEEDS_NOTHING},
};
const size_t command_count = G_N_ELEMENTS(commands);
