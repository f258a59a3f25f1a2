/* delivery/delivery_private.h: the inside of Delivery, shared by its files. */
#pragma once
#include "base/clock.h"
#include "delivery/delivery.h"
#include "net/dns.h"

#define DELIVERY_SEAL "mail.user"

/* The local mailbox of a store that has no address yet writes from one that cannot exist. */
#define DELIVERY_NO_ADDRESS "kith@localhost.invalid"

enum { DELIVERY_TEST_MS = 5 * 60 * 1000 /* then a test that said nothing may be made again */ };

enum { ADDRESS_NONCE_SIZE = 32 /* hexadecimal digits */ };

struct Delivery {
    DeliveryOptions options;
    Mailbox *mailbox;
    Dns *dns;
    GMutex here_mutex; /* of the rest: where links lead, and the page asked for there now */
    char *base_url;    /* NULL: not served */
    char nonce[ADDRESS_NONCE_SIZE + 1], answer[ADDRESS_NONCE_SIZE + 1]; /* "" none */
};

/* A run of DELIVERY_ADDRESS_JOB. */
typedef struct AddressJob {
    Delivery *delivery;
    Job *job;
    int silent; /* questions that nobody answered; after a few of them none is asked */
} AddressJob;

/* Of a mail that nobody waits for: the RFC's patience only for the final dot (5321, 4.5.3.2). */
extern const SmtpTimes delivery_times;

extern const char *const user_mail_names[]; /* by UserMailKind, NULL at the end */
