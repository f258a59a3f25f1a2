/* timeline/names.h: the dictionary of event names: name <-> small number.
 *
 * Held in memory whole (a few thousand names at most), backed by `event_name`. Budgets keep a
 * stranger from filling it: a public key may bring NAMES_PER_TRACK_SOURCE names, all together
 * LIMIT_EVENT_NAMES; beyond, events are kept under EVENT_NAME_UNLISTED with their own name in the
 * payload.
 *
 * Threads: names_take on the writer thread; the rest anywhere. A name that a rolled back unit
 * brought stays in memory under its number and is written again by the next event that bears it.
 */
#pragma once
#include "store/db.h"
#include "store/writer.h"

#include "base/slice.h"

typedef struct Names Names;

enum { NAMES_PER_TRACK_SOURCE = 500 };

typedef struct NameInfo {
    int64_t name_id;
    const char *name; /* lives as long as the dictionary */
    int64_t first_at; /* UTC ms */
} NameInfo;

/* An empty dictionary. `key`: 16 secret bytes; names are chosen by strangers. */
Names *names_new(const uint8_t *key);

/* What the dictionary wants to be told by the writer; to be given to writer_watch. */
WriterWatch names_watch(Names *names);
void names_free(Names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Names, names_free)

/* Reads all rows. */
bool names_load(Names *names, Db *db, GError **error);

typedef struct NameAsk {
    Slice name;
    int64_t source_id;
    bool is_public; /* a track key: the smaller budget */
    int64_t at;     /* UTC ms, for first_at */
} NameAsk;

/* The number of a name, given out if it is new and within budget; 0 when over budget. */
bool names_take(Names *names, Db *db, const NameAsk *ask, int64_t *ret_name_id, GError **error);

/* The number of a name, 0 when unknown. Any thread. */
int64_t names_find(Names *names, Slice name);

/* The text of a number; NULL when unknown. Lives as long as the dictionary. Any thread. */
const char *names_text(Names *names, int64_t name_id);

/* All names in order of their numbers. The array (of NameInfo) is the caller's. Any thread. */
GArray *names_list(Names *names);
