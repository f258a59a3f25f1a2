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

-- name: letter_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;
