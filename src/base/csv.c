#include "base/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv_decode.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"

enum { CHUNK_BYTES = 256 * 1024 };

struct CsvReader {
    CsvFormat format;
    CsvDecoder decoder;
    int fd;
    int64_t bytes_read, bytes_total;
    char *window;       /* decoded text: [from, until) is not used up */
    size_t from, until; /* places in the window */
    size_t capacity;    /* of the window: record_max + a chunk as decoded */
    size_t record_max;
    int64_t window_offset; /* decoded offset of window[0] */
    char *raw;             /* CHUNK_BYTES as read, when decoding is needed */
    size_t raw_left;       /* undecoded bytes kept from the last chunk */
    bool at_end;           /* the file gave its last byte */
    int64_t line_next;     /* line that the next record starts on */
    /* the record last read */
    Slice *fields;
    size_t field_count;
    int64_t line, offset;
    const char *problem;
};

/* ---- bytes in ----------------------------------------------------------------------------- */

static bool read_some(CsvReader *csv, char *to, size_t size, size_t *ret_size, GError **error)
{
    ssize_t count;
    do
        count = read(csv->fd, to, size);
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not read the file: %s",
                    g_strerror(errno));
    csv->at_end = count == 0;
    csv->bytes_read += count;
    *ret_size = (size_t)count;
    return true;
}

/* Adds a chunk to the window; what was used up goes first. */
static bool window_fill(CsvReader *csv, GError **error)
{
    size_t kept = csv->until - csv->from;
    if (csv->from) memmove(csv->window, csv->window + csv->from, kept);
    csv->window_offset += (int64_t)csv->from;
    csv->from = 0;
    csv->until = kept;
    size_t count = 0;
    if (csv->format.encoding == CSV_UTF8) {
        if (!read_some(csv, csv->window + kept, MIN(csv->capacity - kept, CHUNK_BYTES), &count,
                       error))
            return false;
        csv->until += count;
        return true;
    }
    size_t room = CHUNK_BYTES - csv->raw_left;
    if (!read_some(csv, csv->raw + csv->raw_left, room, &count, error)) return false;
    Slice raw = {csv->raw, csv->raw_left + count};
    csv->until += csv_decode(&csv->decoder, &raw, csv->at_end, csv->window + kept);
    csv->raw_left = raw.size;
    memmove(csv->raw, raw.data, raw.size);
    return true;
}

CsvReader *csv_open(const char *path, const CsvFormat *format, size_t record_max, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about = {0};
    if (fd < 0 || fstat(fd, &about) != 0) {
        KithError code = errno == ENOENT ? KITH_ERROR_NOT_FOUND : KITH_ERROR_UNAVAILABLE;
        fail(error, code, "could not open %s: %s", path, g_strerror(errno));
        if (fd >= 0) close(fd);
        return NULL;
    }
    CsvReader *csv = g_new0(CsvReader, 1);
    csv->format = *format;
    csv->fd = fd;
    csv->bytes_total = about.st_size;
    csv->record_max = record_max;
    csv->capacity = record_max + CHUNK_BYTES * CSV_DECODE_GROWTH;
    csv->window = g_malloc(csv->capacity);
    csv->raw = format->encoding == CSV_UTF8 ? NULL : g_malloc(CHUNK_BYTES);
    csv->fields = g_new(Slice, LIMIT_CSV_COLUMNS);
    if (csv_seek(csv, 0, 1, error)) return csv;
    csv_close(csv);
    return NULL;
}

void csv_close(CsvReader *csv)
{
    if (!csv) return;
    close(csv->fd);
    g_free(csv->window);
    g_free(csv->raw);
    g_free(csv->fields);
    g_free(csv);
}

/* Reads decoded text away until `offset` is reached. */
static bool skip_to(CsvReader *csv, int64_t offset, GError **error)
{
    while (csv->window_offset + (int64_t)csv->until < offset) {
        csv->from = csv->until;
        if (!window_fill(csv, error)) return false;
        if (csv->at_end && csv->until == 0)
            return fail(error, KITH_ERROR_CONFLICT,
                        "the file is shorter than where the import had stopped; import it anew");
    }
    csv->from = (size_t)(offset - csv->window_offset);
    return true;
}

bool csv_seek(CsvReader *csv, int64_t offset, int64_t line, GError **error)
{
    bool is_utf8 = csv->format.encoding == CSV_UTF8;
    int64_t bom = csv->format.bom ? (is_utf8 ? 3 : 2) : 0;
    int64_t start = bom + (is_utf8 ? offset : 0);
    if (start > csv->bytes_total)
        return fail(error, KITH_ERROR_CONFLICT,
                    "the file is shorter than where the import had stopped; import it anew");
    if (lseek(csv->fd, start, SEEK_SET) < 0)
        return fail(error, KITH_ERROR_UNAVAILABLE, "could not seek in the file: %s",
                    g_strerror(errno));
    csv->bytes_read = start;
    csv->from = csv->until = csv->raw_left = 0;
    csv->window_offset = is_utf8 ? offset : 0;
    csv->at_end = false;
    csv->line_next = line;
    csv_decoder_init(&csv->decoder, csv->format.encoding);
    return is_utf8 || skip_to(csv, offset, error);
}

/* ---- one record --------------------------------------------------------------------------- */

/* Where the record that starts at `from` ends. */
typedef struct Span {
    size_t end;    /* of its text, before the newline */
    size_t next;   /* of the next record */
    int64_t lines; /* newlines inside and behind it */
    bool open;     /* the quote did not end */
} Span;

typedef struct Scan {
    size_t at; /* next byte to look at, relative to from */
    int64_t lines;
    size_t closed;    /* place of the quote that closed last */
    bool quoted;      /* inside quotes */
    bool field_start; /* the next byte begins a field */
} Scan;

/* Looks for the end of the record in what the window holds; false: more is needed. */
static bool span_find(const CsvReader *csv, Scan *scan, Span *ret_span)
{
    const char *text = csv->window + csv->from;
    size_t size = csv->until - csv->from, i = scan->at, closed = scan->closed;
    char delimiter = csv->format.delimiter, quote = csv->format.quote;
    bool quoted = scan->quoted, start = scan->field_start, lone_cr = csv->format.newline == CSV_CR;
    for (; i < size; i++) {
        char byte = text[i];
        if (quoted) {
            scan->lines += byte == '\n';
            if (byte == quote) quoted = false, closed = i;
        } else if (byte == quote && quote && (start || (i && closed == i - 1))) {
            quoted = true; /* a doubled quote opens again */
        } else if (byte == '\n' || (byte == '\r' && lone_cr)) {
            size_t end = i && byte == '\n' && text[i - 1] == '\r' ? i - 1 : i;
            *ret_span = (Span){end, i + 1, scan->lines + 1, false};
            return true;
        }
        start = byte == delimiter && !quoted;
    }
    *scan = (Scan){i, scan->lines, closed, quoted, start};
    return false;
}

static bool span_at_end(const CsvReader *csv, const Scan *scan, Span *ret_span)
{
    size_t size = csv->until - csv->from;
    *ret_span = (Span){size, size, scan->lines + 1, scan->quoted};
    return size > 0;
}

/* Finds the record at `from`, reading as much as it takes. False at the end or on error. */
static bool record_find(CsvReader *csv, Span *ret_span, GError **error)
{
    Scan scan = {.field_start = true, .closed = SIZE_MAX};
    while (!span_find(csv, &scan, ret_span)) {
        if (csv->at_end) return span_at_end(csv, &scan, ret_span);
        if (csv->until - csv->from > csv->record_max)
            return fail(error, KITH_ERROR_LIMIT,
                        "line %" G_GINT64_FORMAT ": a record is over %zu bytes; is a closing quote "
                        "missing, or the delimiter not \"%c\"?",
                        csv->line_next, csv->record_max, csv->format.delimiter);
        if (!window_fill(csv, error)) return false;
    }
    return true;
}

/* Takes the quotes off a field in place and returns where it ends. */
static size_t field_unquote(char *text, size_t from, size_t end, char delimiter, Slice *ret_field)
{
    char quote = text[from];
    size_t out = from, i = from + 1;
    while (i < end) {
        if (text[i] == quote) {
            if (i + 1 >= end || text[i + 1] != quote) break;
            i++;
        }
        text[out++] = text[i++];
    }
    i = MIN(i + 1, end);
    while (i < end && text[i] != delimiter) /* what follows the closing quote is kept as text */
        text[out++] = text[i++];
    *ret_field = (Slice){text + from, out - from};
    return i;
}

static size_t field_plain(char *text, size_t from, size_t end, char delimiter, Slice *ret_field)
{
    char *found = memchr(text + from, delimiter, end - from);
    size_t stop = found ? (size_t)(found - text) : end;
    *ret_field = (Slice){text + from, stop - from};
    return stop;
}

/* Splits the record into fields; false when there are too many. */
static bool record_split(CsvReader *csv, size_t end)
{
    char *text = csv->window + csv->from;
    char delimiter = csv->format.delimiter, quote = csv->format.quote;
    size_t i = 0;
    csv->field_count = 0;
    for (;;) {
        if (csv->field_count == LIMIT_CSV_COLUMNS) return false;
        Slice *field = &csv->fields[csv->field_count++];
        bool quoted = quote && i < end && text[i] == quote;
        i = quoted ? field_unquote(text, i, end, delimiter, field)
                   : field_plain(text, i, end, delimiter, field);
        if (i >= end) return true;
        i++;
    }
}

static const char *record_problem(const CsvReader *csv, const Span *span)
{
    const char *text = csv->window + csv->from;
    if (span->open) return "a quote that does not end";
    size_t valid = text_utf8_valid(text, span->end);
    if (valid == span->end) return NULL;
    return text[valid] ? "not valid UTF-8" : "a NUL byte";
}

bool csv_next(CsvReader *csv, GError **error)
{
    Span span;
    for (;;) {
        if (!record_find(csv, &span, error)) return false;
        if (span.end > 0) break;
        csv->from += span.next; /* an empty line */
        csv->line_next += span.lines;
    }
    csv->line = csv->line_next;
    csv->offset = csv->window_offset + (int64_t)csv->from;
    csv->problem = record_problem(csv, &span);
    if (!record_split(csv, span.end))
        return fail(error, KITH_ERROR_LIMIT, "line %" G_GINT64_FORMAT ": more than %d columns",
                    csv->line, LIMIT_CSV_COLUMNS);
    csv->from += span.next;
    csv->line_next += span.lines;
    return true;
}

size_t csv_field_count(const CsvReader *csv) { return csv->field_count; }

Slice csv_field(const CsvReader *csv, size_t index)
{
    return index < csv->field_count ? csv->fields[index] : (Slice){"", 0};
}

const char *csv_problem(const CsvReader *csv) { return csv->problem; }

int64_t csv_line(const CsvReader *csv) { return csv->line; }

int64_t csv_offset(const CsvReader *csv) { return csv->offset; }

int64_t csv_offset_next(const CsvReader *csv) { return csv->window_offset + (int64_t)csv->from; }

int64_t csv_line_next(const CsvReader *csv) { return csv->line_next; }

int64_t csv_bytes_read(const CsvReader *csv)
{
    return csv->bytes_read - (int64_t)(csv->until - csv->from);
}

int64_t csv_bytes_total(const CsvReader *csv) { return csv->bytes_total; }

/* ---- writing ------------------------------------------------------------------------------ */

static bool is_number(Slice text)
{
    for (size_t i = 1; i < text.size; i++)
        if (!g_ascii_isdigit(text.data[i]) && text.data[i] != '.' && text.data[i] != ',')
            return false;
    return text.size > 1;
}

static bool is_formula(Slice text)
{
    if (!text.size || !strchr("=+-@\t\r", text.data[0])) return false;
    bool sign = text.data[0] == '-' || text.data[0] == '+';
    return !(sign && is_number(text));
}

static bool needs_quotes(Slice text, char delimiter)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] == delimiter || text.data[i] == '"' || text.data[i] == '\n' ||
            text.data[i] == '\r')
            return true;
    return text.size && (text.data[0] == ' ' || text.data[text.size - 1] == ' ');
}

bool csv_append_field(Buffer *out, Slice text, char delimiter, bool guard)
{
    bool guarded = guard && is_formula(text);
    bool quoted = guarded || needs_quotes(text, delimiter);
    if (quoted) buffer_append_char(out, '"');
    if (guarded) buffer_append_char(out, '\'');
    size_t from = 0;
    for (size_t i = 0; quoted && i < text.size; i++) {
        if (text.data[i] != '"') continue;
        buffer_append(out, (Slice){text.data + from, i + 1 - from});
        from = i; /* the quote is written again */
    }
    buffer_append(out, (Slice){text.data + from, text.size - from});
    if (quoted) buffer_append_char(out, '"');
    return !out->failed;
}
