-- Statements that suggest names and values to somebody who builds a rule: bounded looks at what
-- came in last, never whole tables (declared scans of at most SUGGEST_ROWS rows each).

-- On PostgreSQL, where events are kept by person, the people known last are looked at.
-- name: suggest_events many
-- params: before_person i64, before_event i64, name_id i64, rows i64
-- row: event_id i64, person_id i64, name_id i64, payload text?
SELECT event_id, person_id, name_id, CASE WHEN name_id = :name_id THEN payload END AS payload
FROM event
WHERE event_id < :before_event AND :before_person = :before_person
ORDER BY event_id DESC LIMIT :rows;
-- postgres:
SELECT event_id, person_id, name_id, CASE WHEN name_id = :name_id THEN payload END AS payload
FROM event
WHERE (person_id, event_id) < (:before_person, :before_event)
ORDER BY person_id DESC, event_id DESC LIMIT :rows;

-- name: suggest_traits many
-- params: rows i64
-- row: person_id i64, name text, value text, confirmed i64
SELECT person_id, name, value, confirmed FROM trait
ORDER BY person_id DESC, name, trait_id LIMIT :rows;

-- name: suggest_people many
-- params: rows i64
-- row: person_id i64, listed i64, country text?
SELECT person_id, listed, country FROM person_summary ORDER BY person_id DESC LIMIT :rows;

-- name: suggest_tags many
-- params: rows i64
-- row: person_id i64, tag text
SELECT person_id, tag FROM person_tag ORDER BY person_id DESC, tag LIMIT :rows;
