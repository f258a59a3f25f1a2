/* columns/event_set.h: inside of columns/: what a view is made of.
 *
 * A view is the list of names as they were at one publish. A name that did not change since is
 * shared with the view before.
 */
#pragma once
#include "columns/event_columns.h"
#include "columns/event_crowd.h"
#include "columns/event_delta.h"
#include "columns/event_image.h"
#include "columns/event_words.h"

/* One name at one publish; immutable. */
typedef struct EventNameState {
    EventName shown;
    int refs; /* atomic */
    EventImage *image;
    EventDelta *frozen, *live; /* being folded, resp. appended to; may be NULL */
    uint64_t live_count;       /* entries of `live` that are shown */
    uint32_t wide;             /* bit p: the delta has a cell of property p that is no code */
    GArray *parts, *resets;
    char **paths;
    EventProperty properties[EVENT_PROPERTIES_MAX];
} EventNameState;

void event_name_state_unref(EventNameState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EventNameState, event_name_state_unref)

struct EventView {
    int refs; /* atomic */
    int64_t through;
    uint32_t rows, name_count;
    CrowdStems *stems;
    CrowdTable *table;
    EventNameState *names[]; /* by name */
};
