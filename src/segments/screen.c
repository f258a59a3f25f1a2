#include "segments/screen_private.h"

#include <string.h>

/* ---- reading ---- */

static void person_rows(Screen *screen, int64_t person)
{
    uint32_t row;
    guint before = screen->stems->len;
    people_stems(screen->segments->options.people, person, screen->stems);
    for (guint i = before; i < screen->stems->len; i++)
        if (event_view_row(screen->business.read.view, g_array_index(screen->stems, int64_t, i),
                           &row))
            g_array_append_val(screen->rows, row);
    g_array_append_val(screen->starts, screen->rows->len);
}

static gint id_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool screen_begin(Screen *screen, GError **error)
{
    Evaluation *business = &screen->business;
    Feed *feed = screen->segments->options.feed;
    if (!evaluation_business(business, error)) return false;
    if (!feed_begin(feed, business->currency, &business->read)) return false;
    for (guint i = 0; i < screen->people->len; i++)
        person_rows(screen, g_array_index(screen->people, int64_t, i));
    g_array_sort(screen->stems, id_compare);
    return true;
}

Screen *screen_new(Segments *segments, const GArray *people, int64_t now, GError **error)
{
    uint32_t start = 0;
    if (!segments->options.feed) return NULL;
    g_autoptr(Screen) screen = g_new0(Screen, 1);
    screen->segments = segments;
    screen->told_max = SCREEN_TOLD_MAX;
    evaluation_init(&screen->business, segments, now);
    facts_init(&screen->facts);
    screen->people = g_array_copy((GArray *)(void *)people);
    screen->starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    screen->rows = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    screen->stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    screen->hits = g_hash_table_new_full(NULL, NULL, NULL, screen_hits_free);
    screen->texts = g_ptr_array_new_with_free_func(g_free);
    screen->lists_read = g_array_new(FALSE, FALSE, sizeof(int64_t));
    screen->channels = g_ptr_array_new_with_free_func(g_free);
    screen->consents =
        g_hash_table_new_full(screen_consent_hash, screen_consent_equal, g_free, NULL);
    screen->permissions = g_hash_table_new_full(screen_consent_hash, screen_consent_equal, g_free,
                                                (GDestroyNotify)g_array_unref);
    g_array_append_val(screen->starts, start);
    return screen_begin(screen, error) ? g_steal_pointer(&screen) : NULL;
}

void screen_free(Screen *screen)
{
    if (!screen) return;
    evaluation_clear(&screen->business);
    facts_clear(&screen->facts);
    g_array_unref(screen->people);
    g_array_unref(screen->starts);
    g_array_unref(screen->rows);
    g_array_unref(screen->stems);
    g_hash_table_unref(screen->hits);
    g_ptr_array_unref(screen->texts);
    g_array_unref(screen->lists_read);
    g_ptr_array_unref(screen->channels);
    g_hash_table_unref(screen->consents);
    g_hash_table_unref(screen->permissions);
    g_free(screen);
}

static int64_t place_of(const GArray *people, int64_t person_id)
{
    guint place;
    bool found = g_array_binary_search((GArray *)(void *)people, &person_id, id_compare, &place);
    return found ? (int64_t)place : -1;
}

bool screen_is_somebody(const Screen *screen, int64_t person_id)
{
    return place_of(screen->business.read.people, person_id) >= 0;
}

/* ---- moments ---- */

int64_t look_place(const Look *look, int64_t stem)
{
    int64_t person = people_person(segments_people(look->screen->segments), stem);
    return person ? place_of(look->ids, person) : -1;
}

static gint moment_compare(gconstpointer a, gconstpointer b)
{
    const LookMoment *x = a, *y = b;
    if (x->ask != y->ask) return x->ask < y->ask ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void slot_add(const Look *look, GArray *people, uint32_t i, int64_t at)
{
    bool same = look->slot_at->len > look->slots[i] &&
                g_array_index(look->slot_at, int64_t, look->slot_at->len - 1) == at;
    if (same) return;
    g_array_append_val(look->slot_at, at);
    g_array_append_val(people, look_ask(look, i)->person_id);
}

/* One for the first moment of each who need not be judged, then one for each further. */
static void slots_make(Look *look)
{
    guint next = 0;
    g_autoptr(GArray) people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_array_sort(look->moments, moment_compare);
    for (uint32_t i = 0; i < look->asks->len; i++) {
        look->slots[i] = look->slot_at->len;
        if (!look->judged[i]) slot_add(look, people, i, look_ask(look, i)->from);
        for (; next < look->moments->len; next++) {
            LookMoment moment = g_array_index(look->moments, LookMoment, next);
            if (moment.ask != i) break;
            if (!look->judged[i]) slot_add(look, people, i, moment.at);
        }
    }
    look->slots[look->asks->len] = look->slot_at->len;
    plan_crowd(&look->evaluation, people);
}

/* ---- one rule ---- */

static bool look_plan(Look *look, const Rule *rule)
{
    Evaluation *evaluation = &look->evaluation;
    const Evaluation *business = &look->screen->business;
    evaluation_init(evaluation, look->screen->segments, business->moment.now);
    evaluation->moment.zone = business->moment.zone;
    evaluation->gap_days = business->gap_days;
    evaluation->texts = look->screen->texts;
    g_strlcpy(evaluation->currency, business->currency, sizeof evaluation->currency);
    return plan_rule(evaluation, rule, NULL);
}

/* Who changed too often is judged. */
static void ask_conclude(const Look *look, uint32_t i, const PersonSet *set)
{
    ScreenAsk *ask = look_ask(look, i);
    uint32_t first = look->slots[i], end = look->slots[i + 1];
    if (first == end) return;
    ask->told = !look->judged[i];
    ask->before = set_has(set, first);
    for (uint32_t slot = first + 1; slot < end && ask->told; slot++) {
        if (set_has(set, slot) == set_has(set, slot - 1)) continue;
        ask->told = ask->changes < SCREEN_CHANGES_MAX;
        if (ask->told) ask->changed[ask->changes++] = g_array_index(look->slot_at, int64_t, slot);
    }
}

static bool look_run(Look *look, const Rule *rule, GError **error)
{
    if (!look_hear(look, error) || !look_facts_moments(look, error)) return false;
    slots_make(look);
    look->heavy = look_weight(look) > look->screen->told_max;
    if (look->heavy) return true;
    look_tell(look);
    if (!look_facts(look, error)) return false;
    g_autoptr(PersonSet) set = evaluate_set(&look->evaluation, rule->root);
    look_value_edges(look);
    for (uint32_t i = 0; i < look->asks->len; i++)
        ask_conclude(look, i, set);
    return true;
}

static uint32_t *places_find(const Look *look)
{
    uint32_t *places = g_new(uint32_t, look->asks->len + 1);
    for (guint i = 0; i < look->asks->len; i++) {
        ScreenAsk *ask = look_ask(look, i);
        int64_t place = place_of(look->screen->people, ask->person_id);
        g_assert(place >= 0);
        places[i] = (uint32_t)place;
        g_array_append_val(look->ids, ask->person_id);
        ask->told = false;
        ask->changes = 0;
        ask->next = INT64_MAX;
    }
    return places;
}

static bool part_screen(Screen *screen, const Rule *rule, GArray *asks, guint from, guint to,
                        GError **error)
{
    ScreenAsk *some = &g_array_index(asks, ScreenAsk, from);
    g_autoptr(GArray) part = g_array_new(FALSE, FALSE, sizeof *some);
    g_array_append_vals(part, some, to - from);
    if (!screen_rule(screen, rule, part, error)) return false;
    memcpy(some, part->data, (to - from) * sizeof *some);
    return true;
}

/* Whoever alone has done too much since is judged. */
static bool halves_screen(Screen *screen, const Rule *rule, GArray *asks, GError **error)
{
    guint half = asks->len / 2;
    return half == 0 || (part_screen(screen, rule, asks, 0, half, error) &&
                         part_screen(screen, rule, asks, half, asks->len, error));
}

bool screen_rule(Screen *screen, const Rule *rule, GArray *asks, GError **error)
{
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autoptr(GArray) heard = g_array_new(FALSE, FALSE, sizeof(LookHeard));
    g_autoptr(GArray) moments = g_array_new(FALSE, FALSE, sizeof(LookMoment));
    g_autoptr(GArray) slot_at = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_autofree bool *judged = g_new0(bool, asks->len + 1);
    g_autofree uint32_t *slots = g_new0(uint32_t, asks->len + 1);
    Look look = {.screen = screen, .asks = asks, .ids = ids, .judged = judged};
    look.heard = heard;
    look.moments = moments;
    look.slots = slots;
    look.slot_at = slot_at;
    g_autofree uint32_t *places = places_find(&look);
    look.persons = places;
    bool done = !look_plan(&look, rule) || look_run(&look, rule, error);
    evaluation_clear(&look.evaluation);
    return done && look.heavy ? halves_screen(screen, rule, asks, error) : done;
}
