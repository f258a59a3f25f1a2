#include "liquid/lexer.h"

#include "base/json_read.h"

#include <glib.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

/* Letters of other alphabets may name a trait: every byte of theirs is 0x80 or over. */
static bool is_name_start(char c)
{
    return g_ascii_isalpha(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c) { return is_name_start(c) || g_ascii_isdigit(c) || c == '-'; }

static Slice slice_between(const char *start, const char *end)
{
    return (Slice){start, (size_t)(end - start)};
}

static Slice slice_trim(Slice text)
{
    while (text.size > 0 && is_space(text.data[0]))
        text.data++, text.size--;
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

void lexer_init(Lexer *lexer, Slice source, bool lines)
{
    *lexer = (Lexer){.at = source.data, .end = source.data + source.size, .lines = lines};
}

/* ── text and tags ───────────────────────────────────────────────────────────────────────────── */

/* The first "{{" or "{%" at or behind `at`; the end when there is none. */
static const char *find_open(const char *at, const char *end)
{
    while (at + 1 < end) {
        at = memchr(at, '{', (size_t)(end - at));
        if (!at || at + 1 >= end) break;
        if (at[1] == '{' || at[1] == '%') return at;
        at++;
    }
    return end;
}

static const char *find_close(const char *at, const char *end, const char *close)
{
    return memmem(at, (size_t)(end - at), close, 2);
}

static Token token_bad(const char *at, const char *problem)
{
    return (Token){.kind = TOKEN_BAD, .at = at, .problem = problem};
}

/* Cuts the first word off the markup of a tag: its name. "#" needs no space behind it. */
static void tag_split(Token *token, Slice markup)
{
    Slice text = slice_trim(markup);
    size_t size = 0;
    if (text.size > 0 && text.data[0] == '#')
        size = 1;
    else
        while (size < text.size && (g_ascii_isalnum(text.data[size]) || text.data[size] == '_'))
            size++;
    token->name = (Slice){text.data, size};
    token->markup = slice_trim((Slice){text.data + size, text.size - size});
}

/* At "{{" or "{%": reads to its end. */
static Token lexer_tag(Lexer *lexer)
{
    const char *open = lexer->at;
    bool is_tag = open[1] == '%';
    const char *inside = open + 2;
    bool trims_before = inside < lexer->end && *inside == '-';
    if (trims_before) inside++;
    const char *close = find_close(inside, lexer->end, is_tag ? "%}" : "}}");
    if (!close)
        return token_bad(open, is_tag ? "this tag is not closed: add %}"
                                      : "this output is not closed: add }}");
    const char *nested = is_tag ? close : find_open(inside, close);
    if (nested < close && nested[1] == '%')
        return token_bad(open, "this output is not closed before the next tag: add }}");
    const char *stop = close;
    lexer->trim_after = stop > inside && stop[-1] == '-';
    if (lexer->trim_after) stop--;
    lexer->at = close + 2;
    Token token = {.kind = is_tag ? TOKEN_TAG : TOKEN_OUTPUT, .at = open};
    token.markup = slice_trim(slice_between(inside, stop));
    if (is_tag) tag_split(&token, token.markup);
    return token;
}

/* One line of `{% liquid %}` is one tag. */
static Token lexer_line(Lexer *lexer)
{
    while (lexer->at < lexer->end) {
        const char *start = lexer->at;
        const char *stop = memchr(start, '\n', (size_t)(lexer->end - start));
        if (!stop) stop = lexer->end;
        lexer->at = stop < lexer->end ? stop + 1 : stop;
        Slice line = slice_trim(slice_between(start, stop));
        if (line.size == 0) continue;
        Token token = {.kind = TOKEN_TAG, .at = line.data};
        tag_split(&token, line);
        return token;
    }
    return (Token){.kind = TOKEN_END, .at = lexer->end};
}

Token lexer_next(Lexer *lexer)
{
    if (lexer->lines) return lexer_line(lexer);
    while (lexer->at < lexer->end) {
        const char *start = lexer->at, *stop = find_open(start, lexer->end);
        if (stop == start) return lexer_tag(lexer);
        lexer->at = stop;
        Slice text = slice_between(start, stop);
        bool trims = stop + 2 < lexer->end && stop[2] == '-';
        while (trims && text.size > 0 && is_space(text.data[text.size - 1]))
            text.size--;
        while (lexer->trim_after && text.size > 0 && is_space(text.data[0]))
            text.data++, text.size--;
        if (text.size > 0) return (Token){.kind = TOKEN_TEXT, .at = start, .markup = text};
    }
    return (Token){.kind = TOKEN_END, .at = lexer->end};
}

/* Whether the tag at `open` ("{%") is exactly this word; where it ends, and whether it trims. */
static bool tag_is(const char *open, const char *end, const char *word, Lexer *ret_behind)
{
    const char *at = open + 2;
    if (at < end && *at == '-') at++;
    while (at < end && is_space(*at))
        at++;
    size_t size = strlen(word);
    if ((size_t)(end - at) < size || memcmp(at, word, size) != 0) return false;
    at += size;
    while (at < end && is_space(*at))
        at++;
    ret_behind->trim_after = at < end && *at == '-';
    if (ret_behind->trim_after) at++;
    if (end - at < 2 || at[0] != '%' || at[1] != '}') return false;
    ret_behind->at = at + 2;
    return true;
}

bool lexer_verbatim(Lexer *lexer, const char *end, Slice *ret_text)
{
    const char *start = lexer->at;
    if (lexer->lines) return false;
    for (const char *at = start; at < lexer->end; at++) {
        at = memmem(at, (size_t)(lexer->end - at), "{%", 2);
        if (!at) return false;
        if (!tag_is(at, lexer->end, end, lexer)) continue;
        *ret_text = slice_between(start, at);
        return true;
    }
    return false;
}

/* The next tag inside a comment; text and outputs mean nothing there. */
static Token lexer_tag_only(Lexer *lexer)
{
    if (lexer->lines) return lexer_line(lexer);
    const char *open = memmem(lexer->at, (size_t)(lexer->end - lexer->at), "{%", 2);
    if (!open) return (Token){.kind = TOKEN_END, .at = lexer->end};
    lexer->at = open;
    return lexer_tag(lexer);
}

bool lexer_comment(Lexer *lexer)
{
    for (size_t depth = 1; depth > 0;) {
        Token token = lexer_tag_only(lexer);
        Slice ignored;
        if (token.kind != TOKEN_TAG) return false;
        if (slice_is(token.name, "comment")) depth++;
        if (slice_is(token.name, "endcomment")) depth--;
        if (slice_is(token.name, "raw") && !lexer_verbatim(lexer, "endraw", &ignored)) return false;
    }
    return true;
}

/* ── words ───────────────────────────────────────────────────────────────────────────────────── */

static void words_bad(Words *words, const char *problem)
{
    words->kind = WORD_BAD;
    words->problem = problem;
    words->at = words->end;
}

static void words_name(Words *words, const char *start)
{
    const char *at = start;
    while (at < words->end && is_name(*at))
        at++;
    if (at < words->end && *at == '?') at++;
    words->kind = WORD_NAME;
    words->text = slice_between(start, at);
    words->at = at;
}

static void words_quoted(Words *words, const char *start)
{
    const char *close = memchr(start + 1, *start, (size_t)(words->end - start - 1));
    if (!close) {
        words_bad(words, "this text is not closed: add the same quote at its end");
        return;
    }
    words->kind = WORD_VALUE;
    words->value = liquid_text(slice_between(start + 1, close));
    words->at = close + 1;
    words->text = slice_between(start, words->at);
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && g_ascii_isdigit(*at))
        at++;
    return at;
}

/* "1..5" is a range of whole numbers, so a point counts only before a digit. */
static void words_number(Words *words, const char *start)
{
    const char *at = skip_digits(start + (*start == '-'), words->end);
    bool whole = !(at + 1 < words->end && at[0] == '.' && g_ascii_isdigit(at[1]));
    if (!whole) at = skip_digits(at + 1, words->end);
    words->kind = WORD_VALUE;
    words->text = slice_between(start, at);
    words->at = at;
    int64_t integer = 0;
    double number = 0;
    size_t zeros = 0;
    Slice text = words->text;
    bool negative = text.data[0] == '-';
    while (negative + zeros + 1 < text.size && text.data[negative + zeros] == '0' &&
           g_ascii_isdigit(text.data[negative + zeros + 1]))
        zeros++;
    Slice digits = {text.data + negative + zeros, text.size - negative - zeros};
    if (whole && !json_number_int(digits, &integer))
        words_bad(words, "this number is too large");
    else if (!whole && !json_number_double(digits, &number))
        words_bad(words, "this number is too large");
    else
        words->value = whole ? liquid_int(negative ? -integer : integer)
                             : liquid_float(negative ? -number : number);
}

static void words_sign(Words *words, const char *start)
{
    static const char *const longer[] = {"==", "!=", "<>", "<=", ">=", "..", "<", ">"};
    for (size_t i = 0; i < G_N_ELEMENTS(longer); i++) {
        size_t size = strlen(longer[i]);
        if ((size_t)(words->end - start) < size || memcmp(start, longer[i], size) != 0) continue;
        words->kind = longer[i][0] == '.' ? WORD_DOTS : WORD_COMPARISON;
        words->at = start + size;
        words->text = slice_between(start, words->at);
        return;
    }
    if (!strchr(".|:,[]()=", *start)) {
        words->text = slice_between(start, start + 1);
        words_bad(words, "this character has no meaning here");
        return;
    }
    words->kind = WORD_SIGN;
    words->sign = *start;
    words->at = start + 1;
    words->text = slice_between(start, words->at);
}

void words_next(Words *words)
{
    const char *at = words->at;
    while (at < words->end && is_space(*at))
        at++;
    words->sign = '\0';
    words->text = (Slice){at, 0};
    if (words->kind == WORD_BAD) return;
    if (at == words->end) {
        words->kind = WORD_END;
        words->at = at;
    } else if (is_name_start(*at)) {
        words_name(words, at);
    } else if (*at == '"' || *at == '\'') {
        words_quoted(words, at);
    } else if (g_ascii_isdigit(*at) ||
               (*at == '-' && at + 1 < words->end && g_ascii_isdigit(at[1]))) {
        words_number(words, at);
    } else {
        words_sign(words, at);
    }
}

void words_init(Words *words, Slice markup)
{
    *words = (Words){.at = markup.data, .end = markup.data + markup.size};
    words_next(words);
}
