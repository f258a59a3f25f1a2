/* The limit of a day, and what a mailing waits for before it may leave. Both databases. */
#include "messages/loop_fixture.h"

static int64_t field_of(House *house, const char *campaign, const char *name)
{
    g_auto(Reply) reply = ask(house, 200, NULL, "GET /api/campaigns/%s", campaign);
    return json_integer_value(json_object_get(reply.json, name));
}

static void people_add(House *house, int count)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *email = g_strdup_printf("p%d@kith.example", i);
        person_add(house, "P", email, true);
    }
}

/* To the moment at which the mailing goes on by itself; nothing goes a moment earlier. */
static void goes_on(House *house, const char *campaign, int want)
{
    int before = house->handed;
    int64_t at = field_of(house, campaign, "goes_on_at");
    g_assert_cmpint(at, >, clock_now_ms());
    clock_advance(at - clock_now_ms() - 1);
    run_due(house);
    g_assert_cmpint(house->handed, ==, before);
    clock_advance(1);
    run_due(house);
    g_assert_cmpint(house->handed, ==, want);
}

/* Two a day and five people: nobody is dropped, nobody goes early, and it is said before. */
static void a_day_takes_so_many(TestStore *test)
{
    House house;
    house_open(&house, test);
    people_add(&house, 5);
    g_autofree char *first = drafted(&house, DRAFT);
    make_ready(&house, first);
    house.daily = 2;
    g_auto(Reply) dry = ask(&house, 200, NULL, "POST /api/campaigns/%s/dry-run", first);
    g_assert_cmpint(json_integer_value(json_object_get(dry.json, "daily_limit")), ==, 2);
    g_assert_cmpint(json_integer_value(json_object_get(dry.json, "days")), ==, 3);
    send_now(&house, first);
    g_assert_cmpint(house.handed, ==, 2);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'waiting' "
                                   "AND reason = 'daily_limit'"),
                    ==, 3);
    g_assert_cmpint(field_of(&house, first, "goes_on_at") - clock_now_ms(), >=, CLOCK_DAY_MS);
    g_autofree char *second = drafted(&house, DRAFT);
    g_auto(Reply) behind = ask(&house, 200, NULL, "POST /api/campaigns/%s/dry-run", second);
    g_assert_cmpint(json_integer_value(json_object_get(behind.json, "days")), >, 2);
    goes_on(&house, first, 4);
    goes_on(&house, first, 5);
    g_auto(Reply) done = ask(&house, 200, NULL, "GET /api/campaigns/%s", first);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'accepted'"), ==, 5);
    house_close(&house);
}

/* A limit that is lowered while a mailing goes: it goes on by the new one, day after day, also
 * beyond the day after which a mail would be too late. */
static void a_limit_that_changes(TestStore *test)
{
    House house;
    house_open(&house, test);
    people_add(&house, 6);
    g_autofree char *first = drafted(&house, DRAFT);
    make_ready(&house, first);
    house.daily = 3;
    send_now(&house, first);
    g_assert_cmpint(house.handed, ==, 3);
    house.daily = 1;
    for (int day = 1; day <= 3; day++)
        goes_on(&house, first, 3 + day);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'accepted'"), ==, 6);
    house_close(&house);
}

/* Towards the world test and address must be good; on this machine neither is asked for. */
static void an_address_that_was_not_checked(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *first = drafted(&house, DRAFT);
    make_ready(&house, first);
    house.unchecked = true;
    g_auto(Reply) ready = ask(&house, 200, NULL, "GET /api/mail/readiness");
    g_assert_false(json_is_true(json_object_get(ready.json, "ready")));
    g_assert_false(json_is_true(json_object_get(ready.json, "address")));
    g_auto(Reply) refused = ask(&house, 409, "{}", "POST /api/campaigns/%s/send", first);
    house.local = true;
    send_now(&house, first);
    g_assert_cmpint(house.handed, ==, 1);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/messages/daily", a_day_takes_so_many);
    test_store_add("/messages/lowered", a_limit_that_changes);
    test_store_add("/messages/unchecked", an_address_that_was_not_checked);
    return g_test_run();
}
