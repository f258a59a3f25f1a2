/* People who become one, are forgotten or are left alone while a mailing goes. Both databases. */
#include "messages/loop_fixture.h"
#include "timeline/order_events.h"

#define CANARY "kanarienvogel"

/* ---- what is done to them ---- */

typedef struct Act {
    House *house;
    const ConsentInput *consent; /* NULL: the person is erased */
    int64_t person_id;
} Act;

static bool act_run(Db *db, void *data, GError **error)
{
    const Act *act = data;
    People *people = act->house->world.people;
    int64_t erasure_id;
    if (act->consent) return people_consent_put(people, db, act->consent, error);
    return people_erase(people, db, act->person_id, &erasure_id, error);
}

static void erase(House *house, int64_t person_id)
{
    Act act = {house, NULL, person_id};
    world_write(&house->world, act_run, &act);
}

/* A yes of the person as such, whatever their address. */
static void says_yes(House *house, int64_t person_id)
{
    ConsentInput yes = {.stem = person_id,
                        .channel = "email",
                        .topic = "newsletter",
                        .state = CONSENT_GRANTED,
                        .basis = "consent",
                        .actor = "test",
                        .source_id = SOURCE_ID_HAND,
                        .trust = TRUST_HAND,
                        .occurred_at = clock_now_ms(),
                        .received_at = clock_now_ms()};
    Act act = {house, &yes, person_id};
    world_write(&house->world, act_run, &act);
}

static bool may_be_written_to(House *house, int64_t person_id)
{
    g_autoptr(GError) error = NULL;
    PermissionQuery query = {person_id, NULL, "email", "newsletter", clock_now_ms()};
    Permission permission = {0};
    Db *db = store_reader_begin(house->world.test->store, &error);
    g_assert_no_error(error);
    people_permission(house->world.people, db, &query, &permission, &error);
    store_reader_end(house->world.test->store, db);
    g_assert_no_error(error);
    return permission.may;
}

/* Sends at night: everybody's message waits for the morning. */
static void wait_for_morning(House *house, const char *campaign, int64_t people)
{
    clock_advance(10 * CLOCK_HOUR_MS);
    send_now(house, campaign);
    g_assert_cmpuint(house->sent->len, ==, 0);
    g_assert_cmpint(number(house, "SELECT COUNT(*) FROM message WHERE reason = 'quiet_hours'"), ==,
                    people);
}

static void morning(House *house)
{
    clock_advance(12 * CLOCK_HOUR_MS);
    run_due(house);
}

/* ---- one address ---- */

/* A group that was looked up before two people became one names both: they share the address. */
static void two_behind_one_address(TestStore *test)
{
    House house;
    house_open(&house, test);
    int64_t ann = person_add(&house, "Ann", "ann@kith.example", true);
    clock_advance(1);
    int64_t other = person_add(&house, "Ann again", "ann.old@kith.example", false);
    says_yes(&house, other);
    int64_t merge_id = world_merge(&house.world, ann, other);
    g_assert_cmpint(merge_id, >, 0);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    g_auto(Reply) dry = ask(&house, 200, NULL, "POST /api/campaigns/%s/dry-run", id);
    g_assert_cmpint(json_integer_value(json_object_get(dry.json, "send")), ==, 1);
    const json_t *reason = json_array_get(json_object_get(dry.json, "reasons"), 0);
    g_assert_cmpstr(json_text(reason, "reason", NULL), ==, "same_address");
    send_now(&house, id);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 1);
    const Sent *mail = house.sent->pdata[0];
    g_assert_cmpstr(mail->to, ==, "ann@kith.example");
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'accepted'"), ==, 1);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'dropped' AND "
                                   "reason = 'same_address' AND address IS NULL"),
                    ==, 1);
    clock_advance(CLOCK_HOUR_MS);
    page_call(&house, 200, "POST", path_of(mail->unsubscribe));
    g_assert_false(may_be_written_to(&house, ann));
    g_assert_false(may_be_written_to(&house, other));
    clock_advance(3 * CLOCK_DAY_MS);
    g_autofree char *next = drafted(&house, DRAFT);
    send_now(&house, next);
    g_assert_cmpuint(house.sent->len, ==, 1);
    house_close(&house);
}

/* ---- erasure ---- */

static int64_t erased_in_between; /* by the carrier, just before the content goes */

static CarrierOutcome erased_at_the_door(House *house, const CarrierMail *mail)
{
    if (strstr(mail->to, "door")) erase(house, erased_in_between);
    return CARRIER_ACCEPTED;
}

/* Values of personal columns that hold the text. */
static int64_t columns_have(House *house, const char *text)
{
    int64_t sum = 0;
    for (size_t i = 0; i < 2; i++) {
        const PersonalTable *table = i ? messages_personal : people_personal;
        for (; table->table; table++)
            for (const PersonalColumn *column = table->columns; column->column; column++) {
                g_autofree char *sql =
                    g_strdup_printf("SELECT COUNT(*) FROM %s WHERE CAST(%s AS TEXT) LIKE '%%%s%%'",
                                    table->table, column->column, text);
                sum += number(house, sql);
            }
    }
    return sum;
}

/* Files of the data folder that hold the text. */
static int64_t files_have(House *house, const char *text)
{
    int64_t sum = 0;
    const char *dir = house->world.test->dir;
    g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
    g_assert_nonnull(entries);
    for (const char *name; (name = g_dir_read_name(entries)) != NULL;) {
        gsize size;
        g_autofree char *data = NULL, *path = g_build_filename(dir, name, NULL);
        if (g_file_test(path, G_FILE_TEST_IS_DIR) || !g_file_get_contents(path, &data, &size, NULL))
            continue;
        sum += memmem(data, size, text, strlen(text)) != NULL;
    }
    return sum;
}

/* One is forgotten while their message waits, one while their mail is at the relay's door. */
static void erased_while_a_message_waits(TestStore *test)
{
    House house;
    g_autoptr(GError) error = NULL;
    house_open(&house, test);
    int64_t ann = person_add(&house, CANARY " Ann", CANARY "@kith.example", true);
    person_add(&house, "Bob", "bob@kith.example", true);
    erased_in_between = person_add(&house, CANARY " Cem", CANARY ".door@kith.example", true);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    wait_for_morning(&house, id, 3);
    g_assert_cmpint(columns_have(&house, CANARY), >=, 4);
    if (test->kind == DB_SQLITE) g_assert_cmpint(files_have(&house, CANARY), >, 0);
    erase(&house, ann);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'cancelled' AND "
                                   "reason = 'erased'"),
                    ==, 1);
    house.answer = erased_at_the_door;
    morning(&house);
    g_assert_cmpint(house.handed, ==, 1);
    g_assert_cmpstr(((Sent *)house.sent->pdata[0])->to, ==, "bob@kith.example");
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'cancelled' AND "
                                   "reason = 'erased'"),
                    ==, 2);
    people_erase_all(house.world.people, &error);
    g_assert_no_error(error);
    g_assert_cmpint(columns_have(&house, CANARY), ==, 0);
    g_assert_cmpint(files_have(&house, CANARY), ==, 0);
    g_auto(Reply) done = ask(&house, 200, NULL, "GET /api/campaigns/%s", id);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    house_close(&house);
}

/* ---- merges ---- */

static void one_mail_expect(House *house)
{
    g_assert_cmpint(house->handed, ==, 1);
    g_assert_cmpstr(((Sent *)house->sent->pdata[0])->to, ==, "ann@kith.example");
    g_assert_cmpint(number(house, "SELECT COUNT(*) FROM message WHERE state = 'accepted'"), ==, 1);
    g_assert_cmpint(number(house, "SELECT COUNT(*) FROM message WHERE state = 'dropped' AND "
                                  "reason IN ('reached_before', 'same_address')"),
                    ==, 1);
}

static void two_planned(House *house, TestStore *test, int64_t *ret_ann, int64_t *ret_other)
{
    house_open(house, test);
    *ret_ann = person_add(house, "Ann", "ann@kith.example", true);
    clock_advance(1);
    *ret_other = person_add(house, "Ann again", "ann.old@kith.example", true);
}

static void merged_while_planned(TestStore *test)
{
    House house;
    int64_t ann, other;
    two_planned(&house, test, &ann, &other);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    wait_for_morning(&house, id, 2);
    g_assert_cmpint(world_merge(&house.world, ann, other), >, 0);
    morning(&house);
    one_mail_expect(&house);
    g_auto(Reply) done = ask(&house, 200, NULL, "GET /api/campaigns/%s", id);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    house_close(&house);
}

static int64_t pair[2]; /* become one when the first mail is at the relay's door */

static CarrierOutcome merged_at_the_door(House *house, const CarrierMail *mail)
{
    (void)mail;
    house->answer = NULL;
    g_assert_cmpint(world_merge(&house->world, pair[0], pair[1]), >, 0);
    return CARRIER_ACCEPTED;
}

static void merged_while_handed_over(TestStore *test)
{
    House house;
    two_planned(&house, test, &pair[0], &pair[1]);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    house.answer = merged_at_the_door;
    send_now(&house, id);
    one_mail_expect(&house);
    house_close(&house);
}

/* ---- did it help? ---- */

enum { CROWD = 128, BEFORE_BUYERS = 3, CENTS = 1000 };

#define HALVES                                                                                     \
    "{\"name\":\"Half\",\"subject\":\"Hi\",\"body\":\"News\",\"rule\":\"everybody\","              \
    "\"holdout\":500,\"compare_days\":14}"

static bool crowd_run(Db *db, void *data, GError **error)
{
    House *house = data;
    People *people = house->world.people;
    for (int i = 0; i < CROWD; i++) {
        g_autofree char *email = g_strdup_printf("p%d@kith.example", i);
        int64_t at = clock_now_ms(), person_id;
        HandPerson input = {.email = email, .actor = "test", .at = at, .trust = TRUST_HAND};
        if (!people_create(people, db, &input, &person_id, error)) return false;
        g_array_append_val(house->group, person_id);
        ConsentInput yes = {.stem = person_id,
                            .channel = "email",
                            .topic = "newsletter",
                            .state = CONSENT_GRANTED,
                            .basis = "consent",
                            .actor = "test",
                            .source_id = SOURCE_ID_HAND,
                            .trust = TRUST_HAND,
                            .occurred_at = at,
                            .received_at = at};
        if (!people_consent_put(people, db, &yes, error)) return false;
    }
    return true;
}

typedef struct Sales {
    House *house;
    Orders *orders;
    Campaign campaign; /* id and holdout only */
    bool alone;        /* those left alone buy, else those written to */
    int64_t at;        /* UTC ms */
    int64_t most;      /* people who buy at most */
    int64_t buyers;    /* out */
} Sales;

static bool sales_run(Db *db, void *data, GError **error)
{
    Sales *sales = data;
    static int orders = 0;
    const GArray *group = sales->house->group;
    sales->buyers = 0;
    for (guint i = 0; i < group->len && sales->buyers < sales->most; i++) {
        int64_t person_id = g_array_index(group, int64_t, i);
        if (campaign_leaves_alone(sales->house->messages, &sales->campaign, person_id) !=
            sales->alone)
            continue;
        g_autofree char *key = g_strdup_printf("o%d", orders++);
        OrderReport report = {.shop_id = SHOP_ID_DEFAULT,
                              .order_key = slice_of(key),
                              .source_id = SOURCE_ID_HAND,
                              .trust = TRUST_SHOP,
                              .stem = person_id,
                              .currency = "EUR",
                              .revenue = {true, CENTS},
                              .occurred_at = {true, sales->at},
                              .received_at = clock_now_ms()};
        OrderOutcome outcome;
        sales->buyers++;
        if (!orders_report(sales->orders, db, &report, &outcome, error)) return false;
    }
    return true;
}

static int64_t sold(Sales *sales, bool alone, int64_t at, int64_t most)
{
    sales->alone = alone;
    sales->at = at;
    sales->most = most;
    world_write(&sales->house->world, sales_run, sales);
    return sales->buyers;
}

static Reply result_of(House *house, const char *campaign, const char *verdict)
{
    Reply reply = ask(house, 200, NULL, "GET /api/campaigns/%s/result", campaign);
    g_assert_cmpstr(json_text(reply.json, "verdict", NULL), ==, verdict);
    return reply;
}

static int64_t arm_field(const Reply *reply, const char *arm, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(reply->json, arm), name));
}

static double number_field(const Reply *reply, const char *name)
{
    return json_number_value(json_object_get(reply->json, name));
}

/* Sends it; the moment at which the comparison begins. */
static int64_t halves_send(House *house, Sales *sales, const char *campaign)
{
    g_auto(Reply) before = result_of(house, campaign, "too_few");
    g_assert_true(json_is_null(json_object_get(before.json, "extra")));
    send_now(house, campaign);
    sales->campaign = (Campaign){.holdout = 500};
    sales->campaign.campaign_id = g_ascii_strtoll(campaign, NULL, 10);
    g_auto(Reply) early = result_of(house, campaign, "too_early");
    int64_t written = arm_field(&early, "written", "people");
    int64_t alone = arm_field(&early, "left_alone", "people");
    g_assert_cmpint(written, ==, house->sent->len);
    g_assert_cmpint(written + alone, ==, CROWD);
    g_autofree char *sql =
        g_strdup_printf("SELECT started_at FROM campaign WHERE campaign_id = %s", campaign);
    return number(house, sql);
}

/* Those written to buy, some of the others too; what lies outside of the days counts for nobody. */
static void it_helps(House *house, Sales *sales, const char *campaign)
{
    int64_t start = halves_send(house, sales, campaign), end = start + 14 * CLOCK_DAY_MS;
    clock_advance(15 * CLOCK_DAY_MS);
    g_auto(Reply) nothing = result_of(house, campaign, "no_difference");
    g_assert_cmpint(arm_field(&nothing, "written", "buyers"), ==, 0);
    sold(sales, true, start - 1, CROWD);
    sold(sales, true, end, CROWD);
    g_auto(Reply) outside = result_of(house, campaign, "no_difference");
    g_assert_cmpint(arm_field(&outside, "left_alone", "buyers"), ==, 0);
    int64_t buyers = sold(sales, false, start, CROWD);
    sold(sales, false, end - 1, CROWD); /* again: a buyer counts once, money every time */
    sold(sales, true, start + CLOCK_DAY_MS, BEFORE_BUYERS);
    g_auto(Reply) helped = result_of(house, campaign, "helped");
    g_assert_cmpint(arm_field(&helped, "written", "buyers"), ==, buyers);
    g_assert_cmpint(arm_field(&helped, "written", "people"), ==, buyers);
    g_assert_cmpint(arm_field(&helped, "written", "revenue_minor"), ==, 2 * CENTS * buyers);
    g_assert_cmpint(arm_field(&helped, "left_alone", "buyers"), ==, BEFORE_BUYERS);
    g_assert_cmpint(arm_field(&helped, "left_alone", "revenue_minor"), ==, CENTS * BEFORE_BUYERS);
    g_assert_cmpfloat(number_field(&helped, "low"), >, 0);
    g_assert_cmpfloat(number_field(&helped, "high"), <=, 1);
    g_assert_cmpfloat(number_field(&helped, "extra"), <, number_field(&helped, "high"));
}

/* Said before the end as well, once no chance explains it. */
static void it_harms(House *house, Sales *sales, const char *campaign)
{
    int64_t start = halves_send(house, sales, campaign);
    clock_advance(CLOCK_DAY_MS);
    sold(sales, true, start + CLOCK_HOUR_MS, CROWD);
    g_auto(Reply) harmed = result_of(house, campaign, "harmed");
    g_assert_cmpfloat(number_field(&harmed, "high"), <, 0);
}

static void those_left_alone(TestStore *test)
{
    House house;
    house_open(&house, test);
    world_write(&house.world, crowd_run, &house);
    g_autoptr(Orders) orders =
        orders_new(test->store, house.world.people, &order_events, house.timeline);
    Sales sales = {.house = &house, .orders = orders};
    g_autofree char *first = drafted(&house, HALVES);
    make_ready(&house, first);
    it_helps(&house, &sales, first);
    g_ptr_array_set_size(house.sent, 0);
    g_autofree char *second = drafted(&house, HALVES);
    it_harms(&house, &sales, second);
    g_clear_pointer(&orders, orders_free);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/messages/address", two_behind_one_address);
    test_store_add("/messages/erased", erased_while_a_message_waits);
    test_store_add("/messages/merged", merged_while_planned);
    test_store_add("/messages/merging", merged_while_handed_over);
    test_store_add("/messages/alone", those_left_alone);
    return g_test_run();
}
