#include "timeline/hook_private.h"

#include <inttypes.h>

#include "base/dates.h"
#include "base/error.h"
#include "base/text.h"

Slice hook_text(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    if (!json_is_string(member)) return (Slice){NULL, 0};
    return text_trim((Slice){json_string_value(member), json_string_length(member)});
}

char *hook_id(const json_t *object, const char *name)
{
    const json_t *member = json_object_get(object, name);
    if (json_is_integer(member) && json_integer_value(member) > 0)
        return g_strdup_printf("%" PRId64, (int64_t)json_integer_value(member));
    Slice text = hook_text(object, name);
    return text.size > 0 && text.size <= 100 ? g_strndup(text.data, text.size) : NULL;
}

bool hook_amount(const json_t *object, const char *name, DbInt *ret_micros, GError **error)
{
    const json_t *member = json_object_get(object, name);
    char number[40];
    int64_t micros;
    *ret_micros = (DbInt){0};
    Slice text = hook_text(object, name);
    if (json_is_integer(member)) {
        g_snprintf(number, sizeof number, "%" PRId64, (int64_t)json_integer_value(member));
        text = slice_of(number);
    } else if (json_is_real(member)) {
        g_ascii_formatd(number, sizeof number, "%.6f", json_real_value(member));
        text = slice_of(number);
    }
    if (text.size == 0) return true;
    if (!decimal_parse(text, DECIMAL_POINT, &micros, NULL))
        return fail(error, KITH_ERROR_INVALID, "%s is no amount", name);
    *ret_micros = db_int(micros);
    return true;
}

int64_t hook_time(const json_t *object, const char *name)
{
    int64_t at = 0;
    Slice text = hook_text(object, name);
    return text.size > 0 && date_parse_iso(text, &at) ? at : 0;
}
