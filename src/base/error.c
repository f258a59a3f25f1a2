#include "base/error.h"

#include <gio/gio.h>

G_DEFINE_QUARK(kith - error - quark, kith_error)

static const struct {
    const char *id;
    int status;
} codes[KITH_ERROR_COUNT] = {
    [KITH_ERROR_INVALID] = {"invalid", 400},
    [KITH_ERROR_LIMIT] = {"limit", 413},
    [KITH_ERROR_NOT_FOUND] = {"not-found", 404},
    [KITH_ERROR_CONFLICT] = {"conflict", 409},
    [KITH_ERROR_DENIED] = {"denied", 403},
    [KITH_ERROR_UNAUTHENTICATED] = {"unauthenticated", 401},
    [KITH_ERROR_RATE] = {"rate", 429},
    [KITH_ERROR_UNAVAILABLE] = {"unavailable", 503},
    [KITH_ERROR_TIMEOUT] = {"timeout", 504},
    [KITH_ERROR_INTERNAL] = {"internal", 500},
};

bool fail(GError **error, KithError code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (error) *error = g_error_new_valist(KITH_ERROR, (int)code, format, arguments);
    va_end(arguments);
    return false;
}

const char *error_id(KithError code) { return codes[code].id; }

int error_status(KithError code) { return codes[code].status; }

KithError error_code(const GError *error)
{
    if (error->domain == KITH_ERROR) return (KithError)error->code;
    if (error->domain == G_FILE_ERROR || error->domain == G_IO_ERROR) return KITH_ERROR_UNAVAILABLE;
    return KITH_ERROR_INTERNAL;
}
