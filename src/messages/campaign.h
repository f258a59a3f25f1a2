/* messages/campaign.h: a mailing: one text to one group, once.
 *
 *     draft -> scheduled (60 s in which it can be undone) -> planning -> sending -> done
 *                 `-> draft                        `----------`----> stopped (with the reason)
 *
 * Every step is one conditional UPDATE, so that of two people who press a button at once one has
 * pressed it. A draft's text is a new template row with each change; from `scheduled` on nothing
 * about it changes but its state.
 */
#pragma once
#include "messages/messages_private.h"
#include "store/db.h"

enum {
    CAMPAIGN_NAME_MAX = 200,
    CAMPAIGN_SUBJECT_MAX = 500,
    CAMPAIGN_PREHEADER_MAX = 500,
    CAMPAIGN_BODY_MAX = 200 * 1024,
    CAMPAIGN_RULE_MAX = 16 * 1024,
    CAMPAIGN_TOPIC_MAX = 60,
    CAMPAIGN_HOLDOUT_MAX = 500, /* per mille: half and half */
    CAMPAIGN_HOLDOUT = 100,     /* a tenth, unless chosen otherwise */
    CAMPAIGN_COMPARE_DAYS = 14,
    CAMPAIGN_COMPARE_DAYS_MAX = 365,
    CAMPAIGN_LIST_MAX = 200,
};

typedef struct Campaign {
    int64_t campaign_id, template_id;
    char *name, *rule, *topic, *purpose, *state, *reason, *subject, *preheader, *body; /* owned */
    int64_t holdout, compare_days, position;
    int64_t send_at, started_at, ended_at, not_after; /* UTC ms; 0 = not yet */
    int64_t created_at, changed_at;
} Campaign;

void campaign_clear(Campaign *campaign);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Campaign, campaign_clear)

/* Reads one; clears what was in `ret_campaign`. Errors: KITH_ERROR_NOT_FOUND. */
bool campaign_load(Db *db, int64_t campaign_id, Campaign *ret_campaign, GError **error);

/* Are its messages meant to go? */
bool campaign_runs(const Campaign *campaign);
bool campaign_is(const Campaign *campaign, const char *state);

/* Is this person left alone, to compare? The same at every asking; a keyed hash. */
bool campaign_leaves_alone(const Messages *messages, const Campaign *campaign, int64_t person_id);

void campaign_add_routes(Messages *messages, Server *server);
void campaign_preview_add_routes(Messages *messages, Server *server);
void campaign_send_add_routes(Messages *messages, Server *server);
