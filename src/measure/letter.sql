-- The weekly letter: who gets it, who does not want it, which week's was written.

-- name: letter_owners many
-- row: account_id i64, name text, language text
SELECT account_id, name, language FROM account
WHERE role = 'owner' AND disabled_at IS NULL AND password_hash IS NOT NULL
ORDER BY account_id;

-- name: letter_reader one
-- params: account_id i64
-- row: name text, language text
SELECT name, language FROM account WHERE account_id = :account_id AND disabled_at IS NULL;

-- name: letter_mailings one
-- params: from i64, to i64
-- row: count i64
SELECT COUNT(*) FROM campaign
WHERE started_at >= :from AND started_at < :to AND deleted_at IS NULL;

-- name: letter_messages many
-- params: begun i64, from i64, to i64
-- row: state text, reason text?, count i64
-- What ended in a week, of mailings begun a little before it or in it: a message ends within two
-- days of the start of its mailing.
SELECT state, reason, COUNT(*) FROM message
WHERE origin IN (SELECT campaign_id FROM campaign WHERE started_at >= :begun AND started_at < :to)
    AND changed_at >= :from AND changed_at < :to
    AND state IN ('accepted', 'unknown', 'refused', 'dropped', 'cancelled')
GROUP BY state, reason ORDER BY state, reason;

-- name: letter_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;
