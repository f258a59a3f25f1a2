-- Migration 9: how many mails of mailings left, for the limit of a day.

CREATE TABLE sent_count (
    slot INTEGER PRIMARY KEY,       -- ten minutes, counted from 1970
    mails INTEGER NOT NULL
) WITHOUT ROWID;
