-- Migration 10: segments that keep a record of who came and went.

ALTER TABLE segment ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- rises with every change of the rule
ALTER TABLE segment ADD COLUMN watched_at INTEGER;  -- since when a record is kept; NULL: none
ALTER TABLE segment ADD COLUMN recorded INTEGER;    -- version that the record has caught up with
ALTER TABLE segment ADD COLUMN notify INTEGER NOT NULL DEFAULT 0;  -- 1: an edit's difference is told as events

CREATE TABLE segment_version (      -- what a segment meant, and since when
    segment_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rule TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (segment_id, version)
) WITHOUT ROWID;

CREATE TABLE segment_member (       -- the record: one stay of one person in one watched segment
    person_id INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    segment_id INTEGER NOT NULL,    -- personal: which group somebody belongs to
    version INTEGER NOT NULL,       -- of the rule when they entered
    entered_at INTEGER NOT NULL,    -- first ms at which it was true
    known_at INTEGER NOT NULL,      -- when that was written down
    left_at INTEGER,                -- first ms at which it was not true any more
    left_known_at INTEGER,
    PRIMARY KEY (person_id, member_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX segment_member_now ON segment_member (segment_id, person_id) WHERE left_at IS NULL;
CREATE INDEX segment_member_entered ON segment_member (segment_id, entered_at);
CREATE INDEX segment_member_left ON segment_member (segment_id, left_at) WHERE left_at IS NOT NULL;

CREATE TABLE segment_due (          -- when a rule changes next for somebody if nothing happens
    person_id INTEGER NOT NULL,
    segment_id INTEGER NOT NULL,    -- personal: as above
    due_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, segment_id)
) WITHOUT ROWID;
CREATE INDEX segment_due_at ON segment_due (due_at);
CREATE INDEX segment_due_segment ON segment_due (segment_id);

CREATE TABLE segment_dirty (        -- who has to be judged again, and since when
    person_id INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,      -- rises with every change not judged yet
    at INTEGER NOT NULL             -- receipt of the first of them
) WITHOUT ROWID;
CREATE INDEX segment_dirty_at ON segment_dirty (at);
