-- Statements of the outbox: rows of message, address_sent and guard.

-- name: message_plan exec
-- params: person_id i64, origin i64, occurrence i64, message_id i64, template_id i64, state text, reason text?, arm i64, address text?, address_hash blob?, consent_id i64, attestation_id i64, due_at i64, not_after i64, now i64
INSERT INTO message (person_id, origin, occurrence, message_id, template_id, state, reason, arm,
    address, address_hash, consent_id, attestation_id, due_at, not_after, epoch, owner,
    leased_until, attempts, created_at, changed_at)
VALUES (:person_id, :origin, :occurrence, :message_id, :template_id, :state, :reason, :arm,
    :address, :address_hash, :consent_id, :attestation_id, :due_at, :not_after, 0, 0, 0, 0,
    :now, :now)
ON CONFLICT DO NOTHING;

-- name: message_find one
-- params: person_id i64, origin i64, occurrence i64
-- row: message_id i64, template_id i64, state text, reason text?, arm i64, address text?, due_at i64, not_after i64, epoch i64, owner i64, attempts i64, handed_at i64?
SELECT message_id, template_id, state, reason, arm, address, due_at, not_after, epoch, owner,
    attempts, handed_at
FROM message WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence;

-- name: message_by_number one
-- params: message_id i64
-- row: person_id i64, origin i64, occurrence i64, address text?
SELECT person_id, origin, occurrence, address FROM message WHERE message_id = :message_id;

-- name: message_due many
-- params: now i64, rows i64
-- row: person_id i64, origin i64, occurrence i64
SELECT person_id, origin, occurrence FROM message
WHERE state IN ('planned', 'waiting') AND due_at <= :now
ORDER BY due_at LIMIT :rows;

-- name: message_claim exec
-- params: person_id i64, origin i64, occurrence i64, owner i64, leased_until i64, epoch i64, now i64
UPDATE message SET state = 'claimed', reason = NULL, owner = :owner, leased_until = :leased_until,
    epoch = :epoch, attempts = attempts + 1, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state IN ('planned', 'waiting');

-- name: message_hand exec
-- params: person_id i64, origin i64, occurrence i64, owner i64, consent_id i64, attestation_id i64, now i64
UPDATE message SET state = 'handing', consent_id = :consent_id, attestation_id = :attestation_id,
    handed_at = :now, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state = 'claimed' AND owner = :owner;

-- name: message_wait exec
-- params: person_id i64, origin i64, occurrence i64, owner i64, reason text?, due_at i64, now i64
-- Back to waiting; nothing was sent.
UPDATE message SET state = 'waiting', reason = :reason, due_at = :due_at, owner = 0,
    handed_at = NULL, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state IN ('claimed', 'handing') AND owner = :owner;

-- name: message_end exec
-- params: person_id i64, origin i64, occurrence i64, owner i64, state text, reason text?, now i64
-- The last word about a claimed message.
UPDATE message SET state = :state, reason = :reason, owner = 0, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state IN ('claimed', 'handing') AND owner = :owner;

-- name: message_readdress exec
-- params: person_id i64, origin i64, occurrence i64, owner i64, address text, address_hash blob, now i64
UPDATE message SET address = :address, address_hash = :address_hash, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state = 'claimed' AND owner = :owner;

-- name: message_postpone exec
-- params: person_id i64, origin i64, occurrence i64, due_at i64, not_after i64, now i64
-- Behind the limit of the day; that is not being late.
UPDATE message SET state = 'waiting', reason = 'daily_limit', due_at = :due_at,
    not_after = CASE WHEN not_after > :not_after THEN not_after ELSE :not_after END,
    changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state IN ('planned', 'waiting');

-- name: daily_sent one
-- params: since i64
-- row: mails i64, last i64
SELECT CAST(COALESCE(SUM(mails), 0) AS INTEGER), COALESCE(MAX(slot), 0) FROM sent_count
WHERE slot >= :since;

-- name: daily_add exec
-- params: slot i64
INSERT INTO sent_count (slot, mails) VALUES (:slot, 1)
ON CONFLICT (slot) DO UPDATE SET mails = sent_count.mails + 1;

-- name: daily_forget exec
-- params: before i64
DELETE FROM sent_count WHERE slot < :before;

-- name: daily_queued one
-- row: count i64
SELECT COUNT(*) FROM message WHERE state IN ('planned', 'waiting');

-- name: daily_waiting one
-- params: now i64
-- row: count i64
SELECT COUNT(*) FROM message
WHERE state IN ('planned', 'waiting') AND due_at > :now AND reason = 'daily_limit';

-- name: daily_goes_on one
-- params: origin i64
-- row: at i64?
-- When the first of a mailing's messages that wait for the limit goes.
SELECT MIN(due_at) FROM message
WHERE origin = :origin AND state = 'waiting' AND reason = 'daily_limit';

-- name: message_left many
-- params: rows i64
-- row: person_id i64, origin i64, occurrence i64, message_id i64, state text, owner i64, address text?
-- What a sender that is gone has left behind.
SELECT person_id, origin, occurrence, message_id, state, owner, address FROM message
WHERE state IN ('claimed', 'handing') AND owner > 0 LIMIT :rows;

-- name: message_open_count one
-- params: origin i64
-- row: count i64
SELECT COUNT(*) FROM message
WHERE origin = :origin AND state IN ('planned', 'waiting', 'claimed', 'handing');

-- name: message_of_person many
-- params: person_id i64
-- row: origin i64, occurrence i64, state text, reason text?, due_at i64, handed_at i64?, created_at i64
SELECT origin, occurrence, state, reason, due_at, handed_at, created_at FROM message
WHERE person_id = :person_id ORDER BY created_at DESC LIMIT 200;

-- name: message_sent_times many
-- params: person_id i64, since i64
-- row: handed_at i64
-- What counts against the caps of a person.
SELECT handed_at FROM message
WHERE person_id = :person_id AND handed_at > :since AND state IN ('handing', 'accepted', 'unknown')
ORDER BY handed_at;

-- name: message_open_of_person many
-- params: person_id i64
-- row: origin i64, occurrence i64, message_id i64, state text
SELECT origin, occurrence, message_id, state FROM message
WHERE person_id = :person_id AND state IN ('planned', 'waiting', 'claimed', 'handing');

-- name: message_open_of_address many
-- params: address_hash blob
-- row: person_id i64, origin i64, occurrence i64, message_id i64, state text
SELECT person_id, origin, occurrence, message_id, state FROM message
WHERE address_hash = :address_hash AND state IN ('planned', 'waiting', 'claimed', 'handing');

-- name: message_cancel exec
-- params: person_id i64, origin i64, occurrence i64, reason text, now i64
UPDATE message SET state = 'cancelled', reason = :reason, owner = 0, changed_at = :now
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence
    AND state IN ('planned', 'waiting', 'claimed');

-- name: message_open_of_origin many
-- params: origin i64, rows i64
-- row: person_id i64, occurrence i64
SELECT person_id, occurrence FROM message
WHERE origin = :origin AND state IN ('planned', 'waiting', 'claimed') LIMIT :rows;

-- name: message_counts many
-- params: origin i64
-- row: state text, reason text?, arm i64, count i64
SELECT state, reason, arm, COUNT(*) FROM message WHERE origin = :origin
GROUP BY state, reason, arm ORDER BY state, reason, arm;

-- name: message_tried one
-- params: origin i64
-- row: tried i64, refused i64
-- Those whose fate is known, and how many of them the relay refused for good.
SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 'refused' THEN 1 ELSE 0 END), 0) AS INTEGER)
FROM message WHERE origin = :origin AND state IN ('accepted', 'refused', 'unknown');

-- name: message_list many
-- params: origin i64, state text, reason text, after i64, rows i64
-- row: person_id i64, state text, reason text?, due_at i64, handed_at i64?
-- Of one mailing, in order of people; "" = any.
SELECT person_id, state, reason, due_at, handed_at FROM message
WHERE origin = :origin AND person_id > :after
    AND (:state = '' OR state = :state) AND (:reason = '' OR reason = :reason)
ORDER BY person_id LIMIT :rows;

-- name: message_person one
-- params: person_id i64
-- row: name text?, email text?
-- How lists name somebody.
SELECT name, email FROM person_summary WHERE person_id = :person_id;

-- name: message_arms many
-- params: origin i64, after i64, rows i64
-- row: person_id i64, arm i64, state text, reason text?
-- Those who were drawn for a comparison.
SELECT person_id, arm, state, reason FROM message
WHERE origin = :origin AND person_id > :after
ORDER BY person_id LIMIT :rows;

-- name: message_orders many
-- params: since i64, until i64, after_person i64, after_order i64, rows i64
-- row: person_id i64, order_id i64, base_net i64?
-- Orders of a span of time, in key order.
SELECT person_id, order_id, base_net FROM orders
WHERE (person_id, order_id) > (:after_person, :after_order)
    AND occurred_at >= :since AND occurred_at < :until AND state = 'placed' AND confirmed = 1
ORDER BY person_id, order_id LIMIT :rows;

-- name: address_sent_claim exec
-- params: origin i64, occurrence i64, address_hash blob, person_id i64
INSERT INTO address_sent (origin, occurrence, address_hash, person_id)
VALUES (:origin, :occurrence, :address_hash, :person_id) ON CONFLICT DO NOTHING;

-- name: address_sent_find one
-- params: origin i64, occurrence i64, address_hash blob
-- row: person_id i64
SELECT person_id FROM address_sent
WHERE origin = :origin AND occurrence = :occurrence AND address_hash = :address_hash;

-- name: guard_find one
-- params: person_id i64
-- row: epoch i64, last_at i64
SELECT epoch, last_at FROM guard WHERE person_id = :person_id;

-- name: guard_bump exec
-- params: person_id i64, now i64
INSERT INTO guard (person_id, epoch, last_at, changed_at) VALUES (:person_id, 1, 0, :now)
ON CONFLICT (person_id) DO UPDATE SET epoch = guard.epoch + 1, changed_at = excluded.changed_at;

-- name: guard_make exec
-- params: person_id i64, now i64
INSERT INTO guard (person_id, epoch, last_at, changed_at) VALUES (:person_id, 1, 0, :now)
ON CONFLICT DO NOTHING;

-- name: guard_pass exec
-- params: person_id i64, epoch i64, now i64
-- The hand over: only if nothing was said since the claim.
UPDATE guard SET epoch = epoch + 1, last_at = :now, changed_at = :now
WHERE person_id = :person_id AND epoch = :epoch;

-- name: link_list many
-- params: origin i64
-- row: link_no i64, url text
SELECT link_no, url FROM link WHERE origin = :origin ORDER BY link_no;

-- name: link_find one
-- params: origin i64, link_no i64
-- row: url text
SELECT url FROM link WHERE origin = :origin AND link_no = :link_no;

-- name: link_add exec
-- params: origin i64, link_no i64, url text
INSERT INTO link (origin, link_no, url) VALUES (:origin, :link_no, :url) ON CONFLICT DO NOTHING;

-- name: hit_add exec
-- params: person_id i64, hit_id i64, origin i64, occurrence i64, kind text, link_no i64, agent text?, at i64
INSERT INTO hit (person_id, hit_id, origin, occurrence, kind, link_no, agent, at)
VALUES (:person_id, :hit_id, :origin, :occurrence, :kind, :link_no, :agent, :at);

-- name: hit_last one
-- params: person_id i64, origin i64, occurrence i64, kind text, link_no i64, since i64
-- row: at i64
SELECT at FROM hit
WHERE person_id = :person_id AND origin = :origin AND occurrence = :occurrence AND kind = :kind
    AND link_no = :link_no AND at > :since LIMIT 1;

-- name: hit_people one
-- params: origin i64, kind text
-- row: people i64
SELECT COUNT(DISTINCT person_id) FROM hit WHERE origin = :origin AND kind = :kind;

-- name: messages_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: messages_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: erase_message exec
-- params: person_id i64, rows i64
UPDATE message SET address = NULL WHERE person_id = :person_id AND address IS NOT NULL
    AND message_id IN (SELECT message_id FROM message
        WHERE person_id = :person_id AND address IS NOT NULL LIMIT :rows);

-- name: erase_hit exec
-- params: person_id i64, rows i64
DELETE FROM hit WHERE person_id = :person_id
    AND hit_id IN (SELECT hit_id FROM hit WHERE person_id = :person_id LIMIT :rows);

-- name: export_message many
-- params: person_id i64
-- row: origin i64, occurrence i64, state text, reason text?, address text?, handed_at i64?, created_at i64
SELECT origin, occurrence, state, reason, address, handed_at, created_at FROM message
WHERE person_id = :person_id ORDER BY origin, occurrence;

-- name: export_hit many
-- params: person_id i64
-- row: origin i64, kind text, link_no i64, agent text?, at i64
SELECT origin, kind, link_no, agent, at FROM hit WHERE person_id = :person_id ORDER BY hit_id;

-- name: verify_messages many
-- params: after_person i64, after_origin i64, after_occurrence i64, rows i64
-- row: person_id i64, origin i64, occurrence i64, state text, owner i64, handed_at i64?, address_hash blob?, consent_id i64, attestation_id i64
SELECT person_id, origin, occurrence, state, owner, handed_at, address_hash, consent_id,
    attestation_id
FROM message
WHERE (person_id, origin, occurrence) > (:after_person, :after_origin, :after_occurrence)
ORDER BY person_id, origin, occurrence LIMIT :rows;
