-- Migration 11: segments that are a list of people instead of a rule.

ALTER TABLE segment ADD COLUMN listed INTEGER NOT NULL DEFAULT 0; -- 1: `rule` only says its own name

CREATE TABLE segment_pick (         -- who is on such a list, and was
    person_id INTEGER NOT NULL,     -- the stem they were put on it as
    segment_id INTEGER NOT NULL,    -- personal: which list somebody is on
    added_at INTEGER NOT NULL,
    removed_at INTEGER,             -- NULL: still on it
    PRIMARY KEY (person_id, segment_id, added_at)
) WITHOUT ROWID;
CREATE INDEX segment_pick_segment ON segment_pick (segment_id, person_id, added_at);
