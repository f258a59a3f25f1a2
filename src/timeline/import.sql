-- Imports: one row per file, and what its rows need beside orders and people.

-- name: import_insert exec
-- params: import_id i64, source_id i64, shop_id i64, kind text, format text, file_name text, file_path text, file_bytes i64, file_hash blob, mapping text, assumed text, state text, counts text, error text?, created_at i64
INSERT INTO import (import_id, source_id, shop_id, kind, format, file_name, file_path, file_bytes,
                    file_hash, mapping, assumed, state, position, line, counts, error, created_at)
VALUES (:import_id, :source_id, :shop_id, :kind, :format, :file_name, :file_path, :file_bytes,
        :file_hash, :mapping, :assumed, :state, 0, 1, :counts, :error, :created_at);

-- name: import_find one
-- params: import_id i64
-- row: source_id i64, shop_id i64, kind text, format text, file_name text, file_path text, file_bytes i64, file_hash blob, mapping text, assumed text, state text, position i64, line i64, counts text, error text?, created_at i64, started_at i64?, ended_at i64?
SELECT source_id, shop_id, kind, format, file_name, file_path, file_bytes, file_hash, mapping,
       assumed, state, position, line, counts, error, created_at, started_at, ended_at
FROM import WHERE import_id = :import_id;

-- Declared scans: one row per file ever imported.
-- name: import_list many
-- params: rows i64
-- row: import_id i64, kind text, format text, file_name text, file_bytes i64, state text, counts text, error text?, created_at i64, started_at i64?, ended_at i64?
SELECT import_id, kind, format, file_name, file_bytes, state, counts, error, created_at, started_at,
       ended_at
FROM import ORDER BY import_id DESC LIMIT :rows;

-- name: import_running many
-- row: import_id i64
SELECT import_id FROM import WHERE state = 'running' ORDER BY import_id;

-- name: import_same one
-- params: file_hash blob, kind text, shop_id i64
-- row: import_id i64, state text
SELECT import_id, state FROM import
WHERE file_hash = :file_hash AND kind = :kind AND shop_id = :shop_id
ORDER BY import_id DESC LIMIT 1;

-- name: import_plan_put exec
-- params: import_id i64, source_id i64, shop_id i64, kind text, format text, mapping text, assumed text, state text, error text?
UPDATE import SET source_id = :source_id, shop_id = :shop_id, kind = :kind, format = :format,
                  mapping = :mapping, assumed = :assumed, state = :state, error = :error
WHERE import_id = :import_id;

-- name: import_begin exec
-- params: import_id i64, started_at i64
UPDATE import SET state = 'running', error = NULL,
                  started_at = COALESCE(started_at, :started_at), ended_at = NULL
WHERE import_id = :import_id;

-- name: import_progress exec
-- params: import_id i64, position i64, line i64, counts text
UPDATE import SET position = :position, line = :line, counts = :counts
WHERE import_id = :import_id;

-- name: import_end exec
-- params: import_id i64, state text, error text?, ended_at i64
UPDATE import SET state = :state, error = :error, ended_at = :ended_at
WHERE import_id = :import_id;

-- name: import_delete exec
-- params: import_id i64
DELETE FROM import WHERE import_id = :import_id AND state <> 'running';

-- name: import_mapping_find one
-- params: header_hash blob
-- row: mapping text, assumed text
SELECT mapping, assumed FROM import_mapping WHERE header_hash = :header_hash;

-- name: import_mapping_put exec
-- params: header_hash blob, kind text, mapping text, assumed text, changed_at i64
INSERT INTO import_mapping (header_hash, kind, mapping, assumed, changed_at)
VALUES (:header_hash, :kind, :mapping, :assumed, :changed_at)
ON CONFLICT (header_hash) DO UPDATE SET
    mapping = excluded.mapping, assumed = excluded.assumed, changed_at = excluded.changed_at;

-- name: import_shop_find one
-- params: name text
-- row: shop_id i64
SELECT shop_id FROM shop WHERE name = :name;

-- name: import_shop_insert exec
-- params: shop_id i64, name text, currency text?, zone text?, created_at i64
INSERT INTO shop (shop_id, name, currency, zone, created_at)
VALUES (:shop_id, :name, :currency, :zone, :created_at)
ON CONFLICT DO NOTHING;

-- name: import_shop_first one
-- row: shop_id i64
SELECT shop_id FROM shop ORDER BY shop_id LIMIT 1;

-- name: import_source_find one
-- params: shop_id i64, name text
-- row: source_id i64
SELECT source_id FROM source WHERE kind = 'file' AND shop_id = :shop_id AND name = :name
ORDER BY source_id LIMIT 1;

-- name: import_source_insert exec
-- params: source_id i64, trust i64, name text, shop_id i64, created_at i64
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at)
VALUES (:source_id, 'file', :trust, :name, :shop_id, :created_at);

-- name: product_put exec
-- params: shop_id i64, product_key text, name text, variant text?, category text?, price i64?, currency text?, url text?, image_url text?, stock i64?, trust i64, changed_at i64
INSERT INTO product (shop_id, product_key, name, variant, category, price, currency, url, image_url,
                     stock, trust, changed_at)
VALUES (:shop_id, :product_key, :name, :variant, :category, :price, :currency, :url, :image_url,
        :stock, :trust, :changed_at)
ON CONFLICT (shop_id, product_key) DO UPDATE SET
    name = excluded.name, variant = excluded.variant, category = excluded.category,
    price = excluded.price, currency = excluded.currency, url = excluded.url,
    image_url = excluded.image_url, stock = excluded.stock, trust = excluded.trust,
    changed_at = excluded.changed_at
WHERE product.trust <= excluded.trust
  AND (product.name <> excluded.name OR product.price IS DISTINCT FROM excluded.price
       OR product.variant IS DISTINCT FROM excluded.variant
       OR product.category IS DISTINCT FROM excluded.category
       OR product.currency IS DISTINCT FROM excluded.currency
       OR product.url IS DISTINCT FROM excluded.url
       OR product.image_url IS DISTINCT FROM excluded.image_url
       OR product.stock IS DISTINCT FROM excluded.stock);
