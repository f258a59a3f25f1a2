-- Webhooks of shops: where they come in, what was delivered, and as of when.

-- Declared scan: a few rows a shop.
-- name: hooks_all many
-- row: shop_id i64, vendor text, token text, source_id i64, secret text, previous text?, previous_until i64?, changed_at i64
SELECT shop_id, vendor, token, source_id, secret, previous, previous_until, changed_at FROM shop_hook
ORDER BY shop_id, vendor;

-- name: hook_put exec
-- params: shop_id i64, vendor text, token text, source_id i64, secret text, previous text?, previous_until i64?, at i64
INSERT INTO shop_hook (shop_id, vendor, token, source_id, secret, previous, previous_until,
                       created_at, changed_at)
VALUES (:shop_id, :vendor, :token, :source_id, :secret, :previous, :previous_until, :at, :at)
ON CONFLICT (shop_id, vendor) DO UPDATE SET
    secret = excluded.secret, previous = excluded.previous,
    previous_until = excluded.previous_until, changed_at = excluded.changed_at;

-- name: hook_drop exec
-- params: shop_id i64, vendor text
DELETE FROM shop_hook WHERE shop_id = :shop_id AND vendor = :vendor;

-- name: hook_shop_find one
-- params: shop_id i64
-- row: name text
SELECT name FROM shop WHERE shop_id = :shop_id;

-- name: hook_source_insert exec
-- params: source_id i64, trust i64, name text, shop_id i64, created_at i64
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at)
VALUES (:source_id, 'webhook', :trust, :name, :shop_id, :created_at);

-- Declared scan: sources are few.
-- name: hook_source_find one
-- params: shop_id i64, name text
-- row: source_id i64
SELECT source_id FROM source
WHERE kind = 'webhook' AND shop_id = :shop_id AND name = :name ORDER BY source_id LIMIT 1;

-- name: hook_delivery_add exec
-- params: source_id i64, delivery_key text, topic text, state text, reason text?, received_at i64
INSERT INTO hook_delivery (source_id, delivery_key, topic, state, reason, received_at)
VALUES (:source_id, :delivery_key, :topic, :state, :reason, :received_at)
ON CONFLICT (source_id, delivery_key) DO NOTHING;

-- name: hook_delivery_say exec
-- params: source_id i64, delivery_key text, state text, reason text?
UPDATE hook_delivery SET state = :state, reason = :reason
WHERE source_id = :source_id AND delivery_key = :delivery_key;

-- name: hook_deliveries many
-- params: source_id i64, rows i64
-- row: topic text, state text, reason text?, received_at i64
SELECT topic, state, reason, received_at FROM hook_delivery
WHERE source_id = :source_id ORDER BY received_at DESC LIMIT :rows;

-- name: hook_subject_find one
-- params: source_id i64, subject text
-- row: order_key text?, said_at i64
SELECT order_key, said_at FROM hook_subject WHERE source_id = :source_id AND subject = :subject;

-- name: hook_subject_put exec
-- params: source_id i64, subject text, order_key text?, said_at i64
INSERT INTO hook_subject (source_id, subject, order_key, said_at)
VALUES (:source_id, :subject, :order_key, :said_at)
ON CONFLICT (source_id, subject) DO UPDATE SET
    order_key = excluded.order_key, said_at = excluded.said_at;

-- name: hook_product_put exec
-- params: shop_id i64, product_key text, name text, variant text?, category text?, price i64?, currency text?, url text?, image_url text?, stock i64?, trust i64, changed_at i64
INSERT INTO product (shop_id, product_key, name, variant, category, price, currency, url, image_url,
                     stock, trust, changed_at)
VALUES (:shop_id, :product_key, :name, :variant, :category, :price, :currency, :url, :image_url,
        :stock, :trust, :changed_at)
ON CONFLICT (shop_id, product_key) DO UPDATE SET
    name = excluded.name, variant = excluded.variant,
    category = COALESCE(excluded.category, product.category),
    price = COALESCE(excluded.price, product.price),
    currency = COALESCE(excluded.currency, product.currency),
    url = COALESCE(excluded.url, product.url),
    image_url = COALESCE(excluded.image_url, product.image_url),
    stock = COALESCE(excluded.stock, product.stock), trust = excluded.trust,
    changed_at = excluded.changed_at
WHERE product.trust <= excluded.trust;

-- name: hook_refund_put exec
-- params: source_id i64, order_ref text, refund_ref text, amount i64, occurred_at i64
INSERT INTO hook_refund (source_id, order_ref, refund_ref, amount, occurred_at)
VALUES (:source_id, :order_ref, :refund_ref, :amount, :occurred_at)
ON CONFLICT (source_id, order_ref, refund_ref) DO UPDATE SET amount = excluded.amount;

-- name: hook_refunds many
-- params: source_id i64, order_ref text
-- row: amount i64, occurred_at i64
SELECT amount, occurred_at FROM hook_refund
WHERE source_id = :source_id AND order_ref = :order_ref;
