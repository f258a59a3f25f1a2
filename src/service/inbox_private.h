/* service/inbox_private.h: what the files of the inbox share. */
#pragma once
#include "base/keyhash.h"
#include "people/consent_rules.h"
#include "service/inbox.h"

struct Inbox {
    InboxOptions options;
    const uint8_t *ref_key;
};

/* A conversation as kept; texts are owned. */
typedef struct Conversation {
    int64_t person_id, conversation_id, origin, last_at; /* person_id: stem, 0: nobody known */
    char *kind, *state, *address, *name, *subject;
    char *status, *wish; /* NULL: none */
} Conversation;

void conversation_clear(Conversation *conversation);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Conversation, conversation_clear)

/* Any connection. Errors: NOT_FOUND; so it is too when its person was erased. */
bool conversation_load(Inbox *inbox, Db *db, int64_t conversation_id,
                       Conversation *ret_conversation, GError **error);

/* The keyed hash by which a mail is found again. `kind`: 'm' a Message-ID as its sender gave it,
 * 'o' the number of a mail of ours, 'c' the content of a mail without Message-ID. */
typedef struct MailRef {
    Hash128 hash;
} MailRef;
MailRef mail_ref(const Inbox *inbox, char kind, const char *text);
MailRef mail_ref_own(const Inbox *inbox, int64_t mail_id);
static inline DbBytes mail_ref_bytes(const MailRef *ref)
{
    return (DbBytes){&ref->hash, sizeof ref->hash};
}

/* The keyed hash of an address; false: it is none. */
bool address_hash(const Inbox *inbox, const char *address, uint8_t ret_hash[CONSENT_HASH_SIZE]);

/* An event of Kith's own on somebody's timeline; 0: nobody's, nothing. `more` is stolen. Writer. */
bool inbox_event(Inbox *inbox, Db *db, int64_t person_id, const char *name, json_t *more,
                 GError **error);

/* No more mail to that address, as its holder asked by mail. `actor`: who wrote it down. Writer. */
bool inbox_stop(Inbox *inbox, Db *db, const Conversation *conversation, const char *actor,
                GError **error);
