-- Statements of consent.c.

-- name: consent_insert exec
-- params: person_id i64, consent_id i64, address_hash blob?, channel text, topic text, state text, basis text, text text?, proof text?, source_id i64, actor text, by_person i64, occurred_at i64, received_at i64, expires_at i64?
INSERT INTO consent (person_id, consent_id, address_hash, channel, topic, state, basis, text, proof,
    source_id, actor, by_person, occurred_at, received_at, expires_at)
VALUES (:person_id, :consent_id, :address_hash, :channel, :topic, :state, :basis, :text, :proof,
    :source_id, :actor, :by_person, :occurred_at, :received_at, :expires_at);

-- name: address_consent_insert exec
-- params: address_hash blob, channel text, topic text, consent_id i64, state text, by_person i64, occurred_at i64, expires_at i64?, reason text?, source_id i64?
INSERT INTO address_consent (address_hash, channel, topic, consent_id, state, by_person,
    occurred_at, expires_at, reason, source_id)
VALUES (:address_hash, :channel, :topic, :consent_id, :state, :by_person, :occurred_at, :expires_at,
    :reason, :source_id);

-- name: consent_of_person many
-- params: person_id i64
-- row: consent_id i64, address_hash blob?, channel text, topic text, state text, basis text, text text?, proof text?, source_id i64, actor text, by_person i64, occurred_at i64, received_at i64, expires_at i64?
SELECT consent_id, address_hash, channel, topic, state, basis, text, proof, source_id, actor,
    by_person, occurred_at, received_at, expires_at
FROM consent WHERE person_id = :person_id
ORDER BY consent_id;

-- name: consent_of_address many
-- params: address_hash blob, channel text
-- row: consent_id i64, topic text, state text, by_person i64, occurred_at i64, expires_at i64?, reason text?, source_id i64?
SELECT consent_id, topic, state, by_person, occurred_at, expires_at, reason, source_id
FROM address_consent
WHERE address_hash = :address_hash AND channel IN (:channel, '*')
ORDER BY consent_id;

-- name: address_consent_find one
-- params: address_hash blob, channel text, topic text, consent_id i64
-- row: state text
SELECT state FROM address_consent
WHERE address_hash = :address_hash AND channel = :channel AND topic = :topic
    AND consent_id = :consent_id;

-- name: address_consent_all many
-- params: address_hash blob
-- row: channel text, topic text, consent_id i64, state text, reason text?, occurred_at i64, expires_at i64?
SELECT channel, topic, consent_id, state, reason, occurred_at, expires_at FROM address_consent
WHERE address_hash = :address_hash ORDER BY channel, topic, consent_id;

-- name: consent_link_time many
-- params: stem i64
-- row: at i64
-- When a stem was joined to the one it hangs on now.
SELECT at FROM person_link WHERE stem = :stem AND ended_at IS NULL;
