-- Migration 7: the mailbox that is read, and what people write to the business.

CREATE TABLE mail_source (          -- how far the business's mailbox is read
    source_no INTEGER PRIMARY KEY,  -- 1: there is one
    mailbox TEXT NOT NULL,          -- keyed hash of server and user: another one begins anew
    first_validity INTEGER NOT NULL, -- UIDVALIDITY when reading began
    uid_validity INTEGER NOT NULL,
    uid INTEGER NOT NULL,           -- highest one read
    since_at INTEGER NOT NULL,      -- when reading began: older mails are not read
    taken INTEGER NOT NULL,         -- mails read since
    taken_at INTEGER                -- of the last of them
) WITHOUT ROWID;

CREATE TABLE conversation (         -- what somebody and the business write to each other
    person_id INTEGER NOT NULL,     -- stem; 0: nobody we know
    conversation_id INTEGER NOT NULL,
    kind TEXT NOT NULL,             -- person | automatic | returned | delayed
    state TEXT NOT NULL,            -- open | done; apart: nobody wrote it, so nobody answers
    address TEXT NOT NULL,          -- personal: who writes, or who could not be reached
    address_hash BLOB,              -- NULL: that is no address
    name TEXT NOT NULL,             -- personal: as they write it
    subject TEXT NOT NULL,          -- personal: of the first mail
    origin INTEGER NOT NULL,        -- the mailing it answers; 0: none
    status TEXT,                    -- of returned mail, RFC 3463
    wish TEXT,                      -- stop: asks for no more mail | stopped: and got that
    created_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,       -- of the newest mail
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, conversation_id)
) WITHOUT ROWID;
CREATE INDEX conversation_list ON conversation (state, last_at, conversation_id);
CREATE INDEX conversation_number ON conversation (conversation_id);
CREATE INDEX conversation_unknown ON conversation (address_hash) WHERE person_id = 0;

CREATE TABLE conversation_mail (    -- one mail of it
    person_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    mail_id INTEGER NOT NULL,
    direction TEXT NOT NULL,        -- in | out
    state TEXT NOT NULL,            -- in: received; out: waiting | handing | sent | refused | unknown
    reason TEXT,                    -- why it waits or was refused: code and stage, no words of others
    address TEXT NOT NULL,          -- personal: who wrote it, or to whom it goes
    subject TEXT NOT NULL,          -- personal
    body TEXT NOT NULL,             -- personal: plain text
    cut INTEGER NOT NULL,           -- 1: it was longer
    message_key TEXT NOT NULL,      -- personal: Message-ID of who wrote, "" when there is none
    actor TEXT,                     -- who of the business wrote it
    at INTEGER NOT NULL,
    PRIMARY KEY (person_id, conversation_id, mail_id)
) WITHOUT ROWID;

CREATE TABLE conversation_ref (     -- look-up: every mail is taken once, for ever, and found again
    ref BLOB PRIMARY KEY,           -- keyed hash of its Message-ID
    person_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX message_number ON message (message_id);
