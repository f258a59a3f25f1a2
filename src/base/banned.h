/* base/banned.h: what nobody may call. tools/tidy refuses such names in every file; a file may also
 * include this header, which makes them compile errors.
 *
 * The first list is unsafe or ambiguous everywhere. The second is what strangers can turn against
 * us: unkeyed hashes of their texts (chosen collisions), interned strings and quarks (never
 * freed), backtracking regular expressions, and time zones opened by a name of their choosing.
 * base/ has what to use instead: keyhash.h, zones.h, text.h, dates.h, buffer.h.
 *
 * The headers that declare these names come first: a poisoned name may not even be declared.
 */
#pragma once
#include <glib-object.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

/* No bounds, no errors, or static buffers. */
#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf gets strtok strncat
#pragma GCC poison atoi atol atoll atof
#pragma GCC poison localtime gmtime ctime asctime mktime strftime
#pragma GCC poison tmpnam tempnam mktemp rand srand
#pragma GCC poison popen

/* Chosen by strangers: collisions, memory that is never freed, exponential time, files by name. */
#pragma GCC poison g_str_hash g_string_hash
#pragma GCC poison g_intern_string g_intern_static_string g_quark_from_string
#pragma GCC poison g_regex_new g_regex_match_simple g_regex_split_simple
#pragma GCC poison g_time_zone_new g_time_zone_new_identifier g_time_zone_new_local
#pragma GCC poison g_date_time_new_now_local g_date_time_new_now_utc g_date_time_new_now
