/* Random rules over random histories, asked of both databases and of a plain model that loops over
 * everything that happened, with its own calendar of Berlin. Times lie on the edges of windows, of
 * days and of the two changes of the clock; people are merged, orders cancelled and refunded. */
#include "people/merge.h"
#include "segments/segments_fixture.h"

enum {
    PEOPLE_COUNT = 30,
    EVENTS = 600,
    ORDERS = 240,
    MERGES = 5,
#ifdef __SANITIZE_ADDRESS__ /* the same rules, fewer: what they mean is asked without it */
    RULES = 100,
#else
    RULES = 400,
#endif
    BATCH = 60,
    DEPTH_MAX = 3,
};
#define DAY  CLOCK_DAY_MS
#define HOUR ((int64_t)CLOCK_HOUR_MS)

typedef enum Name { VIEWED, ADDED, SIGNED, ORDERED, REFUNDED, NAMES } Name;
static const char *const names[NAMES] = {"Product Viewed", "Product Added", "Signed Up",
                                         "Order Completed", "Order Refunded"};
static const char *const categories[] = {"Shoes", "hats", "BAGS"};

typedef struct Happened {
    int person; /* index of who it was told of */
    Name name;
    int64_t at;
    int category; /* of no order; -1: not said */
    int cents;    /* price, revenue or amount; -1: not said */
    bool counts;  /* false: of a cancelled order */
} Happened;

typedef struct Model {
    Shop shop;
    Segments *segments;
    GArray *history; /* of Happened, in the order they were told */
    int root[PEOPLE_COUNT];
    GString *batch;
    int batched;
    int64_t now;
} Model;

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

static int64_t day_of(int64_t at) { return (at + offset_at(at)) / DAY; }

/* No clock changes at midnight. */
static int64_t midnight(int64_t day)
{
    int64_t guess = day * DAY - HOUR;
    return day * DAY - offset_at(guess);
}

static int64_t month_start(int64_t at, int months)
{
    int year, month, day;
    civil_from_days(day_of(at), &year, &month, &day);
    int index = year * 12 + month - 1 + months;
    return midnight(days_from_civil(index / 12, index % 12 + 1, 1));
}

/* ---- history ---- */

static int below(int count) { return g_test_rand_int_range(0, count); }

static int64_t random_time(void)
{
    int64_t back = FIXTURE_NOW - below(420) * DAY, edge = below(3) - 1;
    switch (below(4)) {
    case 0:
        return back - HOUR - below((int)DAY);
    case 1:
        return midnight(day_of(back)) + edge;
    case 2:
        return last_sunday(2024, 3) * DAY + HOUR + (below(5) - 2) * HOUR / 2 + edge;
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

static void event_tell(Model *model)
{
    Happened one = {.person = below(PEOPLE_COUNT),
                    .name = (Name)below(ORDERED),
                    .at = random_time(),
                    .category = below(4) - 1,
                    .cents = below(50) - 1,
                    .counts = true};
    g_autoptr(GString) inside = g_string_new("\"x\":1");
    if (one.category >= 0)
        g_string_append_printf(inside, ",\"category\":\"%s\"", categories[one.category]);
    if (one.cents >= 0)
        g_string_append_printf(inside, ",\"price\":%d.%02d", one.cents / 10, one.cents % 10 * 10);
    one.cents = one.cents >= 0 ? one.cents * 10 : -1;
    tell(model, one.person, names[one.name], one.at, inside->str);
    g_array_append_val(model->history, one);
}

static void order_tell(Model *model, int number)
{
    Happened order = {.person = below(PEOPLE_COUNT),
                      .name = ORDERED,
                      .at = random_time(),
                      .category = -1,
                      .cents = 100 + below(5000),
                      .counts = below(8) > 0};
    g_autofree char *inside =
        g_strdup_printf("\"order_id\":\"o%d\",\"revenue\":%d.%02d,\"currency\":\"EUR\"", number,
                        order.cents / 100, order.cents % 100);
    tell(model, order.person, names[ORDERED], order.at, inside);
    g_array_append_val(model->history, order);
    if (below(4) == 0) {
        Happened refund = order;
        refund.name = REFUNDED;
        refund.cents = 1 + below(order.cents);
        refund.at = MIN(order.at + below(20) * DAY, FIXTURE_NOW - 1);
        g_autofree char *back = g_strdup_printf(
            "\"order_id\":\"o%d\",\"refund_id\":\"r%d\",\"total\":%d.%02d,\"currency\":\"EUR\"",
            number, number, refund.cents / 100, refund.cents % 100);
        tell(model, refund.person, names[REFUNDED], refund.at, back);
        g_array_append_val(model->history, refund);
    }
    if (order.counts) return;
    g_autofree char *off = g_strdup_printf("\"order_id\":\"o%d\"", number);
    tell(model, order.person, "Order Cancelled", MIN(order.at + DAY, FIXTURE_NOW - 1), off);
}

static int64_t person_id(const Model *model, int person)
{
    char user[16];
    g_snprintf(user, sizeof user, "u%d", person);
    return shop_person(&model->shop, user);
}

typedef struct Pair {
    Model *model;
    int winner, loser;
} Pair;

static bool pair_run(Db *db, void *data, GError **error)
{
    int64_t merge_id;
    const Pair *pair = data;
    MergeInput input = {person_id(pair->model, pair->winner), person_id(pair->model, pair->loser),
                        "by hand", "test", FIXTURE_NOW};
    return people_merge(pair->model->shop.people, db, &input, &merge_id, error);
}

static void people_join(Model *model)
{
    for (int i = 0; i < MERGES; i++) {
        Pair pair = {model, 2 * i, 2 * i + 1};
        g_autoptr(GError) error = NULL;
        writer_call(store_writer(model->shop.test->store), WRITER_REST, pair_run, &pair, &error);
        g_assert_no_error(error);
        model->root[pair.loser] = pair.winner;
    }
}

static void model_open(Model *model, TestStore *test)
{
    clock_simulate(FIXTURE_NOW);
    *model = (Model){.history = g_array_new(FALSE, FALSE, sizeof(Happened)),
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
    for (int i = 0; i < ORDERS; i++)
        order_tell(model, i);
    batch_send(model);
    people_join(model);
    model->segments = fixture_segments(&model->shop);
}

static void model_close(Model *model)
{
    segments_free(model->segments);
    shop_end(&model->shop);
    g_array_unref(model->history);
    g_string_free(model->batch, TRUE);
    clock_restore();
}

/* ---- random conditions, as text and as what they mean ---- */

typedef enum Kind { DID, AMOUNT, MOMENT, SEQUENCE, SILENT, TOP, COMPUTED, KINDS } Kind;
static const char *const kind_names[KINDS] = {"did",    "amount", "moment",  "sequence",
                                              "silent", "top",    "computed"};
typedef enum Join { LEAF, AND, OR, NOT } Join;

typedef struct Test Test;
struct Test {
    Join join;
    Test *left, *right;
    Kind kind;
    Name name, then[RULE_STEPS_MAX - 1];
    int category;                     /* -1: any */
    int64_t from, to;                 /* of the window */
    int64_t span[RULE_STEPS_MAX - 1]; /* of each step that follows, in days; 0: none */
    int steps;                        /* that follow */
    bool not_then;
    int how, number, high; /* comparison and what with */
    int amount;            /* sum, average, minimum, maximum, count, distinct */
};

static void window_make(const Model *model, Test *test, GString *text)
{
    static const int sizes[] = {1, 7, 30, 60, 90, 365};
    int64_t now = model->now, today = day_of(now);
    int size = sizes[below(6)];
    test->from = INT64_MIN;
    test->to = now;
    switch (below(9)) {
    case 0:
        return;
    case 1:
        g_string_append_printf(text, " in last %d hours", size);
        test->from = now - size * HOUR;
        return;
    case 2:
        g_string_append_printf(text, " more than %d days ago", size);
        test->to = now - size * DAY;
        return;
    case 3:
        g_string_append_printf(text, " between %d and %d days ago", size + 10, size);
        test->from = now - (size + 10) * DAY;
        test->to = now - size * DAY;
        return;
    case 4:
        g_string_append(text, " today");
        test->from = midnight(today);
        return;
    case 5:
        g_string_append(text, " yesterday");
        test->from = midnight(today - 1);
        test->to = midnight(today);
        return;
    case 6:
        g_string_append(text, " this week");
        test->from = midnight(today - (today + 3) % 7);
        return;
    case 7:
        g_string_append(text, " last month");
        test->from = month_start(now, -1);
        test->to = month_start(now, 0);
        return;
    default:
        g_string_append_printf(text, " in last %d days", size);
        test->from = now - size * DAY;
    }
}

static void event_make(Test *test, GString *text, Name limit)
{
    test->name = (Name)below(limit);
    test->category = test->name < ORDERED && below(3) == 0 ? below(3) : -1;
    g_string_append_printf(text, "\"%s\"", names[test->name]);
    if (test->category >= 0)
        g_string_append_printf(text, " where category = \"%s\"", categories[test->category]);
}

static void did_make(const Model *model, Test *test, GString *text)
{
    static const char *const words[] = {" at least %d times", " at most %d times",
                                        " exactly %d times"};
    g_string_append(text, "did ");
    event_make(test, text, NAMES);
    test->how = below(4);
    test->number = below(5);
    if (test->how == 0) g_string_append_printf(text, words[0], test->number);
    if (test->how == 1) g_string_append_printf(text, words[1], test->number);
    if (test->how == 2) g_string_append_printf(text, words[2], test->number);
    window_make(model, test, text);
}

static const char *const signs[] = {"=", "!=", "<", "<=", ">", ">="};

/* Compared with cents: the number of all amounts. */
static void number_make(Test *test, GString *text)
{
    test->how = below(6);
    bool counted = test->kind == AMOUNT && test->amount >= 4;
    test->number = counted ? below(4) * 100 : below(9) * 500 + below(2) * below(100);
    g_string_append_printf(text, " %s %d.%02d", signs[test->how], test->number / 100,
                           test->number % 100);
}

static void amount_head(Test *test, GString *text)
{
    static const char *const words[] = {"sum", "average", "minimum", "maximum"};
    test->amount = below(6);
    GString *event = g_string_new(NULL);
    event_make(test, event, test->amount == 5 ? ORDERED : NAMES);
    const char *field = test->name == ORDERED    ? "revenue"
                        : test->name == REFUNDED ? "amount"
                                                 : "price";
    if (test->amount < 4) g_string_append_printf(text, "%s(%s)", words[test->amount], field);
    if (test->amount == 4) g_string_append(text, "count");
    if (test->amount == 5) g_string_append(text, "distinct(category)");
    g_string_append_printf(text, " of %s", event->str);
    g_string_free(event, TRUE);
}

static void moment_make(const Model *model, Test *test, GString *text)
{
    static const char *const words[] = {"last ", "first ", "2nd ", "3rd "};
    GString *rest = g_string_new(NULL);
    test->number = below(4);
    g_string_append(text, words[test->number]);
    event_make(test, text, NAMES);
    do
        window_make(model, test, g_string_truncate(rest, 0));
    while (rest->len == 0);
    g_string_append(text, rest->str);
    g_string_free(rest, TRUE);
}

static void sequence_make(const Model *model, Test *test, GString *text)
{
    g_string_append(text, "did ");
    event_make(test, text, REFUNDED);
    window_make(model, test, text);
    test->not_then = below(2);
    test->steps = 1 + below(RULE_STEPS_MAX - 1);
    for (int i = 0; i < test->steps; i++) {
        bool denied = test->not_then && i + 1 == test->steps;
        test->then[i] = (Name)below(REFUNDED);
        g_string_append_printf(text, "%s\"%s\"", denied ? " and not then " : " then ",
                               names[test->then[i]]);
        test->span[i] = (below(3) > 0) * (1 + below(60));
        if (test->span[i]) g_string_append_printf(text, " within %d days", (int)test->span[i]);
    }
}

static void leaf_make(const Model *model, Test *test, GString *text)
{
    static const char *const computed[] = {"orders", "spent", "lifetime_value",
                                           "average_order_value"};
    test->kind = (Kind)below(KINDS);
    switch (test->kind) {
    case DID:
        did_make(model, test, text);
        return;
    case AMOUNT:
        amount_head(test, text);
        number_make(test, text);
        window_make(model, test, text);
        return;
    case MOMENT:
        moment_make(model, test, text);
        return;
    case SEQUENCE:
        sequence_make(model, test, text);
        return;
    case SILENT:
        test->number = 1 + below(40);
        g_string_append_printf(text, "silent longer than %d.%d times usual", test->number / 10,
                               test->number % 10);
        return;
    case TOP:
        test->number = 1 + below(100);
        g_string_append_printf(text, "top %d %% by ", test->number);
        amount_head(test, text);
        window_make(model, test, text);
        return;
    case COMPUTED:
        test->amount = below(4);
        g_string_append(text, computed[test->amount]);
        number_make(test, text);
        return;
    case KINDS:
        break;
    }
}

static Test *test_make(const Model *model, GString *text, int depth)
{
    Test *test = g_new0(Test, 1);
    test->join = depth < DEPTH_MAX && below(2) ? (Join)(1 + below(3)) : LEAF;
    if (test->join == LEAF) {
        leaf_make(model, test, text);
        return test;
    }
    g_string_append(text, test->join == NOT ? "not (" : "(");
    test->left = test_make(model, text, depth + 1);
    if (test->join != NOT) {
        g_string_append(text, test->join == AND ? ") and (" : ") or (");
        test->right = test_make(model, text, depth + 1);
    }
    g_string_append_c(text, ')');
    return test;
}

static void test_free(Test *test)
{
    if (!test) return;
    test_free(test->left);
    test_free(test->right);
    g_free(test);
}

/* ---- what they mean: loops over everything ---- */

static bool is_it(const Model *model, const Test *test, const Happened *one, int person)
{
    return one->counts && model->root[one->person] == person && one->name == test->name &&
           one->at < model->now && (test->category < 0 || one->category == test->category);
}

static const Happened *at_index(const Model *model, guint i)
{
    return &g_array_index(model->history, Happened, i);
}

static bool compare(int how, double a, double b)
{
    const bool answers[] = {a == b, a != b, a<b, a <= b, a> b, a >= b};
    return answers[how];
}

/* Cents (counts × 100) × denominator; whether there is any. All exact in a double. */
static bool amount_of(const Model *model, const Test *test, int person, double *ret_value,
                      double *ret_count)
{
    double sum = 0, least = 0, most = 0, count = 0, all = 0, seen[3] = {0};
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = at_index(model, i);
        if (!is_it(model, test, one, person) || one->at < test->from || one->at >= test->to)
            continue;
        all++;
        if (one->category >= 0) seen[one->category] = 1;
        if (one->cents < 0) continue;
        least = count ? MIN(least, one->cents) : one->cents;
        most = count ? MAX(most, one->cents) : one->cents;
        sum += one->cents;
        count++;
    }
    double kinds = seen[0] + seen[1] + seen[2];
    const double values[] = {sum, sum, least, most, 100 * all, 100 * kinds};
    const double counts[] = {count, count, count, count, all, kinds};
    *ret_value = values[test->amount];
    *ret_count = test->amount == 1 ? MAX(count, 1) : 1;
    return counts[test->amount] > 0;
}

static bool amount_holds(const Model *model, const Test *test, int person)
{
    double value, count;
    bool known = amount_of(model, test, person, &value, &count);
    bool zero = test->amount == 0 || test->amount >= 4;
    if (!known && !zero) return test->how == 1;
    return compare(test->how, value, test->number * count);
}

static bool did_holds(const Model *model, const Test *test, int person)
{
    int count = 0;
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = at_index(model, i);
        count += is_it(model, test, one, person) && one->at >= test->from && one->at < test->to;
    }
    const bool answers[] = {count >= test->number, count <= test->number, count == test->number,
                            count > 0};
    return answers[test->how];
}

static int time_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* When a person did it, in order. */
static GArray *times_of(const Model *model, const Test *test, int person)
{
    GArray *times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    for (guint i = 0; i < model->history->len; i++)
        if (is_it(model, test, at_index(model, i), person))
            g_array_append_val(times, at_index(model, i)->at);
    g_array_sort(times, time_compare);
    return times;
}

static bool moment_holds(const Model *model, const Test *test, int person)
{
    g_autoptr(GArray) times = times_of(model, test, person);
    guint nth = test->number ? (guint)test->number - 1 : times->len - 1;
    if (times->len == 0 || nth >= times->len) return false;
    int64_t at = g_array_index(times, int64_t, nth);
    return at >= test->from && at < test->to;
}

/* Whether what stands behind the occurrence `first` of a step is as asked, for some choice. */
static bool goes_on(const Model *model, const Test *test, guint first, int step)
{
    bool denied = test->not_then && step + 1 == test->steps;
    if (step == test->steps) return true;
    const Happened *one = at_index(model, first);
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *other = at_index(model, i);
        bool theirs = other->counts && other->name == test->then[step] && other->at < model->now &&
                      model->root[other->person] == model->root[one->person];
        bool after = other->at > one->at || (other->at == one->at && i > first);
        bool soon = !test->span[step] || other->at < one->at + test->span[step] * DAY;
        if (theirs && after && soon && (denied || goes_on(model, test, i, step + 1)))
            return !denied;
    }
    return denied;
}

static bool sequence_holds(const Model *model, const Test *test, int person)
{
    for (guint i = 0; i < model->history->len; i++) {
        const Happened *one = at_index(model, i);
        if (!is_it(model, test, one, person) || one->at < test->from || one->at >= test->to)
            continue;
        if (goes_on(model, test, i, 0)) return true;
    }
    return false;
}

static bool silent_holds(const Model *model, const Test *test, int person)
{
    Test orders = {.name = ORDERED, .category = -1};
    g_autoptr(GArray) times = times_of(model, &orders, person);
    g_autoptr(GArray) gaps = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t last = 0;
    int days = 0;
    for (guint i = 0; i < times->len; i++) {
        int64_t day = day_of(g_array_index(times, int64_t, i)), gap = day - last;
        if (days && gap == 0) continue;
        if (days++) g_array_append_val(gaps, gap);
        last = day;
    }
    if (days < 3) return false;
    g_array_sort(gaps, time_compare);
    int64_t low = g_array_index(gaps, int64_t, (gaps->len - 1) / 2);
    int64_t high = g_array_index(gaps, int64_t, gaps->len / 2);
    return 20 * (day_of(model->now) - last) > test->number * (low + high);
}

static bool computed_holds(const Model *model, const Test *test, int person)
{
    double value, count, back, unused;
    Test orders = {.name = ORDERED,
                   .category = -1,
                   .from = INT64_MIN,
                   .to = model->now,
                   .amount = test->amount == 0   ? 4
                             : test->amount == 3 ? 1
                                                 : 0};
    Test refunds = orders;
    refunds.name = REFUNDED;
    refunds.amount = 0;
    bool known = amount_of(model, &orders, person, &value, &count);
    amount_of(model, &refunds, person, &back, &unused);
    if (!known && test->amount == 3) return test->how == 1;
    return compare(test->how, value - (test->amount == 2 ? back : 0), test->number * count);
}

static bool top_holds(const Model *model, const Test *test, int person)
{
    double mine, my_count, other, count;
    int known = 0, above = 0;
    if (!amount_of(model, test, person, &mine, &my_count)) return false;
    for (int i = 0; i < PEOPLE_COUNT; i++) {
        if (model->root[i] != i || !amount_of(model, test, i, &other, &count)) continue;
        known++;
        double left = other * my_count, right = mine * count;
        above += left > right || (left == right && person_id(model, i) < person_id(model, person));
    }
    return above < (known * test->number + 99) / 100;
}

static bool holds(const Model *model, const Test *test, int person)
{
    if (test->join == NOT) return !holds(model, test->left, person);
    if (test->join == AND)
        return holds(model, test->left, person) && holds(model, test->right, person);
    if (test->join == OR)
        return holds(model, test->left, person) || holds(model, test->right, person);
    static bool (*const means[KINDS])(const Model *, const Test *, int) = {
        did_holds,    amount_holds, moment_holds,  sequence_holds,
        silent_holds, top_holds,    computed_holds};
    return means[test->kind](model, test, person);
}

/* ---- the comparison ---- */

static void kinds_count(const Test *test, int counts[KINDS])
{
    if (test->join == LEAF) counts[test->kind]++;
    if (test->left) kinds_count(test->left, counts);
    if (test->right) kinds_count(test->right, counts);
}

static int64_t random_now(const Model *model)
{
    int64_t back = FIXTURE_NOW - below(200) * DAY;
    switch (below(4)) {
    case 0:
        return back;
    case 1:
        return midnight(day_of(back)) + below(3) - 1;
    case 2:
        return at_index(model, (guint)below((int)model->history->len))->at + below(2);
    default:
        return back - below((int)DAY);
    }
}

static int rule_compare(const Model *model, const Test *test, const char *text)
{
    int count = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
    g_assert_no_error(error);
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = model->now};
    g_autoptr(SegmentAnswer) answer = segments_ask(model->segments, &ask, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(answer->people->len, ==, PEOPLE_COUNT - MERGES);
    for (int person = 0; person < PEOPLE_COUNT; person++) {
        if (model->root[person] != person) continue;
        int64_t id = person_id(model, person);
        uint32_t index = 0;
        while (g_array_index(answer->people, int64_t, index) != id)
            index++;
        bool want = holds(model, test, person), got = set_has(answer->sets[0], index);
        count += got;
        if (want != got)
            g_test_message("u%d at %" G_GINT64_FORMAT ": %s", person, model->now, text);
        g_assert_cmpint(got, ==, want);
    }
    return count;
}

static void rules_agree_with_the_model(TestStore *test)
{
    Model model;
    int kinds[KINDS] = {0}, telling = 0;
    model_open(&model, test);
    for (int i = 0; i < RULES; i++) {
        model.now = random_now(&model);
        g_autoptr(GString) text = g_string_new(NULL);
        Test *root = test_make(&model, text, 0);
        int count = rule_compare(&model, root, text->str);
        telling += count > 0 && count < PEOPLE_COUNT - MERGES;
        kinds_count(root, kinds);
        test_free(root);
    }
    for (int kind = 0; kind < KINDS; kind++) {
        g_test_message("%s: %d times", kind_names[kind], kinds[kind]);
        g_assert_cmpint(kinds[kind], >=, RULES / 8);
    }
    g_test_message("%d of %d rules hold for some and not for all", telling, RULES);
    g_assert_cmpint(telling, >=, RULES / 3);
    model_close(&model);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/segments/model", rules_agree_with_the_model);
    return g_test_run();
}
