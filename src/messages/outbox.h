/* messages/outbox.h: the life of one message, in short transactions.
 *
 *     planned -> waiting -> claimed -> handing -> accepted | refused | unknown
 *                                   `-> waiting                (later, with the reason)
 *     planned, waiting, claimed     --> cancelled | dropped    (with the reason)
 *
 *   plan      rows are made, each with its reason if it is not to go (campaign_plan.h)
 *   claim     a batch of due rows is taken under a lease; the guard's epoch is noted
 *   hand over just before DATA: everything is judged again, and the row becomes `handing` only if
 *             the guard is as it was at the claim
 *   settle    what the relay said
 *
 * A no (outbox_refuse) bumps the guard and cancels every row that is not `handing`, in the
 * transaction that makes it true. No call here does I/O but to the database. The writer's
 * transactions are serial on SQLite; on PostgreSQL the guard's row is the lock.
 */
#pragma once
#include "messages/judge.h"
#include "messages/messages_private.h"

/* A message taken by the sender. */
typedef struct Claim {
    MessageKey key;
    int64_t message_id, template_id, owner, epoch, attempts;
    char address[IDENTITY_VALUE_MAX + 1];
    bool held; /* the hand over said no: the row was settled there */
} Claim;

/* Appends up to `rows` due messages to `claims` (of Claim). Waits for the commit. */
bool outbox_claim(Messages *messages, GArray *claims, int64_t rows, GError **error);

/* Whether the message may go this instant. Sets claim->held and settles the row when not. Waits
 * for the commit; an error counts as no. */
bool outbox_hand_over(Messages *messages, Claim *claim, GError **error);

/* Writes how it ended; a refused address is suppressed, and a mailing of which too much is refused
 * stops. Waits for the commit. */
bool outbox_settle(Messages *messages, const Claim *claim, const CarrierResult *result,
                   GError **error);

/* Ends a claim that cannot be sent as it is (a text that cannot be rendered): dropped. */
bool outbox_drop(Messages *messages, const Claim *claim, const char *reason, GError **error);

/* What a dead sender left: claimed rows wait again; rows being handed over are what the carrier is
 * certain of, else unknown. Before the first claim. */
bool outbox_recover(Messages *messages, GError **error);

/* Cancels a mailing's rows that are not being handed over, in small units. */
bool outbox_cancel_all(Messages *messages, int64_t origin, const char *reason, GError **error);

/* A no that was just written to the ledger. In its unit of the writer. */
typedef struct Refusal {
    int64_t person_id;   /* 0: only the address is known */
    const char *address; /* NULL: all of the person's */
    const char *topic;   /* "*" or NULL = all */
    const char *reason;  /* a literal: "unsubscribed", "erased" … */
} Refusal;

/* `under_way` (may be NULL): MessageKeys of messages that are being handed over are appended. */
bool outbox_refuse(Messages *messages, Db *db, const Refusal *refusal, GArray *under_way,
                   GError **error);

/* An address at which nobody lives is never written to again: suppressed, with its event. In a
 * unit. */
bool outbox_bounced(Messages *messages, Db *db, const MessageKey *key, const char *address,
                    GError **error);

/* Notes on the timeline that a message was not sent, and why. In a unit. */
bool outbox_withheld(Messages *messages, Db *db, const MessageKey *key, const char *reason,
                     GError **error);
