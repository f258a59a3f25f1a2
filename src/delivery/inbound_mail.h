/* delivery/inbound_mail.h: what a mail that came in is, and what it says.
 *
 * Strangers write these: depth, parts, sizes and numbers of everything are bounded, what is no
 * UTF-8 is replaced, HTML becomes plain text. Pure, any thread; g_mime_init must have been called.
 *
 * Kinds, in the order they are asked for
 *   returned   a report that a mail of ours was not delivered (RFC 3464, `Action: failed`), or the
 *              words of a mailer-daemon without such a report
 *   delayed    the same with `Action: delayed`: the other server still tries
 *   automatic  nobody wrote it: `Auto-Submitted` (RFC 3834), an empty return path, lists and
 *              bulk mail, vacation replies, more than INBOUND_HOPS_MAX `Received`
 *   person     everything else
 *
 *     g_autoptr(InboundMail) mail = inbound_mail_read(data, size);
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    INBOUND_ADDRESS_MAX = 254,
    INBOUND_NAME_MAX = 200, /* bytes, cut between characters; the same below */
    INBOUND_SUBJECT_MAX = 400,
    INBOUND_TEXT_MAX = 64 * 1024,
    INBOUND_ID_MAX = 400,        /* a longer Message-ID is none */
    INBOUND_REFERENCES_MAX = 40, /* the newest */
    INBOUND_PARTS_MAX = 200,
    INBOUND_NESTED_MAX = 50, /* multiparts and mails in mails; beyond: the head alone */
    INBOUND_HOPS_MAX = 50,
    INBOUND_STATUS_SIZE = 12,
};

typedef enum InboundKind {
    INBOUND_PERSON,
    INBOUND_AUTOMATIC,
    INBOUND_RETURNED,
    INBOUND_DELAYED,
    INBOUND_KINDS
} InboundKind;
extern const char *const inbound_kind_names[]; /* by InboundKind, NULL at the end */

typedef struct InboundMail {
    InboundKind kind;
    int64_t at;         /* when it came in, UTC ms; set by who fetched it */
    bool cut;           /* larger than what is read: `text` may end early */
    char *from_address; /* "" when there is none that could be written to */
    char *from_name;    /* "" when none is given */
    char *subject;      /* decoded, one line, "" when none */
    char *message_id;   /* without < and >; "" when there is none */
    char *text;         /* plain, lines ended by '\n' */
    GPtrArray *refers;  /* of char *: In-Reply-To, then References from the newest */
    /* Of a returned or delayed mail: */
    char *failed_address;             /* for whom it was, or "" */
    char *failed_original;            /* the same before it was forwarded, or "" */
    char *failed_id;                  /* Message-ID of ours that came back, or "" */
    char status[INBOUND_STATUS_SIZE]; /* RFC 3463, "5.1.1", or "" */
} InboundMail;

/* Never NULL: what cannot be read as mail is a mail without words. */
InboundMail *inbound_mail_read(const char *data, size_t size);
void inbound_mail_free(InboundMail *mail);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InboundMail, inbound_mail_free)

/* How many bytes of a text its writer wrote: up to the first quotation of an older mail. */
size_t inbound_said(const char *text);

/* Whether all that its writer says is that they want no more mail ("unsubscribe", "abmelden"). */
bool inbound_asks_to_stop(const char *text);

/* HTML as plain text: tags, scripts and styles gone, paragraphs and breaks as lines. g_free. */
char *inbound_html_text(const char *html);
