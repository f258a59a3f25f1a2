-- Statements of trait.c.

-- name: trait_insert exec
-- params: person_id i64, name text, trait_id i64, value text, source_id i64, trust i64, confirmed i64, occurred_at i64, received_at i64
INSERT INTO trait (person_id, name, trait_id, value, source_id, trust, confirmed, occurred_at,
    received_at)
VALUES (:person_id, :name, :trait_id, :value, :source_id, :trust, :confirmed, :occurred_at,
    :received_at);

-- name: trait_history many
-- params: person_id i64, name text
-- row: trait_id i64, value text, source_id i64, trust i64, confirmed i64, occurred_at i64, received_at i64
SELECT trait_id, value, source_id, trust, confirmed, occurred_at, received_at
FROM trait WHERE person_id = :person_id AND name = :name
ORDER BY trait_id;

-- name: trait_all many
-- params: person_id i64
-- row: name text, value text, source_id i64, trust i64, confirmed i64, occurred_at i64, received_at i64
SELECT name, value, source_id, trust, confirmed, occurred_at, received_at
FROM trait WHERE person_id = :person_id
ORDER BY name, trait_id;

-- name: trait_name_count one
-- params: person_id i64
-- row: count i64
SELECT COUNT(DISTINCT name) FROM trait WHERE person_id = :person_id;
