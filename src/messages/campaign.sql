-- Statements of mailings and their texts.

-- name: template_add exec
-- params: template_id i64, subject text, preheader text, body text, now i64, actor text
INSERT INTO template (template_id, channel, subject, preheader, body, created_at, actor)
VALUES (:template_id, 'email', :subject, :preheader, :body, :now, :actor);

-- name: template_find one
-- params: template_id i64
-- row: subject text, preheader text, body text
SELECT subject, preheader, body FROM template WHERE template_id = :template_id;

-- name: campaign_add exec
-- params: campaign_id i64, name text, template_id i64, rule text, topic text, purpose text, holdout i64, compare_days i64, now i64, actor text
INSERT INTO campaign (campaign_id, name, template_id, rule, topic, purpose, holdout, compare_days,
    state, position, created_at, changed_at, actor)
VALUES (:campaign_id, :name, :template_id, :rule, :topic, :purpose, :holdout, :compare_days,
    'draft', 0, :now, :now, :actor);

-- name: campaign_change exec
-- params: campaign_id i64, name text, template_id i64, rule text, topic text, purpose text, holdout i64, compare_days i64, now i64
UPDATE campaign SET name = :name, template_id = :template_id, rule = :rule, topic = :topic,
    purpose = :purpose, holdout = :holdout, compare_days = :compare_days, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'draft' AND deleted_at IS NULL;

-- name: campaign_delete exec
-- params: campaign_id i64, now i64
UPDATE campaign SET deleted_at = :now, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'draft' AND deleted_at IS NULL;

-- name: campaign_find one
-- params: campaign_id i64
-- row: name text, template_id i64, rule text, topic text, purpose text, holdout i64, compare_days i64, state text, reason text?, position i64, send_at i64?, started_at i64?, ended_at i64?, not_after i64?, created_at i64, changed_at i64
SELECT name, template_id, rule, topic, purpose, holdout, compare_days, state, reason, position,
    send_at, started_at, ended_at, not_after, created_at, changed_at
FROM campaign WHERE campaign_id = :campaign_id AND deleted_at IS NULL;

-- name: campaign_list many
-- params: rows i64
-- row: campaign_id i64
SELECT campaign_id FROM campaign WHERE deleted_at IS NULL ORDER BY campaign_id DESC LIMIT :rows;

-- name: campaign_open_list many
-- row: campaign_id i64, state text, send_at i64?
SELECT campaign_id, state, send_at FROM campaign
WHERE state IN ('scheduled', 'planning', 'sending') ORDER BY campaign_id;

-- name: campaign_schedule exec
-- params: campaign_id i64, send_at i64, now i64
-- Of two who press at once, one row changes.
UPDATE campaign SET state = 'scheduled', send_at = :send_at, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'draft' AND deleted_at IS NULL;

-- name: campaign_undo exec
-- params: campaign_id i64, now i64
UPDATE campaign SET state = 'draft', send_at = NULL, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'scheduled';

-- name: campaign_start exec
-- params: campaign_id i64, not_after i64, now i64
UPDATE campaign SET state = 'planning', started_at = :now, not_after = :not_after, position = 0,
    changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'scheduled' AND send_at <= :now;

-- name: campaign_planned exec
-- params: campaign_id i64, position i64, now i64
UPDATE campaign SET position = :position, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'planning';

-- name: campaign_sending exec
-- params: campaign_id i64, now i64
UPDATE campaign SET state = 'sending', changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'planning';

-- name: campaign_done exec
-- params: campaign_id i64, now i64
UPDATE campaign SET state = 'done', ended_at = :now, changed_at = :now
WHERE campaign_id = :campaign_id AND state = 'sending';

-- name: campaign_stop exec
-- params: campaign_id i64, reason text, now i64
UPDATE campaign SET state = 'stopped', reason = :reason, ended_at = :now, changed_at = :now
WHERE campaign_id = :campaign_id AND state IN ('scheduled', 'planning', 'sending');
