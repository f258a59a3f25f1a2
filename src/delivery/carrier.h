/* delivery/carrier.h: how the mails of mailings leave: messages/carrier.h by way of the sender.
 *
 * Into the local mailbox, or over one SMTP connection that is kept while there is more to send and
 * made again when the settings change. Every list mail bears List-Unsubscribe,
 * List-Unsubscribe-Post (RFC 8058) and List-Id (RFC 2919).
 */
#pragma once
#include "delivery/delivery.h"
#include "messages/carrier.h"

typedef struct DeliveryCarrier DeliveryCarrier;

/* `delivery` outlives the result. */
DeliveryCarrier *delivery_carrier_new(Delivery *delivery);
void delivery_carrier_free(DeliveryCarrier *carrier);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeliveryCarrier, delivery_carrier_free)

/* The calls, with `carrier` as context. */
Carrier delivery_carrier(DeliveryCarrier *carrier);

/* The sender's thread should end: a dialogue is given up. Any thread. */
void delivery_carrier_stop(DeliveryCarrier *carrier);
