/* messages/compare.h: did the mailing help? Those written to against those left alone.
 *
 * Everybody drawn for one of the two counts where they were drawn, whether their mail arrived or
 * not. The difference of the two shares bears a 95 % interval by Newcombe's hybrid score method
 * (R. G. Newcombe, Statistics in Medicine 17 (1998), method 10). Pure but for compare_load.
 */
#pragma once
#include "messages/campaign.h"

enum { COMPARE_PEOPLE_MIN = 30 /* of each; below, no verdict is given */ };

typedef struct CompareArm {
    int64_t people, buyers, revenue; /* revenue: minor units of the business's currency, net */
} CompareArm;

typedef struct Compare {
    CompareArm written, alone;
    int64_t until;           /* UTC ms: what happened before counts */
    double extra, low, high; /* share of buyers more, and its interval; 0 when too few */
    bool enough;             /* both arms have people enough for an interval */
    const char *verdict;     /* "too_few", "too_early", "helped", "harmed", "no_difference" */
} Compare;

/* Difference of shares and its interval. All counts >= 0, people > 0. */
void compare_interval(Compare *compare);

/* Counts orders of both arms from the start to the end date, or now. Takes readers. */
bool compare_load(Messages *messages, const Campaign *campaign, Compare *ret_compare,
                  GError **error);
