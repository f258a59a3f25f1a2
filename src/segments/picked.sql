-- Statements of segments: those that are a list of people.

-- name: load_picks many
-- params: segment_id i64, person_id i64, added_at i64, rows i64
-- row: person_id i64, added_at i64, removed_at i64?
SELECT person_id, added_at, removed_at FROM segment_pick
WHERE segment_id = :segment_id AND (person_id, added_at) > (:person_id, :added_at)
ORDER BY person_id, added_at LIMIT :rows;

-- name: load_picks_of many
-- params: person_id i64, segment_id i64
-- row: added_at i64, removed_at i64?
SELECT added_at, removed_at FROM segment_pick
WHERE person_id = :person_id AND segment_id = :segment_id ORDER BY added_at;

-- name: pick_open one
-- params: person_id i64, segment_id i64
-- row: added_at i64
SELECT added_at FROM segment_pick
WHERE person_id = :person_id AND segment_id = :segment_id AND removed_at IS NULL;

-- name: pick_count one
-- params: segment_id i64
-- row: picks i64
SELECT COUNT(*) AS picks FROM segment_pick WHERE segment_id = :segment_id AND removed_at IS NULL;

-- Taken off and put back within the same millisecond: as if it had not been.
-- name: pick_add exec
-- params: person_id i64, segment_id i64, at i64
INSERT INTO segment_pick (person_id, segment_id, added_at) VALUES (:person_id, :segment_id, :at)
ON CONFLICT (person_id, segment_id, added_at) DO UPDATE SET removed_at = NULL;

-- name: pick_remove exec
-- params: person_id i64, segment_id i64, at i64
UPDATE segment_pick SET removed_at = :at
WHERE person_id = :person_id AND segment_id = :segment_id AND removed_at IS NULL;

-- name: pick_clear exec
-- params: segment_id i64, rows i64
DELETE FROM segment_pick WHERE (person_id, segment_id, added_at) IN
  (SELECT person_id, segment_id, added_at FROM segment_pick WHERE segment_id = :segment_id LIMIT :rows);

-- name: pick_touch exec
-- params: segment_id i64, at i64
UPDATE segment SET changed_at = :at WHERE segment_id = :segment_id;

-- name: erase_segment_pick exec
-- params: person_id i64, rows i64
DELETE FROM segment_pick WHERE (person_id, segment_id, added_at) IN
  (SELECT person_id, segment_id, added_at FROM segment_pick WHERE person_id = :person_id LIMIT :rows);

-- name: export_segment_pick many
-- params: person_id i64
-- row: segment_id i64, name text?, added_at i64, removed_at i64?
SELECT pick.segment_id, segment.name, pick.added_at, pick.removed_at
FROM segment_pick AS pick LEFT JOIN segment ON segment.segment_id = pick.segment_id
WHERE pick.person_id = :person_id ORDER BY pick.added_at;
