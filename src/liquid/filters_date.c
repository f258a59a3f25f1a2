#include "liquid/filters.h"

#include "base/dates.h"
#include "base/text.h"

#include <string.h>

/* A date broken down in the zone of the rendering. Years 0 to 9999: birthdays lie before 1970. */
typedef struct Moment {
    int64_t seconds; /* since 1970, UTC; negative before */
    int ms;
    int64_t offset_s; /* of the zone */
    int year, month, day, hour, minute, second;
    int weekday;  /* 0 = Sunday */
    int year_day; /* 1..366 */
} Moment;

/* ── reading ─────────────────────────────────────────────────────────────────────────────────── */

static const Zone *zone_of(const Render *render)
{
    return render->options->zone ? render->options->zone : zone_utc();
}

/* Exactly `count` digits; advances. */
static bool digits_read(Slice *text, size_t count, int *ret_value)
{
    int value = 0;
    if (text->size < count) return false;
    for (size_t i = 0; i < count; i++) {
        if (!g_ascii_isdigit(text->data[i])) return false;
        value = value * 10 + (text->data[i] - '0');
    }
    text->data += count;
    text->size -= count;
    *ret_value = value;
    return true;
}

static bool sign_read(Slice *text, char sign)
{
    if (text->size == 0 || text->data[0] != sign) return false;
    text->data++, text->size--;
    return true;
}

/* "T10:30", "T10:30:05.123" or nothing. */
static bool clock_read(Slice *text, int64_t *in_out_seconds)
{
    int hour, minute, second = 0;
    if (!sign_read(text, 'T') && !sign_read(text, ' ')) return true;
    if (!digits_read(text, 2, &hour) || !sign_read(text, ':') || !digits_read(text, 2, &minute))
        return false;
    if (sign_read(text, ':') && !digits_read(text, 2, &second)) return false;
    bool fraction = sign_read(text, '.');
    while (fraction && text->size > 0 && g_ascii_isdigit(text->data[0]))
        text->data++, text->size--;
    *in_out_seconds += hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60;
}

/* "Z", "+02:00", "+0200", "+02" or nothing. */
static bool offset_read(Slice *text, int64_t *in_out_seconds, bool *ret_zoned)
{
    int hours, minutes = 0;
    *ret_zoned = true;
    if (sign_read(text, 'Z')) return true;
    bool plus = sign_read(text, '+'), minus = !plus && sign_read(text, '-');
    *ret_zoned = plus || minus;
    if (!*ret_zoned) return true;
    if (!digits_read(text, 2, &hours)) return false;
    sign_read(text, ':');
    if (text->size > 0 && !digits_read(text, 2, &minutes)) return false;
    *in_out_seconds -= (plus ? 1 : -1) * (hours * 3600 + minutes * 60);
    return true;
}

/* "1965-03-14" and the like: base/dates knows nothing of before 1970. */
static bool old_date_read(const Render *render, Slice text, int64_t *ret_seconds)
{
    int year, month, day;
    bool zoned;
    if (!digits_read(&text, 4, &year) || !sign_read(&text, '-') || !digits_read(&text, 2, &month) ||
        !sign_read(&text, '-') || !digits_read(&text, 2, &day))
        return false;
    if (year >= 1970 || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *ret_seconds = days_from_civil(year, month, day) * 86400;
    if (!clock_read(&text, ret_seconds) || !offset_read(&text, ret_seconds, &zoned)) return false;
    if (text.size > 0) return false;
    if (!zoned) *ret_seconds -= zone_offset_ms(zone_of(render), 0) / 1000;
    return true;
}

/* "Fri, 16 Sep 2022 …": the weekday says nothing new. */
static Slice weekday_drop(Slice text)
{
    const char *comma =
        text.size > 4 ? memchr(text.data, ',', 10 < text.size ? 10 : text.size) : NULL;
    if (!comma || !g_ascii_isalpha(text.data[0])) return text;
    for (const char *at = text.data; at < comma; at++)
        if (!g_ascii_isalpha(*at)) return text;
    size_t size = (size_t)(comma + 1 - text.data);
    return text_trim((Slice){text.data + size, text.size - size});
}

static bool is_digits(Slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!g_ascii_isdigit(text.data[i])) return false;
    return text.size > 0 && text.size <= 12;
}

static bool text_moment(const Render *render, Slice text, Moment *moment)
{
    int64_t ms;
    text = text_trim(text);
    if (text_equal_ascii_case(text, SLICE("now")) || text_equal_ascii_case(text, SLICE("today"))) {
        ms = render->options->now_ms;
    } else if (is_digits(text)) {
        moment->seconds = g_ascii_strtoll(text.data, NULL, 10);
        return true;
    } else if (old_date_read(render, text, &moment->seconds)) {
        return true;
    } else if (!date_parse(weekday_drop(text), DATE_YMD, zone_of(render), &ms, NULL)) {
        return false;
    }
    moment->seconds = ms / 1000;
    moment->ms = (int)(ms % 1000);
    return true;
}

static int64_t floor_days(int64_t seconds) { return seconds / 86400 - (seconds % 86400 < 0); }

static bool moment_break(const Render *render, Moment *moment)
{
    if (moment->seconds < -62167219200 || moment->seconds > 253402300799) return false;
    int64_t known = CLAMP(moment->seconds * 1000, ZONE_MS_MIN, ZONE_MS_MAX);
    moment->offset_s = zone_offset_ms(zone_of(render), known) / 1000;
    int64_t local = moment->seconds + moment->offset_s, days = floor_days(local);
    int second = (int)(local - days * 86400);
    civil_from_days(days, &moment->year, &moment->month, &moment->day);
    moment->hour = second / 3600;
    moment->minute = second / 60 % 60;
    moment->second = second % 60;
    moment->weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
    moment->year_day = (int)(days - days_from_civil(moment->year, 1, 1)) + 1;
    return true;
}

static bool moment_read(const Render *render, const LiquidValue *value, Moment *ret_moment)
{
    Moment moment = {0};
    bool good = value->kind == LIQUID_INT;
    if (good) moment.seconds = value->integer;
    if (value->kind == LIQUID_TEXT) good = text_moment(render, value->text, &moment);
    if (!good || !moment_break(render, &moment)) return false;
    *ret_moment = moment;
    return true;
}

/* ── writing ─────────────────────────────────────────────────────────────────────────────────── */

/* One directive: `%-d`, `%^B`, `%3N`, `%:z`. */
typedef struct Directive {
    char letter;
    char pad; /* '\0': as the letter has it; '-': none; '0' or '_' */
    bool upper;
    int colons;
    int width; /* 0: as the letter has it */
} Directive;

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

static void put_text(const Directive *directive, Slice text, Buffer *out)
{
    for (size_t i = text.size; i < (size_t)directive->width; i++)
        buffer_append_char(out, directive->pad == '0' ? '0' : ' ');
    for (size_t i = 0; i < text.size; i++)
        buffer_append_char(out, directive->upper ? g_ascii_toupper(text.data[i]) : text.data[i]);
}

static void put_number(const Directive *directive, int64_t number, int width, char pad, Buffer *out)
{
    char digits[24];
    if (directive->pad) pad = directive->pad;
    if (directive->width > 0) width = directive->width;
    g_snprintf(digits, sizeof digits, "%" G_GINT64_FORMAT, number);
    for (int i = (int)strlen(digits); pad != '-' && i < width; i++)
        buffer_append_char(out, pad == '_' ? ' ' : '0');
    buffer_append_text(out, digits);
}

static void put_fraction(const Directive *directive, const Moment *moment, int width, Buffer *out)
{
    char digits[16];
    g_snprintf(digits, sizeof digits, "%03d000000", moment->ms);
    if (directive->width > 0) width = MIN(directive->width, 9);
    buffer_append(out, (Slice){digits, (size_t)width});
}

static void put_offset(const Directive *directive, const Moment *moment, Buffer *out)
{
    int64_t minutes = ABS(moment->offset_s) / 60;
    buffer_append_printf(out, "%c%02d%s%02d", moment->offset_s < 0 ? '-' : '+', (int)(minutes / 60),
                         directive->colons ? ":" : "", (int)(minutes % 60));
}

/* ISO 8601: week 1 holds the first Thursday. */
static void iso_week(const Moment *moment, int *ret_year, int *ret_week)
{
    int weekday = moment->weekday == 0 ? 7 : moment->weekday;
    int64_t thursday = days_from_civil(moment->year, moment->month, moment->day) + 4 - weekday;
    int month, day;
    civil_from_days(thursday, ret_year, &month, &day);
    *ret_week = (int)((thursday - days_from_civil(*ret_year, 1, 1)) / 7) + 1;
}

static int hour_12(const Moment *moment) { return (moment->hour + 11) % 12 + 1; }

static bool put_date(const Directive *directive, const Moment *moment, Buffer *out)
{
    int year, week;
    iso_week(moment, &year, &week);
    switch (directive->letter) {
    case 'Y':
        return put_number(directive, moment->year, 1, '0', out), true;
    case 'C':
        return put_number(directive, moment->year / 100, 2, '0', out), true;
    case 'y':
        return put_number(directive, moment->year % 100, 2, '0', out), true;
    case 'm':
        return put_number(directive, moment->month, 2, '0', out), true;
    case 'd':
        return put_number(directive, moment->day, 2, '0', out), true;
    case 'e':
        return put_number(directive, moment->day, 2, '_', out), true;
    case 'j':
        return put_number(directive, moment->year_day, 3, '0', out), true;
    case 'u':
        return put_number(directive, moment->weekday == 0 ? 7 : moment->weekday, 1, '0', out), true;
    case 'w':
        return put_number(directive, moment->weekday, 1, '0', out), true;
    case 'G':
        return put_number(directive, year, 1, '0', out), true;
    case 'g':
        return put_number(directive, year % 100, 2, '0', out), true;
    case 'V':
        return put_number(directive, week, 2, '0', out), true;
    case 'U':
        return put_number(directive, (moment->year_day + 6 - moment->weekday) / 7, 2, '0', out),
               true;
    case 'W':
        return put_number(directive, (moment->year_day + 6 - (moment->weekday + 6) % 7) / 7, 2, '0',
                          out),
               true;
    default:
        return false;
    }
}

static bool put_time(const Directive *directive, const Moment *moment, Buffer *out)
{
    switch (directive->letter) {
    case 'H':
        return put_number(directive, moment->hour, 2, '0', out), true;
    case 'k':
        return put_number(directive, moment->hour, 2, '_', out), true;
    case 'I':
        return put_number(directive, hour_12(moment), 2, '0', out), true;
    case 'l':
        return put_number(directive, hour_12(moment), 2, '_', out), true;
    case 'M':
        return put_number(directive, moment->minute, 2, '0', out), true;
    case 'S':
        return put_number(directive, moment->second, 2, '0', out), true;
    case 'L':
        return put_fraction(directive, moment, 3, out), true;
    case 'N':
        return put_fraction(directive, moment, 9, out), true;
    case 's':
        return put_number(directive, moment->seconds, 1, '0', out), true;
    case 'z':
        return put_offset(directive, moment, out), true;
    default:
        return false;
    }
}

static bool put_words(const Render *render, const Directive *directive, const Moment *moment,
                      Buffer *out)
{
    Slice month = slice_of(month_names[moment->month - 1]);
    Slice day = slice_of(day_names[moment->weekday]);
    bool morning = moment->hour < 12;
    switch (directive->letter) {
    case 'B':
        return put_text(directive, month, out), true;
    case 'b':
    case 'h':
        return put_text(directive, (Slice){month.data, 3}, out), true;
    case 'A':
        return put_text(directive, day, out), true;
    case 'a':
        return put_text(directive, (Slice){day.data, 3}, out), true;
    case 'p':
        return put_text(directive, morning ? SLICE("AM") : SLICE("PM"), out), true;
    case 'P':
        return put_text(directive, morning ? SLICE("am") : SLICE("pm"), out), true;
    case 'Z':
        return put_text(directive, slice_of(zone_name(zone_of(render))), out), true;
    case 'n':
        return buffer_append_char(out, '\n'), true;
    case 't':
        return buffer_append_char(out, '\t'), true;
    case '%':
        return buffer_append_char(out, '%'), true;
    default:
        return false;
    }
}

/* Letters that stand for several: `%F` is `%Y-%m-%d`. */
static const char *composed(char letter)
{
    static const struct {
        char letter;
        const char *format;
    } table[] = {
        {'c', "%a %b %e %H:%M:%S %Y"},
        {'D', "%m/%d/%y"},
        {'x', "%m/%d/%y"},
        {'F', "%Y-%m-%d"},
        {'v', "%e-%^b-%Y"},
        {'X', "%H:%M:%S"},
        {'T', "%H:%M:%S"},
        {'r', "%I:%M:%S %p"},
        {'R', "%H:%M"},
        {'+', "%a %b %e %H:%M:%S %Z %Y"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (table[i].letter == letter) return table[i].format;
    return NULL;
}

/* Reads one directive behind its "%"; returns how many bytes it has, 0 when it is none. */
static size_t directive_read(Slice text, Directive *ret_directive)
{
    size_t at = 0;
    *ret_directive = (Directive){0};
    for (; at < text.size && memchr("-0_^#:", text.data[at], 6); at++) {
        char flag = text.data[at];
        if (flag == '^' || flag == '#')
            ret_directive->upper = true;
        else if (flag == ':')
            ret_directive->colons++;
        else
            ret_directive->pad = flag;
    }
    for (; at < text.size && g_ascii_isdigit(text.data[at]) && ret_directive->width < 100; at++)
        ret_directive->width = ret_directive->width * 10 + (text.data[at] - '0');
    if (at == text.size || ret_directive->width >= 1000) return 0;
    ret_directive->letter = text.data[at];
    return at + 1;
}

static bool moment_write(const Render *render, const Moment *moment, Slice format, Buffer *out);

static bool put_directive(const Render *render, const Directive *directive, const Moment *moment,
                          Buffer *out)
{
    const char *format = composed(directive->letter);
    if (format) return moment_write(render, moment, slice_of(format), out);
    return put_date(directive, moment, out) || put_time(directive, moment, out) ||
           put_words(render, directive, moment, out);
}

/* What is no directive is written as it stands. */
static bool moment_write(const Render *render, const Moment *moment, Slice format, Buffer *out)
{
    for (size_t i = 0; i < format.size; i++) {
        Directive directive;
        Slice rest = {format.data + i + 1, format.size - i - 1};
        size_t size = format.data[i] == '%' ? directive_read(rest, &directive) : 0;
        if (size > 0 && put_directive(render, &directive, moment, out))
            i += size;
        else
            buffer_append_char(out, format.data[i]);
    }
    return true;
}

bool filter_date(Render *render, const FilterInput *in, LiquidValue *ret_value)
{
    Slice format;
    Moment moment;
    g_auto(Buffer) out = BUFFER_INIT(LIMIT_LIQUID_TEXT_BYTES);
    *ret_value = in->input;
    if (!value_text(render, &in->arguments[0], &format)) return false;
    if (format.size == 0 || !moment_read(render, &in->input, &moment)) return true;
    moment_write(render, &moment, format, &out);
    return render_take(render, &out, ret_value);
}
