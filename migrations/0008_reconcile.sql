-- Migration 8: a shop's own API, asked every night for what its webhooks did not bring.

CREATE TABLE shop_api (             -- how a shop is asked
    shop_id INTEGER NOT NULL,
    vendor TEXT NOT NULL,           -- shopify | woocommerce
    source_id INTEGER NOT NULL,     -- the one of its webhooks
    url TEXT NOT NULL,              -- without a path
    secret TEXT NOT NULL,           -- name and token, sealed with DATA/secret.key
    access TEXT,                    -- a token that ends, got with the secret; sealed
    access_until INTEGER,
    read_from INTEGER NOT NULL,     -- what has not changed since then is known
    next_at INTEGER NOT NULL,       -- when it is asked next
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, vendor)
) WITHOUT ROWID;

CREATE TABLE shop_reconcile (       -- a reading of everything that changed; at most one runs
    run_id INTEGER NOT NULL,
    shop_id INTEGER NOT NULL,
    vendor TEXT NOT NULL,
    state TEXT NOT NULL,            -- running | done | failed
    read_from INTEGER NOT NULL,
    stage TEXT NOT NULL,            -- orders | customers | products
    place TEXT,                     -- of the next page, in the shop's words; NULL: the first
    tries INTEGER NOT NULL,         -- in a row without an answer
    pages INTEGER NOT NULL,
    orders INTEGER NOT NULL,        -- read
    orders_new INTEGER NOT NULL,    -- had not come in any way
    orders_changed INTEGER NOT NULL, -- stood here as they were before
    customers INTEGER NOT NULL,
    products INTEGER NOT NULL,
    refused INTEGER NOT NULL,       -- could not be used
    reason TEXT,                    -- why it waits, failed, or left something out; no personal data
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (shop_id, vendor, run_id)
) WITHOUT ROWID;
