#include "people/erase.h"
#include "people/merge.h"
#include "segments/model.h"

const char *const model_names[NAMES] = {"Product Viewed",  "Product Added",  "Signed Up",
                                        "Order Completed", "Order Refunded", "Email Bounced"};

/* ---- what is drawn ---- */

int model_below(int count) { return g_test_rand_int_range(0, count); }

int64_t model_time(void)
{
    int64_t back = FIXTURE_NOW - model_below(420) * DAY, edge = model_below(3) - 1;
    switch (model_below(4)) {
    case 0:
        return back - HOUR - model_below((int)DAY);
    case 1:
        return model_midnight(model_day_of(back)) + edge;
    case 2:
        return model_last_sunday(2024, 3) * DAY + HOUR + (model_below(5) - 2) * HOUR / 2 + edge;
    default:
        return back - DAY + edge;
    }
}

/* ---- history ---- */

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

int model_somebody(const Model *model)
{
    int person;
    do
        person = model_below(PEOPLE_COUNT);
    while (model->root[person] < 0);
    return person;
}

/* `"name":value` of a property that was said, behind a comma. */
static void property_print(const Happened *one, Property property, const char *name, GString *json)
{
    if (one->values[property].count == 0) return;
    g_string_append_printf(json, ",\"%s\":", name);
    model_values_print(&one->values[property], json);
}

static void event_tell(Model *model)
{
    Happened one = {.person = model_somebody(model),
                    .name = (Name)model_below(3),
                    .at = model_time(),
                    .counts = true};
    Values *values = one.values;
    if (model_below(20) == 0) one.name = BOUNCED;
    g_autoptr(GString) json = g_string_new("\"x\":1");
    if (one.name == BOUNCED) {
        model_values_make(&values[BOUNCE], TEXT, false);
        const char *type = model_below(2) ? "soft" : "hard";
        g_strlcpy(values[BOUNCE].items[0].text, type, MODEL_TEXT);
        g_strlcpy(values[BOUNCE].items[0].fold, type, MODEL_TEXT);
    } else {
        if (model_below(4)) model_values_make(&values[CATEGORY], TEXT, false);
        if (model_below(8))
            model_values_make(&values[PRICE], model_below(8) ? NUMBER : TEXT, false);
        if (model_below(2)) model_values_make(&values[TAGS], TEXT, true);
        if (model_below(2)) model_values_make(&values[BOX], NUMBER, false);
        if (model_below(2)) model_values_make(&values[SOURCE], TEXT, false);
        if (model_below(2)) model_values_make(&values[DUE], TEXT, false);
        if (values[DUE].count) model_date_make(&values[DUE].items[0]);
    }
    property_print(&one, CATEGORY, "category", json);
    property_print(&one, PRICE, "price", json);
    property_print(&one, TAGS, "tags", json);
    property_print(&one, DUE, "due", json);
    property_print(&one, BOUNCE, "type", json);
    if (values[BOX].count) {
        property_print(&one, BOX, "box\":{\"size", json);
        g_string_append_c(json, '}');
    }
    if (values[SOURCE].count) { /* behind the properties */
        g_string_append(json, "},\"context\":{\"campaign\":{\"x\":1");
        property_print(&one, SOURCE, "source", json);
        g_string_append_c(json, '}');
    }
    tell(model, one.person, model_names[one.name], one.at, json->str);
    g_array_append_val(model->history, one);
}

static void refund_tell(Model *model, const Happened *order, int number)
{
    Happened refund = {.person = order->person, .name = REFUNDED, .counts = order->counts};
    Value *amount = &refund.values[REFUND].items[0];
    refund.values[REFUND].count = 1;
    amount->number =
        MICROS / 100 *
        (1 + model_below((int)(order->values[REVENUE].items[0].number / MICROS * 100)));
    refund.at = order->at + model_below(20) * DAY;
    refund.at = MIN(refund.at, FIXTURE_NOW - 1);
    g_autoptr(GString) json = g_string_new(NULL);
    g_string_printf(json, "\"order_id\":\"o%d\",\"refund_id\":\"r%d\",\"currency\":\"EUR\"", number,
                    number);
    property_print(&refund, REFUND, "total", json);
    tell(model, refund.person, model_names[REFUNDED], refund.at, json->str);
    g_array_append_val(model->history, refund);
}

static void lines_print(const Happened *order, GString *json)
{
    const Values *names = &order->values[LINE_NAME], *quantities = &order->values[LINE_QUANTITY];
    g_string_append(json, ",\"products\":[");
    for (int i = 0; i < names->count; i++)
        g_string_append_printf(json,
                               "%s{\"product_id\":\"p%d\",\"name\":\"%s\",\"quantity\":%d,"
                               "\"price\":1.5}",
                               i ? "," : "", i, names->items[i].text,
                               (int)(quantities->items[i].number / MICROS));
    g_string_append_c(json, ']');
}

static void order_tell(Model *model, int number)
{
    int buyer = model_somebody(model);
    while (buyer >= SELDOM && model_below(10))
        buyer = model_somebody(model);
    Happened order = {
        .person = buyer, .name = ORDERED, .at = model_time(), .counts = model_below(8) > 0};
    Values *values = order.values;
    values[REVENUE].count = 1;
    values[REVENUE].items[0].number = (int64_t)(100 + model_below(5000)) * (MICROS / 100);
    if (model_below(2)) model_values_make(&values[COUPON], TEXT, false);
    if (model_below(2)) model_values_make(&values[LINE_NAME], TEXT, true);
    values[LINE_QUANTITY] = (Values){.count = values[LINE_NAME].count, .list = true};
    for (int i = 0; i < values[LINE_QUANTITY].count; i++)
        values[LINE_QUANTITY].items[i].number = (1 + model_below(4)) * (int64_t)MICROS;
    g_autoptr(GString) json = g_string_new(NULL);
    g_string_printf(json, "\"order_id\":\"o%d\",\"currency\":\"EUR\"", number);
    property_print(&order, REVENUE, "revenue", json);
    property_print(&order, COUPON, "coupon", json);
    if (values[LINE_NAME].count) lines_print(&order, json);
    tell(model, order.person, model_names[ORDERED], order.at, json->str);
    g_array_append_val(model->history, order);
    if (model_below(4) == 0) refund_tell(model, &order, number);
    if (order.counts) return;
    g_autofree char *off = g_strdup_printf("\"order_id\":\"o%d\"", number);
    tell(model, order.person, "Order Cancelled", MIN(order.at + DAY, FIXTURE_NOW - 1), off);
}

int64_t model_person(const Model *model, int person) { return model->ids[person]; }

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

static void theirs_find(Model *model)
{
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        g_array_set_size(model->theirs[i], 0);
        g_array_set_size(model->said[i], 0);
    }
    for (guint i = 0; i < model->history->len; i++) {
        int root = model->root[model_at(model, i)->person];
        if (root >= 0) g_array_append_val(model->theirs[root], i);
    }
    for (guint i = 0; i < model->facts->len; i++) {
        int root = model->root[g_array_index(model->facts, ModelFact, i).person];
        if (root >= 0) g_array_append_val(model->said[root], i);
    }
}

const Happened *model_theirs(const Model *model, int person, guint i)
{
    const GArray *theirs = model->theirs[person];
    return i < theirs->len ? model_at(model, g_array_index(theirs, guint, i)) : NULL;
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
    model_fact_tell(model, model_somebody(model), (TraitName)model_below(TRAITS));
    model_say_tell(model);
    int first = model->root[model_somebody(model)], second = model->root[model_somebody(model)];
    model_tag_tell(model, first);
    int chance = model_below(10);
    if (chance < 4 && first != second && model->merges->len < 2 * MERGES)
        join(model, first, second);
    else if (chance < 8 && model->merges->len > 0)
        part(model, (guint)model_below((int)model->merges->len));
    else if (chance == 9 && model->gone < ERASED_MAX)
        forget(model, first);
    theirs_find(model);
}

/* Who they are, and where they can be written to. */
static void people_tell(Model *model)
{
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        model->root[i] = i;
        model->theirs[i] = g_array_new(FALSE, FALSE, sizeof(guint));
        model->said[i] = g_array_new(FALSE, FALSE, sizeof(guint));
        tell(model, i, "Seen", FIXTURE_NOW - 500 * DAY, "");
    }
    batch_send(model);
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        char user[16], traits[100] = "";
        g_snprintf(user, sizeof user, "u%d", i);
        model->ids[i] = shop_person(&model->shop, user);
        bool mail = i % 3 != 0, phone = i % 2 == 0;
        if (mail) g_snprintf(traits, sizeof traits, "\"email\":\"u%d@shop.example\"", i);
        gsize size = strlen(traits);
        if (phone)
            g_snprintf(traits + size, sizeof traits - size, "%s\"phone\":\"+49151000000%02d\"",
                       mail ? "," : "", i);
        if (mail || phone) fixture_traits(&model->shop, user, traits);
    }
}

static void model_fill(Model *model)
{
    people_tell(model);
    for (int i = 0; i < EVENTS; i++)
        event_tell(model);
    while (model->orders < ORDERS)
        order_tell(model, model->orders++);
    batch_send(model);
    for (int i = 0; i < FACTS; i++)
        model_fact_tell(model, model_somebody(model), (TraitName)model_below(TRAITS));
    for (int i = 0; i < SAYS; i++)
        model_say_tell(model);
    for (int i = 0; i < PEOPLE_COUNT; i += 2)
        model_tag_tell(model, i);
    roots_find(model);
    for (int i = 0; i < MERGES; i++)
        join(model, 2 * i, 2 * i + 1);
    theirs_find(model);
}

void model_open(Model *model, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    clock_simulate(FIXTURE_NOW);
    *model = (Model){.history = g_array_new(FALSE, FALSE, sizeof(Happened)),
                     .facts = g_array_new(FALSE, FALSE, sizeof(ModelFact)),
                     .says = g_array_new(FALSE, FALSE, sizeof(ModelSay)),
                     .merges = g_array_new(FALSE, FALSE, sizeof(ModelMerge)),
                     .batch = g_string_new(NULL)};
    shop_open(&model->shop, test);
    writer_call(store_writer(test->store), WRITER_REST, fixture_business, NULL, &error);
    g_assert_no_error(error);
    model_fill(model);
    model->segments = segments_new(&(SegmentsOptions){test->store, model->shop.people,
                                                      model->shop.timeline, MODEL_CHUNK_ROWS});
    model->held = segments_new(&(SegmentsOptions){test->store, model->shop.people,
                                                  model->shop.timeline, MODEL_CHUNK_ROWS});
    FeedOptions options = {.store = test->store,
                           .people = model->shop.people,
                           .timeline = model->shop.timeline,
                           .chunk_rows = MODEL_CHUNK_ROWS};
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
    g_array_unref(model->facts);
    g_array_unref(model->says);
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        g_array_unref(model->theirs[i]);
        g_array_unref(model->said[i]);
    }
    g_string_free(model->batch, TRUE);
    clock_restore();
}

const Happened *model_at(const Model *model, guint i)
{
    return &g_array_index(model->history, Happened, i);
}
