/* service/inbox.h: what people write to the business, as conversations, and the answers to them.
 *
 * Mails come from delivery/inbound.h, one call each inside the unit that moves the position of
 * reading. Whose a mail is: what it answers says so (In-Reply-To, References: a mail of ours, or
 * one of a conversation), unless it comes from the address of another person; else the person whose
 * address it comes from; else nobody: it is a conversation without a person, which the owner may
 * link by hand. No mail makes a person.
 *
 * Mail that nobody wrote (returned, delayed, automatic) stands apart and is never a reply. A hard
 * bounce (5.x.x about the address) suppresses the address, if it names a mail of ours by its
 * sealed Message-ID and the address that mail went to: nobody else can know both.
 *
 * An answer is sent once: its hand-over is noted, and durable, before DATA; found noted by a later
 * run it counts as unknown and is not sent again. Nothing is sent to who was erased meanwhile.
 *
 *     Inbox *inbox = inbox_new(&(InboxOptions){…});
 *     InboundTaker taker = inbox_taker(inbox);
 *
 * Thread safe; no locks of its own.
 */
#pragma once
#include "base/findings.h"
#include "delivery/delivery.h"
#include "delivery/inbound.h"
#include "messages/messages.h"
#include "people/personal.h"
#include "timeline/timeline.h"

typedef struct Inbox Inbox;

enum {
    INBOX_PAGE = 50,
    INBOX_MAILS_SHOWN = 100,    /* of one conversation, the newest */
    INBOX_ANSWER_MAX = 20000,   /* bytes */
    INBOX_SNIPPET_MAX = 160,    /* bytes of the newest mail in the list */
    INBOX_QUOTE_LINES_MAX = 60, /* of what is answered, beneath the answer */
    INBOX_GIVE_UP_MS = 3 * 24 * 3600 * 1000,
};

#define INBOX_ANSWER_JOB "inbox.answer" /* its key is the conversation and the mail */

typedef struct InboxOptions {
    Store *store;
    People *people;
    Timeline *timeline;
    Messages *messages;
    Delivery *delivery;
} InboxOptions;

/* All parts outlive the result. */
Inbox *inbox_new(const InboxOptions *options);
void inbox_free(Inbox *inbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inbox, inbox_free)

InboundTaker inbox_taker(Inbox *inbox);

/* The run of INBOX_ANSWER_JOB. */
bool inbox_answer_run(Inbox *inbox, Job *job, GError **error);

/* Somebody is about to be erased: what came from their addresses and was linked to nobody goes at
 * once; the rest is in inbox_personal. Writer thread. */
bool inbox_forget(Inbox *inbox, Db *db, int64_t person_id, GError **error);

extern const PersonalTable inbox_personal[];

/* Every conversation has a state that is one and fits its kind, every mail belongs to one, every
 * answer has a state. Any thread but the writer's. */
bool inbox_verify(Inbox *inbox, Findings *findings, GError **error);

void inbox_add_routes(Inbox *inbox, Server *server);
