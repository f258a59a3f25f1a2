-- Migration 12: what falls due is written with every step of a record; its index by segment served
-- only the clearing of a record, which goes over the people instead.

DROP INDEX segment_due_segment;
