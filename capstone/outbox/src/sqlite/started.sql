-- After an owner that did not leave cleanly, what is published is written down before.

ALTER TABLE outbox_lane ADD COLUMN abandoned INTEGER NOT NULL DEFAULT 0; -- 1: the owner before did not give it back

-- Starts without an outcome. Empty while all is well.
CREATE TABLE outbox_started (
  seq    INTEGER PRIMARY KEY,
  starts INTEGER NOT NULL
) STRICT;
