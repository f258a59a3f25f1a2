-- Refunds: one row per (shop, refund key).

-- name: refund_key_find one
-- params: shop_id i64, refund_key text
-- row: person_id i64, refund_id i64
SELECT person_id, refund_id FROM refund_key WHERE shop_id = :shop_id AND refund_key = :refund_key;

-- name: refund_key_put exec
-- params: shop_id i64, refund_key text, person_id i64, refund_id i64
INSERT INTO refund_key (shop_id, refund_key, person_id, refund_id)
VALUES (:shop_id, :refund_key, :person_id, :refund_id)
ON CONFLICT (shop_id, refund_key) DO UPDATE SET person_id = excluded.person_id;

-- name: refund_find one
-- params: person_id i64, refund_id i64
-- row: shop_id i64, refund_key text, order_id i64?, order_key text?, state text, confirmed i64, currency text, amount i64, base_amount i64?, source_id i64, trust i64, import_id i64?, fingerprint blob, occurred_at i64, received_at i64, event_id i64?
SELECT shop_id, refund_key, order_id, order_key, state, confirmed, currency, amount, base_amount,
       source_id, trust, import_id, fingerprint, occurred_at, received_at, event_id
FROM refund WHERE person_id = :person_id AND refund_id = :refund_id;

-- name: refund_put exec
-- params: person_id i64, refund_id i64, shop_id i64, refund_key text, order_id i64?, order_key text?, state text, confirmed i64, currency text, amount i64, base_amount i64?, source_id i64, trust i64, import_id i64?, fingerprint blob, occurred_at i64, received_at i64, event_id i64?
INSERT INTO refund (person_id, refund_id, shop_id, refund_key, order_id, order_key, state,
                    confirmed, currency, amount, base_amount, source_id, trust, import_id,
                    fingerprint, occurred_at, received_at, event_id)
VALUES (:person_id, :refund_id, :shop_id, :refund_key, :order_id, :order_key, :state, :confirmed,
        :currency, :amount, :base_amount, :source_id, :trust, :import_id, :fingerprint,
        :occurred_at, :received_at, :event_id)
ON CONFLICT (person_id, refund_id) DO UPDATE SET
    order_id = excluded.order_id, order_key = excluded.order_key, state = excluded.state,
    confirmed = excluded.confirmed, currency = excluded.currency, amount = excluded.amount,
    base_amount = excluded.base_amount, source_id = excluded.source_id, trust = excluded.trust,
    import_id = excluded.import_id, fingerprint = excluded.fingerprint,
    occurred_at = excluded.occurred_at, received_at = excluded.received_at,
    event_id = excluded.event_id;

-- name: refund_drop exec
-- params: person_id i64, refund_id i64
DELETE FROM refund WHERE person_id = :person_id AND refund_id = :refund_id;

-- name: refund_waiting_put exec
-- params: shop_id i64, order_key text, person_id i64, refund_id i64
INSERT INTO refund_waiting (shop_id, order_key, person_id, refund_id)
VALUES (:shop_id, :order_key, :person_id, :refund_id)
ON CONFLICT (shop_id, order_key, refund_id) DO UPDATE SET person_id = excluded.person_id;

-- name: refund_waiting_next one
-- params: shop_id i64, order_key text
-- row: person_id i64, refund_id i64
SELECT person_id, refund_id FROM refund_waiting
WHERE shop_id = :shop_id AND order_key = :order_key ORDER BY refund_id LIMIT 1;

-- name: refund_waiting_drop exec
-- params: shop_id i64, order_key text, refund_id i64
DELETE FROM refund_waiting
WHERE shop_id = :shop_id AND order_key = :order_key AND refund_id = :refund_id;

-- Declared scan.
-- name: refund_rebase_list many
-- params: person_id i64, refund_id i64, rows i64
-- row: person_id i64, refund_id i64, currency text, amount i64, occurred_at i64
SELECT person_id, refund_id, currency, amount, occurred_at
FROM refund WHERE (person_id, refund_id) > (:person_id, :refund_id)
ORDER BY person_id, refund_id LIMIT :rows;

-- name: refund_rebase_put exec
-- params: person_id i64, refund_id i64, base_amount i64?
UPDATE refund SET base_amount = :base_amount
WHERE person_id = :person_id AND refund_id = :refund_id;
