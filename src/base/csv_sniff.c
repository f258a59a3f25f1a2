#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/csv.h"
#include "base/csv_decode.h"
#include "base/error.h"
#include "base/text.h"

enum { LINES_LOOKED_AT = 50 };

static const char *const encoding_names[CSV_ENCODINGS] = {"UTF-8", "UTF-16LE", "UTF-16BE",
                                                          "Windows-1252"};
static const char *const newline_names[CSV_NEWLINES] = {"LF", "CRLF", "CR"};

const char *csv_encoding_name(CsvEncoding encoding) { return encoding_names[encoding]; }

const char *csv_newline_name(CsvNewline newline) { return newline_names[newline]; }

/* NUL at every second place speaks for UTF-16 of mostly Latin text. */
static bool looks_utf16(const char *data, size_t size, size_t nul_place)
{
    size_t nul = 0, pairs = MIN(size, 2000) / 2;
    for (size_t i = 0; i < pairs; i++)
        nul += data[i * 2 + nul_place] == '\0' && data[i * 2 + 1 - nul_place] != '\0';
    return pairs >= 2 && nul * 10 >= pairs * 7;
}

static bool utf8_but_for_a_cut(const char *data, size_t size)
{
    size_t valid = text_utf8_valid(data, size);
    return valid == size || (size - valid < 4 && (data[valid] & 0x80));
}

static void encoding_sniff(const char *data, size_t size, CsvFormat *format)
{
    format->bom = true;
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        format->encoding = CSV_UTF8;
    else if (size >= 2 && memcmp(data, "\xFF\xFE", 2) == 0)
        format->encoding = CSV_UTF16LE;
    else if (size >= 2 && memcmp(data, "\xFE\xFF", 2) == 0)
        format->encoding = CSV_UTF16BE;
    else
        format->bom = false;
    if (format->bom) return;
    if (looks_utf16(data, size, 1))
        format->encoding = CSV_UTF16LE;
    else if (looks_utf16(data, size, 0))
        format->encoding = CSV_UTF16BE;
    else
        format->encoding = utf8_but_for_a_cut(data, size) || memchr(data, '\0', size)
                               ? CSV_UTF8
                               : CSV_WINDOWS_1252;
}

/* Newlines outside quotes decide; inside a quoted field anything may stand. */
static CsvNewline newline_sniff(Slice text)
{
    size_t counts[CSV_NEWLINES] = {0};
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.data[i];
        if (byte == '"') quoted = !quoted;
        if (quoted || (byte != '\n' && byte != '\r')) continue;
        bool pair = byte == '\r' && i + 1 < text.size && text.data[i + 1] == '\n';
        counts[pair ? CSV_CRLF : byte == '\r' ? CSV_CR : CSV_LF]++;
        i += pair;
    }
    if (counts[CSV_CR] > counts[CSV_LF] + counts[CSV_CRLF]) return CSV_CR;
    return counts[CSV_CRLF] > counts[CSV_LF] ? CSV_CRLF : CSV_LF;
}

/* How many of the first records have as many delimiters as the first one, and how many that is. */
static size_t delimiter_score(Slice text, char delimiter)
{
    size_t lines = 0, same = 0, first = 0, count = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.size && lines < LINES_LOOKED_AT; i++) {
        char byte = text.data[i];
        if (byte == '"') quoted = !quoted;
        if (quoted) continue;
        count += byte == delimiter;
        if (byte != '\n' && byte != '\r') continue;
        if (i && (text.data[i - 1] == '\n' || text.data[i - 1] == '\r')) continue;
        if (lines == 0) first = count;
        same += count == first && first > 0;
        lines++;
        count = 0;
    }
    if (lines == 0) first = count, same = count > 0, lines = 1;
    return first == 0 ? 0 : same * 1000 / lines + MIN(first, 100);
}

static char delimiter_sniff(Slice text)
{
    static const char tried[] = {',', ';', '\t', '|'};
    char best = ',';
    size_t best_score = 0;
    for (size_t i = 0; i < sizeof(tried); i++) {
        size_t score = delimiter_score(text, tried[i]);
        if (score > best_score) {
            best = tried[i];
            best_score = score;
        }
    }
    return best;
}

/* A header has words: no field of the first line is a number, none is empty but the last. */
static bool header_sniff(Slice text, char delimiter)
{
    size_t end = 0, numbers = 0, words = 0;
    while (end < text.size && text.data[end] != '\n' && text.data[end] != '\r')
        end++;
    for (size_t from = 0; from <= end;) {
        size_t stop = from;
        bool digit = false, letter = false;
        for (; stop < end && text.data[stop] != delimiter; stop++) {
            digit = digit || g_ascii_isdigit(text.data[stop]);
            letter = letter || g_ascii_isalpha(text.data[stop]) || (text.data[stop] & 0x80);
        }
        numbers += digit && !letter;
        words += letter;
        from = stop + 1;
    }
    return words > 0 && numbers == 0;
}

void csv_sniff(const char *data, size_t size, CsvFormat *ret_format)
{
    CsvFormat format = {.delimiter = ',', .quote = '"', .header = true};
    size = MIN(size, CSV_SNIFF_BYTES);
    encoding_sniff(data, size, &format);
    size_t bom = !format.bom ? 0 : format.encoding == CSV_UTF8 ? 3 : 2;
    Slice text = {data + bom, size - bom};
    g_autofree char *decoded = NULL;
    if (format.encoding != CSV_UTF8) {
        decoded = g_malloc(size * CSV_DECODE_GROWTH + 8);
        CsvDecoder decoder;
        csv_decoder_init(&decoder, format.encoding);
        Slice raw = text;
        text = (Slice){decoded, csv_decode(&decoder, &raw, false, decoded)};
    }
    format.newline = newline_sniff(text);
    format.delimiter = delimiter_sniff(text);
    format.header = header_sniff(text, format.delimiter);
    *ret_format = format;
}

/* Files people send that are no text: the first bytes of zip (xlsx), old Excel, PDF, gzip. */
static const char *not_text(const char *data, size_t size)
{
    static const struct {
        const char *magic, *what;
    } kinds[] = {{"PK\x03\x04", "a spreadsheet (xlsx) or zip archive"},
                 {"\xD0\xCF\x11\xE0", "an old Excel file"},
                 {"%PDF", "a PDF"},
                 {"\x1F\x8B", "compressed (gzip)"},
                 {"SQLite format 3", "a database"}};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (size >= strlen(kinds[i].magic) &&
            memcmp(data, kinds[i].magic, strlen(kinds[i].magic)) == 0)
            return kinds[i].what;
    return NULL;
}

bool csv_sniff_file(const char *path, CsvFormat *ret_format, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, errno == ENOENT ? KITH_ERROR_NOT_FOUND : KITH_ERROR_UNAVAILABLE,
                    "could not open %s: %s", path, g_strerror(errno));
    g_autofree char *data = g_malloc(CSV_SNIFF_BYTES);
    ssize_t size = pread(fd, data, CSV_SNIFF_BYTES, 0);
    int problem = errno;
    close(fd);
    if (size < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not read %s: %s", path,
                    g_strerror(problem));
    if (size == 0) return fail(error, KITH_ERROR_INVALID, "%s is empty", path);
    const char *kind = not_text(data, (size_t)size);
    if (kind) return fail(error, KITH_ERROR_INVALID, "%s is %s; export it as CSV", path, kind);
    csv_sniff(data, (size_t)size, ret_format);
    return true;
}
