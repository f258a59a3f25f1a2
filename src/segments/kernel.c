#include "segments/kernel.h"

/* ---- spans ---- */

static int number_compare(const void *a_pointer, const void *b_pointer)
{
    int64_t a = *(const int64_t *)a_pointer, b = *(const int64_t *)b_pointer;
    return (a > b) - (a < b);
}

/* Adds [low, high] behind the others, as part of the last where it goes on. */
static void span_add(GArray *spans, int64_t low, int64_t high)
{
    EventSpan *last = spans->len ? &g_array_index(spans, EventSpan, spans->len - 1) : NULL;
    EventSpan span = {low, high};
    if (last && last->high + 1 == low)
        last->high = high;
    else
        g_array_append_val(spans, span);
}

GArray *kernel_spans(const RuleTest *test, EventSpan all, KernelHolds *holds, const void *data)
{
    g_autoptr(GArray) edges = g_array_new(FALSE, FALSE, sizeof(int64_t)); /* where pieces begin */
    GArray *spans = g_array_new(FALSE, FALSE, sizeof(EventSpan));
    g_array_append_val(edges, all.low);
    for (uint32_t i = 0; i < test->value_count; i++) {
        int64_t value = test->values[i].micros, behind = value + 1;
        if (value > all.low && value <= all.high) g_array_append_val(edges, value);
        if (behind > all.low && behind <= all.high) g_array_append_val(edges, behind);
    }
    g_array_sort(edges, number_compare);
    for (guint i = 0; i < edges->len; i++) {
        int64_t low = g_array_index(edges, int64_t, i), high = all.high;
        if (i + 1 < edges->len) high = g_array_index(edges, int64_t, i + 1) - 1;
        if (high >= low && holds(data, low)) span_add(spans, low, high);
    }
    return spans;
}

/* ---- sets ---- */

void kernel_set_init(KernelSet *set, const Kernel *kernel, bool zero)
{
    *set = (KernelSet){.kernel = kernel, .zero = zero};
    for (int lane = 0; lane < 2; lane++)
        set->lanes[lane] = set_new(kernel->leaf->size);
}

void kernel_set_row(KernelSet *set, unsigned lane, uint32_t row, bool holds)
{
    const FeedRead *read = set->kernel->read;
    uint32_t person = row < read->rows ? read->index[row] : FEED_NOBODY;
    if (person != FEED_NOBODY) kernel_set_person(set, lane, person, holds);
}

void kernel_set_word(KernelSet *set, unsigned lane, uint32_t word, uint64_t bits)
{
    const KernelCrowd *crowd = set->kernel->crowd;
    if (bits == 0) return;
    if (kernel_crowd_is_straight(crowd, word)) {
        uint32_t person = set->kernel->read->index[word * 64];
        uint64_t *words = &set->lanes[lane]->words[person / 64];
        words[0] |= bits << person % 64;
        if (person % 64) words[1] |= bits >> (64 - person % 64);
        return;
    }
    for (; bits != 0; bits &= bits - 1)
        kernel_set_row(set, lane, word * 64 + (uint32_t)__builtin_ctzll(bits), !set->zero);
}

void kernel_set_end(KernelSet *set)
{
    PersonSet *whole = g_steal_pointer(&set->lanes[0]);
    set_or(whole, set->lanes[1]);
    if (set->zero) set_invert(whole);
    leaf_settle(set->kernel->leaf, whole);
}

void kernel_set_clear(KernelSet *set)
{
    for (int lane = 0; lane < 2; lane++)
        g_clear_pointer(&set->lanes[lane], set_free);
}

/* ---- which ---- */

static bool is_amount(const Leaf *leaf)
{
    return (leaf->kind == RULE_AMOUNT || leaf->kind == RULE_TOP) && leaf->amount != RULE_DISTINCT;
}

static bool is_instant(const Leaf *leaf)
{
    return (leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY) && leaf->node->nth <= 1;
}

static bool is_nth(const Leaf *leaf)
{
    return (leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY) && leaf->node->nth > 1;
}

static SegmentKernel kernel_of(const Kernel *kernel)
{
    const Leaf *leaf = kernel->leaf;
    bool adds = leaf->kind == RULE_DID || is_amount(leaf) || is_instant(leaf);
    bool alone =
        kernel->fill_count == 1 && leaf->kind != RULE_TOP && leaf->kind != RULE_ANNIVERSARY;
    bool rhythm = leaf->kind == RULE_SILENT || leaf->kind == RULE_LIFECYCLE;
    if (adds && alone) return SEGMENT_KERNEL_TOTALS;
    if (adds || leaf->kind == RULE_RATIO || leaf->kind == RULE_BOUNCED)
        return SEGMENT_KERNEL_FIELDS;
    bool distinct = leaf->kind == RULE_AMOUNT && leaf->amount == RULE_DISTINCT;
    if (leaf->kind == RULE_GAP || rhythm || is_nth(leaf) || distinct)
        return SEGMENT_KERNEL_INSTANTS;
    return leaf->kind == RULE_SEQUENCE ? SEGMENT_KERNEL_SEQUENCE : SEGMENT_KERNEL_ROWS;
}

/* Whether two leaves of one kernel can be filled together. */
static bool is_alike(SegmentKernel how, const Leaf *a, const Leaf *b)
{
    if (how == SEGMENT_KERNEL_INSTANTS || how == SEGMENT_KERNEL_SEQUENCE) return true;
    if (how == SEGMENT_KERNEL_TOTALS) return kernel_keep(a) == kernel_keep(b);
    if (how != SEGMENT_KERNEL_FIELDS || a->kind == RULE_BOUNCED || b->kind == RULE_BOUNCED)
        return false;
    return is_amount(a) == is_amount(b) && (is_amount(a) || a->kind == b->kind) &&
           a->amount == b->amount && kernel_keep(a) == kernel_keep(b);
}

static bool together_run(SegmentKernel how, const Kernel *kernels, uint32_t count)
{
    switch (how) {
    case SEGMENT_KERNEL_TOTALS:
        return kernel_totals(kernels, count);
    case SEGMENT_KERNEL_FIELDS:
        return kernel_fields(kernels, count);
    case SEGMENT_KERNEL_INSTANTS:
        return kernel_instants(kernels, count);
    case SEGMENT_KERNEL_SEQUENCE:
        return kernel_sequences(kernels, count);
    case SEGMENT_KERNEL_ROWS:
    case SEGMENT_KERNEL_NONE:
    case SEGMENT_KERNELS:
        break;
    }
    return false;
}

void kernels_run(const Kernel *kernels, uint32_t count, SegmentKernel *ret_hows)
{
    g_autofree Kernel *alike = g_new(Kernel, count + 1);
    g_autofree uint32_t *places = g_new(uint32_t, count + 1);
    g_autofree bool *done = g_new0(bool, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        if (done[i]) continue;
        SegmentKernel how = kernel_of(&kernels[i]);
        uint32_t found = 0;
        for (uint32_t k = i; k < count; k++) {
            if (done[k] || kernel_of(&kernels[k]) != how) continue;
            if (k > i && !is_alike(how, kernels[i].leaf, kernels[k].leaf)) continue;
            places[found] = k;
            alike[found++] = kernels[k];
        }
        bool told = together_run(how, alike, found);
        for (uint32_t k = 0; k < found; k++) {
            done[places[k]] = true;
            ret_hows[places[k]] = how;
            if (told) continue;
            ret_hows[places[k]] =
                kernel_rows(&alike[k]) ? SEGMENT_KERNEL_ROWS : SEGMENT_KERNEL_NONE;
        }
    }
}
