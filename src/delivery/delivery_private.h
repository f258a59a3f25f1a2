/* delivery/delivery_private.h: the inside of Delivery, shared by its files. */
#pragma once
#include "base/clock.h"
#include "delivery/delivery.h"

#define DELIVERY_SEAL "mail.user"

enum { DELIVERY_TEST_MS = 5 * 60 * 1000 /* then a test that said nothing may be made again */ };

struct Delivery {
    DeliveryOptions options;
    Mailbox *mailbox;
};

/* Of a mail that nobody waits for: the RFC's patience only for the final dot (5321, 4.5.3.2). */
extern const SmtpTimes delivery_times;

extern const char *const user_mail_names[]; /* by UserMailKind, NULL at the end */
