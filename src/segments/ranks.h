/* segments/ranks.h: who is among the first by a number, as of the last time everybody was asked.
 *
 * A rank is the one condition on which all others decide. For watched segments it holds as of its
 * last ranking, at most JUDGE_RANK_AGE_MS old; asked once, it is made anew. Thread safe; ranking
 * costs one question to everybody, in the thread that finds it too old. Private to segments/.
 */
#pragma once
#include "segments/judge.h"

typedef struct Ranks Ranks;

Ranks *ranks_new(void);
void ranks_free(Ranks *ranks);

typedef struct RankAsk {
    const RuleNode *node; /* of RULE_TOP */
    int64_t person_id;
    int64_t at; /* UTC ms */
    bool kept;  /* an older ranking will do */
} RankAsk;

bool ranks_has(Segments *segments, const RankAsk *ask, bool *ret_has, GError **error);

/* Forgets all rankings that are kept: the next to ask makes them anew. */
void ranks_forget(Segments *segments);

/* When the oldest ranking that is kept was made; INT64_MAX: none. */
int64_t ranks_oldest(Segments *segments);
