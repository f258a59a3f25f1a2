/* messages/sender.c: the one thread that plans and sends. See sender.h.
 *
 * A round: mailings whose time to undo is over begin; a chunk of each that is being planned is
 * planned; a batch of due messages is claimed, made, and given to the carrier one by one; mailings
 * of which nothing is open end. Planning and sending take turns, so that a long list delays no
 * short one. While the store is held (a copy or a restored backup) nothing is done.
 */
#include <string.h>

#include "base/clock.h"
#include "messages/campaign.h"
#include "messages/campaign_sql.h"
#include "messages/daily.h"
#include "messages/messages_sql.h"
#include "messages/outbox.h"
#include "messages/plan.h"
#include "messages/render.h"
#include "messages/sender.h"

enum {
    SENDER_BATCH = 20,
    SENDER_NAP_MS = 500,         /* due times are looked at this often at least */
    SENDER_PAUSE_MS = 10 * 1000, /* after a failure of the database */
};

/* ---- one message ---- */

typedef struct Sending {
    Messages *messages;
    Claim *claim;
} Sending;

/* Asked by the carrier just before the content. A failure of ours is a no. */
static bool hand_over(void *data)
{
    Sending *sending = data;
    g_autoptr(GError) error = NULL;
    return outbox_hand_over(sending->messages, sending->claim, &error);
}

typedef struct MailSource {
    char *subject, *preheader, *body; /* owned */
} MailSource;

static void mail_source_clear(MailSource *source)
{
    g_free(source->subject);
    g_free(source->preheader);
    g_free(source->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailSource, mail_source_clear)

static bool source_load(Messages *messages, const Claim *claim, MailSource *ret_source,
                        GError **error)
{
    TemplateFindParams params = {claim->template_id};
    TemplateFindRow row;
    bool found = false;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = sql_template_find(db, &params, &row, &found, error);
    ret_source->subject = g_strdup(found ? row.subject : "");
    ret_source->preheader = g_strdup(found ? row.preheader : "");
    ret_source->body = g_strdup(found ? row.body : "");
    store_reader_end(messages_store(messages), db);
    return done;
}

static void carry(Messages *messages, Claim *claim, const Rendered *rendered,
                  CarrierResult *ret_result)
{
    const Carrier *carrier = &messages->options.carrier;
    Sending sending = {messages, claim};
    CarrierMail mail = {.person_id = claim->key.person_id,
                        .message_id = claim->message_id,
                        .to = claim->address,
                        .to_name = rendered->to_name,
                        .subject = rendered->subject,
                        .text = rendered->text,
                        .html = rendered->html,
                        .unsubscribe = rendered->unsubscribe,
                        .list_id = claim->key.origin,
                        .hand_over = hand_over,
                        .data = &sending};
    carrier->send(carrier->context, &mail, ret_result);
}

/* The text cannot be made for this person: said on their timeline, the others go on. */
static bool text_fails(Messages *messages, const Claim *claim, const GError *failure,
                       GError **error)
{
    bool ours = g_error_matches(failure, KITH_ERROR, KITH_ERROR_INVALID) ||
                g_error_matches(failure, KITH_ERROR, KITH_ERROR_LIMIT) ||
                g_error_matches(failure, KITH_ERROR, KITH_ERROR_NOT_FOUND);
    CarrierResult later = {.outcome = CARRIER_LATER};
    return ours ? outbox_drop(messages, claim, "text_failed", error)
                : outbox_settle(messages, claim, &later, error);
}

static bool send_one(Messages *messages, Claim *claim, bool *ret_blocked, GError **error)
{
    g_auto(MailSource) source = {0};
    g_auto(Rendered) rendered = {0};
    g_autoptr(GError) failure = NULL;
    CarrierResult result = {.outcome = CARRIER_LATER};
    if (!source_load(messages, claim, &source, error)) return false;
    int64_t person_id = people_person(messages->options.people, claim->key.person_id);
    RenderAsk ask = {.subject = source.subject,
                     .body = source.body,
                     .preheader = source.preheader,
                     .person_id = person_id,
                     .key = claim->key,
                     .tracked = true};
    if (!render_mail(messages, &ask, &rendered, &failure))
        return text_fails(messages, claim, failure, error);
    carry(messages, claim, &rendered, &result);
    *ret_blocked = result.outcome == CARRIER_BLOCKED;
    return outbox_settle(messages, claim, &result, error);
}

/* Once no mail passes the rest of the batch need not try. What is claimed when the process stops is
 * found by the next start. */
static bool batch_send(Messages *messages, GArray *claims, GError **error)
{
    bool blocked = false;
    for (guint i = 0; i < claims->len && !messages_stopping(messages); i++) {
        Claim *claim = &g_array_index(claims, Claim, i);
        CarrierResult result = {.outcome = CARRIER_BLOCKED};
        bool done = blocked ? outbox_settle(messages, claim, &result, error)
                            : send_one(messages, claim, &blocked, error);
        if (!done) return false;
    }
    return true;
}

/* ---- test mails ---- */

/* Waits in memory only: a test that a crash took is asked for again. */
typedef struct TestMail {
    char address[IDENTITY_VALUE_MAX + 1];
    int64_t campaign_id, message_id;
    Rendered rendered;
} TestMail;

/* Writes it over what was known of this mailing, else over the oldest. */
static void tested_put(Messages *messages, const TestMail *test, const CarrierResult *result)
{
    g_mutex_lock(&messages->tested_mutex);
    unsigned at = 0;
    while (at < SENDER_TESTED_MAX && messages->tested[at].campaign_id != test->campaign_id)
        at++;
    if (at == SENDER_TESTED_MAX) at = messages->tested_next++ % SENDER_TESTED_MAX;
    Tested *tested = &messages->tested[at];
    *tested = (Tested){.campaign_id = test->campaign_id,
                       .message_id = test->message_id,
                       .at = clock_now_ms(),
                       .state = result ? TESTED_DONE : TESTED_RUNNING};
    g_strlcpy(tested->address, test->address, sizeof tested->address);
    if (result) tested->result = *result;
    g_mutex_unlock(&messages->tested_mutex);
}

void sender_tested(Messages *messages, int64_t campaign_id, Tested *ret_tested)
{
    *ret_tested = (Tested){0};
    g_mutex_lock(&messages->tested_mutex);
    for (unsigned at = 0; at < SENDER_TESTED_MAX; at++)
        if (messages->tested[at].campaign_id == campaign_id) *ret_tested = messages->tested[at];
    g_mutex_unlock(&messages->tested_mutex);
}

bool sender_test(Messages *messages, const TestAsk *ask, Rendered *steal)
{
    if (g_async_queue_length(messages->tests) >= SENDER_TESTS_MAX) return false;
    TestMail *test = g_new0(TestMail, 1);
    test->campaign_id = ask->campaign_id;
    g_strlcpy(test->address, ask->address, sizeof test->address);
    test->message_id = store_id_next(messages_store(messages));
    test->rendered = *steal;
    tested_put(messages, test, NULL);
    g_async_queue_push(messages->tests, test);
    messages_wake(messages);
    return true;
}

/* It is no list mail but in its look, and bears the link whose use proves the round trip. */
static void tests_send(Messages *messages)
{
    const Carrier *carrier = &messages->options.carrier;
    for (TestMail *test; (test = g_async_queue_try_pop(messages->tests));) {
        CarrierResult result = {0};
        CarrierMail mail = {.message_id = test->message_id,
                            .to = test->address,
                            .to_name = test->rendered.to_name,
                            .subject = test->rendered.subject,
                            .text = test->rendered.text,
                            .html = test->rendered.html,
                            .unsubscribe = test->rendered.unsubscribe};
        carrier->send(carrier->context, &mail, &result);
        if (result.outcome != CARRIER_ACCEPTED)
            g_message("mails: a test mail was not taken: %s", result.text);
        tested_put(messages, test, &result);
        rendered_clear(&test->rendered);
        g_free(test);
    }
}

/* ---- mailings ---- */

typedef struct Open {
    int64_t campaign_id, send_at;
    bool scheduled, planning;
} Open;

static bool due_read(Db *db, bool *ret_due, GError **error)
{
    MessageDueParams params = {clock_now_ms(), 1};
    MessageDueRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_message_due_open(db, &params, &cursor, error)) return false;
    *ret_due = sql_message_due_next(&cursor, &row);
    return db_cursor_finish(&cursor, error);
}

static bool open_read(Db *db, GArray *open, GError **error)
{
    CampaignOpenListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_campaign_open_list_open(db, &cursor, error)) return false;
    while (sql_campaign_open_list_next(&cursor, &row)) {
        Open one = {row.campaign_id, row.send_at.set ? row.send_at.value : 0,
                    strcmp(row.state, "scheduled") == 0, strcmp(row.state, "planning") == 0};
        g_array_append_val(open, one);
    }
    return db_cursor_finish(&cursor, error);
}

static bool open_load(Messages *messages, GArray *open, bool *ret_due, GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = open_read(db, open, error) && due_read(db, ret_due, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

static bool start_run(Db *db, void *data, GError **error)
{
    const Open *open = data;
    int64_t now_ms = clock_now_ms();
    CampaignStartParams params = {open->campaign_id, now_ms + CAMPAIGN_LATE_MS, now_ms};
    return sql_campaign_start(db, &params, NULL, error);
}

/* Nothing is open any more: done. Asked in the unit, so that nothing is planned in between. */
static bool end_run(Db *db, void *data, GError **error)
{
    const Open *open = data;
    MessageOpenCountParams params = {open->campaign_id};
    MessageOpenCountRow row;
    bool found;
    if (!sql_message_open_count(db, &params, &row, &found, error)) return false;
    if (found && row.count) return true;
    CampaignDoneParams done = {open->campaign_id, clock_now_ms()};
    return sql_campaign_done(db, &done, NULL, error);
}

typedef struct StopWork {
    int64_t campaign_id;
    const char *reason;
} StopWork;

static bool stop_run(Db *db, void *data, GError **error)
{
    const StopWork *work = data;
    CampaignStopParams params = {work->campaign_id, work->reason, clock_now_ms()};
    return sql_campaign_stop(db, &params, NULL, error);
}

/* A group that cannot be looked up (a rule that names what is gone) stops its mailing. */
static bool plan_fails(Messages *messages, Open *open, GError *failure, GError **error)
{
    if (!g_error_matches(failure, KITH_ERROR, KITH_ERROR_INVALID)) {
        g_propagate_error(error, failure);
        return false;
    }
    g_error_free(failure);
    StopWork work = {open->campaign_id, "group_failed"};
    return writer_call(messages_writer(messages), WRITER_TIMER, stop_run, &work, error);
}

static bool open_step(Messages *messages, Open *open, bool *ret_worked, GError **error)
{
    GError *failure = NULL;
    if (open->scheduled) {
        if (open->send_at > clock_now_ms()) return true;
        *ret_worked = true;
        return writer_call(messages_writer(messages), WRITER_TIMER, start_run, open, error);
    }
    if (!open->planning)
        return writer_call(messages_writer(messages), WRITER_TIMER, end_run, open, error);
    *ret_worked = true;
    return plan_step(messages, open->campaign_id, &failure) ||
           plan_fails(messages, open, failure, error);
}

/* ---- rounds ---- */

/* Claims what the day still takes of what is due; with nothing left of it all of that waits. */
static bool due_take(Messages *messages, GArray *claims, GError **error)
{
    DailyRoom room;
    if (!daily_room(messages, &room, error)) return false;
    if (room.left == 0) return daily_postpone(messages, &room, error);
    return outbox_claim(messages, claims, MIN(room.left, (int64_t)SENDER_BATCH), error);
}

static bool round_run(Messages *messages, bool *ret_worked, GError **error)
{
    g_autoptr(GArray) open = g_array_new(FALSE, FALSE, sizeof(Open));
    g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(Claim));
    bool due = false;
    *ret_worked = false;
    tests_send(messages);
    if (!open_load(messages, open, &due, error)) return false;
    if (due && !due_take(messages, claims, error)) return false;
    if (!batch_send(messages, claims, error)) return false;
    *ret_worked = claims->len > 0;
    for (guint i = 0; i < open->len && !messages_stopping(messages); i++)
        if (!open_step(messages, &g_array_index(open, Open, i), ret_worked, error)) return false;
    return true;
}

static void nap(Messages *messages, int64_t ms)
{
    const Carrier *carrier = &messages->options.carrier;
    if (carrier->idle) carrier->idle(carrier->context);
    g_mutex_lock(&messages->mutex);
    int64_t until = g_get_monotonic_time() + ms * 1000;
    while (!messages->woken && !messages_stopping(messages) &&
           g_cond_wait_until(&messages->wake, &messages->mutex, until))
        ;
    messages->woken = false;
    g_mutex_unlock(&messages->mutex);
}

static gpointer sender_run(gpointer data)
{
    Messages *messages = data;
    while (!messages_stopping(messages)) {
        g_autoptr(GError) error = NULL;
        bool worked = false;
        if (store_held(messages_store(messages), NULL)) {
            nap(messages, SENDER_NAP_MS);
        } else if (!round_run(messages, &worked, &error)) {
            if (!messages_stopping(messages)) g_warning("mails: %s", error->message);
            nap(messages, SENDER_PAUSE_MS);
        } else if (!worked) {
            nap(messages, SENDER_NAP_MS);
        }
    }
    return NULL;
}

bool messages_start(Messages *messages, const char *base_url, GError **error)
{
    g_free(messages->base_url);
    messages->base_url = g_strdup(base_url);
    if (!outbox_recover(messages, error)) return false;
    messages->thread = g_thread_new("mails", sender_run, messages);
    return true;
}

bool messages_run_due(Messages *messages, GError **error)
{
    bool worked = true;
    if (!outbox_recover(messages, error)) return false;
    while (worked)
        if (!round_run(messages, &worked, error)) return false;
    return round_run(messages, &worked, error);
}
