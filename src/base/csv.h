/* base/csv.h: reads CSV (RFC 4180 and what passes for it) in constant memory; writes fields.
 *
 * A CsvReader pulls records from a file: any one-byte delimiter, quotes by doubling, \n, \r\n or
 * lone \r, UTF-8, UTF-16 and Windows-1252 turned into UTF-8 on the way. Tolerant where nothing is
 * lost: a quote inside an unquoted field is text, empty lines are skipped, records may differ in
 * length. A record over `record_max` bytes is an error that names its line, so that a missing
 * quote or a 100 MB line cannot eat the memory. Not thread safe.
 *
 *     CsvFormat format;
 *     if (!csv_sniff_file(path, &format, error)) return false;
 *     g_autoptr(CsvReader) csv = csv_open(path, &format, LIMIT_CSV_RECORD_BYTES, error);
 *     while (csv_next(csv, &failure))
 *         use(csv_field(csv, 0), csv_line(csv));
 *     if (failure) …
 *
 * Offsets count bytes of the text after decoding (in UTF-8, those of the file without its BOM):
 * csv_offset of a record may be given to csv_seek later.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

typedef enum CsvEncoding {
    CSV_UTF8,
    CSV_UTF16LE,
    CSV_UTF16BE,
    CSV_WINDOWS_1252,
    CSV_ENCODINGS
} CsvEncoding;

typedef enum CsvNewline { CSV_LF, CSV_CRLF, CSV_CR, CSV_NEWLINES } CsvNewline;

typedef struct CsvFormat {
    CsvEncoding encoding;
    CsvNewline newline; /* as most lines end; the reader takes LF and CRLF alike */
    char delimiter;     /* , ; tab | or another ASCII byte */
    char quote;         /* '"', or '\0' for none */
    bool bom;           /* the file starts with a byte order mark */
    bool header;        /* the first record names the columns */
} CsvFormat;

enum { CSV_SNIFF_BYTES = 256 * 1024 };

/* Guesses the format from the first bytes of a file (CSV_SNIFF_BYTES are plenty). */
void csv_sniff(const char *data, size_t size, CsvFormat *ret_format);

/* The same from a file. Errors: KITH_ERROR_NOT_FOUND, _UNAVAILABLE, _INVALID (empty; not text,
 * such as a spreadsheet or an archive). */
bool csv_sniff_file(const char *path, CsvFormat *ret_format, GError **error);

/* Names for messages and JSON: "UTF-8", "UTF-16LE", "Windows-1252"; "LF", "CRLF", "CR". */
const char *csv_encoding_name(CsvEncoding encoding);
const char *csv_newline_name(CsvNewline newline);

typedef struct CsvReader CsvReader;

/* Opens a file. `record_max`: bytes of the longest record, 64 or more. Errors: NOT_FOUND,
 * UNAVAILABLE. The caller closes it. */
CsvReader *csv_open(const char *path, const CsvFormat *format, size_t record_max, GError **error);
void csv_close(CsvReader *csv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CsvReader, csv_close)

/* Goes to a record seen before by its offset and line. Cheap in UTF-8, else decodes up to it. */
bool csv_seek(CsvReader *csv, int64_t offset, int64_t line, GError **error);

/* Reads the next record. False at the end, or with `*error` set: KITH_ERROR_LIMIT (record too
 * long, too many columns), KITH_ERROR_UNAVAILABLE (the disk). Slices live until the next call. */
bool csv_next(CsvReader *csv, GError **error);

size_t csv_field_count(const CsvReader *csv);

/* The text of a field, quotes removed; empty beyond the last. */
Slice csv_field(const CsvReader *csv, size_t index);

/* What is wrong with this record though it was read (static text), or NULL: "not valid UTF-8",
 * "a NUL byte", "a quote that does not end". */
const char *csv_problem(const CsvReader *csv);

int64_t csv_line(const CsvReader *csv);        /* line of the file it starts on, from 1 */
int64_t csv_offset(const CsvReader *csv);      /* where it starts, decoded bytes */
int64_t csv_offset_next(const CsvReader *csv); /* where the next one starts */
int64_t csv_line_next(const CsvReader *csv);
int64_t csv_bytes_read(const CsvReader *csv);  /* of the file, for progress */
int64_t csv_bytes_total(const CsvReader *csv); /* size of the file when it was opened */

/* Appends a field, quoted when it must be. `guard`: a text that a spreadsheet would run as a
 * formula
 * (= + - @, tab, CR in front, but not a plain number) gets an apostrophe in front (OWASP). */
bool csv_append_field(Buffer *out, Slice text, char delimiter, bool guard);
