-- Migration 4: mails to groups: what is said, to whom, and how far each message is.

CREATE TABLE template (             -- what a mailing says; a new row with every change
    template_id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,          -- email
    subject TEXT NOT NULL,          -- Liquid
    body TEXT NOT NULL,             -- Liquid and Markdown
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE campaign (
    campaign_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    template_id INTEGER NOT NULL,
    rule TEXT NOT NULL,             -- the group, as text
    topic TEXT NOT NULL,            -- what people said yes to
    purpose TEXT NOT NULL,          -- value | promotion
    holdout INTEGER NOT NULL,       -- left alone to compare: per mille of the group, 0..500
    compare_days INTEGER NOT NULL,  -- how long the comparison runs from the start
    state TEXT NOT NULL,            -- draft | scheduled | planning | sending | stopped | done
    reason TEXT,                    -- why it was stopped
    position INTEGER NOT NULL,      -- highest person_id planned
    send_at INTEGER,                -- end of the time in which sending can be undone
    started_at INTEGER,
    ended_at INTEGER,
    not_after INTEGER,              -- a later message is not sent
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    deleted_at INTEGER
) WITHOUT ROWID;
CREATE INDEX campaign_open ON campaign (state) WHERE state IN ('scheduled', 'planning', 'sending');

CREATE TABLE message (              -- at most one for each (person, origin, occurrence), for ever
    person_id INTEGER NOT NULL,     -- the person when it was planned; a stem ever after
    origin INTEGER NOT NULL,        -- campaign or step
    occurrence INTEGER NOT NULL,    -- calendar date (days since 1970), or run and pass; once: 0
    message_id INTEGER NOT NULL,
    template_id INTEGER NOT NULL,
    state TEXT NOT NULL,            -- planned | waiting | claimed | handing | accepted | refused
                                    -- | unknown | cancelled | dropped
    reason TEXT,                    -- why it waits, was cancelled or dropped; the relay's code
    arm INTEGER NOT NULL,           -- 0 written to, 1 left alone to compare
    address TEXT,                   -- personal: where to, once that was decided
    address_hash BLOB,
    consent_id INTEGER NOT NULL,    -- what permits it; 0: an attestation
    attestation_id INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    epoch INTEGER NOT NULL,         -- of the guard when it was claimed
    owner INTEGER NOT NULL,         -- which claim holds it; 0: none
    leased_until INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    handed_at INTEGER,              -- when the hand over began
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, origin, occurrence)
) WITHOUT ROWID;
CREATE INDEX message_due ON message (due_at) WHERE state IN ('planned', 'waiting');
CREATE INDEX message_held ON message (owner) WHERE state IN ('claimed', 'handing');
CREATE INDEX message_origin ON message (origin, state);
CREATE INDEX message_address ON message (address_hash)
    WHERE state IN ('planned', 'waiting', 'claimed', 'handing');

CREATE TABLE address_sent (         -- look-up: one address gets one message of an occurrence
    origin INTEGER NOT NULL,
    occurrence INTEGER NOT NULL,
    address_hash BLOB NOT NULL,
    person_id INTEGER NOT NULL,     -- whose message it is
    PRIMARY KEY (origin, occurrence, address_hash)
) WITHOUT ROWID;

CREATE TABLE guard (                -- a message is handed over only if this has not changed
    person_id INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,         -- rises with every no and with every hand over
    last_at INTEGER NOT NULL,       -- of the last hand over; 0: none
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE link (                 -- where a click may lead: only what stood in a mail
    origin INTEGER NOT NULL,
    link_no INTEGER NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (origin, link_no)
) WITHOUT ROWID;

CREATE TABLE hit (                  -- every opening and click as it came
    person_id INTEGER NOT NULL,
    hit_id INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    occurrence INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- open | click
    link_no INTEGER NOT NULL,       -- 0: no link
    agent TEXT,                     -- personal: the program that asked
    at INTEGER NOT NULL,
    PRIMARY KEY (person_id, hit_id)
) WITHOUT ROWID;
CREATE INDEX hit_origin ON hit (origin, kind);
