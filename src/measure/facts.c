#include "measure/facts.h"

#include <stdlib.h>
#include <string.h>

struct FactsBuilder {
    GArray *orders, *refunds;
};

FactsBuilder *facts_builder_new(void)
{
    FactsBuilder *builder = g_new0(FactsBuilder, 1);
    builder->orders = g_array_new(FALSE, FALSE, sizeof(FactsOrder));
    builder->refunds = g_array_new(FALSE, FALSE, sizeof(FactsRefund));
    return builder;
}

void facts_builder_free(FactsBuilder *builder)
{
    g_array_unref(builder->orders);
    g_array_unref(builder->refunds);
    g_free(builder);
}

void facts_builder_order(FactsBuilder *builder, const FactsOrder *order)
{
    g_assert(order->person >= 0);
    g_array_append_vals(builder->orders, order, 1);
}

void facts_builder_refund(FactsBuilder *builder, const FactsRefund *refund)
{
    g_assert(refund->person >= 0);
    g_array_append_vals(builder->refunds, refund, 1);
}

static int compare(int64_t a, int64_t b) { return (a > b) - (a < b); }

/* Nobody (0) sorts behind everybody. */
static int person_compare(int64_t a, int64_t b)
{
    return compare(a == FACTS_NOBODY ? INT64_MAX : a, b == FACTS_NOBODY ? INT64_MAX : b);
}

static int order_compare(const void *x, const void *y)
{
    const FactsOrder *a = x, *b = y;
    int by = person_compare(a->person, b->person);
    if (!by) by = compare(a->at, b->at);
    return by ? by : compare(a->order_id, b->order_id);
}

static int refund_compare(const void *x, const void *y)
{
    const FactsRefund *a = x, *b = y;
    int by = person_compare(a->person, b->person);
    return by ? by : compare(a->at, b->at);
}

/* The next person id of two sorted runs, or FACTS_NOBODY when both are through their people. */
static int64_t person_next(int64_t a, int64_t b) { return person_compare(a, b) <= 0 ? a : b; }

/* Fills person, start and refund_start by merging the two sorted runs. */
static void people_fill(Facts *facts, const FactsOrder *orders, const FactsRefund *refunds)
{
    GArray *people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    GArray *starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    GArray *refund_starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint32_t o = 0, r = 0;
    for (;;) {
        int64_t by_order = o < facts->order_count ? orders[o].person : FACTS_NOBODY;
        int64_t by_refund = r < facts->refund_count ? refunds[r].person : FACTS_NOBODY;
        int64_t person = person_next(by_order, by_refund);
        g_array_append_val(starts, o);
        g_array_append_val(refund_starts, r);
        if (person == FACTS_NOBODY) break;
        g_array_append_val(people, person);
        while (o < facts->order_count && orders[o].person == person)
            o++;
        while (r < facts->refund_count && refunds[r].person == person)
            r++;
    }
    facts->person_count = people->len;
    facts->known_count = o;
    facts->person = (int64_t *)g_array_free(people, FALSE);
    facts->start = (uint32_t *)g_array_free(starts, FALSE);
    facts->refund_start = (uint32_t *)g_array_free(refund_starts, FALSE);
}

static void orders_fill(Facts *facts, const FactsOrder *orders)
{
    uint32_t n = facts->order_count;
    facts->at = g_new(int64_t, n);
    facts->order_id = g_new(int64_t, n);
    facts->revenue = g_new(int64_t, n);
    facts->net = g_new(int64_t, n);
    facts->lines = g_new(uint32_t, n);
    for (uint32_t i = 0; i < n; i++) {
        facts->at[i] = orders[i].at;
        facts->order_id[i] = orders[i].order_id;
        facts->revenue[i] = orders[i].revenue;
        facts->net[i] = orders[i].net;
        facts->lines[i] = orders[i].lines;
    }
}

static void refunds_fill(Facts *facts, const FactsRefund *refunds)
{
    facts->refund_at = g_new(int64_t, facts->refund_count);
    facts->refund_amount = g_new(int64_t, facts->refund_count);
    for (uint32_t i = 0; i < facts->refund_count; i++) {
        facts->refund_at[i] = refunds[i].at;
        facts->refund_amount[i] = refunds[i].amount;
    }
}

Facts *facts_builder_finish(FactsBuilder *builder, const FactsOrigin *origin)
{
    Facts *facts = g_new0(Facts, 1);
    g_atomic_ref_count_init(&facts->refs);
    facts->origin = *origin;
    facts->order_count = builder->orders->len;
    facts->refund_count = builder->refunds->len;
    g_array_sort(builder->orders, order_compare);
    g_array_sort(builder->refunds, refund_compare);
    const FactsOrder *orders = (const FactsOrder *)(void *)builder->orders->data;
    const FactsRefund *refunds = (const FactsRefund *)(void *)builder->refunds->data;
    people_fill(facts, orders, refunds);
    orders_fill(facts, orders);
    refunds_fill(facts, refunds);
    g_array_set_size(builder->orders, 0);
    g_array_set_size(builder->refunds, 0);
    return facts;
}

Facts *facts_ref(Facts *facts)
{
    g_atomic_ref_count_inc(&facts->refs);
    return facts;
}

void facts_unref(Facts *facts)
{
    if (!g_atomic_ref_count_dec(&facts->refs)) return;
    g_free(facts->person);
    g_free(facts->start);
    g_free(facts->refund_start);
    g_free(facts->at);
    g_free(facts->order_id);
    g_free(facts->revenue);
    g_free(facts->net);
    g_free(facts->lines);
    g_free(facts->refund_at);
    g_free(facts->refund_amount);
    g_free(facts);
}

int64_t facts_person_index(const Facts *facts, int64_t person)
{
    uint32_t low = 0, high = facts->person_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (facts->person[middle] < person)
            low = middle + 1;
        else
            high = middle;
    }
    return low < facts->person_count && facts->person[low] == person ? (int64_t)low : -1;
}

size_t facts_bytes(const Facts *facts)
{
    return facts->person_count * (sizeof(int64_t) + 2 * sizeof(uint32_t)) +
           facts->order_count * (4 * sizeof(int64_t) + sizeof(uint32_t)) +
           facts->refund_count * 2 * sizeof(int64_t);
}
