-- Statements of verify.c: declared scans, in key order and chunks.

-- name: verify_identities many
-- params: kind text, value text, rows i64
-- row: kind text, value text, person_id i64, confirmed i64
SELECT kind, value, person_id, confirmed FROM identity
WHERE (kind, value) > (:kind, :value)
ORDER BY kind, value LIMIT :rows;

-- name: verify_mirror one
-- params: person_id i64, kind text, value text
-- row: state text
SELECT state FROM person_identity
WHERE person_id = :person_id AND kind = :kind AND value = :value;

-- name: verify_mirrors many
-- params: person_id i64, kind text, value text, rows i64
-- row: person_id i64, kind text, value text
SELECT person_id, kind, value FROM person_identity
WHERE (person_id, kind, value) > (:person_id, :kind, :value)
ORDER BY person_id, kind, value LIMIT :rows;

-- name: verify_links many
-- params: stem i64, merge_id i64, rows i64
-- row: stem i64, merge_id i64, person_id i64, ended_at i64?
SELECT stem, merge_id, person_id, ended_at FROM person_link
WHERE (stem, merge_id) > (:stem, :merge_id)
ORDER BY stem, merge_id LIMIT :rows;

-- name: verify_people many
-- params: person_id i64, rows i64
-- row: person_id i64, erased_at i64?
SELECT person_id, erased_at FROM person WHERE person_id > :person_id
ORDER BY person_id LIMIT :rows;

-- name: verify_consents many
-- params: person_id i64, consent_id i64, rows i64
-- row: person_id i64, consent_id i64, address_hash blob?, channel text, topic text, state text
SELECT person_id, consent_id, address_hash, channel, topic, state FROM consent
WHERE (person_id, consent_id) > (:person_id, :consent_id)
ORDER BY person_id, consent_id LIMIT :rows;

-- name: verify_address_consents many
-- params: address_hash blob, channel text, topic text, consent_id i64, rows i64
-- row: address_hash blob, channel text, topic text, consent_id i64, state text, reason text?
SELECT address_hash, channel, topic, consent_id, state, reason FROM address_consent
WHERE (address_hash, channel, topic, consent_id) > (:address_hash, :channel, :topic, :consent_id)
ORDER BY address_hash, channel, topic, consent_id LIMIT :rows;

-- name: verify_attestations many
-- row: attestation_id i64, law text, country text, text text
SELECT attestation_id, law, country, text FROM attestation ORDER BY attestation_id;

-- name: verify_open_erasures one
-- params: asked_before i64
-- row: count i64
SELECT COUNT(erasure_id) FROM erasure WHERE done_at IS NULL AND asked_at < :asked_before;
