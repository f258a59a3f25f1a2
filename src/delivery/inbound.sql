-- How far the business's mailbox is read.

-- name: mail_source_find one
-- row: mailbox text, first_validity i64, uid_validity i64, uid i64, since_at i64, taken i64, taken_at i64?
SELECT mailbox, first_validity, uid_validity, uid, since_at, taken, taken_at FROM mail_source
WHERE source_no = 1;

-- name: mail_source_begin exec
-- params: mailbox text, uid_validity i64, uid i64, at i64
INSERT INTO mail_source (source_no, mailbox, first_validity, uid_validity, uid, since_at, taken, taken_at)
VALUES (1, :mailbox, :uid_validity, :uid_validity, :uid, :at, 0, NULL)
ON CONFLICT (source_no) DO UPDATE SET mailbox = excluded.mailbox,
    first_validity = excluded.first_validity, uid_validity = excluded.uid_validity,
    uid = excluded.uid, since_at = excluded.since_at, taken = 0, taken_at = NULL;

-- name: mail_source_move exec
-- params: uid_validity i64, uid i64
UPDATE mail_source SET uid_validity = :uid_validity, uid = :uid WHERE source_no = 1;

-- name: mail_source_taken exec
-- params: at i64
UPDATE mail_source SET taken = taken + 1, taken_at = :at WHERE source_no = 1;

-- name: inbound_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: inbound_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: inbound_setting_drop exec
-- params: name text
DELETE FROM setting WHERE name = :name;
