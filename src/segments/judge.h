/* segments/judge.h: how some rules stand for one person, at many moments, from one reading.
 *
 * A Judge reads what the rules need to know of the person (all stems, as known now) and then says
 * what each is at any moment, by the same plan and the same leaves as for everybody: only the
 * crowd is this person. As everywhere, a moment sees what happened before it.
 *
 * An *edge* is an instant at which a rule may change its truth although nothing happens: an
 * occurrence leaves its window, a day begins, a permission runs out (edges.h). judge_next walks the
 * edges until the truth really changes. Bounded: after JUDGE_STEPS_MAX edges it says how far it
 * has looked. A rank (`top`) is taken as it is at the moment of judging: when others move, nobody
 * knows before.
 *
 * Costs one reading of the person's rows, then about as long as a leaf of one person takes. One
 * thread; never the writer's, nor with a reader in hand.
 *
 *     g_autoptr(Judge) judge = judge_new(segments, &(JudgeAsk){person_id, rules, 1}, error);
 *     JudgeFlip flip;
 *     if (!judge || !judge_next(judge, 0, now, &flip, error)) return false;
 */
#pragma once
#include "segments/segments.h"

enum {
    JUDGE_STEPS_MAX = 400, /* edges looked at for one flip */
    JUDGE_RANK_AGE_MS = 5 * 60 * 1000,
};

typedef struct Judge Judge;

typedef struct JudgeAsk {
    int64_t person_id; /* a person or any stem of one */
    const Rule *const *rules;
    size_t count;
    bool ranks_kept; /* a rank may be as old as JUDGE_RANK_AGE_MS; else it is made anew */
} JudgeAsk;

/* Reads. The rules must outlive it. Errors: as segments_ask. */
Judge *judge_new(Segments *segments, const JudgeAsk *ask, GError **error);
void judge_free(Judge *judge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Judge, judge_free)

/* The person asked for as it is now; 0: nobody (erased, unknown): no rule is true of nobody. */
int64_t judge_person_id(const Judge *judge);
const Zone *judge_zone(const Judge *judge);

/* What a rule is at a moment. */
bool judge_holds(Judge *judge, size_t rule, int64_t at, bool *ret_holds, GError **error);

typedef struct JudgeFlip {
    bool holds;    /* at the moment asked */
    int64_t at;    /* the first ms at which it is different; INT64_MAX: never, if nothing happens */
    int64_t until; /* how far this was looked at; INT64_MAX but when it was cut short, and then
                      `at` is INT64_MAX and means "not before `until`" */
} JudgeFlip;

/* When a rule changes next after `at`, if nothing happens. */
bool judge_next(Judge *judge, size_t rule, int64_t at, JudgeFlip *ret_flip, GError **error);
