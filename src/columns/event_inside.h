/* columns/event_inside.h: inside of columns/: the state behind event_columns.h.
 *
 * `write_lock` guards everything here but `view`, which `view_lock` guards. A fold works outside of
 * the locks on the immutable state that was published when the delta was frozen, and installs its
 * result under write_lock if the name is still the same.
 */
#pragma once
#include "columns/event_set.h"

typedef struct NameColumn {
    uint32_t name;
    EventHeld held;
    uint32_t property_count;
    char **paths;
    EventDictionary *words[EVENT_PROPERTIES_MAX];
    EventImage *image;
    EventDelta *frozen, *live; /* being folded; appended to; may be NULL */
    uint64_t frozen_count;     /* entries of `frozen` that are still its own */
    uint64_t next_ordinal;
    uint32_t wide;           /* bits of properties with cells that are no codes */
    GArray *resets;          /* of EventReset, sorted by row */
    bool changed;            /* since `state` was made */
    EventNameState *state;   /* as published; NULL: not visible */
    bool fold_wanted;        /* for the folding thread */
    EventNameState *folding; /* what is folded now, or is to be */
} NameColumn;

enum { NAMES_SEEN = 64 };

struct EventColumns {
    EventColumnsOptions options;
    GMutex write_lock, view_lock;
    GCond folding; /* something to fold, or folded; with write_lock */
    GMutex save_lock;
    GBytes *owner;                /* with save_lock; may be NULL */
    GPtrArray *names;             /* of NameColumn, sorted by name; they stay when dropped */
    NameColumn *seen[NAMES_SEEN]; /* of appends before, by name; may be NULL */
    Crowd crowd;
    KeyMap *map;             /* codes of all dictionaries */
    GHashTable *forgotten;   /* stems (keys are int64_t), since the start */
    uint64_t serial;         /* of dictionaries */
    uint64_t word_bytes_new; /* since memory was looked at */
    int64_t through;
    EventView *view;
    GThread *thread;
    bool stop;
    uint64_t folds;
};

/* All with write_lock held. */
NameColumn *column_find(const EventColumns *columns, uint32_t name);
NameColumn *column_add(EventColumns *columns, uint32_t name);
/* Frees what a name holds. */
void column_clear(EventColumns *columns, NameColumn *column, EventHeld held);
uint64_t columns_bytes(const EventColumns *columns, EventUsage *usage);
/* Shows the first `live_count` entries of `live` and these resets. */
EventNameState *column_state_new(const NameColumn *column, uint64_t live_count,
                                 const GArray *resets);
void column_show(NameColumn *column, EventNameState *state);
/* Shows what was shown, with these resets, after column->image changed. */
void column_reshow(NameColumn *column, const GArray *resets);
/* Gives what is published of a name to the folding thread. */
void column_freeze(EventColumns *columns, NameColumn *column);
/* Makes the states of all visible names the view of readers. */
void columns_show(EventColumns *columns);
/* Makes everything so far visible, and begins the folds that are due. */
void columns_publish(EventColumns *columns);

/* Blanks the words that neither `used[property]` (bits, owned by the caller) nor the live delta
 * bear. */
void column_words_blank(EventColumns *columns, NameColumn *column, uint64_t *const *used);

/* The folding thread; and folds one name now. Without locks. */
gpointer event_folding_run(gpointer columns);

/* An image without occurrences. */
EventImage *event_image_empty(uint32_t properties);
