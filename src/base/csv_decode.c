#include "base/csv_decode.h"

#include <glib.h>
#include <string.h>

/* 0x80..0x9F of Windows-1252 (WHATWG Encoding Standard: unassigned bytes keep their number). */
static const gunichar high_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void csv_decoder_init(CsvDecoder *decoder, CsvEncoding encoding) { decoder->encoding = encoding; }

static size_t decode_1252(Slice *raw, char *to)
{
    size_t size = 0;
    for (size_t i = 0; i < raw->size; i++) {
        uint8_t byte = (uint8_t)raw->data[i];
        if (byte < 0x80) {
            to[size++] = (char)byte;
            continue;
        }
        gunichar code = byte < 0xA0 ? high_1252[byte - 0x80] : byte;
        size += (size_t)g_unichar_to_utf8(code, to + size);
    }
    *raw = (Slice){raw->data + raw->size, 0};
    return size;
}

static uint32_t unit_at(const char *at, bool big_endian)
{
    uint8_t first = (uint8_t)at[0], second = (uint8_t)at[1];
    return big_endian ? (uint32_t)(first << 8 | second) : (uint32_t)(second << 8 | first);
}

static size_t decode_utf16(Slice *raw, bool big_endian, bool at_end, char *to)
{
    size_t size = 0, i = 0;
    while (raw->size - i >= 2) {
        uint32_t code = unit_at(raw->data + i, big_endian);
        size_t step = 2;
        if (code >= 0xD800 && code < 0xDC00) {
            if (raw->size - i < 4 && !at_end) break;
            uint32_t low = raw->size - i >= 4 ? unit_at(raw->data + i + 2, big_endian) : 0;
            bool pair = low >= 0xDC00 && low < 0xE000;
            code = pair ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
            step = pair ? 4 : 2;
        } else if (code >= 0xDC00 && code < 0xE000) {
            code = 0xFFFD;
        }
        size += (size_t)g_unichar_to_utf8(code, to + size);
        i += step;
    }
    if (at_end && i < raw->size) {
        size += (size_t)g_unichar_to_utf8(0xFFFD, to + size);
        i = raw->size;
    }
    *raw = (Slice){raw->data + i, raw->size - i};
    return size;
}

size_t csv_decode(CsvDecoder *decoder, Slice *raw, bool at_end, char *to)
{
    if (decoder->encoding == CSV_WINDOWS_1252) return decode_1252(raw, to);
    return decode_utf16(raw, decoder->encoding == CSV_UTF16BE, at_end, to);
}
