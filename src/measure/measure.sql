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

-- name: consent_any one
-- row: person_id i64
-- Whether anybody may be written to: somebody said yes, or the business swore to something.
SELECT attestation_id AS person_id FROM attestation WHERE ended_at IS NULL
UNION ALL SELECT person_id FROM consent WHERE state = 'granted' LIMIT 1;

-- name: summary_of one
-- params: person_id i64
-- row: name text?, email text?
SELECT name, email FROM person_summary WHERE person_id = :person_id;

-- Declared scans of the reconcile page: what an import's file said about its orders, beside what
-- the orders became. The import is picked out in C, so that a chunk's time is bounded.
-- name: reconcile_reports many
-- params: person_id i64, order_id i64, source_id i64, rows i64
-- row: person_id i64, order_id i64, source_id i64, import_id i64?, said i64, cancelled_at i64?, test i64, order_key text, state text, confirmed i64, currency text, revenue i64, order_at i64
SELECT r.person_id, r.order_id, r.source_id, r.import_id, COALESCE(r.revenue, r.lines_value) AS said,
       r.cancelled_at, r.test, o.order_key, o.state, o.confirmed, o.currency, o.revenue, o.occurred_at AS order_at
FROM order_report r
JOIN orders o ON o.person_id = r.person_id AND o.order_id = r.order_id
WHERE (r.person_id, r.order_id, r.source_id) > (:person_id, :order_id, :source_id)
ORDER BY r.person_id, r.order_id, r.source_id
LIMIT :rows;

-- name: reconcile_orders many
-- params: person_id i64, order_id i64, rows i64
-- row: person_id i64, order_id i64, shop_id i64, order_key text, number text?, state text, confirmed i64, currency text, revenue i64, occurred_at i64
SELECT person_id, order_id, shop_id, order_key, number, state, confirmed, currency, revenue,
       occurred_at
FROM orders
WHERE (person_id, order_id) > (:person_id, :order_id)
ORDER BY person_id, order_id
LIMIT :rows;

-- name: reconcile_refunds many
-- params: person_id i64, refund_id i64, rows i64
-- row: person_id i64, refund_id i64, import_id i64?, refund_key text, order_key text?, state text, confirmed i64, currency text, amount i64
SELECT person_id, refund_id, import_id, refund_key, order_key, state, confirmed, currency, amount
FROM refund
WHERE (person_id, refund_id) > (:person_id, :refund_id)
ORDER BY person_id, refund_id
LIMIT :rows;

-- name: reconcile_import one
-- params: import_id i64
-- row: kind text, state text, shop_id i64, counts text
SELECT kind, state, shop_id, counts FROM import WHERE import_id = :import_id;

-- name: reconcile_import_newest one
-- row: import_id i64
SELECT import_id FROM import WHERE kind = 'orders' AND state = 'done'
ORDER BY import_id DESC LIMIT 1;
