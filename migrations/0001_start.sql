-- Migration 1: the whole store of the first release.
--
-- Dialect: SQLite's words; for PostgreSQL INTEGER becomes BIGINT, BLOB BYTEA, REAL DOUBLE PRECISION,
-- and WITHOUT ROWID is dropped. Times are UTC milliseconds, money is in minor units. Keys of tables
-- that a person owns begin with person_id; look-up tables are keyed by the value and never joined to
-- them. `person_id` in a row is its stem: the id it was born under, for ever.
-- A column marked "personal" must be listed in its folder's table of personal columns.

-- ── the store itself ────────────────────────────────────────────────────────────────────────────
CREATE TABLE setting (
    name TEXT PRIMARY KEY,          -- 'business.currency', 'store.epoch', 'orders.version' …
    value TEXT NOT NULL,            -- text or JSON; sealed when the config table says secret
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE node (
    node_id INTEGER PRIMARY KEY,    -- 0..1023: the middle ten bits of every id it mints
    owner TEXT NOT NULL,            -- random token of the process that holds the lease
    leased_until INTEGER NOT NULL,
    highest_id INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE stage (                -- how far each stage after the acknowledgement has come
    node_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    position INTEGER NOT NULL,      -- highest event_id done
    item INTEGER,                   -- what it is on; still set after a death
    deaths INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (node_id, name)
) WITHOUT ROWID;

CREATE TABLE job (
    job_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    job_key TEXT NOT NULL,          -- one open job per (kind, key)
    state TEXT NOT NULL,            -- due | running | done | parked
    due_at INTEGER NOT NULL,
    leased_until INTEGER,
    owner TEXT,
    attempts INTEGER NOT NULL,
    payload TEXT NOT NULL,          -- JSON, without personal data
    progress TEXT,                  -- JSON
    reason TEXT,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX job_open ON job (kind, job_key) WHERE state IN ('due', 'running');
CREATE INDEX job_due ON job (due_at) WHERE state = 'due';

CREATE TABLE parked (               -- items on which a stage or job died twice: "needs attention"
    parked_id INTEGER PRIMARY KEY,
    stage TEXT NOT NULL,
    item INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    settled_at INTEGER
) WITHOUT ROWID;

-- ── who may use Kith ────────────────────────────────────────────────────────────────────────────
CREATE TABLE account (
    account_id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,             -- owner | staff
    language TEXT NOT NULL,
    password_hash TEXT,             -- Argon2id; null until the invite is taken up
    created_at INTEGER NOT NULL,
    disabled_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_email ON account (email);

CREATE TABLE account_link (         -- one-time links: set-up, invite, reset
    token_hash BLOB PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    account_id INTEGER NOT NULL,
    csrf TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_key (
    key_id INTEGER PRIMARY KEY,
    key_hash BLOB NOT NULL,
    prefix TEXT NOT NULL,
    scope TEXT NOT NULL,            -- track | ingest | api
    name TEXT NOT NULL,
    source_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_hash ON api_key (key_hash);

CREATE TABLE audit (
    audit_id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,            -- 'account 12', 'key 34', 'command line'
    action TEXT NOT NULL,           -- 'key.create', 'person.erase' …
    subject TEXT NOT NULL,          -- kind and id, never a name or address
    detail TEXT                     -- JSON, without personal data
) WITHOUT ROWID;

-- ── where things come from ──────────────────────────────────────────────────────────────────────
CREATE TABLE shop (
    shop_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    currency TEXT,
    zone TEXT,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX shop_name ON shop (name);

CREATE TABLE source (               -- small ids, borne by every row that came in
    source_id INTEGER PRIMARY KEY,  -- 1 = hand, 2 = kith itself, then as they are made
    kind TEXT NOT NULL,             -- hand | kith | api | file | ingest | track
    trust INTEGER NOT NULL,         -- 50 hand, 40 shop API or webhook, 30 file, 20 ingest, 10 track
    name TEXT NOT NULL,
    shop_id INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- ── people ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE person (
    person_id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    trust INTEGER NOT NULL,         -- of the source that made it
    created_at INTEGER NOT NULL,
    erased_at INTEGER
) WITHOUT ROWID;

CREATE TABLE person_summary (       -- what lists show and search; derived from traits and identities
    person_id INTEGER PRIMARY KEY,
    name TEXT,                      -- personal
    email TEXT,                     -- personal
    phone TEXT,                     -- personal
    country TEXT,                   -- personal
    search TEXT NOT NULL,           -- personal: folded name, e-mail, phone, user ids
    sort_name TEXT NOT NULL,        -- personal: folded name, else e-mail
    listed INTEGER NOT NULL,        -- 0 while merged into another
    created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX person_summary_name ON person_summary (sort_name, person_id) WHERE listed = 1;

CREATE TABLE identity (             -- look-up by value
    kind TEXT NOT NULL,             -- user_id | anonymous_id | email | phone
    value TEXT NOT NULL,            -- personal: normalised; an anonymous_id is prefixed 'source:'
    person_id INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,     -- 0: only the public key, or an alias not seen yet, says so
    created_at INTEGER NOT NULL,
    PRIMARY KEY (kind, value)
) WITHOUT ROWID;

CREATE TABLE person_identity (      -- the mirror on the person's side
    person_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,            -- personal
    source_id INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    state TEXT NOT NULL,            -- confirmed | presumed (by an alias) | unconfirmed
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, kind, value)
) WITHOUT ROWID;

CREATE TABLE person_link (          -- stem -> surviving person; undone by ending it
    stem INTEGER NOT NULL,          -- a person_id, or the negative hash of a visitor
    merge_id INTEGER NOT NULL,
    person_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (stem, merge_id)
) WITHOUT ROWID;

CREATE TABLE merge (
    merge_id INTEGER PRIMARY KEY,
    winner INTEGER NOT NULL,
    loser INTEGER NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    undone_at INTEGER,
    undone_by TEXT
) WITHOUT ROWID;

CREATE TABLE merge_settlement (     -- open decisions settled by a merge, so that undo can reverse them
    merge_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    item INTEGER NOT NULL,
    before TEXT,
    PRIMARY KEY (merge_id, kind, person_id, item)
) WITHOUT ROWID;

CREATE TABLE trait (                -- a ledger: every change, never overwritten
    person_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    trait_id INTEGER NOT NULL,
    value TEXT NOT NULL,            -- personal: JSON in comparable form
    source_id INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, name, trait_id)
) WITHOUT ROWID;

CREATE TABLE consent (              -- a ledger
    person_id INTEGER NOT NULL,
    consent_id INTEGER NOT NULL,
    address_hash BLOB,              -- keyed hash of the normalised address; null: the person as such
    channel TEXT NOT NULL,          -- email | sms | …
    topic TEXT NOT NULL,
    state TEXT NOT NULL,            -- granted | pending | denied
    basis TEXT NOT NULL,
    text TEXT,                      -- what was shown
    proof TEXT,                     -- personal
    source_id INTEGER NOT NULL,
    actor TEXT NOT NULL,
    by_person INTEGER NOT NULL,     -- 1: an act of the person at that address
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (person_id, consent_id)
) WITHOUT ROWID;

CREATE TABLE address_consent (      -- look-up by address: binds whoever holds it, survives erasure
    address_hash BLOB NOT NULL,
    channel TEXT NOT NULL,
    topic TEXT NOT NULL,
    consent_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    by_person INTEGER NOT NULL,
    occurred_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (address_hash, channel, topic, consent_id)
) WITHOUT ROWID;

CREATE TABLE note (
    person_id INTEGER NOT NULL,
    note_id INTEGER NOT NULL,
    body TEXT NOT NULL,             -- personal
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (person_id, note_id)
) WITHOUT ROWID;

CREATE TABLE person_tag (
    person_id INTEGER NOT NULL,
    tag TEXT NOT NULL,              -- personal
    author TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (person_id, tag)
) WITHOUT ROWID;

CREATE TABLE erasure (              -- what is to be erased, and how far it has come
    erasure_id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL,
    stems TEXT NOT NULL,            -- JSON list of ids
    asked_at INTEGER NOT NULL,
    done_at INTEGER
) WITHOUT ROWID;

-- ── timeline ────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE event_name (
    name_id INTEGER PRIMARY KEY,    -- 1.. in order of first sight
    name TEXT NOT NULL,             -- never personal: budgeted, see timeline/README.md
    source_id INTEGER NOT NULL,     -- whose budget it counts against
    first_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX event_name_name ON event_name (name);

-- sqlite:
CREATE TABLE event (                -- append-only in order of arrival; no other index, on purpose
    event_id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL,     -- stem; negative: a visitor; 0: nobody known (a till)
    name_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    flags INTEGER NOT NULL,         -- timeline/event.h: type, confirmed, future, imported …
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    message_id TEXT,
    payload TEXT NOT NULL           -- personal: JSON in comparable form
);
-- postgres:
CREATE TABLE event (
    event_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    name_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    flags BIGINT NOT NULL,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    message_id TEXT,
    payload TEXT NOT NULL,
    PRIMARY KEY (person_id, event_id)
);
CREATE TABLE event_seen (           -- de-duplication window, one partition a day, made by the timeline
    day BIGINT NOT NULL,            -- days since 1970 of receipt, UTC
    source_id BIGINT NOT NULL,
    message_hash BYTEA NOT NULL,
    PRIMARY KEY (source_id, message_hash, day)
) PARTITION BY RANGE (day);
-- both:

CREATE TABLE event_daily (          -- what remains of events beyond their retention
    name_id INTEGER NOT NULL,
    day INTEGER NOT NULL,           -- days since 1970, business's zone
    count INTEGER NOT NULL,
    PRIMARY KEY (name_id, day)
) WITHOUT ROWID;

CREATE TABLE retention (
    name_id INTEGER PRIMARY KEY,
    days INTEGER NOT NULL
) WITHOUT ROWID;

-- ── orders ──────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE order_key (            -- look-up by value: one row per (shop, order key), for ever
    shop_id INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    PRIMARY KEY (shop_id, order_key)
) WITHOUT ROWID;

CREATE TABLE orders (               -- the fold of its reports
    person_id INTEGER NOT NULL,     -- stem; 0: nobody known
    order_id INTEGER NOT NULL,
    shop_id INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    number TEXT,                    -- as the shop prints it
    state TEXT NOT NULL,            -- placed | cancelled | test
    confirmed INTEGER NOT NULL,     -- 0: only a public key has reported it; counts nowhere
    currency TEXT NOT NULL,
    revenue INTEGER NOT NULL,       -- as ordered, minor units
    net_revenue INTEGER NOT NULL,   -- after refunds that name it and cancellation
    base_revenue INTEGER,           -- in the business's currency, by the day's rate; null: unknown
    base_net INTEGER,
    tax INTEGER,
    shipping INTEGER,
    discount INTEGER,
    coupon TEXT,
    item_count INTEGER NOT NULL,    -- order lines
    occurred_at INTEGER NOT NULL,
    cancelled_at INTEGER,
    received_at INTEGER NOT NULL,
    event_id INTEGER,               -- its one `Order Completed`
    PRIMARY KEY (person_id, order_id)
) WITHOUT ROWID;

CREATE TABLE order_report (         -- evidence: what each source said last; null: did not say
    person_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    import_id INTEGER,
    fingerprint BLOB NOT NULL,      -- of the content: the same again changes nothing
    received_at INTEGER NOT NULL,
    stem INTEGER NOT NULL,          -- the buyer it named; 0: nobody
    number TEXT,
    currency TEXT NOT NULL,
    revenue INTEGER,                -- minor units
    lines_value INTEGER NOT NULL,   -- sum of its lines
    line_count INTEGER NOT NULL,
    tax INTEGER,
    shipping INTEGER,
    discount INTEGER,
    coupon TEXT,
    occurred_at INTEGER,
    cancelled_at INTEGER,
    test INTEGER NOT NULL,
    PRIMARY KEY (person_id, order_id, source_id)
) WITHOUT ROWID;

CREATE TABLE order_line (
    person_id INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,     -- whose report it is of
    line_no INTEGER NOT NULL,       -- line of the file, or position in the report
    product_key TEXT NOT NULL,
    name TEXT NOT NULL,
    category TEXT,
    quantity INTEGER NOT NULL,      -- × 10⁶
    price INTEGER NOT NULL,         -- of one, × 10⁶ of a major unit
    value INTEGER NOT NULL,         -- minor units, of the line
    PRIMARY KEY (person_id, order_id, source_id, line_no)
) WITHOUT ROWID;

CREATE TABLE refund_key (
    shop_id INTEGER NOT NULL,
    refund_key TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    refund_id INTEGER NOT NULL,
    PRIMARY KEY (shop_id, refund_key)
) WITHOUT ROWID;

CREATE TABLE refund (
    person_id INTEGER NOT NULL,
    refund_id INTEGER NOT NULL,
    shop_id INTEGER NOT NULL,
    refund_key TEXT NOT NULL,
    order_id INTEGER,               -- null: names no order
    order_key TEXT,                 -- set while it waits for its order
    state TEXT NOT NULL,            -- booked | waiting
    confirmed INTEGER NOT NULL,
    currency TEXT NOT NULL,
    amount INTEGER NOT NULL,        -- minor units, positive
    base_amount INTEGER,
    source_id INTEGER NOT NULL,
    trust INTEGER NOT NULL,
    import_id INTEGER,
    fingerprint BLOB NOT NULL,
    occurred_at INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    event_id INTEGER,
    PRIMARY KEY (person_id, refund_id)
) WITHOUT ROWID;

CREATE INDEX refund_order ON refund (person_id, order_id) WHERE order_id IS NOT NULL;

CREATE TABLE refund_waiting (       -- look-up: refunds whose order has not been seen yet
    shop_id INTEGER NOT NULL,
    order_key TEXT NOT NULL,
    person_id INTEGER NOT NULL,
    refund_id INTEGER NOT NULL,
    PRIMARY KEY (shop_id, order_key, refund_id)
) WITHOUT ROWID;

CREATE TABLE product (
    shop_id INTEGER NOT NULL,
    product_key TEXT NOT NULL,
    name TEXT NOT NULL,
    variant TEXT,
    category TEXT,
    price INTEGER,                  -- minor units
    currency TEXT,
    url TEXT,
    image_url TEXT,
    stock INTEGER,
    trust INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (shop_id, product_key)
) WITHOUT ROWID;

CREATE TABLE rate (                 -- units of the business's currency for one of `currency`, × 10⁹
    currency TEXT NOT NULL,
    day INTEGER NOT NULL,           -- days since 1970; valid until the next row
    rate INTEGER NOT NULL,
    PRIMARY KEY (currency, day)
) WITHOUT ROWID;

-- ── imports ─────────────────────────────────────────────────────────────────────────────────────
CREATE TABLE import (
    import_id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    shop_id INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- orders | customers | products | events | rates
    format TEXT NOT NULL,           -- shopify | woocommerce | generic
    file_name TEXT NOT NULL,
    file_path TEXT NOT NULL,
    file_bytes INTEGER NOT NULL,
    file_hash BLOB,
    mapping TEXT NOT NULL,          -- JSON: field -> column
    assumed TEXT NOT NULL,          -- JSON: delimiter, encoding, date order, zone, currency …
    state TEXT NOT NULL,            -- uploaded | ready | running | done | failed | stopped
    position INTEGER NOT NULL,      -- byte to resume from
    line INTEGER NOT NULL,
    counts TEXT NOT NULL,           -- JSON: rows, orders, customers, refunds, rejected, unchanged
    error TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER
) WITHOUT ROWID;

CREATE TABLE import_mapping (       -- kept for the next file with the same header
    header_hash BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    mapping TEXT NOT NULL,
    assumed TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;

-- What is there from the start: one shop, what people type in by hand, and Kith itself.
INSERT INTO shop (shop_id, name, created_at) VALUES (1, 'My shop', 0);
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at) VALUES (1, 'hand', 50, 'by hand', 1, 0);
INSERT INTO source (source_id, kind, trust, name, shop_id, created_at) VALUES (2, 'kith', 50, 'Kith', 1, 0);
