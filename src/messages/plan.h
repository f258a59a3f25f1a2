/* messages/plan.h: who gets a mailing, who does not and why, and who is left alone to compare.
 *
 * The dry run and the plan walk the same people with the same judge. The plan writes its rows in
 * chunks, each with the position it has come to, so that after a crash it goes on behind the last
 * chunk and nobody is planned twice.
 */
#pragma once
#include "messages/campaign.h"
#include "messages/judge.h"

enum { PLAN_CHUNK = 100 /* people of one unit: at most five rows each */ };

/* What the plan says about one person. */
typedef struct PlanEntry {
    int64_t person_id;
    bool sends; /* a message is due */
    bool left_alone;
    const char *reason; /* why not; of a message that is due: why it waits; NULL = nothing */
    int64_t due_at;
    Judgement judgement;
} PlanEntry;

/* Judges `count` people; appends PlanEntry. Takes a reader. */
bool plan_judge(Messages *messages, const Campaign *campaign, const int64_t *person_ids,
                size_t count, GArray *entries, GError **error);

/* The people of the group as of now, rising. */
bool plan_members(Messages *messages, const Campaign *campaign, int64_t at_ms, GArray *person_ids,
                  GError **error);

/* Plans the next chunk of a mailing in state `planning`, or, when all are planned, takes it to
 * `sending`. Sender's thread. */
bool plan_step(Messages *messages, int64_t campaign_id, GError **error);

/* ---- the dry run ---- */

enum { PLAN_REASONS_MAX = 40, PLAN_SHOWN = 50 /* people kept for each reason */ };

typedef struct PlanReason {
    const char *reason; /* a literal */
    int64_t count;
    GArray *people; /* the first PLAN_SHOWN, of int64_t */
} PlanReason;

typedef struct PlanCounts {
    int64_t group, send, later, left_alone, withheld;
    int64_t daily_limit, days; /* in 24 hours, 0: any number; until all has left, 1 = today */
    GArray *reasons;           /* of PlanReason, as they were met */
} PlanCounts;

void plan_counts_clear(PlanCounts *counts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanCounts, plan_counts_clear)

/* What sending now would do. Writes nothing; a second or two for 20,000 people. */
bool plan_dry_run(Messages *messages, const Campaign *campaign, PlanCounts *ret_counts,
                  GError **error);
