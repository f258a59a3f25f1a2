/* net/smtp_wire.h: bytes of a connection to a mail server: a socket with deadlines, TLS over it,
 * lines out of it. Private to the SMTP and the IMAP client.
 *
 * TLS runs over memory BIOs, so that there is one way in and out of the socket: poll, with a
 * deadline and an ear for the stop, and without SIGPIPE. What was read before TLS began is
 * counted, never taken for part of the encrypted dialogue (CVE-2011-0411).
 */
#pragma once
#include "net/smtp.h"

#include <openssl/ssl.h>

enum { SMTP_WIRE_LINE_MAX = 4096 /* of a reply line; RFC 5321 says 512 */ };

typedef struct SmtpWire {
    int fd;              /* -1: not connected */
    int64_t deadline_us; /* monotonic: of the phase under way */
    bool loopback;       /* the other end is this machine */
    bool lost;           /* no byte can come or go any more */
    bool (*stopping)(void *data);
    void *stopping_data;
    SSL_CTX *context;
    SSL *tls;         /* NULL: plain */
    guint line_max;   /* bytes; SMTP_WIRE_LINE_MAX unless the client sets another */
    GByteArray *in;   /* read and not taken, decrypted */
    char reason[200]; /* of the last failure, for people */
} SmtpWire;

void smtp_wire_init(SmtpWire *wire, const SmtpOptions *options);
void smtp_wire_clear(SmtpWire *wire);

/* Begins a phase: everything until the next call must be done within `ms`. */
void smtp_wire_phase(SmtpWire *wire, int64_t ms);

/* Each is false with wire->reason when it could not be done in time. */
bool smtp_wire_connect(SmtpWire *wire, const char *host, uint16_t port);
bool smtp_wire_write(SmtpWire *wire, const char *data, size_t size);
/* Takes one line without its end into `line`; longer than wire->line_max is a failure. */
bool smtp_wire_line(SmtpWire *wire, GString *line);
/* Appends exactly `size` bytes to `out`, as they come. */
bool smtp_wire_bytes(SmtpWire *wire, GString *out, size_t size);
/* Handshake with certificate and host check. `ret_permanent`: the certificate is wrong. */
bool smtp_wire_tls(SmtpWire *wire, const SmtpOptions *options, bool *ret_permanent);
/* Bytes read and not taken. */
size_t smtp_wire_pending(const SmtpWire *wire);
/* "[192.0.2.1]" of our end, for EHLO. */
void smtp_wire_literal(const SmtpWire *wire, char *text, size_t size);
