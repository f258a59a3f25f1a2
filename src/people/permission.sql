-- Statements of permission.c, permission_count.c and attestation.c.

-- name: permission_addresses many
-- params: person_id i64, kind text
-- row: value text, state text, ordered i64, first_seen_at i64
SELECT value, state, ordered, first_seen_at FROM person_identity
WHERE person_id = :person_id AND kind = :kind
ORDER BY first_seen_at, value;

-- name: permission_ordered exec
-- params: person_id i64, kind text, value text
UPDATE person_identity SET ordered = 1
WHERE person_id = :person_id AND kind = :kind AND value = :value AND ordered = 0;

-- Declared scans, in key order and chunks: everybody, their addresses and what was said.

-- name: permission_people many
-- params: person_id i64, rows i64
-- row: person_id i64, country text?, listed i64
SELECT person_id, country, listed FROM person_summary
WHERE person_id > :person_id
ORDER BY person_id LIMIT :rows;

-- name: permission_all_addresses many
-- params: person_id i64, kind text, value text, rows i64
-- row: person_id i64, value text, state text, ordered i64, first_seen_at i64
SELECT person_id, value, state, ordered, first_seen_at FROM person_identity
WHERE (person_id, kind, value) > (:person_id, :kind, :value) AND kind = :kind
ORDER BY person_id, kind, value LIMIT :rows;

-- name: permission_person_says many
-- params: person_id i64, consent_id i64, channel text, topic text, at i64, rows i64
-- row: person_id i64, consent_id i64, state text, source_id i64, by_person i64, occurred_at i64, expires_at i64?
SELECT person_id, consent_id, state, source_id, by_person, occurred_at, expires_at FROM consent
WHERE (person_id, consent_id) > (:person_id, :consent_id) AND address_hash IS NULL
    AND channel IN (:channel, '*') AND topic IN (:topic, '*') AND occurred_at <= :at
ORDER BY person_id, consent_id LIMIT :rows;

-- name: permission_address_says many
-- params: address_hash blob, after_channel text, after_topic text, consent_id i64, channel text, topic text, at i64, rows i64
-- row: address_hash blob, channel text, topic text, consent_id i64, state text, by_person i64, occurred_at i64, expires_at i64?, reason text?, source_id i64?
SELECT address_hash, channel, topic, consent_id, state, by_person, occurred_at, expires_at, reason,
    source_id
FROM address_consent
WHERE (address_hash, channel, topic, consent_id) >
        (:address_hash, :after_channel, :after_topic, :consent_id)
    AND channel IN (:channel, '*') AND topic IN (:topic, '*') AND occurred_at <= :at
ORDER BY address_hash, channel, topic, consent_id LIMIT :rows;

-- name: attestation_insert exec
-- params: attestation_id i64, basis text, channel text, topic text, law text, country text, unknown_country i64, text text, actor text, at i64
INSERT INTO attestation (attestation_id, basis, channel, topic, law, country, unknown_country, text,
    actor, at)
VALUES (:attestation_id, :basis, :channel, :topic, :law, :country, :unknown_country, :text, :actor,
    :at);

-- name: attestation_end exec
-- params: attestation_id i64, at i64, actor text
UPDATE attestation SET ended_at = :at, ended_by = :actor
WHERE attestation_id = :attestation_id AND ended_at IS NULL;

-- name: attestation_find one
-- params: attestation_id i64
-- row: ended_at i64?
SELECT ended_at FROM attestation WHERE attestation_id = :attestation_id;

-- Declared scan: at most ATTESTATIONS_MAX rows.
-- name: attestation_list many
-- row: attestation_id i64, basis text, channel text, topic text, law text, country text, unknown_country i64, text text, actor text, at i64, ended_at i64?, ended_by text?
SELECT attestation_id, basis, channel, topic, law, country, unknown_country, text, actor, at,
    ended_at, ended_by
FROM attestation ORDER BY attestation_id DESC;
