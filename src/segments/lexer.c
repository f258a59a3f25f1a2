#include "segments/lexer.h"

#include "base/dates.h"
#include "base/limits.h"
#include "segments/window.h"
#include "timeline/payload.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Words that mean something where a trait could stand: traits of these names are quoted. */
static const char *const keywords[] = {
    "and",      "or",      "not",     "did",    "sum",    "average",   "minimum",     "maximum",
    "distinct", "count",   "first",   "last",   "top",    "birthday",  "anniversary", "silent",
    "tag",      "consent", "bounced", "in",     "random", "everybody", "then",        "where",
    "true",     "false",   "between", "exists", "is",     "contains",  "starts",      "ends",
    "matches",  "within",  "of",      "by",     "at",     "exactly",
};

bool rule_problem_set(RuleProblem *problem, uint32_t at, const char *format, ...)
{
    va_list arguments;
    problem->offset = at;
    va_start(arguments, format);
    g_vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    /* A cut may have split a character. */
    size_t valid = strlen(problem->message);
    const char *end;
    if (!g_utf8_validate(problem->message, (gssize)valid, &end))
        problem->message[end - problem->message] = '\0';
    return false;
}

void rule_problem_place(RuleProblem *problem, Slice text, uint32_t offset)
{
    problem->offset = (uint32_t)MIN((size_t)offset, text.size);
    problem->line = problem->column = 1;
    for (size_t i = 0; i < problem->offset; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (byte == '\n') {
            problem->line++;
            problem->column = 1;
        } else if ((byte & 0xc0) != 0x80) {
            problem->column++;
        }
    }
}

static bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }

static bool begins_word(char byte)
{
    return g_ascii_isalpha(byte) || byte == '_' || byte == '$' || (unsigned char)byte >= 0x80;
}

static bool goes_on_word(char byte) { return begins_word(byte) || is_digit(byte) || byte == '-'; }

bool rule_name_is_plain(const char *name)
{
    if (!begins_word(name[0])) return false;
    for (const char *at = name; *at; at++)
        if (!goes_on_word(*at)) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
        if (g_ascii_strcasecmp(keywords[i], name) == 0) return false;
    return true;
}

bool rule_date_check(const char *text)
{
    int64_t at;
    int year, month, day;
    Slice slice = slice_of(text);
    if (slice.size < 10 || slice.size > 32) return false;
    if (!window_day_parse(text, &year, &month, &day)) return false;
    if (slice.size == 10) return true;
    return text[10] == 'T' && date_parse(slice, DATE_YMD, zone_utc(), &at, NULL);
}

typedef struct Lexer {
    Arena *arena;
    Slice text;
    size_t at;
    RuleProblem *problem;
} Lexer;

static char peek(const Lexer *lexer, size_t ahead)
{
    size_t at = lexer->at + ahead;
    return at < lexer->text.size ? lexer->text.data[at] : '\0';
}

static void space_skip(Lexer *lexer)
{
    for (; lexer->at < lexer->text.size; lexer->at++) {
        char byte = peek(lexer, 0);
        if (byte == '#')
            while (lexer->at + 1 < lexer->text.size && peek(lexer, 1) != '\n')
                lexer->at++;
        else if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return;
    }
}

/* Where the text that begins here ends, at its closing quote or at the end of all. */
static size_t text_end(const Lexer *lexer)
{
    size_t at = lexer->at + 1;
    while (at < lexer->text.size && lexer->text.data[at] != '"')
        at += lexer->text.data[at] == '\\' && at + 1 < lexer->text.size ? 2 : 1;
    return at;
}

static bool text_read(Lexer *lexer, Token *token)
{
    char *out = arena_alloc(lexer->arena, text_end(lexer) - lexer->at + 1);
    size_t size = 0;
    if (!out) return rule_problem_set(lexer->problem, token->at, "the rule is too large");
    for (lexer->at++; lexer->at < lexer->text.size && peek(lexer, 0) != '"'; lexer->at++) {
        if (peek(lexer, 0) == '\\' && (peek(lexer, 1) == '"' || peek(lexer, 1) == '\\'))
            lexer->at++;
        out[size++] = peek(lexer, 0);
    }
    if (lexer->at >= lexer->text.size)
        return rule_problem_set(lexer->problem, token->at, "this text has no closing quote");
    lexer->at++;
    out[size] = '\0';
    token->kind = TOKEN_TEXT;
    token->text = out;
    return true;
}

static bool is_date_shape(const Lexer *lexer)
{
    static const char shape[] = "dddd-dd-dd";
    for (size_t i = 0; shape[i]; i++)
        if (shape[i] == 'd' ? !is_digit(peek(lexer, i)) : peek(lexer, i) != shape[i]) return false;
    return true;
}

static bool date_read(Lexer *lexer, Token *token)
{
    size_t size = 10;
    if (peek(lexer, size) == 'T')
        while (is_digit(peek(lexer, size)) ||
               (peek(lexer, size) && strchr("T:.+-Z", peek(lexer, size))))
            size++;
    token->kind = TOKEN_DATE;
    token->text = arena_copy(lexer->arena, lexer->text.data + lexer->at, size);
    if (!token->text) return rule_problem_set(lexer->problem, token->at, "the rule is too large");
    if (!rule_date_check(token->text))
        return rule_problem_set(lexer->problem, token->at, "there is no date %.40s", token->text);
    lexer->at += size;
    return true;
}

static bool ordinal_read(Lexer *lexer, Token *token)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
        if (peek(lexer, 0) != endings[i][0] || peek(lexer, 1) != endings[i][1]) continue;
        token->kind = TOKEN_ORDINAL;
        lexer->at += 2;
    }
    if (!goes_on_word(peek(lexer, 0))) return true;
    return rule_problem_set(lexer->problem, token->at,
                            "a name cannot begin with a digit: write it "
                            "in double quotes");
}

static bool number_read(Lexer *lexer, Token *token)
{
    size_t start = lexer->at;
    if (is_date_shape(lexer)) return date_read(lexer, token);
    if (peek(lexer, 0) == '-') lexer->at++;
    while (is_digit(peek(lexer, 0)))
        lexer->at++;
    token->whole = peek(lexer, 0) != '.' || !is_digit(peek(lexer, 1));
    if (!token->whole)
        for (lexer->at++; is_digit(peek(lexer, 0));)
            lexer->at++;
    Slice number = {lexer->text.data + start, lexer->at - start};
    token->kind = TOKEN_NUMBER;
    if (!payload_micro(number, &token->micros))
        return rule_problem_set(lexer->problem, token->at,
                                "the number %.*s is too large, or has more than 6 decimals",
                                (int)MIN(number.size, 40u), number.data);
    return !goes_on_word(peek(lexer, 0)) || !token->whole || ordinal_read(lexer, token);
}

static bool word_read(Lexer *lexer, Token *token)
{
    size_t start = lexer->at;
    while (goes_on_word(peek(lexer, 0)))
        lexer->at++;
    token->kind = TOKEN_WORD;
    token->text = arena_copy(lexer->arena, lexer->text.data + start, lexer->at - start);
    return token->text || rule_problem_set(lexer->problem, token->at, "the rule is too large");
}

static bool sign_read(Lexer *lexer, Token *token)
{
    static const char *const signs[] = {"!=", "<=", ">=", "<", ">", "=", "(", ")", ",", ".", "%"};
    for (size_t i = 0; i < G_N_ELEMENTS(signs); i++) {
        size_t size = strlen(signs[i]);
        if (lexer->text.size - lexer->at < size) continue;
        if (memcmp(lexer->text.data + lexer->at, signs[i], size) != 0) continue;
        token->kind = TOKEN_SIGN;
        token->text = signs[i];
        lexer->at += size;
        return true;
    }
    if (peek(lexer, 0) == '\'')
        return rule_problem_set(lexer->problem, token->at, "texts stand in double quotes");
    return rule_problem_set(lexer->problem, token->at, "the sign %c has no meaning here",
                            g_ascii_isprint(peek(lexer, 0)) ? peek(lexer, 0) : '?');
}

static bool token_read(Lexer *lexer, Token *token)
{
    char byte = peek(lexer, 0);
    if (byte == '"') return text_read(lexer, token);
    if (is_digit(byte) || (byte == '-' && is_digit(peek(lexer, 1))))
        return number_read(lexer, token);
    if (begins_word(byte)) return word_read(lexer, token);
    return sign_read(lexer, token);
}

bool rule_lexer_run(Arena *arena, Slice text, GArray *tokens, RuleProblem *problem)
{
    Lexer lexer = {arena, text, 0, problem};
    for (;;) {
        space_skip(&lexer);
        Token token = {.kind = TOKEN_END, .at = (uint32_t)lexer.at};
        bool more = lexer.at < text.size;
        if (more && !token_read(&lexer, &token)) return false;
        token.end = (uint32_t)lexer.at;
        g_array_append_val(tokens, token);
        if (!more) return true;
    }
}
