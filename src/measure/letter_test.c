#include "measure/letter.h"

#include "base/clock.h"
#include "measure/day.h"
#include "measure/letter_words.h"
#include "net/account.h"
#include "net/http_fixture.h"
#include "net/server.h"
#include "store/testdb.h"

/* Monday, 2 March 2026, 06:00 UTC: 07:00 in Berlin. */
#define MONDAY (day_of(2026, 3, 2) * DAY_MS + 6 * CLOCK_HOUR_MS)

typedef struct World {
    TestStore *test;
    Measure *measure;
    Delivery *delivery;
    Auth *auth;
    int64_t owner, version;
} World;

static int64_t person_of(void *data, int64_t stem)
{
    (void)data;
    return stem;
}

static int64_t version_of(void *data) { return ((World *)data)->version; }

static void order_put(World *world, int64_t person, int32_t day, int64_t revenue)
{
    int64_t id = ++world->version;
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO orders (person_id, order_id, shop_id, order_key, state, confirmed, currency, "
        "revenue, net_revenue, base_revenue, base_net, item_count, occurred_at, received_at) "
        "VALUES "
        "(%" G_GINT64_FORMAT ", %" G_GINT64_FORMAT ", 1, 'k%" G_GINT64_FORMAT
        "', 'placed', 1, 'EUR', %" G_GINT64_FORMAT ", 1, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
        ", 1, %" G_GINT64_FORMAT ", 0)",
        person, id, id, revenue, revenue, revenue, day * DAY_MS + DAY_MS / 2);
    g_free(test_store_sql(world->test, sql));
}

static void person_put(World *world, int64_t person, const char *name)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO person_summary (person_id, name, search, created_at, sort_name, listed) "
        "VALUES (%" G_GINT64_FORMAT ", '%s', '', 0, '%s', 1)",
        person, name, name);
    g_free(test_store_sql(world->test, sql));
}

/* Six people who bought last week, two of them never before; three the week before. */
static void shop_fill(World *world)
{
    static const char *const names[] = {"Ana Novak", "Bo Berg", "Cy Young", "Di Dorn", "", "Ed"};
    for (int64_t i = 0; i < 6; i++) {
        if (*names[i]) person_put(world, i + 1, names[i]);
        order_put(world, i + 1, day_of(2026, 2, 23) + (int32_t)i, 100000 - 10000 * i);
        if (i < 4) order_put(world, i + 1, day_of(2026, 2, 10), 1000);
        if (i < 3) order_put(world, i + 1, day_of(2026, 2, 17), 2500);
    }
    order_put(world, 0, day_of(2026, 2, 24), 999); /* the till */
}

static void world_open(World *world, TestStore *test)
{
    char token[AUTH_TOKEN_SIZE];
    AccountInput owner = {.name = "Ada",
                          .email = "ada@shop.example",
                          .password = "correct horse battery",
                          .language = "de",
                          .role = ROLE_OWNER};
    clock_simulate(MONDAY);
    *world = (World){.test = test};
    g_free(test_store_sql(test, "INSERT INTO setting (name, value, changed_at) VALUES "
                                "('business.currency', 'EUR', 0), ('business.name', 'Tea', 0), "
                                "('business.zone', 'Europe/Berlin', 0)"));
    world->auth = auth_new(test->store, NULL);
    g_assert_true(account_create(world->auth, &owner, NULL, &world->owner, token, NULL));
    world->delivery = delivery_new(&(DeliveryOptions){.store = test->store});
    world->measure = measure_new(&(MeasureOptions){test->store, person_of, version_of, world});
}

static void world_close(World *world)
{
    measure_free(world->measure);
    delivery_free(world->delivery);
    auth_free(world->auth);
    clock_restore();
}

static int64_t letters(World *world)
{
    return test_store_number(world->test, "SELECT COUNT(*) FROM job WHERE kind = 'mail.user'");
}

static void send_at(World *world, int64_t now)
{
    g_autoptr(GError) error = NULL;
    clock_simulate(now);
    letters_send(world->measure, world->delivery, NULL, now, &error);
    g_assert_no_error(error);
}

/* ---- what it says ---- */

static void it_says_what_is_so(TestStore *test)
{
    static const char english[] =
        "Good morning Ada,\n\n"
        "From 23 February to 1 March Kith counted 7 orders worth \u20ac4,510; the week before it "
        "was 3 "
        "worth \u20ac75.\n\n"
        "They came from 6 customers known by name, 2 of them for the first time.\n\n"
        "Who bought most and deserves a thank-you: Ana Novak, Bo Berg and Cy Young.\n\n"
        "To your customers Kith sent nothing last week: there was no mailing.\n\n"
        "Kith\nYou can turn this letter off under Settings, Sending.";
    static const char german[] =
        "Guten Morgen Ada,\n\n"
        "Vom 23. Februar bis 1. M\u00e4rz z\u00e4hlte Kith 7 Bestellungen \u00fcber "
        "4.510\u00a0\u20ac; in der Woche "
        "davor waren es 3 \u00fcber 75\u00a0\u20ac.\n\n"
        "Sie kamen von 6 namentlich bekannten Kunden, davon 2 zum ersten Mal.\n\n"
        "Am meisten gekauft und ein Danke verdient haben: Ana Novak, Bo Berg und Cy Young.\n\n"
        "An Ihre Kunden hat Kith letzte Woche nichts verschickt: Es gab kein Mailing.\n\n"
        "Kith\nAbbestellen k\u00f6nnen Sie diesen Brief unter Einstellungen, Versand.";
    World world;
    world_open(&world, test);
    shop_fill(&world);
    g_auto(Letter) en = {0};
    g_auto(Letter) de = {0};
    g_assert_true(letter_write(world.measure, &(LetterReader){"en", "Ada", NULL}, &en, NULL));
    g_assert_true(letter_write(world.measure, &(LetterReader){"de", "Ada", NULL}, &de, NULL));
    g_assert_cmpstr(en.text, ==, english);
    g_assert_cmpstr(de.text, ==, german);
    g_assert_cmpstr(en.subject, ==, "Your week: 7 orders, \u20ac4,510");
    g_assert_nonnull(strstr(de.html, "<html lang=\"de\">"));
    world_close(&world);
}

static void mailing_put(World *world, int64_t campaign, int64_t started_at)
{
    g_autofree char *sql = g_strdup_printf(
        "INSERT INTO campaign (campaign_id, name, template_id, rule, topic, purpose, holdout, "
        "compare_days, state, position, started_at, created_at, changed_at, actor) VALUES "
        "(%" G_GINT64_FORMAT ", 'n', 1, 'everybody', 'newsletter', 'value', 100, 14, 'done', 0, "
        "%" G_GINT64_FORMAT ", 0, 0, 'test')",
        campaign, started_at);
    g_free(test_store_sql(world->test, sql));
}

typedef struct Ended {
    int64_t campaign, at;
    const char *state, *reason; /* reason: with its quotes, or NULL */
    int count;
} Ended;

static void messages_put(World *world, const Ended *ended)
{
    for (int i = 0; i < ended->count; i++) {
        int64_t person = ++world->version;
        g_autofree char *sql = g_strdup_printf(
            "INSERT INTO message (person_id, origin, occurrence, message_id, template_id, state, "
            "reason, arm, consent_id, attestation_id, due_at, not_after, epoch, owner, "
            "leased_until, attempts, created_at, changed_at) VALUES (%" G_GINT64_FORMAT
            ", %" G_GINT64_FORMAT ", 0, %" G_GINT64_FORMAT
            ", 1, '%s', %s, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, %" G_GINT64_FORMAT ")",
            person, ended->campaign, person, ended->state, ended->reason ? ended->reason : "NULL",
            ended->at);
        g_free(test_store_sql(world->test, sql));
    }
}

static void it_says_what_was_not_sent_and_why(TestStore *test)
{
    /* The week is 23 February 00:00 to 2 March 00:00 in Berlin: 22 and 1, 23:00 UTC. */
    const int64_t from = day_of(2026, 2, 22) * DAY_MS + 23 * CLOCK_HOUR_MS;
    const int64_t to = day_of(2026, 3, 1) * DAY_MS + 23 * CLOCK_HOUR_MS;
    const Ended rows[] = {
        {1, from + CLOCK_HOUR_MS, "accepted", NULL, 3},
        {2, to - 1, "accepted", NULL, 1},
        {2, from, "dropped", "'left_alone'", 2},
        {2, from, "dropped", "'no_basis'", 4},
        {2, from, "cancelled", "'denied'", 1},
        {2, from, "refused", "'no_such_mailbox'", 1},
        {2, from, "unknown", NULL, 1},
        {2, from, "waiting", "'quiet_hours'", 5},
        {1, from - 1, "accepted", NULL, 7},
        {3, to, "accepted", NULL, 9},
    };
    World world;
    world_open(&world, test);
    shop_fill(&world);
    mailing_put(&world, 1, from - CLOCK_DAY_MS);
    mailing_put(&world, 2, from);
    mailing_put(&world, 3, to);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        messages_put(&world, &rows[i]);
    g_auto(Letter) en = {0};
    g_auto(Letter) de = {0};
    g_assert_true(letter_write(world.measure, &(LetterReader){"en", "Ada", NULL}, &en, NULL));
    g_assert_true(letter_write(world.measure, &(LetterReader){"de", "Ada", NULL}, &de, NULL));
    g_assert_nonnull(strstr(
        en.text, "\n\nTo your customers Kith sent 4 mails last week, with 1 mailing. Not sent: "
                 "9, namely 4 never said that you may write, 2 left alone to compare, 1 said "
                 "no, 1 without an address that works, 1 that may have arrived or not.\n\n"));
    g_assert_nonnull(strstr(
        de.text, "\n\nAn Ihre Kunden hat Kith letzte Woche 4 Mails verschickt, mit 1 Mailing. "
                 "Nicht verschickt: 9, n\u00e4mlich 4 ohne Erlaubnis, zu schreiben, 2 zum "
                 "Vergleich in Ruhe gelassen, 1 mit einem Nein, 1 ohne eine Adresse, die geht, "
                 "1 bei denen es niemand wei\u00df.\n\n"));
    world_close(&world);
}

static void sentences_follow_the_facts(void)
{
    static const char *const nobody[] = {NULL}, *const one[] = {"Ann", NULL};
    static const LetterFacts quiet = {.language = "en",
                                      .currency = "EUR",
                                      .orders = 1,
                                      .revenue = 1200,
                                      .customers = 1,
                                      .customers_new = 1,
                                      .thanks = one,
                                      .quiet = 12,
                                      .quiet_stake = 1234567,
                                      .link = "https://k.example/people?kpi=quiet_good"};
    static const LetterFacts stale = {
        .language = "de", .currency = "", .stale = true, .thanks = nobody};
    g_autofree char *text = letter_text(&quiet);
    g_autofree char *old = letter_text(&stale);
    g_assert_nonnull(strstr(text, "1 order worth \u20ac12;"));
    g_assert_nonnull(strstr(text, "bought for the first time."));
    g_assert_nonnull(strstr(text, "thank-you: Ann."));
    g_assert_nonnull(strstr(text, "12 good customers have been quiet"));
    g_assert_nonnull(strstr(text, "\u20ac12,346."));
    g_assert_nonnull(strstr(text, "\n\nhttps://k.example/people?kpi=quiet_good\n\n"));
    g_assert_nonnull(strstr(old, "Seit dem 1. Januar 1970 kennt Kith keine Bestellung"));
    g_assert_null(strstr(old, "Danke"));
    LetterFacts busy = quiet;
    busy.sent = 1;
    g_autofree char *earlier = letter_text(&busy);
    g_assert_nonnull(strstr(earlier, "sent 1 mail last week, of an earlier mailing."));
    busy.mailings = 2;
    busy.sent = 1712;
    g_autofree char *whole = letter_text(&busy);
    g_assert_nonnull(strstr(whole, "sent 1,712 mails last week, with 2 mailings.\n"));
}

/* ---- when it goes ---- */

static void it_goes_once_a_week(TestStore *test)
{
    World world;
    world_open(&world, test);
    send_at(&world, MONDAY);
    g_assert_cmpint(letters(&world), ==, 0); /* without orders there is nothing to write */
    shop_fill(&world);
    send_at(&world, MONDAY - CLOCK_MINUTE_MS);
    g_assert_cmpint(letters(&world), ==, 0); /* 06:59 in Berlin */
    send_at(&world, MONDAY);
    g_assert_cmpint(letters(&world), ==, 1);
    send_at(&world, MONDAY + CLOCK_HOUR_MS); /* the job of the next hour, or after a kill -9 */
    send_at(&world, MONDAY + CLOCK_DAY_MS);
    g_assert_cmpint(letters(&world), ==, 1);
    g_free(test_store_sql(test, "UPDATE job SET state = 'done' WHERE kind = 'mail.user'"));
    send_at(&world, MONDAY + 2 * CLOCK_DAY_MS);
    g_assert_cmpint(letters(&world), ==, 1);
    send_at(&world, MONDAY + 10 * CLOCK_DAY_MS); /* Thursday of the next week: too late for it */
    g_assert_cmpint(letters(&world), ==, 1);
    send_at(&world, MONDAY + 14 * CLOCK_DAY_MS);
    g_assert_cmpint(letters(&world), ==, 2);
    world_close(&world);
}

static void weeks_are_those_of_iso_8601(void)
{
    static const struct {
        const char *why;
        int year, month, day;
        const char *week;
    } rows[] = {
        {"an ordinary one", 2026, 3, 2, "2026-W10"},
        {"the first days belong to the old year", 2027, 1, 3, "2026-W53"},
        {"the last days belong to the new year", 2024, 12, 30, "2025-W01"},
        {"a leap year", 2024, 2, 29, "2024-W09"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        char week[LETTER_WEEK_SIZE];
        g_test_message("%s", rows[i].why);
        letter_week(zone_utc(), day_of(rows[i].year, rows[i].month, rows[i].day) * DAY_MS, week);
        g_assert_cmpstr(week, ==, rows[i].week);
    }
}

/* ---- routes ---- */

static bool enter(Request *request, GError **error)
{
    World *world = request_context(request);
    SessionNew session;
    if (!auth_session_begin(world->auth, request, world->owner, &session, error)) return false;
    return request_reply_json(request, 200, json_pack("{s:s}", "csrf", session.csrf));
}
static const Field enter_fields[] = {{"csrf", FIELD_TEXT, .required = true}};
static const Schema enter_reply = SCHEMA_REPLY("Enter", enter_fields);
static const Route enter_routes[] = {
    {"POST", "/api/enter", SCOPE_PUBLIC, .reply = &enter_reply, .handle = enter, .summary = "in"}};

static void it_can_be_read_before_and_turned_off(TestStore *test)
{
    World world;
    world_open(&world, test);
    shop_fill(&world);
    LetterRoutes routes = {world.measure, world.delivery};
    ServerOptions options = {
        .listen = "127.0.0.1:0", .auth = world.auth, .quiet = true, .check_replies = true};
    g_autoptr(Server) server = server_new(&options, NULL);
    letter_add_routes(server, &routes);
    server_add_routes(server, enter_routes, 1, &world);
    g_assert_true(server_start(server, NULL));
    uint16_t port = server_port(server);
    g_auto(Reply) in = http_json(port, "POST /api/enter", "", NULL);
    g_autofree char *set = http_header(&in, "Set-Cookie");
    g_autofree char *cookie = g_strndup(set, strcspn(set, ";"));
    g_autofree char *headers = g_strdup_printf("Cookie: %s\r\nX-CSRF-Token: %s\r\n", cookie,
                                               json_text(in.json, "csrf", NULL));
    g_auto(Reply) shown = http_json(port, "GET /api/letter", headers, NULL);
    g_assert_cmpint(shown.status, ==, 200);
    g_assert_nonnull(strstr(json_text(shown.json, "text", NULL), "Guten Morgen Ada"));
    g_assert_true(json_is_true(json_object_get(shown.json, "wanted")));
    g_auto(Reply) off = http_json(port, "PUT /api/letter", headers, "{\"wanted\":false}");
    g_assert_false(json_is_true(json_object_get(off.json, "wanted")));
    send_at(&world, MONDAY);
    g_assert_cmpint(letters(&world), ==, 0);
    g_auto(Reply) on = http_json(port, "PUT /api/letter", headers, "{\"wanted\":true}");
    g_assert_true(json_is_true(json_object_get(on.json, "wanted")));
    send_at(&world, MONDAY);
    g_assert_cmpint(letters(&world), ==, 1);
    g_clear_pointer(&server, server_free);
    world_close(&world);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/letter/sentences", sentences_follow_the_facts);
    g_test_add_func("/letter/weeks", weeks_are_those_of_iso_8601);
    test_store_add("/letter/says", it_says_what_is_so);
    test_store_add("/letter/unsent", it_says_what_was_not_sent_and_why);
    test_store_add("/letter/once", it_goes_once_a_week);
    test_store_add_on(DB_SQLITE, "/letter/routes", it_can_be_read_before_and_turned_off);
    return g_test_run();
}
