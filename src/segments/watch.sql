-- Statements of segments: the record of watched segments.

-- name: watch_segments many
-- row: segment_id i64, name text, rule text, version i64, watched_at i64, recorded i64?, notify i64
SELECT segment_id, name, rule, version, watched_at, recorded, notify FROM segment
WHERE watched_at IS NOT NULL ORDER BY segment_id;

-- name: watch_segment one
-- params: segment_id i64
-- row: version i64, watched_at i64?, recorded i64?
SELECT version, watched_at, recorded FROM segment WHERE segment_id = :segment_id;

-- name: watch_recorded exec
-- params: segment_id i64, version i64
UPDATE segment SET recorded = :version WHERE segment_id = :segment_id AND version = :version;

-- name: watch_behind exec
-- params: segment_id i64
UPDATE segment SET recorded = NULL WHERE segment_id = :segment_id;

-- Zone, currency and usual gap that the records were made with.
-- name: watch_business_save exec
-- params: value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES ('segments.business', :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: watch_set exec
-- params: segment_id i64, at i64?
UPDATE segment SET watched_at = :at, recorded = NULL WHERE segment_id = :segment_id;

-- name: dirty_note exec
-- params: person_id i64, at i64
INSERT INTO segment_dirty (person_id, revision, at) VALUES (:person_id, 1, :at)
ON CONFLICT (person_id) DO UPDATE SET revision = segment_dirty.revision + 1;

-- name: dirty_list many
-- params: rows i64
-- row: person_id i64, revision i64, at i64
SELECT person_id, revision, at FROM segment_dirty ORDER BY at LIMIT :rows;

-- name: dirty_drop exec
-- params: person_id i64, revision i64
DELETE FROM segment_dirty WHERE person_id = :person_id AND revision = :revision;

-- name: dirty_one one
-- params: person_id i64
-- row: revision i64, at i64
SELECT revision, at FROM segment_dirty WHERE person_id = :person_id;

-- name: dirty_follow exec
-- params: person_id i64, at i64
UPDATE segment_dirty SET at = :at WHERE person_id = :person_id;

-- name: due_list many
-- params: now i64, rows i64
-- row: person_id i64, segment_id i64, due_at i64
SELECT person_id, segment_id, due_at FROM segment_due WHERE due_at <= :now
ORDER BY due_at LIMIT :rows;

-- name: due_next one
-- row: due_at i64
SELECT due_at FROM segment_due ORDER BY due_at LIMIT 1;

-- name: due_of many
-- params: person_id i64
-- row: segment_id i64, due_at i64
SELECT segment_id, due_at FROM segment_due WHERE person_id = :person_id;

-- name: due_put exec
-- params: person_id i64, segment_id i64, due_at i64
INSERT INTO segment_due (person_id, segment_id, due_at) VALUES (:person_id, :segment_id, :due_at)
ON CONFLICT (person_id, segment_id) DO UPDATE SET due_at = excluded.due_at;

-- name: due_drop exec
-- params: person_id i64, segment_id i64
DELETE FROM segment_due WHERE person_id = :person_id AND segment_id = :segment_id;

-- The last step of a person in each segment: the stay they are in (0: none), and since when that
-- is so.
-- name: member_last many
-- params: person_id i64
-- row: segment_id i64, at i64, member_id i64
SELECT segment_id, MAX(CASE WHEN left_at IS NULL THEN entered_at ELSE left_at END) AS at,
       MAX(CASE WHEN left_at IS NULL THEN member_id ELSE 0 END) AS member_id
FROM segment_member WHERE person_id = :person_id GROUP BY segment_id;

-- name: member_enter exec
-- params: person_id i64, member_id i64, segment_id i64, version i64, entered_at i64, known_at i64
INSERT INTO segment_member (person_id, member_id, segment_id, version, entered_at, known_at)
VALUES (:person_id, :member_id, :segment_id, :version, :entered_at, :known_at)
ON CONFLICT DO NOTHING;

-- name: member_leave exec
-- params: person_id i64, member_id i64, left_at i64, known_at i64
UPDATE segment_member SET left_at = :left_at, left_known_at = :known_at
WHERE person_id = :person_id AND member_id = :member_id AND left_at IS NULL;

-- Stays that began without those that ended: both lie by segment.
-- name: member_count one
-- params: segment_id i64
-- row: members i64
SELECT (SELECT COUNT(*) FROM segment_member WHERE segment_id = :segment_id)
     - (SELECT COUNT(*) FROM segment_member
        WHERE segment_id = :segment_id AND left_at IS NOT NULL) AS members;

-- name: member_entered_since one
-- params: segment_id i64, since i64
-- row: people i64
SELECT COUNT(*) AS people FROM segment_member
WHERE segment_id = :segment_id AND entered_at >= :since;

-- name: member_left_since one
-- params: segment_id i64, since i64
-- row: people i64
SELECT COUNT(*) AS people FROM segment_member
WHERE segment_id = :segment_id AND left_at IS NOT NULL AND left_at >= :since;

-- name: member_known_at many
-- params: segment_id i64, known_at i64, after i64, rows i64
-- row: person_id i64
SELECT DISTINCT person_id FROM segment_member
WHERE segment_id = :segment_id AND known_at <= :known_at AND person_id > :after
  AND (left_known_at IS NULL OR left_known_at > :known_at)
ORDER BY person_id LIMIT :rows;

-- name: member_entered many
-- params: segment_id i64, rows i64
-- row: person_id i64, at i64
SELECT person_id, entered_at AS at FROM segment_member WHERE segment_id = :segment_id
ORDER BY entered_at DESC LIMIT :rows;

-- name: member_left many
-- params: segment_id i64, rows i64
-- row: person_id i64, at i64
SELECT person_id, left_at AS at FROM segment_member
WHERE segment_id = :segment_id AND left_at IS NOT NULL ORDER BY left_at DESC LIMIT :rows;

-- name: record_clear_members exec
-- params: segment_id i64, rows i64
DELETE FROM segment_member WHERE (person_id, member_id) IN
  (SELECT person_id, member_id FROM segment_member WHERE segment_id = :segment_id LIMIT :rows);

-- The last of the next rows by person, whatever segments they are of.
-- name: record_due_last one
-- params: after i64, rows i64
-- row: person_id i64?
SELECT MAX(person_id) AS person_id FROM
  (SELECT person_id FROM segment_due WHERE person_id > :after ORDER BY person_id LIMIT :rows) AS due;

-- name: record_clear_due exec
-- params: segment_id i64, after i64, last i64
DELETE FROM segment_due
WHERE person_id > :after AND person_id <= :last AND segment_id = :segment_id;

-- name: record_people many
-- params: after i64, rows i64
-- row: person_id i64
SELECT person_id FROM person_summary WHERE person_id > :after AND listed = 1
ORDER BY person_id LIMIT :rows;

-- name: version_insert exec
-- params: segment_id i64, version i64, rule text, at i64
INSERT INTO segment_version (segment_id, version, rule, at)
VALUES (:segment_id, :version, :rule, :at);

-- name: erase_segment_member exec
-- params: person_id i64, rows i64
DELETE FROM segment_member WHERE (person_id, member_id) IN
  (SELECT person_id, member_id FROM segment_member WHERE person_id = :person_id LIMIT :rows);

-- name: erase_segment_due exec
-- params: person_id i64
DELETE FROM segment_due WHERE person_id = :person_id;

-- name: export_segment_member many
-- params: person_id i64
-- row: segment_id i64, name text?, entered_at i64, left_at i64?
SELECT member.segment_id, segment.name, member.entered_at, member.left_at
FROM segment_member AS member LEFT JOIN segment ON segment.segment_id = member.segment_id
WHERE member.person_id = :person_id ORDER BY member.entered_at;
