-- Migration 2: who may be written to, and why not.

-- Why an address is never written to, and who said so; both null in rows of migration 1.
ALTER TABLE address_consent ADD COLUMN reason TEXT;
ALTER TABLE address_consent ADD COLUMN source_id INTEGER;

-- 1: the address came with a confirmed order. What was known before is taken from where it came
-- from: until now every file and server was a shop's.
ALTER TABLE person_identity ADD COLUMN ordered INTEGER NOT NULL DEFAULT 0;
UPDATE person_identity SET ordered = 1
WHERE kind IN ('email', 'phone') AND state = 'confirmed' AND trust >= 20 AND trust <= 40
    AND person_id IN (SELECT person_id FROM orders WHERE confirmed = 1);

CREATE TABLE attestation (          -- what the business swore to, and what that permits
    attestation_id INTEGER PRIMARY KEY,
    basis TEXT NOT NULL,            -- existing_customer
    channel TEXT NOT NULL,          -- email | sms
    topic TEXT NOT NULL,            -- '*' = all
    law TEXT NOT NULL,              -- 'de-uwg-7-3' …: people/law.c
    country TEXT NOT NULL,          -- ISO 3166 code of the people it speaks of
    unknown_country INTEGER NOT NULL, -- 1: also of people whose country is not known
    text TEXT NOT NULL,             -- what was shown and sworn to
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_by TEXT
) WITHOUT ROWID;
