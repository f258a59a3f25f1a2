/* delivery/delivery.h: mails on their way: the sender, the local mailbox, and the mails that Kith
 * writes to its own users.
 *
 * A mail to a user (invite, reset, letter, test) is a job: asked for in a transaction or a call,
 * sent by a worker, tried again while the server says "later", never twice after the final dot was
 * said (its hand-over is noted before DATA). Requests never wait for the network.
 *
 *     g_autoptr(Delivery) delivery = delivery_new(&options);
 *     UserMail mail = {.kind = USER_MAIL_INVITE, .account_id = id, .link = link};
 *     delivery_user_mail(delivery, &mail, &way, error);
 */
#pragma once
#include "delivery/mail.h"
#include "delivery/mailbox.h"
#include "delivery/sender.h"
#include "people/people.h"
#include "store/jobs.h"

typedef struct Server Server;
typedef struct Delivery Delivery;

enum {
    DELIVERY_TRY_MS_MAX = 3600 * 1000,          /* longest pause between two tries */
    DELIVERY_TRY_MS_MIN = 60 * 1000,            /* first one */
    DELIVERY_GIVE_UP_MS = 3 * 24 * 3600 * 1000, /* after the first try; a link lives seven days */
};

#define DELIVERY_TEST_JOB    "mail.test"
#define DELIVERY_USER_JOB    "mail.user"
#define DELIVERY_TIDY_JOB    "mailbox.tidy"
#define DELIVERY_ADDRESS_JOB "address.check"

typedef struct DeliveryOptions {
    Store *store;
    People *people; /* whose a recipient's address is; NULL: nobody's */
} DeliveryOptions;

/* `options` must outlive the result. */
Delivery *delivery_new(const DeliveryOptions *options);
void delivery_free(Delivery *delivery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Delivery, delivery_free)

/* Where links in mails lead, and the name server that checks ask ("ADDRESS[:PORT]"; NULL: the
 * machine's). Before anything is served. Errors: INVALID (the name server). */
bool delivery_serve_at(Delivery *delivery, const char *base_url, const char *resolver,
                       GError **error);

Store *delivery_store(const Delivery *delivery);
Mailbox *delivery_mailbox(Delivery *delivery);

/* The seal of a mail's Message-ID, and the mail that a Message-ID names (mail.h). */
void delivery_seal(Delivery *delivery, int64_t mail_id, char ret_seal[MAIL_SEAL_SIZE]);
int64_t delivery_mail_of(Delivery *delivery, const char *message_id, bool *ret_sealed);

/* Sender and last test as kept now. */
bool delivery_sender(Delivery *delivery, Sender *ret_sender, SenderTest *ret_test, GError **error);

/* One mail by the way of `sender`, waiting for the network: worker threads only. */
typedef struct Posting {
    const Sender *sender;
    const char *to_address;
    const MailText *text;
    int64_t mail_id;
    const SmtpTimes *times;        /* NULL: those of the RFC */
    bool (*hand_over)(void *data); /* just before it can arrive; NULL: yes */
    bool (*stopping)(void *data);
    void *data;        /* of both */
    GString *dialogue; /* or NULL */
} Posting;
void delivery_post(Delivery *delivery, const Posting *posting, SmtpResult *ret_result);

/* ---- mails to users ---- */

typedef enum UserMailKind {
    USER_MAIL_INVITE,
    USER_MAIL_RESET,
    USER_MAIL_LETTER,
    USER_MAILS
} UserMailKind;

typedef struct UserMail {
    UserMailKind kind;
    int64_t account_id;
    const char *link;                  /* where it leads; sealed while it waits */
    const char *subject, *text, *html; /* of a letter; else NULL: written when it is sent */
} UserMail;

/* What became of the wish. */
typedef enum MailWay {
    MAIL_WAY_NONE,    /* no sender was tested yet: nothing is sent */
    MAIL_WAY_MAILBOX, /* it will lie in the local mailbox */
    MAIL_WAY_SMTP     /* it will be sent */
} MailWay;
extern const char *const mail_way_names[]; /* "none", "mailbox", "smtp", NULL */

/* The way that a mail to a user would take now. */
bool delivery_way(Delivery *delivery, MailWay *ret_way, GError **error);

/* Asks for a mail to a user; waits for the commit. Errors: those of the writer. */
bool delivery_user_mail(Delivery *delivery, const UserMail *mail, MailWay *ret_way, GError **error);

/* The same inside a unit of the writer; whether there is a way was asked before. `key`: at most
 * one such job waits at a time. */
bool delivery_user_mail_add(Delivery *delivery, Db *db, const UserMail *mail, const char *key,
                            GError **error);

/* Asks for a test mail; `ret_mail_id` names it. Errors: CONFLICT (one is under way), INVALID. */
bool delivery_test(Delivery *delivery, const char *to, int64_t *ret_mail_id, GError **error);

/* ---- wiring ---- */

/* The runs of DELIVERY_…_JOB. */
bool delivery_test_run(Delivery *delivery, Job *job, GError **error);
bool delivery_user_run(Delivery *delivery, Job *job, GError **error);
bool delivery_address_run(Delivery *delivery, Job *job, GError **error);

void delivery_add_routes(Delivery *delivery, Server *server);
