-- Shops, retention and small looks into the tables of others.

-- name: admin_shops many
-- row: shop_id i64, name text, currency text?, zone text?, created_at i64
SELECT shop_id, name, currency, zone, created_at FROM shop ORDER BY shop_id;

-- name: admin_shop_find one
-- params: name text
-- row: shop_id i64
SELECT shop_id FROM shop WHERE name = :name;

-- name: admin_shop_count one
-- row: count i64
SELECT COUNT(*) FROM shop;

-- name: admin_shop_insert exec
-- params: shop_id i64, name text, currency text?, zone text?, created_at i64
INSERT INTO shop (shop_id, name, currency, zone, created_at)
VALUES (:shop_id, :name, :currency, :zone, :created_at)
ON CONFLICT (shop_id) DO NOTHING;

-- name: admin_retention many
-- row: name_id i64, days i64
SELECT name_id, days FROM retention;

-- name: admin_retention_set exec
-- params: name_id i64, days i64
INSERT INTO retention (name_id, days) VALUES (:name_id, :days)
ON CONFLICT (name_id) DO UPDATE SET days = excluded.days;

-- name: admin_retention_drop exec
-- params: name_id i64
DELETE FROM retention WHERE name_id = :name_id;
