#include "base/zones_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

enum { HEADER_SIZE = 44, FOREVER_FIRST_YEAR = 2037, FOREVER_LAST_YEAR = 2437 };

/* One "M month.week.day/time" of a footer (POSIX TZ). */
typedef struct Rule {
    int month, week, day; /* week 5 = the last; day 0 = Sunday */
    int time_s;           /* local seconds after midnight, may be negative or over a day */
} Rule;

typedef struct Footer {
    int standard_s, summer_s; /* offsets east of UTC */
    bool has_summer;
    Rule begin, end; /* of summer time */
} Footer;

bool zone_name_check(Slice name)
{
    if (name.size < 1 || name.size > ZONE_NAME_MAX || !g_ascii_isalpha(name.data[0])) return false;
    for (size_t i = 0; i < name.size; i++) {
        char byte = name.data[i];
        if (!g_ascii_isalnum(byte) && byte != '_' && byte != '+' && byte != '-' && byte != '/')
            return false;
        if (byte == '/' && (i + 1 == name.size || name.data[i + 1] == '/')) return false;
    }
    return true;
}

static int32_t read_be32(const uint8_t *at)
{
    return (int32_t)((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
}

static int64_t read_be64(const uint8_t *at)
{
    return (int64_t)((uint64_t)(uint32_t)read_be32(at) << 32 | (uint32_t)read_be32(at + 4));
}

/* The six counts of a header, in file order. */
typedef struct Counts {
    size_t utc, standard, leap, time, type, character;
} Counts;

static bool header_read(const uint8_t *data, size_t size, Counts *ret_counts)
{
    if (size < HEADER_SIZE || memcmp(data, "TZif", 4) != 0 || data[4] < '2') return false;
    size_t counts[6];
    for (size_t i = 0; i < 6; i++) {
        int32_t count = read_be32(data + 20 + i * 4);
        if (count < 0 || count > ZONE_FILE_BYTES_MAX) return false;
        counts[i] = (size_t)count;
    }
    *ret_counts = (Counts){counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
    return true;
}

static size_t body_size(const Counts *counts, size_t time_size)
{
    return counts->time * time_size + counts->time + counts->type * 6 + counts->character +
           counts->leap * (time_size + 4) + counts->standard + counts->utc;
}

/* ---- the footer --------------------------------------------------------------------------- */

/* A number of hours, or h:mm, or h:mm:ss, with a sign; seconds. Steps over it. */
static int footer_time(const char **text)
{
    char *end;
    bool negative = **text == '-';
    long parts[3] = {0};
    const char *at = *text + (**text == '-' || **text == '+');
    for (int i = 0; i < 3; i++) {
        parts[i] = strtol(at, &end, 10);
        at = end;
        if (*at != ':') break;
        at++;
    }
    *text = at;
    int seconds = (int)(parts[0] * 3600 + parts[1] * 60 + parts[2]);
    return negative ? -seconds : seconds;
}

/* Steps over "GMT" or "<+0330>". */
static bool footer_name(const char **text)
{
    const char *at = *text;
    if (*at == '<') {
        at = strchr(at, '>');
        if (!at) return false;
        *text = at + 1;
        return true;
    }
    while (g_ascii_isalpha(*at))
        at++;
    bool found = at > *text;
    *text = at;
    return found;
}

static bool footer_rule(const char **text, Rule *ret_rule)
{
    Rule rule = {.time_s = 7200};
    int used = 0;
    if (sscanf(*text, ",M%d.%d.%d%n", &rule.month, &rule.week, &rule.day, &used) != 3) return false;
    *text += used;
    if (**text == '/') {
        (*text)++;
        rule.time_s = footer_time(text);
    }
    *ret_rule = rule;
    return rule.month >= 1 && rule.month <= 12 && rule.week >= 1 && rule.week <= 5 &&
           rule.day >= 0 && rule.day <= 6;
}

/* Parses "GMT0BST,M3.5.0/1,M10.5.0" (POSIX.1-2017 8.3; offsets count west). */
static bool footer_read(const char *text, Footer *ret_footer)
{
    Footer footer = {0};
    if (!footer_name(&text)) return false;
    footer.standard_s = -footer_time(&text);
    if (*text) {
        if (!footer_name(&text)) return false;
        footer.has_summer = true;
        footer.summer_s = footer.standard_s + 3600;
        if (*text != ',') footer.summer_s = -footer_time(&text);
        if (!footer_rule(&text, &footer.begin) || !footer_rule(&text, &footer.end)) return false;
    }
    *ret_footer = footer;
    return *text == '\0';
}

/* UTC second at which a rule strikes in a year, under the offset that holds before it. */
static int64_t rule_second(const Rule *rule, int year, int offset_before_s)
{
    int64_t first = days_from_civil(year, rule->month, 1);
    int weekday = (int)(((first + 4) % 7 + 7) % 7); /* 0 = Sunday; day 0 was a Thursday */
    int day = (rule->day - weekday + 7) % 7 + (rule->week - 1) * 7;
    if (day >= month_days(year, rule->month)) day -= 7;
    return (first + day) * 86400 + rule->time_s - offset_before_s;
}

static void change_add(GArray *changes, int64_t at_s, int32_t offset_s)
{
    if (changes->len && at_s <= g_array_index(changes, ZoneChange, changes->len - 1).at_s) return;
    ZoneChange change = {at_s, offset_s};
    g_array_append_val(changes, change);
}

static void footer_unroll(const Footer *footer, GArray *changes)
{
    if (!footer->has_summer) return;
    for (int year = FOREVER_FIRST_YEAR - 40; year <= FOREVER_LAST_YEAR; year++) {
        int64_t begin = rule_second(&footer->begin, year, footer->standard_s);
        int64_t end = rule_second(&footer->end, year, footer->summer_s);
        bool north = begin < end;
        change_add(changes, north ? begin : end, north ? footer->summer_s : footer->standard_s);
        change_add(changes, north ? end : begin, north ? footer->standard_s : footer->summer_s);
    }
}

/* ---- the file ----------------------------------------------------------------------------- */

/* The 64-bit part: `data` at its times. */
static bool changes_read(const uint8_t *data, const Counts *counts, Zone *zone, GArray *changes)
{
    const uint8_t *indexes = data + counts->time * 8;
    const uint8_t *types = indexes + counts->time;
    if (counts->type == 0) return false;
    zone->first_offset_s = read_be32(types);
    for (size_t i = 0; i < counts->time; i++) {
        if (indexes[i] >= counts->type) return false;
        int64_t at_s = read_be64(data + i * 8);
        int32_t offset_s = read_be32(types + indexes[i] * 6);
        if (at_s <= 0)
            zone->first_offset_s = offset_s; /* the last change before 1970 */
        else
            change_add(changes, at_s, offset_s);
    }
    return true;
}

static bool zone_parse(const uint8_t *data, size_t size, Zone *zone, GArray *changes)
{
    Counts counts;
    if (!header_read(data, size, &counts)) return false;
    size_t old = HEADER_SIZE + body_size(&counts, 4);
    if (old > size || !header_read(data + old, size - old, &counts)) return false;
    size_t from = old + HEADER_SIZE, body = body_size(&counts, 8);
    if (body > size - from) return false;
    if (!changes_read(data + from, &counts, zone, changes)) return false;
    size_t rest = size - from - body;
    const char *footer_text = (const char *)data + from + body;
    if (rest < 2 || footer_text[0] != '\n') return false;
    g_autofree char *line = g_strndup(footer_text + 1, rest - 1);
    g_strchomp(line);
    Footer footer;
    if (*line && !footer_read(line, &footer)) return false;
    if (*line) footer_unroll(&footer, changes);
    return true;
}

Zone *zone_file_load(const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(ZONES_FOLDER, name, NULL);
    g_autofree char *data = NULL;
    size_t size = 0;
    if (!g_file_get_contents(path, &data, &size, NULL)) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not read the time zone file %s", path);
        return NULL;
    }
    Zone *zone = g_new0(Zone, 1);
    g_autoptr(GArray) changes = g_array_new(FALSE, FALSE, sizeof(ZoneChange));
    if (size > ZONE_FILE_BYTES_MAX || !zone_parse((const uint8_t *)data, size, zone, changes)) {
        g_free(zone);
        fail(error, KITH_ERROR_UNAVAILABLE, "cannot read %s: not a TZif file of version 2", path);
        return NULL;
    }
    g_strlcpy(zone->name, name, sizeof(zone->name));
    zone->change_count = changes->len;
    zone->changes = (ZoneChange *)g_array_free(g_steal_pointer(&changes), FALSE);
    return zone;
}
