/* messages/manners.h: good manners: may this person get one more mail now, and if not, when?
 *
 * Quiet hours are of the person's own clock (the business's when theirs is not known); the cap
 * counts what was handed over in the last seven days; the gap is from the last one. Pure: reads no
 * clock and no database.
 *
 *     Manners manners = MANNERS_DEFAULT;
 *     MannersAnswer answer = manners_ask(&manners, &(MannersAsk){.zone = zone, .now_ms = now, …});
 *     if (answer.wait_until_ms > now) …answer.reason…
 */
#pragma once
#include "base/zones.h"

enum {
    MANNERS_DAY_MINUTES = 24 * 60,
    MANNERS_WEEK_MAX = 100,
    MANNERS_GAP_HOURS_MAX = 24 * 14,
    MANNERS_SENT_MAX = 200, /* past messages looked at */
};
#define MANNERS_WEEK_MS ((int64_t)7 * 24 * 3600 * 1000)

typedef struct Manners {
    int64_t quiet_from, quiet_to; /* minutes of the day, 0..1439; equal: no quiet hours */
    int64_t per_week;             /* mails in seven days; 0 = any number */
    int64_t gap_hours;            /* between two mails; 0 = none */
} Manners;

#define MANNERS_DEFAULT                                                                            \
    {                                                                                              \
        .quiet_from = 21 * 60, .quiet_to = 8 * 60, .per_week = 2, .gap_hours = 24                  \
    }

typedef struct MannersAsk {
    const Zone *zone;
    int64_t now_ms;
    const int64_t *sent_ms; /* hand overs of the last week, oldest first */
    size_t sent_count;
} MannersAsk;

typedef struct MannersAnswer {
    int64_t wait_until_ms; /* now or earlier: may go */
    const char *reason;    /* "week_full", "too_soon", "quiet_hours"; NULL: may go */
} MannersAnswer;

/* When the next mail may go: the latest of what the three rules say, quiet hours judged at that
 * moment. Cannot fail. */
MannersAnswer manners_ask(const Manners *manners, const MannersAsk *ask);

/* Whether every field is in range. */
bool manners_check(const Manners *manners);
