-- Conversations with people: what came in, what was answered.

-- name: conversation_ref_find one
-- params: ref blob
-- row: person_id i64, conversation_id i64
SELECT person_id, conversation_id FROM conversation_ref WHERE ref = :ref;

-- name: conversation_ref_add exec
-- params: ref blob, person_id i64, conversation_id i64, at i64
INSERT INTO conversation_ref (ref, person_id, conversation_id, at)
VALUES (:ref, :person_id, :conversation_id, :at) ON CONFLICT DO NOTHING;

-- name: conversation_ref_move exec
-- params: conversation_id i64, person_id i64
UPDATE conversation_ref SET person_id = :person_id WHERE conversation_id = :conversation_id;

-- name: conversation_add exec
-- params: person_id i64, conversation_id i64, kind text, state text, address text, address_hash blob?, name text, subject text, origin i64, status text?, wish text?, at i64, now i64
INSERT INTO conversation (person_id, conversation_id, kind, state, address, address_hash, name, subject,
    origin, status, wish, created_at, last_at, changed_at)
VALUES (:person_id, :conversation_id, :kind, :state, :address, :address_hash, :name, :subject,
    :origin, :status, :wish, :now, :at, :now);

-- name: conversation_find one
-- params: conversation_id i64
-- row: person_id i64, kind text, state text, address text, name text, subject text, origin i64, status text?, wish text?, last_at i64
SELECT person_id, kind, state, address, name, subject, origin, status, wish, last_at
FROM conversation WHERE conversation_id = :conversation_id;

-- name: conversation_grow exec
-- params: person_id i64, conversation_id i64, state text, wish text?, at i64, now i64
UPDATE conversation SET state = :state, wish = COALESCE(:wish, wish),
    last_at = CASE WHEN last_at < :at THEN :at ELSE last_at END, changed_at = :now
WHERE person_id = :person_id AND conversation_id = :conversation_id;

-- name: conversation_state exec
-- params: person_id i64, conversation_id i64, state text, now i64
UPDATE conversation SET state = :state, changed_at = :now
WHERE person_id = :person_id AND conversation_id = :conversation_id AND state <> 'apart';

-- name: conversation_stopped exec
-- params: person_id i64, conversation_id i64, now i64
UPDATE conversation SET wish = 'stopped', changed_at = :now
WHERE person_id = :person_id AND conversation_id = :conversation_id;

-- name: conversation_copy exec
-- params: conversation_id i64, person_id i64, now i64
-- Known at last: the rows go to the person (their key begins with it).
INSERT INTO conversation (person_id, conversation_id, kind, state, address, address_hash, name, subject,
    origin, status, wish, created_at, last_at, changed_at)
SELECT :person_id, conversation_id, kind, state, address, address_hash, name, subject, origin, status,
    wish, created_at, last_at, :now
FROM conversation WHERE person_id = 0 AND conversation_id = :conversation_id;

-- name: conversation_copy_mails exec
-- params: conversation_id i64, person_id i64
INSERT INTO conversation_mail (person_id, conversation_id, mail_id, direction, state, reason, address,
    subject, body, cut, message_key, actor, at)
SELECT :person_id, conversation_id, mail_id, direction, state, reason, address, subject, body, cut,
    message_key, actor, at
FROM conversation_mail WHERE person_id = 0 AND conversation_id = :conversation_id;

-- name: conversation_drop exec
-- params: person_id i64, conversation_id i64
DELETE FROM conversation WHERE person_id = :person_id AND conversation_id = :conversation_id;

-- name: conversation_drop_mails exec
-- params: person_id i64, conversation_id i64
DELETE FROM conversation_mail WHERE person_id = :person_id AND conversation_id = :conversation_id;

-- name: conversation_list many
-- params: state text, last_at i64, conversation_id i64, rows i64
-- row: person_id i64, conversation_id i64, kind text, state text, address text, name text, subject text, origin i64, status text?, wish text?, last_at i64
-- The newest first, below a place.
SELECT person_id, conversation_id, kind, state, address, name, subject, origin, status, wish, last_at
FROM conversation
WHERE state = :state AND (last_at, conversation_id) < (:last_at, :conversation_id)
ORDER BY last_at DESC, conversation_id DESC LIMIT :rows;

-- name: conversation_counts many
-- row: state text, count i64
SELECT state, COUNT(*) FROM conversation GROUP BY state ORDER BY state;

-- name: conversation_unknown many
-- params: address_hash blob, rows i64
-- row: conversation_id i64
SELECT conversation_id FROM conversation
WHERE person_id = 0 AND address_hash = :address_hash LIMIT :rows;

-- name: conversation_mail_add exec
-- params: person_id i64, conversation_id i64, mail_id i64, direction text, state text, address text, subject text, body text, cut i64, message_key text, actor text?, at i64
INSERT INTO conversation_mail (person_id, conversation_id, mail_id, direction, state, reason, address,
    subject, body, cut, message_key, actor, at)
VALUES (:person_id, :conversation_id, :mail_id, :direction, :state, NULL, :address, :subject, :body, :cut,
    :message_key, :actor, :at);

-- name: conversation_mails many
-- params: person_id i64, conversation_id i64, rows i64
-- row: mail_id i64, direction text, state text, reason text?, address text, subject text, body text, cut i64, message_key text, actor text?, at i64
-- The newest first.
SELECT mail_id, direction, state, reason, address, subject, body, cut, message_key, actor, at
FROM conversation_mail WHERE person_id = :person_id AND conversation_id = :conversation_id
ORDER BY mail_id DESC LIMIT :rows;

-- name: conversation_mail_find one
-- params: person_id i64, conversation_id i64, mail_id i64
-- row: state text, address text, subject text, body text
SELECT state, address, subject, body FROM conversation_mail
WHERE person_id = :person_id AND conversation_id = :conversation_id AND mail_id = :mail_id;

-- name: conversation_mail_state exec
-- params: person_id i64, conversation_id i64, mail_id i64, was text, state text, reason text?
UPDATE conversation_mail SET state = :state, reason = :reason
WHERE person_id = :person_id AND conversation_id = :conversation_id AND mail_id = :mail_id
    AND state = :was;

-- name: inbox_person one
-- params: person_id i64
-- row: name text?, email text?
SELECT name, email FROM person_summary WHERE person_id = :person_id;

-- name: inbox_campaign one
-- params: campaign_id i64
-- row: name text
SELECT name FROM campaign WHERE campaign_id = :campaign_id;

-- name: inbox_addresses many
-- params: person_id i64
-- row: value text
SELECT value FROM person_identity WHERE person_id = :person_id AND kind = 'email';

-- name: erase_conversation_mail exec
-- params: person_id i64, rows i64
DELETE FROM conversation_mail WHERE person_id = :person_id
    AND mail_id IN (SELECT mail_id FROM conversation_mail WHERE person_id = :person_id LIMIT :rows);

-- name: erase_conversation exec
-- params: person_id i64, rows i64
DELETE FROM conversation WHERE person_id = :person_id
    AND conversation_id IN
        (SELECT conversation_id FROM conversation WHERE person_id = :person_id LIMIT :rows);

-- name: export_conversation many
-- params: person_id i64
-- row: conversation_id i64, kind text, state text, address text, name text, subject text, created_at i64
SELECT conversation_id, kind, state, address, name, subject, created_at FROM conversation
WHERE person_id = :person_id ORDER BY conversation_id;

-- name: export_conversation_mail many
-- params: person_id i64, conversation_id i64, mail_id i64, rows i64
-- row: conversation_id i64, mail_id i64, direction text, state text, address text, subject text, body text, message_key text, at i64
SELECT conversation_id, mail_id, direction, state, address, subject, body, message_key, at
FROM conversation_mail
WHERE person_id = :person_id AND (conversation_id, mail_id) > (:conversation_id, :mail_id)
ORDER BY conversation_id, mail_id LIMIT :rows;

-- name: verify_conversations many
-- params: person_id i64, conversation_id i64, rows i64
-- row: person_id i64, conversation_id i64, kind text, state text
SELECT person_id, conversation_id, kind, state FROM conversation
WHERE (person_id, conversation_id) > (:person_id, :conversation_id)
ORDER BY person_id, conversation_id LIMIT :rows;

-- name: verify_conversation_mails many
-- params: person_id i64, conversation_id i64, mail_id i64, rows i64
-- row: person_id i64, conversation_id i64, mail_id i64, direction text, state text
SELECT person_id, conversation_id, mail_id, direction, state FROM conversation_mail
WHERE (person_id, conversation_id, mail_id) > (:person_id, :conversation_id, :mail_id)
ORDER BY person_id, conversation_id, mail_id LIMIT :rows;

-- name: verify_conversation_exists one
-- params: person_id i64, conversation_id i64
-- row: state text
SELECT state FROM conversation
WHERE person_id = :person_id AND conversation_id = :conversation_id;
