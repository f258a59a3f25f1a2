-- Statements of measure: chunked scans that fill the facts, and what Home and the reconcile page
-- ask for beside them.

-- A declared scan: key-ranged chunks. Everything is read, what does not count is left out in C, so
-- that a chunk's time is bounded.
-- name: facts_orders many
-- params: person_id i64, order_id i64, rows i64
-- row: person_id i64, order_id i64, state text, confirmed i64, base_revenue i64?, base_net i64?, item_count i64, occurred_at i64
SELECT person_id, order_id, state, confirmed, base_revenue, base_net, item_count, occurred_at
FROM orders
WHERE (person_id, order_id) > (:person_id, :order_id)
ORDER BY person_id, order_id
LIMIT :rows;

-- name: facts_refunds many
-- params: person_id i64, refund_id i64, rows i64
-- row: person_id i64, refund_id i64, order_id i64?, state text, confirmed i64, base_amount i64?, occurred_at i64
SELECT person_id, refund_id, order_id, state, confirmed, base_amount, occurred_at
FROM refund
WHERE (person_id, refund_id) > (:person_id, :refund_id)
ORDER BY person_id, refund_id
LIMIT :rows;

-- name: measure_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: parked_count one
-- row: parked i64
SELECT COUNT(*) FROM parked WHERE settled_at IS NULL;

-- name: import_last many
-- row: import_id i64, kind text, state text, counts text, created_at i64
SELECT import_id, kind, state, counts, created_at FROM import ORDER BY import_id DESC LIMIT 20;

-- name: api_key_used one
-- row: used i64
SELECT COUNT(*) FROM api_key WHERE used_at IS NOT NULL;
