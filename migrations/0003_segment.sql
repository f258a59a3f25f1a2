-- Migration 3: rules over people that somebody keeps under a name.

CREATE TABLE segment (
    segment_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,             -- as typed; never personal: shown to everybody who signs in
    name_fold TEXT NOT NULL,        -- folded: names are unique in any case
    rule TEXT NOT NULL,             -- canonical text of segments/rule.h
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX segment_name ON segment (name_fold);
