/* Scans of random views, with deltas, resets and late events, compared with plain loops. */
#include "columns/event_columns.h"
#include "columns/event_scan.h"

#include <string.h>

enum { STEMS = 700, FACTS = 9000, LATE = 300, NAME = 7, ASKS = 60, WORDS = 5, SPAN = 4000 };

typedef struct Plain {
    uint32_t stem;
    int64_t at, id;
    int word;       /* -1: none */
    int64_t number; /* INT64_MIN: none */
    bool gone;
} Plain;

typedef struct Case {
    EventColumns *columns;
    GArray *facts; /* of Plain */
    int64_t id;
} Case;

static const char *const paths[] = {"word", "number"};

static int below(int count) { return g_test_rand_int_range(0, count); }

static void fact_add(Case *one)
{
    Plain plain = {.stem = (uint32_t)below(STEMS), .at = below(SPAN), .id = ++one->id};
    char text[8];
    plain.word = below(WORDS + 1) - 1;
    plain.number = below(4) ? below(2000) - 1000 : INT64_MIN;
    g_snprintf(text, sizeof text, "w%d", plain.word);
    EventValue values[] = {{.kind = EVENT_TEXT, .text = text, .length = strlen(text)},
                           {.kind = EVENT_NUMBER, .number = plain.number}};
    if (plain.word < 0) values[0].kind = EVENT_MISSING;
    if (plain.number == INT64_MIN) values[1].kind = EVENT_MISSING;
    EventFact fact = {NAME, (int64_t)plain.stem + 1, plain.at, plain.id, values};
    event_columns_append(one->columns, &fact, 1);
    g_array_append_val(one->facts, plain);
}

static void stem_clear(Case *one, uint32_t stem)
{
    event_columns_clear(one->columns, NAME, (int64_t)stem + 1);
    for (guint i = 0; i < one->facts->len; i++) {
        Plain *plain = &g_array_index(one->facts, Plain, i);
        plain->gone = plain->gone || plain->stem == stem;
    }
}

static void case_open(Case *one)
{
    *one = (Case){.columns = event_columns_new(&(EventColumnsOptions){.delta_max = 1 << 20}),
                  .facts = g_array_new(FALSE, FALSE, sizeof(Plain))};
    g_assert_true(event_columns_hold(one->columns, NAME, paths, 2, NULL));
    for (int i = 0; i < FACTS; i++)
        fact_add(one);
    g_assert_true(event_columns_ready(one->columns, NAME, NULL));
}

static void case_close(Case *one)
{
    event_columns_free(one->columns);
    g_array_unref(one->facts);
}

/* ---- asking ---- */

typedef struct Ask {
    EventScan scan;
    EventPass pass, inner;
    EventWorth worth;
    EventSpan span;
    uint8_t codes[32], has[32];
    int64_t values[32];
    uint32_t *counts;
    int64_t *totals;
} Ask;

static void pass_make(Ask *ask)
{
    ask->inner = (EventPass){.kind = EVENT_PASS_CELLS, .codes = ask->codes, .code_count = 32};
    for (int code = 0; code < 32; code++)
        ask->codes[code] = (uint8_t)below(2);
    if (below(2)) { /* one word alone */
        memset(ask->codes, 0, sizeof ask->codes);
        ask->codes[EVENT_CODE_FIRST + below(WORDS)] = 1;
    }
    if (below(3) == 0) {
        ask->span = (EventSpan){-below(900), below(900)};
        ask->inner.property = 1;
        ask->inner.spans = &ask->span;
        ask->inner.span_count = 1;
    }
    ask->pass = ask->inner;
    if (below(2))
        ask->pass = (EventPass){.kind = EVENT_PASS_NOT, .items = &ask->inner, .item_count = 1};
}

static void ask_make(Ask *ask, const EventName *name, uint32_t rows)
{
    static const int32_t percents[] = {-1, 0, 100};
    memset(ask, 0, sizeof *ask);
    ask->scan = (EventScan){.name = name,
                            .from = below(4) ? below(SPAN) : INT64_MIN,
                            .to = below(4) ? below(SPAN + 1) : INT64_MAX,
                            .keep = (EventKeep)below(EVENT_KEEP_LAST + 1),
                            .count_max = below(2) ? 3 : 0,
                            .rows = rows,
                            .limits = {below(2) ? 1 : 0, percents[below(3)]}};
    bool valued = ask->scan.keep >= EVENT_KEEP_SUM && ask->scan.keep <= EVENT_KEEP_GREATEST;
    ask->worth = (EventWorth){1, ask->has, ask->values};
    if (valued) ask->scan.worth = &ask->worth;
    if (below(2)) {
        pass_make(ask);
        ask->scan.pass = &ask->pass;
    }
}

static void take(void *data, unsigned lane, const EventTotals *totals)
{
    Ask *ask = data;
    (void)lane;
    for (uint32_t i = 0; i < totals->count; i++) {
        if (totals->apart[i / 64] >> i % 64 & 1) continue;
        ask->counts[event_totals_row(totals, i)] = totals->counts[i];
        ask->totals[event_totals_row(totals, i)] = totals->values[i];
    }
}

/* ---- by plain loops ---- */

static bool plain_passes(const Ask *ask, const EventProperty *word, const Plain *plain)
{
    const EventPass *inner = &ask->inner;
    int64_t cell = plain->number;
    if (plain->gone || plain->at < ask->scan.from || plain->at >= ask->scan.to) return false;
    if (ask->scan.worth && plain->number == INT64_MIN) return false;
    if (!ask->scan.pass) return true;
    if (inner->property == 0) {
        char text[8];
        int64_t cells[2] = {EVENT_CELL_MISSING, EVENT_CELL_MISSING};
        g_snprintf(text, sizeof text, "w%d", plain->word);
        if (plain->word >= 0) event_text_cells(word, text, strlen(text), cells);
        cell = cells[0];
    }
    bool is_span = inner->property == 1 && plain->number != INT64_MIN;
    bool passes = is_span ? cell >= ask->span.low && cell <= ask->span.high
                          : ask->codes[event_cell_code(cell)];
    return passes != (ask->pass.kind == EVENT_PASS_NOT);
}

static void plain_add(EventKeep keep, const Plain *plain, uint32_t *count, int64_t *total)
{
    bool instant = keep == EVENT_KEEP_FIRST || keep == EVENT_KEEP_LAST;
    bool least = keep == EVENT_KEEP_FIRST || keep == EVENT_KEEP_LEAST;
    int64_t value = instant ? plain->at : plain->number;
    if (keep == EVENT_KEEP_SUM)
        *total += value;
    else if (*count == 0 || (least ? value < *total : value > *total))
        *total = value;
    ++*count;
}

static void row_compare(const Ask *ask, const Case *one, const EventView *view, uint32_t row)
{
    uint32_t count = 0;
    int64_t total = 0, stem = event_view_stem(view, row);
    for (guint i = 0; i < one->facts->len; i++) {
        const Plain *plain = &g_array_index(one->facts, Plain, i);
        if ((int64_t)plain->stem + 1 != stem) continue;
        if (plain_passes(ask, &ask->scan.name->properties[0], plain))
            plain_add(ask->scan.keep, plain, &count, &total);
    }
    bool over = ask->scan.count_max > 0 && count > ask->scan.count_max;
    if (over)
        g_assert_cmpuint(ask->counts[row], >, ask->scan.count_max);
    else
        g_assert_cmpuint(ask->counts[row], ==, count);
    if (ask->scan.keep != EVENT_KEEP_COUNT && count > 0)
        g_assert_cmpint(ask->totals[row], ==, total);
}

static void ask_compare(Ask *ask, const Case *one, const EventView *view)
{
    uint32_t rows = event_view_rows(view);
    g_autofree uint64_t *several = g_new0(uint64_t, rows / 64 + 1);
    g_autofree uint32_t *counts = ask->counts = g_new0(uint32_t, rows);
    g_autofree int64_t *totals = ask->totals = g_new0(int64_t, rows);
    for (uint32_t word = 0; below(2) && word < rows / 64; word++)
        several[word] = UINT64_C(1) << below(64);
    g_autoptr(EventApart) apart = event_apart_new(&ask->scan.name, 1, several, rows);
    event_scan_run(&ask->scan, apart, take, ask);
    g_assert_true(ask->scan.keep != EVENT_KEEP_SUM || ask->scan.ret_fits);
    for (uint32_t row = 0; row < rows; row++) {
        if (event_apart_has(apart, row)) {
            counts[row] = apart->counts[event_apart_ordinal(apart, row)];
            totals[row] = apart->values[event_apart_ordinal(apart, row)];
        }
        if (row % 7 == 0 || event_apart_has(apart, row)) row_compare(ask, one, view, row);
    }
}

static void view_compare(const Case *one)
{
    g_autoptr(EventView) view = event_columns_view(one->columns);
    const EventName *name = event_view_name(view, NAME);
    Ask ask;
    for (int i = 0; i < ASKS; i++) {
        ask_make(&ask, name, event_view_rows(view));
        ask_compare(&ask, one, view);
    }
}

static void scans_are_as_plain_loops(void)
{
    Case one;
    case_open(&one);
    event_columns_publish(one.columns, one.id);
    view_compare(&one); /* the base alone */
    for (int i = 0; i < 9; i++)
        stem_clear(&one, (uint32_t)below(STEMS));
    for (int i = 0; i < LATE; i++)
        fact_add(&one);
    event_columns_publish(one.columns, one.id);
    view_compare(&one);
    event_columns_fold(one.columns);
    view_compare(&one);
    case_close(&one);
}

static void sums_that_may_not_fit_are_told(void)
{
    g_autoptr(EventColumns) columns = event_columns_new(&(EventColumnsOptions){0});
    g_assert_true(event_columns_hold(columns, NAME, &paths[1], 1, NULL));
    for (int64_t id = 1; id <= 2; id++) {
        EventValue value = {.kind = EVENT_NUMBER, .number = EVENT_NUMBER_MAX};
        EventFact fact = {NAME, 1, 5, id, &value};
        event_columns_append(columns, &fact, 1);
    }
    g_assert_true(event_columns_ready(columns, NAME, NULL));
    event_columns_publish(columns, 2);
    g_autoptr(EventView) view = event_columns_view(columns);
    Ask ask;
    ask_make(&ask, event_view_name(view, NAME), event_view_rows(view));
    uint32_t counts[1];
    int64_t totals[1];
    ask.counts = counts;
    ask.totals = totals;
    ask.worth.property = 0;
    ask.scan = (EventScan){.name = ask.scan.name,
                           .from = 0,
                           .to = 10,
                           .rows = 1,
                           .keep = EVENT_KEEP_SUM,
                           .worth = &ask.worth};
    g_autoptr(EventApart) apart = event_apart_new(&ask.scan.name, 1, NULL, 1);
    event_scan_run(&ask.scan, apart, take, &ask);
    g_assert_false(ask.scan.ret_fits);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/scan/plain-loops", scans_are_as_plain_loops);
    g_test_add_func("/columns/scan/sums", sums_that_may_not_fit_are_told);
    return g_test_run();
}
