-- Statements of person.c and profile.c: what a member of the business does by hand.

-- name: note_insert exec
-- params: person_id i64, note_id i64, body text, author text, at i64
INSERT INTO note (person_id, note_id, body, author, at)
VALUES (:person_id, :note_id, :body, :author, :at);

-- name: note_list many
-- params: person_id i64
-- row: note_id i64, body text, author text, at i64
SELECT note_id, body, author, at FROM note
WHERE person_id = :person_id AND deleted_at IS NULL
ORDER BY note_id DESC;

-- name: note_delete exec
-- params: person_id i64, note_id i64
DELETE FROM note WHERE person_id = :person_id AND note_id = :note_id;

-- name: tag_insert exec
-- params: person_id i64, tag text, author text, at i64
INSERT INTO person_tag (person_id, tag, author, at)
VALUES (:person_id, :tag, :author, :at) ON CONFLICT DO NOTHING;

-- name: tag_delete exec
-- params: person_id i64, tag text
DELETE FROM person_tag WHERE person_id = :person_id AND tag = :tag;

-- name: profile_links many
-- params: stem i64
-- row: merge_id i64, person_id i64, at i64, ended_at i64?
SELECT merge_id, person_id, at, ended_at FROM person_link
WHERE stem = :stem ORDER BY at, merge_id;

-- name: profile_source one
-- params: source_id i64
-- row: name text, kind text
SELECT name, kind FROM source WHERE source_id = :source_id;
