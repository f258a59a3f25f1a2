#include "base/csv.h"

#include <glib/gstdio.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"

/* A temporary file with this content; the caller removes it. */
static char *file_with(const char *data, size_t size)
{
    char *path = NULL;
    int fd = g_file_open_tmp("kith-csv-XXXXXX", &path, NULL);
    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
    return path;
}

/* Everything read as "field|field\n…", problems as "!problem". */
static char *read_all(const char *path, const CsvFormat *format, size_t record_max, GError **error)
{
    g_autoptr(CsvReader) csv = csv_open(path, format, record_max, error);
    g_assert_nonnull(csv);
    GString *all = g_string_new(NULL);
    GError *failure = NULL;
    while (csv_next(csv, &failure)) {
        for (size_t i = 0; i < csv_field_count(csv); i++) {
            Slice field = csv_field(csv, i);
            if (i) g_string_append_c(all, '|');
            g_string_append_len(all, field.data, (gssize)field.size);
        }
        if (csv_problem(csv)) g_string_append_printf(all, "!%s", csv_problem(csv));
        g_string_append_printf(all, " @%d\n", (int)csv_line(csv));
    }
    if (failure) g_propagate_error(error, failure);
    return g_string_free(all, FALSE);
}

static void reads_records(void)
{
    static const struct {
        const char *why, *text, *want;
    } cases[] = {
        {"plain", "a,b\n1,2\n", "a|b @1\n1|2 @2\n"},
        {"no newline at the end", "a,b\n1,2", "a|b @1\n1|2 @2\n"},
        {"CRLF", "a,b\r\n1,2\r\n", "a|b @1\n1|2 @2\n"},
        {"quotes, comma inside", "a,\"b,c\"\n", "a|b,c @1\n"},
        {"doubled quotes", "a,\"say \"\"hi\"\"\"\n", "a|say \"hi\" @1\n"},
        {"newline inside", "a,\"x\ny\"\nb,c\n", "a|x\ny @1\nb|c @3\n"},
        {"empty fields", ",,\n", "|| @1\n"},
        {"empty quoted field", "\"\",b\n", "|b @1\n"},
        {"empty lines", "a\n\n\r\nb\n", "a @1\nb @4\n"},
        {"quote inside a plain field", "a,5\" pipe,c\n", "a|5\" pipe|c @1\n"},
        {"two quotes inside a plain field", "a,5\"\" pipe\nb,c\n", "a|5\"\" pipe @1\nb|c @2\n"},
        {"text after the closing quote", "\"a\"b,c\n", "ab|c @1\n"},
        {"ragged", "a,b,c\n1\n", "a|b|c @1\n1 @2\n"},
        {"quote that does not end", "a,\"b\nc", "a|b\nc!a quote that does not end @1\n"},
        {"bad UTF-8", "a,\xFF\nb,c\n", "a|\xFF!not valid UTF-8 @1\nb|c @2\n"},
        {"empty", "", ""},
        {"only newlines", "\n\n", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CsvFormat format = {.delimiter = ',', .quote = '"'};
        g_autofree char *path = file_with(cases[i].text, strlen(cases[i].text));
        g_test_message("%s", cases[i].why);
        g_autofree char *got = read_all(path, &format, 1000, NULL);
        g_assert_cmpstr(got, ==, cases[i].want);
        g_remove(path);
    }
}

static void decodes(void)
{
    static const struct {
        const char *why, *data;
        size_t size;
        const char *want;
        CsvEncoding encoding;
        bool bom;
    } cases[] = {
        {"UTF-8 with BOM", "\xEF\xBB\xBFn\xC3\xA4me,x\n", 11, "näme|x @1\n", CSV_UTF8, true},
        {"Windows-1252", "n\xE4me,\x80\n", 7, "näme|€ @1\n", CSV_WINDOWS_1252, false},
        {"UTF-16 LE with BOM",
         "\xFF\xFE"
         "a\0,\0\xE4\0\n\0",
         10, "a|ä @1\n", CSV_UTF16LE, true},
        {"UTF-16 BE with BOM", "\xFE\xFF\0a\0,\0\xE4\0\n", 10, "a|ä @1\n", CSV_UTF16BE, true},
        {"UTF-16 LE without BOM", "a\0,\0b\0\n\0c\0,\0d\0\n\0", 16, "a|b @1\nc|d @2\n", CSV_UTF16LE,
         false},
        {"surrogates", "\xFF\xFE\x3D\xD8\x00\xDE,\0\x3D\xD8\n\0", 12, "😀|\uFFFD @1\n", CSV_UTF16LE,
         true},
        {"odd byte at the end",
         "\xFF\xFE"
         "a\0,\0b",
         7, "a|\uFFFD @1\n", CSV_UTF16LE, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CsvFormat format;
        g_autofree char *path = file_with(cases[i].data, cases[i].size);
        g_test_message("%s", cases[i].why);
        g_assert_true(csv_sniff_file(path, &format, NULL));
        g_assert_cmpint(format.encoding, ==, cases[i].encoding);
        g_assert_cmpint(format.bom, ==, cases[i].bom);
        format.delimiter = ',';
        g_autofree char *got = read_all(path, &format, 1000, NULL);
        g_assert_cmpstr(got, ==, cases[i].want);
        g_remove(path);
    }
}

static void sniffs(void)
{
    static const struct {
        const char *why, *text;
        char delimiter;
        CsvNewline newline;
        bool header;
    } cases[] = {
        {"comma", "id,name,price\n1,a,2.5\n2,b,3.5\n", ',', CSV_LF, true},
        {"semicolon with decimal commas", "id;name;price\r\n1;a;2,5\r\n2;b;3,5\r\n", ';', CSV_CRLF,
         true},
        {"tab", "id\tname\n1\ta, b\n", '\t', CSV_LF, true},
        {"pipe", "id|name\n1|a\n", '|', CSV_LF, true},
        {"old Mac", "id,name\r1,a\r2,b\r", ',', CSV_CR, true},
        {"no header", "1,2,3\n4,5,6\n", ',', CSV_LF, false},
        {"delimiters inside quotes do not count", "a,b\n\"x;y;z\",1\n\"p;q;r\",2\n", ',', CSV_LF,
         true},
        {"one column", "email\na@b.de\n", ',', CSV_LF, true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        CsvFormat format;
        g_test_message("%s", cases[i].why);
        csv_sniff(cases[i].text, strlen(cases[i].text), &format);
        g_assert_cmpint(format.delimiter, ==, cases[i].delimiter);
        g_assert_cmpint(format.newline, ==, cases[i].newline);
        g_assert_cmpint(format.header, ==, cases[i].header);
    }
}

static void refuses(void)
{
    CsvFormat format = {.delimiter = ',', .quote = '"'};
    g_autoptr(GError) missing = NULL;
    g_assert_false(csv_sniff_file("/nonexistent/x.csv", &format, &missing));
    g_assert_error(missing, KITH_ERROR, KITH_ERROR_NOT_FOUND);
    g_autofree char *sheet = file_with("PK\x03\x04zip", 7);
    g_autoptr(GError) wrong = NULL;
    g_assert_false(csv_sniff_file(sheet, &format, &wrong));
    g_assert_nonnull(strstr(wrong->message, "spreadsheet"));
    g_remove(sheet);
    GString *wide = g_string_new("a\n");
    for (int i = 0; i < 2000; i++)
        g_string_append(wide, "x,");
    g_autofree char *path = file_with(wide->str, wide->len);
    g_autoptr(GError) columns = NULL;
    g_autofree char *got = read_all(path, &format, 100000, &columns);
    g_assert_error(columns, KITH_ERROR, KITH_ERROR_LIMIT);
    g_remove(path);
    g_string_free(wide, TRUE);
}

static void a_100_mb_line_is_an_error(void)
{
    CsvFormat format = {.delimiter = ',', .quote = '"'};
    g_autofree char *path = file_with("a,b\n1,\"", 7);
    FILE *file = fopen(path, "ab");
    g_autofree char *block = g_strnfill(1 << 20, 'x');
    for (int i = 0; i < 100; i++)
        g_assert_cmpint((int)fwrite(block, 1 << 20, 1, file), ==, 1);
    fclose(file);
    g_autoptr(GError) error = NULL;
    g_autofree char *got = read_all(path, &format, 1 << 20, &error);
    g_assert_error(error, KITH_ERROR, KITH_ERROR_LIMIT);
    g_assert_true(g_str_has_prefix(error->message, "line 2: a record is over 1048576 bytes"));
    g_assert_cmpstr(got, ==, "a|b @1\n");
    g_remove(path);
}

/* Every record can be found again by its offset, in every encoding and over chunk borders. */
static void seeks(CsvEncoding encoding)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < 60000; i++)
        g_string_append_printf(text, "%d,\"n\u00E4me\nof %d\"\n", i, i);
    size_t size = text->len;
    static const char *const names[] = {"UTF-8", "UTF-16LE", "UTF-16BE", "WINDOWS-1252"};
    g_autofree char *data =
        g_convert(text->str, (gssize)text->len, names[encoding], "UTF-8", NULL, &size, NULL);
    g_autofree char *path = file_with(data, size);
    g_string_free(text, TRUE);
    CsvFormat format = {.delimiter = ',', .quote = '"', .encoding = encoding};
    g_autoptr(CsvReader) csv = csv_open(path, &format, 1000, NULL);
    g_autoptr(CsvReader) again = csv_open(path, &format, 1000, NULL);
    for (int i = 0; csv_next(csv, NULL); i++) {
        g_assert_cmpint(csv_line(csv), ==, 2 * i + 1);
        if (i % 5000 != 3) continue;
        g_assert_true(csv_seek(again, csv_offset(csv), csv_line(csv), NULL));
        g_assert_true(csv_next(again, NULL));
        g_assert_true(slice_equal(csv_field(again, 1), csv_field(csv, 1)));
        g_assert_cmpint(csv_offset_next(again), ==, csv_offset_next(csv));
        g_assert_cmpint(csv_line_next(again), ==, csv_line_next(csv));
    }
    g_assert_cmpint(csv_bytes_read(csv), ==, csv_bytes_total(csv));
    g_assert_false(csv_seek(again, (int64_t)1 << 40, 1, NULL));
    g_remove(path);
}

static void seeks_in_every_encoding(void)
{
    for (CsvEncoding encoding = 0; encoding < CSV_ENCODINGS; encoding++)
        seeks(encoding);
}

static void writes(void)
{
    static const struct {
        const char *why, *text, *want;
    } cases[] = {
        {"plain", "abc", "abc"},
        {"delimiter", "a,b", "\"a,b\""},
        {"quote", "a\"b", "\"a\"\"b\""},
        {"newline", "a\nb", "\"a\nb\""},
        {"formula", "=1+1", "\"'=1+1\""},
        {"formula with quotes", "@a\"b", "\"'@a\"\"b\""},
        {"plus", "+cmd", "\"'+cmd\""},
        {"a negative number is a number", "-12.50", "-12.50"},
        {"minus and more", "-1+2", "\"'-1+2\""},
        {"empty", "", ""},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(Buffer) out = BUFFER_INIT(100);
        g_test_message("%s", cases[i].why);
        g_assert_true(csv_append_field(&out, slice_of(cases[i].text), ',', true));
        g_assert_cmpstr(buffer_text(&out), ==, cases[i].want);
    }
}

/* Data rows against the collection's JSON: a list of objects by the names of the header. */
static void spectrum_compare(const char *csv_path, json_t *rows)
{
    CsvFormat format;
    g_assert_true(csv_sniff_file(csv_path, &format, NULL));
    format.delimiter = ',';
    g_autoptr(CsvReader) csv = csv_open(csv_path, &format, 100000, NULL);
    g_auto(GStrv) names = g_new0(char *, 100);
    g_assert_true(csv_next(csv, NULL));
    for (size_t i = 0; i < csv_field_count(csv); i++)
        names[i] = g_strndup(csv_field(csv, i).data, csv_field(csv, i).size);
    size_t row = 0;
    for (; csv_next(csv, NULL); row++)
        for (size_t i = 0; names[i]; i++) {
            g_autofree char *got = g_strndup(csv_field(csv, i).data, csv_field(csv, i).size);
            const char *want =
                json_string_value(json_object_get(json_array_get(rows, row), names[i]));
            /* Checked out on its way here, the collection lost some carriage returns. */
            g_auto(GStrv) parts = g_strsplit(want, "\r", -1);
            g_autofree char *plain = g_strjoinv("", parts);
            g_assert_true(strcmp(got, want) == 0 || strcmp(got, plain) == 0);
        }
    g_assert_cmpint((int)row, ==, (int)json_array_size(rows));
}

static void reads_the_spectrum(void)
{
    const char *data = g_getenv("KITH_TEST_DATA");
    g_autofree char *folder =
        g_build_filename(data ? data : "../shared/data", "csv/spectrum", NULL);
    g_autofree char *csvs = g_build_filename(folder, "csvs", NULL);
    GDir *dir = g_dir_open(csvs, 0, NULL);
    if (!dir) {
        g_test_skip("shared data csv/spectrum is not here");
        return;
    }
    for (const char *name; (name = g_dir_read_name(dir));) {
        g_autofree char *stem = g_strndup(name, strlen(name) - 4);
        g_autofree char *csv_path = g_build_filename(csvs, name, NULL);
        g_autofree char *json_path = g_strdup_printf("%s/json/%s.json", folder, stem);
        g_test_message("%s", name);
        json_t *rows = json_load_file(json_path, 0, NULL);
        g_assert_nonnull(rows);
        /* location_coordinates.json is an object about another row: the collection's own slip. */
        if (json_is_array(rows)) spectrum_compare(csv_path, rows);
        json_decref(rows);
    }
    g_dir_close(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/csv/records", reads_records);
    g_test_add_func("/csv/decodes", decodes);
    g_test_add_func("/csv/sniffs", sniffs);
    g_test_add_func("/csv/refuses", refuses);
    g_test_add_func("/csv/huge_line", a_100_mb_line_is_an_error);
    g_test_add_func("/csv/seeks", seeks_in_every_encoding);
    g_test_add_func("/csv/writes", writes);
    g_test_add_func("/csv/spectrum", reads_the_spectrum);
    return g_test_run();
}
