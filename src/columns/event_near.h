/* columns/event_near.h: rows in which one thing may have followed another in time.
 *
 * Most people can be refused a sequence by a look at the ticks (65.5 s) of two of its steps:
 * nothing of the one lies a span before anything of the other. Sixteen are compared at once,
 * without a branch that nobody could guess. Whoever is left has to be looked at exactly. Pure; any
 * thread.
 *
 *     EventNear near = {carts->base, orders->base, 7 * CLOCK_DAY_MS};
 *     if (event_near_can(&near)) count = event_near_rows(&near, from, to, rows);
 */
#pragma once
#include "columns/event_pass.h"

typedef struct EventNear {
    const EventBase *first, *then;
    int64_t span_ms; /* `then` comes within [0, span) of `first` */
} EventNear;

enum { EVENT_NEAR_ROWS = 1024 }; /* looked at in one go, at most */

/* Whether rows can be refused so: both names stand by row, and the span is one of less than years.
 */
bool event_near_can(const EventNear *near);

/* Appends those of the rows [from, to) to `ret_rows` (room for all of them) in which something of
 * `then` may come in time; never leaves out one where it does. Returns how many. */
uint32_t event_near_rows(const EventNear *near, uint32_t from, uint32_t to, uint32_t *ret_rows);
