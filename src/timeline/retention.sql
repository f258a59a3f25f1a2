-- How long events are kept.

-- name: retention_rules many
-- row: name_id i64, days i64
SELECT name_id, days FROM retention ORDER BY name_id;

-- A declared scan in key ranges.
-- name: retention_scan many
-- params: person_id i64, event_id i64, rows i64
-- row: person_id i64, event_id i64, name_id i64, occurred_at i64
SELECT person_id, event_id, name_id, occurred_at FROM event
WHERE event_id > :event_id AND :person_id = :person_id
ORDER BY event_id LIMIT :rows;
-- postgres:
SELECT person_id, event_id, name_id, occurred_at FROM event
WHERE (person_id, event_id) > (:person_id, :event_id)
ORDER BY person_id, event_id LIMIT :rows;

-- name: retention_count exec
-- params: name_id i64, day i64
INSERT INTO event_daily (name_id, day, count) VALUES (:name_id, :day, 1)
ON CONFLICT (name_id, day) DO UPDATE SET count = event_daily.count + 1;
