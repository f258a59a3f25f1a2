/* Any response of an IMAP server: read or refused; what is read lies inside of what was said. The
 * first line end splits the text from the one literal that stands behind its last byte. */
#include "net/imap_parse.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool lies_in(Slice part, const GString *whole)
{
    return part.size == 0 ||
           (part.data >= whole->str && part.data + part.size <= whole->str + whole->len);
}

static void check_tokens(const ImapResponse *response)
{
    ImapToken token;
    ImapCursor cursor = imap_cursor(response);
    size_t count = 0;
    while (imap_token_next(&cursor, &token) && token.kind != IMAP_BAD)
        g_assert_cmpuint(++count, <=, response->text->len + IMAP_LITERALS_MAX);
}

static void check_response(const ImapResponse *response)
{
    ImapHead head;
    ImapFetched fetched = {0};
    uint64_t number;
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
    check_tokens(response);
    imap_search_parse(response, uids, 10);
    g_assert_cmpuint(uids->len, <=, 10);
    if (imap_fetch_parse(response, &fetched) && fetched.has_data && response->literal_count == 0)
        g_assert_true(lies_in(fetched.data, response->text));
    if (!imap_head_parse(response, &head)) return;
    g_assert_true(lies_in(head.word, response->text) && lies_in(head.rest, response->text));
    imap_code_number(head.rest, "UIDVALIDITY", &number);
    imap_code_is(head.rest, "UNAVAILABLE");
    imap_words_have(head.rest, "STARTTLS");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = memchr(data, '\n', size);
    size_t line_size = end ? (size_t)(end - data) : size;
    int64_t ms;
    uint64_t literal_size;
    size_t announced;
    ImapResponse response;
    imap_response_init(&response);
    g_string_append_len(response.text, (const char *)data, (gssize)line_size);
    if (imap_literal_announced(response.text, &literal_size, &announced)) {
        g_assert_cmpuint(announced, <=, response.text->len);
        g_string_truncate(response.text, response.text->len - announced);
    }
    if (end) {
        response.literals[0].at = response.text->len;
        response.literals[0].data =
            g_string_new_len((const char *)end + 1, (gssize)(size - line_size - 1));
        response.literal_count = 1;
    }
    check_response(&response);
    imap_date_parse((Slice){(const char *)data, size}, &ms);
    imap_response_clear(&response);
    return 0;
}
