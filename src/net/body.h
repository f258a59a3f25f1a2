/* net/body.h: request bodies in memory, all of them under one budget.
 *
 * Every byte of every body in flight is taken from one Budget first, so that many big or slow
 * clients together cannot use more memory than was set aside: beyond it they get 429. Memory of
 * a body grows with what has arrived, never with what a Content-Length promises.
 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BODY_FIRST_MAX = 256 * 1024,         /* reserved at once for a promised length */
    BODY_INFLATED_MAX = 16 * 1024 * 1024 /* a gzip body may grow to this */
};

typedef struct Budget {
    int64_t bytes_max;
    _Atomic int64_t bytes_used;
} Budget;

bool budget_take(Budget *budget, size_t bytes);
void budget_give(Budget *budget, size_t bytes);

typedef struct Body {
    char *data; /* owned; a NUL stands after `size` */
    size_t size, room;
    Budget *budget; /* borrowed */
} Body;

/* Room for `expected` bytes (0: unknown). Errors: RATE (budget). */
bool body_begin(Body *body, Budget *budget, size_t expected, GError **error);
/* Errors: LIMIT (over `bytes_max`), RATE (budget). */
bool body_append(Body *body, const char *data, size_t size, size_t bytes_max, GError **error);
/* Does it begin as gzip does (1f 8b)? */
bool body_is_gzip(const Body *body);
/* Replaces the body by what it inflates to; every member of the gzip file.
 * Errors: INVALID (not gzip, truncated), LIMIT (over `bytes_max`), RATE (budget). */
bool body_inflate(Body *body, size_t bytes_max, GError **error);
void body_clear(Body *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Body, body_clear)
