-- Orders: one row per (shop, order key), the fold of its reports.

-- name: order_key_find one
-- params: shop_id i64, order_key text
-- row: person_id i64, order_id i64
SELECT person_id, order_id FROM order_key WHERE shop_id = :shop_id AND order_key = :order_key;

-- name: order_key_insert exec
-- params: shop_id i64, order_key text, person_id i64, order_id i64
INSERT INTO order_key (shop_id, order_key, person_id, order_id)
VALUES (:shop_id, :order_key, :person_id, :order_id);

-- name: order_key_move exec
-- params: shop_id i64, order_key text, person_id i64
UPDATE order_key SET person_id = :person_id WHERE shop_id = :shop_id AND order_key = :order_key;

-- name: order_find one
-- params: person_id i64, order_id i64
-- row: shop_id i64, order_key text, number text?, state text, confirmed i64, currency text, revenue i64, net_revenue i64, tax i64?, shipping i64?, discount i64?, coupon text?, item_count i64, occurred_at i64, cancelled_at i64?, event_id i64?
SELECT shop_id, order_key, number, state, confirmed, currency, revenue, net_revenue, tax, shipping,
       discount, coupon, item_count, occurred_at, cancelled_at, event_id
FROM orders WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_put exec
-- params: person_id i64, order_id i64, shop_id i64, order_key text, number text?, state text, confirmed i64, currency text, revenue i64, net_revenue i64, base_revenue i64?, base_net i64?, tax i64?, shipping i64?, discount i64?, coupon text?, item_count i64, occurred_at i64, cancelled_at i64?, received_at i64, event_id i64?
INSERT INTO orders (person_id, order_id, shop_id, order_key, number, state, confirmed, currency,
                    revenue, net_revenue, base_revenue, base_net, tax, shipping, discount, coupon,
                    item_count, occurred_at, cancelled_at, received_at, event_id)
VALUES (:person_id, :order_id, :shop_id, :order_key, :number, :state, :confirmed, :currency,
        :revenue, :net_revenue, :base_revenue, :base_net, :tax, :shipping, :discount, :coupon,
        :item_count, :occurred_at, :cancelled_at, :received_at, :event_id)
ON CONFLICT (person_id, order_id) DO UPDATE SET
    number = excluded.number, state = excluded.state, confirmed = excluded.confirmed,
    currency = excluded.currency, revenue = excluded.revenue, net_revenue = excluded.net_revenue,
    base_revenue = excluded.base_revenue, base_net = excluded.base_net, tax = excluded.tax,
    shipping = excluded.shipping, discount = excluded.discount, coupon = excluded.coupon,
    item_count = excluded.item_count, occurred_at = excluded.occurred_at,
    cancelled_at = excluded.cancelled_at, event_id = excluded.event_id;

-- name: order_report_list many
-- params: person_id i64, order_id i64
-- row: source_id i64, trust i64, import_id i64?, fingerprint blob, received_at i64, stem i64, number text?, currency text, revenue i64?, lines_value i64, line_count i64, tax i64?, shipping i64?, discount i64?, coupon text?, occurred_at i64?, cancelled_at i64?, test i64
SELECT source_id, trust, import_id, fingerprint, received_at, stem, number, currency, revenue,
       lines_value, line_count, tax, shipping, discount, coupon, occurred_at, cancelled_at, test
FROM order_report WHERE person_id = :person_id AND order_id = :order_id
ORDER BY trust, received_at, source_id;

-- name: order_report_put exec
-- params: person_id i64, order_id i64, source_id i64, trust i64, import_id i64?, fingerprint blob, received_at i64, stem i64, number text?, currency text, revenue i64?, lines_value i64, line_count i64, tax i64?, shipping i64?, discount i64?, coupon text?, occurred_at i64?, cancelled_at i64?, test i64
INSERT INTO order_report (person_id, order_id, source_id, trust, import_id, fingerprint,
                          received_at, stem, number, currency, revenue, lines_value, line_count,
                          tax, shipping, discount, coupon, occurred_at, cancelled_at, test)
VALUES (:person_id, :order_id, :source_id, :trust, :import_id, :fingerprint, :received_at, :stem,
        :number, :currency, :revenue, :lines_value, :line_count, :tax, :shipping, :discount,
        :coupon, :occurred_at, :cancelled_at, :test)
ON CONFLICT (person_id, order_id, source_id) DO UPDATE SET
    trust = excluded.trust, import_id = excluded.import_id, fingerprint = excluded.fingerprint,
    received_at = excluded.received_at, stem = excluded.stem, number = excluded.number,
    currency = excluded.currency, revenue = excluded.revenue, lines_value = excluded.lines_value,
    line_count = excluded.line_count, tax = excluded.tax, shipping = excluded.shipping,
    discount = excluded.discount, coupon = excluded.coupon, occurred_at = excluded.occurred_at,
    cancelled_at = excluded.cancelled_at, test = excluded.test;

-- name: order_report_seen exec
-- params: person_id i64, order_id i64, source_id i64, import_id i64?
UPDATE order_report SET import_id = :import_id
WHERE person_id = :person_id AND order_id = :order_id AND source_id = :source_id;

-- name: order_report_drop exec
-- params: person_id i64, order_id i64, source_id i64
DELETE FROM order_report
WHERE person_id = :person_id AND order_id = :order_id AND source_id = :source_id;

-- name: order_line_put exec
-- params: person_id i64, order_id i64, source_id i64, line_no i64, product_key text, name text, category text?, quantity i64, price i64, value i64
INSERT INTO order_line (person_id, order_id, source_id, line_no, product_key, name, category,
                        quantity, price, value)
VALUES (:person_id, :order_id, :source_id, :line_no, :product_key, :name, :category, :quantity,
        :price, :value)
ON CONFLICT (person_id, order_id, source_id, line_no) DO NOTHING;

-- name: order_line_list many
-- params: person_id i64, order_id i64, source_id i64
-- row: line_no i64, product_key text, name text, category text?, quantity i64, price i64, value i64
SELECT line_no, product_key, name, category, quantity, price, value
FROM order_line
WHERE person_id = :person_id AND order_id = :order_id AND source_id = :source_id
ORDER BY line_no;

-- name: order_line_drop exec
-- params: person_id i64, order_id i64, source_id i64
DELETE FROM order_line
WHERE person_id = :person_id AND order_id = :order_id AND source_id = :source_id;

-- A buyer became known: the rows go to their new person, four tables, copy then delete.
-- name: order_line_copy exec
-- params: person_id i64, order_id i64, to_person i64
INSERT INTO order_line (person_id, order_id, source_id, line_no, product_key, name, category,
                        quantity, price, value)
SELECT :to_person, order_id, source_id, line_no, product_key, name, category, quantity, price, value
FROM order_line WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_line_clear exec
-- params: person_id i64, order_id i64
DELETE FROM order_line WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_report_copy exec
-- params: person_id i64, order_id i64, to_person i64
INSERT INTO order_report (person_id, order_id, source_id, trust, import_id, fingerprint,
                          received_at, stem, number, currency, revenue, lines_value, line_count,
                          tax, shipping, discount, coupon, occurred_at, cancelled_at, test)
SELECT :to_person, order_id, source_id, trust, import_id, fingerprint, received_at, stem, number,
       currency, revenue, lines_value, line_count, tax, shipping, discount, coupon, occurred_at,
       cancelled_at, test
FROM order_report WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_report_clear exec
-- params: person_id i64, order_id i64
DELETE FROM order_report WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_clear exec
-- params: person_id i64, order_id i64
DELETE FROM orders WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_refunds many
-- params: person_id i64, order_id i64
-- row: refund_id i64, currency text, amount i64, confirmed i64, event_id i64?
SELECT refund_id, currency, amount, confirmed, event_id
FROM refund WHERE person_id = :person_id AND order_id = :order_id ORDER BY refund_id;

-- Declared scans: amounts in base currency, in key ranges.
-- name: order_rebase_list many
-- params: person_id i64, order_id i64, rows i64
-- row: person_id i64, order_id i64, currency text, revenue i64, net_revenue i64, occurred_at i64
SELECT person_id, order_id, currency, revenue, net_revenue, occurred_at
FROM orders WHERE (person_id, order_id) > (:person_id, :order_id)
ORDER BY person_id, order_id LIMIT :rows;

-- name: order_rebase_put exec
-- params: person_id i64, order_id i64, base_revenue i64?, base_net i64?
UPDATE orders SET base_revenue = :base_revenue, base_net = :base_net
WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_net_put exec
-- params: person_id i64, order_id i64, net_revenue i64, base_net i64?
UPDATE orders SET net_revenue = :net_revenue, base_net = :base_net
WHERE person_id = :person_id AND order_id = :order_id;

-- name: order_report_import one
-- params: person_id i64, order_id i64, source_id i64
-- row: import_id i64?
SELECT import_id FROM order_report
WHERE person_id = :person_id AND order_id = :order_id AND source_id = :source_id;

-- A declared scan, bounded by :rows; one range per shop in the key's own order.
-- name: order_key_prefix many
-- params: first text, last text, rows i64
-- row: person_id i64, order_id i64
SELECT person_id, order_id FROM order_key
WHERE order_key >= :first AND order_key < :last ORDER BY shop_id, order_key LIMIT :rows;

-- name: order_last one
-- params: person_id i64
-- row: at i64?
-- Of a stem: the newest order that stands for a purchase.
SELECT MAX(occurred_at) AS at FROM orders
WHERE person_id = :person_id AND confirmed = 1 AND state = 'placed' AND net_revenue > 0;

-- Declared scan, in chunks of stems.
-- name: order_lasts many
-- params: person_id i64, rows i64
-- row: person_id i64, at i64
SELECT person_id, MAX(occurred_at) AS at FROM orders
WHERE person_id > :person_id AND confirmed = 1 AND state = 'placed' AND net_revenue > 0
GROUP BY person_id ORDER BY person_id LIMIT :rows;
