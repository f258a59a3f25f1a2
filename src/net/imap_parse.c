#include "net/imap_parse.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

void imap_response_init(ImapResponse *response)
{
    *response = (ImapResponse){.text = g_string_new(NULL)};
}

void imap_response_reset(ImapResponse *response)
{
    g_string_truncate(response->text, 0);
    for (unsigned i = 0; i < response->literal_count; i++)
        g_string_free(response->literals[i].data, TRUE);
    response->literal_count = 0;
}

void imap_response_clear(ImapResponse *response)
{
    if (!response->text) return;
    imap_response_reset(response);
    g_string_free(response->text, TRUE);
    response->text = NULL;
}

/* The digits of a slice as a number; false when there are none, too many, or others. */
static bool number_read(Slice text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.size == 0 || text.size > IMAP_LITERAL_DIGITS_MAX) return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!g_ascii_isdigit(text.data[i])) return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool imap_literal_announced(const GString *line, uint64_t *ret_size, size_t *ret_bytes)
{
    const char *open = line->len > 2 ? strrchr(line->str, '{') : NULL;
    if (!open || line->str[line->len - 1] != '}') return false;
    Slice digits = {open + 1, (size_t)(line->str + line->len - 1 - (open + 1))};
    if (digits.size > 0 && digits.data[digits.size - 1] == '+') digits.size--;
    if (!number_read(digits, ret_size)) return false;
    *ret_bytes = (size_t)(line->str + line->len - open);
    return true;
}

/* ---- tokens ---- */

ImapCursor imap_cursor(const ImapResponse *response) { return (ImapCursor){.response = response}; }

static void quoted_take(ImapCursor *cursor, ImapToken *token)
{
    const GString *text = cursor->response->text;
    size_t from = cursor->at + 1, at = from;
    while (at < text->len && text->str[at] != '"')
        at += text->str[at] == '\\' ? 2 : 1;
    *token = (ImapToken){IMAP_BAD, {0}};
    if (at >= text->len) {
        cursor->at = text->len;
        return;
    }
    *token = (ImapToken){IMAP_STRING, {text->str + from, at - from}};
    cursor->at = at + 1;
}

/* Brackets hold what they hold: BODY[HEADER.FIELDS (TO)] is one atom. */
static void atom_take(ImapCursor *cursor, ImapToken *token)
{
    const GString *text = cursor->response->text;
    size_t from = cursor->at;
    bool inside = false;
    while (cursor->at < text->len) {
        char c = text->str[cursor->at];
        if (!inside && strchr(" ()\"", c)) break;
        if (c == '[') inside = true;
        if (c == ']') inside = false;
        cursor->at++;
    }
    *token = (ImapToken){IMAP_ATOM, {text->str + from, cursor->at - from}};
}

static bool literal_take(ImapCursor *cursor, ImapToken *token)
{
    const ImapResponse *response = cursor->response;
    unsigned next = cursor->literal;
    if (next >= response->literal_count || response->literals[next].at != cursor->at) return false;
    const GString *data = response->literals[next].data;
    cursor->literal++;
    *token = (ImapToken){IMAP_STRING, {data->str, data->len}};
    return true;
}

bool imap_token_next(ImapCursor *cursor, ImapToken *ret_token)
{
    const GString *text = cursor->response->text;
    for (;;) {
        if (literal_take(cursor, ret_token)) return true;
        if (cursor->at >= text->len) return false;
        if (text->str[cursor->at] != ' ' && text->str[cursor->at] != '\0') break;
        cursor->at++;
    }
    char c = text->str[cursor->at];
    if (c == '(' || c == ')') {
        cursor->at++;
        *ret_token = (ImapToken){c == '(' ? IMAP_OPEN : IMAP_CLOSE, {0}};
    } else if (c == '"') {
        quoted_take(cursor, ret_token);
    } else {
        atom_take(cursor, ret_token);
    }
    return true;
}

/* ---- heads and codes ---- */

static Slice word_take(Slice *text)
{
    size_t size = 0;
    while (size < text->size && text->data[size] != ' ')
        size++;
    Slice word = {text->data, size};
    while (size < text->size && text->data[size] == ' ')
        size++;
    text->data += size;
    text->size -= size;
    return word;
}

bool imap_head_parse(const ImapResponse *response, ImapHead *ret_head)
{
    Slice text = {response->text->str, response->text->len};
    ImapHead head = {0};
    head.tag = word_take(&text);
    if (head.tag.size == 0) return false;
    head.more = slice_is(head.tag, "+");
    head.tagged = !head.more && !slice_is(head.tag, "*");
    head.rest = text;
    if (head.more) {
        *ret_head = head;
        return true;
    }
    head.word = word_take(&text);
    if (!head.tagged && number_read(head.word, &head.number)) head.word = word_take(&text);
    head.rest = text;
    *ret_head = head;
    return head.word.size > 0;
}

bool imap_code_is(Slice rest, const char *name)
{
    size_t size = strlen(name);
    return rest.size > size + 1 && rest.data[0] == '[' &&
           g_ascii_strncasecmp(rest.data + 1, name, size) == 0 &&
           strchr(" ]", rest.data[size + 1]) != NULL && rest.data[size + 1] != '\0';
}

bool imap_code_number(Slice rest, const char *name, uint64_t *ret_number)
{
    size_t from = strlen(name) + 2;
    if (!imap_code_is(rest, name) || rest.size <= from) return false;
    const char *end = memchr(rest.data + from, ']', rest.size - from);
    if (!end) return false;
    return number_read((Slice){rest.data + from, (size_t)(end - (rest.data + from))}, ret_number);
}

bool imap_words_have(Slice words, const char *word)
{
    while (words.size > 0)
        if (text_equal_ascii_case(word_take(&words), slice_of(word))) return true;
    return false;
}

/* ---- answers ---- */

bool imap_search_parse(const ImapResponse *response, GArray *uids, guint count_max)
{
    ImapHead head;
    if (!imap_head_parse(response, &head) || !text_equal_ascii_case(head.word, SLICE("SEARCH")))
        return false;
    while (head.rest.size > 0) {
        uint64_t number;
        Slice word = word_take(&head.rest);
        if (word.size == 0) continue;
        if (!number_read(word, &number) || number < 1 || number > G_MAXUINT32) return false;
        guint32 uid = (guint32)number;
        if (uids->len < count_max) g_array_append_val(uids, uid);
    }
    return true;
}

/* Passes over one value, in parentheses or not. */
static bool value_skip(ImapCursor *cursor)
{
    ImapToken token;
    int depth = 0;
    do {
        if (!imap_token_next(cursor, &token) || token.kind == IMAP_BAD) return false;
        depth += (token.kind == IMAP_OPEN) - (token.kind == IMAP_CLOSE);
        if (depth < 0 || depth > IMAP_DEPTH_MAX) return false;
    } while (depth > 0);
    return true;
}

static bool is_nil(const ImapToken *token)
{
    return token->kind == IMAP_ATOM && text_equal_ascii_case(token->text, SLICE("NIL"));
}

static bool body_take(ImapCursor *cursor, ImapFetched *fetched)
{
    ImapToken token;
    if (!imap_token_next(cursor, &token)) return false;
    if (is_nil(&token)) return true;
    if (token.kind != IMAP_STRING) return false;
    fetched->data = token.text;
    fetched->has_data = true;
    return true;
}

static bool item_take(ImapCursor *cursor, Slice name, ImapFetched *fetched)
{
    ImapToken token;
    uint64_t number = 0;
    if (name.size >= 6 && g_ascii_strncasecmp(name.data, "BODY[]", 6) == 0)
        return body_take(cursor, fetched);
    bool uid = text_equal_ascii_case(name, SLICE("UID"));
    bool size = text_equal_ascii_case(name, SLICE("RFC822.SIZE"));
    bool date = text_equal_ascii_case(name, SLICE("INTERNALDATE"));
    if (!uid && !size && !date) return value_skip(cursor);
    if (!imap_token_next(cursor, &token)) return false;
    if (date) return token.kind == IMAP_STRING && imap_date_parse(token.text, &fetched->at);
    if (token.kind != IMAP_ATOM || !number_read(token.text, &number)) return false;
    if (uid && (number < 1 || number > G_MAXUINT32)) return false;
    if (uid) fetched->uid = (uint32_t)number;
    if (size) fetched->size = number;
    return true;
}

bool imap_fetch_parse(const ImapResponse *response, ImapFetched *ret_fetched)
{
    ImapCursor cursor = imap_cursor(response);
    ImapToken token;
    ImapFetched fetched = {0};
    for (int i = 0; i < 4; i++) /* "*", number, FETCH, "(" */
        if (!imap_token_next(&cursor, &token)) return false;
    if (token.kind != IMAP_OPEN) return false;
    for (;;) {
        if (!imap_token_next(&cursor, &token)) return false;
        if (token.kind == IMAP_CLOSE) break;
        if (token.kind != IMAP_ATOM || !item_take(&cursor, token.text, &fetched)) return false;
    }
    *ret_fetched = fetched;
    return true;
}

/* RFC 3501 date-time: a day of one digit has a space in front. */
bool imap_date_parse(Slice text, int64_t *ret_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    char word[32], month[4], sign;
    int day, year, hour, minute, second, zone, month_no = 0;
    if (text.size < 25 || text.size >= sizeof word) return false;
    memcpy(word, text.data, text.size);
    word[text.size] = '\0';
    if (sscanf(word, "%2d-%3[A-Za-z]-%4d %2d:%2d:%2d %c%4d", &day, month, &year, &hour, &minute,
               &second, &sign, &zone) != 8)
        return false;
    while (month_no < 12 && g_ascii_strncasecmp(months + 3 * month_no, month, 3) != 0)
        month_no++;
    if (month_no == 12 || strlen(month) != 3 || (sign != '+' && sign != '-')) return false;
    if (year < 1970 || zone < 0 || zone / 100 > 14 || zone % 100 > 59) return false;
    g_autoptr(GDateTime) at =
        g_date_time_new_utc(year, month_no + 1, day, hour, minute, MIN(second, 59));
    if (!at) return false;
    int64_t offset = (zone / 100 * 60 + zone % 100) * (sign == '-' ? -60 : 60);
    *ret_ms = (g_date_time_to_unix(at) - offset) * 1000;
    return true;
}
