/* measure/history_fixture.h: tiny purchase histories for tests, written as a table.
 *
 *     static const Bought rows[] = {{1, "2024-01-05", 1000}, {0, "2024-01-06", 500}};
 *     g_autoptr(View) view = history_view(rows, G_N_ELEMENTS(rows), "2024-03-01");
 */
#pragma once
#include "measure/day.h"
#include "measure/view.h"

typedef struct Bought {
    int64_t person;       /* 0: nobody known */
    const char *date;     /* noon UTC unless `at_ms` */
    int64_t revenue;      /* minor units or FACTS_UNKNOWN */
    int64_t refund;       /* given back in all, lowers `net` */
    const char *refunded; /* day of the refund; NULL: the day of the order */
    int64_t at_ms;        /* milliseconds after midnight, 0: noon */
} Bought;

static inline int32_t history_day(const char *date)
{
    int32_t day = 0;
    g_assert_true(day_parse(date, &day));
    return day;
}

static inline Facts *history_facts(const Bought *rows, size_t count)
{
    g_autoptr(FactsBuilder) builder = facts_builder_new();
    for (size_t i = 0; i < count; i++) {
        const Bought *row = &rows[i];
        int64_t at = history_day(row->date) * DAY_MS + (row->at_ms ? row->at_ms : DAY_MS / 2);
        int64_t net = row->revenue == FACTS_UNKNOWN ? FACTS_UNKNOWN : row->revenue - row->refund;
        facts_builder_order(builder, &(FactsOrder){.person = row->person,
                                                   .order_id = (int64_t)i + 1,
                                                   .at = at,
                                                   .revenue = row->revenue,
                                                   .net = net,
                                                   .lines = 2});
        if (row->refund == 0) continue;
        if (row->refunded) at = history_day(row->refunded) * DAY_MS + DAY_MS / 2;
        facts_builder_refund(builder, &(FactsRefund){row->person, at, row->refund});
    }
    return facts_builder_finish(builder, &(FactsOrigin){.currency = "EUR"});
}

/* A view in UTC, looked at on the morning of `today`. */
static inline View *history_view(const Bought *rows, size_t count, const char *today)
{
    g_autoptr(Facts) facts = history_facts(rows, count);
    return view_new(
        facts, &(ViewOptions){.zone = zone_utc(), .now = history_day(today) * DAY_MS + DAY_MS / 4});
}
