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

-- A lock of the session, for the process that writes; SQLite has the lock of the data folder.
-- name: database_claim one
-- params: key i64
-- row: claimed i64
SELECT 1 WHERE :key <> 0;
-- postgres:
SELECT CASE WHEN pg_try_advisory_lock(:key) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END;

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
WHERE node.leased_until <= :now OR node.owner = :owner;

-- name: node_mine one
-- params: owner text
-- row: node_id i64
SELECT node_id FROM node WHERE owner = :owner LIMIT 1;

-- name: node_keep exec
-- params: node_id i64, owner text, leased_until i64, highest_id i64
UPDATE node SET leased_until = :leased_until, highest_id = :highest_id
WHERE node_id = :node_id AND owner = :owner;

-- name: node_highest one
-- row: highest_id i64
SELECT CAST(COALESCE(MAX(highest_id), 0) AS INTEGER) FROM node;

-- name: setting_find one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: setting_save exec
-- params: name text, value text, changed_at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :changed_at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: setting_delete exec
-- params: name text
DELETE FROM setting WHERE name = :name;

-- How far a stage has come. One row per node.
-- name: stage_find one
-- params: node_id i64, name text
-- row: position i64, item i64?, deaths i64
SELECT position, item, deaths FROM stage WHERE node_id = :node_id AND name = :name;

-- name: stage_save exec
-- params: node_id i64, name text, position i64, item i64?, deaths i64, changed_at i64
INSERT INTO stage (node_id, name, position, item, deaths, changed_at)
VALUES (:node_id, :name, :position, :item, :deaths, :changed_at)
ON CONFLICT (node_id, name) DO UPDATE SET position = excluded.position, item = excluded.item,
    deaths = excluded.deaths, changed_at = excluded.changed_at;

-- Items that need attention.
-- name: parked_add exec
-- params: parked_id i64, stage text, item i64, reason text, at i64
INSERT INTO parked (parked_id, stage, item, reason, at, settled_at)
VALUES (:parked_id, :stage, :item, :reason, :at, NULL);

-- name: parked_list many
-- params: limit i64
-- row: parked_id i64, stage text, item i64, reason text, at i64
SELECT parked_id, stage, item, reason, at FROM parked WHERE settled_at IS NULL
ORDER BY parked_id DESC LIMIT :limit;

-- name: parked_of_stage many
-- params: stage text
-- row: item i64
SELECT item FROM parked WHERE stage = :stage AND settled_at IS NULL;

-- name: attention_count one
-- row: count i64
SELECT COUNT(parked_id) FROM parked WHERE settled_at IS NULL;

-- name: parked_find one
-- params: parked_id i64
-- row: stage text, item i64
SELECT stage, item FROM parked WHERE parked_id = :parked_id AND settled_at IS NULL;

-- name: parked_settle exec
-- params: parked_id i64, settled_at i64
UPDATE parked SET settled_at = :settled_at WHERE parked_id = :parked_id AND settled_at IS NULL;

-- name: epoch_any one
-- row: value text
SELECT value FROM setting WHERE name >= 'store.epoch.' AND name < 'store.epoch/' LIMIT 1;

-- SQLite's size is that of its files.
-- name: database_bytes one
-- row: bytes i64
SELECT CAST(0 AS INTEGER);
-- postgres:
SELECT pg_database_size(current_database());
