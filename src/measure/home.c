#include "measure/home.h"

#include "base/clock.h"
#include "measure/day.h"
#include "measure/measure_sql.h"
#include "measure/reconcile.h"

#include <math.h>
#include <string.h>

/* What the store says beside the orders. */
typedef struct HomeState {
    int64_t parked, imports_failed;
    bool imported, has_business, has_consent, key_used;
    int64_t import_id; /* newest finished import of orders, 0: none */
    int64_t differs;   /* lines that differ from it */
} HomeState;

static bool imports_read(Db *db, HomeState *state, GError **error)
{
    ImportLastRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_import_last_open(db, &cursor, error)) return false;
    while (sql_import_last_next(&cursor, &row)) {
        if (strcmp(row.state, "failed") == 0) state->imports_failed++;
        if (strcmp(row.state, "done") != 0 || strcmp(row.kind, "orders") != 0) continue;
        state->imported = true;
        if (state->import_id == 0) state->import_id = row.import_id;
    }
    return db_cursor_finish(&cursor, error);
}

static bool state_read(Db *db, HomeState *state, GError **error)
{
    ParkedCountRow parked = {0};
    ApiKeyUsedRow keys = {0};
    MeasureSettingRow name;
    ConsentAnyRow consent;
    bool found;
    if (!sql_parked_count(db, &parked, &found, error)) return false;
    state->parked = parked.parked;
    if (!sql_api_key_used(db, &keys, &found, error)) return false;
    state->key_used = keys.used > 0;
    if (!sql_measure_setting(db, &(MeasureSettingParams){"business.name"}, &name, &found, error))
        return false;
    state->has_business = found && name.value[0];
    if (!sql_consent_any(db, &consent, &state->has_consent, error)) return false;
    return imports_read(db, state, error);
}

static void attention_add(json_t *list, const char *kind, int64_t count, json_t *money,
                          const char *link)
{
    if (count > 0)
        json_array_append_new(list, json_pack("{s:s, s:I, s:o, s:s}", "kind", kind, "count",
                                              (json_int_t)count, "money", money, "link", link));
    else
        json_decref(money);
}

/* The quiet among the best; when there are none, all of the quiet. */
static void attention_add_quiet(json_t *list, const View *view, const KpiReport *report)
{
    KpiName name = report->values[KPI_QUIET_GOOD].n ? KPI_QUIET_GOOD : KPI_QUIET_UNUSUALLY;
    g_autoptr(GArray) members = kpi_members(view, &report->scope, name);
    int64_t stake = 0;
    for (guint i = 0; i < members->len; i++)
        stake += g_array_index(members, KpiMember, i).weight;
    const char *kind = name == KPI_QUIET_GOOD ? "quiet" : "quiet_all";
    g_autofree char *link = g_strdup_printf("/people?kpi=%s", kpi_table[name].name);
    attention_add(list, kind, members->len, report_money(view, stake), link);
}

static json_t *home_attention(const View *view, const KpiReport *report, const HomeState *state)
{
    json_t *list = json_array();
    attention_add_quiet(list, view, report);
    attention_add(list, "parked", state->parked, json_null(), "/settings/attention");
    attention_add(list, "import", state->imports_failed, json_null(), "/import");
    attention_add(list, "differs", state->differs, json_null(), "/reconcile");
    attention_add(list, "rates", (int64_t)(report->unrated_orders + report->unrated_refunds),
                  json_null(), "/import?kind=rates");
    return list;
}

/* The longest term for which there is a whole cohort of its own length old enough. */
static KpiPeriod repeat_period(const View *view)
{
    static const int32_t terms[] = {180, 90, 60, 30};
    size_t i = 0;
    while (i + 1 < G_N_ELEMENTS(terms) && view->as_of_day - 2 * terms[i] < view->first_day)
        i++;
    return (KpiPeriod){view->as_of_day - 2 * terms[i], view->as_of_day - terms[i]};
}

/* Coming back, against the cohort of the same days a year earlier, when the shop is that old. */
static json_t *figure_repeat(const View *view)
{
    KpiReport report, before;
    KpiPeriod period = repeat_period(view);
    kpi_report_init(&report, view, &period);
    KpiPeriod earlier = {period.from - VIEW_YEAR_DAYS, period.to - VIEW_YEAR_DAYS};
    bool comparable = earlier.from >= view->first_day;
    if (comparable) kpi_report_again(&before, &report, view, &earlier);
    return report_kpi(view, &report, comparable ? &before : NULL, KPI_REPEAT_RATE);
}

static json_t *home_figures(const View *view)
{
    KpiReport report, before;
    KpiPeriod period = {view->as_of_day - HOME_PERIOD_DAYS, view->as_of_day};
    kpi_report_init(&report, view, &period);
    bool has_before = kpi_report_before(&before, &report, view);
    has_before = has_before && before.scope.period.from >= view->first_day;
    const KpiReport *earlier = has_before ? &before : NULL;
    bool till = report.values[KPI_ORDERS_UNKNOWN].n > 0;
    json_t *figures = json_array();
    json_array_append_new(figures, figure_repeat(view));
    json_array_append_new(figures, report_kpi(view, &report, earlier, KPI_NET_REVENUE_ALL));
    json_array_append_new(
        figures, report_kpi(view, &report, earlier, till ? KPI_IDENTIFIED_SHARE : KPI_AOV));
    return figures;
}

static void step_add(json_t *steps, const char *name, bool done)
{
    json_array_append_new(steps, json_pack("{s:s, s:b}", "name", name, "done", done));
}

static json_t *home_steps(const View *view, const HomeState *state, bool reconciled)
{
    json_t *steps = json_array();
    step_add(steps, "shop_in", view->facts->order_count > 0);
    step_add(steps, "business", state->has_business);
    step_add(steps, "reconciled", reconciled);
    step_add(steps, "permissions", state->has_consent);
    step_add(steps, "live", state->key_used);
    return steps;
}

static const char *greeting(const View *view, int64_t now)
{
    Calendar local;
    zone_calendar(view->zone, now, &local);
    if (local.hour >= 4 && local.hour < 12) return "morning";
    return local.hour >= 12 && local.hour < 18 ? "day" : "evening";
}

/* How many lines differ from the newest import; kept until the orders change. */
static bool differs_get(Measure *measure, const View *view, HomeState *state, GError **error)
{
    MeasureMatch match = {.version = view->facts->origin.version, .import_id = state->import_id};
    if (state->import_id == 0) return true;
    if (!measure_match_find(measure, &match)) {
        ReconcileTotals totals;
        if (!reconcile_totals(measure, state->import_id, &totals, error)) return false;
        match.differs = totals.differs;
        measure_match_keep(measure, &match);
    }
    state->differs = match.differs;
    return true;
}

/* Curves that have something to say: a quarter that has just begun has not. */
static const ReportCurves home_curves = {
    .count = HOME_CURVES, .size_min = KPI_PEOPLE_MIN, .complete_min = 30};

static json_t *home_json(const View *view, const HomeState *state)
{
    KpiReport report;
    kpi_report_init(&report, view, &(KpiPeriod){DAY_OPEN_START, DAY_OPEN_END});
    bool imported = state->import_id != 0;
    json_t *match = json_null();
    if (imported)
        match = json_pack("{s:s, s:I}", "state", state->differs ? "differs" : "matches", "differs",
                          (json_int_t)state->differs);
    json_t *reply = json_pack(
        "{s:n, s:n, s:s, s:I, s:o, s:o, s:o, s:o, s:o}", "from", "to", "greeting_key",
        greeting(view, clock_now_ms()), "customers", (json_int_t)report.values[KPI_CUSTOMERS].n,
        "attention", home_attention(view, &report, state), "figures", home_figures(view), "curves",
        report_curves(view, &home_curves), "steps",
        home_steps(view, state, imported && state->differs == 0), "matches_shop", match);
    report_set_origin(reply, view);
    return reply;
}

json_t *home_report(Measure *measure, GError **error)
{
    HomeState state = {0};
    g_autoptr(View) view = measure_view(measure, NULL, error);
    if (!view) return NULL;
    Db *db = store_reader_begin(measure_store(measure), error);
    if (!db) return NULL;
    bool done = state_read(db, &state, error);
    store_reader_end(measure_store(measure), db);
    if (!done || !differs_get(measure, view, &state, error)) return NULL;
    return home_json(view, &state);
}
