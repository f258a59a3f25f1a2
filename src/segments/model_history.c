#include "people/erase.h"
#include "people/merge.h"
#include "segments/model.h"

const char *const model_names[NAMES] = {"Product Viewed", "Product Added", "Signed Up",
                                        "Order Completed", "Order Refunded"};
const char *const model_categories[3] = {"Shoes", "hats", "BAGS"};

/* ---- Berlin, by hand ---- */

static int64_t last_sunday(int year, int month)
{
    int64_t day = days_from_civil(year, month, 31);
    return day - (day + 4) % 7; /* 1970-01-01 was a Thursday */
}

static int64_t offset_at(int64_t at)
{
    int year, month, day;
    civil_from_days(at / DAY, &year, &month, &day);
    int64_t summer = last_sunday(year, 3) * DAY + HOUR, winter = last_sunday(year, 10) * DAY + HOUR;
    return at >= summer && at < winter ? 2 * HOUR : HOUR;
}

int64_t model_day_of(int64_t at) { return (at + offset_at(at)) / DAY; }

/* No clock changes at midnight. */
int64_t model_midnight(int64_t day)
{
    int64_t guess = day * DAY - HOUR;
    return day * DAY - offset_at(guess);
}

int64_t model_month_start(int64_t at, int months)
{
    int year, month, day;
    civil_from_days(model_day_of(at), &year, &month, &day);
    int index = year * 12 + month - 1 + months;
    return model_midnight(days_from_civil(index / 12, index % 12 + 1, 1));
}

/* ---- history ---- */

int model_below(int count) { return g_test_rand_int_range(0, count); }

static int64_t random_time(void)
{
    int64_t back = FIXTURE_NOW - model_below(420) * DAY, edge = model_below(3) - 1;
    switch (model_below(4)) {
    case 0:
        return back - HOUR - model_below((int)DAY);
    case 1:
        return model_midnight(model_day_of(back)) + edge;
    case 2:
        return last_sunday(2024, 3) * DAY + HOUR + (model_below(5) - 2) * HOUR / 2 + edge;
    default:
        return back - DAY + edge;
    }
}

static void batch_send(Model *model)
{
    if (model->batched == 0) return;
    g_auto(Reply) reply = shop_batch(&model->shop, model->batch->str);
    g_string_truncate(model->batch, 0);
    model->batched = 0;
}

static void tell(Model *model, int person, const char *name, int64_t at, const char *properties)
{
    char user[16];
    g_snprintf(user, sizeof user, "u%d", person);
    double days = 0;
    g_autofree char *event = fixture_event(user, name, days, properties);
    char time[DATE_TEXT_SIZE], now[DATE_TEXT_SIZE];
    date_format_iso(at, time);
    date_format_iso(FIXTURE_NOW, now);
    char *place = strstr(event, now);
    memcpy(place, time, strlen(time));
    g_string_append_printf(model->batch, "%s%s", model->batched ? "," : "", event);
    if (++model->batched == BATCH) batch_send(model);
}

/* Somebody who is not erased. */
static int somebody(const Model *model)
{
    int person;
    do
        person = model_below(PEOPLE_COUNT);
    while (model->root[person] < 0);
    return person;
}

static void event_tell(Model *model)
{
    Happened one = {.person = somebody(model),
                    .name = (Name)model_below(ORDERED),
                    .at = random_time(),
                    .category = model_below(4) - 1,
                    .cents = model_below(50) - 1,
                    .counts = true};
    g_autoptr(GString) inside = g_string_new("\"x\":1");
    if (one.category >= 0)
        g_string_append_printf(inside, ",\"category\":\"%s\"", model_categories[one.category]);
    if (one.cents >= 0)
        g_string_append_printf(inside, ",\"price\":%d.%02d", one.cents / 10, one.cents % 10 * 10);
    if (one.category >= 0) /* said once more, behind the properties */
        g_string_append_printf(inside, "},\"context\":{\"campaign\":{\"source\":\"%s\"}",
                               model_categories[one.category]);
    one.cents = one.cents >= 0 ? one.cents * 10 : -1;
    tell(model, one.person, model_names[one.name], one.at, inside->str);
    g_array_append_val(model->history, one);
}

static void order_tell(Model *model, int number)
{
    Happened order = {.person = somebody(model),
                      .name = ORDERED,
                      .at = random_time(),
                      .category = -1,
                      .cents = 100 + model_below(5000),
                      .counts = model_below(8) > 0};
    g_autofree char *inside =
        g_strdup_printf("\"order_id\":\"o%d\",\"revenue\":%d.%02d,\"currency\":\"EUR\"", number,
                        order.cents / 100, order.cents % 100);
    tell(model, order.person, model_names[ORDERED], order.at, inside);
    g_array_append_val(model->history, order);
    if (model_below(4) == 0) {
        Happened refund = order;
        refund.name = REFUNDED;
        refund.cents = 1 + model_below(order.cents);
        refund.at = MIN(order.at + model_below(20) * DAY, FIXTURE_NOW - 1);
        g_autofree char *back = g_strdup_printf(
            "\"order_id\":\"o%d\",\"refund_id\":\"r%d\",\"total\":%d.%02d,\"currency\":\"EUR\"",
            number, number, refund.cents / 100, refund.cents % 100);
        tell(model, refund.person, model_names[REFUNDED], refund.at, back);
        g_array_append_val(model->history, refund);
    }
    if (order.counts) return;
    g_autofree char *off = g_strdup_printf("\"order_id\":\"o%d\"", number);
    tell(model, order.person, "Order Cancelled", MIN(order.at + DAY, FIXTURE_NOW - 1), off);
}

int64_t model_person(const Model *model, int person)
{
    char user[16];
    g_snprintf(user, sizeof user, "u%d", person);
    return shop_person(&model->shop, user);
}

/* ---- who is who ---- */

static void roots_find(Model *model)
{
    model->people = 0;
    for (int i = 0; i < PEOPLE_COUNT; i++)
        if (model->root[i] >= 0) model->root[i] = i;
    for (guint turn = 0; turn < model->merges->len; turn++) { /* at most as deep as there are */
        for (guint i = 0; i < model->merges->len; i++) {
            const ModelMerge *merge = &g_array_index(model->merges, ModelMerge, i);
            for (int k = 0; k < PEOPLE_COUNT; k++)
                if (model->root[k] == merge->loser) model->root[k] = merge->winner;
        }
    }
    for (int i = 0; i < PEOPLE_COUNT; i++)
        model->people += model->root[i] == i;
}

typedef struct Act {
    Model *model;
    ModelMerge merge;
} Act;

static bool join_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    MergeInput input = {model_person(act->model, act->merge.winner),
                        model_person(act->model, act->merge.loser), "by hand", "test", FIXTURE_NOW};
    return people_merge(act->model->shop.people, db, &input, &act->merge.merge_id, error);
}

static bool part_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    MergeUndo undo = {act->merge.merge_id, "test", FIXTURE_NOW};
    return people_merge_undo(act->model->shop.people, db, &undo, error);
}

static bool erase_run(Db *db, void *data, GError **error)
{
    int64_t erasure_id;
    Act *act = data;
    int64_t person = model_person(act->model, act->merge.winner);
    return people_erase(act->model->shop.people, db, person, &erasure_id, error);
}

static void act_run(Act *act, WriterRun run)
{
    g_autoptr(GError) error = NULL;
    Store *store = act->model->shop.test->store;
    writer_call(store_writer(store), WRITER_REST, run, act, &error);
    g_assert_no_error(error);
}

static void join(Model *model, int winner, int loser)
{
    Act act = {model, {winner, loser, 0}};
    act_run(&act, join_run);
    g_array_append_val(model->merges, act.merge);
    roots_find(model);
}

static void part(Model *model, guint which)
{
    Act act = {model, g_array_index(model->merges, ModelMerge, which)};
    act_run(&act, part_run);
    g_array_remove_index(model->merges, which);
    roots_find(model);
}

/* All who are this person go, and what joined them. */
static void forget(Model *model, int person)
{
    Act act = {model, {person, 0, 0}};
    act_run(&act, erase_run);
    for (guint i = model->merges->len; i > 0; i--)
        if (model->root[g_array_index(model->merges, ModelMerge, i - 1).loser] == person)
            g_array_remove_index(model->merges, i - 1);
    for (int i = 0; i < PEOPLE_COUNT; i++)
        if (model->root[i] == person) model->root[i] = -1;
    model->gone++;
    roots_find(model);
}

void model_live(Model *model)
{
    for (int i = 0; i < 4; i++)
        event_tell(model);
    for (int i = 0; i < 2; i++)
        order_tell(model, model->orders++);
    batch_send(model);
    int first = model->root[somebody(model)], second = model->root[somebody(model)];
    int chance = model_below(10);
    if (chance < 4 && first != second && model->merges->len < 2 * MERGES)
        join(model, first, second);
    else if (chance < 8 && model->merges->len > 0)
        part(model, (guint)model_below((int)model->merges->len));
    else if (chance == 9 && model->gone < ERASED_MAX)
        forget(model, first);
}

void model_open(Model *model, TestStore *test)
{
    clock_simulate(FIXTURE_NOW);
    *model = (Model){.history = g_array_new(FALSE, FALSE, sizeof(Happened)),
                     .merges = g_array_new(FALSE, FALSE, sizeof(ModelMerge)),
                     .batch = g_string_new(NULL)};
    shop_open(&model->shop, test);
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        model->root[i] = i;
        tell(model, i, "Seen", FIXTURE_NOW - 500 * DAY, "");
    }
    for (int i = 0; i < EVENTS; i++)
        event_tell(model);
    while (model->orders < ORDERS)
        order_tell(model, model->orders++);
    batch_send(model);
    for (int i = 0; i < MERGES; i++)
        join(model, 2 * i, 2 * i + 1);
    model->segments = fixture_segments(&model->shop);
    model->held = fixture_segments(&model->shop);
    FeedOptions options = {.store = test->store,
                           .people = model->shop.people,
                           .timeline = model->shop.timeline,
                           .chunk_rows = FIXTURE_CHUNK_ROWS};
    model->feed = feed_new(&options, &error);
    g_assert_no_error(error);
    segments_set_feed(model->held, model->feed);
    feed_settle(model->feed);
}

void model_close(Model *model)
{
    feed_free(model->feed);
    segments_free(model->held);
    segments_free(model->segments);
    g_array_unref(model->merges);
    shop_end(&model->shop);
    g_array_unref(model->history);
    g_string_free(model->batch, TRUE);
    clock_restore();
}

const Happened *model_at(const Model *model, guint i)
{
    return &g_array_index(model->history, Happened, i);
}
