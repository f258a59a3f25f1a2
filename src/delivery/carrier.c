#include "delivery/carrier.h"

#include <string.h>

#include "base/ids.h"
#include "delivery/address.h"
#include "delivery/delivery_private.h"
#include "timeline/business.h"

struct DeliveryCarrier {
    Delivery *delivery;
    Sender sender; /* as the connection was made with; its options point here */
    Smtp *smtp;    /* NULL: none is open */
    gint stopping; /* atomic */
};

static const CarrierOutcome outcomes[SMTP_OUTCOMES] = {
    [SMTP_DELIVERED] = CARRIER_ACCEPTED,
    [SMTP_REFUSED_ADDRESS] = CARRIER_REFUSED_ADDRESS,
    [SMTP_REFUSED_MESSAGE] = CARRIER_REFUSED_MESSAGE,
    [SMTP_REFUSED_ACCOUNT] = CARRIER_BLOCKED,
    [SMTP_LATER] = CARRIER_LATER,
    [SMTP_UNKNOWN] = CARRIER_UNKNOWN,
    [SMTP_HELD] = CARRIER_HELD,
};

DeliveryCarrier *delivery_carrier_new(Delivery *delivery)
{
    DeliveryCarrier *carrier = g_new0(DeliveryCarrier, 1);
    carrier->delivery = delivery;
    return carrier;
}

void delivery_carrier_free(DeliveryCarrier *carrier)
{
    if (!carrier) return;
    g_clear_pointer(&carrier->smtp, smtp_close);
    g_free(carrier);
}

void delivery_carrier_stop(DeliveryCarrier *carrier) { g_atomic_int_set(&carrier->stopping, 1); }

static bool carrier_stopping(void *data)
{
    DeliveryCarrier *carrier = data;
    return g_atomic_int_get(&carrier->stopping) != 0;
}

/* ---- what a mailing asks ---- */

static bool carrier_facts(void *context, Db *db, CarrierFacts *ret_facts, GError **error)
{
    DeliveryCarrier *carrier = context;
    Store *store = delivery_store(carrier->delivery);
    Sender sender;
    g_autofree SenderTest *test = g_new0(SenderTest, 1);
    bool good = false;
    if (!sender_load(store, db, &sender, error) || !sender_test_load(store, db, test, error) ||
        !address_is_good(carrier->delivery, db, &sender, &good, error))
        return false;
    bool smtp = sender.transport == TRANSPORT_SMTP;
    *ret_facts = (CarrierFacts){.ready = sender_is_ready(&sender, test),
                                .local = sender_is_local(&sender),
                                .address = good,
                                .daily = smtp ? sender.daily_limit : 0};
    g_snprintf(ret_facts->way, sizeof ret_facts->way, "%s %s:%" G_GINT64_FORMAT " %s",
               sender_transport_names[sender.transport], sender.host, sender.port,
               sender.from_address);
    g_strlcpy(ret_facts->postal, sender.postal_address, sizeof ret_facts->postal);
    return true;
}

static bool is_mailbox(DeliveryCarrier *carrier)
{
    g_autofree Sender *sender = g_new0(Sender, 1);
    return delivery_sender(carrier->delivery, sender, NULL, NULL) &&
           sender->transport == TRANSPORT_MAILBOX;
}

/* A file of the local mailbox appears as a whole: it is there, or the mail never went. */
static bool carrier_certain(void *context) { return is_mailbox(context); }

static bool carrier_taken(void *context, int64_t message_id)
{
    DeliveryCarrier *carrier = context;
    size_t size;
    g_autofree char *raw =
        mailbox_raw(delivery_mailbox(carrier->delivery), message_id, &size, NULL);
    return raw != NULL;
}

/* ---- one mail ---- */

static MailText *mail_text(DeliveryCarrier *carrier, const Sender *sender, const CarrierMail *mail,
                           const Business *business, GError **error)
{
    char list[ID_TEXT_SIZE] = "", seal[MAIL_SEAL_SIZE];
    delivery_seal(carrier->delivery, mail->message_id, seal);
    if (mail->list_id) id_format(mail->list_id, list);
    const char *name = *sender->from_name ? sender->from_name : business->name;
    Mail text = {.mail_id = mail->message_id,
                 .at = clock_now_ms(),
                 .from_name = mail_header_check(name, MAIL_NAME_MAX) ? name : "",
                 .from_address = *sender->from_address ? sender->from_address : DELIVERY_NO_ADDRESS,
                 .reply_to = sender->reply_to,
                 .to_name = mail->to_name && mail_header_check(mail->to_name, MAIL_NAME_MAX)
                                ? mail->to_name
                                : "",
                 .to_address = mail->to,
                 .subject = mail->subject,
                 .text = mail->text,
                 .html = mail->html,
                 .unsubscribe = mail->unsubscribe,
                 .list_id = *list ? list : NULL,
                 .seal = seal,
                 .auto_submitted = true};
    return mail_build(&text, error);
}

static void mailbox_send(DeliveryCarrier *carrier, const CarrierMail *mail, const MailText *text,
                         SmtpResult *ret_result)
{
    g_autoptr(GError) error = NULL;
    MailboxMail file = {mail->message_id, mail->person_id, text->data, text->size};
    *ret_result = (SmtpResult){.outcome = SMTP_HELD, .phase = SMTP_AT_DATA};
    if (mail->hand_over && !mail->hand_over(mail->data)) return;
    *ret_result = (SmtpResult){.outcome = SMTP_DELIVERED, .phase = SMTP_AT_END};
    if (mailbox_put(delivery_mailbox(carrier->delivery), &file, &error)) return;
    ret_result->outcome = SMTP_LATER;
    g_strlcpy(ret_result->text, error->message, sizeof ret_result->text);
}

/* The connection at hand, when it was made with these settings; else a new one. */
static bool connection_have(DeliveryCarrier *carrier, const Sender *sender, SmtpResult *ret_result)
{
    if (carrier->smtp && memcmp(&carrier->sender, sender, sizeof *sender) == 0) return true;
    g_clear_pointer(&carrier->smtp, smtp_close);
    carrier->sender = *sender;
    const char *domain = strrchr(carrier->sender.from_address, '@');
    SmtpOptions options = sender_smtp_options(&carrier->sender);
    options.name = domain && g_str_is_ascii(domain) ? domain + 1 : NULL;
    options.times = delivery_times;
    options.stopping = carrier_stopping;
    options.stopping_data = carrier;
    carrier->smtp = smtp_open(&options, ret_result);
    return carrier->smtp != NULL;
}

static void relay_send(DeliveryCarrier *carrier, const Sender *sender, const CarrierMail *mail,
                       const MailText *text, SmtpResult *ret_result)
{
    SmtpMessage message = {.from = sender->from_address,
                           .to = mail->to,
                           .data = text->data,
                           .size = text->size,
                           .hand_over = mail->hand_over,
                           .hand_over_data = mail->data};
    if (!connection_have(carrier, sender, ret_result)) return;
    if (!smtp_send(carrier->smtp, &message, ret_result))
        g_clear_pointer(&carrier->smtp, smtp_close);
}

static bool business_read(DeliveryCarrier *carrier, Business *ret_business, GError **error)
{
    Store *store = delivery_store(carrier->delivery);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = business_load(db, ret_business, error);
    store_reader_end(store, db);
    return done;
}

static void carrier_send(void *context, const CarrierMail *mail, CarrierResult *ret_result)
{
    DeliveryCarrier *carrier = context;
    g_autoptr(GError) error = NULL;
    g_autofree Sender *sender = g_new0(Sender, 1);
    Business business;
    SmtpResult result = {0};
    *ret_result = (CarrierResult){.outcome = CARRIER_LATER};
    if (!delivery_sender(carrier->delivery, sender, NULL, &error) ||
        !business_read(carrier, &business, &error)) {
        g_strlcpy(ret_result->text, error->message, sizeof ret_result->text);
        return;
    }
    g_autoptr(MailText) text = mail_text(carrier, sender, mail, &business, &error);
    if (!text) {
        ret_result->outcome = CARRIER_REFUSED_MESSAGE;
        g_strlcpy(ret_result->text, error->message, sizeof ret_result->text);
        return;
    }
    if (sender->transport == TRANSPORT_MAILBOX)
        mailbox_send(carrier, mail, text, &result);
    else
        relay_send(carrier, sender, mail, text, &result);
    ret_result->outcome = outcomes[result.outcome];
    g_strlcpy(ret_result->text, result.text, sizeof ret_result->text);
}

static void carrier_idle(void *context)
{
    DeliveryCarrier *carrier = context;
    g_clear_pointer(&carrier->smtp, smtp_close);
}

Carrier delivery_carrier(DeliveryCarrier *carrier)
{
    return (Carrier){.context = carrier,
                     .facts = carrier_facts,
                     .send = carrier_send,
                     .idle = carrier_idle,
                     .taken = carrier_taken,
                     .certain = carrier_certain};
}
