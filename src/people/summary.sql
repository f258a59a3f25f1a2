-- Statements of summary.c and list.c.

-- name: summary_put exec
-- params: person_id i64, name text?, email text?, phone text?, country text?, search text, sort_name text, listed i64, created_at i64
INSERT INTO person_summary
    (person_id, name, email, phone, country, search, sort_name, listed, created_at)
VALUES (:person_id, :name, :email, :phone, :country, :search, :sort_name, :listed, :created_at)
ON CONFLICT (person_id) DO UPDATE
SET name = excluded.name, email = excluded.email, phone = excluded.phone,
    country = excluded.country, search = excluded.search, sort_name = excluded.sort_name,
    listed = excluded.listed;

-- name: summary_find one
-- params: person_id i64
-- row: name text?, email text?, phone text?, country text?, search text, sort_name text, listed i64, created_at i64
SELECT name, email, phone, country, search, sort_name, listed, created_at
FROM person_summary WHERE person_id = :person_id;

-- name: summary_unlist exec
-- params: person_id i64
UPDATE person_summary SET listed = 0 WHERE person_id = :person_id;
