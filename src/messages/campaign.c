#include "messages/campaign.h"

#include <string.h>

#include "base/keyhash.h"
#include "messages/campaign_sql.h"

void campaign_clear(Campaign *campaign)
{
    g_free(campaign->name);
    g_free(campaign->rule);
    g_free(campaign->topic);
    g_free(campaign->purpose);
    g_free(campaign->state);
    g_free(campaign->reason);
    g_free(campaign->subject);
    g_free(campaign->preheader);
    g_free(campaign->body);
    *campaign = (Campaign){0};
}

static int64_t time_or_none(DbInt value) { return value.set ? value.value : 0; }

static void campaign_take(Campaign *campaign, const CampaignFindRow *row)
{
    *campaign = (Campaign){
        .campaign_id = campaign->campaign_id,
        .template_id = row->template_id,
        .name = g_strdup(row->name),
        .rule = g_strdup(row->rule),
        .topic = g_strdup(row->topic),
        .purpose = g_strdup(row->purpose),
        .state = g_strdup(row->state),
        .reason = g_strdup(row->reason),
        .holdout = row->holdout,
        .compare_days = row->compare_days,
        .position = row->position,
        .send_at = time_or_none(row->send_at),
        .started_at = time_or_none(row->started_at),
        .ended_at = time_or_none(row->ended_at),
        .not_after = time_or_none(row->not_after),
        .created_at = row->created_at,
        .changed_at = row->changed_at,
    };
}

bool campaign_load(Db *db, int64_t campaign_id, Campaign *ret_campaign, GError **error)
{
    CampaignFindParams params = {campaign_id};
    CampaignFindRow row;
    TemplateFindRow text;
    bool found;
    campaign_clear(ret_campaign);
    if (!sql_campaign_find(db, &params, &row, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such mailing");
    ret_campaign->campaign_id = campaign_id;
    campaign_take(ret_campaign, &row);
    TemplateFindParams of = {ret_campaign->template_id};
    if (!sql_template_find(db, &of, &text, &found, error)) return false;
    ret_campaign->subject = g_strdup(found ? text.subject : "");
    ret_campaign->preheader = g_strdup(found ? text.preheader : "");
    ret_campaign->body = g_strdup(found ? text.body : "");
    return true;
}

bool campaign_is(const Campaign *campaign, const char *state)
{
    return g_strcmp0(campaign->state, state) == 0;
}

bool campaign_runs(const Campaign *campaign)
{
    return campaign_is(campaign, "planning") || campaign_is(campaign, "sending");
}

bool campaign_leaves_alone(const Messages *messages, const Campaign *campaign, int64_t person_id)
{
    int64_t drawn[2] = {campaign->campaign_id, person_id};
    return (int64_t)(keyhash64(messages->draw_key, drawn, sizeof drawn) % 1000) < campaign->holdout;
}
