#include "delivery/mail_read.h"

#include "delivery/mailbox.h"

#include <gmime/gmime.h>
#include <string.h>

enum { HEADERS_MAX = 200 };

typedef struct Found {
    char *text, *html;
    int parts;
} Found;

static json_t *text_json(const char *text)
{
    if (!text) return json_null();
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    return json_string(valid);
}

/* The first plain and the first HTML part, decoded; cut to what is shown. */
static void part_take(GMimeObject *parent, GMimeObject *part, gpointer data)
{
    Found *found = data;
    (void)parent;
    if (++found->parts > MAILBOX_PARTS_MAX || !GMIME_IS_TEXT_PART(part)) return;
    GMimeContentType *type = g_mime_object_get_content_type(part);
    bool html = g_mime_content_type_is_type(type, "text", "html");
    char **place = html ? &found->html : &found->text;
    if (*place || (!html && !g_mime_content_type_is_type(type, "text", "plain"))) return;
    g_autofree char *text = g_mime_text_part_get_text(GMIME_TEXT_PART(part));
    if (!text) return;
    g_autofree char *shown = g_strndup(text, MAILBOX_PART_BYTES_MAX);
    g_auto(GStrv) lines = g_strsplit(shown, "\r\n", -1);
    *place = g_strjoinv("\n", lines);
}

static json_t *headers_json(GMimeMessage *message)
{
    json_t *headers = json_array();
    GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
    int count = MIN(g_mime_header_list_get_count(list), HEADERS_MAX);
    for (int i = 0; i < count; i++) {
        GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
        json_array_append_new(headers, json_pack("{s:o, s:o}", "name",
                                                 text_json(g_mime_header_get_name(header)), "value",
                                                 text_json(g_mime_header_get_value(header))));
    }
    return headers;
}

static void whole_set(json_t *mail, GMimeMessage *message)
{
    Found found = {0};
    GMimeObject *part = g_mime_message_get_mime_part(message);
    if (part && !GMIME_IS_MULTIPART(part)) part_take(NULL, part, &found);
    if (part && GMIME_IS_MULTIPART(part))
        g_mime_multipart_foreach(GMIME_MULTIPART(part), part_take, &found);
    json_object_set_new(mail, "text", text_json(found.text));
    json_object_set_new(mail, "html", text_json(found.html));
    json_object_set_new(mail, "headers", headers_json(message));
    g_free(found.text);
    g_free(found.html);
}

static json_t *addresses_json(GMimeMessage *message, GMimeAddressType type)
{
    InternetAddressList *list = g_mime_message_get_addresses(message, type);
    g_autofree char *text = list ? internet_address_list_to_string(list, NULL, FALSE) : NULL;
    return text_json(text ? text : "");
}

static json_t *message_json(GMimeMessage *message, bool whole)
{
    const char *subject = g_mime_message_get_subject(message);
    json_t *mail =
        json_pack("{s:o, s:o, s:o}", "from", addresses_json(message, GMIME_ADDRESS_TYPE_FROM), "to",
                  addresses_json(message, GMIME_ADDRESS_TYPE_TO), "subject",
                  text_json(subject ? subject : ""));
    if (whole) whole_set(mail, message);
    return mail;
}

static json_t *empty_json(bool whole)
{
    json_t *mail = json_pack("{s:s, s:s, s:s}", "from", "", "to", "", "subject", "");
    if (!whole) return mail;
    json_object_set_new(mail, "text", json_null());
    json_object_set_new(mail, "html", json_null());
    json_object_set_new(mail, "headers", json_array());
    return mail;
}

json_t *mail_read(const char *data, size_t size, bool whole)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    json_t *mail = message ? message_json(message, whole) : empty_json(whole);
    if (message) g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return mail;
}
