-- Migration 13: who is in a group now is looked up by person only, so its index lies by person too:
-- what happens to people together then touches few pages. By segment every step touched its own.

DROP INDEX segment_member_now;
CREATE UNIQUE INDEX segment_member_now ON segment_member (person_id, segment_id) WHERE left_at IS NULL;
