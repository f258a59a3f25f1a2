-- Statements of list.c: pages of the list, by key, and the scan of a search.

-- name: list_by_name many
-- params: sort_name text, person_id i64, rows i64
-- row: person_id i64, sort_name text
SELECT person_id, sort_name FROM person_summary
WHERE listed = 1 AND (sort_name, person_id) > (:sort_name, :person_id)
ORDER BY sort_name, person_id LIMIT :rows;

-- name: list_by_name_down many
-- params: sort_name text, person_id i64, rows i64
-- row: person_id i64, sort_name text
SELECT person_id, sort_name FROM person_summary
WHERE listed = 1 AND (sort_name, person_id) < (:sort_name, :person_id)
ORDER BY sort_name DESC, person_id DESC LIMIT :rows;

-- name: list_by_id many
-- params: person_id i64, rows i64
-- row: person_id i64
SELECT person_id FROM person_summary
WHERE listed = 1 AND person_id > :person_id
ORDER BY person_id LIMIT :rows;

-- name: list_by_id_down many
-- params: person_id i64, rows i64
-- row: person_id i64
SELECT person_id FROM person_summary
WHERE listed = 1 AND person_id < :person_id
ORDER BY person_id DESC LIMIT :rows;

-- name: list_scan many
-- params: person_id i64, rows i64
-- row: person_id i64, search text, sort_name text, listed i64
SELECT person_id, search, sort_name, listed FROM person_summary
WHERE person_id > :person_id
ORDER BY person_id LIMIT :rows;

-- name: list_count one
-- row: count i64
SELECT COUNT(person_id) FROM person_summary WHERE listed = 1;

-- name: tag_list many
-- params: person_id i64
-- row: tag text, author text, at i64
SELECT tag, author, at FROM person_tag WHERE person_id = :person_id ORDER BY tag;
