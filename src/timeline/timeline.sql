-- Statements of the timeline: names, events, de-duplication, history.

-- name: event_names many
-- row: name_id i64, name text, source_id i64, first_at i64
SELECT name_id, name, source_id, first_at FROM event_name ORDER BY name_id;

-- name: event_name_find one
-- params: name text
-- row: name_id i64, first_at i64
SELECT name_id, first_at FROM event_name WHERE name = :name;

-- name: event_name_insert exec
-- params: name_id i64, name text, source_id i64, first_at i64
INSERT INTO event_name (name_id, name, source_id, first_at)
VALUES (:name_id, :name, :source_id, :first_at)
ON CONFLICT DO NOTHING;

-- name: event_sources many
-- row: source_id i64, kind text, trust i64, name text, shop_id i64
SELECT source_id, kind, trust, name, shop_id FROM source ORDER BY source_id;

-- name: event_insert exec
-- params: event_id i64, person_id i64, name_id i64, source_id i64, flags i64, occurred_at i64, received_at i64, message_id text?, payload text
INSERT INTO event (event_id, person_id, name_id, source_id, flags, occurred_at, received_at,
                   message_id, payload)
VALUES (:event_id, :person_id, :name_id, :source_id, :flags, :occurred_at, :received_at,
        :message_id, :payload);

-- name: event_find one
-- params: person_id i64, event_id i64
-- row: event_id i64, person_id i64, name_id i64, source_id i64, flags i64, occurred_at i64, received_at i64, message_id text?, payload text
SELECT event_id, person_id, name_id, source_id, flags, occurred_at, received_at, message_id, payload
FROM event WHERE event_id = :event_id AND person_id = :person_id;

-- name: event_brief one
-- params: person_id i64, event_id i64
-- row: name_id i64, flags i64, occurred_at i64
SELECT name_id, flags, occurred_at FROM event WHERE event_id = :event_id AND person_id = :person_id;

-- Only on PostgreSQL, where the key begins with the person.
-- name: event_briefs many
-- params: person_id i64, after i64, limit i64
-- row: event_id i64, name_id i64, flags i64, occurred_at i64
SELECT event_id, name_id, flags, occurred_at FROM event
WHERE person_id = :person_id AND event_id > :after ORDER BY event_id LIMIT :limit;

-- A scan of all events in the order of the key, in chunks: to rebuild the runs, for retention, for
-- checks. SQLite's key is the event id alone.
-- name: event_keys many
-- params: after_person i64, after_event i64, limit i64
-- row: event_id i64, person_id i64, name_id i64, source_id i64, occurred_at i64, received_at i64, message_id text?
SELECT event_id, person_id, name_id, source_id, occurred_at, received_at, message_id FROM event
WHERE event_id > :after_event AND :after_person = :after_person ORDER BY event_id LIMIT :limit;
-- postgres:
SELECT event_id, person_id, name_id, source_id, occurred_at, received_at, message_id FROM event
WHERE (person_id, event_id) > (:after_person, :after_event)
ORDER BY person_id, event_id LIMIT :limit;

-- name: event_message one
-- params: event_id i64
-- row: source_id i64, received_at i64, message_id text?
SELECT source_id, received_at, message_id FROM event WHERE event_id = :event_id;

-- name: event_last one
-- row: event_id i64
SELECT event_id FROM event ORDER BY event_id DESC LIMIT 1;

-- name: event_delete exec
-- params: person_id i64, event_id i64
DELETE FROM event WHERE event_id = :event_id AND person_id = :person_id;

-- Claims messages of one unit: what comes back was not seen in the window. PostgreSQL only; on
-- SQLite the runs do this and the statement finds nothing. The count is one look by key in each
-- partition; an anti-join would be planned as a scan of the window.
-- name: event_seen_claim many
-- params: day i64, from_day i64, sources text, hashes text
-- row: source_id i64, message_hash blob
SELECT source_id, CAST(message_id AS BLOB) AS message_hash FROM event
WHERE event_id = 0 AND :day = :from_day AND :sources = :hashes;
-- postgres:
INSERT INTO event_seen (day, source_id, message_hash)
SELECT CAST(:day AS BIGINT), asked.source_id, asked.message_hash
FROM unnest(CAST(:sources AS BIGINT[]), CAST(:hashes AS BYTEA[])) AS asked (source_id, message_hash)
WHERE (SELECT COUNT(*) FROM event_seen AS seen
       WHERE seen.source_id = asked.source_id AND seen.message_hash = asked.message_hash
         AND seen.day >= :from_day AND seen.day < :day) = 0
ORDER BY asked.source_id, asked.message_hash
ON CONFLICT DO NOTHING
RETURNING source_id, message_hash;

-- What a person's timeline shows of an order.
-- name: event_order one
-- params: person_id i64, event_id i64
-- row: order_id i64, number text?, order_key text, state text, confirmed i64, currency text, revenue i64, net_revenue i64
SELECT order_id, number, order_key, state, confirmed, currency, revenue, net_revenue
FROM orders WHERE person_id = :person_id AND event_id = :event_id;

-- Its lines, as the most trusted source that lists any says.
-- name: event_order_lines many
-- params: person_id i64, order_id i64
-- row: name text, product_key text, quantity i64, value i64
SELECT line.name, line.product_key, line.quantity, line.value FROM order_line AS line
WHERE line.person_id = :person_id AND line.order_id = :order_id
  AND line.source_id = (
    SELECT report.source_id FROM order_report AS report
    WHERE report.person_id = :person_id AND report.order_id = :order_id
      AND EXISTS (SELECT 1 FROM order_line AS other
                  WHERE other.person_id = report.person_id AND other.order_id = report.order_id
                    AND other.source_id = report.source_id)
    ORDER BY report.trust DESC, report.received_at DESC, report.source_id LIMIT 1)
ORDER BY line.line_no LIMIT 100;

-- name: person_known one
-- params: person_id i64
-- row: person_id i64
SELECT person_id FROM person WHERE person_id = :person_id AND erased_at IS NULL;

-- Export and erasure of one stem.
-- name: personal_orders many
-- params: person_id i64
-- row: order_id i64, order_key text, number text?, state text, currency text, revenue i64, net_revenue i64, coupon text?, occurred_at i64
SELECT order_id, order_key, number, state, currency, revenue, net_revenue, coupon, occurred_at
FROM orders WHERE person_id = :person_id ORDER BY order_id;

-- name: personal_lines many
-- params: person_id i64
-- row: order_id i64, source_id i64, line_no i64, product_key text, name text, quantity i64, value i64
SELECT order_id, source_id, line_no, product_key, name, quantity, value
FROM order_line WHERE person_id = :person_id ORDER BY order_id, source_id, line_no;

-- name: personal_refunds many
-- params: person_id i64
-- row: refund_id i64, refund_key text, order_key text?, state text, currency text, amount i64, occurred_at i64
SELECT refund_id, refund_key, order_key, state, currency, amount, occurred_at
FROM refund WHERE person_id = :person_id ORDER BY refund_id;

-- name: personal_order_coupon exec
-- params: person_id i64
UPDATE orders SET coupon = NULL WHERE person_id = :person_id AND coupon IS NOT NULL;

-- name: personal_report_coupon exec
-- params: person_id i64
UPDATE order_report SET coupon = NULL WHERE person_id = :person_id AND coupon IS NOT NULL;
