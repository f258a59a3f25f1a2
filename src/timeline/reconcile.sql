-- The nightly reconcile: how a shop's API is asked, and how far each reading came.

-- name: shop_api_find one
-- params: shop_id i64, vendor text
-- row: source_id i64, url text, secret text, access text?, access_until i64?, read_from i64, next_at i64, changed_at i64
SELECT source_id, url, secret, access, access_until, read_from, next_at, changed_at FROM shop_api
WHERE shop_id = :shop_id AND vendor = :vendor;

-- name: shop_apis many
-- params: shop_id i64
-- row: vendor text, url text, next_at i64, changed_at i64
SELECT vendor, url, next_at, changed_at FROM shop_api WHERE shop_id = :shop_id ORDER BY vendor;

-- name: shop_api_put exec
-- params: shop_id i64, vendor text, source_id i64, url text, secret text, read_from i64, at i64
INSERT INTO shop_api (shop_id, vendor, source_id, url, secret, access, access_until, read_from,
                      next_at, changed_at)
VALUES (:shop_id, :vendor, :source_id, :url, :secret, NULL, NULL, :read_from, :at, :at)
ON CONFLICT (shop_id, vendor) DO UPDATE SET
    url = excluded.url, secret = excluded.secret, access = NULL, access_until = NULL,
    read_from = excluded.read_from, next_at = excluded.next_at, changed_at = excluded.changed_at;

-- name: shop_api_drop exec
-- params: shop_id i64, vendor text
DELETE FROM shop_api WHERE shop_id = :shop_id AND vendor = :vendor;

-- name: shop_api_access_put exec
-- params: shop_id i64, vendor text, access text?, until i64?
UPDATE shop_api SET access = :access, access_until = :until
WHERE shop_id = :shop_id AND vendor = :vendor;

-- name: shop_api_next_put exec
-- params: shop_id i64, vendor text, next_at i64
UPDATE shop_api SET next_at = :next_at WHERE shop_id = :shop_id AND vendor = :vendor;

-- Only what ran with these settings says how far they were read.
-- name: shop_api_read_put exec
-- params: shop_id i64, vendor text, read_from i64, began_at i64
UPDATE shop_api SET read_from = :read_from
WHERE shop_id = :shop_id AND vendor = :vendor AND changed_at <= :began_at;

-- name: reconcile_open one
-- params: shop_id i64, vendor text
-- row: run_id i64, read_from i64, stage text, place text?, tries i64, pages i64, started_at i64, reason text?
SELECT run_id, read_from, stage, place, tries, pages, started_at, reason FROM shop_reconcile
WHERE shop_id = :shop_id AND vendor = :vendor AND state = 'running' ORDER BY run_id DESC LIMIT 1;

-- name: reconcile_add exec
-- params: run_id i64, shop_id i64, vendor text, read_from i64, stage text, started_at i64
INSERT INTO shop_reconcile (run_id, shop_id, vendor, state, read_from, stage, place, tries, pages,
    orders, orders_new, orders_changed, customers, products, refused, reason, started_at,
    ended_at)
VALUES (:run_id, :shop_id, :vendor, 'running', :read_from, :stage, NULL, 0, 0,
    0, 0, 0, 0, 0, 0, NULL, :started_at, NULL);

-- name: reconcile_count exec
-- params: shop_id i64, vendor text, run_id i64, orders_new i64, orders_changed i64, refused i64
UPDATE shop_reconcile SET orders_new = orders_new + :orders_new,
    orders_changed = orders_changed + :orders_changed, refused = refused + :refused
WHERE shop_id = :shop_id AND vendor = :vendor AND run_id = :run_id;

-- A page is in: where the next one is.
-- name: reconcile_step exec
-- params: shop_id i64, vendor text, run_id i64, stage text, place text?, tries i64, pages i64, orders i64, customers i64, products i64, reason text?
UPDATE shop_reconcile SET stage = :stage, place = :place, tries = :tries,
    pages = pages + :pages, orders = orders + :orders, customers = customers + :customers,
    products = products + :products, reason = :reason
WHERE shop_id = :shop_id AND vendor = :vendor AND run_id = :run_id;

-- name: reconcile_end exec
-- params: shop_id i64, vendor text, state text, reason text?, ended_at i64
UPDATE shop_reconcile SET state = :state, reason = :reason, ended_at = :ended_at
WHERE shop_id = :shop_id AND vendor = :vendor AND state = 'running';

-- name: reconcile_runs many
-- params: shop_id i64, vendor text, rows i64
-- row: state text, stage text, read_from i64, tries i64, pages i64, orders i64, orders_new i64, orders_changed i64, customers i64, products i64, refused i64, reason text?, started_at i64, ended_at i64?
SELECT state, stage, read_from, tries, pages, orders, orders_new, orders_changed, customers,
    products, refused, reason, started_at, ended_at FROM shop_reconcile
WHERE shop_id = :shop_id AND vendor = :vendor ORDER BY run_id DESC LIMIT :rows;

-- Old readings are of no use.
-- name: reconcile_forget exec
-- params: shop_id i64, vendor text, before i64
DELETE FROM shop_reconcile
WHERE shop_id = :shop_id AND vendor = :vendor AND state <> 'running' AND started_at < :before;
