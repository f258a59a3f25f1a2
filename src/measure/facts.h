/* measure/facts.h: what people bought, as plain arrays: the ground under every figure.
 *
 * Facts is an immutable, reference-counted snapshot of all counted orders and refunds, grouped by
 * person (compressed rows: person i owns orders start[i] .. start[i + 1] - 1, oldest first). All
 * figures, cohorts and lists are loops over these arrays, so they are equal on both databases.
 *
 * Counted: confirmed orders that are not cancelled. A person is the survivor after links. Orders
 * of nobody we know (a till without customer, a visitor) follow those of the last person, oldest
 * first, so that totals match the till. Amounts are minor units of the business's base currency;
 * FACTS_UNKNOWN where the rate of that day is not known: such rows count as orders, never as money.
 * Thread rule: a builder belongs to one thread; Facts may be shared freely.
 *
 *     g_autoptr(FactsBuilder) builder = facts_builder_new();
 *     facts_builder_order(builder, &(FactsOrder){.person = 7, .at = at, .revenue = 1250, …});
 *     g_autoptr(Facts) facts = facts_builder_finish(builder, &(FactsOrigin){.built_at = now});
 *     for (uint32_t k = facts->start[i]; k < facts->start[i + 1]; k++) sum += facts->revenue[k];
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* An amount whose rate to the base currency is not known. */
#define FACTS_UNKNOWN INT64_MIN

/* The person of sales without a known customer. */
enum { FACTS_NOBODY = 0, FACTS_CURRENCY_SIZE = 4 };

typedef struct FactsOrder {
    int64_t person;   /* survivor's id, > 0, or FACTS_NOBODY */
    int64_t order_id; /* > 0; breaks ties of time */
    int64_t at;       /* occurred, UTC ms */
    int64_t revenue;  /* base minor units as ordered, or FACTS_UNKNOWN */
    int64_t net;      /* after refunds that name the order, or FACTS_UNKNOWN */
    uint32_t lines;   /* order lines, 0 when none were told */
} FactsOrder;

typedef struct FactsRefund {
    int64_t person; /* as above */
    int64_t at;     /* the refund's own date, UTC ms */
    int64_t amount; /* base minor units given back, >= 0, or FACTS_UNKNOWN */
} FactsRefund;

/* Where a snapshot comes from: answered beside the figures. */
typedef struct FactsOrigin {
    int64_t version;                    /* orders version the rows were read at */
    int64_t built_at;                   /* UTC ms */
    char currency[FACTS_CURRENCY_SIZE]; /* base currency, "" while the profile is empty */
} FactsOrigin;

typedef struct Facts {
    gatomicrefcount refs;
    FactsOrigin origin;
    uint32_t person_count; /* people with at least one counted order or refund */
    uint32_t known_count;  /* orders of known people = start[person_count] */
    uint32_t order_count;  /* with those of nobody */
    uint32_t refund_count;
    int64_t *person;        /* [person_count] ids, rising */
    uint32_t *start;        /* [person_count + 1] into the order arrays */
    uint32_t *refund_start; /* [person_count + 1] into refund arrays; nobody's follow */
    int64_t *at, *order_id, *revenue, *net;
    uint32_t *lines;
    int64_t *refund_at, *refund_amount;
} Facts;

Facts *facts_ref(Facts *facts);
void facts_unref(Facts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Facts, facts_unref)

/* The index of a person, or -1. O(log n). */
int64_t facts_person_index(const Facts *facts, int64_t person);

/* Bytes held by the arrays. */
size_t facts_bytes(const Facts *facts);

typedef struct FactsBuilder FactsBuilder;

FactsBuilder *facts_builder_new(void);
void facts_builder_free(FactsBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FactsBuilder, facts_builder_free)

void facts_builder_order(FactsBuilder *builder, const FactsOrder *order);
void facts_builder_refund(FactsBuilder *builder, const FactsRefund *refund);

/* Sorts what was added and hands over the snapshot (one reference, the caller's); the builder is
 * empty afterwards. O(n log n). */
Facts *facts_builder_finish(FactsBuilder *builder, const FactsOrigin *origin);
