-- Statements of the demo shop: what an owner would have set up before the first order.

-- name: demo_shop_put exec
-- params: shop_id i64, name text, currency text, zone text, created_at i64
INSERT INTO shop (shop_id, name, currency, zone, created_at)
VALUES (:shop_id, :name, :currency, :zone, :created_at)
ON CONFLICT (shop_id) DO UPDATE SET
    name = excluded.name, currency = excluded.currency, zone = excluded.zone;

-- name: demo_source_put exec
-- params: source_id i64, kind text, trust i64, name text, shop_id i64, created_at i64
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at)
VALUES (:source_id, :kind, :trust, :name, :shop_id, :created_at)
ON CONFLICT (source_id) DO NOTHING;

-- name: demo_product_put exec
-- params: shop_id i64, product_key text, name text, category text, price i64, currency text, trust i64, changed_at i64
INSERT INTO product (shop_id, product_key, name, category, price, currency, trust, changed_at)
VALUES (:shop_id, :product_key, :name, :category, :price, :currency, :trust, :changed_at)
ON CONFLICT (shop_id, product_key) DO NOTHING;

-- name: demo_person_any one
-- row: person_id i64
SELECT person_id FROM person LIMIT 1;

-- name: demo_setting_find one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: demo_setting_put exec
-- params: name text, value text, changed_at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :changed_at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;
