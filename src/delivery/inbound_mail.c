#include "delivery/inbound_mail.h"

#include "base/text.h"
#include "net/smtp.h"

#include <gmime/gmime.h>
#include <string.h>

const char *const inbound_kind_names[] = {"person", "automatic", "returned", "delayed", NULL};

typedef struct Found {
    InboundMail *mail;
    char *text, *html; /* the first of each */
    int parts;
    bool report; /* there is a delivery status */
} Found;

void inbound_mail_free(InboundMail *mail)
{
    if (!mail) return;
    g_free(mail->from_address);
    g_free(mail->from_name);
    g_free(mail->subject);
    g_free(mail->message_id);
    g_free(mail->text);
    g_ptr_array_unref(mail->refers);
    g_free(mail->failed_address);
    g_free(mail->failed_original);
    g_free(mail->failed_id);
    g_free(mail);
}

/* ---- texts ---- */

/* One line of valid, printable text of at most `bytes_max`. */
static char *line_of(const char *text, size_t bytes_max)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        bool plain = g_unichar_isprint(letter) && letter != 0x2028 && letter != 0x2029;
        if (plain)
            g_string_append_unichar(out, letter);
        else
            g_string_append_c(out, ' ');
    }
    Slice cut = text_cut((Slice){out->str, out->len}, bytes_max);
    Slice trimmed = text_trim(cut);
    return g_strndup(trimmed.data, trimmed.size);
}

static bool is_id(const char *id)
{
    size_t size = strlen(id);
    if (size == 0 || size > INBOUND_ID_MAX) return false;
    for (const char *c = id; *c; c++)
        if ((guchar)*c <= 0x20 || (guchar)*c >= 0x7f || strchr("<>\"\\", *c)) return false;
    return true;
}

/* Text with '\n' as line end, without other control characters. */
static char *lines_of(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text ? text : "", -1);
    g_autoptr(GString) out = g_string_new(NULL);
    for (const char *c = valid; *c && out->len < INBOUND_TEXT_MAX; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (letter == '\r') continue;
        if (letter == '\n' || letter == '\t' || !g_unichar_iscntrl(letter))
            g_string_append_unichar(out, letter);
    }
    while (out->len > 0 && g_ascii_isspace(out->str[out->len - 1]))
        g_string_truncate(out, out->len - 1);
    return g_strdup(out->str);
}

/* ---- reports of other servers (RFC 3464) ---- */

/* "rfc822; ann@example.com" as an address; "" when it is none. */
static char *report_address(const char *value)
{
    const char *from = strchr(value, ';');
    g_autofree char *address = g_strdup(from ? from + 1 : value);
    g_strstrip(address);
    return g_strdup(smtp_address_check(address) ? address : "");
}

static void status_take(InboundMail *mail, const char *value)
{
    size_t size = 0;
    while (g_ascii_isdigit(value[size]) || value[size] == '.')
        size++;
    if (size >= 5 && size < INBOUND_STATUS_SIZE && strchr("245", value[0]))
        g_strlcpy(mail->status, value, size + 1);
}

static void text_set(char **place, char *text)
{
    g_free(*place);
    *place = text;
}

static void report_line(InboundMail *mail, const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon) return;
    g_autofree char *name = g_strndup(line, (gsize)(colon - line));
    g_autofree char *value = line_of(colon + 1, INBOUND_ID_MAX);
    if (g_ascii_strcasecmp(name, "Action") == 0) {
        bool failed = g_ascii_strncasecmp(value, "failed", 6) == 0;
        bool delayed = g_ascii_strncasecmp(value, "delayed", 7) == 0;
        if (failed) mail->kind = INBOUND_RETURNED;
        if (delayed) mail->kind = INBOUND_DELAYED;
    } else if (g_ascii_strcasecmp(name, "Status") == 0) {
        status_take(mail, value);
    } else if (g_ascii_strcasecmp(name, "Final-Recipient") == 0) {
        text_set(&mail->failed_address, report_address(value));
    } else if (g_ascii_strcasecmp(name, "Original-Recipient") == 0) {
        text_set(&mail->failed_original, report_address(value));
    }
}

/* Our mails have one recipient: the first group with an action says what became of it. */
static void report_read(InboundMail *mail, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", INBOUND_PARTS_MAX);
    for (char **line = lines; *line; line++) {
        bool acted = mail->kind == INBOUND_RETURNED || mail->kind == INBOUND_DELAYED;
        if (acted && g_strstrip(*line)[0] == '\0') return;
        report_line(mail, *line);
    }
}

/* The Message-ID in the head of the mail that came back. */
static void original_read(InboundMail *mail, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", 2000);
    for (char **line = lines; *line && !*mail->failed_id; line++) {
        if (g_ascii_strncasecmp(*line, "Message-ID:", 11) != 0) continue;
        const char *value = *line + 11;
        if (!strchr(value, '<') && line[1]) value = line[1]; /* folded */
        const char *open = strchr(value, '<'), *close = open ? strchr(open, '>') : NULL;
        if (!close) continue;
        g_autofree char *id = g_strndup(open + 1, (gsize)(close - open - 1));
        if (is_id(id)) text_set(&mail->failed_id, g_steal_pointer(&id));
    }
}

/* ---- parts ---- */

static char *part_bytes(GMimeObject *part)
{
    if (!GMIME_IS_PART(part)) return g_strdup("");
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
    if (!content) return g_strdup("");
    GMimeStream *stream = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    char *text = g_strndup((const char *)bytes->data, MIN(bytes->len, INBOUND_TEXT_MAX));
    g_object_unref(stream);
    return text;
}

static void text_part_take(Found *found, GMimeObject *part, bool html)
{
    char **place = html ? &found->html : &found->text;
    if (*place || !GMIME_IS_TEXT_PART(part)) return;
    g_autofree char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    if (text) *place = g_strndup(text, 4 * INBOUND_TEXT_MAX);
}

/* What came back as a whole mail. */
static void returned_take(Found *found, GMimeObject *part)
{
    GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
    const char *id = inner ? g_mime_message_get_message_id(inner) : NULL;
    if (id && is_id(id) && !*found->mail->failed_id)
        text_set(&found->mail->failed_id, g_strdup(id));
}

static bool type_is(GMimeObject *part, const char *type, const char *subtype)
{
    GMimeContentType *found = g_mime_object_get_content_type(part);
    return found && g_mime_content_type_is_type(found, type, subtype);
}

static void part_take(GMimeObject *parent, GMimeObject *part, gpointer data)
{
    Found *found = data;
    (void)parent;
    if (++found->parts > INBOUND_PARTS_MAX) return;
    g_autofree char *text = NULL;
    if (type_is(part, "message", "delivery-status") || type_is(part, "text", "rfc822-headers"))
        text = part_bytes(part);
    if (type_is(part, "message", "delivery-status") && !found->report) {
        found->report = true;
        report_read(found->mail, text);
    } else if (type_is(part, "text", "rfc822-headers")) {
        original_read(found->mail, text);
    } else if (GMIME_IS_MESSAGE_PART(part)) {
        returned_take(found, part);
    } else if (type_is(part, "text", "plain")) {
        text_part_take(found, part, false);
    } else if (type_is(part, "text", "html")) {
        text_part_take(found, part, true);
    }
}

static void body_read(GMimeMessage *message, Found *found)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);
    if (part && GMIME_IS_MULTIPART(part))
        g_mime_multipart_foreach(GMIME_MULTIPART(part), part_take, found);
    else if (part)
        part_take(NULL, part, found);
    bool plain = found->text && *found->text;
    found->mail->text = NULL;
    g_autofree char *words = plain || !found->html ? NULL : inbound_html_text(found->html);
    found->mail->text = lines_of(words ? words : found->text);
}

/* ---- the head ---- */

static const char *header(GMimeMessage *message, const char *name)
{
    const char *value = g_mime_object_get_header(GMIME_OBJECT(message), name);
    return value ? value : "";
}

static void sender_read(GMimeMessage *message, InboundMail *mail)
{
    InternetAddressList *list = g_mime_message_get_addresses(message, GMIME_ADDRESS_TYPE_FROM);
    InternetAddress *first = list && internet_address_list_length(list) > 0
                                 ? internet_address_list_get_address(list, 0)
                                 : NULL;
    mail->from_name = line_of(first ? internet_address_get_name(first) : "", INBOUND_NAME_MAX);
    const char *address = first && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(first))
                              : NULL;
    bool good = address && smtp_address_check(address);
    mail->from_address = g_strdup(good ? address : "");
}

static void refers_add(InboundMail *mail, const char *text, bool newest_last)
{
    GMimeReferences *ids = g_mime_references_parse(NULL, text);
    int count = g_mime_references_length(ids);
    for (int i = 0; i < count && mail->refers->len < INBOUND_REFERENCES_MAX; i++) {
        const char *id = g_mime_references_get_message_id(ids, newest_last ? count - 1 - i : i);
        if (id && is_id(id)) g_ptr_array_add(mail->refers, g_strdup(id));
    }
    g_mime_references_free(ids);
}

static int hops_of(GMimeMessage *message)
{
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int hops = 0, count = g_mime_header_list_get_count(list);
    for (int i = 0; i < count; i++) {
        const char *name = g_mime_header_get_name(g_mime_header_list_get_header_at(list, i));
        hops += g_ascii_strcasecmp(name, "Received") == 0;
    }
    return hops;
}

static bool is_daemon(const InboundMail *mail)
{
    return g_ascii_strncasecmp(mail->from_address, "mailer-daemon@", 14) == 0 ||
           g_ascii_strncasecmp(mail->from_address, "postmaster@", 11) == 0;
}

/* RFC 3834 2 and 5; the others are what vacation programs and lists are known to write. */
static bool is_automatic(GMimeMessage *message)
{
    static const char *const marks[] = {"X-Autoreply", "X-Autorespond",    "X-Autoresponder",
                                        "List-Id",     "List-Unsubscribe", NULL};
    static const char *const bulk[] = {"bulk", "list", "junk", "auto_reply", NULL};
    g_autofree char *submitted = g_ascii_strdown(header(message, "Auto-Submitted"), -1);
    g_autofree char *precedence = g_ascii_strdown(header(message, "Precedence"), -1);
    g_autofree char *path = g_strdup(header(message, "Return-Path"));
    g_strstrip(precedence);
    if (*g_strstrip(submitted) && !g_str_has_prefix(submitted, "no")) return true;
    if (g_strv_contains(bulk, precedence) || strcmp(g_strstrip(path), "<>") == 0) return true;
    for (const char *const *mark = marks; *mark; mark++)
        if (*header(message, *mark)) return true;
    return hops_of(message) > INBOUND_HOPS_MAX;
}

static void message_read(GMimeMessage *message, InboundMail *mail)
{
    Found found = {.mail = mail};
    const char *id = g_mime_message_get_message_id(message);
    mail->message_id = g_strdup(id && is_id(id) ? id : "");
    mail->subject = line_of(g_mime_message_get_subject(message), INBOUND_SUBJECT_MAX);
    sender_read(message, mail);
    refers_add(mail, header(message, "In-Reply-To"), false);
    refers_add(mail, header(message, "References"), true);
    body_read(message, &found);
    if (!found.report && is_daemon(mail))
        mail->kind = INBOUND_RETURNED;
    else if (mail->kind == INBOUND_PERSON && is_automatic(message))
        mail->kind = INBOUND_AUTOMATIC;
    if (found.report && mail->kind == INBOUND_PERSON) mail->kind = INBOUND_AUTOMATIC;
    g_free(found.text);
    g_free(found.html);
}

/* How often a mail opens something inside it; the parser goes one call deeper for each. */
static unsigned nested_count(const char *data, size_t size)
{
    static const char *const marks[] = {"multipart/", "message/", NULL};
    unsigned count = 0;
    for (size_t at = 0; at + 10 < size; at++) {
        if (data[at] != 'm' && data[at] != 'M') continue;
        for (const char *const *mark = marks; *mark; mark++)
            count += g_ascii_strncasecmp(data + at, *mark, strlen(*mark)) == 0;
    }
    return count;
}

/* The bytes of the head, up to the empty line. */
static size_t head_size(const char *data, size_t size)
{
    for (size_t at = 0; at + 1 < size; at++)
        if (data[at] == '\n' && (data[at + 1] == '\n' || data[at + 1] == '\r')) return at + 1;
    return size;
}

InboundMail *inbound_mail_read(const char *data, size_t size)
{
    InboundMail *mail = g_new0(InboundMail, 1);
    bool deep = nested_count(data, size) > INBOUND_NESTED_MAX;
    size_t read = deep ? head_size(data, size) : size;
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, read);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    mail->refers = g_ptr_array_new_with_free_func(g_free);
    mail->failed_address = g_strdup("");
    mail->failed_original = g_strdup("");
    mail->failed_id = g_strdup("");
    mail->cut = deep;
    if (message) {
        message_read(message, mail);
        g_object_unref(message);
    } else {
        mail->from_address = g_strdup("");
        mail->from_name = g_strdup("");
        mail->subject = g_strdup("");
        mail->message_id = g_strdup("");
        mail->text = g_strdup("");
    }
    g_object_unref(parser);
    g_object_unref(stream);
    return mail;
}

/* ---- what its writer says ---- */

/* "On Monday Ann wrote:", "Am 3. Mai schrieb Ann:", "-----Original Message-----", "> …". */
static bool is_quotation(const char *line, size_t size)
{
    g_autofree char *text = g_strndup(line, MIN(size, 400));
    g_strstrip(text);
    size_t length = strlen(text);
    if (text[0] == '>') return true;
    if (g_str_has_prefix(text, "-----") || g_str_has_prefix(text, "_____")) return true;
    if (length == 0 || text[length - 1] != ':') return false;
    bool english = g_str_has_prefix(text, "On ") && strstr(text, " wrote") != NULL;
    bool german = g_str_has_prefix(text, "Am ") && strstr(text, "schrieb") != NULL;
    return english || german;
}

size_t inbound_said(const char *text)
{
    size_t at = 0;
    while (text[at]) {
        const char *end = strchr(text + at, '\n');
        size_t size = end ? (size_t)(end - text) - at : strlen(text + at);
        if (is_quotation(text + at, size)) break;
        at += size + (end ? 1 : 0);
    }
    while (at > 0 && g_ascii_isspace(text[at - 1]))
        at--;
    return at;
}

bool inbound_asks_to_stop(const char *text)
{
    static const char *const words[] = {"unsubscribe",
                                        "unsubscribe me",
                                        "please unsubscribe",
                                        "please unsubscribe me",
                                        "stop",
                                        "remove me",
                                        "please remove me",
                                        "abmelden",
                                        "bitte abmelden",
                                        "abbestellen",
                                        "bitte abbestellen",
                                        "abmeldung",
                                        "newsletter abbestellen",
                                        "newsletter abmelden",
                                        NULL};
    Slice said = text_trim((Slice){text, inbound_said(text)});
    while (said.size > 0 && strchr(".!,;", said.data[said.size - 1]))
        said.size--;
    if (said.size == 0 || said.size > 60) return false;
    g_autofree char *fold = text_fold(said);
    return g_strv_contains(words, fold);
}
