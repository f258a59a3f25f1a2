/* Any bytes: the reader ends, stays inside them, and what it accepts jansson accepts too. */
#include <jansson.h>

#include "base/json_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static JsonReader reader;
    g_autoptr(Arena) arena = arena_new(1 << 20);
    json_read_init(&reader, (const char *)data, size, 32);
    JsonReadToken token;
    do {
        token = json_read_next(&reader);
        Slice text;
        if (token == JSON_READ_STRING || token == JSON_READ_NAME)
            g_assert_true(!json_read_text(&reader, arena, &text) || json_read_is(&reader, text));
    } while (token != JSON_READ_DONE && token != JSON_READ_ERROR);
    if (token == JSON_READ_ERROR) return 0;
    json_error_t problem;
    json_t *value =
        json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &problem);
    /* jansson cannot hold integers over 64 bits, huge reals and lone surrogates; we can. */
    if (!value)
        g_assert_true(strstr(problem.text, "too big") || strstr(problem.text, "overflow") ||
                      strstr(problem.text, "invalid Unicode"));
    json_decref(value);
    return 0;
}
