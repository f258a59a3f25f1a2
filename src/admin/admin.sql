-- Shops, retention and small looks into the tables of others.

-- name: admin_shops many
-- row: shop_id i64, name text, currency text?, zone text?, created_at i64
SELECT shop_id, name, currency, zone, created_at FROM shop ORDER BY shop_id;

-- name: admin_shop_find one
-- params: name text
-- row: shop_id i64
SELECT shop_id FROM shop WHERE name = :name;

-- name: admin_shop_count one
-- row: count i64
SELECT COUNT(*) FROM shop;

-- name: admin_shop_insert exec
-- params: shop_id i64, name text, currency text?, zone text?, created_at i64
INSERT INTO shop (shop_id, name, currency, zone, created_at)
VALUES (:shop_id, :name, :currency, :zone, :created_at)
ON CONFLICT (shop_id) DO NOTHING;

-- name: admin_retention many
-- row: name_id i64, days i64
SELECT name_id, days FROM retention;

-- name: admin_retention_set exec
-- params: name_id i64, days i64
INSERT INTO retention (name_id, days) VALUES (:name_id, :days)
ON CONFLICT (name_id) DO UPDATE SET days = excluded.days;

-- name: admin_retention_drop exec
-- params: name_id i64
DELETE FROM retention WHERE name_id = :name_id;

-- name: admin_accounts many
-- row: account_id i64, email text, name text, role text, language text, waiting i64, created_at i64
SELECT account_id, email, name, role, language,
    CASE WHEN password_hash IS NULL THEN 1 ELSE 0 END, created_at
FROM account WHERE disabled_at IS NULL ORDER BY account_id;

-- name: admin_audit many
-- params: before i64, limit i64
-- row: audit_id i64, at i64, actor text, action text, subject text, detail text?
SELECT audit_id, at, actor, action, subject, detail FROM audit
WHERE audit_id < :before ORDER BY audit_id DESC LIMIT :limit;

-- name: admin_account one
-- params: account_id i64
-- row: email text, name text, role text, language text
SELECT email, name, role, language FROM account
WHERE account_id = :account_id AND disabled_at IS NULL;

-- name: admin_keys many
-- row: key_id i64, prefix text, scope text, name text, created_at i64, used_at i64?
SELECT key_id, prefix, scope, name, created_at, used_at
FROM api_key WHERE revoked_at IS NULL ORDER BY key_id;

-- name: admin_parked many
-- params: limit i64
-- row: parked_id i64, stage text, reason text, at i64
SELECT parked_id, stage, reason, at FROM parked WHERE settled_at IS NULL
ORDER BY parked_id DESC LIMIT :limit;
