#include "delivery/mail.h"

#include "base/error.h"
#include "base/keyhash.h"
#include "base/text.h"
#include "net/smtp.h"

#include <gmime/gmime.h>
#include <string.h>

bool mail_header_check(const char *text, size_t bytes_max)
{
    size_t size = strlen(text);
    if (size > bytes_max || !text_utf8_check(text, size)) return false;
    for (const char *c = text; *c; c = g_utf8_next_char(c)) {
        gunichar letter = g_utf8_get_char(c);
        if (g_unichar_iscntrl(letter) || letter == 0x2028 || letter == 0x2029) return false;
    }
    return true;
}

static bool name_check(const char *name, const char *what, GError **error)
{
    return !name || mail_header_check(name, MAIL_NAME_MAX) ||
           fail(error, KITH_ERROR_INVALID, "%s of a mail: control characters, or over %d bytes",
                what, MAIL_NAME_MAX);
}

static bool address_check(const char *address, const char *what, GError **error)
{
    return smtp_address_check(address) ||
           fail(error, KITH_ERROR_INVALID, "%s of a mail: this is not an address", what);
}

static bool answers_check(const char *answers)
{
    for (const char *c = answers; *c; c++)
        if ((guchar)*c < 0x20 || (guchar)*c > 0x7e) return false;
    size_t size = strlen(answers);
    return size > 2 && size <= MAIL_ANSWERS_MAX && answers[0] == '<' && answers[size - 1] == '>';
}

static bool mail_check(const Mail *mail, GError **error)
{
    if (!address_check(mail->from_address, "sender", error) ||
        !address_check(mail->to_address, "recipient", error) ||
        !name_check(mail->from_name, "name of the sender", error) ||
        !name_check(mail->to_name, "name of the recipient", error))
        return false;
    if (mail->reply_to && *mail->reply_to && !address_check(mail->reply_to, "reply-to", error))
        return false;
    if (!mail_header_check(mail->subject, MAIL_SUBJECT_MAX))
        return fail(error, KITH_ERROR_INVALID, "subject: control characters, or over %d bytes",
                    MAIL_SUBJECT_MAX);
    if (mail->unsubscribe && strpbrk(mail->unsubscribe, "<>\r\n\t "))
        return fail(error, KITH_ERROR_INVALID, "unsubscription of a mail: this is no address");
    if (mail->answers && !answers_check(mail->answers))
        return fail(error, KITH_ERROR_INVALID, "what a mail answers: no Message-IDs");
    bool utf8 = text_utf8_check(mail->text, strlen(mail->text)) &&
                (!mail->html || text_utf8_check(mail->html, strlen(mail->html)));
    return utf8 || fail(error, KITH_ERROR_INVALID, "a mail's text must be UTF-8");
}

static GMimeObject *part_new(const char *subtype, const char *text)
{
    GMimeTextPart *part = g_mime_text_part_new_with_subtype(subtype);
    g_mime_text_part_set_charset(part, "utf-8");
    g_mime_text_part_set_text(part, text);
    g_mime_part_set_content_encoding(GMIME_PART(part), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return GMIME_OBJECT(part);
}

static void body_set(GMimeMessage *message, const Mail *mail)
{
    GMimeObject *text = part_new("plain", mail->text);
    if (!mail->html) {
        g_mime_message_set_mime_part(message, text);
        g_object_unref(text);
        return;
    }
    GMimeObject *html = part_new("html", mail->html);
    GMimeMultipart *both = g_mime_multipart_new_with_subtype("alternative");
    g_mime_multipart_add(both, text);
    g_mime_multipart_add(both, html);
    g_mime_message_set_mime_part(message, GMIME_OBJECT(both));
    g_object_unref(text);
    g_object_unref(html);
    g_object_unref(both);
}

static const char *or_null(const char *text) { return text && *text ? text : NULL; }

/* An address is neither encoded nor folded: programs that unsubscribe read it as it stands. */
static void raw_set(GMimeObject *object, const char *name, const char *value)
{
    GMimeHeaderList *headers = g_mime_object_get_header_list(object);
    g_autofree char *raw = g_strdup_printf(" <%s>\n", value);
    g_mime_header_list_set(headers, name, "", NULL);
    for (int i = 0; i < g_mime_header_list_get_count(headers); i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(headers, i);
        if (strcmp(g_mime_header_get_name(header), name) == 0)
            g_mime_header_set_raw_value(header, raw);
    }
}

static void list_set(GMimeObject *object, const Mail *mail)
{
    const char *domain = strrchr(mail->from_address, '@') + 1;
    if (mail->unsubscribe) {
        raw_set(object, "List-Unsubscribe", mail->unsubscribe);
        g_mime_object_set_header(object, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click",
                                 NULL);
    }
    if (!mail->list_id) return;
    g_autofree char *list = g_strdup_printf("%s.kith.%s", mail->list_id, domain);
    raw_set(object, "List-Id", list);
}

static void answers_set(GMimeObject *object, const char *answers)
{
    g_mime_object_set_header(object, "In-Reply-To", strrchr(answers, '<'), NULL);
    g_mime_object_set_header(object, "References", answers, NULL);
}

static void head_set(GMimeMessage *message, const Mail *mail, const char *message_id)
{
    GMimeObject *object = GMIME_OBJECT(message);
    g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(mail->at / 1000);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, or_null(mail->from_name),
                               mail->from_address);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, or_null(mail->to_name),
                               mail->to_address);
    if (or_null(mail->reply_to))
        g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_REPLY_TO, NULL, mail->reply_to);
    g_mime_message_set_subject(message, mail->subject, "utf-8");
    g_mime_message_set_date(message, date);
    g_mime_message_set_message_id(message, message_id);
    g_mime_object_set_header(object, "MIME-Version", "1.0", NULL);
    if (mail->auto_submitted)
        g_mime_object_set_header(object, "Auto-Submitted", "auto-generated", NULL);
    if (mail->answers) answers_set(object, mail->answers);
    list_set(object, mail);
}

static MailText *mail_write(GMimeMessage *message)
{
    GMimeFormatOptions *format = g_mime_format_options_new();
    GMimeStream *stream = g_mime_stream_mem_new();
    MailText *text = g_new0(MailText, 1);
    g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
    GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
    text->data = g_strndup((const char *)bytes->data, bytes->len);
    text->size = bytes->len;
    g_mime_format_options_free(format);
    g_object_unref(stream);
    return text;
}

void mail_seal(const uint8_t *key, int64_t mail_id, char ret_seal[MAIL_SEAL_SIZE])
{
    g_snprintf(ret_seal, MAIL_SEAL_SIZE, "%016" G_GINT64_MODIFIER "x",
               (guint64)keyhash64(key, &mail_id, sizeof mail_id));
}

int64_t mail_id_find(const uint8_t *key, const char *message_id, bool *ret_sealed)
{
    char *end = NULL, seal[MAIL_SEAL_SIZE];
    guint64 id = g_ascii_isxdigit(*message_id) ? g_ascii_strtoull(message_id, &end, 16) : 0;
    *ret_sealed = false;
    if (id < 1 || id > G_MAXINT64) return 0;
    mail_seal(key, (int64_t)id, seal);
    if (end[0] == '.' && strncmp(end + 1, seal, MAIL_SEAL_SIZE - 1) == 0) {
        *ret_sealed = true;
        end += MAIL_SEAL_SIZE;
    }
    return g_str_has_prefix(end, ".kith@") ? (int64_t)id : 0;
}

MailText *mail_build(const Mail *mail, GError **error)
{
    g_assert(mail->mail_id > 0);
    if (!mail_check(mail, error)) return NULL;
    g_autofree char *id = g_strdup_printf(
        "%" G_GINT64_MODIFIER "x%s%s.kith@%s", (guint64)mail->mail_id, mail->seal ? "." : "",
        mail->seal ? mail->seal : "", strrchr(mail->from_address, '@') + 1);
    GMimeMessage *message = g_mime_message_new(TRUE);
    head_set(message, mail, id);
    body_set(message, mail);
    MailText *text = mail_write(message);
    g_strlcpy(text->message_id, id, sizeof text->message_id);
    g_object_unref(message);
    return text;
}

void mail_text_free(MailText *text)
{
    if (!text) return;
    g_free(text->data);
    g_free(text);
}
