#include "net/smtp_private.h"

#include "base/text.h"

#include <string.h>

const char *const smtp_outcome_names[] = {"delivered",
                                          "refused-address",
                                          "refused-message",
                                          "refused-account",
                                          "later",
                                          "unknown",
                                          "held",
                                          NULL};
const char *const smtp_security_names[] = {"plain", "starttls", "tls", NULL};
const char *const smtp_phase_names[] = {"connect", "greeting", "hello", "tls", "auth", "mail",
                                        "rcpt",    "data",     "body",  "end", "quit", NULL};

void smtp_clean(const char *text, char *out, size_t size)
{
    size_t used = 0, left = strlen(text);
    while (left > 0) {
        gunichar c = g_utf8_get_char_validated(text, (gssize)left);
        bool whole = c != (gunichar)-1 && c != (gunichar)-2;
        size_t step = whole ? (size_t)g_utf8_skip[*(const guchar *)text] : 1;
        bool plain = whole && g_unichar_isprint(c) && c != 0x2028 && c != 0x2029;
        if (used + (plain ? step : 1) >= size) break;
        if (plain)
            memcpy(out + used, text, step);
        else
            out[used] = ' ';
        used += plain ? step : 1;
        text += step;
        left -= step;
    }
    out[used] = '\0';
    g_strstrip(out);
}

/* ---- reading ---- */

static void dialogue_add(Smtp *smtp, const char *who, const char *text)
{
    GString *dialogue = smtp->options.dialogue;
    char clean[SMTP_TEXT_SIZE];
    if (!dialogue || dialogue->len >= SMTP_DIALOGUE_MAX) return;
    smtp_clean(text, clean, sizeof clean);
    g_string_append_printf(dialogue, "%s %s\n", who, clean);
}

bool smtp_say(Smtp *smtp, const char *command, const char *shown)
{
    g_autofree char *line = g_strconcat(command, "\r\n", NULL);
    g_assert(!strpbrk(command, "\r\n"));
    dialogue_add(smtp, ">", shown ? shown : command);
    return smtp_wire_write(&smtp->wire, line, strlen(line));
}

/* RFC 3463: class "." subject "." detail, at the start of a text. */
static void status_read(const char *text, char out[SMTP_STATUS_SIZE])
{
    size_t at = 0;
    int dots = 0;
    bool digit = false;
    while (at + 1 < SMTP_STATUS_SIZE && (g_ascii_isdigit(text[at]) || (text[at] == '.' && digit))) {
        dots += text[at] == '.';
        digit = text[at] != '.';
        at++;
    }
    bool good = dots == 2 && digit && text[1] == '.' && strchr("245", text[0]) &&
                (text[at] == ' ' || text[at] == '\0');
    g_strlcpy(out, good ? text : "", good ? at + 1 : 1);
}

static bool reply_line(Smtp *smtp, int *ret_code, bool *ret_last)
{
    const char *text = smtp->line->str;
    size_t size = smtp->line->len;
    bool good = size >= 3 && text[0] >= '2' && text[0] <= '5' && g_ascii_isdigit(text[1]) &&
                g_ascii_isdigit(text[2]) && (size == 3 || text[3] == ' ' || text[3] == '-');
    if (!good) return false;
    *ret_code = (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0');
    *ret_last = size == 3 || text[3] == ' ';
    if (smtp->reply.lines->len > 0) g_string_append_c(smtp->reply.lines, '\n');
    g_string_append(smtp->reply.lines, size > 4 ? text + 4 : "");
    return true;
}

static bool reply_broken(Smtp *smtp, const char *why)
{
    smtp->reply.code = 0;
    smtp->wire.lost = true;
    g_strlcpy(smtp->wire.reason, why, sizeof smtp->wire.reason);
    return false;
}

bool smtp_hear(Smtp *smtp)
{
    bool last = false;
    smtp->reply.code = 0;
    smtp->reply.status[0] = '\0';
    g_string_truncate(smtp->reply.lines, 0);
    for (int count = 0; !last; count++) {
        int code = 0;
        if (!smtp_wire_line(&smtp->wire, smtp->line)) {
            smtp->reply.code = 0;
            return false;
        }
        dialogue_add(smtp, "<", smtp->line->str);
        if (count >= SMTP_REPLY_LINES_MAX)
            return reply_broken(smtp, "the server's answer has no end");
        if (!reply_line(smtp, &code, &last) || (count > 0 && code != smtp->reply.code))
            return reply_broken(smtp, "what answers there is no mail server");
        smtp->reply.code = code;
    }
    status_read(smtp->reply.lines->str, smtp->reply.status);
    return true;
}

/* ---- judging ---- */

static bool status_is(const SmtpReply *reply, const char *status)
{
    return strcmp(reply->status, status) == 0;
}

/* Codes that are about us (not signed in, relaying, commands not known), wherever they come. */
static bool is_about_us(const SmtpReply *reply)
{
    g_autofree char *lower = g_ascii_strdown(reply->lines->str, -1);
    if (reply->code == 530 || reply->code == 535 || reply->code == 538) return true;
    if (reply->code >= 500 && reply->code <= 504) return true;
    return strstr(lower, "relay") != NULL && g_str_has_prefix(reply->status, "5.7.");
}

/* Addresses that do not exist, said late: some relays ask behind only after DATA. */
static bool is_about_address(const SmtpReply *reply)
{
    static const char *const statuses[] = {"5.1.1",  "5.1.2", "5.1.3", "5.1.6",
                                           "5.1.10", "5.2.1", NULL};
    return g_strv_contains(statuses, reply->status);
}

/* RFC 5321 4.3.2 and 4.2.1; RFC 3463 3.2: a full mailbox may have room tomorrow. */
static SmtpOutcome outcome_of(SmtpPhase phase, const SmtpReply *reply)
{
    if (reply->code < 400) return phase == SMTP_AT_END ? SMTP_DELIVERED : SMTP_LATER;
    if (reply->code < 500 || status_is(reply, "5.2.2")) return SMTP_LATER;
    bool size = reply->code == 552 || status_is(reply, "5.3.4");
    switch (phase) {
    case SMTP_AT_RCPT:
        if (size) return SMTP_LATER; /* RFC 5321 4.5.3.1.10: 552 here is an old 452 */
        return is_about_us(reply) ? SMTP_REFUSED_ACCOUNT : SMTP_REFUSED_ADDRESS;
    case SMTP_AT_DATA:
    case SMTP_AT_BODY:
    case SMTP_AT_END:
        if (is_about_address(reply)) return SMTP_REFUSED_ADDRESS;
        return is_about_us(reply) ? SMTP_REFUSED_ACCOUNT : SMTP_REFUSED_MESSAGE;
    case SMTP_AT_MAIL:
        return size ? SMTP_REFUSED_MESSAGE : SMTP_REFUSED_ACCOUNT;
    case SMTP_AT_CONNECT:
    case SMTP_AT_GREETING:
    case SMTP_AT_HELLO:
    case SMTP_AT_TLS:
    case SMTP_AT_AUTH:
    case SMTP_AT_QUIT:
    case SMTP_PHASES:
        return SMTP_REFUSED_ACCOUNT;
    }
    return SMTP_LATER;
}

void smtp_conclude(Smtp *smtp, SmtpOutcome outcome, const char *text, SmtpResult *ret_result)
{
    *ret_result = (SmtpResult){.outcome = outcome, .phase = smtp->phase};
    smtp_clean(text, ret_result->text, sizeof ret_result->text);
}

void smtp_judge(Smtp *smtp, SmtpResult *ret_result)
{
    if (smtp->reply.code == 0) {
        bool after_dot = smtp->phase == SMTP_AT_END;
        smtp_conclude(smtp, after_dot ? SMTP_UNKNOWN : SMTP_LATER, smtp->wire.reason, ret_result);
        return;
    }
    smtp_conclude(smtp, outcome_of(smtp->phase, &smtp->reply), smtp->reply.lines->str, ret_result);
    ret_result->code = smtp->reply.code;
    g_strlcpy(ret_result->status, smtp->reply.status, sizeof ret_result->status);
}
