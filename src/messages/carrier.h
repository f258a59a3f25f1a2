/* messages/carrier.h: how a mail leaves the house; what delivery/ implements and app/ hands in.
 *
 * The outbox decides whether a message may go; a carrier takes one mail at a time to a relay or
 * into the local mailbox and says how that ended. Just before the content would be handed over
 * (SMTP: after RCPT, before DATA) it asks `hand_over`; a no ends this mail, nothing was sent.
 *
 * Thread rule: only the sender's thread calls send and idle; the others may be called on any.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

enum { CARRIER_TEXT_SIZE = 400 };

/* One mail. UTF-8, no CR or LF in the texts of the head; borrowed. */
typedef struct CarrierMail {
    int64_t person_id;   /* whose it is; 0: a test mail */
    int64_t message_id;  /* names it for ever: the Message-ID is made from it */
    const char *to;      /* address in normal form */
    const char *to_name; /* or NULL */
    const char *subject;
    const char *text, *html; /* bodies */
    const char *unsubscribe; /* https address of the one click; NULL: the mail is no list mail */
    int64_t list_id;         /* the mailing, for List-Id; 0: none */
    bool (*hand_over)(void *data);
    void *data;
} CarrierMail;

typedef enum CarrierOutcome {
    CARRIER_ACCEPTED,
    CARRIER_REFUSED_ADDRESS, /* for good: nobody lives there */
    CARRIER_REFUSED_MESSAGE, /* for good: this mail as it is */
    CARRIER_LATER,           /* try again, nothing was taken */
    CARRIER_BLOCKED,         /* settings or account: no mail passes until that is mended */
    CARRIER_UNKNOWN,         /* the connection was lost after the end of the content */
    CARRIER_HELD,            /* `hand_over` said no */
    CARRIER_OUTCOMES
} CarrierOutcome;

typedef struct CarrierResult {
    CarrierOutcome outcome;
    char text[CARRIER_TEXT_SIZE]; /* what the other side said, one line; "" when nothing */
} CarrierResult;

/* What a mailing has to know of the way out. */
typedef struct CarrierFacts {
    bool ready;       /* set up, and a test mail was taken */
    bool local;       /* mails stay on this machine: no test and no address is asked for */
    bool address;     /* its domain, its links and their certificate were checked and are good */
    int64_t daily;    /* mails it takes in 24 hours; 0: any number */
    char way[200];    /* what it is set up as; another way asks for another round trip */
    char postal[501]; /* who writes and where they live, lines; "" = not set */
} CarrierFacts;

typedef struct Carrier {
    void *context;
    bool (*facts)(void *context, Db *db, CarrierFacts *ret_facts, GError **error);
    /* Sends one mail; `ret_result` is always written. */
    void (*send)(void *context, const CarrierMail *mail, CarrierResult *ret_result);
    /* Nothing more to send just now: connections may be closed. NULL: nothing to do. */
    void (*idle)(void *context);
    /* After a crash: was this mail taken? True only when that is certain; NULL: never certain. */
    bool (*taken)(void *context, int64_t message_id);
    /* Whether what was not `taken` was certainly not sent: a local folder. NULL: never. */
    bool (*certain)(void *context);
} Carrier;
