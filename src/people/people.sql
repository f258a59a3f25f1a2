-- Statements that load the maps of people.h and keep the person row.

-- name: people_identities many
-- params: kind text, value text, rows i64
-- row: kind text, value text, person_id i64, confirmed i64
-- The look-up in key order, from behind (kind, value).
SELECT kind, value, person_id, confirmed FROM identity
WHERE (kind, value) > (:kind, :value)
ORDER BY kind, value LIMIT :rows;

-- name: people_identity_count one
-- row: count i64
SELECT COUNT(person_id) FROM identity;

-- name: people_links many
-- params: stem i64, merge_id i64, rows i64
-- row: stem i64, merge_id i64, person_id i64, ended_at i64?
SELECT stem, merge_id, person_id, ended_at FROM person_link
WHERE (stem, merge_id) > (:stem, :merge_id)
ORDER BY stem, merge_id LIMIT :rows;

-- name: people_link_count one
-- row: count i64
SELECT COUNT(stem) FROM person_link WHERE ended_at IS NULL;

-- name: people_erasures many
-- row: stems text
SELECT stems FROM erasure;

-- name: person_insert exec
-- params: person_id i64, source_id i64, trust i64, created_at i64
INSERT INTO person (person_id, source_id, trust, created_at)
VALUES (:person_id, :source_id, :trust, :created_at) ON CONFLICT DO NOTHING;

-- name: person_find one
-- params: person_id i64
-- row: source_id i64, trust i64, created_at i64, erased_at i64?
SELECT source_id, trust, created_at, erased_at FROM person WHERE person_id = :person_id;
