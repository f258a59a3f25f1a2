#include "segments/screen_private.h"

#include "base/clock.h"
#include "segments/edges.h"

void look_edge(Look *look, uint32_t i, int64_t edge)
{
    ScreenAsk *ask = look_ask(look, i);
    if (edge <= ask->from) return;
    if (edge <= look->evaluation.moment.now)
        look->judged[i] = true;
    else
        ask->next = MIN(ask->next, edge);
}

void look_moment(Look *look, uint32_t i, int64_t at)
{
    ScreenAsk *ask = look_ask(look, i);
    LookMoment moment = {i, at};
    if (at <= ask->from) return;
    if (at > look->evaluation.moment.now)
        ask->next = MIN(ask->next, at);
    else
        g_array_append_val(look->moments, moment);
}

/* ---- windows ---- */

typedef struct Crossing {
    Look *look;
    uint32_t i;
} Crossing;

static void crossing_point(void *data, int64_t at)
{
    const Crossing *crossing = data;
    look_edge(crossing->look, crossing->i, at);
}

static void exact_take(const Crossing *crossing, RuleUnit unit, int64_t count, int64_t at)
{
    g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(int64_t));
    edges_shift(&crossing->look->evaluation.moment, unit, count, at, edges);
    for (guint e = 0; e < edges->len; e++)
        look_edge(crossing->look, crossing->i, g_array_index(edges, int64_t, e));
}

/* Days that months, quarters and years have at least and at most. */
static void unit_days(RuleUnit unit, int64_t *ret_least, int64_t *ret_most)
{
    *ret_least = unit == RULE_MONTH ? 28 : unit == RULE_QUARTER ? 89 : 365;
    *ret_most = unit == RULE_MONTH ? 31 : unit == RULE_QUARTER ? 92 : 366;
}

/* Where exactly a month ends is dear to find out: of one that lies ahead a day is taken that is
 * early enough, of one that is over nothing. */
static void crossing_shift(void *data, RuleUnit unit, int64_t count, int64_t at)
{
    const Crossing *crossing = data;
    int64_t least, most, slack = 5 * CLOCK_DAY_MS;
    if (unit <= RULE_WEEK) {
        look_edge(crossing->look, crossing->i, edges_exact(unit, count, at));
        return;
    }
    unit_days(unit, &least, &most);
    int64_t early = at + MIN(-count * least, -count * most) * CLOCK_DAY_MS - slack;
    int64_t late = at + MAX(-count * least, -count * most) * CLOCK_DAY_MS + slack;
    if (early > crossing->look->evaluation.moment.now)
        look_edge(crossing->look, crossing->i, early);
    else if (late > look_ask(crossing->look, crossing->i)->from)
        exact_take(crossing, unit, count, at);
}

void look_window(Look *look, uint32_t i, const RuleWindow *window, int64_t at)
{
    Crossing crossing = {look, i};
    EdgesSink sink = {crossing_point, crossing_shift, &crossing};
    edges_crossings(&look->evaluation.moment, window, at, &sink);
}

/* ---- days that come again ---- */

/* The days that a window means, seen from each of the next midnights; [0]: from now. */
static Range *days_make(const Moment *moment, const RuleWindow *window)
{
    Range *days = g_new(Range, EDGE_DAYS_MAX + 1);
    for (int day = 0; day <= EDGE_DAYS_MAX; day++) {
        Moment there = {day ? edges_midnight(moment, day) : moment->now, moment->zone};
        days[day] = window_days(window, &there);
    }
    return days;
}

static void yearly_take(Look *look, uint32_t i, const LeafYearly *yearly, const Range *days)
{
    const Moment *moment = &look->evaluation.moment;
    bool now = leaf_yearly_lies(yearly, &days[0]);
    int64_t today = window_day_of(moment, moment->now);
    look_edge(look, i, edges_midnight(moment, 0));
    for (int day = 1; day <= EDGE_DAYS_MAX; day++) {
        if (leaf_yearly_lies(yearly, &days[day]) == now) continue;
        look_edge(look, i, edges_midnight(moment, day));
        return;
    }
    /* what begins to come again only later is looked for again */
    bool ahead = yearly->born && days_from_civil(yearly->born, 12, 31) >= today;
    if (ahead) look_edge(look, i, edges_midnight(moment, EDGE_DAYS_MAX));
}

static void yearly_edges(Look *look, const Leaf *leaf, const LeafJudge *judge)
{
    LeafYearly yearly;
    g_autofree Range *days = days_make(judge->moment, &leaf->node->window);
    for (uint32_t i = 0; i < look->asks->len; i++) {
        uint32_t first = look->slots[i], end = look->slots[i + 1];
        for (uint32_t slot = first; slot < end; slot++) {
            if (!leaf_yearly(leaf, judge, slot, &yearly)) continue;
            if (slot + 1 == end)
                yearly_take(look, i, &yearly, days);
            else
                look_edge(look, i, edges_midnight(judge->moment, 0));
        }
    }
}

/* ---- silence ---- */

static void silence_edges(Look *look, Leaf *leaf, const LeafJudge *judge)
{
    const Moment *moment = judge->moment;
    int64_t today = window_day_of(moment, moment->now);
    g_autofree int64_t *days = g_new(int64_t, leaf->size + 1);
    leaf_silent_days(leaf, judge, days);
    for (uint32_t i = 0; i < look->asks->len; i++)
        for (uint32_t slot = look->slots[i]; slot < look->slots[i + 1]; slot++) {
            bool last = slot + 1 == look->slots[i + 1];
            if (days[slot] == INT64_MAX || (days[slot] > today && !last)) continue;
            look_edge(look, i, edges_midnight(moment, days[slot] - today));
        }
}

/* ---- dates inside traits ---- */

static void lies_edges(Look *look, const Leaf *leaf)
{
    g_autoptr(GArray) dates = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (uint32_t i = 0; i < look->asks->len; i++) {
        if (look->slots[i] == look->slots[i + 1]) continue;
        const char *json = leaf->column->cells[look->slots[i]].json;
        if (!json) continue;
        json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
        g_array_set_size(dates, 0);
        edges_dates(&look->evaluation.moment, value, dates);
        json_decref(value);
        for (guint d = 0; d < dates->len; d++)
            look_window(look, i, &leaf->node->window, g_array_index(dates, int64_t, d));
    }
}

void look_value_edges(Look *look)
{
    const Evaluation *evaluation = &look->evaluation;
    LeafJudge judge = {&evaluation->moment, (const int64_t *)(void *)evaluation->people->data,
                       evaluation->gap_days};
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        if (leaf->kind == RULE_BIRTHDAY || leaf->kind == RULE_ANNIVERSARY)
            yearly_edges(look, leaf, &judge);
        else if (leaf->kind == RULE_SILENT)
            silence_edges(look, leaf, &judge);
        else if (leaf->kind == RULE_FIELD && leaf->node->test.op == RULE_LIES)
            lies_edges(look, leaf);
    }
}
