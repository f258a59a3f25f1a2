/* Any bytes: no crash, results in range, what is written reads back the same; decimals too. */
#include "base/dates.h"
#include "base/money.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Slice text = {(const char *)data, size};
    for (DateOrder order = 0; order < DATE_ORDERS; order++) {
        int64_t at_ms, back;
        char iso[DATE_TEXT_SIZE];
        if (!date_parse(text, order, zone_utc(), &at_ms, NULL)) continue;
        g_assert_true(at_ms >= ZONE_MS_MIN && at_ms <= ZONE_MS_MAX);
        date_format_iso(at_ms, iso);
        g_assert_true(date_parse_iso(slice_of(iso), &back));
        g_assert_cmpint(at_ms, ==, back);
    }
    if (!text_utf8_check(text.data, text.size)) return 0;
    int64_t micros, at_ms;
    date_parse_iso(text, &at_ms);
    decimal_parse(text, DECIMAL_POINT, &micros, NULL);
    decimal_parse(text, DECIMAL_COMMA, &micros, NULL);
    g_free(text_email(text));
    g_free(text_phone(text, "49"));
    g_free(text_fold(text));
    return 0;
}
