#include "app/liquid_command.h"

#include "base/clock.h"
#include "liquid/json_value.h"
#include "liquid/liquid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of --jsonl: template, data and partials, each at its limit and escaped. */
enum { LINE_BYTES_MAX = 8 * LIMIT_LIQUID_TEMPLATE_BYTES };

/* ── reading ─────────────────────────────────────────────────────────────────────────────────── */

static bool is_stdin(const char *name) { return !name || strcmp(name, "-") == 0; }

static FILE *input_open(const Console *console, const char *name, GError **error)
{
    if (is_stdin(name)) return stdin;
    g_autofree char *path = console_path(console, name);
    FILE *file = fopen(path, "re");
    if (!file) fail(error, KITH_ERROR_NOT_FOUND, "%s: %s", name, g_strerror(errno));
    return file;
}

static void input_close(FILE *file)
{
    if (file && file != stdin) fclose(file);
}

/* The whole file, at most LINE_BYTES_MAX; g_free. */
static char *input_read(const Console *console, const char *name, size_t *ret_size, GError **error)
{
    FILE *file = input_open(console, name, error);
    if (!file) return NULL;
    g_autofree char *text = g_malloc(LINE_BYTES_MAX + 1);
    *ret_size = fread(text, 1, LINE_BYTES_MAX + 1, file);
    bool good = !ferror(file);
    input_close(file);
    if (!good)
        fail(error, KITH_ERROR_UNAVAILABLE, "%s: could not be read", name);
    else if (*ret_size > LINE_BYTES_MAX)
        good = fail(error, KITH_ERROR_LIMIT, "%s: over %d MB", name, LINE_BYTES_MAX / 1024 / 1024);
    if (!good) return NULL;
    text[*ret_size] = '\0';
    return g_steal_pointer(&text);
}

/* JSON as typed, or the file of that name. */
static json_t *data_read(const Console *console, const char *data, GError **error)
{
    size_t size;
    json_error_t problem;
    if (!data) return json_object();
    g_autofree char *text = NULL;
    bool typed = data[strspn(data, " \t\r\n")] == '{';
    if (!typed) text = input_read(console, data, &size, error);
    if (!typed && !text) return NULL;
    json_t *json = json_loads(typed ? data : text, 0, &problem);
    if (json_is_object(json)) return json;
    fail(error, KITH_ERROR_INVALID, "--data: line %d, column %d: %s", problem.line, problem.column,
         json ? "must be an object: {\"name\": …}" : problem.text);
    json_decref(json);
    return NULL;
}

/* ── partials ────────────────────────────────────────────────────────────────────────────────── */

typedef struct PartialFolder {
    const Console *console;
    const char *folder;
} PartialFolder;

static char *partial_file(void *context, const char *name, GError **error)
{
    const PartialFolder *partials = context;
    size_t size;
    if (name[0] == '/' || strstr(name, "..")) {
        fail(error, KITH_ERROR_INVALID, "must be a file below %s", partials->folder);
        return NULL;
    }
    g_autofree char *file = g_strdup_printf("%s/%s.liquid", partials->folder, name);
    return input_read(partials->console, file, &size, error);
}

static char *partial_member(void *context, const char *name, GError **error)
{
    const char *source = json_string_value(json_object_get(context, name));
    if (!source) fail(error, KITH_ERROR_NOT_FOUND, "there is no partial of that name");
    return g_strdup(source);
}

/* ── render ──────────────────────────────────────────────────────────────────────────────────── */

static char *source_render(Slice source, json_t *data, const LiquidOptions *options, GError **error)
{
    g_autoptr(LiquidTemplate) template = liquid_parse(source, error);
    return template ? liquid_render(template, liquid_json(data), options, error) : NULL;
}

static bool options_fill(const LiquidCommand *command, LiquidOptions *ret_options, GError **error)
{
    *ret_options = (LiquidOptions){.html = command->html, .now_ms = clock_now_ms()};
    if (!command->zone) return true;
    ret_options->zone = zone_find(slice_of(command->zone), error);
    return ret_options->zone != NULL;
}

static int render_file(Console *console, const LiquidCommand *command)
{
    g_autoptr(GError) error = NULL;
    LiquidOptions options;
    PartialFolder folder = {console, command->partials};
    LiquidLoader loader = {partial_file, &folder};
    size_t size;
    if (!options_fill(command, &options, &error)) return console_fail(console, error);
    if (command->partials) options.loader = &loader;
    g_autofree char *source = input_read(console, command->file, &size, &error);
    if (!source) return console_fail(console, error);
    json_t *data = data_read(console, command->data, &error);
    g_autofree char *text = NULL;
    if (data) text = source_render((Slice){source, size}, data, &options, &error);
    json_decref(data);
    if (!text) return console_fail(console, error);
    console_print(console, "%s", text);
    return CONSOLE_DONE;
}

/* ── --jsonl ─────────────────────────────────────────────────────────────────────────────────── */

static json_t *error_json(const GError *error)
{
    return json_pack("{s:{s:s,s:s}}", "error", "code", error_id(error_code(error)), "message",
                     error->message);
}

static char *case_render(json_t *json, const LiquidOptions *shared, GError **error)
{
    json_t *template = json_object_get(json, "template"), *html = json_object_get(json, "html");
    if (!json_is_string(template)) {
        fail(error, KITH_ERROR_INVALID, "\"template\" must be a text");
        return NULL;
    }
    LiquidLoader loader = {partial_member, json_object_get(json, "templates")};
    LiquidOptions options = *shared;
    options.loader = &loader;
    if (json_is_boolean(html)) options.html = json_is_true(html);
    Slice source = {json_string_value(template), json_string_length(template)};
    return source_render(source, json_object_get(json, "data"), &options, error);
}

static json_t *case_reply(const char *line, const LiquidOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    json_error_t problem;
    json_t *json = json_loads(line, 0, &problem);
    if (json)
        text = case_render(json, options, &error);
    else
        fail(&error, KITH_ERROR_INVALID, "column %d: %s", problem.column, problem.text);
    json_t *reply = text ? json_pack("{s:s}", "result", text) : error_json(error);
    json_t *name = json_object_get(json, "name");
    if (name) json_object_set(reply, "name", name);
    json_decref(json);
    return reply;
}

static int render_lines(Console *console, const LiquidCommand *command)
{
    g_autoptr(GError) error = NULL;
    LiquidOptions options;
    if (!options_fill(command, &options, &error)) return console_fail(console, error);
    FILE *file = input_open(console, command->file, &error);
    if (!file) return console_fail(console, error);
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) > 0) {
        if (line[strspn(line, " \t\r\n")] == '\0') continue;
        json_t *reply = case_reply(line, &options);
        char *text = json_dumps(reply, JSON_COMPACT);
        console_print(console, "%s\n", text);
        free(text);
        json_decref(reply);
    }
    free(line);
    input_close(file);
    return CONSOLE_DONE;
}

/* ── check ───────────────────────────────────────────────────────────────────────────────────── */

static void variable_add(void *context, const char *path, unsigned line, unsigned column)
{
    json_array_append_new(context, json_pack("{s:s,s:i,s:i}", "path", path, "line", (int)line,
                                             "column", (int)column));
}

static int check_print(Console *console, json_t *steal)
{
    char *text = json_dumps(steal, JSON_INDENT(2));
    console_print(console, "%s\n", text);
    free(text);
    json_decref(steal);
    return CONSOLE_DONE;
}

static int check_file(Console *console, const LiquidCommand *command)
{
    g_autoptr(GError) error = NULL;
    size_t size, index;
    json_t *variable;
    g_autofree char *source = input_read(console, command->file, &size, &error);
    if (!source) return console_fail(console, error);
    g_autoptr(LiquidTemplate) template = liquid_parse((Slice){source, size}, &error);
    if (!template && command->json) return check_print(console, error_json(error)), CONSOLE_FAILED;
    if (!template) return console_fail(console, error);
    json_t *variables = json_array();
    liquid_variables(template, variable_add, variables);
    if (command->json) return check_print(console, json_pack("{s:o}", "reads", variables));
    console_print(console, "fine; reads %zu variables\n", json_array_size(variables));
    json_array_foreach(variables, index, variable)
        console_print(console, "  %s\n", json_string_value(json_object_get(variable, "path")));
    json_decref(variables);
    return CONSOLE_DONE;
}

int liquid_command(Console *console, const LiquidCommand *command)
{
    if (strcmp(command->verb, "check") == 0) return check_file(console, command);
    return command->jsonl ? render_lines(console, command) : render_file(console, command);
}
