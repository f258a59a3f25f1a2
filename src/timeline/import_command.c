#include "timeline/import_command.h"

#include <inttypes.h>

#include "base/error.h"
#include "timeline/import_private.h"
#include "timeline/import_words.h"

static bool map_read(json_t *mapping, const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    if (!equals || equals == text)
        return fail(error, KITH_ERROR_INVALID, "--map \"%s\": write field=Column", text);
    g_autofree char *field = g_strndup(text, (size_t)(equals - text));
    if (import_field_find(field) < 0)
        return fail(error, KITH_ERROR_INVALID, "--map \"%s\": there is no field \"%s\"", text,
                    field);
    json_object_set_new(mapping, field, equals[1] ? json_string(equals + 1) : json_null());
    return true;
}

static bool words_read(const ImportCommand *command, ImportOptions *options, GError **error)
{
    if (!import_kind_find(command->kind, &options->kind))
        return fail(
            error, KITH_ERROR_INVALID,
            "cannot import \"%s\": give orders, customers, products, events, rates, consents "
            "or suppressions",
            command->kind);
    if (command->format && !import_format_find(command->format, &options->format))
        return fail(error, KITH_ERROR_INVALID,
                    "--format \"%s\": give auto, shopify, woocommerce, mailchimp, klaviyo, brevo, "
                    "listmonk or "
                    "generic",
                    command->format);
    DateOrder order;
    if (command->date_order && !date_order_find(command->date_order, &order))
        return fail(error, KITH_ERROR_INVALID,
                    "--date-order \"%s\": give ymd, dmy, mdy, epoch_s or epoch_ms",
                    command->date_order);
    if (command->date_order) options->date_order = (int)order;
    options->date_fixed = command->date_order != NULL;
    return true;
}

static bool places_read(const ImportCommand *command, ImportOptions *options, GError **error)
{
    if (command->decimal_comma) options->decimal = DECIMAL_COMMA;
    options->decimal_fixed = command->decimal_comma;
    const char *delimiter = command->delimiter ? command->delimiter : "";
    options->delimiter = strcmp(delimiter, "tab") == 0 ? '\t' : delimiter[0];
    if (strlen(delimiter) > 1 && options->delimiter != '\t')
        return fail(error, KITH_ERROR_INVALID, "--delimiter \"%s\": give one character, or tab",
                    delimiter);
    ImportWord says = import_word(slice_of(command->says ? command->says : ""));
    if (says == WORD_UNKNOWN)
        return fail(error, KITH_ERROR_INVALID,
                    "--says \"%s\": give subscribed, unsubscribed, bounced, complaint, cleaned or "
                    "manual",
                    command->says);
    g_strlcpy(options->says, command->says ? command->says : "", sizeof(options->says));
    options->not_suppressions = command->not_suppressions;
    g_strlcpy(options->shop, command->shop ? command->shop : "", sizeof(options->shop));
    g_strlcpy(options->zone, command->zone ? command->zone : "", sizeof(options->zone));
    if (command->zone && !zone_find(slice_of(command->zone), error)) return false;
    return !command->currency ||
           currency_parse(slice_of(command->currency), options->currency, error);
}

/* `ret_options->mapping` is a new reference. */
static bool options_read(const ImportCommand *command, ImportOptions *ret_options, GError **error)
{
    ImportOptions options = IMPORT_OPTIONS_NONE;
    json_t *mapping = json_object();
    bool good = words_read(command, &options, error) && places_read(command, &options, error);
    for (size_t i = 0; good && i < command->map_count; i++)
        good = map_read(mapping, command->maps[i], error);
    if (json_object_size(mapping)) options.mapping = json_incref(mapping);
    json_decref(mapping);
    if (!good) g_clear_pointer(&options.mapping, json_decref);
    *ret_options = options;
    return good;
}

/* ---- telling ------------------------------------------------------------------------------ */

static void assumed_tell(Console *console, const ImportPlan *plan)
{
    static const char *const orders[] = {"year-month-day", "day/month/year", "month/day/year",
                                         "seconds since 1970", "milliseconds since 1970"};
    const char *format = plan->vendor ? import_format_name(plan->format) : "CSV";
    g_autofree char *delimiter = plan->csv.delimiter == '\t'
                                     ? g_strdup("tab")
                                     : g_strdup_printf("\"%c\"", plan->csv.delimiter);
    console_note(
        console, "Reading %s (%s) as: delimiter %s, %s, decimal %s, dates %s%s%s%s%s%s\n",
        import_kind_name(plan->kind), format, delimiter, csv_encoding_name(plan->csv.encoding),
        plan->decimal == DECIMAL_COMMA ? "comma" : "point", orders[plan->date_order],
        plan->date_certain ? "" : " (a guess; --date-order says otherwise)",
        *plan->zone_name ? ", " : "", plan->zone_name, *plan->currency ? ", " : "", plan->currency);
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (plan->columns[i] >= 0)
            console_note(console, "  %-14s <- %s\n", import_field((ImportFieldId)i)->name,
                         plan->headers[plan->columns[i]]);
}

static bool progress_tell(void *context, const ImportProgress *progress)
{
    Console *console = context;
    if (console->terminal && progress->bytes_total > 0)
        console_note(console,
                     "\r%3" PRId64 " %%  %" PRId64 " rows  %" PRId64 " rows/s  %" PRId64
                     " s left   ",
                     progress->bytes_done * 100 / progress->bytes_total, progress->rows,
                     progress->rate, MAX(progress->seconds_left, 0));
    return !console_is_closed(console);
}

static void counts_tell(Console *console, const ImportCounts *counts, const char *rejected)
{
    console_print(console,
                  "%" PRId64 " rows: %" PRId64 " new orders, %" PRId64 " changed, %" PRId64
                  " new refunds, %" PRId64 " new people, %" PRId64 " other news, %" PRId64
                  " unchanged, %" PRId64 " without value, %" PRId64 " rejected\n",
                  counts->rows, counts->orders, counts->updated, counts->refunds, counts->customers,
                  counts->items, counts->unchanged, counts->no_value, counts->rejected);
    if (counts->nobody)
        console_print(console, "%" PRId64 " rows name no customer\n", counts->nobody);
    if (counts->rejected) console_note(console, "Rejected rows and why: %s\n", rejected);
}

static int result_tell(Imports *imports, Console *console, int64_t import_id, bool json)
{
    g_autoptr(GError) error = NULL;
    g_auto(ImportRecord) record = {0};
    if (!import_record_load(imports, import_id, &record, &error))
        return console_fail(console, error);
    ImportCounts counts = import_counts_load(record.counts);
    g_autofree char *rejected = import_rejected_name(record.file_path);
    if (!json) {
        counts_tell(console, &counts, rejected);
        return CONSOLE_DONE;
    }
    json_t *object = import_counts_json(&counts);
    json_object_del(object, "rejected_bytes");
    json_object_set_new(object, "id", json_sprintf("%" PRId64, import_id));
    json_object_set_new(object, "state", json_string(record.state));
    char *text = json_dumps(object, JSON_INDENT(2));
    console_print(console, "%s\n", text);
    free(text);
    json_decref(object);
    return CONSOLE_DONE;
}

/* ---- doing -------------------------------------------------------------------------------- */

static int dry_run(Imports *imports, Console *console, const ImportCommand *command,
                   const char *path, const ImportOptions *options)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(ImportPlan) plan = imports_plan(imports, path, options, &error);
    if (!plan) return console_fail(console, error);
    assumed_tell(console, plan);
    json_t *preview = import_preview(plan, path);
    char *text = json_dumps(preview, JSON_INDENT(2));
    if (command->json) console_print(console, "%s\n", text);
    for (size_t i = 0; !command->json && i < json_array_size(preview); i++) {
        char *row = json_dumps(json_array_get(preview, i), JSON_COMPACT);
        console_print(console, "%s\n", row);
        free(row);
    }
    free(text);
    json_decref(preview);
    if (!import_plan_check(plan, &error)) return console_fail(console, error);
    return CONSOLE_DONE;
}

static int file_import(Imports *imports, Console *console, const ImportCommand *command,
                       const ImportFile *file)
{
    g_autoptr(GError) error = NULL;
    int64_t import_id;
    g_auto(ImportRecord) record = {0};
    if (!imports_add(imports, file, &import_id, &error) ||
        !import_record_load(imports, import_id, &record, &error))
        return console_fail(console, error);
    if (strcmp(record.state, "done") == 0) {
        console_note(console, "This file was imported before; nothing to do.\n");
        return result_tell(imports, console, import_id, command->json);
    }
    g_autoptr(ImportPlan) plan = import_record_plan(imports, &record, &error);
    if (!plan) return console_fail(console, error);
    assumed_tell(console, plan);
    if (record.position > 0) console_note(console, "Going on at line %" PRId64 ".\n", record.line);
    bool good = imports_run(imports, import_id, progress_tell, console, &error);
    if (console->terminal) console_note(console, "\n");
    return good ? result_tell(imports, console, import_id, command->json)
                : console_fail(console, error);
}

int import_command(Imports *imports, Console *console, const ImportCommand *command)
{
    g_autoptr(GError) error = NULL;
    ImportOptions options;
    if (!options_read(command, &options, &error)) {
        console_fail(console, error);
        return CONSOLE_USAGE;
    }
    g_autofree char *path = console_path(console, command->path);
    g_autofree char *name = g_path_get_basename(path);
    ImportFile file = {.name = name, .path = path, .options = &options, .again = true};
    int status = command->dry_run ? dry_run(imports, console, command, path, &options)
                                  : file_import(imports, console, command, &file);
    json_decref(options.mapping);
    return status;
}
