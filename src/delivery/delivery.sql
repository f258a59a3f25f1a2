-- Settings of the sender, and whom mails to users go to.

-- name: delivery_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: delivery_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: delivery_setting_drop exec
-- params: name text
DELETE FROM setting WHERE name = :name;

-- name: delivery_account one
-- params: account_id i64
-- row: email text, name text, language text
SELECT email, name, language FROM account
WHERE account_id = :account_id AND disabled_at IS NULL;
