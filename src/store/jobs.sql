-- Jobs: work that a transaction asks for and a worker does later.

-- One open job per (kind, key). Asked for again while due: the earlier time counts. While running:
-- the changed due_at makes it run once more.
-- name: job_add exec
-- params: job_id i64, kind text, job_key text, due_at i64, payload text, now i64
INSERT INTO job (job_id, kind, job_key, state, due_at, leased_until, owner, attempts, payload, progress,
    reason, created_at, changed_at)
VALUES (:job_id, :kind, :job_key, 'due', :due_at, NULL, NULL, 0, :payload, NULL, NULL, :now, :now)
ON CONFLICT (kind, job_key) WHERE state IN ('due', 'running') DO UPDATE SET
    due_at = CASE WHEN job.state = 'running' AND excluded.due_at <= job.due_at THEN job.due_at + 1
                  WHEN job.state = 'due' AND excluded.due_at > job.due_at THEN job.due_at
                  ELSE excluded.due_at END,
    payload = excluded.payload, changed_at = excluded.changed_at;

-- name: job_due_list many
-- params: now i64, limit i64
-- row: job_id i64, kind text, job_key text, due_at i64, attempts i64, payload text, reason text?, progress text?
SELECT job_id, kind, job_key, due_at, attempts, payload, reason, progress FROM job
WHERE state = 'due' AND due_at <= :now ORDER BY due_at LIMIT :limit;

-- name: job_due_count one
-- params: now i64
-- row: count i64
SELECT COUNT(job_id) FROM job WHERE state = 'due' AND due_at <= :now;

-- name: job_claim exec
-- params: job_id i64, owner text, leased_until i64, now i64
UPDATE job SET state = 'running', owner = :owner, leased_until = :leased_until,
    attempts = attempts + 1, changed_at = :now
WHERE job_id = :job_id AND state = 'due' AND due_at <= :now;

-- name: job_renew exec
-- params: job_id i64, owner text, leased_until i64
UPDATE job SET leased_until = :leased_until
WHERE job_id = :job_id AND owner = :owner AND state = 'running';

-- name: job_progress_save exec
-- params: job_id i64, owner text, progress text, now i64
UPDATE job SET progress = :progress, changed_at = :now
WHERE job_id = :job_id AND owner = :owner AND state = 'running';

-- A job asked for again while it ran is due again.
-- name: job_done exec
-- params: job_id i64, owner text, claimed_due_at i64, now i64
UPDATE job SET state = CASE WHEN due_at = :claimed_due_at THEN 'done' ELSE 'due' END,
    owner = NULL, leased_until = NULL, reason = NULL, changed_at = :now,
    attempts = CASE WHEN due_at = :claimed_due_at THEN attempts ELSE 0 END
WHERE job_id = :job_id AND owner = :owner AND state = 'running';

-- name: job_retry exec
-- params: job_id i64, owner text, due_at i64, reason text?, attempts i64, now i64
UPDATE job SET state = 'due', due_at = :due_at, owner = NULL, leased_until = NULL,
    reason = :reason, attempts = :attempts, changed_at = :now
WHERE job_id = :job_id AND owner = :owner AND state = 'running';

-- name: job_park exec
-- params: job_id i64, reason text, now i64
UPDATE job SET state = 'parked', owner = NULL, leased_until = NULL, reason = :reason, changed_at = :now
WHERE job_id = :job_id AND state = 'running';

-- Jobs whose process is gone.
-- name: job_orphans many
-- params: now i64
-- row: job_id i64, kind text, owner text?, reason text?, due_at i64, attempts i64
SELECT job_id, kind, owner, reason, due_at, attempts FROM job
WHERE state = 'running' AND leased_until < :now ORDER BY job_id LIMIT 100;

-- This folder's process has just started: what it ran before is nobody's.
-- name: job_orphan_mine exec
-- params: owner text
UPDATE job SET leased_until = 0 WHERE state = 'running' AND owner = :owner;

-- SQLite: there is no other process.
-- name: job_orphan_all exec
UPDATE job SET leased_until = 0 WHERE state = 'running';

-- name: job_unpark exec
-- params: job_id i64, now i64
UPDATE job SET state = 'due', due_at = :now, reason = NULL, attempts = 0, changed_at = :now
WHERE job_id = :job_id AND state = 'parked';

-- name: job_drop exec
-- params: job_id i64, now i64
UPDATE job SET state = 'done', changed_at = :now WHERE job_id = :job_id AND state = 'parked';

-- Done jobs are kept for a while, for people who look.
-- name: job_forget exec
-- params: before i64
DELETE FROM job WHERE job_id IN
    (SELECT job_id FROM job WHERE state = 'done' AND changed_at < :before LIMIT 500);

-- name: job_find_open one
-- params: kind text, job_key text
-- row: job_id i64, state text, due_at i64, attempts i64, progress text?, reason text?
SELECT job_id, state, due_at, attempts, progress, reason FROM job
WHERE kind = :kind AND job_key = :job_key AND state IN ('due', 'running');
