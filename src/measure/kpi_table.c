/* The definitions. Sources: reference kpis.md; loyaltylion for retention; Wilson 1927 for shares.
 */
#include "measure/kpi.h"

#include <string.h>

static bool is_buyer(const KpiPerson *person) { return person->orders > 0; }
static bool is_new(const KpiPerson *person) { return person->is_new; }
static bool is_repeater(const KpiPerson *person) { return person->repeats; }
static bool is_refunded(const KpiPerson *person) { return person->refunds > 0; }
static bool is_later_buyer(const KpiPerson *person) { return person->orders_later > 0; }
static bool is_returner(const KpiPerson *person) { return person->aged && person->came_back; }
static bool is_kept(const KpiPerson *person) { return person->active_start && person->active_end; }
static bool is_lost(const KpiPerson *person) { return person->active_start && !person->active_end; }
static bool is_reactivated(const KpiPerson *person) { return person->reactivated; }
static bool is_quiet(const KpiPerson *person) { return person->quiet; }
static bool is_quiet_good(const KpiPerson *person) { return person->quiet_good; }

static int64_t by_revenue(const KpiPerson *person) { return person->revenue; }
static int64_t by_net(const KpiPerson *person) { return person->revenue - person->refunds; }
static int64_t by_refunds(const KpiPerson *person) { return person->refunds; }
static int64_t by_orders(const KpiPerson *person) { return person->orders; }
static int64_t by_last_day(const KpiPerson *person) { return person->last_day; }
static int64_t by_spent_year(const KpiPerson *person) { return person->spent_year; }

const KpiDef kpi_table[KPI_COUNT] = {
    [KPI_CUSTOMERS] = {.name = "customers",
                       .label = "Customers who bought",
                       .formula = "distinct people with at least one order in the period",
                       .pitfalls = "one person under two addresses counts twice until joined",
                       .unit = KPI_UNIT_COUNT,
                       .member = is_buyer,
                       .weight = by_revenue},
    [KPI_NEW_CUSTOMERS] = {.name = "new_customers",
                           .label = "New customers",
                           .formula = "people whose first order ever lies in the period",
                           .pitfalls = "guests and second addresses inflate it; orders from before "
                                       "the oldest import are not known",
                           .unit = KPI_UNIT_COUNT,
                           .member = is_new,
                           .weight = by_revenue},
    [KPI_REPEAT_CUSTOMERS] = {.name = "repeat_customers",
                              .label = "Customers who came back",
                              .formula = "people with an order in the period on a later day than "
                                         "their first order ever",
                              .pitfalls = "someone who first bought in the period and again in it "
                                          "is new and came back",
                              .unit = KPI_UNIT_COUNT,
                              .member = is_repeater,
                              .weight = by_revenue},
    [KPI_ORDERS] = {.name = "orders",
                    .label = "Orders of known customers",
                    .formula = "confirmed orders in the period, cancelled ones removed",
                    .pitfalls = "sales without a customer are counted beside, in orders_unknown",
                    .unit = KPI_UNIT_COUNT,
                    .member = is_buyer,
                    .weight = by_orders},
    [KPI_REVENUE] = {.name = "revenue",
                     .label = "Revenue before refunds",
                     .formula = "sum of orders of known customers in the period, as ordered",
                     .pitfalls =
                         "as the shop reported it: with or without tax and shipping; orders "
                         "without a known rate to the base currency are left out",
                     .unit = KPI_UNIT_MONEY,
                     .member = is_buyer,
                     .weight = by_revenue},
    [KPI_REFUNDS] = {.name = "refunds",
                     .label = "Refunds to known customers",
                     .formula = "sum of refunds dated in the period, whenever the order was",
                     .pitfalls = "may belong to orders of an earlier period",
                     .unit = KPI_UNIT_MONEY,
                     .member = is_refunded,
                     .weight = by_refunds},
    [KPI_NET_REVENUE] = {.name = "net_revenue",
                         .label = "Revenue after refunds",
                         .formula = "revenue of the period minus refunds dated in the period",
                         .pitfalls = "refunds of late orders of the period are still to come",
                         .unit = KPI_UNIT_MONEY,
                         .member = is_buyer,
                         .weight = by_net},
    [KPI_ORDERS_UNKNOWN] = {.name = "orders_unknown",
                            .label = "Sales without a customer",
                            .formula = "orders in the period whose buyer is not known",
                            .pitfalls = "visitors who bought and were never identified count here",
                            .unit = KPI_UNIT_COUNT},
    [KPI_REVENUE_UNKNOWN] = {.name = "revenue_unknown",
                             .label = "Revenue without a customer",
                             .formula = "sum of orders in the period whose buyer is not known",
                             .pitfalls = "before refunds",
                             .unit = KPI_UNIT_MONEY},
    [KPI_REFUNDS_UNKNOWN] = {.name = "refunds_unknown",
                             .label = "Refunds without a customer",
                             .formula = "refunds dated in the period to nobody known",
                             .pitfalls = "may belong to orders of an earlier period",
                             .unit = KPI_UNIT_MONEY},
    [KPI_REVENUE_ALL] = {.name = "revenue_all",
                         .label = "Revenue of the whole shop",
                         .formula = "revenue + revenue_unknown",
                         .pitfalls = "before refunds; this is what the till should say",
                         .unit = KPI_UNIT_MONEY},
    [KPI_NET_REVENUE_ALL] = {.name = "net_revenue_all",
                             .label = "Revenue of the whole shop after refunds",
                             .formula = "revenue_all minus all refunds dated in the period",
                             .pitfalls = "refunds of late orders of the period are still to come",
                             .unit = KPI_UNIT_MONEY},
    [KPI_IDENTIFIED_SHARE] = {.name = "identified_share",
                              .label = "Sales to known customers",
                              .formula = "revenue / revenue_all",
                              .pitfalls = "by value; by orders and by lines it can differ much",
                              .unit = KPI_UNIT_SHARE},
    [KPI_IDENTIFIED_SHARE_ORDERS] = {.name = "identified_share_orders",
                                     .label = "Orders of known customers",
                                     .formula = "orders / (orders + orders_unknown)",
                                     .pitfalls = "small till sales weigh as much as large orders",
                                     .unit = KPI_UNIT_SHARE},
    [KPI_IDENTIFIED_SHARE_LINES] = {.name = "identified_share_lines",
                                    .label = "Order lines of known customers",
                                    .formula =
                                        "lines worth something of orders of known customers / all "
                                        "such lines",
                                    .pitfalls = "orders reported without lines weigh nothing",
                                    .unit = KPI_UNIT_SHARE},
    [KPI_AOV] = {.name = "aov",
                 .label = "Average order value",
                 .formula = "mean over orders of known customers: order minus refunds naming it",
                 .pitfalls = "a few large orders pull it up: read the median beside it",
                 .unit = KPI_UNIT_MONEY,
                 .member = is_buyer,
                 .weight = by_net},
    [KPI_AOV_MEDIAN] = {.name = "aov_median",
                        .label = "Median order value",
                        .formula = "middle order of known customers, after refunds naming it",
                        .pitfalls = "half of the orders are above, half below; it does not sum up",
                        .unit = KPI_UNIT_MONEY,
                        .member = is_buyer,
                        .weight = by_net},
    [KPI_AOV_REPEAT] = {.name = "aov_repeat",
                        .label = "Average order value of returning customers",
                        .formula = "as aov, only orders after a person's first ever",
                        .pitfalls = "those who return are not like the others",
                        .unit = KPI_UNIT_MONEY,
                        .member = is_later_buyer,
                        .weight = by_net},
    [KPI_REPEAT_RATE] = {.name = "repeat_rate",
                         .label = "Bought again",
                         .formula = "people with a second purchase day within repeat_days of the "
                                    "first / people whose first order lies in the period and is "
                                    "older than repeat_days",
                         .pitfalls =
                             "equal age for all: the youngest customers are not judged yet; "
                             "two orders on one day are one purchase day",
                         .unit = KPI_UNIT_SHARE,
                         .member = is_returner,
                         .weight = by_revenue},
    [KPI_FREQUENCY] = {.name = "frequency",
                       .label = "Orders per buyer",
                       .formula = "orders / distinct buyers in the period",
                       .pitfalls = "young customers dilute it; longer periods raise it",
                       .unit = KPI_UNIT_PER_PERSON,
                       .member = is_buyer,
                       .weight = by_orders},
    [KPI_RETENTION] = {.name = "retention",
                       .label = "Still buying",
                       .formula = "(E - N) / S: of S people active at the start (bought within "
                                  "window_days before it), those still active at the end; new (N) "
                                  "and reactivated people are not in E - N",
                       .pitfalls = "hangs on window_days, which is fitted to the gaps between "
                                   "purchases; prefer the return curves",
                       .unit = KPI_UNIT_SHARE,
                       .member = is_kept,
                       .weight = by_revenue},
    [KPI_CHURN] = {.name = "churn",
                   .label = "No longer buying",
                   .formula = "1 - retention, same window",
                   .pitfalls = "nobody cancels a shop: lost means silent for window_days; some "
                               "return and are counted as reactivated",
                   .unit = KPI_UNIT_SHARE,
                   .member = is_lost,
                   .weight = by_spent_year},
    [KPI_REACTIVATED] = {.name = "reactivated",
                         .label = "Came back after a long silence",
                         .formula = "people with an order in the period after more than "
                                    "window_days without one",
                         .pitfalls = "hangs on window_days",
                         .unit = KPI_UNIT_COUNT,
                         .member = is_reactivated,
                         .weight = by_last_day},
    [KPI_QUIET_UNUSUALLY] = {.name = "quiet_unusually",
                             .label = "Quiet for longer than usual",
                             .formula = "people with 3 or more purchase days whose silence exceeds "
                                        "2.5 x their own median gap",
                             .pitfalls = "new customers have no rhythm of their own yet; who buys "
                                         "irregularly or once a season is counted too: rather too "
                                         "many than too few",
                             .unit = KPI_UNIT_COUNT,
                             .state = true,
                             .member = is_quiet,
                             .weight = by_spent_year},
    [KPI_QUIET_GOOD] = {.name = "quiet_good",
                        .label = "Good customers gone quiet",
                        .formula = "quiet_unusually, and among the fifth who spent most in the 12 "
                                   "months before",
                        .pitfalls = "as quiet_unusually",
                        .unit = KPI_UNIT_COUNT,
                        .state = true,
                        .member = is_quiet_good,
                        .weight = by_spent_year},
    [KPI_MONEY_AT_STAKE] = {.name = "money_at_stake",
                            .label = "What the quiet spent last year",
                            .formula = "orders minus refunds of the last 365 days of the people in "
                                       "quiet_unusually",
                            .pitfalls = "not a forecast: some return by themselves",
                            .unit = KPI_UNIT_MONEY,
                            .state = true,
                            .member = is_quiet,
                            .weight = by_spent_year},
};

const char *kpi_unit_text(KpiUnit unit)
{
    static const char *const texts[KPI_UNIT_COUNT_] = {
        [KPI_UNIT_COUNT] = "count",           [KPI_UNIT_MONEY] = "money",
        [KPI_UNIT_SHARE] = "share",           [KPI_UNIT_DAYS] = "days",
        [KPI_UNIT_PER_PERSON] = "per_person",
    };
    return texts[unit];
}

KpiName kpi_find(const char *name)
{
    for (size_t i = 0; i < KPI_COUNT; i++)
        if (!strcmp(kpi_table[i].name, name)) return (KpiName)i;
    return KPI_COUNT;
}

/* Shares and means of a handful of people mislead; a count or a sum is simply what happened. */
uint32_t kpi_n_min(KpiName name)
{
    if (name == KPI_AOV || name == KPI_AOV_MEDIAN || name == KPI_AOV_REPEAT) return KPI_PEOPLE_MIN;
    KpiUnit unit = kpi_table[name].unit;
    return unit == KPI_UNIT_COUNT || unit == KPI_UNIT_MONEY ? 0 : KPI_PEOPLE_MIN;
}
