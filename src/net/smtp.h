/* net/smtp.h: our own SMTP client: one connection, any number of mails, a true answer for each.
 *
 * RFC 5321 with STARTTLS (3207), AUTH (4954), SIZE (1870), PIPELINING (2920), 8BITMIME (6152),
 * enhanced status codes (2034, 3463) and SMTPUTF8 (6531). Blocking, for worker threads: sockets are
 * non-blocking inside, every phase has a deadline for the *whole* of it (a byte a second does not
 * prolong it), and a stop is heard within SMTP_STOP_MS. Addresses, names and lines are checked
 * before they are written: nothing with CR, LF or NUL reaches the wire as a command.
 *
 * The one unknowable moment: a connection lost after the final dot and before its answer. That is
 * SMTP_UNKNOWN, never guessed. `hand_over` is asked just before DATA, when nothing is committed
 * yet; a no costs nothing.
 *
 *     SmtpResult result;
 *     g_autoptr(Smtp) smtp = smtp_open(&options, &result);
 *     if (!smtp) return result;                       why: later, or settings
 *     smtp_send(smtp, &message, &result);             result.outcome, result.text
 *
 * A Smtp belongs to one thread.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    SMTP_TEXT_SIZE = 400,   /* of an answer, cut */
    SMTP_STATUS_SIZE = 12,  /* "5.7.509" */
    SMTP_LINE_MAX = 998,    /* RFC 5321 4.5.3.1.6: bytes of a body line without its end */
    SMTP_COMMAND_MAX = 510, /* RFC 5321 4.5.3.1.4 */
    SMTP_REPLY_LINES_MAX = 128,
    SMTP_STOP_MS = 200,
    SMTP_DIALOGUE_MAX = 16 * 1024,
};

typedef enum SmtpSecurity { SMTP_PLAIN, SMTP_STARTTLS, SMTP_TLS, SMTP_SECURITIES } SmtpSecurity;

/* How one mail, or the attempt to connect, ended. */
typedef enum SmtpOutcome {
    SMTP_DELIVERED,       /* 250 after the final dot */
    SMTP_REFUSED_ADDRESS, /* for good: this recipient does not exist or takes nothing */
    SMTP_REFUSED_MESSAGE, /* for good: this message as it is */
    SMTP_REFUSED_ACCOUNT, /* settings, credentials or the account: no mail passes until mended */
    SMTP_LATER,           /* 4xx, or the connection failed before the final dot */
    SMTP_UNKNOWN,         /* lost after the final dot: may have arrived */
    SMTP_HELD,            /* `hand_over` said no; nothing was sent */
    SMTP_OUTCOMES
} SmtpOutcome;

/* Where in the dialogue; the index of SmtpTimes. */
typedef enum SmtpPhase {
    SMTP_AT_CONNECT,
    SMTP_AT_GREETING,
    SMTP_AT_HELLO,
    SMTP_AT_TLS,
    SMTP_AT_AUTH,
    SMTP_AT_MAIL,
    SMTP_AT_RCPT,
    SMTP_AT_DATA,
    SMTP_AT_BODY, /* for each block */
    SMTP_AT_END,  /* from the final dot to its answer */
    SMTP_AT_QUIT,
    SMTP_PHASES
} SmtpPhase;

/* Deadlines, ms; 0 takes the default: RFC 5321 4.5.3.2. */
typedef struct SmtpTimes {
    int64_t ms[SMTP_PHASES];
} SmtpTimes;

typedef struct SmtpResult {
    SmtpOutcome outcome;
    SmtpPhase phase;
    int code;                      /* 250, 550 …; 0: no answer was read */
    char status[SMTP_STATUS_SIZE]; /* "5.1.1", or "" */
    char text[SMTP_TEXT_SIZE];     /* what the server or we say, one line, printable UTF-8 */
} SmtpResult;

typedef struct SmtpOptions {
    const char *host; /* name or address */
    uint16_t port;
    SmtpSecurity security;
    const char *user, *password; /* NULL or "": no AUTH */
    const char *name;            /* ours, for EHLO; NULL: the address of our end */
    const char *trust_file;      /* PEM with further roots; NULL: the system's only */
    bool trust_any;              /* no check of the certificate; only heard towards loopback */
    SmtpTimes times;
    bool (*stopping)(void *data); /* true: give up; NULL: never */
    void *stopping_data;
    GString *dialogue; /* what was said, without secrets and bodies, up to SMTP_DIALOGUE_MAX; or
                          NULL */
} SmtpOptions;

typedef struct SmtpMessage {
    const char *from, *to; /* envelope addresses; from "" is the null sender */
    const char *data;      /* head and body, any line ends */
    size_t size;
    bool (*hand_over)(void *data); /* just before DATA; NULL: yes */
    void *hand_over_data;
} SmtpMessage;

typedef struct Smtp Smtp;

/* Connects, greets, encrypts, signs in. NULL: `ret_result` says why. `options` and its texts must
 * outlive the result. */
Smtp *smtp_open(const SmtpOptions *options, SmtpResult *ret_result);

/* Sends one mail to one recipient. Returns whether the connection can take another. */
bool smtp_send(Smtp *smtp, const SmtpMessage *message, SmtpResult *ret_result);

/* QUIT, if it can still be said. */
void smtp_close(Smtp *smtp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Smtp, smtp_close)

/* Whether a text can stand between < and > of MAIL or RCPT: one "@", no white space, control
 * characters or brackets, at most 254 bytes of UTF-8. */
bool smtp_address_check(const char *address);

/* Head and body as they go over the wire: CRLF line ends, dots doubled, ended by ".\r\n". NULL: a
 * line over SMTP_LINE_MAX or a NUL. The caller frees it. */
GString *smtp_body_encode(const char *data, size_t size);

/* "delivered", "refused-address", …: for the store and the API. */
extern const char *const smtp_outcome_names[];  /* by SmtpOutcome, NULL at the end */
extern const char *const smtp_security_names[]; /* "plain", "starttls", "tls", NULL */
extern const char *const smtp_phase_names[];    /* by SmtpPhase, NULL at the end */
