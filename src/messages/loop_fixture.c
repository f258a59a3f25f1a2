#include "messages/loop_fixture.h"

static const PersonalTable *const personal[] = {people_personal, messages_personal, NULL};

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
    House *house = context;
    (void)db, (void)error;
    *ret_facts = (CarrierFacts){.ready = !house->unchecked,
                                .address = !house->unchecked,
                                .local = house->local,
                                .daily = house->daily,
                                .way = "test",
                                .postal = "Shop, Street 1, Town"};
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

void house_open(House *house, TestStore *test)
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

void house_close(House *house)
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

int64_t person_add(House *house, const char *name, const char *email, bool permitted)
{
    Newcomer one = {house, name, email, permitted, 0};
    world_write(&house->world, newcomer_run, &one);
    g_array_append_val(house->group, one.person_id);
    return one.person_id;
}

/* ---- the API ---- */

Reply ask(House *house, int status, const char *json, const char *format, ...)
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

char *drafted(House *house, const char *json)
{
    g_auto(Reply) reply = ask(house, 201, json, "POST /api/campaigns");
    return g_strdup(json_text(reply.json, "id", NULL));
}

void run_due(House *house)
{
    g_autoptr(GError) error = NULL;
    messages_run_due(house->messages, &error);
    g_assert_no_error(error);
}

void page_call(House *house, int status, const char *method, const char *path)
{
    g_autofree char *line = g_strdup_printf("%s %s", method, path);
    g_auto(Reply) reply = http_json(server_port(house->server), line, "", NULL);
    g_assert_cmpint(reply.status, ==, status);
}

void make_ready(House *house, const char *campaign)
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

void send_now(House *house, const char *campaign)
{
    g_auto(Reply) reply = ask(house, 200, "{}", "POST /api/campaigns/%s/send", campaign);
    clock_advance(CAMPAIGN_UNDO_MS + 1);
    run_due(house);
}

int64_t number(House *house, const char *sql) { return test_store_number(house->world.test, sql); }
