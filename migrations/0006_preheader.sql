-- Migration 6: the line that mail programs show beside the subject.

ALTER TABLE template ADD COLUMN preheader TEXT NOT NULL DEFAULT '';  -- Liquid
