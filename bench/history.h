/* bench/history.h: two years of a shop, made up: what the benches of columns and segments run on.
 *
 * Of every 100 events 70 are page views, 15 product views, 6 carts, 4 mails opened, 1 clicked and 4
 * orders, of people of whom few are very active. In order of receipt; one in a hundred happened up
 * to 30 days before it was received. Event i is a function of (seed, i) alone: any part can be made
 * by itself, by this program or by one that writes it to a file for another database.
 */
#pragma once
#include <stdint.h>

typedef enum HistoryName {
    HISTORY_PAGE_VIEW,
    HISTORY_PRODUCT_VIEW,
    HISTORY_ADD_TO_CART,
    HISTORY_EMAIL_OPEN,
    HISTORY_EMAIL_CLICK,
    HISTORY_ORDER,
    HISTORY_NAMES
} HistoryName;

enum { HISTORY_CATEGORIES = 24 };

typedef struct History {
    uint64_t seed;
    uint64_t events;  /* in all, spread evenly over the two years */
    uint32_t people;  /* persons are 0 to people - 1 */
    int64_t start_ms; /* UTC */
    int64_t span_ms;
} History;

typedef struct HistoryEvent {
    HistoryName name;
    uint32_t person;
    int64_t at;             /* UTC ms */
    int64_t id;             /* rises with receipt */
    const char *category;   /* of product views and carts, else NULL */
    uint32_t category_code; /* its place in history_categories */
    int64_t revenue_micro;  /* of orders: 5 to 150 times 10^6, else 0 */
} HistoryEvent;

/* Names as the Segment specs spell them. */
extern const char *const history_names[HISTORY_NAMES];
extern const char *const history_categories[HISTORY_CATEGORIES];

/* The two years from 1 January 2024 that all benches run on, and their end: the moment asked. */
History history_two_years(uint64_t events, uint32_t people);
int64_t history_end(const History *history);

/* Where a person lives: two letters. */
const char *history_country(uint32_t person);

HistoryEvent history_event(const History *history, uint64_t i);
