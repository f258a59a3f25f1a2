#include "segments/model_rule.h"

/* Windows: as text, and as what they mean. */

static const char *const unit_words[RULE_UNITS] = {"minutes", "hours",    "days", "weeks",
                                                   "months",  "quarters", "years"};
static const int64_t unit_ms[RULE_UNITS] = {60000,    HOUR,     DAY,      7 * DAY,
                                            30 * DAY, 91 * DAY, 365 * DAY};

/* ---- what they mean ---- */

static int64_t ago(int64_t now, RuleUnit unit, int64_t count)
{
    if (unit <= RULE_WEEK) return now - count * unit_ms[unit];
    return model_shift(now, -count * (unit == RULE_YEAR ? 12 : 1));
}

int64_t model_span_end(const Window *span, int64_t from)
{
    return span->kind == RULE_ALWAYS ? INT64_MAX : ago(from, span->unit, -span->low);
}

static void period_range(int64_t now, const Window *window, int64_t *from, int64_t *to)
{
    int year, month, day;
    int64_t today = model_day_of(now), monday = today - (today + 3) % 7;
    civil_from_days(today, &year, &month, &day);
    int back = window->unit == RULE_YEAR ? month - 1 : (month - 1) % 3;
    int size = window->unit == RULE_YEAR ? 12 : 3;
    if (window->unit == RULE_DAY) {
        *from = model_midnight(today + window->step);
        *to = model_midnight(today + window->step + 1);
    } else if (window->unit == RULE_WEEK) {
        *from = model_midnight(monday + 7 * window->step);
        *to = model_midnight(monday + 7 * window->step + 7);
    } else if (window->unit == RULE_MONTH) {
        *from = model_month_start(now, window->step);
        *to = model_month_start(now, window->step + 1);
    } else {
        *from = model_month_start(now, size * window->step - back);
        *to = model_month_start(now, size * (window->step + 1) - back);
    }
}

static int64_t date_start(const Window *window, int64_t date)
{
    return window->timed ? date : model_midnight(date);
}

static int64_t date_end(const Window *window, int64_t date)
{
    return window->timed ? date + 1 : model_midnight(date + 1);
}

void model_window_range(const Model *model, const Window *window, int64_t *from, int64_t *to)
{
    int64_t now = model->now;
    RuleWindowKind kind = window->kind;
    *from = INT64_MIN;
    *to = INT64_MAX;
    if (kind == RULE_LAST || kind == RULE_LESS_AGO || kind == RULE_BETWEEN_AGO)
        *from = ago(now, window->unit, window->high);
    if (kind == RULE_LAST || kind == RULE_LESS_AGO) *to = now;
    if (kind == RULE_MORE_AGO || kind == RULE_BETWEEN_AGO)
        *to = ago(now, window->unit, window->low);
    if (kind == RULE_NEXT) {
        *from = now;
        *to = ago(now, window->unit, -window->high);
    }
    if (kind == RULE_SINCE || kind == RULE_ON || kind == RULE_BETWEEN_DATE)
        *from = date_start(window, window->low);
    if (kind == RULE_BEFORE) *to = date_start(window, window->low);
    if (kind == RULE_AFTER) *from = date_end(window, window->low);
    if (kind == RULE_ON) *to = date_end(window, window->low);
    if (kind == RULE_BETWEEN_DATE) *to = date_end(window, window->high);
    if (kind == RULE_PERIOD) period_range(now, window, from, to);
}

void model_window_days(const Model *model, const Window *window, int64_t *from, int64_t *to)
{
    int64_t start, end, today = model_day_of(model->now);
    int64_t sign = window->kind == RULE_NEXT ? 1 : -1;
    model_window_range(model, window, &start, &end);
    *from = model_day_of(start);
    *to = model_day_of(end - 1) + 1;
    if (window->kind != RULE_NEXT && window->kind != RULE_LAST) return;
    int64_t there = window->unit == RULE_DAY    ? today + sign * window->high
                    : window->unit == RULE_WEEK ? today + 7 * sign * window->high
                                                : model_day_of(sign > 0 ? end : start);
    *from = sign > 0 ? today : there;
    *to = sign > 0 ? there : today;
}

/* ---- as text ---- */

void model_date_print(int64_t at, bool timed, GString *text)
{
    int year, month, day;
    int64_t local = timed ? at + model_offset(at) : at * DAY;
    bool utc = timed && model_utc(local) != at; /* the second of two equal local times */
    if (utc) local = at;
    civil_from_days(local / DAY, &year, &month, &day);
    g_string_append_printf(text, "%04d-%02d-%02d", year, month, day);
    if (!timed) return;
    int minutes = (int)(local % DAY / 60000);
    g_string_append_printf(text, "T%02d:%02d%s", minutes / 60, minutes % 60, utc ? ":00Z" : "");
}

/* A date near the instant; one in four bears a time. */
static void date_make(Test *test, Window *window, int64_t inside, int64_t off)
{
    window->timed = model_below(4) == 0;
    window->low = model_day_of(inside) + off;
    if (window->timed) window->low = (inside + off * HOUR) / 60000 * 60000;
    test->forms[window->timed ? FORM_INSTANT : FORM_DATE] = true;
}

static void dates_make(Test *test, Window *window, WindowWish wish, GString *text)
{
    int64_t inside = wish.inside;
    static const struct {
        RuleWindowKind kind;
        const char *words;
        Form form;
        int off; /* so that the instant lies inside, mostly */
    } kinds[] = {{RULE_SINCE, " since ", FORM_SINCE, -1},
                 {RULE_BEFORE, " before ", FORM_BEFORE, 1},
                 {RULE_AFTER, " after ", FORM_AFTER, -2},
                 {RULE_ON, " on ", FORM_ON, 0},
                 {RULE_BETWEEN_DATE, " between ", FORM_DATES, 0}};
    int which = wish.use == WHOLE_DAYS ? 3 + model_below(2) : model_below(5);
    window->kind = kinds[which].kind;
    test->forms[kinds[which].form] = true;
    date_make(test, window, inside, kinds[which].off * (1 + model_below(10)));
    if (window->timed && (window->kind == RULE_ON || window->kind == RULE_BETWEEN_DATE)) {
        window->timed = false;
        window->low = model_day_of(inside);
    }
    g_string_append(text, kinds[which].words);
    if (window->kind == RULE_BETWEEN_DATE) window->low -= model_below(20);
    model_date_print(window->low, window->timed, text);
    if (window->kind != RULE_BETWEEN_DATE) return;
    window->high = model_day_of(inside) + model_below(20);
    g_string_append(text, " and ");
    model_date_print(window->high, false, text);
}

static void period_make(Test *test, Window *window, WindowUse use, GString *text)
{
    static const char *const words[] = {" last ", " this ", " next "};
    static const char *const days[] = {" yesterday", " today", " tomorrow"};
    static const Form day_forms[] = {FORM_YESTERDAY, FORM_TODAY, FORM_TOMORROW};
    static const struct {
        RuleUnit unit;
        const char *word;
        Form last, now;
    } units[] = {{RULE_DAY, "", 0, 0},
                 {RULE_WEEK, "week", FORM_LAST_WEEK, FORM_THIS_WEEK},
                 {RULE_MONTH, "month", FORM_LAST_MONTH, FORM_THIS_MONTH},
                 {RULE_QUARTER, "quarter", FORM_LAST_QUARTER, FORM_THIS_QUARTER},
                 {RULE_YEAR, "year", FORM_LAST_YEAR, FORM_THIS_YEAR}};
    static const int turns[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4};
    int unit = turns[model_below(G_N_ELEMENTS(turns))];
    if (use == WHOLE_DAYS && model_below(4) == 0) unit = 0;
    int ahead = 2 - model_below(5) % 3; /* what comes is seldom asked for */
    int step = use == PAST ? model_below(2) : unit ? ahead : 1 + (model_below(4) > 0);
    *window = (Window){.kind = RULE_PERIOD, .unit = units[unit].unit, .step = step - 1};
    if (unit == 0) {
        g_string_append(text, days[step]);
        test->forms[day_forms[step]] = true;
        return;
    }
    g_string_append_printf(text, "%s%s", words[step], units[unit].word);
    test->forms[step == 0   ? units[unit].last
                : step == 1 ? units[unit].now
                            : FORM_NEXT_PERIOD] = true;
}

static void ago_make(Test *test, Window *window, int64_t count, GString *text)
{
    const char *unit = unit_words[window->unit];
    int less = model_below(3), low = (int)MAX(count - less, 0),
        high = (int)count + 1 + model_below(3);
    window->low = low;
    window->high = high;
    switch (model_below(3)) {
    case 0:
        window->kind = RULE_MORE_AGO;
        test->forms[FORM_MORE_AGO] = true;
        g_string_append_printf(text, " more than %d %s ago", low, unit);
        return;
    case 1:
        window->kind = RULE_LESS_AGO;
        test->forms[FORM_LESS_AGO] = true;
        g_string_append_printf(text, " less than %d %s ago", high, unit);
        return;
    default:
        window->kind = RULE_BETWEEN_AGO;
        test->forms[FORM_BETWEEN_AGO] = true;
        g_string_append_printf(text, " between %d and %d %s ago", high, low, unit);
    }
}

/* A unit in which the instant is not too far for a rule. */
static RuleUnit unit_make(int64_t distance, WindowUse use)
{
    static const RuleUnit units[] = {RULE_MINUTE, RULE_HOUR,  RULE_DAY,
                                     RULE_WEEK,   RULE_MONTH, RULE_YEAR};
    RuleUnit unit;
    if (use == PAST && distance < 60 * DAY && model_below(2)) return RULE_MINUTE;
    do
        unit = units[model_below(G_N_ELEMENTS(units))];
    while (distance / unit_ms[unit] > RULE_SPAN_MAX - 10 || (use == WHOLE_DAYS && unit < RULE_DAY));
    return unit;
}

void model_window_make(const Model *model, Test *test, Window *window, WindowWish wish,
                       GString *text)
{
    WindowUse use = wish.use;
    int64_t inside = wish.inside;
    static const Form last[RULE_UNITS] = {FORM_LAST_MINUTES, FORM_LAST_HOURS,  FORM_LAST_DAYS,
                                          FORM_LAST_WEEKS,   FORM_LAST_MONTHS, 0,
                                          FORM_LAST_YEARS};
    int64_t distance = ABS(model->now - inside);
    bool ahead = inside > model->now && use != PAST;
    int turn = model_below(13);
    *window = (Window){0};
    if (turn < 5) {
        period_make(test, window, use, text);
        return;
    }
    if (turn < 8) {
        dates_make(test, window, wish, text);
        return;
    }
    window->unit = unit_make(distance, use);
    int64_t count = distance / unit_ms[window->unit];
    if (turn >= 11 && !ahead && use != WHOLE_DAYS) {
        ago_make(test, window, count, text);
        return;
    }
    window->kind = ahead || (use == WHOLE_DAYS && turn % 2) ? RULE_NEXT : RULE_LAST;
    window->high = count + 1 + model_below(2);
    test->forms[window->kind == RULE_NEXT ? FORM_NEXT : last[window->unit]] = true;
    g_string_append_printf(text, " in %s %d %s",
                           ahead || window->kind == RULE_NEXT ? "next" : "last", (int)window->high,
                           unit_words[window->unit]);
}

void model_span_make(Test *test, Window *span, GString *text)
{
    static const RuleUnit units[] = {RULE_HOUR, RULE_DAY, RULE_DAY, RULE_WEEK, RULE_MONTH};
    static const int most[] = {2000, 60, 60, 12, 4};
    int which = model_below(5);
    *span = (Window){.kind = RULE_ALWAYS};
    if (model_below(3) == 0) return;
    *span = (Window){.kind = RULE_LAST, .unit = units[which], .low = 1 + model_below(most[which])};
    test->forms[FORM_WITHIN] = true;
    g_string_append_printf(text, " within %d %s", (int)span->low, unit_words[span->unit]);
}
