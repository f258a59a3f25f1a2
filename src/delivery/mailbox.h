/* delivery/mailbox.h: the local mailbox: mails that go nowhere but into DATA/mailbox.
 *
 * The transport of a store that has no other yet: every mail is one file, MAIL_ID-PERSON.eml, in
 * the order of their ids. Putting the same mail twice leaves one. Nothing outlives MAILBOX_DAYS or
 * MAILBOX_MAILS_MAX; erasing a person removes what was addressed to them (PERSON is their stem, 0:
 * nobody we know). Durable when put; thread safe, no locks: files appear and vanish as a whole.
 *
 *     mailbox_put(mailbox, &(MailboxMail){mail_id, stem, text->data, text->size}, error);
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "people/personal.h"

enum {
    MAILBOX_DAYS = 30,
    MAILBOX_MAILS_MAX = 100000,
    MAILBOX_PAGE = 50,
    MAILBOX_MAIL_BYTES_MAX = 25 * 1024 * 1024, /* what is put; larger ones are refused */
    MAILBOX_PART_BYTES_MAX = 2 * 1024 * 1024,  /* what is shown of one part */
    MAILBOX_PARTS_MAX = 200,                   /* parts looked at in one mail */
};

typedef struct Mailbox Mailbox;

typedef struct MailboxMail {
    int64_t mail_id;
    int64_t person; /* stem, or 0 */
    const char *data;
    size_t size;
} MailboxMail;

/* Of a data folder, which must exist. The folder itself is made with the first mail. */
Mailbox *mailbox_new(const char *data_dir);
void mailbox_free(Mailbox *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mailbox, mailbox_free)

/* Errors: LIMIT (size), UNAVAILABLE (disk). */
bool mailbox_put(Mailbox *mailbox, const MailboxMail *mail, GError **error);

/* {"mails": [{id, at, from, to, subject, bytes}], "next": id or null, "total": n}: newest first,
 * those with an id below `before` (0: all). New reference. Reads the heads of one page. */
json_t *mailbox_list(Mailbox *mailbox, int64_t before, GError **error);

/* One mail: the same fields, "text", "html" (null when there is none) and "headers" [{name,
 * value}]. Errors: NOT_FOUND. */
json_t *mailbox_read(Mailbox *mailbox, int64_t mail_id, GError **error);

/* The file as it is; the caller frees it. Errors: NOT_FOUND. */
char *mailbox_raw(Mailbox *mailbox, int64_t mail_id, size_t *ret_size, GError **error);

/* Removes every mail. */
bool mailbox_empty(Mailbox *mailbox, GError **error);

/* Removes what is older than MAILBOX_DAYS before `now` (UTC ms), or beyond the most there may be.
 */
bool mailbox_tidy(Mailbox *mailbox, int64_t now, GError **error);

/* For erasure and export (people/personal.h). */
PersonalFile mailbox_personal_file(Mailbox *mailbox);
