/* messages/campaign_json.h: what the routes of mailings share. Private to messages/. */
#pragma once
#include "messages/campaign.h"
#include "net/request.h"

extern const Schema campaign_reply;

/* One mailing as the API shows it, with how far it is; new reference, NULL on failure. */
json_t *campaign_json(Db *db, const Campaign *campaign, GError **error);

/* Answers with the mailing as it is now. */
bool campaign_answer(Request *request, int status, int64_t campaign_id, GError **error);

/* The mailing of the path. */
bool campaign_of(Request *request, Campaign *ret_campaign, GError **error);
