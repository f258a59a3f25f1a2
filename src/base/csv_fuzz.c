/* Any bytes: sniffing and reading end; every record can be found again by its offset. */
#include <sys/mman.h>
#include <unistd.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CsvFormat format;
    csv_sniff((const char *)data, size, &format);
    int fd = memfd_create("csv", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) return 0;
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autoptr(CsvReader) csv = csv_open(path, &format, 256, NULL);
    g_autoptr(CsvReader) again = csv_open(path, &format, 256, NULL);
    for (int i = 0; csv && csv_next(csv, NULL); i++) {
        if (i > 20) continue;
        g_assert_true(csv_seek(again, csv_offset(csv), csv_line(csv), NULL));
        g_assert_true(csv_next(again, NULL));
        g_assert_cmpint((int)csv_field_count(again), ==, (int)csv_field_count(csv));
        for (size_t j = 0; j < csv_field_count(csv); j++)
            g_assert_true(slice_equal(csv_field(csv, j), csv_field(again, j)));
    }
    close(fd);
    return 0;
}
