#include "base/dates.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/error.h"

enum { NO_OFFSET = INT32_MIN, OFFSET_MAX_MIN = 18 * 60, TEXT_MAX = 64 };

/* A text being read; every reader steps forward only when it succeeds. */
typedef struct Cursor {
    const char *at, *end;
} Cursor;

/* What stands in a text, before the zone is applied. */
typedef struct DateParts {
    Calendar local;
    int offset_min;      /* minutes east of UTC, or NO_OFFSET */
    const char *problem; /* what is wrong, when it was not read */
} DateParts;

static bool cursor_more(const Cursor *cursor) { return cursor->at < cursor->end; }

static char cursor_peek(const Cursor *cursor) { return cursor_more(cursor) ? *cursor->at : '\0'; }

static bool take(Cursor *cursor, char byte)
{
    if (cursor_peek(cursor) != byte || !cursor_more(cursor)) return false;
    cursor->at++;
    return true;
}

static void spaces_skip(Cursor *cursor)
{
    while (cursor_peek(cursor) == ' ' || cursor_peek(cursor) == '\t')
        cursor->at++;
}

static int digits_count(const Cursor *cursor)
{
    const char *at = cursor->at;
    while (at < cursor->end && g_ascii_isdigit(*at))
        at++;
    return (int)(at - cursor->at);
}

/* Reads between `least` and `most` digits (most <= 9), and not a digit more. */
static bool take_number(Cursor *cursor, int least, int most, int *ret_value)
{
    int count = digits_count(cursor);
    if (count < least || count > most) return false;
    int value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (*cursor->at++ - '0');
    *ret_value = value;
    return true;
}

/* ---- time of day and offset --------------------------------------------------------------- */

/* Digits after the second; only milliseconds are kept. */
static bool take_fraction(Cursor *cursor, int *ret_ms)
{
    int count = digits_count(cursor);
    if (count < 1) return false;
    int ms = 0;
    for (int i = 0; i < 3; i++)
        ms = ms * 10 + (i < count ? cursor->at[i] - '0' : 0);
    cursor->at += count;
    *ret_ms = ms;
    return true;
}

static bool take_half_day(Cursor *cursor, Calendar *local)
{
    Cursor ahead = *cursor;
    spaces_skip(&ahead);
    char half = g_ascii_tolower(cursor_peek(&ahead));
    if (half != 'a' && half != 'p') return true;
    ahead.at++;
    take(&ahead, '.');
    if (g_ascii_tolower(cursor_peek(&ahead)) != 'm') return false;
    ahead.at++;
    take(&ahead, '.');
    if (local->hour < 1 || local->hour > 12) return false;
    local->hour = local->hour % 12 + (half == 'p' ? 12 : 0);
    *cursor = ahead;
    return true;
}

/* 8:26, 08:26:00, 08:26:00.123, 8:26 PM, 082600 */
static bool take_time(Cursor *cursor, Calendar *local)
{
    if (digits_count(cursor) == 6 || digits_count(cursor) == 4) {
        int packed, seconds = digits_count(cursor) == 6;
        if (!take_number(cursor, 4, 6, &packed)) return false;
        local->second = seconds ? packed % 100 : 0;
        local->minute = packed / (seconds ? 100 : 1) % 100;
        local->hour = packed / (seconds ? 10000 : 100);
        return true;
    }
    if (!take_number(cursor, 1, 2, &local->hour)) return false;
    if (!take(cursor, ':')) return false;
    if (!take_number(cursor, 2, 2, &local->minute)) return false;
    if (take(cursor, ':')) {
        if (!take_number(cursor, 2, 2, &local->second)) return false;
        if ((take(cursor, '.') || take(cursor, ',')) && !take_fraction(cursor, &local->ms))
            return false;
    }
    return take_half_day(cursor, local);
}

static bool take_word(Cursor *cursor, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(cursor->end - cursor->at) < size) return false;
    if (g_ascii_strncasecmp(cursor->at, word, size) != 0) return false;
    if (cursor->at + size < cursor->end && g_ascii_isalpha(cursor->at[size])) return false;
    cursor->at += size;
    return true;
}

/* Z, UTC, GMT, +01:00, +0100, +01; GMT+1 is not read: its sign means two things. */
static bool take_offset(Cursor *cursor, int *ret_offset_min)
{
    spaces_skip(cursor);
    if (take_word(cursor, "Z") || take_word(cursor, "UTC") || take_word(cursor, "GMT")) {
        *ret_offset_min = 0;
        return true;
    }
    bool west = cursor_peek(cursor) == '-';
    if (!west && cursor_peek(cursor) != '+') return !cursor_more(cursor);
    cursor->at++;
    int hours, minutes = 0;
    if (digits_count(cursor) == 4) {
        if (!take_number(cursor, 4, 4, &hours)) return false;
        minutes = hours % 100;
        hours /= 100;
    } else {
        if (!take_number(cursor, 1, 2, &hours)) return false;
        if (take(cursor, ':') && !take_number(cursor, 2, 2, &minutes)) return false;
    }
    int offset = hours * 60 + minutes;
    if (minutes > 59 || offset > OFFSET_MAX_MIN) return false;
    *ret_offset_min = west ? -offset : offset;
    return true;
}

/* ---- the date ----------------------------------------------------------------------------- */

/* First letters of month names in English and German; the rest of the word is stepped over. */
static bool take_month_name(Cursor *cursor, int *ret_month)
{
    static const struct {
        const char *start;
        int month;
    } names[] = {{"jan", 1}, {"jän", 1},  {"feb", 2},  {"mar", 3},  {"mär", 3},  {"mrz", 3},
                 {"apr", 4}, {"may", 5},  {"mai", 5},  {"jun", 6},  {"jul", 7},  {"aug", 8},
                 {"sep", 9}, {"oct", 10}, {"okt", 10}, {"nov", 11}, {"dec", 12}, {"dez", 12}};
    size_t left = (size_t)(cursor->end - cursor->at);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t size = strlen(names[i].start);
        if (left < size || g_ascii_strncasecmp(cursor->at, names[i].start, size) != 0) continue;
        cursor->at += size;
        while (cursor_more(cursor) && (g_ascii_isalpha(*cursor->at) || *cursor->at < 0))
            cursor->at++;
        take(cursor, '.');
        *ret_month = names[i].month;
        return true;
    }
    return false;
}

static void separators_skip(Cursor *cursor)
{
    while (cursor_more(cursor) && strchr("-/., \t", *cursor->at))
        cursor->at++;
}

/* "10" is 2010, "99" is 1999: POSIX strptime's window, 1969 to 2068. */
static int year_full(int year, int digits)
{
    if (digits != 2) return year;
    return year < 69 ? 2000 + year : 1900 + year;
}

static bool take_year(Cursor *cursor, int *ret_year)
{
    int digits = digits_count(cursor);
    if (digits == 3 || digits == 1) return false;
    if (!take_number(cursor, 2, 9, ret_year)) return false;
    *ret_year = year_full(*ret_year, digits);
    return true;
}

/* 2010-12-01, 2010/12/1, 20101201 */
static bool take_year_first(Cursor *cursor, Calendar *local)
{
    if (digits_count(cursor) == 8) {
        int packed = 0;
        take_number(cursor, 8, 8, &packed);
        local->year = packed / 10000;
        local->month = packed / 100 % 100;
        local->day = packed % 100;
        return true;
    }
    if (!take_number(cursor, 4, 9, &local->year)) return false;
    char separator = cursor_peek(cursor);
    if (separator != '-' && separator != '/' && separator != '.') return false;
    cursor->at++;
    if (!take_number(cursor, 1, 2, &local->month) || !take(cursor, separator)) return false;
    return take_number(cursor, 1, 2, &local->day);
}

/* 1 Dec 2010, 1. Dezember 2010, Dec 1, 2010 */
static bool take_named(Cursor *cursor, Calendar *local)
{
    bool day_first = digits_count(cursor) > 0;
    if (day_first && !take_number(cursor, 1, 2, &local->day)) return false;
    separators_skip(cursor);
    if (!take_month_name(cursor, &local->month)) return false;
    separators_skip(cursor);
    if (!day_first && !take_number(cursor, 1, 2, &local->day)) return false;
    separators_skip(cursor);
    return take_year(cursor, &local->year);
}

/* 1/12/2010 and its like, day or month first */
static bool take_year_last(Cursor *cursor, DateOrder order, Calendar *local)
{
    int first, second;
    if (!take_number(cursor, 1, 2, &first)) return false;
    char separator = cursor_peek(cursor);
    if (separator != '/' && separator != '.' && separator != '-') return false;
    cursor->at++;
    if (!take_number(cursor, 1, 2, &second) || !take(cursor, separator)) return false;
    local->day = order == DATE_MDY ? second : first;
    local->month = order == DATE_MDY ? first : second;
    return take_year(cursor, &local->year);
}

static bool take_date(Cursor *cursor, DateOrder order, Calendar *local)
{
    int digits = digits_count(cursor);
    if (digits >= 4) return take_year_first(cursor, local);
    Cursor named = *cursor;
    Calendar copy = *local;
    if (take_named(&named, &copy)) {
        *cursor = named;
        *local = copy;
        return true;
    }
    return take_year_last(cursor, order, local);
}

static bool parts_read(Slice text, DateOrder order, DateParts *parts)
{
    Cursor cursor = {text.data, text.data + text.size};
    parts->offset_min = NO_OFFSET;
    parts->problem = "not a date";
    if (!take_date(&cursor, order, &parts->local)) return false;
    if (cursor_more(&cursor)) {
        char next = *cursor.at;
        bool joined = take(&cursor, 'T') || take(&cursor, 't') || take(&cursor, ',');
        if (!joined && next != ' ' && next != 'Z' && next != '\t') return false;
        spaces_skip(&cursor);
        if (digits_count(&cursor) && !take_time(&cursor, &parts->local)) return false;
        if (!take_offset(&cursor, &parts->offset_min)) return false;
    }
    spaces_skip(&cursor);
    return !cursor_more(&cursor);
}

/* The instant of the parts; a leap second counts as the last of its minute. */
static bool parts_instant(DateParts *parts, const Zone *zone, int64_t *ret_ms)
{
    Calendar *local = &parts->local;
    if (local->year < 1970 || local->year > 9999) {
        parts->problem = "the year is outside 1970 to 9999";
        return false;
    }
    if (local->second == 60) local->second = 59;
    if (local->hour == 24 && !local->minute && !local->second && local->day) {
        local->hour = 23; /* ISO 8601: midnight at the end of the day */
        local->minute = local->second = 59;
        local->ms = 999;
    }
    parts->problem = "there is no such day or time";
    if (!calendar_check(local)) return false;
    bool is_local = parts->offset_min == NO_OFFSET;
    int64_t ms = zone_utc_ms(is_local ? zone : zone_utc(), local);
    if (!is_local) ms -= parts->offset_min * (int64_t)CLOCK_MINUTE_MS;
    parts->problem = "the year is outside 1970 to 9999";
    if (ms < ZONE_MS_MIN || ms > ZONE_MS_MAX) return false;
    *ret_ms = ms;
    return true;
}

static Slice trimmed(Slice text)
{
    while (text.size && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    while (text.size && (uint8_t)text.data[0] <= ' ') {
        text.data++;
        text.size--;
    }
    return text;
}

/* Whole seconds or milliseconds since 1970, a fraction ignored. */
static bool epoch_read(Slice text, DateOrder order, int64_t *ret_ms)
{
    Cursor cursor = {text.data, text.data + text.size};
    int count = digits_count(&cursor);
    if (count < 1 || count > 15) return false;
    int64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (cursor.at[i] - '0');
    cursor.at += count;
    int ms = 0;
    if (take(&cursor, '.') && !take_fraction(&cursor, &ms)) return false;
    if (order == DATE_EPOCH_S) {
        if (value > ZONE_MS_MAX / 1000) return false;
        value = value * 1000 + ms;
    }
    if (cursor_more(&cursor) || value > ZONE_MS_MAX) return false;
    *ret_ms = value;
    return true;
}

bool date_parse(Slice text, DateOrder order, const Zone *zone, int64_t *ret_ms, GError **error)
{
    text = trimmed(text);
    DateParts parts = {.problem = "not a number of the range 1970 to 9999"};
    bool good;
    if (text.size > TEXT_MAX) {
        parts.problem = "not a date";
        good = false;
    } else if (order == DATE_EPOCH_S || order == DATE_EPOCH_MS) {
        good = epoch_read(text, order, ret_ms);
    } else {
        good = parts_read(text, order, &parts) && parts_instant(&parts, zone, ret_ms);
    }
    if (good) return true;
    return fail(error, KITH_ERROR_INVALID, "date \"%.*s\": %s", (int)MIN(text.size, TEXT_MAX),
                text.data ? text.data : "", parts.problem);
}

/* Two digits at a fixed place, or a negative number. */
static inline int pair_at(const char *at)
{
    int tens = at[0] - '0', ones = at[1] - '0';
    return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1000000 : tens * 10 + ones;
}

/* The form that nearly every client sends: "2026-01-02T03:04:05.678Z". */
static bool iso_read_exact(Slice text, int64_t *ret_ms)
{
    const char *at = text.data;
    if (text.size != 24 || at[4] != '-' || at[7] != '-' || at[10] != 'T' || at[13] != ':' ||
        at[16] != ':' || at[19] != '.' || at[23] != 'Z')
        return false;
    if (!g_ascii_isdigit(at[22])) return false;
    Calendar local = {.year = pair_at(at) * 100 + pair_at(at + 2),
                      .month = pair_at(at + 5),
                      .day = pair_at(at + 8),
                      .hour = pair_at(at + 11),
                      .minute = pair_at(at + 14),
                      .second = pair_at(at + 17),
                      .ms = pair_at(at + 20) * 10 + (at[22] - '0')};
    if (!calendar_check(&local)) return false;
    int64_t days = days_from_civil(local.year, local.month, local.day);
    int64_t seconds = (local.hour * 60 + local.minute) * 60 + local.second;
    *ret_ms = days * CLOCK_DAY_MS + seconds * 1000 + local.ms;
    return true;
}

bool date_parse_iso(Slice text, int64_t *ret_ms)
{
    if (iso_read_exact(text, ret_ms)) return true;
    text = trimmed(text);
    Cursor cursor = {text.data, text.data + text.size};
    DateParts parts = {0};
    if (text.size > TEXT_MAX || digits_count(&cursor) != 4) return false;
    return parts_read(text, DATE_YMD, &parts) && parts_instant(&parts, zone_utc(), ret_ms);
}

bool date_parse_day(Slice text, int *ret_year, int *ret_month, int *ret_day)
{
    if (text.size != 10 || text.data[4] != '-' || text.data[7] != '-') return false;
    Calendar local = {.year = pair_at(text.data) * 100 + pair_at(text.data + 2),
                      .month = pair_at(text.data + 5),
                      .day = pair_at(text.data + 8)};
    if (!calendar_check(&local)) return false;
    *ret_year = local.year;
    *ret_month = local.month;
    *ret_day = local.day;
    return true;
}

static bool order_fits(const Slice *samples, size_t count, DateOrder order, size_t *ret_read)
{
    size_t read = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t at_ms;
        if (!trimmed(samples[i]).size) continue;
        if (!date_parse(samples[i], order, zone_utc(), &at_ms, NULL)) return false;
        /* A plain number of the wrong unit falls into 1970 or far into the future. */
        bool epoch = order == DATE_EPOCH_S || order == DATE_EPOCH_MS;
        if (epoch && (at_ms < 100000000000 || at_ms > 4102444800000)) return false;
        read++;
    }
    *ret_read = read;
    return read > 0;
}

/* Whether any text says something else under another order; a year in front never does. */
static bool orders_differ(const Slice *samples, size_t count, DateOrder a, DateOrder b)
{
    for (size_t i = 0; i < count; i++) {
        int64_t first = 0, second = 0;
        bool read_first = date_parse(samples[i], a, zone_utc(), &first, NULL);
        bool read_second = date_parse(samples[i], b, zone_utc(), &second, NULL);
        if (read_first && read_second && first != second) return true;
    }
    return false;
}

bool date_order_guess(const Slice *samples, size_t count, DateOrder *ret_order, bool *ret_certain)
{
    static const DateOrder tried[] = {DATE_DMY, DATE_MDY, DATE_EPOCH_S, DATE_EPOCH_MS};
    size_t read, found = 0;
    DateOrder fits[G_N_ELEMENTS(tried)];
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++)
        if (order_fits(samples, count, tried[i], &read)) fits[found++] = tried[i];
    if (!found) return false;
    bool both = found > 1 && fits[0] == DATE_DMY && fits[1] == DATE_MDY;
    bool differ = both && orders_differ(samples, count, DATE_DMY, DATE_MDY);
    *ret_order = both && !differ ? DATE_YMD : fits[0];
    if (ret_certain) *ret_certain = !differ;
    return true;
}

static const char *const order_names[DATE_ORDERS] = {"ymd", "dmy", "mdy", "epoch_s", "epoch_ms"};

const char *date_order_name(DateOrder order) { return order_names[order]; }

bool date_order_find(const char *name, DateOrder *ret_order)
{
    for (size_t i = 0; i < DATE_ORDERS; i++)
        if (strcmp(order_names[i], name) == 0) return *ret_order = (DateOrder)i, true;
    return false;
}

size_t date_format_iso(int64_t utc_ms, char ret_text[DATE_TEXT_SIZE])
{
    Calendar at;
    zone_calendar(zone_utc(), utc_ms, &at);
    char text[64];
    int size = snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", at.year,
                        at.month, at.day, at.hour, at.minute, at.second, at.ms);
    g_strlcpy(ret_text, text, DATE_TEXT_SIZE);
    return (size_t)size;
}
