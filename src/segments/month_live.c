#include "segments/month.h"

#include "people/consent.h"
#include "people/erase.h"
#include "people/merge.h"
#include "people/person.h"

const char *const month_rules[MONTH_SEGMENTS] = {
    "did \"Product Viewed\" in last 2 hours",
    "did \"Product Viewed\" at least 2 times in last 1 day",
    "did \"Order Completed\" in last 7 days",
    "did \"Order Completed\" at least 2 times in last 1 month",
    "did not \"Product Viewed\" in last 3 days",
    "did \"Product Viewed\" today",
    "did \"Order Completed\" this month",
    "count of \"Product Viewed\" >= 2 this week",
    "sum(revenue) of \"Order Completed\" >= 60 in last 10 days",
    "average(price) of \"Product Viewed\" > 25 in last 5 days",
    "maximum(price) of \"Product Viewed\" > 45 last month",
    "distinct(category) of \"Product Viewed\" >= 2 in last 4 days",
    "first \"Order Completed\" between 20 and 5 days ago",
    "last \"Order Completed\" more than 6 days ago",
    "2nd \"Order Completed\" in last 8 days",
    "did \"Product Viewed\" then \"Order Completed\" within 2 days",
    "did \"Product Added\" in last 3 days and not then \"Order Completed\"",
    "did \"Product Viewed\" where category = \"shoes\" then \"Product Added\" within 20 hours",
    "average time between \"Order Completed\" <= 5 days in last 30 days",
    "ratio of \"Order Completed\" to \"Product Viewed\" >= 30 % in last 14 days",
    "silent longer than 1.5 times usual of \"Product Viewed\"",
    "size > 40 and country = \"DE\"",
    "spent >= 80 or lifetime_value between 20 and 30",
    "tag \"vip\"",
    "consent push \"newsletter\"",
    "consent email \"newsletter\" and not bounced email",
    "birthday in next 3 days",
    "random 40 % seed \"spring\" and did \"Product Viewed\" in last 12 hours",
    "in segment \"S2\" and not in segment \"S5\"",
    "did \"Product Viewed\" between 4 and 2 days ago",
    "sum(amount) of \"Order Refunded\" > 0 this quarter",
    "trial_ends in next 2 days",
    /* MONTH_HEARS */
    "did \"Segment Entered\" where segment = \"S2\" in last 2 days",
    "count of \"Segment Exited\" where segment = \"S0\" >= 2 in last 3 days",
    "in segment \"S32\" and size > 40",
    /* MONTH_RANKS */
    "top 10 % by sum(revenue) of \"Order Completed\" in last 20 days",
    "top 7 by count of \"Product Viewed\"",
    "lifecycle \"active\"",
    /* MONTH_RANKS_MIXED */
    "top 30 % by size and did \"Product Viewed\" in last 2 days",
    "not top 50 % by spent",
};

int month_below(int count) { return g_test_rand_int_range(0, count); }

/* ---- what is told ---- */

static void batch_send(Month *month)
{
    if (month->batched == 0) return;
    g_auto(Reply) reply = shop_batch(&month->shop, month->batch->str);
    g_string_truncate(month->batch, 0);
    month->batched = 0;
}

/* One message of a batch; `rest` follows its time. */
static void tell(Month *month, int user, const char *type, int64_t at, const char *rest)
{
    char time[DATE_TEXT_SIZE];
    date_format_iso(at, time);
    g_string_append_printf(month->batch,
                           "%s{\"type\":\"%s\",\"messageId\":\"m%d\",\"userId\":\"u%d\","
                           "\"timestamp\":\"%s\",%s}",
                           month->batched ? "," : "", type, month->counts.events++, user, time,
                           rest);
    month->counts.late += at < month->from;
    if (++month->batched == BATCH) batch_send(month);
}

static int somebody(const Month *month)
{
    int user;
    do
        user = month_below(month->users);
    while (month->gone[user]);
    return user;
}

/* Mostly now; else some minutes, days or weeks ago, in any order. */
static int64_t some_time(void)
{
    int64_t now = clock_now_ms();
    switch (month_below(8)) {
    case 0:
        return now - month_below(3 * CLOCK_HOUR_MS);
    case 1:
        return now - month_below(7) * CLOCK_DAY_MS - month_below((int)CLOCK_DAY_MS);
    case 2:
        return now - month_below(35) * CLOCK_DAY_MS;
    default:
        return now;
    }
}

static void view_tell(Month *month, int user, int64_t at)
{
    static const char *const categories[] = {"shoes", "hats", "bags"};
    g_autofree char *rest =
        g_strdup_printf("\"event\":\"%s\",\"properties\":{\"category\":\"%s\",\"price\":%d.5}",
                        month_below(4) ? "Product Viewed" : "Product Added",
                        categories[month_below(3)], month_below(50));
    tell(month, user, "track", at, rest);
}

static void order_tell(Month *month, int user, int64_t at)
{
    g_autofree char *rest = g_strdup_printf(
        "\"event\":\"Order Completed\",\"properties\":{\"order_id\":\"o%u\",\"revenue\":%d.25,"
        "\"currency\":\"EUR\"}",
        month->orders->len, 5 + month_below(60));
    tell(month, user, "track", at, rest);
    Order order = {.user = user};
    g_array_append_val(month->orders, order);
}

/* An order is cancelled, or some of it paid back. */
static void order_undo(Month *month)
{
    if (month->orders->len == 0) return;
    guint which = (guint)month_below((int)month->orders->len);
    Order *order = &g_array_index(month->orders, Order, which);
    if (month->gone[order->user] || order->cancelled) return;
    order->cancelled = month_below(2);
    g_autofree char *rest =
        order->cancelled
            ? g_strdup_printf("\"event\":\"Order Cancelled\",\"properties\":{\"order_id\":\"o%u\"}",
                              which)
            : g_strdup_printf("\"event\":\"Order Refunded\",\"properties\":{\"order_id\":\"o%u\","
                              "\"refund_id\":\"r%d\",\"currency\":\"EUR\",\"total\":%d}",
                              which, month->counts.events, 1 + month_below(5));
    tell(month, order->user, "track", clock_now_ms(), rest);
}

static void traits_tell(Month *month, int user, int64_t at)
{
    static const char *const countries[] = {"DE", "FR", "AT"};
    char day[DATE_TEXT_SIZE];
    date_format_iso(clock_now_ms() + month_below(6) * CLOCK_DAY_MS, day);
    g_autofree char *rest = g_strdup_printf(
        "\"traits\":{\"size\":%d,\"country\":\"%s\",\"birthday\":\"19%d-%02d-%02d\","
        "\"trial_ends\":\"%.10s\"}",
        36 + month_below(9), countries[month_below(3)], 50 + month_below(50), 3 + month_below(2),
        1 + month_below(29), day);
    tell(month, user, "identify", at, rest);
}

/* ---- what people are ---- */

typedef struct Act {
    Month *month;
    int64_t person, other, merge_id;
    bool done;
} Act;

static bool merge_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    MergeInput input = {act->person, act->other, "by hand", "test", clock_now_ms()};
    return people_merge(act->month->shop.people, db, &input, &act->merge_id, error);
}

/* Not where one of them is erased. */
static bool undo_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    g_autoptr(GError) failure = NULL;
    MergeUndo undo = {act->merge_id, "test", clock_now_ms()};
    act->done = people_merge_undo(act->month->shop.people, db, &undo, &failure);
    if (act->done || g_error_matches(failure, KITH_ERROR, KITH_ERROR_NOT_FOUND)) return true;
    g_propagate_error(error, g_steal_pointer(&failure));
    return false;
}

static bool erase_run(Db *db, void *data, GError **error)
{
    Act *act = data;
    return people_erase(act->month->shop.people, db, act->person, &act->merge_id, error);
}

static bool tag_run(Db *db, void *data, GError **error)
{
    static const char *const tags[] = {"vip", "loud"};
    Act *act = data;
    HandTags input = {act->person, tags, (size_t)month_below(3), "test", clock_now_ms()};
    return people_tags_set(act->month->shop.people, db, &input, error);
}

static bool consent_run(Db *db, void *data, GError **error)
{
    static const ConsentState states[] = {CONSENT_GRANTED, CONSENT_GRANTED, CONSENT_GRANTED,
                                          CONSENT_PENDING, CONSENT_DENIED};
    Act *act = data;
    bool mail = month_below(2);
    int64_t now = clock_now_ms(),
            at = month_below(3) ? now : now - month_below((int)(9 * CLOCK_DAY_MS));
    ConsentInput input = {.stem = act->person,
                          .channel = mail ? "email" : "push",
                          .topic = month_below(4) ? "newsletter" : "*",
                          .state = states[month_below(5)],
                          .basis = "consent",
                          .actor = "test",
                          .source_id = 1,
                          .trust = month_below(2) ? TRUST_PERSON : TRUST_HAND,
                          .occurred_at = at,
                          .received_at = now};
    if (input.state == CONSENT_DENIED && mail && month_below(2)) input.reason = DENIAL_BOUNCED;
    if (month_below(2)) input.expires_at = now + 1 + month_below((int)(6 * CLOCK_DAY_MS));
    return people_consent_put(act->month->shop.people, db, &input, error);
}

/* Somebody who was there at the last look, and is. */
static int64_t a_person(const Month *month)
{
    int64_t id;
    do
        id = g_array_index(month->people, int64_t, (guint)month_below((int)month->people->len));
    while (people_person(month->shop.people, id) != id);
    return id;
}

/* What the loser is in ends without an event. */
static void merge(Month *month)
{
    Act act = {.month = month, .person = a_person(month), .other = a_person(month)};
    if (act.person == act.other) return;
    month_write(month, merge_run, &act);
    g_array_append_val(month->merges, act.merge_id);
    month->counts.merges++;
    month_stays_read(month);
    for (guint i = 0; i < month->stays->len; i++) {
        Stay *stay = &g_array_index(month->stays, Stay, i);
        if (stay->person != act.other || stay->left != INT64_MAX) continue;
        g_hash_table_add(month->silent, g_memdup2(&stay->member, sizeof stay->member));
    }
}

static void undo(Month *month, guint which)
{
    Act act = {.month = month, .merge_id = g_array_index(month->merges, int64_t, which)};
    month_write(month, undo_run, &act);
    g_array_remove_index(month->merges, which);
    month->counts.undos += act.done;
}

/* Their names are free from then on: nobody speaks under them any more. */
static void erase(Month *month)
{
    Act act = {.month = month, .person = a_person(month)};
    for (int user = 0; user < month->users; user++) {
        char name[TEXT];
        g_snprintf(name, sizeof name, "u%d", user);
        int64_t stem = month->gone[user] ? 0 : shop_person(&month->shop, name);
        if (stem && people_person(month->shop.people, stem) == act.person) month->gone[user] = true;
    }
    month_write(month, erase_run, &act);
    month->counts.erasures++;
}

/* Everything that is received in one step, at one instant. */
void month_receive(Month *month, int much)
{
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < much; i++) {
        view_tell(month, somebody(month), some_time());
        if (month_below(3) == 0) order_tell(month, somebody(month), some_time());
        if (month_below(6) == 0) order_undo(month);
        if (month_below(6) == 0) traits_tell(month, somebody(month), some_time());
    }
    batch_send(month);
    for (int i = 0; i < much / 4 + 1; i++) {
        Act act = {.month = month, .person = a_person(month)};
        month_write(month, month_below(3) ? consent_run : tag_run, &act);
    }
    guint standing = month->merges->len;
    if (standing > 0 && month_below(3) == 0) undo(month, (guint)month_below((int)standing));
    if (month_below(2)) merge(month);
    if (month_below(8) == 0) erase(month);
    if (month_below(16) == 0) people_erase_all(month->shop.people, &error);
    g_assert_no_error(error);
}

void month_fill(Month *month)
{
    for (int user = 0; user < month->users; user++) {
        char mail[TEXT];
        g_snprintf(mail, sizeof mail, "\"traits\":{\"email\":\"u%d@shop.example\"}", user);
        if (user % 3) tell(month, user, "identify", MONTH_START - 90 * CLOCK_DAY_MS, mail);
        if (user % 4) traits_tell(month, user, MONTH_START - 80 * CLOCK_DAY_MS);
        for (int i = month_below(5); i > 0; i--)
            view_tell(month, user, MONTH_START - month_below(20 * 24) * (int64_t)CLOCK_HOUR_MS);
        for (int i = month_below(3); i > 0; i--)
            order_tell(month, user, MONTH_START - month_below(40 * 24) * (int64_t)CLOCK_HOUR_MS);
        if (user % 4 == 0) view_tell(month, user, MONTH_START - 3 * CLOCK_DAY_MS);
    }
    batch_send(month);
}
