/* base/zones_file.h: private to zones.c: reads one compiled zone file (TZif, RFC 8536).
 *
 * The table of a Zone holds every change of offset from 1970 to ZONE_TABLE_END_S; rules that go
 * on for ever are unrolled into it. zone_name_check is the gate before any file name is built.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/zones.h"

#define ZONES_FOLDER     "/usr/share/zoneinfo"
#define ZONE_CYCLE_S     ((int64_t)146097 * 86400) /* 400 years: the calendar and weekdays repeat */
#define ZONE_TABLE_END_S ((int64_t)14754182400) /* 2437-07-17: 2037 and a whole cycle behind it */

enum { ZONE_NAME_MAX = 64, ZONE_FILE_BYTES_MAX = 64 * 1024 };

typedef struct ZoneChange {
    int64_t at_s;     /* UTC epoch seconds from which the offset holds */
    int32_t offset_s; /* local = UTC + offset */
} ZoneChange;

struct Zone {
    char name[ZONE_NAME_MAX + 1];
    int32_t first_offset_s; /* before the first change */
    size_t change_count;
    ZoneChange *changes; /* rising */
};

/* Letters, digits, "_", "+", "-", and "/" between parts; no dots, so no "..". */
bool zone_name_check(Slice name);

/* Reads the file of a listed name; NULL with KITH_ERROR_UNAVAILABLE when it is missing or bad. */
Zone *zone_file_load(const char *name, GError **error);
