#include "segments/kernel.h"

#include "segments/leaf_private.h"

#include <string.h>

/* What the totals of a row are compared with. */
typedef struct Verdict {
    bool by_value;   /* the spans are of values, else of counts */
    bool needs_some; /* nothing known: `unknown` */
    bool unknown;
    bool average; /* decided one by one */
    GArray *spans;
    const RuleTest *test;
} Verdict;

static void verdict_clear(Verdict *verdict) { g_array_unref(verdict->spans); }
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Verdict, verdict_clear)

/* ---- what passes ---- */

static void span_append(GArray *spans, int64_t low, int64_t high)
{
    EventSpan span = {low, high};
    if (low <= high) g_array_append_val(spans, span);
}

static void times_spans(const RuleTimes *times, GArray *spans)
{
    switch (times->kind) {
    case RULE_ANY_TIMES:
        span_append(spans, 1, INT64_MAX);
        return;
    case RULE_AT_LEAST:
        span_append(spans, times->low, INT64_MAX);
        return;
    case RULE_AT_MOST:
        span_append(spans, 0, times->low);
        return;
    case RULE_EXACTLY:
        span_append(spans, times->low, times->low);
        return;
    case RULE_BETWEEN_TIMES:
        span_append(spans, times->low, times->high);
        return;
    }
    g_assert_not_reached();
}

static bool micros_hold(const void *data, int64_t micros)
{
    LeafNumber number = {true, micros, 1};
    return leaf_number_holds(&number, data);
}

static int64_t ceiling(int64_t micros)
{
    int64_t whole = micros / DECIMAL_SCALE;
    return whole + (micros % DECIMAL_SCALE > 0);
}

static int64_t floored(int64_t micros)
{
    int64_t whole = micros / DECIMAL_SCALE;
    return whole - (micros % DECIMAL_SCALE < 0);
}

/* Numbers x 10^6 become counts; whole numbers between them may be none. */
static void spans_of_counts(GArray *spans)
{
    guint kept = 0;
    EventSpan *all = (EventSpan *)(void *)spans->data;
    for (guint i = 0; i < spans->len; i++) {
        EventSpan span = {MAX(ceiling(all[i].low), 0), floored(all[i].high)};
        if (all[i].high == INT64_MAX) span.high = INT64_MAX;
        if (span.low <= span.high) all[kept++] = span;
    }
    g_array_set_size(spans, kept);
}

/* The same as amount_holds of leaf.c. */
static void amount_verdict(const Leaf *leaf, Verdict *verdict)
{
    const RuleTest *test = &leaf->node->test;
    bool exists = test->op == RULE_EXISTS, number = false;
    verdict->test = test;
    if (exists || test->op == RULE_MISSING) {
        span_append(verdict->spans, exists ? 1 : 0, exists ? INT64_MAX : 0);
        return;
    }
    bool counts = leaf->amount == RULE_COUNT;
    number = test->value_count > 0 && test->values[0].type == RULE_NUMBER;
    verdict->by_value = !counts;
    verdict->needs_some = !counts && leaf->amount != RULE_SUM;
    verdict->unknown = test->op == RULE_NOT_EQUAL;
    verdict->average = number && leaf->amount == RULE_AVERAGE;
    if (!number) {
        if (test->op == RULE_NOT_EQUAL) span_append(verdict->spans, INT64_MIN, INT64_MAX);
        return;
    }
    g_array_unref(verdict->spans);
    verdict->spans = kernel_spans(test, (EventSpan){INT64_MIN, INT64_MAX}, micros_hold, test);
    if (counts) spans_of_counts(verdict->spans);
}

static void verdict_init(Verdict *verdict, const Leaf *leaf)
{
    *verdict = (Verdict){.spans = g_array_new(FALSE, FALSE, sizeof(EventSpan))};
    if (leaf->kind == RULE_DID) {
        times_spans(&leaf->node->times, verdict->spans);
    } else if (leaf->kind == RULE_MOMENT) {
        verdict->by_value = verdict->needs_some = true;
        if (leaf->range.from < leaf->range.to)
            span_append(verdict->spans, leaf->range.from, leaf->range.to - 1);
    } else {
        amount_verdict(leaf, verdict);
    }
}

static bool verdict_of(const Verdict *verdict, uint32_t count, int64_t value)
{
    if (verdict->needs_some && count == 0) return verdict->unknown;
    if (verdict->average) {
        LeafNumber number = {true, value, count};
        return leaf_number_holds(&number, verdict->test);
    }
    int64_t with = verdict->by_value ? value : count;
    for (guint i = 0; i < verdict->spans->len; i++) {
        const EventSpan *span = &g_array_index(verdict->spans, EventSpan, i);
        if (with >= span->low && with <= span->high) return true;
    }
    return false;
}

/* ---- many at once ---- */

EVENT_HOT static void counts_within(uint8_t *restrict mask, const uint32_t *restrict counts,
                                    uint32_t count, const EventSpan *span)
{
    uint32_t low = (uint32_t)CLAMP(span->low, 0, UINT32_MAX);
    uint32_t length = (uint32_t)CLAMP(span->high, 0, UINT32_MAX) - low;
    for (uint32_t i = 0; i < count; i++)
        mask[i] |= counts[i] - low <= length;
}

EVENT_HOT static void values_within(uint8_t *restrict mask, const int64_t *restrict values,
                                    uint32_t count, const EventSpan *span)
{
    uint64_t low = (uint64_t)span->low, length = (uint64_t)span->high - low;
    for (uint32_t i = 0; i < count; i++)
        mask[i] |= (uint64_t)values[i] - low <= length;
}

EVENT_HOT static void unknown_put(uint8_t *restrict mask, const uint32_t *restrict counts,
                                  uint32_t count, bool unknown)
{
    for (uint32_t i = 0; i < count; i++)
        mask[i] = counts[i] ? mask[i] : unknown;
}

typedef struct Sink {
    const Verdict *verdicts; /* of each leaf, as the sets */
    KernelSet *sets;
    uint32_t count;
} Sink;

static void totals_judge(const Verdict *verdict, const EventTotals *totals, uint8_t *mask)
{
    uint32_t count = totals->count;
    memset(mask, 0, EVENT_SCAN_BLOCK);
    for (uint32_t i = 0; verdict->average && i < count; i++)
        mask[i] = verdict_of(verdict, totals->counts[i], totals->values[i]);
    if (verdict->average) return;
    for (guint i = 0; i < verdict->spans->len; i++) {
        const EventSpan *span = &g_array_index(verdict->spans, EventSpan, i);
        if (verdict->by_value)
            values_within(mask, totals->values, count, span);
        else if (span->high >= 0 && span->low <= UINT32_MAX)
            counts_within(mask, totals->counts, count, span);
    }
    if (verdict->needs_some) unknown_put(mask, totals->counts, count, verdict->unknown);
}

/* Eight bytes of 0 and 1 become eight bits. */
static uint64_t bits_of(const uint8_t *mask)
{
    uint64_t bits = 0, eight;
    for (unsigned i = 0; i < 8; i++) {
        memcpy(&eight, mask + 8 * i, sizeof eight);
        bits |= (GUINT64_FROM_LE(eight) * UINT64_C(0x0102040810204080)) >> 56 << 8 * i;
    }
    return bits;
}

/* Rows that are as one of whom nothing is known are many, and passed over. */
static void mask_take(const uint8_t *mask, const EventTotals *totals, KernelSet *set, unsigned lane)
{
    for (uint32_t word = 0; word * 64 < totals->count; word++) {
        uint64_t bits = bits_of(mask + word * 64) ^ (set->zero ? UINT64_MAX : 0);
        uint32_t left = totals->count - word * 64;
        if (left < 64) bits &= (UINT64_C(1) << left) - 1;
        bits &= ~totals->apart[word];
        if (!totals->rows) {
            kernel_set_word(set, lane, totals->first / 64 + word, bits);
            continue;
        }
        for (; bits != 0; bits &= bits - 1) {
            uint32_t i = word * 64 + (uint32_t)__builtin_ctzll(bits);
            kernel_set_row(set, lane, event_totals_row(totals, i), !set->zero);
        }
    }
}

static void totals_take(void *data, unsigned lane, const EventTotals *totals)
{
    const Sink *sink = data;
    uint8_t mask[EVENT_SCAN_BLOCK];
    for (uint32_t i = 0; i < sink->count; i++) {
        totals_judge(&sink->verdicts[i], totals, mask);
        mask_take(mask, totals, &sink->sets[i], lane);
    }
}

/* ---- rows that stand apart ---- */

/* Adds what a row has to what its person has of other rows. */
static void several_add(EventKeep keep, const EventApart *apart, uint32_t row, uint32_t *count,
                        int64_t *value)
{
    uint32_t ordinal = event_apart_ordinal(apart, row);
    int64_t more = apart->values[ordinal];
    bool least = keep == EVENT_KEEP_LEAST || keep == EVENT_KEEP_FIRST;
    if (keep == EVENT_KEEP_SUM)
        *value += more; /* 0 where there is none, counted or not */
    else if (apart->counts[ordinal] == 0)
        return;
    else if (*count == 0 || (least ? more < *value : more > *value))
        *value = more;
    *count += apart->counts[ordinal];
}

static void apart_take(const EventApart *apart, EventKeep keep, const Verdict *verdict,
                       KernelSet *set)
{
    const KernelCrowd *crowd = set->kernel->crowd;
    for (guint i = 0; i < crowd->persons->len; i++) {
        uint32_t count = 0;
        int64_t value = 0;
        uint32_t at = g_array_index(crowd->starts, uint32_t, i);
        uint32_t end = g_array_index(crowd->starts, uint32_t, i + 1);
        for (; at < end; at++)
            several_add(keep, apart, g_array_index(crowd->members, uint32_t, at), &count, &value);
        kernel_set_person(set, 0, g_array_index(crowd->persons, uint32_t, i),
                          verdict_of(verdict, count, value));
    }
    for (uint32_t word = 0; apart->bits && word <= apart->rows / 64; word++) {
        uint64_t left = apart->bits[word] & ~(crowd->several ? crowd->several[word] : 0);
        for (; left != 0; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            uint32_t ordinal = event_apart_ordinal(apart, row);
            kernel_set_row(set, 0, row,
                           verdict_of(verdict, apart->counts[ordinal], apart->values[ordinal]));
        }
    }
}

/* ---- totals ---- */

EventKeep kernel_keep(const Leaf *leaf)
{
    if (leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY)
        return leaf->node->nth == 1 ? EVENT_KEEP_FIRST : EVENT_KEEP_LAST;
    if (leaf->kind != RULE_AMOUNT && leaf->kind != RULE_TOP) return EVENT_KEEP_COUNT;
    if (leaf->amount == RULE_COUNT) return EVENT_KEEP_COUNT;
    if (leaf->amount == RULE_MINIMUM) return EVENT_KEEP_LEAST;
    return leaf->amount == RULE_MAXIMUM ? EVENT_KEEP_GREATEST : EVENT_KEEP_SUM;
}

static EventScan scan_of(const Kernel *kernel, const Fill *fill)
{
    const Range *range = &fill->tap->range;
    return (EventScan){.name = fill->name,
                       .from = range->from,
                       .to = range->to,
                       .pass = fill->pass,
                       .worth = fill->worth,
                       .keep = kernel_keep(kernel->leaf),
                       .rows = kernel->read->rows,
                       .limits = kernel->evaluation->segments->options.limits};
}

/* From which count on nothing changes any more. */
static uint32_t count_max(const Sink *sink)
{
    int64_t most = 1;
    for (uint32_t k = 0; k < sink->count; k++) {
        const Verdict *verdict = &sink->verdicts[k];
        if (verdict->by_value) return 0;
        for (guint i = 0; i < verdict->spans->len; i++) {
            const EventSpan *span = &g_array_index(verdict->spans, EventSpan, i);
            most = MAX(most, span->low);
            if (span->high != INT64_MAX) most = MAX(most, span->high);
        }
    }
    return most < UINT32_MAX ? (uint32_t)most : 0;
}

/* Whether sums alone decide. */
static bool is_uncounted(const Sink *sink)
{
    for (uint32_t k = 0; k < sink->count; k++) {
        const Verdict *verdict = &sink->verdicts[k];
        if (!verdict->by_value || verdict->needs_some || verdict->average) return false;
    }
    return true;
}

/* False: a sum may not have fitted. */
static bool totals_scan(const Kernel *kernel, const Sink *sink)
{
    const Fill *fill = &kernel->fills[0];
    EventScan scan = scan_of(kernel, fill);
    g_autoptr(EventApart) apart =
        event_apart_new(&fill->name, 1, kernel->crowd->several, scan.rows);
    scan.count_max = count_max(sink);
    scan.uncounted = scan.keep == EVENT_KEEP_SUM && is_uncounted(sink);
    event_scan_run(&scan, apart, totals_take, (void *)(uintptr_t)sink);
    if (scan.keep == EVENT_KEEP_SUM && !scan.ret_fits) return false;
    for (uint32_t i = 0; i < sink->count; i++)
        apart_take(apart, scan.keep, &sink->verdicts[i], &sink->sets[i]);
    return true;
}

bool kernel_totals(const Kernel *kernels, uint32_t count)
{
    const Fill *fill = &kernels->fills[0];
    if (fill->value && !fill->worth) return false;
    g_autofree Verdict *verdicts = g_new(Verdict, count);
    g_autofree KernelSet *sets = g_new(KernelSet, count);
    for (uint32_t i = 0; i < count; i++) {
        verdict_init(&verdicts[i], kernels[i].leaf);
        kernel_set_init(&sets[i], &kernels[i], verdict_of(&verdicts[i], 0, 0));
    }
    bool told = !fill->name || totals_scan(kernels, &(Sink){verdicts, sets, count});
    for (uint32_t i = 0; i < count; i++) {
        if (told) kernel_set_end(&sets[i]);
        kernel_set_clear(&sets[i]);
        verdict_clear(&verdicts[i]);
    }
    return told;
}

/* ---- fields: kept in the leaf ---- */

typedef struct FieldSink {
    const Kernel *kernel;
    const Tap *tap;
    EventKeep keep;
} FieldSink;

static void field_add(const FieldSink *sink, uint32_t row, uint32_t count, int64_t value)
{
    Leaf *leaf = sink->kernel->leaf;
    uint32_t person = row < sink->kernel->read->rows ? sink->kernel->read->index[row] : FEED_NOBODY;
    if (person == FEED_NOBODY || count == 0) return;
    bool least = sink->keep == EVENT_KEEP_LEAST || sink->keep == EVENT_KEEP_FIRST;
    if (leaf->sums) leaf->sums[person] += sink->tap->negative ? -(Wide)value : (Wide)value;
    if (leaf->bounds) {
        int64_t *bound = &leaf->bounds[person];
        if (leaf->counts[person] == 0 || (least ? value < *bound : value > *bound)) *bound = value;
    }
    uint32_t *counts = sink->tap->step == 1 ? leaf->others : leaf->counts;
    if (!sink->tap->negative) counts[person] += count;
}

/* Counts of rows that are people behind each other; false: they are not, or some stand apart. */
static bool counts_take(const FieldSink *sink, const EventTotals *totals, uint32_t first)
{
    const KernelCrowd *crowd = sink->kernel->crowd;
    uint32_t row = totals->first + first;
    if (sink->keep != EVENT_KEEP_COUNT || sink->kernel->leaf->bounds || sink->tap->negative ||
        totals->rows || totals->apart[first / 64] || totals->count - first < 64 ||
        !kernel_crowd_is_straight(crowd, row / 64))
        return false;
    Leaf *leaf = sink->kernel->leaf;
    uint32_t *counts = sink->tap->step == 1 ? leaf->others : leaf->counts;
    counts += sink->kernel->read->index[row];
    for (uint32_t i = 0; i < 64; i++)
        counts[i] += totals->counts[first + i];
    return true;
}

/* A row that does not stand apart is all that its person has: lanes never meet. */
static void fields_take(void *data, unsigned lane, const EventTotals *totals)
{
    const FieldSink *sink = data;
    (void)lane;
    for (uint32_t i = 0; i < totals->count; i++) {
        if (i % 64 == 0 && counts_take(sink, totals, i)) {
            i += 63;
            continue;
        }
        if (totals->counts[i] && !(totals->apart[i / 64] >> i % 64 & 1))
            field_add(sink, event_totals_row(totals, i), totals->counts[i],
                      sink->keep == EVENT_KEEP_COUNT ? 0 : totals->values[i]);
    }
}

static void fields_apart_take(const FieldSink *sink, const EventApart *apart)
{
    for (uint32_t word = 0; apart->bits && word <= apart->rows / 64; word++)
        for (uint64_t left = apart->bits[word]; left != 0; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            uint32_t ordinal = event_apart_ordinal(apart, row);
            field_add(sink, row, apart->counts[ordinal], apart->values[ordinal]);
        }
}

/* Forgets what was added: it is added anew in another way. */
static void fields_drop(Leaf *leaf)
{
    g_clear_pointer(&leaf->counts, g_free);
    g_clear_pointer(&leaf->others, g_free);
    g_clear_pointer(&leaf->sums, g_free);
    g_clear_pointer(&leaf->bounds, g_free);
}

static bool fields_fill(const Kernel *kernel)
{
    leaf_room(kernel->leaf);
    for (uint32_t i = 0; i < kernel->fill_count; i++) {
        const Fill *fill = &kernel->fills[i];
        if (!fill->name) continue;
        EventScan scan = scan_of(kernel, fill);
        g_autoptr(EventApart) apart =
            event_apart_new(&fill->name, 1, kernel->crowd->several, scan.rows);
        FieldSink sink = {kernel, fill->tap, scan.keep};
        event_scan_run(&scan, apart, fields_take, &sink);
        if (scan.keep == EVENT_KEEP_SUM && !scan.ret_fits) {
            fields_drop(kernel->leaf);
            return false;
        }
        fields_apart_take(&sink, apart);
    }
    return true;
}

/* ---- ratios ---- */

/* Whom a ratio holds for: counts x scale > others x than, or `below` the opposite, where others are
 * not 0. */
typedef struct RatioAsk {
    uint64_t scale, than;
    uint64_t equal; /* 1: >= */
    uint8_t below;  /* 1: what is asked is the opposite */
} RatioAsk;

/* False: another comparison, or products that may not fit. */
static bool ratio_ask(const Leaf *leaf, RatioAsk *ret_ask)
{
    const RuleTest *test = &leaf->node->test;
    bool more = test->op == RULE_MORE || test->op == RULE_MORE_EQUAL;
    bool less = test->op == RULE_LESS || test->op == RULE_LESS_EQUAL;
    if (leaf->kind != RULE_RATIO || (!more && !less)) return false;
    int64_t than = test->values[0].micros;
    if (test->values[0].type != RULE_NUMBER || than < 0 || than > INT32_MAX) return false;
    bool equal = test->op == RULE_MORE_EQUAL || test->op == RULE_LESS;
    *ret_ask = (RatioAsk){(uint64_t)DECIMAL_SCALE * (leaf->node->percent ? 100 : 1), (uint64_t)than,
                          equal, less};
    return true;
}

EVENT_HOT static void ratios_mask(const RatioAsk *ask, const uint32_t *restrict counts,
                                  const uint32_t *restrict others, uint32_t count,
                                  uint8_t *restrict mask)
{
    uint64_t scale = ask->scale, than = ask->than, equal = ask->equal;
    uint8_t below = ask->below;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t above = counts[i] * scale + equal > others[i] * than;
        mask[i] = (uint8_t)((above ^ below) & (others[i] > 0));
    }
}

/* The same as ratio_holds of leaf.c. */
static void ratio_settle(Leaf *leaf, const RatioAsk *ask)
{
    uint8_t mask[EVENT_SCAN_BLOCK];
    PersonSet *set = set_new(leaf->size);
    for (uint32_t from = 0; from < leaf->size; from += EVENT_SCAN_BLOCK) {
        uint32_t count = MIN(leaf->size - from, (uint32_t)EVENT_SCAN_BLOCK);
        ratios_mask(ask, leaf->counts + from, leaf->others + from, count, mask);
        memset(mask + count, 0, EVENT_SCAN_BLOCK - count);
        for (uint32_t i = 0; i < count; i += 64)
            set->words[(from + i) / 64] = bits_of(mask + i);
    }
    leaf_settle(leaf, set);
}

/* Each leaf in turn has the fields of the first. */
static void fields_share(const Kernel *kernels, uint32_t count)
{
    const Evaluation *evaluation = kernels->evaluation;
    const GArray *people = evaluation->people;
    LeafJudge judge = {&evaluation->moment, (const int64_t *)(const void *)people->data,
                       evaluation->gap_days};
    for (uint32_t i = 0; i < count; i++) {
        Leaf *leaf = kernels[i].leaf;
        RatioAsk ask;
        if (ratio_ask(leaf, &ask))
            ratio_settle(leaf, &ask);
        else
            leaf_settle(leaf, leaf_conclude(leaf, &judge));
        if (i + 1 == count) break;
        Leaf *next = kernels[i + 1].leaf;
        next->counts = g_steal_pointer(&leaf->counts);
        next->others = g_steal_pointer(&leaf->others);
        next->sums = g_steal_pointer(&leaf->sums);
        next->bounds = g_steal_pointer(&leaf->bounds);
    }
    fields_drop(kernels[count - 1].leaf);
}

bool kernel_fields(const Kernel *kernels, uint32_t count)
{
    for (uint32_t i = 0; i < kernels->fill_count; i++)
        if (kernels->fills[i].value && !kernels->fills[i].worth) return false;
    if (!fields_fill(kernels)) return false;
    if (count > 1 || kernels->leaf->kind == RULE_RATIO) fields_share(kernels, count);
    return true;
}
