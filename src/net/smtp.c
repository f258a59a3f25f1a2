#include "net/smtp.h"

#include "base/text.h"
#include "net/smtp_private.h"

#include <string.h>
#include <unicode/uidna.h>

enum { BLOCK = 32 * 1024, ADDRESS_MAX = 254, SECRET_MAX = 512 };

/* RFC 5321 4.5.3.2; connecting, TLS and QUIT are ours. */
static const int64_t times_default[SMTP_PHASES] = {
    [SMTP_AT_CONNECT] = 30000, [SMTP_AT_GREETING] = 300000, [SMTP_AT_HELLO] = 300000,
    [SMTP_AT_TLS] = 60000,     [SMTP_AT_AUTH] = 120000,     [SMTP_AT_MAIL] = 300000,
    [SMTP_AT_RCPT] = 300000,   [SMTP_AT_DATA] = 120000,     [SMTP_AT_BODY] = 180000,
    [SMTP_AT_END] = 600000,    [SMTP_AT_QUIT] = 5000,
};

void smtp_phase(Smtp *smtp, SmtpPhase phase)
{
    int64_t ms = smtp->options.times.ms[phase];
    smtp->phase = phase;
    smtp_wire_phase(&smtp->wire, ms > 0 ? ms : times_default[phase]);
}

/* A command and its reply, within one phase. */
static bool ask(Smtp *smtp, SmtpPhase phase, const char *command, const char *shown)
{
    smtp_phase(smtp, phase);
    smtp->reply.code = 0;
    return smtp_say(smtp, command, shown) && smtp_hear(smtp);
}

/* ---- what comes from outside ---- */

static bool text_is_plain(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((guchar)*c < 0x20 || *c == 0x7f) return false;
    return true;
}

bool smtp_address_check(const char *address)
{
    size_t size = strlen(address);
    const char *at = strchr(address, '@');
    if (size > ADDRESS_MAX || !at || at == address || !at[1] || strchr(at + 1, '@')) return false;
    if (!text_utf8_check(address, size)) return false;
    for (const char *c = address; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (g_unichar_isspace(letter) || !g_unichar_isprint(letter)) return false;
        if (letter < 0x80 && strchr("<>()[]\\,;:\"", (int)letter)) return false;
    }
    return true;
}

static bool is_ascii(const char *text) { return g_str_is_ascii(text); }

/* The address with its domain in ASCII (RFC 5891); NULL: the domain has no such form. */
static char *address_wire(const char *address)
{
    const char *at = strrchr(address, '@');
    char domain[256];
    UErrorCode code = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    if (!at || is_ascii(at)) return g_strdup(address);
    UIDNA *idna = uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_USE_STD3_RULES, &code);
    if (!idna) return NULL;
    int32_t size =
        uidna_nameToASCII_UTF8(idna, at + 1, -1, domain, sizeof domain - 1, &info, &code);
    uidna_close(idna);
    if (U_FAILURE(code) || info.errors != 0 || size <= 0) return NULL;
    return g_strdup_printf("%.*s@%.*s", (int)(at - address), address, (int)size, domain);
}

GString *smtp_body_encode(const char *data, size_t size)
{
    g_autoptr(GString) out = g_string_sized_new(size + size / 50 + 16);
    if (memchr(data, '\0', size)) return NULL;
    for (size_t at = 0; at < size;) {
        size_t length = 0;
        while (at + length < size && data[at + length] != '\r' && data[at + length] != '\n')
            length++;
        if (length > SMTP_LINE_MAX) return NULL;
        if (length > 0 && data[at] == '.') g_string_append_c(out, '.');
        g_string_append_len(out, data + at, (gssize)length);
        g_string_append(out, "\r\n");
        at += length;
        bool pair = at + 1 < size && data[at] == '\r' && data[at + 1] == '\n';
        at += pair ? 2 : 1;
    }
    g_string_append(out, ".\r\n");
    return g_steal_pointer(&out);
}

/* ---- opening ---- */

static void feature_read(SmtpFeatures *features, const char *line)
{
    g_auto(GStrv) words = g_strsplit_set(line, " =", 32);
    const char *word = words[0] ? words[0] : "";
    if (g_ascii_strcasecmp(word, "STARTTLS") == 0) features->starttls = true;
    if (g_ascii_strcasecmp(word, "PIPELINING") == 0) features->pipelining = true;
    if (g_ascii_strcasecmp(word, "8BITMIME") == 0) features->eight_bit = true;
    if (g_ascii_strcasecmp(word, "SMTPUTF8") == 0) features->utf8 = true;
    if (g_ascii_strcasecmp(word, "SIZE") == 0 && words[1])
        g_ascii_string_to_unsigned(words[1], 10, 0, G_MAXUINT64, &features->size_max, NULL);
    if (g_ascii_strcasecmp(word, "AUTH") != 0) return;
    features->auth_any = true;
    for (char **method = words + 1; *method; method++) {
        if (g_ascii_strcasecmp(*method, "PLAIN") == 0) features->auth_plain = true;
        if (g_ascii_strcasecmp(*method, "LOGIN") == 0) features->auth_login = true;
    }
}

static void features_read(Smtp *smtp)
{
    g_auto(GStrv) lines = g_strsplit(smtp->reply.lines->str, "\n", SMTP_REPLY_LINES_MAX);
    smtp->features = (SmtpFeatures){0};
    for (char **line = lines[0] ? lines + 1 : lines; *line; line++)
        feature_read(&smtp->features, *line);
}

/* EHLO, or HELO where that is not known. */
static bool hello(Smtp *smtp)
{
    char name[64];
    smtp_wire_literal(&smtp->wire, name, sizeof name);
    const char *own = smtp->options.name ? smtp->options.name : name;
    g_autofree char *ehlo = g_strconcat("EHLO ", own, NULL);
    g_autofree char *helo = g_strconcat("HELO ", own, NULL);
    if (!ask(smtp, SMTP_AT_HELLO, ehlo, NULL)) return false;
    if (smtp->reply.code == 250) {
        features_read(smtp);
        return true;
    }
    smtp->features = (SmtpFeatures){0};
    if (smtp->reply.code < 500) return false;
    return ask(smtp, SMTP_AT_HELLO, helo, NULL) && smtp->reply.code == 250;
}

static bool encrypt(Smtp *smtp, SmtpResult *ret_result)
{
    bool permanent = false;
    smtp_phase(smtp, SMTP_AT_TLS);
    if (smtp_wire_tls(&smtp->wire, &smtp->options, &permanent)) return true;
    smtp_conclude(smtp, permanent ? SMTP_REFUSED_ACCOUNT : SMTP_LATER, smtp->wire.reason,
                  ret_result);
    return false;
}

/* RFC 3207; what came before TLS, glued to the answer too, is not believed. */
static bool starttls(Smtp *smtp, SmtpResult *ret_result)
{
    smtp->phase = SMTP_AT_TLS;
    if (!smtp->features.starttls) {
        smtp_conclude(smtp, SMTP_REFUSED_ACCOUNT, "the server does not offer encryption (STARTTLS)",
                      ret_result);
        return false;
    }
    if (!ask(smtp, SMTP_AT_TLS, "STARTTLS", NULL) || smtp->reply.code != 220) {
        smtp_judge(smtp, ret_result);
        return false;
    }
    if (smtp_wire_pending(&smtp->wire) > 0) {
        smtp_conclude(smtp, SMTP_REFUSED_ACCOUNT,
                      "somebody put words into the connection before it was encrypted", ret_result);
        return false;
    }
    if (!encrypt(smtp, ret_result)) return false;
    if (hello(smtp)) return true;
    smtp_judge(smtp, ret_result);
    return false;
}

/* ---- signing in ---- */

static bool auth_plain(Smtp *smtp)
{
    GString *text = g_string_new(NULL);
    g_string_append_c(text, '\0');
    g_string_append(text, smtp->options.user);
    g_string_append_c(text, '\0');
    g_string_append(text, smtp->options.password);
    g_autofree char *secret = g_base64_encode((const guchar *)text->str, text->len);
    g_autofree char *line = g_strconcat("AUTH PLAIN ", secret, NULL);
    g_string_free(text, TRUE);
    if (strlen(line) <= SMTP_COMMAND_MAX) return ask(smtp, SMTP_AT_AUTH, line, "AUTH PLAIN ***");
    if (!ask(smtp, SMTP_AT_AUTH, "AUTH PLAIN", NULL) || smtp->reply.code != 334) return false;
    return ask(smtp, SMTP_AT_AUTH, secret, "***");
}

static bool auth_login(Smtp *smtp)
{
    const SmtpOptions *options = &smtp->options;
    g_autofree char *user = g_base64_encode((const guchar *)options->user, strlen(options->user));
    g_autofree char *password =
        g_base64_encode((const guchar *)options->password, strlen(options->password));
    return ask(smtp, SMTP_AT_AUTH, "AUTH LOGIN", NULL) && smtp->reply.code == 334 &&
           ask(smtp, SMTP_AT_AUTH, user, "***") && smtp->reply.code == 334 &&
           ask(smtp, SMTP_AT_AUTH, password, "***");
}

static bool sign_in_refuse(Smtp *smtp, const char *why, SmtpResult *ret_result)
{
    smtp_conclude(smtp, SMTP_REFUSED_ACCOUNT, why, ret_result);
    return false;
}

static bool sign_in(Smtp *smtp, SmtpResult *ret_result)
{
    const SmtpOptions *options = &smtp->options;
    smtp->phase = SMTP_AT_AUTH;
    if (!options->user || !*options->user) return true;
    if (!options->password || strlen(options->user) > SECRET_MAX ||
        strlen(options->password) > SECRET_MAX)
        return sign_in_refuse(smtp, "a password is needed, of at most 512 bytes", ret_result);
    if (!smtp->wire.tls && !smtp->wire.loopback)
        return sign_in_refuse(smtp, "a password is not sent over a connection without encryption",
                              ret_result);
    if (!smtp->features.auth_plain && !smtp->features.auth_login)
        return sign_in_refuse(smtp,
                              smtp->features.auth_any
                                  ? "the server takes no password by PLAIN or LOGIN"
                                  : "the server does not let anybody sign in here",
                              ret_result);
    bool said = smtp->features.auth_plain ? auth_plain(smtp) : auth_login(smtp);
    if (said && smtp->reply.code == 235) return true;
    smtp_judge(smtp, ret_result);
    return false;
}

/* ---- the life of a connection ---- */

static bool greet(Smtp *smtp, SmtpResult *ret_result)
{
    const SmtpOptions *options = &smtp->options;
    smtp_phase(smtp, SMTP_AT_CONNECT);
    if (!smtp_wire_connect(&smtp->wire, options->host, options->port)) {
        smtp_judge(smtp, ret_result);
        return false;
    }
    if (options->security == SMTP_TLS && !encrypt(smtp, ret_result)) return false;
    smtp_phase(smtp, SMTP_AT_GREETING);
    if (smtp_hear(smtp) && smtp->reply.code == 220 && hello(smtp)) return true;
    smtp_judge(smtp, ret_result);
    return false;
}

static bool options_check(Smtp *smtp, SmtpResult *ret_result)
{
    const SmtpOptions *options = &smtp->options;
    bool good = options->host && *options->host && text_is_plain(options->host) &&
                !strchr(options->host, ' ') && options->port > 0 &&
                (!options->name || (text_is_plain(options->name) && *options->name &&
                                    !strchr(options->name, ' ') && strlen(options->name) < 256));
    if (!good)
        smtp_conclude(smtp, SMTP_REFUSED_ACCOUNT, "the server's name or port cannot be right",
                      ret_result);
    return good;
}

static void smtp_free(Smtp *smtp)
{
    smtp_wire_clear(&smtp->wire);
    g_string_free(smtp->reply.lines, TRUE);
    g_string_free(smtp->line, TRUE);
    g_free(smtp);
}

Smtp *smtp_open(const SmtpOptions *options, SmtpResult *ret_result)
{
    Smtp *smtp = g_new0(Smtp, 1);
    smtp->options = *options;
    smtp->line = g_string_new(NULL);
    smtp->reply.lines = g_string_new(NULL);
    smtp_wire_init(&smtp->wire, options);
    if (options_check(smtp, ret_result) && greet(smtp, ret_result) &&
        (options->security != SMTP_STARTTLS || starttls(smtp, ret_result)) &&
        sign_in(smtp, ret_result))
        return smtp;
    smtp_free(smtp);
    return NULL;
}

void smtp_close(Smtp *smtp)
{
    if (!smtp) return;
    if (!smtp->wire.lost) ask(smtp, SMTP_AT_QUIT, "QUIT", NULL);
    smtp_free(smtp);
}

/* ---- one mail ---- */

typedef struct Sending {
    const SmtpMessage *message;
    GString *body;        /* as on the wire */
    char *mail, *rcpt;    /* commands */
    bool eight_bit, utf8; /* what the mail needs */
} Sending;

static void sending_clear(Sending *sending)
{
    if (sending->body) g_string_free(sending->body, TRUE);
    g_free(sending->mail);
    g_free(sending->rcpt);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sending, sending_clear)

static bool refuse(Smtp *smtp, SmtpOutcome outcome, const char *why, SmtpResult *ret_result)
{
    smtp_conclude(smtp, outcome, why, ret_result);
    return false;
}

static bool addresses_check(Smtp *smtp, Sending *sending, SmtpResult *ret_result)
{
    const SmtpMessage *message = sending->message;
    if (*message->from && !smtp_address_check(message->from))
        return refuse(smtp, SMTP_REFUSED_ACCOUNT, "the sender's address cannot be right",
                      ret_result);
    if (!smtp_address_check(message->to))
        return refuse(smtp, SMTP_REFUSED_ADDRESS, "this is not an address", ret_result);
    g_autofree char *from = address_wire(message->from);
    g_autofree char *to = address_wire(message->to);
    if (!from)
        return refuse(smtp, SMTP_REFUSED_ACCOUNT, "the sender's domain cannot be right",
                      ret_result);
    if (!to) return refuse(smtp, SMTP_REFUSED_ADDRESS, "there is no such domain", ret_result);
    sending->utf8 = !is_ascii(from) || !is_ascii(to);
    if (sending->utf8 && !smtp->features.utf8)
        return refuse(smtp, is_ascii(to) ? SMTP_REFUSED_ACCOUNT : SMTP_REFUSED_ADDRESS,
                      "the server takes no addresses with letters beyond ASCII (SMTPUTF8)",
                      ret_result);
    sending->mail = g_strconcat("MAIL FROM:<", from, ">", NULL);
    sending->rcpt = g_strconcat("RCPT TO:<", to, ">", NULL);
    return true;
}

static bool body_check(Smtp *smtp, Sending *sending, SmtpResult *ret_result)
{
    const SmtpMessage *message = sending->message;
    const SmtpFeatures *features = &smtp->features;
    sending->body = smtp_body_encode(message->data, message->size);
    if (!sending->body)
        return refuse(smtp, SMTP_REFUSED_MESSAGE, "a line is too long, or there is a NUL in it",
                      ret_result);
    if (features->size_max > 0 && sending->body->len > features->size_max)
        return refuse(smtp, SMTP_REFUSED_MESSAGE, "the mail is larger than the server takes",
                      ret_result);
    for (size_t i = 0; i < sending->body->len && !sending->eight_bit; i++)
        sending->eight_bit = (guchar)sending->body->str[i] > 0x7f;
    if (sending->eight_bit && !features->eight_bit)
        return refuse(smtp, SMTP_REFUSED_MESSAGE, "the server takes only 7-bit mail (8BITMIME)",
                      ret_result);
    return true;
}

static void mail_parameters(Smtp *smtp, Sending *sending)
{
    g_autoptr(GString) line = g_string_new(sending->mail);
    if (smtp->features.size_max > 0)
        g_string_append_printf(line, " SIZE=%zu", (size_t)sending->body->len);
    if (sending->eight_bit) g_string_append(line, " BODY=8BITMIME");
    if (sending->utf8) g_string_append(line, " SMTPUTF8");
    g_free(sending->mail);
    sending->mail = g_strdup(line->str);
}

/* Ends a transaction that did not come to its end, so that the next can begin. */
static bool reset(Smtp *smtp)
{
    SmtpReply kept = smtp->reply;
    if (smtp->wire.lost || kept.code == 421) return false;
    return ask(smtp, SMTP_AT_MAIL, "RSET", NULL) && smtp->reply.code == 250;
}

/* Judges the last reply; returns whether the connection can go on. 421 ends it at once. */
static bool give_up(Smtp *smtp, SmtpResult *ret_result)
{
    smtp_judge(smtp, ret_result);
    return reset(smtp);
}

/* MAIL and RCPT, in one go where the server likes that. On false all replies were heard. */
static bool envelope(Smtp *smtp, const Sending *sending, SmtpResult *ret_result)
{
    bool together = smtp->features.pipelining;
    smtp_phase(smtp, SMTP_AT_MAIL);
    if (!smtp_say(smtp, sending->mail, NULL)) return smtp_judge(smtp, ret_result), false;
    if (together && !smtp_say(smtp, sending->rcpt, NULL))
        return smtp_judge(smtp, ret_result), false;
    if (!smtp_hear(smtp) || smtp->reply.code != 250) {
        smtp_judge(smtp, ret_result);
        /* The answer to RCPT must not be taken for that to RSET. */
        bool last = smtp->wire.lost || smtp->reply.code == 421;
        if (together && !last) smtp_hear(smtp);
        return false;
    }
    smtp_phase(smtp, SMTP_AT_RCPT);
    smtp->reply.code = 0;
    bool heard = (together || smtp_say(smtp, sending->rcpt, NULL)) && smtp_hear(smtp);
    if (heard && (smtp->reply.code == 250 || smtp->reply.code == 251)) return true;
    smtp_judge(smtp, ret_result);
    return false;
}

/* The body in blocks. The last one holds the final dot: from there on a loss is "unknown". */
static bool body_write(Smtp *smtp, const GString *body)
{
    const size_t end_size = 3; /* ".\r\n" */
    size_t text = body->len - end_size;
    for (size_t at = 0; at < text; at += BLOCK) {
        smtp_phase(smtp, SMTP_AT_BODY);
        if (!smtp_wire_write(&smtp->wire, body->str + at, MIN((size_t)BLOCK, text - at)))
            return false;
    }
    smtp_phase(smtp, SMTP_AT_END);
    return smtp_wire_write(&smtp->wire, body->str + text, end_size);
}

/* What the server said before it hung up on us in the middle, when that can still be read. */
static void last_words(Smtp *smtp)
{
    char reason[sizeof smtp->wire.reason];
    g_strlcpy(reason, smtp->wire.reason, sizeof reason);
    smtp->wire.lost = false;
    if (!smtp_hear(smtp)) g_strlcpy(smtp->wire.reason, reason, sizeof smtp->wire.reason);
    smtp->wire.lost = true;
}

static bool content(Smtp *smtp, const Sending *sending, SmtpResult *ret_result)
{
    if (!ask(smtp, SMTP_AT_DATA, "DATA", NULL) || smtp->reply.code != 354)
        return give_up(smtp, ret_result);
    smtp->reply.code = 0;
    if (!body_write(smtp, sending->body))
        last_words(smtp);
    else
        smtp_hear(smtp);
    smtp_judge(smtp, ret_result);
    return !smtp->wire.lost && smtp->reply.code != 421;
}

bool smtp_send(Smtp *smtp, const SmtpMessage *message, SmtpResult *ret_result)
{
    g_auto(Sending) sending = {.message = message};
    smtp->reply.code = 0;
    smtp->phase = SMTP_AT_MAIL;
    if (!addresses_check(smtp, &sending, ret_result) || !body_check(smtp, &sending, ret_result))
        return !smtp->wire.lost;
    mail_parameters(smtp, &sending);
    if (!envelope(smtp, &sending, ret_result)) return reset(smtp);
    if (message->hand_over && !message->hand_over(message->hand_over_data)) {
        smtp_conclude(smtp, SMTP_HELD, "not sent: it may not go any more", ret_result);
        return reset(smtp);
    }
    return content(smtp, &sending, ret_result);
}
