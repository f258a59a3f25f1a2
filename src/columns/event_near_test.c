/* Refusing rows by ticks: nobody who is near is refused, nobody who is far is left. */
#include "columns/event_near.h"

#include "columns/event_columns.h"

enum { ROWS = 3000, TICK = 1 << 16 };

#define START INT64_C(1700000000000)

typedef struct Town {
    EventColumns *columns;
    GArray *ats[2][ROWS]; /* of int64_t: by name and stem */
} Town;

static int below(int count) { return g_test_rand_int_range(0, count); }

/* Most have little, some have more than is compared. */
static void town_open(Town *town, int rows)
{
    int64_t id = 0;
    town->columns = event_columns_new(&(EventColumnsOptions){0});
    for (uint32_t name = 0; name < 2; name++) {
        g_assert_true(event_columns_hold(town->columns, name + 1, NULL, 0, NULL));
        g_assert_true(event_columns_ready(town->columns, name + 1, NULL));
        for (int row = 0; row < ROWS; row++) {
            town->ats[name][row] = g_array_new(FALSE, FALSE, sizeof(int64_t));
            int count = row >= rows ? 0 : below(20) ? below(7) : below(300);
            for (int i = 0; i < count; i++) {
                EventFact fact = {.name = name + 1, .stem = row + 1, .id = ++id};
                fact.at = START + (int64_t)(g_test_rand_double() * 2e10);
                g_array_append_val(town->ats[name][row], fact.at);
                event_columns_append(town->columns, &fact, 1);
            }
        }
    }
    event_columns_publish(town->columns, id);
    event_columns_fold(town->columns);
}

static void town_close(Town *town)
{
    for (int i = 0; i < 2 * ROWS; i++)
        g_array_unref(town->ats[i / ROWS][i % ROWS]);
    event_columns_free(town->columns);
}

/* Whether anything of the second name comes within [0, span) of anything of the first. */
static bool is_near(const Town *town, int row, int64_t span)
{
    const GArray *first = town->ats[0][row], *then = town->ats[1][row];
    for (guint i = 0; i < first->len; i++)
        for (guint k = 0; k < then->len; k++) {
            int64_t after =
                g_array_index(then, int64_t, k) - g_array_index(first, int64_t, i) + TICK;
            if (after >= TICK && after < span + TICK) return true;
        }
    return false;
}

/* As is_near, a tick or two wider at both ends, or there is more than is compared. */
static bool is_about(const Town *town, int row, int64_t span)
{
    const GArray *first = town->ats[0][row], *then = town->ats[1][row];
    if (first->len > 64 && then->len > 0) return true;
    for (guint i = 0; i < first->len; i++)
        for (guint k = 0; k < then->len; k++) {
            int64_t after = g_array_index(then, int64_t, k) - g_array_index(first, int64_t, i);
            if (after >= -TICK && after <= span + 2 * TICK) return true;
        }
    return false;
}

static void spans_compare(const Town *town, const EventView *view, int64_t span)
{
    EventNear near = {event_view_name(view, 1)->base, event_view_name(view, 2)->base, span};
    g_autofree bool *left = g_new0(bool, ROWS + 1);
    uint32_t rows = event_view_rows(view), found[EVENT_NEAR_ROWS];
    g_assert_true(event_near_can(&near));
    for (uint32_t from = 0, to; from < rows; from = to) {
        to = MIN(rows, from + 1 + (uint32_t)below(EVENT_NEAR_ROWS));
        uint32_t count = event_near_rows(&near, from, to, found);
        for (uint32_t i = 0; i < count; i++) {
            g_assert_true(found[i] >= from && found[i] < to);
            left[event_view_stem(view, found[i]) - 1] = true;
        }
    }
    uint32_t end = MIN(near.first->groups, near.then->groups);
    for (int row = 0; row < ROWS; row++) {
        uint32_t place;
        if (is_near(town, row, span)) g_assert_true(left[row]);
        bool known = event_view_row(view, row + 1, &place) && place < end;
        /* sixteen are read at once: not behind the last */
        bool last = known && near.first->offsets[place + 1] + 16 > near.first->count;
        if (left[row] && !last) g_assert_true(is_about(town, row, span));
    }
}

static void nobody_near_is_refused(void)
{
    static const int64_t spans[] = {0, 1, 60000, 3600000, INT64_C(86400000), INT64_C(604800000)};
    Town town;
    town_open(&town, ROWS);
    g_autoptr(EventView) view = event_columns_view(town.columns);
    for (size_t i = 0; i < G_N_ELEMENTS(spans); i++)
        spans_compare(&town, view, spans[i]);
    town_close(&town);
}

static void what_cannot_be_compared_says_so(void)
{
    Town town;
    town_open(&town, ROWS);
    g_autoptr(EventView) view = event_columns_view(town.columns);
    const EventBase *base = event_view_name(view, 1)->base;
    g_assert_false(event_near_can(&(EventNear){NULL, base, 1}));
    g_assert_false(event_near_can(&(EventNear){base, base, INT64_MAX}));
    g_assert_false(event_near_can(&(EventNear){base, base, -1}));
    town_close(&town);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/columns/near/refused", nobody_near_is_refused);
    g_test_add_func("/columns/near/cannot", what_cannot_be_compared_says_so);
    return g_test_run();
}
