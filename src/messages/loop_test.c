/* The loop: a group, a mail that may be refused, a refusal that stops the next. Both databases. */
#include "messages/loop_fixture.h"

static void a_mail_that_can_be_refused(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann Lee", "ann@kith.example", true);
    person_add(&house, "Bob & <b>Co</b>", "bob@kith.example", true);
    person_add(&house, "Cem", "cem@kith.example", false);
    g_autofree char *first = drafted(&house, DRAFT);
    g_auto(Reply) early = ask(&house, 409, "{}", "POST /api/campaigns/%s/send", first);
    make_ready(&house, first);
    g_auto(Reply) dry = ask(&house, 200, NULL, "POST /api/campaigns/%s/dry-run", first);
    g_assert_cmpint(json_integer_value(json_object_get(dry.json, "send")), ==, 2);
    g_assert_cmpint(json_integer_value(json_object_get(dry.json, "withheld")), ==, 1);
    const json_t *reason = json_array_get(json_object_get(dry.json, "reasons"), 0);
    const json_t *who = json_array_get(json_object_get(reason, "people"), 0);
    g_assert_cmpstr(json_text(who, "name", NULL), ==, "Cem");
    g_assert_cmpstr(json_text(who, "email", NULL), ==, "cem@kith.example");
    send_now(&house, first);
    g_assert_cmpuint(house.sent->len, ==, 2);
    const Sent *ann = house.sent->pdata[0], *bob = house.sent->pdata[1];
    g_assert_cmpstr(ann->to, ==, "ann@kith.example");
    g_assert_cmpstr(ann->subject, ==, "Hi Ann");
    g_assert_nonnull(strstr(ann->html, "<h1>News</h1>"));
    g_assert_nonnull(strstr(ann->html, "/t/c/"));
    g_assert_null(strstr(ann->html, "shop.example"));
    g_assert_nonnull(strstr(ann->text, "https://shop.example/?a=1&b=2"));
    g_assert_nonnull(strstr(ann->text, "Shop, Street 1, Town"));
    g_assert_null(strstr(bob->html, "<b>Co</b>"));
    g_autofree char *path = g_strdup(path_of(ann->unsubscribe));
    g_autofree char *line = g_strdup_printf("GET %s", path);
    g_auto(Reply) way_out = http_json(server_port(house.server), line, "", NULL);
    g_autofree char *policy = http_header(&way_out, "Content-Security-Policy");
    g_assert_nonnull(
        strstr(policy, "style-src 'self'; form-action 'self';")); /* its button works */
    page_call(&house, 200, "HEAD", path);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM consent WHERE state = 'denied'"), ==, 0);
    page_call(&house, 200, "POST", path);
    page_call(&house, 200, "POST", path);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM consent WHERE state = 'denied'"), ==, 1);
    clock_advance(3 * CLOCK_DAY_MS);
    g_autofree char *second = drafted(&house, DRAFT);
    send_now(&house, second);
    g_assert_cmpuint(house.sent->len, ==, 3);
    g_assert_cmpstr(((Sent *)house.sent->pdata[2])->to, ==, "bob@kith.example");
    g_auto(Reply) why =
        ask(&house, 200, NULL, "GET /api/campaigns/%s/people?state=dropped", second);
    g_assert_cmpuint(json_array_size(json_object_get(why.json, "people")), ==, 2);
    who = json_array_get(json_object_get(why.json, "people"), 0);
    g_assert_cmpstr(json_text(who, "name", NULL), ==, "Ann Lee");
    g_auto(Reply) result = ask(&house, 200, NULL, "GET /api/campaigns/%s/result", first);
    g_assert_cmpint(json_integer_value(json_object_get(result.json, "unsubscribed")), ==, 1);
    g_auto(Reply) done = ask(&house, 200, NULL, "GET /api/campaigns/%s", second);
    g_assert_cmpstr(json_text(done.json, "state", NULL), ==, "done");
    house_close(&house);
}

static CarrierOutcome nobody_lives_there(House *house, const CarrierMail *mail)
{
    (void)house, (void)mail;
    return CARRIER_REFUSED_ADDRESS;
}

static void tested_is(House *house, const char *id, const char *state, const char *outcome)
{
    g_auto(Reply) test = ask(house, 200, NULL, "GET /api/campaigns/%s/test", id);
    g_assert_cmpstr(json_text(test.json, "state", NULL), ==, state);
    g_assert_cmpstr(json_string_value(json_object_get(test.json, "outcome")), ==, outcome);
}

static void what_came_of_a_test_mail(TestStore *test)
{
    static const char to[] = "{\"address\":\"Owner@shop.example\"}";
    House house;
    house_open(&house, test);
    g_autofree char *id = drafted(&house, DRAFT);
    g_autofree char *other = drafted(&house, DRAFT);
    tested_is(&house, id, "none", NULL);
    g_auto(Reply) first = ask(&house, 202, to, "POST /api/campaigns/%s/test", id);
    tested_is(&house, id, "running", NULL);
    run_due(&house);
    tested_is(&house, id, "done", "accepted");
    house.answer = nobody_lives_there;
    g_auto(Reply) again = ask(&house, 202, to, "POST /api/campaigns/%s/test", id);
    run_due(&house);
    tested_is(&house, id, "done", "no_such_mailbox");
    tested_is(&house, other, "none", NULL);
    g_auto(Reply) none = ask(&house, 404, NULL, "GET /api/campaigns/77/test");
    house_close(&house);
}

static void undo_twice_and_stop(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    g_auto(Reply) send = ask(&house, 200, "{}", "POST /api/campaigns/%s/send", id);
    g_auto(Reply) twice = ask(&house, 409, "{}", "POST /api/campaigns/%s/send", id);
    g_auto(Reply) change = ask(&house, 409, DRAFT, "PUT /api/campaigns/%s", id);
    g_auto(Reply) undo = ask(&house, 200, NULL, "POST /api/campaigns/%s/undo", id);
    clock_advance(2 * CAMPAIGN_UNDO_MS);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 0);
    g_auto(Reply) changed = ask(&house, 200, DRAFT, "PUT /api/campaigns/%s", id);
    g_auto(Reply) again = ask(&house, 200, "{}", "POST /api/campaigns/%s/send", id);
    g_auto(Reply) stop = ask(&house, 200, NULL, "POST /api/campaigns/%s/stop", id);
    g_auto(Reply) late = ask(&house, 409, NULL, "POST /api/campaigns/%s/undo", id);
    clock_advance(2 * CAMPAIGN_UNDO_MS);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 0);
    g_auto(Reply) list = ask(&house, 200, NULL, "GET /api/campaigns");
    g_assert_cmpuint(json_array_size(json_object_get(list.json, "campaigns")), ==, 1);
    g_auto(Reply) result = ask(&house, 200, NULL, "GET /api/campaigns/%s/result", id);
    g_assert_cmpstr(json_text(result.json, "verdict", NULL), ==, "too_few");
    g_autofree char *other = drafted(&house, DRAFT);
    g_auto(Reply) gone = ask(&house, 204, NULL, "DELETE /api/campaigns/%s", other);
    g_auto(Reply) none = ask(&house, 404, NULL, "GET /api/campaigns/%s", other);
    house_close(&house);
}

static void preview_and_settings(TestStore *test)
{
    House house;
    house_open(&house, test);
    int64_t ann = person_add(&house, "Ann\r\nBcc: all@kith.example", "ann@kith.example", true);
    g_autofree char *id = drafted(
        &house, "{\"name\":\"Hello\",\"subject\":\"Hi {{ person.first_name | default: "
                "'there' }}\",\"preheader\":\"See how {{ 'you' }} look\",\"body\":\"# News\","
                "\"rule\":\"everybody\",\"holdout\":0}");
    g_autofree char *whose = g_strdup_printf("{\"person_id\":\"%" G_GINT64_FORMAT "\"}", ann);
    g_auto(Reply) preview = ask(&house, 200, whose, "POST /api/campaigns/%s/preview", id);
    g_assert_null(strpbrk(json_text(preview.json, "subject", NULL), "\r\n"));
    g_auto(Reply) nobody = ask(&house, 200, "{}", "POST /api/campaigns/%s/preview", id);
    g_assert_cmpstr(json_text(nobody.json, "subject", NULL), ==, "Hi there");
    g_auto(Reply) page =
        ask(&house, 200, NULL, "GET /api/campaigns/%s/preview/html?person_id=%" G_GINT64_FORMAT, id,
            ann);
    g_autofree char *policy = http_header(&page, "Content-Security-Policy");
    g_assert_nonnull(strstr(policy, "sandbox; default-src 'none'"));
    g_assert_nonnull(strstr(page.body, ">See how you look</div>"));
    g_assert_nonnull(strstr(page.body, "<h1>News</h1>"));
    g_auto(Reply) bad = ask(&house, 400,
                            "{\"name\":\"x\",\"subject\":\"x\",\"body\":\"{% if %}\","
                            "\"rule\":\"everybody\"}",
                            "POST /api/campaigns");
    g_auto(Reply) rule = ask(&house, 400,
                             "{\"name\":\"x\",\"subject\":\"x\",\"body\":\"x\","
                             "\"rule\":\"nonsense\"}",
                             "POST /api/campaigns");
    g_auto(Reply) design = ask(&house, 200, "{\"colour\":\"#aa0000\"}", "PUT /api/mail/design");
    g_auto(Reply) colour = ask(&house, 400, "{\"colour\":\"red;x\"}", "PUT /api/mail/design");
    g_auto(Reply) shown = ask(&house, 200, NULL, "GET /api/mail/design");
    g_assert_cmpstr(json_text(shown.json, "colour", NULL), ==, "#aa0000");
    g_auto(Reply) manners = ask(&house, 200,
                                "{\"quiet_from\":0,\"quiet_to\":0,\"per_week\":1,"
                                "\"gap_hours\":0}",
                                "PUT /api/mail/manners");
    g_auto(Reply) kept = ask(&house, 200, NULL, "GET /api/mail/manners");
    g_assert_cmpint(json_integer_value(json_object_get(kept.json, "per_week")), ==, 1);
    page_call(&house, 404, "POST", "/p/u/AAAA");
    page_call(&house, 404, "GET", "/p/preferences/AAAA");
    page_call(&house, 404, "GET", "/t/c/AAAA");
    page_call(&house, 200, "GET", "/t/o/AAAA");
    page_call(&house, 200, "GET", "/p/style.css");
    house_close(&house);
}

/* A loop of 10^12 stops that person's mail with a reason, not the server. */
static void a_text_without_end(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *id =
        drafted(&house, "{\"name\":\"x\",\"subject\":\"x\",\"body\":\"{% for a in (1..1000000) %}"
                        "{% for b in (1..1000000) %}{{ b }}{% endfor %}{% endfor %}\","
                        "\"rule\":\"everybody\",\"holdout\":0}");
    g_autofree char *plain = drafted(&house, DRAFT);
    make_ready(&house, plain);
    send_now(&house, id);
    g_assert_cmpuint(house.sent->len, ==, 0);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'dropped' AND "
                                   "reason = 'text_failed'"),
                    ==, 1);
    house_close(&house);
}

static CarrierOutcome dead_unless_even(House *house, const CarrierMail *mail)
{
    (void)house;
    return strstr(mail->to, "dead") ? CARRIER_REFUSED_ADDRESS : CARRIER_ACCEPTED;
}

static void dead_addresses_stop_it(TestStore *test)
{
    House house;
    house_open(&house, test);
    for (int i = 0; i < 100; i++) {
        g_autofree char *email =
            g_strdup_printf("%s%d@kith.example", i % 5 < 2 ? "dead" : "well", i);
        person_add(&house, NULL, email, true);
    }
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    house.answer = dead_unless_even;
    send_now(&house, id);
    g_auto(Reply) now = ask(&house, 200, NULL, "GET /api/campaigns/%s", id);
    g_assert_cmpstr(json_text(now.json, "state", NULL), ==, "stopped");
    g_assert_cmpstr(json_text(now.json, "reason", NULL), ==, "too_many_refused");
    g_assert_cmpuint(house.sent->len, <, 40);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state IN ('planned', "
                                   "'waiting', 'claimed', 'handing')"),
                    ==, 0);
    int64_t refused_count = number(&house, "SELECT COUNT(*) FROM message WHERE state = 'refused'");
    g_assert_cmpint(refused_count, <=,
                    number(&house, "SELECT COUNT(*) FROM address_consent WHERE state = 'denied'"));
    house_close(&house);
}

static CarrierOutcome lost(House *house, const CarrierMail *mail)
{
    (void)house;
    if (strstr(mail->to, "lost")) return CARRIER_UNKNOWN;
    return strstr(mail->to, "busy") ? CARRIER_LATER : CARRIER_ACCEPTED;
}

static void relays_that_stall(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, NULL, "lost@kith.example", true);
    person_add(&house, NULL, "busy@kith.example", true);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    house.answer = lost;
    send_now(&house, id);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'unknown'"), ==, 1);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'waiting' AND "
                                   "reason = 'relay_busy'"),
                    ==, 1);
    g_assert_cmpint(house.handed, ==, 1);
    house.answer = NULL;
    clock_advance(30 * CLOCK_MINUTE_MS);
    run_due(&house);
    g_assert_cmpint(house.handed, ==, 2); /* the busy one; never again the lost one */
    house_close(&house);
}

static void one_address_one_mail_and_manners(TestStore *test)
{
    House house;
    house_open(&house, test);
    int64_t ann = person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *first = drafted(&house, DRAFT);
    make_ready(&house, first);
    send_now(&house, first);
    g_assert_cmpuint(house.sent->len, ==, 1);
    clock_advance(CLOCK_HOUR_MS);
    g_autofree char *second = drafted(&house, DRAFT);
    send_now(&house, second); /* within the gap: waits for its end, which is not too late */
    g_assert_cmpuint(house.sent->len, ==, 1);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'planned' AND "
                                   "reason = 'too_soon'"),
                    ==, 1);
    clock_advance(23 * CLOCK_HOUR_MS);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 2);
    clock_advance(CLOCK_DAY_MS);
    g_autofree char *third = drafted(&house, DRAFT);
    send_now(&house, third); /* two this week: not this one */
    g_assert_cmpuint(house.sent->len, ==, 2);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'dropped' AND "
                                   "reason = 'week_full'"),
                    ==, 1);
    (void)ann;
    house_close(&house);
}

/* A no while the mail is being handed over: the answer says that one is on its way. */
static void a_no_in_the_middle(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *first = drafted(&house, DRAFT);
    make_ready(&house, first);
    send_now(&house, first);
    const Sent *mail = house.sent->pdata[0];
    g_autofree char *path = g_strdup(path_of(mail->unsubscribe));
    clock_advance(3 * CLOCK_DAY_MS);
    g_autofree char *second = drafted(&house, DRAFT);
    house.no_to = path;
    send_now(&house, second);
    g_assert_cmpuint(house.sent->len, ==, 2);
    g_assert_nonnull(strstr(house.no_answer, "already on its way"));
    house_close(&house);
}

/* What a killed process left: claimed rows go out, a row being handed over is unknown. */
static void after_a_crash(TestStore *test)
{
    House house;
    house_open(&house, test);
    for (int i = 0; i < 10; i++) {
        g_autofree char *email = g_strdup_printf("p%d@kith.example", i);
        person_add(&house, NULL, email, true);
    }
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    g_auto(Reply) send = ask(&house, 200, "{}", "POST /api/campaigns/%s/send", id);
    clock_advance(CAMPAIGN_UNDO_MS + 1);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 10);
    g_free(test_store_sql(test, "UPDATE message SET state = 'claimed', owner = 5, handed_at = NULL "
                                "WHERE address IN ('p1@kith.example', 'p2@kith.example')"));
    g_free(test_store_sql(test, "UPDATE message SET state = 'handing', owner = 5 "
                                "WHERE address = 'p3@kith.example'"));
    g_free(test_store_sql(test, "UPDATE campaign SET state = 'sending'"));
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 12);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'unknown'"), ==, 1);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'accepted'"), ==, 9);
    house_close(&house);
}

/* Hits are written behind the answer: waits until they are there. */
static void hits_wait(House *house, int64_t want)
{
    int64_t end = clock_monotonic_us() + 60 * (int64_t)G_USEC_PER_SEC;
    while (number(house, "SELECT COUNT(*) FROM hit") < want && clock_monotonic_us() < end)
        g_usleep(1000);
}

static void opens_and_clicks(TestStore *test)
{
    House house;
    house_open(&house, test);
    person_add(&house, "Ann", "ann@kith.example", true);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    send_now(&house, id);
    const Sent *mail = house.sent->pdata[0];
    const char *click = strstr(mail->html, "/t/c/"), *open = strstr(mail->html, "/t/o/");
    g_autofree char *click_path = g_strndup(click, strcspn(click, "\""));
    g_autofree char *open_path = g_strndup(open, strcspn(open, "\""));
    page_call(&house, 302, "GET", click_path);
    page_call(&house, 302, "GET", click_path);
    page_call(&house, 200, "GET", open_path);
    g_auto(Reply) redirect = http_get(server_port(house.server), click_path);
    g_autofree char *where = http_header(&redirect, "Location");
    g_assert_cmpstr(where, ==, "https://shop.example/?a=1&b=2");
    hits_wait(&house, 4);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM hit WHERE kind = 'click'"), ==, 3);
    g_assert_cmpint(number(&house,
                           "SELECT COUNT(*) FROM event WHERE name_id = (SELECT name_id FROM "
                           "event_name WHERE name = 'Email Link Clicked')"),
                    ==, 1);
    g_auto(Reply) result = ask(&house, 200, NULL, "GET /api/campaigns/%s/result", id);
    g_assert_cmpint(json_integer_value(json_object_get(result.json, "clicked")), ==, 1);
    const char *preferences = strstr(mail->html, "/p/preferences/");
    g_autofree char *page = g_strndup(preferences, strcspn(preferences, "\""));
    page_call(&house, 200, "GET", page);
    page_call(&house, 200, "POST", page);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM consent WHERE state = 'denied'"), ==, 1);
    house_close(&house);
}

typedef struct Denial {
    People *people;
    const ConsentInput *input;
} Denial;

static bool deny_run(Db *db, void *data, GError **error)
{
    const Denial *put = data;
    return people_consent_put(put->people, db, put->input, error);
}

/* A member of the business notes a no, and somebody is erased, while a mailing waits. */
static void a_no_by_others(TestStore *test)
{
    House house;
    house_open(&house, test);
    int64_t ann = person_add(&house, "Ann", "ann@kith.example", true);
    person_add(&house, "Bob", "bob@kith.example", true);
    g_autofree char *id = drafted(&house, DRAFT);
    make_ready(&house, id);
    clock_advance(10 * CLOCK_HOUR_MS); /* night */
    send_now(&house, id);
    g_assert_cmpuint(house.sent->len, ==, 0);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE reason = 'quiet_hours'"), ==,
                    2);
    ConsentInput consent = {.stem = ann,
                            .channel = "email",
                            .topic = "*",
                            .state = CONSENT_DENIED,
                            .basis = "by telephone",
                            .actor = "test",
                            .source_id = SOURCE_ID_HAND,
                            .trust = TRUST_HAND,
                            .occurred_at = clock_now_ms(),
                            .received_at = clock_now_ms()};
    Denial put = {house.world.people, &consent};
    world_write(&house.world, deny_run, &put);
    g_assert_cmpint(number(&house, "SELECT COUNT(*) FROM message WHERE state = 'cancelled' AND "
                                   "reason = 'denied'"),
                    ==, 1);
    clock_advance(12 * CLOCK_HOUR_MS);
    run_due(&house);
    g_assert_cmpuint(house.sent->len, ==, 1);
    house_close(&house);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/messages/loop", a_mail_that_can_be_refused);
    test_store_add("/messages/undo", undo_twice_and_stop);
    test_store_add("/messages/preview", preview_and_settings);
    test_store_add("/messages/tested", what_came_of_a_test_mail);
    test_store_add("/messages/endless", a_text_without_end);
    test_store_add("/messages/dead", dead_addresses_stop_it);
    test_store_add("/messages/relays", relays_that_stall);
    test_store_add("/messages/manners", one_address_one_mail_and_manners);
    test_store_add("/messages/middle", a_no_in_the_middle);
    test_store_add("/messages/crash", after_a_crash);
    test_store_add("/messages/hits", opens_and_clicks);
    test_store_add("/messages/others", a_no_by_others);
    return g_test_run();
}
