-- Migration 5: webhooks of shops.

CREATE TABLE shop_hook (            -- where a shop's webhooks come in
    shop_id INTEGER NOT NULL,
    vendor TEXT NOT NULL,           -- shopify | woocommerce
    token TEXT NOT NULL,            -- last part of the address
    source_id INTEGER NOT NULL,
    secret TEXT NOT NULL,           -- sealed with DATA/secret.key
    previous TEXT,                  -- the one before it, good while deliveries signed with it arrive
    previous_until INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, vendor)
) WITHOUT ROWID;
CREATE UNIQUE INDEX shop_hook_token ON shop_hook (token);

CREATE TABLE hook_delivery (        -- each delivery counts once, for ever
    source_id INTEGER NOT NULL,
    delivery_key TEXT NOT NULL,
    topic TEXT NOT NULL,
    state TEXT NOT NULL,            -- taken | old | ignored | refused | asks
    reason TEXT,                    -- without personal data
    received_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, delivery_key)
) WITHOUT ROWID;
CREATE INDEX hook_delivery_at ON hook_delivery (source_id, received_at);

CREATE TABLE hook_subject (         -- how far we are told of each order, product, checkout
    source_id INTEGER NOT NULL,
    subject TEXT NOT NULL,          -- 'order 820982911946154508' …
    order_key TEXT,                 -- of an order: its key with us
    said_at INTEGER NOT NULL,       -- as of when: older words that arrive later say nothing new
    PRIMARY KEY (source_id, subject)
) WITHOUT ROWID;

CREATE TABLE hook_refund (          -- refunds as the vendor numbers them; their sum is what an order gave back
    source_id INTEGER NOT NULL,
    order_ref TEXT NOT NULL,        -- the vendor's id of the order, which may not have come yet
    refund_ref TEXT NOT NULL,
    amount INTEGER NOT NULL,        -- × 10⁶
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (source_id, order_ref, refund_ref)
) WITHOUT ROWID;
