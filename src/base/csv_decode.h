/* base/csv_decode.h: private to csv.c: UTF-16 and Windows-1252 into UTF-8, chunk by chunk. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/csv.h"

/* A byte of Windows-1252 becomes at most 3, a unit of UTF-16 (2 bytes) at most 3. */
enum { CSV_DECODE_GROWTH = 3 };

typedef struct CsvDecoder {
    CsvEncoding encoding;
} CsvDecoder;

void csv_decoder_init(CsvDecoder *decoder, CsvEncoding encoding);

/* Decodes as much of `*raw` as is complete into `to` (room for 3 bytes per raw byte) and leaves the
 * rest in `*raw`. At the end nothing is left: half a character becomes U+FFFD. Returns bytes. */
size_t csv_decode(CsvDecoder *decoder, Slice *raw, bool at_end, char *to);
