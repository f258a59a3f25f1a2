#include "net/imap.h"

#include "base/text.h"
#include "net/imap_parse.h"
#include "net/smtp_private.h"

#include <stdlib.h>
#include <string.h>

enum { SECRET_MAX = 512, TAG_SIZE = 16 };

const char *const imap_outcome_names[] = {"ok", "later", "refused", NULL};
const char *const imap_phase_names[] = {"connect", "greeting", "tls",    "auth", "folder",
                                        "search",  "fetch",    "logout", NULL};

static const int64_t phase_ms_default[IMAP_PHASES] = {
    [IMAP_AT_CONNECT] = 15000, [IMAP_AT_GREETING] = 30000, [IMAP_AT_TLS] = 20000,
    [IMAP_AT_AUTH] = 30000,    [IMAP_AT_FOLDER] = 60000,   [IMAP_AT_SEARCH] = 60000,
    [IMAP_AT_FETCH] = 60000,   [IMAP_AT_LOGOUT] = 2000,
};

struct Imap {
    ImapOptions options;
    SmtpOptions wire_options;
    SmtpWire wire;
    ImapPhase phase;
    ImapResponse response; /* the last one */
    GString *line;
    unsigned tag;
    size_t literal_max; /* bytes that literals of one response may have */
    bool starttls, auth_plain, sasl_ir, login_disabled, preauth;
};

/* What is done with the untagged answers of a command. False: the server talks nonsense. */
typedef bool (*Untagged)(Imap *imap, const ImapHead *head, void *data);

void imap_mail_clear(ImapMail *mail)
{
    if (mail->data) g_string_free(mail->data, TRUE);
    *mail = (ImapMail){0};
}

/* ---- results ---- */

static bool conclude(Imap *imap, ImapOutcome outcome, const char *text, ImapResult *ret_result)
{
    *ret_result = (ImapResult){.outcome = outcome, .phase = imap->phase};
    smtp_clean(text, ret_result->text, sizeof ret_result->text);
    return outcome == IMAP_OK;
}

static bool lost(Imap *imap, ImapResult *ret_result)
{
    return conclude(imap, IMAP_LATER, imap->wire.reason, ret_result);
}

static bool broken(Imap *imap, const char *why)
{
    imap->wire.lost = true;
    g_strlcpy(imap->wire.reason, why, sizeof imap->wire.reason);
    return false;
}

static void phase_begin(Imap *imap, ImapPhase phase)
{
    int64_t ms = imap->options.phase_ms[phase];
    imap->phase = phase;
    smtp_wire_phase(&imap->wire, ms > 0 ? ms : phase_ms_default[phase]);
}

/* ---- bytes to responses ---- */

static bool literal_hear(Imap *imap, uint64_t size, size_t *used)
{
    ImapResponse *response = &imap->response;
    if (response->literal_count == IMAP_LITERALS_MAX || size > imap->literal_max ||
        *used + size > imap->literal_max)
        return broken(imap, "the server says too much");
    GString *data = g_string_new(NULL);
    response->literals[response->literal_count].at = response->text->len;
    response->literals[response->literal_count++].data = data;
    *used += (size_t)size;
    return smtp_wire_bytes(&imap->wire, data, (size_t)size);
}

/* One whole response, its literals taken out. */
static bool hear(Imap *imap)
{
    GString *text = imap->response.text;
    size_t used = 0;
    imap_response_reset(&imap->response);
    for (;;) {
        uint64_t size = 0;
        size_t announced = 0;
        if (!smtp_wire_line(&imap->wire, imap->line)) return false;
        if (memchr(imap->line->str, '\0', imap->line->len))
            return broken(imap, "what answers there is no mailbox server");
        bool more = imap_literal_announced(imap->line, &size, &announced);
        g_string_append_len(text, imap->line->str, (gssize)(imap->line->len - announced));
        if (text->len > IMAP_LINE_MAX) return broken(imap, "the server says too much");
        if (!more) return true;
        if (!literal_hear(imap, size, &used)) return false;
    }
}

/* Heard in passing: what the server can do, and that it goes. */
static bool notice(Imap *imap, const ImapHead *head)
{
    Slice words = head->rest;
    if (text_equal_ascii_case(head->word, SLICE("BYE")))
        return broken(imap, "the server ended the connection");
    if (!text_equal_ascii_case(head->word, SLICE("CAPABILITY"))) return true;
    imap->starttls = imap_words_have(words, "STARTTLS");
    imap->auth_plain = imap_words_have(words, "AUTH=PLAIN");
    imap->sasl_ir = imap_words_have(words, "SASL-IR");
    imap->login_disabled = imap_words_have(words, "LOGINDISABLED");
    return true;
}

static bool say(Imap *imap, const char *line)
{
    g_autofree char *whole = g_strconcat(line, "\r\n", NULL);
    g_assert(!strpbrk(line, "\r\n"));
    return smtp_wire_write(&imap->wire, whole, strlen(whole));
}

typedef struct Command {
    const char *text;
    const char *then; /* said when the server asks for more; NULL: nothing may be asked */
    Untagged untagged;
    void *data;
} Command;

/* Reads up to the tagged answer of a command, whose head is returned. */
static bool answer_hear(Imap *imap, const Command *command, const char *tag, ImapHead *ret_head)
{
    const char *then = command->then;
    for (;;) {
        if (!hear(imap)) return false;
        if (!imap_head_parse(&imap->response, ret_head))
            return broken(imap, "what answers there is no mailbox server");
        if (ret_head->tagged && slice_is(ret_head->tag, tag)) return true;
        if (ret_head->more) {
            if (!then) return broken(imap, "the server asks for what nobody offered");
            if (!say(imap, then)) return false;
            then = NULL;
        } else if (ret_head->tagged) {
            return broken(imap, "what answers there is no mailbox server");
        } else if (!notice(imap, ret_head) ||
                   (command->untagged && !command->untagged(imap, ret_head, command->data))) {
            return imap->wire.lost ? false : broken(imap, "the server's answer cannot be read");
        }
    }
}

/* A NO that a wait may mend (RFC 5530). */
static bool is_passing(Slice rest)
{
    return imap_code_is(rest, "UNAVAILABLE") || imap_code_is(rest, "INUSE") ||
           imap_code_is(rest, "LIMIT") || imap_code_is(rest, "SERVERBUG");
}

static bool ask(Imap *imap, const Command *command, ImapResult *ret_result)
{
    char tag[TAG_SIZE];
    ImapHead head;
    g_snprintf(tag, sizeof tag, "k%u", ++imap->tag);
    g_autofree char *line = g_strconcat(tag, " ", command->text, NULL);
    if (!say(imap, line) || !answer_hear(imap, command, tag, &head)) return lost(imap, ret_result);
    if (text_equal_ascii_case(head.word, SLICE("OK"))) return true;
    g_autofree char *text = g_strndup(head.rest.data, head.rest.size);
    imap->wire.lost = true;
    return conclude(imap, is_passing(head.rest) ? IMAP_LATER : IMAP_REFUSED, text, ret_result);
}

/* ---- opening ---- */

static bool capability(Imap *imap, ImapResult *ret_result)
{
    return ask(imap, &(Command){.text = "CAPABILITY"}, ret_result);
}

static bool greeting(Imap *imap, ImapResult *ret_result)
{
    ImapHead head;
    phase_begin(imap, IMAP_AT_GREETING);
    if (!hear(imap)) return lost(imap, ret_result);
    bool good = imap_head_parse(&imap->response, &head) && !head.tagged && !head.more;
    if (good && text_equal_ascii_case(head.word, SLICE("BYE")))
        return conclude(imap, IMAP_LATER, "the server takes no connections now", ret_result);
    imap->preauth = good && text_equal_ascii_case(head.word, SLICE("PREAUTH"));
    if (!imap->preauth && (!good || !text_equal_ascii_case(head.word, SLICE("OK"))))
        return conclude(imap, IMAP_LATER, "what answers there is no mailbox server", ret_result);
    return capability(imap, ret_result);
}

static bool encrypt(Imap *imap, ImapResult *ret_result)
{
    bool permanent = false;
    phase_begin(imap, IMAP_AT_TLS);
    if (smtp_wire_tls(&imap->wire, &imap->wire_options, &permanent)) return true;
    return conclude(imap, permanent ? IMAP_REFUSED : IMAP_LATER, imap->wire.reason, ret_result);
}

/* What came before TLS, glued to the answer too, is not believed; nor is PREAUTH, after which
 * nobody could encrypt any more. */
static bool starttls(Imap *imap, ImapResult *ret_result)
{
    phase_begin(imap, IMAP_AT_TLS);
    if (imap->preauth || !imap->starttls)
        return conclude(imap, IMAP_REFUSED, "the server does not offer encryption (STARTTLS)",
                        ret_result);
    if (!ask(imap, &(Command){.text = "STARTTLS"}, ret_result)) return false;
    if (smtp_wire_pending(&imap->wire) > 0)
        return conclude(imap, IMAP_REFUSED,
                        "somebody put words into the connection before it was encrypted",
                        ret_result);
    imap->auth_plain = imap->sasl_ir = imap->login_disabled = false;
    return encrypt(imap, ret_result) && capability(imap, ret_result);
}

static char *secret_plain(const ImapOptions *options)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_c(text, '\0');
    g_string_append(text, options->user);
    g_string_append_c(text, '\0');
    g_string_append(text, options->password);
    return g_base64_encode((const guchar *)text->str, text->len);
}

static bool auth_plain(Imap *imap, ImapResult *ret_result)
{
    g_autofree char *secret = secret_plain(&imap->options);
    g_autofree char *line = g_strconcat("AUTHENTICATE PLAIN ", secret, NULL);
    Command command = {.text = imap->sasl_ir ? line : "AUTHENTICATE PLAIN",
                       .then = imap->sasl_ir ? NULL : secret};
    return ask(imap, &command, ret_result);
}

/* A text as a quoted string; NULL: it has letters that cannot stand in one. */
static char *quoted(const char *text)
{
    g_autoptr(GString) out = g_string_new("\"");
    for (const char *c = text; *c; c++) {
        if ((guchar)*c < 0x20 || (guchar)*c > 0x7e) return NULL;
        if (*c == '"' || *c == '\\') g_string_append_c(out, '\\');
        g_string_append_c(out, *c);
    }
    g_string_append_c(out, '"');
    return g_strdup(out->str);
}

static bool auth_login(Imap *imap, ImapResult *ret_result)
{
    g_autofree char *user = quoted(imap->options.user);
    g_autofree char *password = quoted(imap->options.password);
    if (!user || !password)
        return conclude(imap, IMAP_REFUSED,
                        "the server takes only passwords of letters, digits and signs of ASCII",
                        ret_result);
    g_autofree char *line = g_strjoin(" ", "LOGIN", user, password, NULL);
    return ask(imap, &(Command){.text = line}, ret_result);
}

static bool sign_in(Imap *imap, ImapResult *ret_result)
{
    const ImapOptions *options = &imap->options;
    phase_begin(imap, IMAP_AT_AUTH);
    if (imap->preauth) return true;
    if (!options->user || !*options->user || !options->password ||
        strlen(options->user) > SECRET_MAX || strlen(options->password) > SECRET_MAX)
        return conclude(imap, IMAP_REFUSED,
                        "a user and a password are needed, of at most 512 bytes", ret_result);
    if (!imap->wire.tls && !imap->wire.loopback)
        return conclude(imap, IMAP_REFUSED,
                        "a password is not sent over a connection without encryption", ret_result);
    if (imap->auth_plain) return auth_plain(imap, ret_result);
    if (imap->login_disabled)
        return conclude(imap, IMAP_REFUSED, "the server takes no password here", ret_result);
    return auth_login(imap, ret_result);
}

static bool options_check(Imap *imap, ImapResult *ret_result)
{
    const char *host = imap->options.host;
    bool good = host && *host && imap->options.port > 0;
    for (const char *c = host; good && *c; c++)
        good = (guchar)*c > 0x20 && *c != 0x7f;
    return good ||
           conclude(imap, IMAP_REFUSED, "the server's name or port cannot be right", ret_result);
}

static bool connect_to(Imap *imap, ImapResult *ret_result)
{
    const ImapOptions *options = &imap->options;
    phase_begin(imap, IMAP_AT_CONNECT);
    if (!smtp_wire_connect(&imap->wire, options->host, options->port))
        return lost(imap, ret_result);
    return options->security != SMTP_TLS || encrypt(imap, ret_result);
}

static void imap_free(Imap *imap)
{
    smtp_wire_clear(&imap->wire);
    imap_response_clear(&imap->response);
    g_string_free(imap->line, TRUE);
    g_free(imap);
}

Imap *imap_open(const ImapOptions *options, ImapResult *ret_result)
{
    Imap *imap = g_new0(Imap, 1);
    imap->options = *options;
    imap->wire_options = (SmtpOptions){.host = options->host,
                                       .port = options->port,
                                       .trust_file = options->trust_file,
                                       .trust_any = options->trust_any,
                                       .stopping = options->stopping,
                                       .stopping_data = options->stopping_data};
    imap->line = g_string_new(NULL);
    imap->literal_max = IMAP_SMALL_MAX;
    imap_response_init(&imap->response);
    smtp_wire_init(&imap->wire, &imap->wire_options);
    imap->wire.line_max = IMAP_LINE_MAX;
    if (options_check(imap, ret_result) && connect_to(imap, ret_result) &&
        greeting(imap, ret_result) &&
        (options->security != SMTP_STARTTLS || starttls(imap, ret_result)) &&
        sign_in(imap, ret_result))
        return imap;
    imap_free(imap);
    return NULL;
}

void imap_close(Imap *imap)
{
    ImapResult result;
    if (!imap) return;
    phase_begin(imap, IMAP_AT_LOGOUT);
    if (!imap->wire.lost) ask(imap, &(Command){.text = "LOGOUT"}, &result);
    imap_free(imap);
}

/* ---- reading ---- */

static bool folder_notice(Imap *imap, const ImapHead *head, void *data)
{
    ImapFolder *folder = data;
    uint64_t number;
    (void)imap;
    if (text_equal_ascii_case(head->word, SLICE("EXISTS"))) folder->exists = head->number;
    if (imap_code_number(head->rest, "UIDVALIDITY", &number) && number <= G_MAXUINT32)
        folder->uid_validity = (uint32_t)number;
    if (imap_code_number(head->rest, "UIDNEXT", &number) && number <= G_MAXUINT32)
        folder->uid_next = (uint32_t)number;
    return true;
}

bool imap_examine(Imap *imap, const char *name, ImapFolder *ret_folder, ImapResult *ret_result)
{
    ImapFolder folder = {0};
    g_autofree char *word = quoted(name);
    g_assert(word);
    g_autofree char *line = g_strconcat("EXAMINE ", word, NULL);
    phase_begin(imap, IMAP_AT_FOLDER);
    if (!ask(imap, &(Command){.text = line, .untagged = folder_notice, .data = &folder},
             ret_result))
        return false;
    if (folder.uid_validity == 0 || folder.uid_next == 0)
        return conclude(imap, IMAP_REFUSED,
                        "the server does not number its mails (UIDVALIDITY and UIDNEXT)",
                        ret_result);
    *ret_folder = folder;
    return true;
}

static bool search_notice(Imap *imap, const ImapHead *head, void *data)
{
    if (!text_equal_ascii_case(head->word, SLICE("SEARCH"))) return true;
    return imap_search_parse(&imap->response, data, IMAP_SEARCH_WINDOW);
}

static gint uid_compare(gconstpointer left, gconstpointer right)
{
    guint32 a = *(const guint32 *)left, b = *(const guint32 *)right;
    return (a > b) - (a < b);
}

/* A server that names others than were asked for, or one twice, gets its way with neither. */
static void uids_tidy(GArray *uids, uint32_t first, uint32_t last)
{
    guint kept = 0;
    g_array_sort(uids, uid_compare);
    for (guint i = 0; i < uids->len; i++) {
        guint32 uid = g_array_index(uids, guint32, i);
        bool again = kept > 0 && g_array_index(uids, guint32, kept - 1) == uid;
        if (uid >= first && uid <= last && !again) g_array_index(uids, guint32, kept++) = uid;
    }
    g_array_set_size(uids, kept);
}

bool imap_search(Imap *imap, uint32_t first, uint32_t last, GArray *uids, ImapResult *ret_result)
{
    g_assert(first >= 1 && last >= first && last - first < IMAP_SEARCH_WINDOW);
    g_autofree char *line = g_strdup_printf("UID SEARCH UID %u:%u", first, last);
    phase_begin(imap, IMAP_AT_SEARCH);
    if (!ask(imap, &(Command){.text = line, .untagged = search_notice, .data = uids}, ret_result))
        return false;
    uids_tidy(uids, first, last);
    return true;
}

/* Servers may report other mails in passing (RFC 3501 7.4.2), and flags of this one. */
static bool fetch_notice(Imap *imap, const ImapHead *head, void *data)
{
    ImapMail *mail = data;
    ImapFetched fetched;
    if (!text_equal_ascii_case(head->word, SLICE("FETCH"))) return true;
    if (!imap_fetch_parse(&imap->response, &fetched)) return false;
    if (fetched.uid != mail->uid || !fetched.has_data || mail->found) return true;
    mail->found = true;
    mail->at = fetched.at;
    mail->size = fetched.size;
    mail->data = g_string_new_len(fetched.data.data, (gssize)fetched.data.size);
    return true;
}

bool imap_fetch(Imap *imap, uint32_t uid, size_t bytes_max, ImapMail *ret_mail,
                ImapResult *ret_result)
{
    g_assert(uid > 0 && bytes_max > 0 && bytes_max <= IMAP_FETCH_MAX);
    g_auto(ImapMail) mail = {.uid = uid};
    g_autofree char *line = g_strdup_printf(
        "UID FETCH %u (UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.%zu>)", uid, bytes_max);
    phase_begin(imap, IMAP_AT_FETCH);
    imap->literal_max = bytes_max + IMAP_SMALL_MAX;
    bool done =
        ask(imap, &(Command){.text = line, .untagged = fetch_notice, .data = &mail}, ret_result);
    imap->literal_max = IMAP_SMALL_MAX;
    if (!done) return false;
    if (mail.data && mail.data->len > bytes_max) g_string_truncate(mail.data, bytes_max);
    *ret_mail = mail;
    mail.data = NULL;
    return true;
}
