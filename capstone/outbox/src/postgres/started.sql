-- After an owner that did not leave cleanly, what is published is written down before.

ALTER TABLE outbox_lane ADD COLUMN abandoned boolean NOT NULL DEFAULT false; -- the owner before did not give it back

-- Starts without an outcome. Empty while all is well.
CREATE TABLE outbox_started (
  seq    bigint PRIMARY KEY,
  starts integer NOT NULL
);
