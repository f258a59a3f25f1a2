/* base/error.h: the ten kinds of failure, one table, and the one-line way to report one.
 *
 * Library code returns `bool` and sets a GError of KITH_ERROR; it never logs. The edges (HTTP
 * dispatcher, job runner, main) turn a code into a status, a text id or an exit status.
 *
 *     if (age < 0) return fail(error, KITH_ERROR_INVALID, "age %d: must not be negative", age);
 *
 * Messages: lower case, no full stop, name the object and the offending value; "could not" if a
 * retry may help, "cannot" if not; say what to do next when that is known.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

#define KITH_ERROR (kith_error_quark())
GQuark kith_error_quark(void);

typedef enum KithError {
    KITH_ERROR_INVALID,         /* 400: the input is wrong */
    KITH_ERROR_LIMIT,           /* 413: a documented limit is exceeded */
    KITH_ERROR_NOT_FOUND,       /* 404 */
    KITH_ERROR_CONFLICT,        /* 409: the state does not allow it */
    KITH_ERROR_DENIED,          /* 403 */
    KITH_ERROR_UNAUTHENTICATED, /* 401 */
    KITH_ERROR_RATE,            /* 429: try again later */
    KITH_ERROR_UNAVAILABLE,     /* 503: the environment failed, a retry may help */
    KITH_ERROR_TIMEOUT,         /* 504 */
    KITH_ERROR_INTERNAL,        /* 500: we cannot explain it */
    KITH_ERROR_COUNT
} KithError;

/* Sets `*error` (when not NULL) and returns false. */
bool fail(GError **error, KithError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Stable text id of a code: "invalid", "limit", "not-found", … */
const char *error_id(KithError code);

/* HTTP status of a code: 400, 413, 404, … */
int error_status(KithError code);

/* The code of any GError: its own if it is ours, KITH_ERROR_UNAVAILABLE for file and I/O errors,
 * else KITH_ERROR_INTERNAL. */
KithError error_code(const GError *error);
