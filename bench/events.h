/* bench/events.h: makes the request bodies of the load generator.
 *
 * A batch holds `batch` events of about 371 bytes each, as an SDK sends them: product and page
 * views, carts and a few orders of `people` customers in random order, and every twentieth from a
 * visitor nobody has seen. As a `shop` they are shared out as in bench/history.h, mails among them,
 * and few people do much. Deterministic by seed; message ids never repeat within one seed.
 *
 *     EventMaker maker;
 *     event_maker_init(&maker, &options);
 *     size_t size = event_maker_batch(&maker, buffer, now_ms);
 *
 * Thread rule: one maker per thread.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EVENT_BYTES_MAX = 640,
    EVENT_BATCH_MAX = 1000,
    EVENT_BODY_EXTRA = 256,
    EVENT_VISITS_MAX = 100000
};

typedef struct EventOptions {
    uint64_t seed;
    uint32_t people;         /* customers to draw from, 1..100 M */
    uint32_t batch;          /* events a batch, 1..EVENT_BATCH_MAX */
    uint32_t orders_share;   /* Order Completed among 1,000 events */
    uint32_t visitors_share; /* never-seen visitors among 1,000 events */
    bool sequential;         /* customers one after the other, not by lot: each is met once */
    bool shop;               /* names and people as in bench/history.h */
    uint32_t visits;         /* people who are there at once, of a shop; 0: anybody, each time */
    uint32_t visit_events;   /* what each does on average until somebody else comes */
    uint64_t past_events;    /* so many lie evenly in the time before; 0: they are of now */
    int64_t past_ms;         /* how long that time is */
} EventOptions;

typedef struct EventMaker {
    EventOptions options;
    uint64_t state;                   /* of the random numbers */
    uint64_t counter;                 /* events made, part of each message id */
    uint32_t there[EVENT_VISITS_MAX]; /* customers */
} EventMaker;

void event_maker_init(EventMaker *maker, const EventOptions *options);

/* Writes one batch as JSON into `out`, which has room for batch * EVENT_BYTES_MAX +
 * EVENT_BODY_EXTRA bytes. `now_ms`: UTC milliseconds, the events happened within the last 4 s,
 * or at their place in the past. Returns its size. */
size_t event_maker_batch(EventMaker *maker, char *out, int64_t now_ms);
