-- Statements of resolve.c and merge.c: claims of identities, and links.

-- name: identity_claim exec
-- params: kind text, value text, person_id i64, confirmed i64, created_at i64
-- First come, first served, also between several processes on one PostgreSQL.
INSERT INTO identity (kind, value, person_id, confirmed, created_at)
VALUES (:kind, :value, :person_id, :confirmed, :created_at) ON CONFLICT DO NOTHING;

-- name: identity_find one
-- params: kind text, value text
-- row: person_id i64, confirmed i64
SELECT person_id, confirmed FROM identity WHERE kind = :kind AND value = :value;

-- name: identity_move exec
-- params: kind text, value text, person_id i64, confirmed i64
UPDATE identity SET person_id = :person_id, confirmed = :confirmed
WHERE kind = :kind AND value = :value;

-- name: identity_delete exec
-- params: kind text, value text, person_id i64
DELETE FROM identity WHERE kind = :kind AND value = :value AND person_id = :person_id;

-- name: person_identity_put exec
-- params: person_id i64, kind text, value text, source_id i64, trust i64, state text, at i64
INSERT INTO person_identity
    (person_id, kind, value, source_id, trust, state, first_seen_at, last_seen_at)
VALUES (:person_id, :kind, :value, :source_id, :trust, :state, :at, :at)
ON CONFLICT (person_id, kind, value) DO UPDATE
SET source_id = excluded.source_id, trust = excluded.trust, state = excluded.state,
    last_seen_at = excluded.last_seen_at;

-- name: person_identity_delete exec
-- params: person_id i64, kind text, value text
DELETE FROM person_identity WHERE person_id = :person_id AND kind = :kind AND value = :value;

-- name: person_identity_facts many
-- params: person_id i64
-- row: kind text, state text
SELECT kind, state FROM person_identity WHERE person_id = :person_id;

-- name: person_identity_list many
-- params: person_id i64
-- row: kind text, value text, source_id i64, trust i64, state text, first_seen_at i64, last_seen_at i64
SELECT kind, value, source_id, trust, state, first_seen_at, last_seen_at
FROM person_identity WHERE person_id = :person_id
ORDER BY kind, first_seen_at, value;

-- name: person_identity_count one
-- params: person_id i64, kind text
-- row: count i64
SELECT COUNT(value) FROM person_identity WHERE person_id = :person_id AND kind = :kind;

-- name: link_insert exec
-- params: stem i64, merge_id i64, person_id i64, at i64
INSERT INTO person_link (stem, merge_id, person_id, at)
VALUES (:stem, :merge_id, :person_id, :at);

-- name: link_end exec
-- params: stem i64, merge_id i64, at i64
UPDATE person_link SET ended_at = :at
WHERE stem = :stem AND merge_id = :merge_id AND ended_at IS NULL;

-- name: merge_insert exec
-- params: merge_id i64, winner i64, loser i64, reason text, actor text, at i64
INSERT INTO merge (merge_id, winner, loser, reason, actor, at)
VALUES (:merge_id, :winner, :loser, :reason, :actor, :at);

-- name: merge_find one
-- params: merge_id i64
-- row: winner i64, loser i64, reason text, actor text, at i64, undone_at i64?
SELECT winner, loser, reason, actor, at, undone_at FROM merge WHERE merge_id = :merge_id;

-- name: merge_undo exec
-- params: merge_id i64, at i64, actor text
UPDATE merge SET undone_at = :at, undone_by = :actor
WHERE merge_id = :merge_id AND undone_at IS NULL;
