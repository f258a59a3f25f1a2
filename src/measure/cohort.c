#include "measure/cohort.h"

#include "measure/day.h"

/* The day of a person's first purchase; false without any up to as_of. */
static bool first_day_of(const View *view, uint32_t index, int32_t *ret_day)
{
    const Facts *facts = view->facts;
    if (facts->start[index] == facts->start[index + 1]) return false;
    *ret_day = view->day[facts->start[index]];
    return *ret_day <= view->as_of_day;
}

/* First and last month of first orders and orders; false when nobody bought. */
static bool months_span(const View *view, int32_t *ret_first, int32_t *ret_last)
{
    int32_t first = INT32_MAX, last = INT32_MIN;
    for (uint32_t k = 0; k < view->facts->known_count; k++) {
        if (view->day[k] > view->as_of_day) continue;
        first = MIN(first, view->day[k]);
        last = MAX(last, view->day[k]);
    }
    if (last == INT32_MIN) return false;
    *ret_last = day_month(last);
    *ret_first = MAX(day_month(first), *ret_last - COHORT_MONTHS_MAX + 1);
    return true;
}

/* Counts a person once in every month with a purchase. */
static void cohort_add(CohortTable *table, const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    int32_t day, before = INT32_MIN;
    if (!first_day_of(view, index, &day)) return;
    int32_t row = day_month(day) - table->first_month;
    if (row < 0) return;
    for (uint32_t k = facts->start[index]; k < facts->start[index + 1]; k++) {
        if (view->day[k] > view->as_of_day) break;
        int32_t month = day_month(view->day[k]);
        if (month <= before) continue;
        before = month;
        uint32_t cell = (uint32_t)(month - table->first_month - row);
        table->buyers[(uint32_t)row * table->month_count + cell]++;
    }
}

CohortTable *cohort_table_new(const View *view)
{
    CohortTable *table = g_new0(CohortTable, 1);
    int32_t first, last;
    table->complete_month = day_month(view->as_of_day);
    if (!months_span(view, &first, &last)) return table;
    table->first_month = first;
    table->month_count = (uint32_t)(last - first + 1);
    table->buyers = g_new0(uint32_t, (size_t)table->month_count * table->month_count);
    for (uint32_t i = 0; i < view->facts->person_count; i++)
        cohort_add(table, view, i);
    return table;
}

void cohort_table_free(CohortTable *table)
{
    g_free(table->buyers);
    g_free(table);
}

uint32_t cohort_table_cell(const CohortTable *table, uint32_t r, uint32_t k)
{
    g_assert(r < table->month_count && k < table->month_count - r);
    return table->buyers[r * table->month_count + k];
}

bool cohort_table_complete(const CohortTable *table, uint32_t r, uint32_t k)
{
    return table->first_month + (int32_t)(r + k) < table->complete_month;
}

/* Days from the first to the second purchase day, or -1. */
static int32_t return_days(const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    int32_t first = view->day[facts->start[index]];
    for (uint32_t k = facts->start[index] + 1; k < facts->start[index + 1]; k++) {
        if (view->day[k] > view->as_of_day) break;
        if (view->day[k] > first) return view->day[k] - first;
    }
    return -1;
}

/* Counts by day since the first order, of one quarter. */
typedef struct Watch {
    uint32_t returned[CURVE_DAYS_MAX + 1]; /* second purchase day on this day */
    uint32_t ended[CURVE_DAYS_MAX + 1];    /* last complete day watched, without a return by then */
} Watch;

static int32_t quarter_of(int32_t day)
{
    int32_t month = day_month(day);
    return month >= 0 ? month / 3 : (month - 2) / 3;
}

static void curve_init(Curve *curve, int32_t quarter, int32_t as_of_day)
{
    *curve = (Curve){0};
    curve->from = month_first_day(quarter * 3);
    curve->to = month_first_day(quarter * 3 + 3);
    g_snprintf(curve->label, sizeof curve->label, "%04d-Q%d", quarter / 4, quarter % 4 + 1);
    int32_t watched = as_of_day - curve->to; /* complete days after the last possible first day */
    curve->complete_days = CLAMP(watched, 0, CURVE_DAYS_MAX);
}

/* Kaplan-Meier: at each day the chance to return among those still watched and not yet back. */
static void curve_fill(Curve *curve, const Watch *watch, int32_t last_day)
{
    double stays = 1;
    uint32_t at_risk = curve->size;
    curve->last_day = CLAMP(last_day, 0, CURVE_DAYS_MAX);
    for (int32_t d = 0; d <= curve->last_day; d++) {
        if (at_risk > 0) stays *= 1 - (double)watch->returned[d] / (double)at_risk;
        curve->share[d] = 1 - stays;
        at_risk -= watch->returned[d] + watch->ended[d];
    }
}

static void watch_add(Watch *watch, int32_t returned, int32_t watched)
{
    if (returned >= 0 && returned <= watched && returned <= CURVE_DAYS_MAX)
        watch->returned[returned]++;
    else
        watch->ended[CLAMP(watched, 0, CURVE_DAYS_MAX)]++;
}

typedef struct FirstOrder {
    int32_t day;
    uint32_t index;
} FirstOrder;

static int first_order_compare(const void *x, const void *y)
{
    const FirstOrder *a = x, *b = y;
    if (a->day != b->day) return a->day < b->day ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static GArray *first_orders(const View *view)
{
    GArray *firsts = g_array_new(FALSE, FALSE, sizeof(FirstOrder));
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        FirstOrder first = {.index = i};
        if (first_day_of(view, i, &first.day)) g_array_append_val(firsts, first);
    }
    g_array_sort(firsts, first_order_compare);
    return firsts;
}

GArray *curves_new(const View *view)
{
    GArray *curves = g_array_new(FALSE, FALSE, sizeof(Curve));
    g_autoptr(GArray) firsts = first_orders(view);
    for (uint32_t i = 0; i < firsts->len;) {
        int32_t quarter = quarter_of(g_array_index(firsts, FirstOrder, i).day);
        int32_t oldest = g_array_index(firsts, FirstOrder, i).day;
        Curve curve;
        Watch watch = {0};
        curve_init(&curve, quarter, view->as_of_day);
        for (; i < firsts->len; i++) {
            const FirstOrder *first = &g_array_index(firsts, FirstOrder, i);
            if (first->day >= curve.to) break;
            int32_t watched = MAX(view->as_of_day - 1 - first->day, 0); /* complete days only */
            watch_add(&watch, return_days(view, first->index), watched);
            curve.size++;
        }
        curve_fill(&curve, &watch, view->as_of_day - 1 - oldest);
        g_array_append_val(curves, curve);
    }
    return curves;
}
