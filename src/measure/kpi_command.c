#include "measure/kpi_command.h"

#include "base/error.h"
#include "base/money.h"
#include "measure/day.h"
#include "measure/report.h"

#include <math.h>

/* A command understood. */
typedef struct Asked {
    bool wanted[KPI_COUNT];
    KpiPeriod period;
    const Zone *zone;
} Asked;

static bool names_read(const KpiCommand *command, Asked *asked, GError **error)
{
    for (size_t i = 0; i < KPI_COUNT; i++)
        asked->wanted[i] = command->name_count == 0;
    for (size_t i = 0; i < command->name_count; i++) {
        KpiName name = kpi_find(command->names[i]);
        if (name == KPI_COUNT)
            return fail(error, KITH_ERROR_INVALID,
                        "unknown figure \"%s\": `kith kpi` without names lists all",
                        command->names[i]);
        asked->wanted[name] = true;
    }
    return true;
}

static bool day_read(const char *option, const char *text, int32_t *in_out, GError **error)
{
    if (!text || day_parse(text, in_out)) return true;
    return fail(error, KITH_ERROR_INVALID, "%s \"%s\": give a date as YYYY-MM-DD", option, text);
}

static bool asked_read(const KpiCommand *command, Asked *asked, GError **error)
{
    *asked = (Asked){.period = {DAY_OPEN_START, DAY_OPEN_END}};
    if (!names_read(command, asked, error)) return false;
    if (!day_read("--from", command->from, &asked->period.from, error)) return false;
    if (!day_read("--to", command->to, &asked->period.to, error)) return false;
    if (asked->period.from >= asked->period.to)
        return fail(error, KITH_ERROR_INVALID, "--from must lie before --to");
    if (!command->zone) return true;
    asked->zone = zone_find(slice_of(command->zone), error);
    return asked->zone != NULL;
}

/* A value in words: "12,345" is for screens; scripts read plain digits. */
static char *value_text(KpiUnit unit, double value, const char *currency)
{
    char money[MONEY_TEXT_SIZE];
    if (isnan(value)) return g_strdup("-");
    switch (unit) {
    case KPI_UNIT_MONEY:
        money_format(llround(value), MAX(currency_digits(currency), 0), money);
        return g_strdup_printf("%s %s", money, currency);
    case KPI_UNIT_SHARE:
        return g_strdup_printf("%.1f %%", value * 100);
    case KPI_UNIT_PER_PERSON:
        return g_strdup_printf("%.2f", value);
    case KPI_UNIT_COUNT:
    case KPI_UNIT_DAYS:
    case KPI_UNIT_COUNT_:
        break;
    }
    return g_strdup_printf("%.0f", value);
}

static void line_print(Console *console, const View *view, const KpiReport *report, KpiName name)
{
    const KpiDef *def = &kpi_table[name];
    const KpiValue *value = &report->values[name];
    const char *currency = view->facts->origin.currency;
    g_autofree char *text = value_text(def->unit, value->value, currency);
    g_autofree char *low = value_text(def->unit, value->range.low, currency);
    g_autofree char *high = value_text(def->unit, value->range.high, currency);
    bool few = value->n < kpi_n_min(name);
    console_print(console, "%-24s %20s   n %-9" G_GUINT64_FORMAT, def->name, text, value->n);
    if (few) console_print(console, " too few to say (under %u)", kpi_n_min(name));
    if (!few && !isnan(value->range.low)) console_print(console, " between %s and %s", low, high);
    console_print(console, "\n");
}

static void text_print(Console *console, const View *view, const Asked *asked)
{
    KpiReport report;
    char day[DAY_TEXT_SIZE];
    kpi_report_init(&report, view, &asked->period);
    day_format(view->as_of_day, day);
    console_print(console, "As of %s%s, days of %s\n", day,
                  view->stale ? " (the day after the newest order)" : "", zone_name(view->zone));
    if (report.unrated_orders + report.unrated_refunds > 0)
        console_print(console,
                      "%" G_GUINT64_FORMAT " orders and %" G_GUINT64_FORMAT
                      " refunds have no rate for their day and bear no money here\n",
                      report.unrated_orders, report.unrated_refunds);
    for (int name = 0; name < KPI_COUNT; name++)
        if (asked->wanted[name]) line_print(console, view, &report, (KpiName)name);
}

static void json_print(Console *console, const View *view, const Asked *asked, bool all)
{
    json_t *reply = report_kpis(view, &asked->period, asked->wanted);
    if (all) {
        g_auto(CohortNow) cohorts = {0};
        cohort_now_of(view, &cohorts);
        json_object_set_new(reply, "cohorts", report_cohorts(&cohorts));
        json_object_set_new(reply, "curves", report_curves(view, &report_all_curves));
    }
    g_autofree char *text = json_dumps(reply, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
    console_print(console, "%s\n", text);
    json_decref(reply);
}

int kpi_command(Measure *measure, Console *console, const KpiCommand *command)
{
    Asked asked;
    g_autoptr(GError) error = NULL;
    if (!asked_read(command, &asked, &error)) {
        console_fail(console, error);
        return CONSOLE_USAGE;
    }
    g_autoptr(View) view = measure_view(measure, asked.zone, &error);
    if (!view) return console_fail(console, error);
    if (command->json)
        json_print(console, view, &asked, command->name_count == 0);
    else
        text_print(console, view, &asked);
    return CONSOLE_DONE;
}
