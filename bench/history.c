#include "history.h"

#include <stddef.h>

const char *const history_names[HISTORY_NAMES] = {"Page Viewed",        "Product Viewed",
                                                  "Product Added",      "Email Opened",
                                                  "Email Link Clicked", "Order Completed"};

static const uint32_t shares[HISTORY_NAMES] = {70, 15, 6, 4, 1, 4};

const char *const history_categories[HISTORY_CATEGORIES] = {
    "shoes",  "hats",   "lamps", "books",  "tea",   "coffee",  "toys",  "games",
    "garden", "tools",  "paper", "candle", "wool",  "silver",  "glass", "pots",
    "knives", "linens", "soap",  "honey",  "chess", "records", "bikes", "tents"};

/* Every second person lives in the first, every fifth in the next. */
static const char *const countries[] = {"DE", "DE", "DE", "DE", "DE", "FR", "FR", "AT", "NL", "US"};

static uint64_t mix(uint64_t number)
{
    number = (number ^ number >> 33) * UINT64_C(0xff51afd7ed558ccd);
    number = (number ^ number >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return number ^ number >> 33;
}

static HistoryName name_of(uint32_t lot)
{
    uint32_t name = 0;
    for (uint32_t sum = shares[0]; lot >= sum && name + 1 < HISTORY_NAMES; sum += shares[name])
        name++;
    return (HistoryName)name;
}

/* The square of an even lot: a tenth of the people do a third of everything. */
static uint32_t person_of(const History *history, uint64_t lot)
{
    double even = (double)(lot >> 11) / (double)(UINT64_C(1) << 53);
    return (uint32_t)(even * even * history->people);
}

/* Every second look is at what somebody likes best. */
static uint32_t category_of(uint32_t person, uint64_t lot)
{
    return (uint32_t)((lot % 2 ? mix(person) : lot / 2) % HISTORY_CATEGORIES);
}

History history_two_years(uint64_t events, uint32_t people)
{
    return (History){.seed = 4,
                     .events = events,
                     .people = people,
                     .start_ms = INT64_C(1704067200000),
                     .span_ms = INT64_C(731) * 86400000};
}

int64_t history_end(const History *history) { return history->start_ms + history->span_ms; }

const char *history_country(uint32_t person)
{
    return countries[mix(person + UINT64_C(0x5851f42d4c957f2d)) %
                     (sizeof countries / sizeof *countries)];
}

HistoryEvent history_event(const History *history, uint64_t i)
{
    uint64_t first = mix(history->seed + i * UINT64_C(0x9e3779b97f4a7c15)), second = mix(first + 1);
    double share = (double)i / (double)history->events;
    HistoryEvent event = {.name = name_of((uint32_t)(first % 100))};
    int64_t received = (int64_t)(share * (double)history->span_ms);
    event.person = person_of(history, second);
    event.at = history->start_ms + received;
    if (first / 100 % 100 == 0) event.at -= (int64_t)(first / 10000 % (UINT64_C(30) * 86400000));
    event.id = (received << 22) + (int64_t)(i % 4096) + 1;
    if (event.name == HISTORY_PRODUCT_VIEW || event.name == HISTORY_ADD_TO_CART) {
        event.category_code = category_of(event.person, first / 10000);
        event.category = history_categories[event.category_code];
    }
    if (event.name == HISTORY_ORDER)
        event.revenue_micro = (int64_t)(500 + first / 10000 % 14500) * 10000;
    return event;
}
