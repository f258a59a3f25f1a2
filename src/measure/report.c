#include "measure/report.h"

#include "measure/day.h"

#include <math.h>

enum { CURVE_STEP_DAYS = 5 };

/* JSON has no NAN: what cannot be given is null. Whole numbers stay whole. */
static json_t *number_json(double value)
{
    if (isnan(value)) return json_null();
    if (value == floor(value) && fabs(value) < 9e15) return json_integer((json_int_t)value);
    return json_real(value);
}

static json_t *day_json(int32_t day)
{
    char text[DAY_TEXT_SIZE];
    if (day == DAY_OPEN_START || day == DAY_OPEN_END) return json_null();
    day_format(day, text);
    return json_string(text);
}

json_t *report_money(const View *view, int64_t minor)
{
    return json_pack("{s:I, s:s}", "minor", (json_int_t)minor, "currency",
                     view->facts->origin.currency);
}

static void moment_set(json_t *reply, const ViewMoment *moment, int64_t built_at)
{
    json_object_set_new(reply, "as_of", json_integer(moment->at));
    json_object_set_new(reply, "as_of_reason",
                        moment->stale ? json_string("day_after_newest_order") : json_null());
    json_object_set_new(reply, "built_at", json_integer(built_at));
}

void report_set_origin(json_t *reply, const View *view)
{
    ViewMoment moment = {view->as_of, view->as_of_day, view->stale};
    moment_set(reply, &moment, view->facts->origin.built_at);
    json_object_set_new(reply, "zone", json_string(zone_name(view->zone)));
    json_object_set_new(reply, "currency", json_string(view->facts->origin.currency));
}

/* The days a figure looked at: its own, those of the period, or none for a state. */
static KpiPeriod kpi_period(const KpiScope *scope, KpiName name)
{
    if (kpi_table[name].state) return (KpiPeriod){DAY_OPEN_START, DAY_OPEN_END};
    if (name == KPI_RETENTION || name == KPI_CHURN) return scope->retention;
    return scope->period;
}

static void kpi_set_terms(json_t *kpi, const KpiScope *scope, KpiName name)
{
    KpiPeriod period = kpi_period(scope, name);
    json_object_set_new(kpi, "from", day_json(period.from));
    json_object_set_new(kpi, "to", day_json(period.to));
    if (name == KPI_REPEAT_RATE)
        json_object_set_new(kpi, "repeat_days", json_integer(scope->repeat_days));
    if (name == KPI_RETENTION || name == KPI_CHURN || name == KPI_REACTIVATED)
        json_object_set_new(kpi, "window_days", json_integer(scope->window_days));
}

json_t *report_kpi(const View *view, const KpiReport *report, const KpiReport *before, KpiName name)
{
    const KpiDef *def = &kpi_table[name];
    const KpiValue *value = &report->values[name];
    bool enough = value->n >= kpi_n_min(name) && !isnan(value->value);
    bool comparable = before && before->values[name].n >= kpi_n_min(name);
    json_t *kpi = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:I, s:i, s:b, s:o, s:o, s:s, s:o, s:b}", "name", def->name,
        "label", def->label, "formula", def->formula, "unit", kpi_unit_text(def->unit), "value",
        number_json(value->value), "n", (json_int_t)value->n, "n_min", (int)kpi_n_min(name),
        "enough", enough, "low", number_json(value->range.low), "high",
        number_json(value->range.high), "pitfalls", def->pitfalls, "previous",
        number_json(comparable ? before->values[name].value : NAN), "people", def->member != NULL);
    kpi_set_terms(kpi, &report->scope, name);
    if (def->unit == KPI_UNIT_MONEY && !isnan(value->value))
        json_object_set_new(kpi, "money", report_money(view, llround(value->value)));
    return kpi;
}

json_t *report_kpis(const View *view, const KpiPeriod *period, const bool wanted[KPI_COUNT])
{
    KpiReport report, before;
    kpi_report_init(&report, view, period);
    bool has_before = kpi_report_before(&before, &report, view);
    json_t *kpis = json_array();
    for (int name = 0; name < KPI_COUNT; name++)
        if (!wanted || wanted[name])
            json_array_append_new(
                kpis, report_kpi(view, &report, has_before ? &before : NULL, (KpiName)name));
    json_t *reply = json_object();
    report_set_origin(reply, view);
    json_object_set_new(reply, "from", day_json(period->from));
    json_object_set_new(reply, "to", day_json(period->to));
    json_object_set_new(reply, "unrated_orders", json_integer((json_int_t)report.unrated_orders));
    json_object_set_new(reply, "unrated_refunds", json_integer((json_int_t)report.unrated_refunds));
    json_object_set_new(reply, "proposed_gap_days", json_integer(view->gap_median));
    json_object_set_new(reply, "kpis", kpis);
    return reply;
}

static json_t *cohort_row(const CohortTable *table, uint32_t r)
{
    char month[DAY_TEXT_SIZE];
    uint32_t size = cohort_table_cell(table, r, 0);
    json_t *cells = json_array();
    for (uint32_t k = 0; k < table->month_count - r; k++) {
        uint32_t buyers = cohort_table_cell(table, r, k);
        double share = size ? (double)buyers / size : NAN;
        json_array_append_new(cells, json_pack("{s:i, s:o, s:b}", "buyers", (int)buyers, "share",
                                               number_json(share), "complete",
                                               cohort_table_complete(table, r, k)));
    }
    month_format(table->first_month + (int32_t)r, month);
    return json_pack("{s:s, s:i, s:o}", "month", month, "size", (int)size, "cells", cells);
}

json_t *report_cohorts(const CohortNow *now)
{
    const CohortTable *table = now->table;
    json_t *months = json_array(), *rows = json_array();
    for (uint32_t r = 0; r < table->month_count; r++) {
        char month[DAY_TEXT_SIZE];
        month_format(table->first_month + (int32_t)r, month);
        json_array_append_new(months, json_string(month));
        json_array_append_new(rows, cohort_row(table, r));
    }
    json_t *reply = json_pack("{s:o, s:o}", "months", months, "rows", rows);
    moment_set(reply, &now->moment, now->built_at);
    json_object_set_new(reply, "zone", json_string(zone_name(now->zone)));
    json_object_set_new(reply, "currency", json_string(now->currency));
    return reply;
}

/* Every CURVE_STEP_DAYS days, and the last complete and last watched day exactly. */
static json_t *curve_points(const Curve *curve)
{
    json_t *points = json_array();
    for (int32_t d = 0; d <= curve->last_day; d++)
        if (d % CURVE_STEP_DAYS == 0 || d == curve->complete_days || d == curve->last_day)
            json_array_append_new(points,
                                  json_pack("{s:i, s:f}", "day", d, "share", curve->share[d]));
    return points;
}

static json_t *curve_json(const Curve *curve)
{
    return json_pack("{s:s, s:o, s:o, s:i, s:o, s:i}", "label", curve->label, "from",
                     day_json(curve->from), "to", day_json(curve->to), "size", (int)curve->size,
                     "points", curve_points(curve), "complete_days",
                     MIN(curve->complete_days, curve->last_day));
}

json_t *report_curves(const View *view, const ReportCurves *which)
{
    g_autoptr(GArray) curves = curves_new(view);
    json_t *list = json_array();
    const Curve *youngest = NULL;
    for (guint i = curves->len; i > 0 && json_array_size(list) < which->count; i--) {
        const Curve *curve = &g_array_index(curves, Curve, i - 1);
        if (curve->size < which->size_min) continue;
        if (!youngest) youngest = curve;
        if (curve->complete_days < which->complete_min) continue;
        json_array_insert_new(list, 0, curve_json(curve));
    }
    if (json_array_size(list) == 0 && youngest) json_array_append_new(list, curve_json(youngest));
    return list;
}
