/* measure/kpi.h: the named figures of a shop, each with one definition.
 *
 * `kpi_table` is that definition: name, label, formula, unit, pitfalls, who is behind the number.
 * Everything else (API, UI, CLI, reports) walks the table. A figure is computed in two steps: every
 * person is boiled down to a KpiPerson for the period, and KpiTotals add them up. The people behind
 * a number are those for whom the definition's `member` is true: same pass, same truth.
 *
 * Rules: kpis.md of the reference. Periods are local days [from, to). Cancelled orders are gone;
 * refunds lower order values (net) on the order, and money of a period on their own date. Shares
 * and means bear 95 % intervals and are "enough" from KPI_PEOPLE_MIN. Pure; views are shared
 * freely.
 *
 *     KpiReport report;
 *     kpi_report_init(&report, view, &(KpiPeriod){DAY_OPEN_START, DAY_OPEN_END});
 *     report.values[KPI_REVENUE].value         minor units
 */
#pragma once
#include "measure/stats.h"
#include "measure/view.h"

enum { KPI_PEOPLE_MIN = 30 };

typedef enum KpiName {
    KPI_CUSTOMERS,
    KPI_NEW_CUSTOMERS,
    KPI_REPEAT_CUSTOMERS,
    KPI_ORDERS,
    KPI_REVENUE,
    KPI_REFUNDS,
    KPI_NET_REVENUE,
    KPI_ORDERS_UNKNOWN,
    KPI_REVENUE_UNKNOWN,
    KPI_REFUNDS_UNKNOWN,
    KPI_REVENUE_ALL,
    KPI_NET_REVENUE_ALL,
    KPI_IDENTIFIED_SHARE,
    KPI_IDENTIFIED_SHARE_ORDERS,
    KPI_IDENTIFIED_SHARE_LINES,
    KPI_AOV,
    KPI_AOV_MEDIAN,
    KPI_AOV_REPEAT,
    KPI_REPEAT_RATE,
    KPI_FREQUENCY,
    KPI_RETENTION,
    KPI_CHURN,
    KPI_REACTIVATED,
    KPI_QUIET_UNUSUALLY,
    KPI_QUIET_GOOD,
    KPI_MONEY_AT_STAKE,
    KPI_COUNT
} KpiName;

typedef enum KpiUnit {
    KPI_UNIT_COUNT,
    KPI_UNIT_MONEY, /* minor units of the base currency */
    KPI_UNIT_SHARE, /* 0..1 */
    KPI_UNIT_DAYS,
    KPI_UNIT_PER_PERSON,
    KPI_UNIT_COUNT_
} KpiUnit;

/* Local days [from, to); DAY_OPEN_START / DAY_OPEN_END leave an end open. */
typedef struct KpiPeriod {
    int32_t from, to;
} KpiPeriod;

/* The days a report really looks at, worked out from the period asked for. */
typedef struct KpiScope {
    KpiPeriod period;    /* clipped to what has happened; open ends replaced */
    bool open_start;     /* asked for everything from the beginning */
    KpiPeriod retention; /* = period, or the last window when open_start */
    int32_t window_days; /* "active" = bought within so many days */
    int32_t repeat_days; /* "bought again within", 30..365 */
} KpiScope;

/* One person, boiled down for a scope. Money in base minor units. */
typedef struct KpiPerson {
    int64_t revenue, net,
        refunds; /* of the period: as ordered, after refunds of them, given back */
    uint32_t orders, orders_rated; /* in the period; rated: with a known rate */
    uint32_t orders_later;         /* in the period, not the person's first ever order */
    int32_t first_day, last_day;   /* purchase days ever up to as_of; INT32_MAX / MIN without any */
    bool is_new, repeats;          /* first purchase day, a later one, in the period */
    bool aged, came_back; /* repeat rate: in the cohort and old enough; came back in time */
    bool active_start, active_end, reactivated;
    bool quiet, quiet_good;
    int64_t spent_year; /* money at stake */
} KpiPerson;

typedef struct KpiValue {
    double value; /* NAN: cannot be given (nothing to divide by) */
    uint64_t n;   /* what it rests on: people, or orders for order values */
    StatsRange range;
} KpiValue;

typedef struct KpiDef {
    const char *name, *label, *formula, *pitfalls; /* name: snake_case, stable */
    KpiUnit unit;
    bool state; /* tells how things stand as of now: no period, no previous one */
    bool (*member)(const KpiPerson *person);    /* NULL: nobody to list */
    int64_t (*weight)(const KpiPerson *person); /* order of the list, biggest first */
} KpiDef;

/* Indexed by KpiName. */
extern const KpiDef kpi_table[KPI_COUNT];

/* "count", "money", "share", "days", "per_person". */
const char *kpi_unit_text(KpiUnit unit);

/* Looks a name up; KPI_COUNT when there is none. */
KpiName kpi_find(const char *name);

/* The smallest n from which a figure of this unit says something: 0 for counts and sums. */
uint32_t kpi_n_min(KpiName name);

typedef struct KpiReport {
    KpiScope scope;
    KpiValue values[KPI_COUNT];
    uint64_t unrated_orders, unrated_refunds; /* counted, but no rate for their day: no money */
} KpiReport;

/* Works out what is looked at for a period asked for. */
void kpi_scope_init(KpiScope *scope, const View *view, const KpiPeriod *period);

/* Computes every figure. O(orders log orders) for the medians, two passes. */
void kpi_report_init(KpiReport *report, const View *view, const KpiPeriod *period);

/* Computes the same figures for another period, with the window of `report` and the same age for
 * "bought again". Figures that are `state` have NAN there. */
void kpi_report_again(KpiReport *ret_report, const KpiReport *report, const View *view,
                      const KpiPeriod *period);

/* kpi_report_again for the period of equal length just before that of `report`,  false
 * when the start was open. */
bool kpi_report_before(KpiReport *ret_before, const KpiReport *report, const View *view);

/* Boils one person down. O(orders of the person). */
void kpi_person_init(KpiPerson *person, const View *view, const KpiScope *scope, uint32_t index);

typedef struct KpiMember {
    int64_t person;
    int64_t weight; /* as KpiDef.weight */
} KpiMember;

/* The people behind a figure, heaviest first, ties by id: array of KpiMember, the caller's.
 * NULL when the figure has no list. */
GArray *kpi_members(const View *view, const KpiScope *scope, KpiName name);
