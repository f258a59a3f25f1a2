-- Statements of erase.c and export.c: the personal tables of this folder.

-- name: erasure_insert exec
-- params: erasure_id i64, person_id i64, stems text, asked_at i64
INSERT INTO erasure (erasure_id, person_id, stems, asked_at)
VALUES (:erasure_id, :person_id, :stems, :asked_at);

-- name: erasure_find one
-- params: erasure_id i64
-- row: person_id i64, stems text, asked_at i64, done_at i64?
SELECT person_id, stems, asked_at, done_at FROM erasure WHERE erasure_id = :erasure_id;

-- name: erasure_done exec
-- params: erasure_id i64, done_at i64
UPDATE erasure SET done_at = :done_at WHERE erasure_id = :erasure_id;

-- name: erasure_open many
-- row: erasure_id i64, person_id i64, asked_at i64
SELECT erasure_id, person_id, asked_at FROM erasure WHERE done_at IS NULL ORDER BY erasure_id;

-- name: erase_person exec
-- params: person_id i64, at i64
UPDATE person SET erased_at = :at WHERE person_id = :person_id AND erased_at IS NULL;

-- name: erase_links exec
-- params: stem i64
DELETE FROM person_link WHERE stem = :stem;

-- name: erase_summary exec
-- params: person_id i64
DELETE FROM person_summary WHERE person_id = :person_id;

-- name: erase_person_identity exec
-- params: person_id i64, rows i64
DELETE FROM person_identity WHERE person_id = :person_id AND (kind, value) IN (
    SELECT kind, value FROM person_identity WHERE person_id = :person_id
    ORDER BY kind, value LIMIT :rows);

-- name: erase_trait exec
-- params: person_id i64, rows i64
DELETE FROM trait WHERE person_id = :person_id AND trait_id IN (
    SELECT trait_id FROM trait WHERE person_id = :person_id ORDER BY trait_id LIMIT :rows);

-- name: erase_consent exec
-- params: person_id i64, rows i64
DELETE FROM consent WHERE person_id = :person_id AND consent_id IN (
    SELECT consent_id FROM consent WHERE person_id = :person_id ORDER BY consent_id LIMIT :rows);

-- name: erase_note exec
-- params: person_id i64, rows i64
DELETE FROM note WHERE person_id = :person_id AND note_id IN (
    SELECT note_id FROM note WHERE person_id = :person_id ORDER BY note_id LIMIT :rows);

-- name: erase_tag exec
-- params: person_id i64, rows i64
DELETE FROM person_tag WHERE person_id = :person_id AND tag IN (
    SELECT tag FROM person_tag WHERE person_id = :person_id ORDER BY tag LIMIT :rows);

-- name: export_links many
-- params: stem i64
-- row: merge_id i64, person_id i64, at i64, ended_at i64?
SELECT merge_id, person_id, at, ended_at FROM person_link WHERE stem = :stem
ORDER BY at, merge_id;
