/* segments/judge_private.h: the inside of a Judge, for judge.c, edges.c and why.c alone. */
#pragma once
#include "segments/evaluate.h"
#include "segments/judge.h"

struct Judge {
    Segments *segments;
    JudgeAsk ask;
    int64_t person_id; /* root; 0: nobody */
    GArray *stems;     /* of int64_t, rising */
    GPtrArray *texts;  /* of saved segments, for all moments alike */
    Facts facts;
    const Zone *zone;
    char currency[CURRENCY_SIZE];
};

/* An evaluation of one part of the rules at a moment, filled; the caller clears it. */
bool judge_evaluate(Judge *judge, const RuleNode *node, int64_t at, Evaluation *evaluation,
                    GError **error);

/* The same for any part of a rule: why.c asks for each. */
bool judge_node_holds(Judge *judge, const RuleNode *node, int64_t at, bool *ret_holds,
                      GError **error);
bool judge_node_next(Judge *judge, const RuleNode *node, int64_t at, JudgeFlip *ret_flip,
                     GError **error);
