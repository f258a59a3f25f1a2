/* net/imap.h: our own IMAP client, to read one mailbox and change nothing in it.
 *
 * RFC 3501 and 9051 with STARTTLS, AUTH=PLAIN (RFC 4616, SASL-IR where offered) or LOGIN. The
 * mailbox is opened by EXAMINE, read-only, and mails are fetched by BODY.PEEK: nothing is marked,
 * moved or deleted. Blocking, for worker threads, over the wire of the SMTP client: each stage has
 * a deadline for the whole of it, a stop is heard within SMTP_STOP_MS, and nothing a server says is
 * kept beyond the sizes here.
 *
 *     ImapResult result;
 *     g_autoptr(Imap) imap = imap_open(&options, &result);
 *     if (!imap || !imap_examine(imap, "INBOX", &folder, &result)) return result;   why
 *     imap_search(imap, first, last, uids, &result);
 *     imap_fetch(imap, uid, bytes_max, &mail, &result);
 *
 * An Imap belongs to one thread. After a call that failed it can only be closed.
 */
#pragma once
#include "net/smtp.h"

enum {
    IMAP_TEXT_SIZE = SMTP_TEXT_SIZE,
    IMAP_LINE_MAX = 40 * 1024,       /* of a response, without its literals */
    IMAP_SMALL_MAX = 64 * 1024,      /* of a literal that is no mail */
    IMAP_SEARCH_WINDOW = 2000,       /* UIDs asked for at once: their answer fits a line */
    IMAP_FETCH_MAX = 4 * 1024 * 1024 /* bytes of one mail, most that may be asked for */
};

typedef enum ImapOutcome {
    IMAP_OK,
    IMAP_LATER,   /* no connection, no answer, busy: may work the next time */
    IMAP_REFUSED, /* settings, password or account: needs a person */
    IMAP_OUTCOMES
} ImapOutcome;

typedef enum ImapPhase {
    IMAP_AT_CONNECT,
    IMAP_AT_GREETING,
    IMAP_AT_TLS,
    IMAP_AT_AUTH,
    IMAP_AT_FOLDER,
    IMAP_AT_SEARCH,
    IMAP_AT_FETCH,
    IMAP_AT_LOGOUT,
    IMAP_PHASES
} ImapPhase;

typedef struct ImapResult {
    ImapOutcome outcome;
    ImapPhase phase;
    char text[IMAP_TEXT_SIZE]; /* what the server or we say, one line, printable UTF-8 */
} ImapResult;

typedef struct ImapOptions {
    const char *host;
    uint16_t port;
    SmtpSecurity security;
    const char *user, *password;
    const char *trust_file;        /* PEM with further roots; NULL: the system's only */
    bool trust_any;                /* as SmtpOptions: only heard towards loopback */
    int64_t phase_ms[IMAP_PHASES]; /* 0: the default of the phase */
    bool (*stopping)(void *data);  /* true: give up; NULL: never */
    void *stopping_data;
} ImapOptions;

typedef struct ImapFolder {
    uint32_t uid_validity, uid_next; /* both > 0 */
    uint64_t exists;
} ImapFolder;

typedef struct ImapMail {
    uint32_t uid;
    bool found;    /* false: it is not there any more */
    int64_t at;    /* when it came in, UTC ms; 0: not said */
    uint64_t size; /* of the whole mail; more than `data` has: it was cut */
    GString *data; /* at most what was asked for */
} ImapMail;
void imap_mail_clear(ImapMail *mail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImapMail, imap_mail_clear)

typedef struct Imap Imap;

/* Connects, greets, encrypts, signs in. NULL: `ret_result` says why. `options` and its texts must
 * outlive the result. */
Imap *imap_open(const ImapOptions *options, ImapResult *ret_result);

/* Opens a folder to read. `name`: plain ASCII. */
bool imap_examine(Imap *imap, const char *name, ImapFolder *ret_folder, ImapResult *ret_result);

/* Appends the UIDs in first..last to `uids` (of guint32), rising. At most IMAP_SEARCH_WINDOW lie
 * between them. */
bool imap_search(Imap *imap, uint32_t first, uint32_t last, GArray *uids, ImapResult *ret_result);

/* One mail, its first `bytes_max` bytes (1..IMAP_FETCH_MAX). True with ret_mail->found false when
 * there is none of that UID. */
bool imap_fetch(Imap *imap, uint32_t uid, size_t bytes_max, ImapMail *ret_mail,
                ImapResult *ret_result);

/* LOGOUT, if it can still be said. */
void imap_close(Imap *imap);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Imap, imap_close)

extern const char *const imap_outcome_names[]; /* by ImapOutcome, NULL at the end */
extern const char *const imap_phase_names[];   /* by ImapPhase, NULL at the end */
