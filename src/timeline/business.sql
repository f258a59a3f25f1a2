-- The business profile and exchange rates.

-- name: business_setting one
-- params: name text
-- row: value text
SELECT value FROM setting WHERE name = :name;

-- name: business_setting_put exec
-- params: name text, value text, at i64
INSERT INTO setting (name, value, changed_at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at;

-- name: rate_find one
-- params: currency text, day i64
-- row: rate i64
SELECT rate FROM rate WHERE currency = :currency AND day <= :day ORDER BY day DESC LIMIT 1;

-- name: rate_put exec
-- params: currency text, day i64, rate i64
INSERT INTO rate (currency, day, rate) VALUES (:currency, :day, :rate)
ON CONFLICT (currency, day) DO UPDATE SET rate = excluded.rate;
