-- Accounts, sessions, one-time links, keys and the audit log: small global tables.

-- name: account_insert exec
-- params: account_id i64, email text, name text, role text, language text, password_hash text?, created_at i64
INSERT INTO account (account_id, email, name, role, language, password_hash, created_at)
VALUES (:account_id, :email, :name, :role, :language, :password_hash, :created_at);

-- name: account_by_email one
-- params: email text
-- row: account_id i64, name text, role text, language text, password_hash text?, disabled_at i64?
SELECT account_id, name, role, language, password_hash, disabled_at FROM account WHERE email = :email;

-- name: account_get one
-- params: account_id i64
-- row: email text, name text, role text, language text, password_hash text?, created_at i64, disabled_at i64?
SELECT email, name, role, language, password_hash, created_at, disabled_at
FROM account WHERE account_id = :account_id;

-- name: account_owners one
-- row: count i64
SELECT COUNT(*) FROM account
WHERE disabled_at IS NULL AND role = 'owner' AND password_hash IS NOT NULL;

-- name: account_password_set exec
-- params: account_id i64, password_hash text
UPDATE account SET password_hash = :password_hash WHERE account_id = :account_id;

-- name: account_name_set exec
-- params: account_id i64, name text
UPDATE account SET name = :name WHERE account_id = :account_id;

-- name: account_language_set exec
-- params: account_id i64, language text
UPDATE account SET language = :language WHERE account_id = :account_id;

-- name: account_disable exec
-- params: account_id i64, at i64, email text
UPDATE account SET disabled_at = :at, email = :email, name = '', password_hash = NULL
WHERE account_id = :account_id;

-- name: account_link_insert exec
-- params: token_hash blob, purpose text, account_id i64?, created_at i64, expires_at i64
INSERT INTO account_link (token_hash, purpose, account_id, created_at, expires_at)
VALUES (:token_hash, :purpose, :account_id, :created_at, :expires_at);

-- name: account_link_get one
-- params: token_hash blob
-- row: purpose text, account_id i64?, expires_at i64, used_at i64?
SELECT purpose, account_id, expires_at, used_at FROM account_link WHERE token_hash = :token_hash;

-- name: account_link_use exec
-- params: token_hash blob, at i64
UPDATE account_link SET used_at = :at
WHERE token_hash = :token_hash AND used_at IS NULL AND expires_at > :at;

-- name: account_link_drop_setup exec
DELETE FROM account_link WHERE purpose = 'setup';

-- name: account_link_drop_account exec
-- params: account_id i64
DELETE FROM account_link WHERE account_id = :account_id;

-- name: session_insert exec
-- params: token_hash blob, account_id i64, csrf text, created_at i64, seen_at i64, expires_at i64
INSERT INTO session (token_hash, account_id, csrf, created_at, seen_at, expires_at)
VALUES (:token_hash, :account_id, :csrf, :created_at, :seen_at, :expires_at);

-- name: session_get one
-- params: token_hash blob
-- row: account_id i64, csrf text, seen_at i64, expires_at i64
SELECT account_id, csrf, seen_at, expires_at FROM session WHERE token_hash = :token_hash;

-- name: session_seen exec
-- params: token_hash blob, seen_at i64
UPDATE session SET seen_at = :seen_at WHERE token_hash = :token_hash;

-- name: session_delete exec
-- params: token_hash blob
DELETE FROM session WHERE token_hash = :token_hash;

-- name: session_delete_account exec
-- params: account_id i64
DELETE FROM session WHERE account_id = :account_id;

-- name: session_delete_old exec
-- params: now i64, idle_before i64
DELETE FROM session WHERE expires_at < :now OR seen_at < :idle_before;

-- name: key_insert exec
-- params: key_id i64, key_hash blob, prefix text, scope text, name text, source_id i64, created_at i64
INSERT INTO api_key (key_id, key_hash, prefix, scope, name, source_id, created_at)
VALUES (:key_id, :key_hash, :prefix, :scope, :name, :source_id, :created_at);

-- name: key_all many
-- row: key_id i64, key_hash blob, prefix text, scope text, name text, source_id i64, created_at i64, used_at i64?
SELECT key_id, key_hash, prefix, scope, name, source_id, created_at, used_at
FROM api_key WHERE revoked_at IS NULL ORDER BY key_id;

-- name: key_revoke exec
-- params: key_id i64, at i64
UPDATE api_key SET revoked_at = :at WHERE key_id = :key_id AND revoked_at IS NULL;

-- name: key_used exec
-- params: key_id i64, at i64
UPDATE api_key SET used_at = :at WHERE key_id = :key_id;

-- name: key_source_get one
-- params: source_id i64
-- row: shop_id i64, name text
SELECT shop_id, name FROM source WHERE source_id = :source_id;

-- name: key_source_insert exec
-- params: source_id i64, kind text, trust i64, name text, shop_id i64, created_at i64
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at)
VALUES (:source_id, :kind, :trust, :name, :shop_id, :created_at);

-- name: key_source_top one
-- row: source_id i64
SELECT COALESCE(MAX(source_id), 0) FROM source;

-- name: audit_insert exec
-- params: audit_id i64, at i64, actor text, action text, subject text, detail text?
INSERT INTO audit (audit_id, at, actor, action, subject, detail)
VALUES (:audit_id, :at, :actor, :action, :subject, :detail);
