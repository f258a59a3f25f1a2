/* segments/screen_private.h: the inside of a Screen, for its own files.
 *
 *     screen.c         reading; the moments at which a rule is looked at, and what comes of them
 *     screen_tell.c    what happened to people, from columns
 *     screen_facts.c   what is known of them: traits, tags, lists, consents
 *     screen_edges.c   when a rule may change though nothing happens
 *
 * A rule is planned once, and its crowd are *slots*: one for each person and moment at which more
 * is seen than before, the first of each person being the first moment asked. So all moments of
 * everybody are judged in one go. The windows are those of now: whoever has the edge of one between
 * the first moment and now is judged, and has no slots.
 */
#pragma once
#include "segments/feed_private.h"
#include "segments/screen.h"

/* Occurrences that leaves are told of one rule at once, in 40 bytes each. Of one person: left to
 * the judge beyond it. */
enum { SCREEN_TOLD_MAX = 1 << 22 };

/* What was told of one name, of all people of a screen. */
typedef struct ScreenHits ScreenHits;
void screen_hits_free(gpointer hits);

/* What was told of a name of one of the people, the newest first; valid while the screen is. */
const EventHit *screen_hits(Screen *screen, const EventName *name, uint32_t person,
                            uint32_t *ret_count);

struct Screen {
    Segments *segments;
    Evaluation business; /* whose zone, currency and columns these are; nothing is planned in it */
    GArray *people;      /* of int64_t */
    GArray *starts;      /* of uint32_t: of each of them, and the end: where in `rows` */
    GArray *rows;        /* of uint32_t, of the view */
    GArray *stems;       /* of int64_t, of all of them */
    GPtrArray *texts;    /* of saved segments once read */
    Facts facts;         /* what columns do not hold, once a rule asks for it */
    bool traits_read, shown_read, tags_read;
    uint64_t told_max;       /* of one rule at once; SCREEN_TOLD_MAX but in tests */
    GArray *lists_read;      /* of int64_t */
    GPtrArray *channels;     /* of owned texts: what consents were asked about */
    GHashTable *consents;    /* ConsentKey -> whether it holds */
    GHashTable *permissions; /* ConsentKey -> GArray of edges */
    GHashTable *hits;        /* EventName -> ScreenHits *: of names once heard */
};

/* What was asked about one person; `at` 0 for edges. */
typedef struct ConsentKey {
    int64_t person_id, at;
    guint channel;
} ConsentKey;
guint screen_consent_hash(gconstpointer key);
gboolean screen_consent_equal(gconstpointer a, gconstpointer b);

/* An occurrence that a tap hears of; `person` of `seen` is nobody yet. */
typedef struct LookHeard {
    const Tap *tap;
    uint32_t ask;
    Occurrence seen;
} LookHeard;

typedef struct LookMoment {
    uint32_t ask;
    int64_t at;
} LookMoment;

/* One rule, over those who are asked for. */
typedef struct Look {
    Screen *screen;
    GArray *asks;            /* of ScreenAsk */
    Evaluation evaluation;   /* of everything before now; its crowd are the slots */
    const uint32_t *persons; /* places of the asked in `people` */
    GArray *ids;             /* of int64_t: their ids */
    bool *judged;            /* of each: to be judged */
    GArray *heard;           /* of LookHeard */
    GArray *moments;         /* of LookMoment: instants after `from` since which more is seen */
    uint32_t *slots;         /* of each, and the end: the first of theirs */
    GArray *slot_at;         /* of int64_t: of each slot, what happened before it is seen */
    bool heavy;              /* of too much at once: told in halves instead */
} Look;

static inline ScreenAsk *look_ask(const Look *look, uint32_t i)
{
    return &g_array_index(look->asks, ScreenAsk, i);
}

/* Which of the asked a stem belongs to; -1: none. */
int64_t look_place(const Look *look, int64_t stem);

/* screen_tell.c: what taps hear of, for slots to be made from; then tells their leaves. */
bool look_hear(Look *look, GError **error);
void look_tell(const Look *look);
/* How many occurrences leaves would be told at most: each again for every moment after it. */
uint64_t look_weight(const Look *look);

/* screen_facts.c: the moments of lists and consents; then fills columns, tags, lists, consents and
 * ranks of the slots. */
bool look_facts_moments(Look *look, GError **error);
bool look_facts(Look *look, GError **error);

/* screen_edges.c. A rule may change at `edge`: to be judged where that is not after now. */
void look_edge(Look *look, uint32_t i, int64_t edge);
/* From `at` on more is seen; nothing else changes. */
void look_moment(Look *look, uint32_t i, int64_t at);
/* An instant crosses the ends of a window. */
void look_window(Look *look, uint32_t i, const RuleWindow *window, int64_t at);
/* Of leaves that are concluded: days, silence, and dates inside traits. */
void look_value_edges(Look *look);
