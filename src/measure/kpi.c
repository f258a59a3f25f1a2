#include "measure/kpi.h"

#include "measure/day.h"

#include <math.h>
#include <stdlib.h>

/* What a report adds up over people. */
typedef struct Totals {
    uint64_t customers, is_new, repeats, orders, reactivated;
    uint64_t unrated_orders, unrated_refunds;
    int64_t revenue, refunds;
    uint64_t aged, came_back;
    uint64_t active_start, retained;
    uint64_t quiet, quiet_good;
    int64_t stake;
    StatsMean net, net_later, frequency;
    GArray *nets; /* int64_t net of every rated order, for the median */
    uint64_t lines;
    uint64_t orders_unknown, lines_unknown;
    int64_t revenue_unknown, refunds_unknown;
} Totals;

static bool day_in(int32_t day, const KpiPeriod *period)
{
    return day >= period->from && day < period->to;
}

/* Adds one order to the figures of its person. `first`: the first order ever. */
static void person_add_order(KpiPerson *person, const View *view, uint32_t k, bool first)
{
    int64_t revenue = view->facts->revenue[k], net = view->facts->net[k];
    person->orders++;
    if (!first) person->orders_later++;
    if (revenue == FACTS_UNKNOWN) return;
    person->orders_rated++;
    person->revenue += revenue;
    person->net += net == FACTS_UNKNOWN ? revenue : net;
}

/* Notes a new purchase day; `before` is the one before it, INT32_MIN for the first. */
static void person_add_day(KpiPerson *person, const KpiScope *scope, int32_t day, int32_t before)
{
    const KpiPeriod *period = &scope->period, *kept = &scope->retention;
    bool in_period = day_in(day, period);
    if (before == INT32_MIN) {
        person->first_day = day;
        person->is_new = in_period;
    } else {
        if (in_period) person->repeats = true;
        if (in_period && day - before > scope->window_days) person->reactivated = true;
        if (day - person->first_day <= scope->repeat_days) person->came_back = true;
    }
    person->last_day = day;
    if (day >= kept->from - scope->window_days && day < kept->from) person->active_start = true;
    if (day >= kept->to - scope->window_days && day < kept->to) person->active_end = true;
}

static void person_add_refunds(KpiPerson *person, const View *view, const KpiScope *scope,
                               uint32_t index)
{
    const Facts *facts = view->facts;
    for (uint32_t k = facts->refund_start[index]; k < facts->refund_start[index + 1]; k++) {
        if (!day_in(view->refund_day[k], &scope->period)) continue;
        if (facts->refund_amount[k] != FACTS_UNKNOWN) person->refunds += facts->refund_amount[k];
    }
}

void kpi_person_init(KpiPerson *person, const View *view, const KpiScope *scope, uint32_t index)
{
    const Facts *facts = view->facts;
    int32_t before = INT32_MIN;
    *person = (KpiPerson){.first_day = INT32_MAX, .last_day = INT32_MIN};
    for (uint32_t k = facts->start[index]; k < facts->start[index + 1]; k++) {
        int32_t day = view->day[k];
        if (day > view->as_of_day) break;
        if (day > before) {
            person_add_day(person, scope, day, before);
            before = day;
        }
        if (day_in(day, &scope->period))
            person_add_order(person, view, k, k == facts->start[index]);
    }
    person_add_refunds(person, view, scope, index);
    if (before == INT32_MIN) return;
    person->aged = person->is_new && person->first_day + scope->repeat_days < view->as_of_day;
    uint32_t days;
    int32_t gap = view_median_gap_doubled(view, index, &days);
    person->quiet = view_is_quiet(view->as_of_day - person->last_day, gap, days);
    person->spent_year =
        view_spent(view, index, view->as_of_day - VIEW_YEAR_DAYS, view->as_of_day + 1);
    person->quiet_good = person->quiet && person->spent_year >= view->good_spent_min;
}

static void totals_add_values(Totals *totals, const View *view, const KpiScope *scope, uint32_t i)
{
    const Facts *facts = view->facts;
    for (uint32_t k = facts->start[i]; k < facts->start[i + 1]; k++) {
        if (!day_in(view->day[k], &scope->period)) continue;
        totals->lines += facts->lines[k];
        if (facts->revenue[k] == FACTS_UNKNOWN) {
            totals->unrated_orders++;
            continue;
        }
        int64_t net = facts->net[k] == FACTS_UNKNOWN ? facts->revenue[k] : facts->net[k];
        g_array_append_val(totals->nets, net);
        stats_mean_add(&totals->net, (double)net);
        if (k > facts->start[i]) stats_mean_add(&totals->net_later, (double)net);
    }
}

static void totals_add_person(Totals *totals, const KpiPerson *person)
{
    totals->customers += person->orders > 0;
    totals->is_new += person->is_new;
    totals->repeats += person->repeats;
    totals->reactivated += person->reactivated;
    totals->orders += person->orders;
    totals->revenue += person->revenue;
    totals->refunds += person->refunds;
    totals->aged += person->aged;
    totals->came_back += person->aged && person->came_back;
    totals->active_start += person->active_start;
    totals->retained += person->active_start && person->active_end;
    totals->quiet += person->quiet;
    totals->quiet_good += person->quiet_good;
    if (person->quiet) totals->stake += person->spent_year;
    if (person->orders) stats_mean_add(&totals->frequency, person->orders);
}

/* Sales of nobody we know follow those of the last person. */
static void totals_add_unknown(Totals *totals, const View *view, const KpiPeriod *period)
{
    const Facts *facts = view->facts;
    for (uint32_t k = facts->known_count; k < facts->order_count; k++) {
        if (!day_in(view->day[k], period)) continue;
        totals->orders_unknown++;
        totals->lines_unknown += facts->lines[k];
        if (facts->revenue[k] == FACTS_UNKNOWN)
            totals->unrated_orders++;
        else
            totals->revenue_unknown += facts->revenue[k];
    }
    for (uint32_t k = facts->refund_start[facts->person_count]; k < facts->refund_count; k++)
        if (day_in(view->refund_day[k], period) && facts->refund_amount[k] != FACTS_UNKNOWN)
            totals->refunds_unknown += facts->refund_amount[k];
    for (uint32_t k = 0; k < facts->refund_count; k++)
        totals->unrated_refunds +=
            day_in(view->refund_day[k], period) && facts->refund_amount[k] == FACTS_UNKNOWN;
}

static void totals_init(Totals *totals, const View *view, const KpiScope *scope)
{
    *totals = (Totals){.nets = g_array_new(FALSE, FALSE, sizeof(int64_t))};
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        KpiPerson person;
        kpi_person_init(&person, view, scope, i);
        totals_add_person(totals, &person);
        totals_add_values(totals, view, scope, i);
    }
    totals_add_unknown(totals, view, &scope->period);
}

static void totals_clear(Totals *totals) { g_array_unref(totals->nets); }

static KpiValue sum_value(double value, uint64_t n)
{
    return (KpiValue){.value = value, .n = n, .range = {NAN, NAN}};
}

static KpiValue count_value(uint64_t count) { return sum_value((double)count, count); }

static KpiValue share_value(uint64_t hits, uint64_t n)
{
    if (n == 0) return sum_value(NAN, 0);
    return (KpiValue){(double)hits / (double)n, n, stats_share_range(hits, n)};
}

static KpiValue mean_value(const StatsMean *mean)
{
    if (mean->n == 0) return sum_value(NAN, 0);
    return (KpiValue){mean->mean, mean->n, stats_mean_range(mean)};
}

static KpiValue median_value(GArray *values)
{
    int64_t *sorted = (int64_t *)(void *)values->data;
    double median = stats_median(sorted, values->len);
    return (KpiValue){median, values->len, stats_median_range(sorted, values->len)};
}

/* A share of money has no sampling interval: it is what the till says. */
static KpiValue money_share_value(int64_t part, int64_t whole, uint64_t n)
{
    return sum_value(whole > 0 ? (double)part / (double)whole : NAN, n);
}

static void report_fill_sales(KpiValue *v, const Totals *t)
{
    uint64_t orders_all = t->orders + t->orders_unknown;
    int64_t revenue_all = t->revenue + t->revenue_unknown;
    v[KPI_CUSTOMERS] = count_value(t->customers);
    v[KPI_NEW_CUSTOMERS] = count_value(t->is_new);
    v[KPI_REPEAT_CUSTOMERS] = count_value(t->repeats);
    v[KPI_ORDERS] = count_value(t->orders);
    v[KPI_REVENUE] = sum_value((double)t->revenue, t->orders);
    v[KPI_REFUNDS] = sum_value((double)t->refunds, t->orders);
    v[KPI_NET_REVENUE] = sum_value((double)(t->revenue - t->refunds), t->orders);
    v[KPI_ORDERS_UNKNOWN] = count_value(t->orders_unknown);
    v[KPI_REVENUE_UNKNOWN] = sum_value((double)t->revenue_unknown, t->orders_unknown);
    v[KPI_REFUNDS_UNKNOWN] = sum_value((double)t->refunds_unknown, t->orders_unknown);
    v[KPI_REVENUE_ALL] = sum_value((double)revenue_all, orders_all);
    v[KPI_NET_REVENUE_ALL] =
        sum_value((double)(revenue_all - t->refunds - t->refunds_unknown), orders_all);
    v[KPI_IDENTIFIED_SHARE] = money_share_value(t->revenue, revenue_all, orders_all);
    v[KPI_IDENTIFIED_SHARE_ORDERS] = share_value(t->orders, orders_all);
    v[KPI_IDENTIFIED_SHARE_LINES] = share_value(t->lines, t->lines + t->lines_unknown);
}

static void report_fill_people(KpiValue *v, const Totals *t)
{
    v[KPI_AOV] = mean_value(&t->net);
    v[KPI_AOV_MEDIAN] = median_value(t->nets);
    v[KPI_AOV_REPEAT] = mean_value(&t->net_later);
    v[KPI_REPEAT_RATE] = share_value(t->came_back, t->aged);
    v[KPI_FREQUENCY] = mean_value(&t->frequency);
    v[KPI_RETENTION] = share_value(t->retained, t->active_start);
    v[KPI_CHURN] = share_value(t->active_start - t->retained, t->active_start);
    v[KPI_REACTIVATED] = count_value(t->reactivated);
    v[KPI_QUIET_UNUSUALLY] = count_value(t->quiet);
    v[KPI_QUIET_GOOD] = count_value(t->quiet_good);
    v[KPI_MONEY_AT_STAKE] = sum_value((double)t->stake, t->quiet);
}

static void report_fill(KpiReport *report, const View *view)
{
    Totals totals;
    totals_init(&totals, view, &report->scope);
    report_fill_sales(report->values, &totals);
    report_fill_people(report->values, &totals);
    report->unrated_orders = totals.unrated_orders;
    report->unrated_refunds = totals.unrated_refunds;
    totals_clear(&totals);
}

void kpi_report_init(KpiReport *report, const View *view, const KpiPeriod *period)
{
    kpi_scope_init(&report->scope, view, period);
    report_fill(report, view);
}

void kpi_report_again(KpiReport *ret_report, const KpiReport *report, const View *view,
                      const KpiPeriod *period)
{
    ret_report->scope = report->scope;
    ret_report->scope.period = ret_report->scope.retention = *period;
    report_fill(ret_report, view);
    for (size_t i = 0; i < KPI_COUNT; i++)
        if (kpi_table[i].state) ret_report->values[i] = sum_value(NAN, 0);
}

bool kpi_report_before(KpiReport *ret_before, const KpiReport *report, const View *view)
{
    const KpiPeriod *period = &report->scope.period;
    if (report->scope.open_start || period->to <= period->from) return false;
    kpi_report_again(ret_before, report, view,
                     &(KpiPeriod){2 * period->from - period->to, period->from});
    return true;
}

/* People whose first order lies in the period and is more than `days` complete days old. */
static uint32_t aged_count(const View *view, const KpiPeriod *period, int32_t days)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        if (view->facts->start[i] == view->facts->start[i + 1]) continue;
        int32_t first = view->day[view->facts->start[i]];
        if (day_in(first, period) && first + days < view->as_of_day) count++;
    }
    return count;
}

/* The longest usual term at which enough people of the period can be judged; 180 is preferred. */
static int32_t repeat_days_fit(const View *view, const KpiPeriod *period)
{
    static const int32_t terms[] = {180, 90, 60, 30};
    for (size_t i = 0; i < G_N_ELEMENTS(terms); i++)
        if (aged_count(view, period, terms[i]) >= KPI_PEOPLE_MIN) return terms[i];
    return terms[0];
}

void kpi_scope_init(KpiScope *scope, const View *view, const KpiPeriod *period)
{
    int32_t end = view->as_of_day + 1;
    scope->open_start = period->from == DAY_OPEN_START;
    scope->period.from = scope->open_start ? view->first_day : period->from;
    scope->period.to = MIN(period->to, end);
    scope->window_days = view->window_days;
    scope->retention = scope->period;
    if (scope->open_start) scope->retention.from = scope->period.to - scope->window_days;
    scope->repeat_days = repeat_days_fit(view, &scope->period);
}

static int member_compare(const void *x, const void *y)
{
    const KpiMember *a = x, *b = y;
    if (a->weight != b->weight) return a->weight > b->weight ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

GArray *kpi_members(const View *view, const KpiScope *scope, KpiName name)
{
    const KpiDef *def = &kpi_table[name];
    if (!def->member) return NULL;
    GArray *members = g_array_new(FALSE, FALSE, sizeof(KpiMember));
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        KpiPerson person;
        kpi_person_init(&person, view, scope, i);
        if (!def->member(&person)) continue;
        KpiMember member = {view->facts->person[i], def->weight(&person)};
        g_array_append_val(members, member);
    }
    g_array_sort(members, member_compare);
    return members;
}
