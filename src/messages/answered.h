/* messages/answered.h: a message of a mailing that was answered, or came back. */
#pragma once
#include "messages/messages.h"

typedef struct Answered {
    int64_t person_id, origin, occurrence; /* stem, mailing */
    char address[IDENTITY_VALUE_MAX + 1];  /* where it went; "" when it is not kept any more */
} Answered;

/* The message of that id (a mail bears it in its Message-ID). Any connection. */
bool answered_find(Db *db, int64_t message_id, Answered *ret_answered, bool *ret_found,
                   GError **error);

/* Its address does not exist: suppressed as if the relay had refused it, and on the timeline. In a
 * unit of the writer. */
bool answered_bounced(Messages *messages, Db *db, const Answered *answered, GError **error);
