/* delivery/mail.h: one mail as text: built by GMime, checked before.
 *
 * multipart/alternative with plain text first and HTML second (or text alone), UTF-8, quoted-
 * printable, so that every line is short and every byte below 128. Names and subject are encoded
 * words (RFC 2047) where they need to be. A name, subject or address with a control character is
 * refused: nobody can add a header. The same Mail gives the same text, but for the boundary.
 *
 *     g_autoptr(MailText) text = mail_build(&mail, error);
 *     text->data, text->size
 *
 * Pure, any thread; g_mime_init must have been called once (delivery_new does).
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    MAIL_NAME_MAX = 120,
    MAIL_SUBJECT_MAX = 250,
    MAIL_ID_SIZE = 320,
    MAIL_SEAL_SIZE = 17,
    MAIL_ANSWERS_MAX = 4000, /* bytes of Mail.answers */
};

typedef struct Mail {
    int64_t mail_id;          /* > 0: the Message-ID follows from it, the same over retries */
    int64_t at;               /* Date, UTC ms */
    const char *from_name;    /* NULL or "": the address alone */
    const char *from_address; /* its domain stands in the Message-ID too */
    const char *reply_to;     /* NULL or "": none */
    const char *to_name, *to_address;
    const char *subject, *text;
    const char *html;        /* NULL: text alone */
    const char *unsubscribe; /* address of the one click (RFC 8058); NULL: no list mail */
    const char *list_id;     /* names the list (RFC 2919), letters and digits; NULL: none */
    bool auto_submitted;     /* RFC 3834 5.1: nobody pressed "send", so no automatic answers */
    const char *seal;        /* stands in the Message-ID, letters and digits: only who got the mail
                                knows it (mail_seal); NULL: none */
    const char *answers;     /* Message-IDs with < and >, divided by spaces, oldest first: what this
                                mail answers is the last (RFC 5322 3.6.4); NULL: none */
} Mail;

typedef struct MailText {
    char *data;
    size_t size;
    char message_id[MAIL_ID_SIZE]; /* without < and > */
} MailText;

/* Errors: INVALID naming the part, LIMIT. */
MailText *mail_build(const Mail *mail, GError **error);
void mail_text_free(MailText *text);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MailText, mail_text_free)

/* The seal of a mail's Message-ID under a key of the store: 16 hexadecimal digits. */
void mail_seal(const uint8_t *key, int64_t mail_id, char ret_seal[MAIL_SEAL_SIZE]);

/* The mail_id that a Message-ID (without < and >) was made from, 0: none of ours. `ret_sealed`: it
 * bears the seal of that key. */
int64_t mail_id_find(const uint8_t *key, const char *message_id, bool *ret_sealed);

/* Whether a text can stand in a header: UTF-8 without control characters or line ends of any
 * kind, at most `bytes_max`. */
bool mail_header_check(const char *text, size_t bytes_max);
