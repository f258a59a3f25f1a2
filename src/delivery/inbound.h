/* delivery/inbound.h: reading the business's own mailbox by IMAP.
 *
 * One mailbox, its INBOX, read-only: nothing is marked, moved or deleted there. Reading begins at
 * the moment it is set up; older mails are not read. Each mail is taken in one transaction with the
 * position (UIDVALIDITY, UID), so that each counts once whatever is killed when; when the server
 * numbers its mails anew (another UIDVALIDITY) all that came in since the set-up are looked at
 * again, and who takes them knows by their Message-ID those that were taken before. A mail on which
 * the process died twice is parked under "needs attention".
 *
 * What a mail means is not known here: `taker` is called inside the unit of the writer.
 *
 *     Inbound *inbound = inbound_new(&(InboundOptions){store, inbox_taker(inbox)});
 *
 * Threads: inbound_run on a worker, one at a time; everything else on any.
 */
#pragma once
#include "delivery/inbound_mail.h"
#include "delivery/sender.h"
#include "net/imap.h"
#include "store/jobs.h"

typedef struct Server Server;
typedef struct Inbound Inbound;

enum {
    INBOUND_EVERY_MS = 60 * 1000,
    INBOUND_BYTES_MAX = 1024 * 1024, /* of one mail that are fetched */
    INBOUND_RUN_MAX = 200,           /* mails in one run, then others have their turn */
    INBOUND_WINDOWS_MAX = 50,        /* searches in one run */
    INBOUND_BUSY_MS = 500,
};

#define INBOUND_JOB     "inbound.read" /* every minute */
#define INBOUND_NOW_JOB "inbound.now"  /* asked for */

/* Whose mailbox; host "": none is read. */
typedef struct InboundSource {
    char host[SENDER_HOST_MAX + 1];
    int64_t port;
    SmtpSecurity security;
    char user[SENDER_USER_MAX + 1], password[SENDER_PASSWORD_MAX + 1];
} InboundSource;

bool inbound_source_load(Store *store, Db *db, InboundSource *ret_source, GError **error);
/* Everything wrong with it, as sender_check. */
unsigned inbound_source_check(const InboundSource *source,
                              void (*bad)(void *data, const char *field, const char *message),
                              void *data);
/* Writer thread. */
bool inbound_source_save(Store *store, Db *db, const InboundSource *source, int64_t now,
                         GError **error);

/* How the last look went. */
typedef struct InboundState {
    int64_t checked_at; /* UTC ms; 0: never */
    ImapResult result;
} InboundState;
bool inbound_state_load(Store *store, Db *db, InboundState *ret_state, GError **error);

typedef struct InboundTaker {
    void *context;
    /* Writer thread, inside the unit that moves the position. A mail that was taken before is
     * passed over (true). */
    bool (*take)(void *context, Db *db, const InboundMail *mail, GError **error);
} InboundTaker;

typedef struct InboundOptions {
    Store *store;
    InboundTaker taker;
} InboundOptions;

Inbound *inbound_new(const InboundOptions *options);
void inbound_free(Inbound *inbound);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inbound, inbound_free)
Store *inbound_store(const Inbound *inbound);

/* The run of both jobs. True when the mailbox could not be reached too: that is kept as its state
 * and shown. Errors: those of the store. */
bool inbound_run(Inbound *inbound, Job *job, GError **error);

/* Asks for a look now, in the caller's transaction. */
bool inbound_ask(Db *db, int64_t now, GError **error);

void inbound_add_routes(Inbound *inbound, Server *server);
