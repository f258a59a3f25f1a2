/* segments/screen.h: how a rule has stood for some people since something happened to them, told
 * for all of them at once from columns.
 *
 * judge.h says exactly how a rule stands and when it changes, for one person, by walking from edge
 * to edge. That is far too much for the many whom an event does not move. A screen reads the same
 * occurrences from columns, a batch of people at a time, and tells of each the truth at the first
 * moment asked and now, and the next edge. That is all there is to say unless edges lie between the
 * two: one is told (an occurrence that became visible), with more, or with a kind of leaf that
 * columns do not tell, the person is left to the judge.
 *
 * The next edge is one at which a leaf *may* change, and no later than the first that really
 * changes it. One thread; never the writer's, nor with a reader in hand. Private to segments/.
 */
#pragma once
#include "segments/segments.h"

typedef struct Screen Screen;

enum { SCREEN_CHANGES_MAX = 6 }; /* of one rule for one person that are told */

typedef struct ScreenAsk {
    int64_t person_id;                   /* rising */
    int64_t from;                        /* UTC ms, not after `now` */
    bool told;                           /* false: to be judged */
    bool before;                         /* the truth at `from` */
    uint32_t changes;                    /* how often it changed from then up to `now` */
    int64_t changed[SCREEN_CHANGES_MAX]; /* when, UTC ms, rising */
    int64_t next; /* after `now`: nothing changes before, if nothing happens; INT64_MAX: never */
} ScreenAsk;

/* Reads what is needed of these people (int64_t, rising). NULL: no columns are held, or a failure
 * (`error` is set). All that was acknowledged before is seen. */
Screen *screen_new(Segments *segments, const GArray *people, int64_t now, GError **error);
void screen_free(Screen *screen);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Screen, screen_free)

/* Whether somebody is a person of the crowd. */
bool screen_is_somebody(const Screen *screen, int64_t person_id);

/* Tells how a rule stands for `asks` (of ScreenAsk, among the people read). */
bool screen_rule(Screen *screen, const Rule *rule, GArray *asks, GError **error);
