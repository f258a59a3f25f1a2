/* messages/messages.h: what is said to people by mail, and whether it may be said now.
 *
 * A Messages holds what the parts of this folder share: the outbox (outbox.h) with its three short
 * transactions, good manners (manners.h), mailings (campaign.h), the words that are sent
 * (render.h), the links in them (token.h), and the one thread that sends (sender.h).
 *
 * Invariants (DESIGN.md section 6, promises 2, 3 and 7)
 *   - one row of `message` for each (person, origin, occurrence), for ever;
 *   - one address gets one message of an occurrence, whoever holds it;
 *   - a message is handed over in a transaction of its own, just before DATA, that judges
 *     everything again; none is open during network I/O;
 *   - a no cancels every message that is not being handed over before it is answered, and the
 *     answer names those that are;
 *   - what was being handed over when the process died is `unknown`: counted, never sent again.
 *
 * Thread safe but for new, start and free.
 *
 *     Messages *messages = messages_new(&options);
 *     messages_add_routes(messages, server);
 *     messages_start(messages, "http://127.0.0.1:8420");
 */
#pragma once
#include "messages/carrier.h"
#include "net/server.h"
#include "people/people.h"
#include "store/store.h"
#include "timeline/timeline.h"

typedef struct Messages Messages;

/* Who a group is: segments/ behind one call. */
typedef struct MessageGroups {
    void *context;
    /* Appends the people of a rule at that moment, rising ids. Errors: KITH_ERROR_INVALID with the
     * place in the rule. Not on the writer's thread. */
    bool (*people)(void *context, const char *rule, int64_t at_ms, GArray *person_ids,
                   GError **error);
} MessageGroups;

typedef struct MessagesOptions {
    Store *store;
    People *people;
    Timeline *timeline;
    MessageGroups groups;
    Carrier carrier;
} MessagesOptions;

/* All parts outlive the result. */
Messages *messages_new(const MessagesOptions *options);
/* Stops the sender and frees. */
void messages_free(Messages *messages);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Messages, messages_free)

void messages_add_routes(Messages *messages, Server *server);

/* Settles what a dead process left behind and starts the sender. `base_url`: where links in mails
 * lead, without a slash at the end. */
bool messages_start(Messages *messages, const char *base_url, GError **error);

/* The sender looks for work at once. Any thread. */
void messages_wake(Messages *messages);

/* Runs the sender's work in the calling thread until nothing is due; for tests and the command
 * line. Not while messages_start has started the thread. */
bool messages_run_due(Messages *messages, GError **error);
