-- Statements of the store itself. The table of applied migrations is made here, before any
-- migration runs.

-- name: migration_table_create exec
CREATE TABLE IF NOT EXISTS migration (
    version INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    steps_done INTEGER NOT NULL,
    step_count INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
);

-- name: migration_list many
-- row: version i64, name text, checksum text, steps_done i64, step_count i64
SELECT version, name, checksum, steps_done, step_count FROM migration ORDER BY version;

-- name: migration_steps_done one
-- params: version i64
-- row: steps_done i64
SELECT steps_done FROM migration WHERE version = :version;

-- name: migration_save exec
-- params: version i64, name text, checksum text, steps_done i64, step_count i64, applied_at i64
INSERT INTO migration (version, name, checksum, steps_done, step_count, applied_at)
VALUES (:version, :name, :checksum, :steps_done, :step_count, :applied_at)
ON CONFLICT (version) DO UPDATE SET steps_done = excluded.steps_done, applied_at = excluded.applied_at;

-- Keeps a second process from running the same step; SQLite has BEGIN IMMEDIATE for that.
-- name: migration_lock exec
UPDATE migration SET version = version WHERE version = 0;
-- postgres:
LOCK TABLE migration IN SHARE ROW EXCLUSIVE MODE;

-- name: node_held many
-- params: now i64
-- row: node_id i64
SELECT node_id FROM node WHERE leased_until > :now ORDER BY node_id;

-- name: node_free_all exec
UPDATE node SET leased_until = 0 WHERE leased_until > 0;

-- name: node_take exec
-- params: node_id i64, owner text, leased_until i64, now i64
INSERT INTO node (node_id, owner, leased_until, highest_id) VALUES (:node_id, :owner, :leased_until, 0)
ON CONFLICT (node_id) DO UPDATE SET owner = excluded.owner, leased_until = excluded.leased_until
WHERE node.leased_until <= :now;

-- name: node_keep exec
-- params: node_id i64, owner text, leased_until i64, highest_id i64
UPDATE node SET leased_until = :leased_until, highest_id = :highest_id
WHERE node_id = :node_id AND owner = :owner;

-- name: node_highest one
-- row: highest_id i64
SELECT CAST(COALESCE(MAX(highest_id), 0) AS INTEGER) FROM node;
