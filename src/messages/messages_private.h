/* messages/messages_private.h: what the files of this folder share.
 *
 * `mutex` is the sender's sleep, and is held for nothing else; `tested_mutex` guards what came of
 * test mails. Neither is held while the other, the writer or a carrier is called.
 */
#pragma once
#include "messages/manners.h"
#include "messages/messages.h"
#include "messages/token.h"

enum {
    CAMPAIGN_UNDO_MS = 60 * 1000,
    CAMPAIGN_LATE_MS = 24 * 3600 * 1000, /* a mail of a mailing is not sent later than this */
    MESSAGE_LEASE_MS = 15 * 60 * 1000,   /* longer than any SMTP dialogue */
};

struct Messages {
    MessagesOptions options;
    TokenKey token_key;
    const uint8_t *draw_key; /* who is left alone */
    GAsyncQueue *tests;      /* of TestMail (sender.c) */
    struct Tested *tested;   /* ring of SENDER_TESTED_MAX, under tested_mutex */
    unsigned tested_next;
    GMutex tested_mutex;
    GMutex mutex;
    GCond wake;
    GThread *thread; /* NULL: not started */
    bool woken;      /* under mutex */
    gint stopping;   /* atomic */
    char *base_url;  /* set before the sender starts */
    GArray *members; /* of the mailing being planned; sender only */
    int64_t members_of;
};

static inline Store *messages_store(const Messages *messages) { return messages->options.store; }
static inline Writer *messages_writer(const Messages *messages)
{
    return store_writer(messages->options.store);
}

static inline bool messages_stopping(Messages *messages)
{
    return g_atomic_int_get(&messages->stopping) != 0;
}

/* One setting as text, "" when it is not set; the caller frees. NULL on failure. */
char *messages_setting(Db *db, const char *name, GError **error);
bool messages_setting_put(Db *db, const char *name, const char *value, GError **error);

/* Appends an event of Kith's own about a message; `more` (may be NULL) is borrowed. In a unit. */
typedef struct MessageKey {
    int64_t person_id, origin, occurrence;
} MessageKey;
bool messages_event(Messages *messages, Db *db, const char *name, const MessageKey *key,
                    const json_t *more, GError **error);
