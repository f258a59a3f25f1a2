/* net/smtp_private.h: the inside of a Smtp, and reading and judging what a server answers. */
#pragma once
#include "net/smtp_wire.h"

typedef struct SmtpReply {
    int code;                      /* 200..599; 0: none was read */
    char status[SMTP_STATUS_SIZE]; /* RFC 3463, or "" */
    GString *lines;                /* texts of all lines, without codes, divided by '\n' */
} SmtpReply;

typedef struct SmtpFeatures {
    bool starttls, pipelining, eight_bit, utf8, auth_plain, auth_login, auth_any;
    uint64_t size_max; /* 0: not said */
} SmtpFeatures;

struct Smtp {
    SmtpOptions options;
    SmtpWire wire;
    SmtpFeatures features;
    SmtpReply reply; /* the last one */
    SmtpPhase phase;
    GString *line;
};

/* Begins a phase and its deadline. */
void smtp_phase(Smtp *smtp, SmtpPhase phase);

/* Writes a command line; `shown` stands in the dialogue instead (NULL: the command). */
bool smtp_say(Smtp *smtp, const char *command, const char *shown);

/* Reads one whole reply, of any number of lines. False: none came, or it was none; the connection
 * is then of no more use. */
bool smtp_hear(Smtp *smtp);

/* Fills in the result of the last reply, or, when none was read, of the wire. */
void smtp_judge(Smtp *smtp, SmtpResult *ret_result);

/* A result of our own, without a reply. */
void smtp_conclude(Smtp *smtp, SmtpOutcome outcome, const char *text, SmtpResult *ret_result);

/* One line of printable text out of whatever a server sent. */
void smtp_clean(const char *text, char *out, size_t size);
