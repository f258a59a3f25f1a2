#include "segments/bought.h"

#include "segments/evaluate.h"
#include "segments/feed_private.h"
#include "segments/kernel.h"

#include <stdlib.h>

/* A row of somebody who is counted by themselves: one of several rows, touched by the delta, or of
 * a person who is no longer in the crowd. */
typedef struct Own {
    int64_t person;
    uint32_t row;
} Own;

struct Bought {
    FeedRead read;
    const EventName *name;
    uint64_t *left_out; /* bits of rows: whose base is not counted as it stands */
    GArray *own;        /* of Own, by person and row */
    uint32_t parallel_min;
};

static void bit_set(uint64_t *bits, uint32_t row) { bits[row / 64] |= UINT64_C(1) << row % 64; }

static bool row_is_empty(const Bought *bought, const EventApart *apart, uint32_t row)
{
    uint32_t from, to;
    return !event_base_range(bought->name->base, row, &from, &to) && !event_apart_has(apart, row);
}

/* Rows of nobody in the crowd: visitors, the till, and who was erased, who stays a buyer. */
static void outside_add(Bought *bought, Segments *segments, const EventApart *apart, uint32_t row)
{
    bit_set(bought->left_out, row);
    if (row_is_empty(bought, apart, row)) return;
    int64_t stem = event_view_stem(bought->read.view, row);
    Own own = {.row = row};
    if (stem != 0 && stem != FEED_TILL) own.person = people_person(segments_people(segments), stem);
    if (own.person > 0) g_array_append_val(bought->own, own);
}

static void apart_add(Bought *bought, uint32_t row)
{
    bit_set(bought->left_out, row);
    uint32_t person = bought->read.index[row];
    if (person == FEED_NOBODY) return;
    Own own = {g_array_index(bought->read.people, int64_t, person), row};
    g_array_append_val(bought->own, own);
}

static int own_compare(const void *a_pointer, const void *b_pointer)
{
    const Own *a = a_pointer, *b = b_pointer;
    if (a->person != b->person) return a->person < b->person ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void rows_sort_out(Bought *bought, Segments *segments)
{
    const FeedRead *read = &bought->read;
    g_autoptr(KernelCrowd) crowd = kernel_crowd_get(segments, read);
    g_autoptr(EventApart) apart = event_apart_new(&bought->name, 1, crowd->several, read->rows);
    bought->left_out = g_new0(uint64_t, (size_t)read->rows / 64 + 1);
    bought->own = g_array_new(FALSE, FALSE, sizeof(Own));
    for (uint32_t row = 0; row < read->rows; row++)
        if (read->index[row] == FEED_NOBODY) outside_add(bought, segments, apart, row);
    for (uint32_t word = 0; apart->bits && word <= read->rows / 64; word++)
        for (uint64_t left = apart->bits[word]; left != 0; left &= left - 1)
            apart_add(bought, word * 64 + (uint32_t)__builtin_ctzll(left));
    g_array_sort(bought->own, own_compare);
}

Bought *bought_begin(Segments *segments, const char *currency)
{
    g_autoptr(Bought) bought = g_new0(Bought, 1);
    Feed *feed = segments_feed(segments);
    if (!feed || !feed_begin(feed, currency, &bought->read)) return NULL;
    bought->name = event_view_name(bought->read.view, FEED_NAME_ORDERS);
    if (!bought->name || !bought->name->base) return NULL;
    bought->parallel_min = segments->options.limits.parallel_min;
    rows_sort_out(bought, segments);
    return g_steal_pointer(&bought);
}

void bought_end(Bought *bought)
{
    if (!bought) return;
    feed_end(&bought->read);
    g_free(bought->left_out);
    if (bought->own) g_array_unref(bought->own);
    g_free(bought);
}

/* ---- ends ---- */

static int64_t base_newest(const EventName *name, int64_t now)
{
    const EventBase *base = name->base;
    for (uint32_t i = base->count ? event_arrival_find(base, now + 1) : 0; i > 0; i--)
        if (!event_base_void(name, base->arrival_rows[i - 1])) return event_arrival_at(base, i - 1);
    return INT64_MIN;
}

int64_t bought_newest(const Bought *bought, int64_t now)
{
    const EventName *name = bought->name;
    int64_t newest = base_newest(name, now);
    for (uint32_t p = 0; p < name->part_count; p++) {
        const EventPart *part = &name->parts[p];
        for (uint32_t i = 0; i < part->count; i++)
            if (part->ats[i] > newest && part->ats[i] <= now && !event_part_void(name, part, i))
                newest = part->ats[i];
    }
    return newest;
}

int64_t bought_oldest(const Bought *bought)
{
    const EventName *name = bought->name;
    int64_t oldest = name->base->count ? event_arrival_at(name->base, 0) : INT64_MAX;
    for (uint32_t p = 0; p < name->part_count; p++)
        for (uint32_t i = 0; i < name->parts[p].count; i++)
            oldest = MIN(oldest, name->parts[p].ats[i]);
    return oldest;
}

/* ---- months ---- */

static int at_compare(const void *a_pointer, const void *b_pointer)
{
    int64_t a = *(const int64_t *)a_pointer, b = *(const int64_t *)b_pointer;
    return (a > b) - (a < b);
}

/* Appends what the person of own[i] bought to `ats`; returns the first of the next person. */
static guint person_read(const Bought *bought, guint i, GArray *hits, GArray *ats)
{
    int64_t person = g_array_index(bought->own, Own, i).person;
    g_array_set_size(hits, 0);
    g_array_set_size(ats, 0);
    for (; i < bought->own->len && g_array_index(bought->own, Own, i).person == person; i++)
        event_row(bought->name, g_array_index(bought->own, Own, i).row, hits);
    for (guint k = 0; k < hits->len; k++)
        g_array_append_val(ats, g_array_index(hits, EventHit, k).at);
    g_array_sort(ats, at_compare);
    return i;
}

EventMonthsTable *bought_months(const Bought *bought, const EventMonths *months)
{
    EventMonthsTable *table = event_months_table_new(months->size);
    EventMonthsScan scan = {months, bought->name->base, bought->left_out, bought->parallel_min};
    event_months_run(&scan, table);
    g_autoptr(GArray) hits = g_array_new(FALSE, FALSE, sizeof(EventHit));
    g_autoptr(GArray) ats = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < bought->own->len;) {
        i = person_read(bought, i, hits, ats);
        event_months_person(months, (const int64_t *)(void *)ats->data, ats->len, table);
    }
    return table;
}
