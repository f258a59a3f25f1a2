/* The loop: a group, a mail that may be refused, a refusal that stops the next. Both databases. */
#include <string.h>

#include "base/clock.h"
#include "messages/campaign.h"
#include "messages/campaign_sql.h"
#include "messages/messages.h"
#include "messages/outbox.h"
#include "messages/personal.h"
#include "messages/verify.h"
#include "net/auth.h"
#include "net/http_fixture.h"
#include "people/consent.h"
#include "people/erase.h"
#include "people/people_routes.h"
#include "people/people_test.h"
#include "people/person.h"
#include "timeline/business.h"
#include "timeline/timeline.h"

#include <glib/gstdio.h>

static const PersonalTable *const personal[] = {people_personal, messages_personal, NULL};

/* What the carrier of the test was given, and how it is to answer. */
typedef struct Sent {
    char *to, *subject, *text, *html, *unsubscribe;
} Sent;

typedef struct House House;
struct House {
    World world;
    Timeline *timeline;
    Messages *messages;
    Auth *auth;
    Server *server;
    char *head, *uploads;
    GArray *group;   /* of int64_t: who every rule means */
    GPtrArray *sent; /* of Sent */
    CarrierOutcome (*answer)(House *house, const CarrierMail *mail);
    const char *no_to; /* path of an unsubscription posted while a mail is handed over */
    char *no_answer;
    int handed;
};

static void sent_free(gpointer data)
{
    Sent *sent = data;
    g_free(sent->to);
    g_free(sent->subject);
    g_free(sent->text);
    g_free(sent->html);
    g_free(sent->unsubscribe);
    g_free(sent);
}

static void carrier_send(void *context, const CarrierMail *mail, CarrierResult *ret_result)
{
    House *house = context;
    *ret_result = (CarrierResult){.outcome = CARRIER_ACCEPTED};
    if (house->answer) ret_result->outcome = house->answer(house, mail);
    if (ret_result->outcome == CARRIER_REFUSED_ADDRESS || ret_result->outcome == CARRIER_LATER)
        return;
    if (mail->hand_over && !mail->hand_over(mail->data)) {
        ret_result->outcome = CARRIER_HELD;
        return;
    }
    house->handed++;
    Sent *sent = g_new0(Sent, 1);
    *sent = (Sent){g_strdup(mail->to), g_strdup(mail->subject), g_strdup(mail->text),
                   g_strdup(mail->html), g_strdup(mail->unsubscribe)};
    g_ptr_array_add(house->sent, sent);
    if (house->no_to) {
        g_autofree char *line = g_strdup_printf("POST %s", house->no_to);
        g_auto(Reply) reply = http_json(server_port(house->server), line, "", NULL);
        house->no_answer = g_strdup(reply.body);
        house->no_to = NULL;
    }
}

static bool carrier_facts(void *context, Db *db, CarrierFacts *ret_facts, GError **error)
{
    (void)context, (void)db, (void)error;
    *ret_facts = (CarrierFacts){
        .ready = true, .address = true, .way = "test", .postal = "Shop, Street 1, Town"};
    return true;
}

static bool group_people(void *context, const char *rule, int64_t at_ms, GArray *person_ids,
                         GError **error)
{
    House *house = context;
    (void)at_ms;
    if (strcmp(rule, "nonsense") == 0)
        return fail(error, KITH_ERROR_INVALID, "line 1: \"nonsense\" is no rule");
    g_array_append_vals(person_ids, house->group->data, house->group->len);
    return true;
}

static bool refused(void *context, Db *db, const PeopleRefusal *refusal, GError **error)
{
    Refusal no = {refusal->person_id, refusal->address, refusal->topic, refusal->reason};
    return outbox_refuse(context, db, &no, NULL, error);
}

static bool profile_run(Db *db, void *data, GError **error)
{
    Business business = {
        .name = "Kaffee & Söhne", .currency = "EUR", .zone = "Europe/Berlin", .language = "en"};
    (void)data;
    return business_save(db, &business, clock_now_ms(), error);
}

static void house_parts(House *house)
{
    g_autoptr(GError) error = NULL;
    TestStore *test = house->world.test;
    people_set_domains(house->world.people, &(PeopleDomains){.personal = personal});
    house->timeline = timeline_open(test->store, house->world.people, &error);
    g_assert_no_error(error);
    MessagesOptions options = {
        .store = test->store,
        .people = house->world.people,
        .timeline = house->timeline,
        .groups = {house, group_people},
        .carrier = {.context = house, .facts = carrier_facts, .send = carrier_send}};
    house->messages = messages_new(&options);
    people_set_refusals(house->world.people, &(PeopleRefusals){house->messages, refused});
}

static void house_open(House *house, TestStore *test)
{
    g_autoptr(GError) error = NULL;
    *house = (House){.group = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                     .sent = g_ptr_array_new_with_free_func(sent_free)};
    clock_simulate(INT64_C(1793620800000)); /* 2026-11-02 12:00 in Berlin */
    world_open(&house->world, test);
    house_parts(house);
    world_write(&house->world, profile_run, NULL);
    house->auth = auth_new(test->store, &error);
    Actor by = {.kind = ACTOR_LOCAL};
    KeyMade key;
    auth_key_create(house->auth, &(KeyInput){"test", KEY_API, 0}, &by, &key, &error);
    g_assert_no_error(error);
    house->head = g_strdup_printf("Authorization: Bearer %s\r\n", key.secret);
    house->uploads = g_dir_make_tmp("kith-mail-XXXXXX", NULL);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = house->uploads,
                             .auth = house->auth,
                             .quiet = true,
                             .check_replies = true};
    house->server = server_new(&options, &error);
    g_assert_no_error(error);
    messages_add_routes(house->messages, house->server);
    server_start(house->server, &error);
    g_assert_no_error(error);
}

static void house_verify(House *house)
{
    g_autoptr(GError) error = NULL;
    g_auto(Findings) findings = {0};
    findings_init(&findings);
    messages_verify(house->messages, &findings, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < findings.texts->len; i++)
        g_test_message("%s", (char *)findings.texts->pdata[i]);
    g_assert_cmpint(findings.wrong, ==, 0);
}

static void house_close(House *house)
{
    house_verify(house);
    server_free(house->server);
    auth_free(house->auth);
    messages_free(house->messages);
    timeline_free(house->timeline);
    g_free(house->head);
    g_rmdir(house->uploads);
    g_free(house->uploads);
    g_free(house->no_answer);
    g_array_unref(house->group);
    g_ptr_array_unref(house->sent);
    world_close(&house->world);
    clock_restore();
}

/* ---- people ---- */

typedef struct Newcomer {
    House *house;
    const char *name, *email;
    bool permitted;
    int64_t person_id;
} Newcomer;

static bool newcomer_run(Db *db, void *data, GError **error)
{
    Newcomer *one = data;
    People *people = one->house->world.people;
    HandPerson input = {.name = one->name,
                        .email = one->email,
                        .actor = "test",
                        .at = clock_now_ms(),
                        .trust = TRUST_HAND};
    if (!people_create(people, db, &input, &one->person_id, error)) return false;
    ConsentInput consent = {.stem = one->person_id,
                            .address = one->email,
                            .channel = "email",
                            .topic = "newsletter",
                            .state = CONSENT_GRANTED,
                            .basis = "consent",
                            .actor = "test",
                            .source_id = SOURCE_ID_HAND,
                            .trust = TRUST_HAND,
                            .occurred_at = clock_now_ms(),
                            .received_at = clock_now_ms()};
    return !one->permitted || people_consent_put(people, db, &consent, error);
}

static int64_t person_add(House *house, const char *name, const char *email, bool permitted)
{
    Newcomer one = {house, name, email, permitted, 0};
    world_write(&house->world, newcomer_run, &one);
    g_array_append_val(house->group, one.person_id);
    return one.person_id;
}

/* ---- the API ---- */

static Reply ask(House *house, int status, const char *json, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
static Reply ask(House *house, int status, const char *json, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    Reply reply = http_json(server_port(house->server), line, house->head, json);
    if (reply.status != status) g_test_message("%s: %d %s", line, reply.status, reply.body);
    g_assert_cmpint(reply.status, ==, status);
    return reply;
}

#define DRAFT                                                                                      \
    "{\"name\":\"Hello\",\"subject\":\"Hi {{ person.first_name | default: \\\"there\\\" }}\","     \
    "\"body\":\"# News\\n\\nDear {{ person.first_name }}, see "                                    \
    "[our shop](https://shop.example/?a=1&b=2).\",\"rule\":\"everybody\",\"holdout\":0}"

static char *drafted(House *house, const char *json)
{
    g_auto(Reply) reply = ask(house, 201, json, "POST /api/campaigns");
    return g_strdup(json_text(reply.json, "id", NULL));
}

static void run_due(House *house)
{
    g_autoptr(GError) error = NULL;
    messages_run_due(house->messages, &error);
    g_assert_no_error(error);
}

static const char *path_of(const char *url) { return url ? strstr(url, "/p/") : NULL; }

static void page_call(House *house, int status, const char *method, const char *path)
{
    g_autofree char *line = g_strdup_printf("%s %s", method, path);
    g_auto(Reply) reply = http_json(server_port(house->server), line, "", NULL);
    g_assert_cmpint(reply.status, ==, status);
}

/* The test mail and the click on its link. */
static void make_ready(House *house, const char *campaign)
{
    g_auto(Reply) test = ask(house, 202, "{\"address\":\"owner@shop.example\"}",
                             "POST /api/campaigns/%s/test", campaign);
    run_due(house);
    const Sent *mail = g_ptr_array_index(house->sent, house->sent->len - 1);
    page_call(house, 200, "POST", path_of(mail->unsubscribe));
    g_auto(Reply) ready = ask(house, 200, NULL, "GET /api/mail/readiness");
    g_assert_true(json_is_true(json_object_get(ready.json, "ready")));
    g_ptr_array_set_size(house->sent, 0);
    house->handed = 0;
}

static void send_now(House *house, const char *campaign)
{
    g_auto(Reply) reply = ask(house, 200, "{}", "POST /api/campaigns/%s/send", campaign);
    clock_advance(CAMPAIGN_UNDO_MS + 1);
    run_due(house);
}

static int64_t number(House *house, const char *sql)
{
    return test_store_number(house->world.test, sql);
}

/* ---- tests ---- */

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
    run_due(&house);
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
