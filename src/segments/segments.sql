-- Statements of segments: declared scans in key-ranged chunks that fill the leaves of a rule, and
-- the saved segments. Everything is read, what does not count is left out in C, so that a chunk's
-- time is bounded. No statement is put together: rules are combined in C (docs/adr/0007).

-- name: crowd_people many
-- params: person_id i64, last i64, rows i64
-- row: person_id i64, listed i64, name text?, email text?, phone text?, country text?, created_at i64
SELECT person_id, listed, name, email, phone, country, created_at FROM person_summary
WHERE person_id >= :person_id AND person_id <= :last ORDER BY person_id LIMIT :rows;

-- name: load_traits many
-- params: person_id i64, name text, trait_id i64, last i64, rows i64
-- row: person_id i64, name text, trait_id i64, value text, trust i64, confirmed i64, occurred_at i64, received_at i64
SELECT person_id, name, trait_id, value, trust, confirmed, occurred_at, received_at FROM trait
WHERE (person_id, name, trait_id) > (:person_id, :name, :trait_id) AND person_id <= :last
ORDER BY person_id, name, trait_id LIMIT :rows;

-- name: load_tags many
-- params: person_id i64, tag text, last i64, rows i64
-- row: person_id i64, tag text, at i64
SELECT person_id, tag, at FROM person_tag
WHERE (person_id, tag) > (:person_id, :tag) AND person_id <= :last ORDER BY person_id, tag LIMIT :rows;

-- The payload of the names asked for alone (":names" is ",1,12,"): others are only passed over.
-- name: load_events many
-- params: after_person i64, after_event i64, names text, rows i64
-- row: event_id i64, person_id i64, name_id i64, flags i64, occurred_at i64, payload text?
SELECT event_id, person_id, name_id, flags, occurred_at,
       CASE WHEN :names LIKE '%,' || CAST(name_id AS TEXT) || ',%' THEN payload END AS payload
FROM event
WHERE event_id > :after_event AND :after_person = :after_person ORDER BY event_id LIMIT :rows;
-- postgres:
SELECT event_id, person_id, name_id, flags, occurred_at,
       CASE WHEN :names LIKE '%,' || CAST(name_id AS TEXT) || ',%' THEN payload END AS payload
FROM event
WHERE (person_id, event_id) > (:after_person, :after_event)
ORDER BY person_id, event_id LIMIT :rows;

-- name: load_event_last one
-- row: event_id i64
SELECT event_id FROM event ORDER BY event_id DESC LIMIT 1;

-- name: load_event_payload one
-- params: person_id i64, event_id i64
-- row: payload text
SELECT payload FROM event WHERE event_id = :event_id AND person_id = :person_id;

-- name: load_orders many
-- params: person_id i64, order_id i64, last i64, rows i64
-- row: person_id i64, order_id i64, order_key text, number text?, state text, confirmed i64, currency text, base_revenue i64?, base_net i64?, tax i64?, shipping i64?, discount i64?, coupon text?, item_count i64, occurred_at i64, event_id i64?
SELECT person_id, order_id, order_key, number, state, confirmed, currency, base_revenue, base_net,
       tax, shipping, discount, coupon, item_count, occurred_at, event_id
FROM orders
WHERE (person_id, order_id) > (:person_id, :order_id) AND person_id <= :last
ORDER BY person_id, order_id LIMIT :rows;

-- The lines of an order as the most trusted source that lists any says.
-- name: load_order_lines many
-- params: person_id i64, order_id i64
-- row: product_key text, name text, category text?, quantity i64, price i64
SELECT line.product_key, line.name, line.category, line.quantity, line.price FROM order_line AS line
WHERE line.person_id = :person_id AND line.order_id = :order_id
  AND line.source_id = (
    SELECT report.source_id FROM order_report AS report
    WHERE report.person_id = :person_id AND report.order_id = :order_id
      AND EXISTS (SELECT 1 FROM order_line AS other
                  WHERE other.person_id = report.person_id AND other.order_id = report.order_id
                    AND other.source_id = report.source_id)
    ORDER BY report.trust DESC, report.received_at DESC, report.source_id LIMIT 1)
ORDER BY line.line_no;

-- name: load_refunds many
-- params: person_id i64, refund_id i64, last i64, rows i64
-- row: person_id i64, refund_id i64, refund_key text, order_id i64?, state text, confirmed i64, currency text, base_amount i64?, occurred_at i64
SELECT person_id, refund_id, refund_key, order_id, state, confirmed, currency, base_amount,
       occurred_at
FROM refund
WHERE (person_id, refund_id) > (:person_id, :refund_id) AND person_id <= :last
ORDER BY person_id, refund_id LIMIT :rows;

-- name: load_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: segment_list many
-- row: segment_id i64, name text, rule text, listed i64, created_at i64, changed_at i64, version i64, watched_at i64?
SELECT segment_id, name, rule, listed, created_at, changed_at, version, watched_at
FROM segment ORDER BY name_fold;

-- name: segment_find one
-- params: segment_id i64
-- row: segment_id i64, name text, rule text, created_at i64, changed_at i64
SELECT segment_id, name, rule, created_at, changed_at FROM segment WHERE segment_id = :segment_id;

-- name: segment_by_name one
-- params: name_fold text
-- row: segment_id i64, rule text, listed i64
SELECT segment_id, rule, listed FROM segment WHERE name_fold = :name_fold;

-- name: segment_insert exec
-- params: segment_id i64, name text, name_fold text, rule text, listed i64, at i64
INSERT INTO segment (segment_id, name, name_fold, rule, listed, created_at, changed_at)
VALUES (:segment_id, :name, :name_fold, :rule, :listed, :at, :at);

-- name: segment_update exec
-- params: segment_id i64, name text, name_fold text, rule text, version i64, notify i64, at i64
UPDATE segment SET name = :name, name_fold = :name_fold, rule = :rule, version = :version,
       notify = :notify, changed_at = :at
WHERE segment_id = :segment_id;

-- name: segment_delete exec
-- params: segment_id i64
DELETE FROM segment WHERE segment_id = :segment_id;

-- Since when somebody is in watched segments.
-- name: member_since many
-- params: person_id i64
-- row: segment_id i64, entered_at i64
SELECT segment_id, entered_at FROM segment_member WHERE person_id = :person_id AND left_at IS NULL;

-- What a page of people shows of one.
-- name: segment_person one
-- params: person_id i64
-- row: name text?, email text?
SELECT name, email FROM person_summary WHERE person_id = :person_id AND listed = 1;
