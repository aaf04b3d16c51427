-- Version 2: streams and their consumers; inbox.sql belongs to it.

-- What it holds lies in first_seq ..= last_seq without a hole: retention takes from the front only.
CREATE TABLE outbox_stream (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  first_seq   INTEGER NOT NULL DEFAULT 1,
  last_seq    INTEGER NOT NULL DEFAULT 0,
  last_ms     INTEGER NOT NULL DEFAULT 0,   -- never goes back, so that a time can be searched for
  bytes       INTEGER NOT NULL DEFAULT 0,
  age_max_ms  INTEGER,                      -- NULL: no bound
  count_max   INTEGER,
  bytes_max   INTEGER,
  dedup_ms    INTEGER NOT NULL,
  dedup_count INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox_stream_message (
  stream  INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  id      BLOB NOT NULL CHECK (length(id) = 16),
  at_ms   INTEGER NOT NULL,
  topic   TEXT NOT NULL,
  key     TEXT,
  headers TEXT NOT NULL,
  payload BLOB NOT NULL,                    -- last: a filter reads the topic alone
  PRIMARY KEY (stream, seq)
) STRICT;
CREATE INDEX outbox_stream_message_id ON outbox_stream_message (stream, id);

CREATE TABLE outbox_stream_consumer (
  id             INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: an answer must not reach a successor
  stream         INTEGER NOT NULL,
  name           TEXT NOT NULL,
  filter         TEXT,                      -- NULL: everything
  next_seq       INTEGER NOT NULL,          -- the first that was never delivered
  missed         INTEGER NOT NULL DEFAULT 0, -- taken by retention before they were delivered or answered
  ack_wait_ms    INTEGER NOT NULL,
  deliveries_max INTEGER NOT NULL,
  backoff_ms     TEXT NOT NULL,             -- a JSON array
  pending_max    INTEGER NOT NULL,
  expires_ms     INTEGER,                   -- NULL: durable
  UNIQUE (stream, name)
) STRICT;

-- Delivered and not answered. All below the lowest of a consumer, or below its next_seq, is done with: its floor.
CREATE TABLE outbox_stream_pending (
  consumer   INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  due_ms     INTEGER NOT NULL,              -- delivered again from then on
  member     BLOB NOT NULL,                 -- who has it
  PRIMARY KEY (consumer, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_stream_dead (
  number       INTEGER PRIMARY KEY AUTOINCREMENT,
  stream       INTEGER NOT NULL,
  consumer     TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  id           BLOB NOT NULL,
  at_ms        INTEGER NOT NULL,
  topic        TEXT NOT NULL,
  key          TEXT,
  headers      TEXT NOT NULL,
  payload      BLOB NOT NULL,
  deliveries   INTEGER NOT NULL,
  reason       TEXT NOT NULL,
  dead_ms      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_stream_dead_stream ON outbox_stream_dead (stream, number);

UPDATE outbox_meta SET value = '2' WHERE name = 'schema_version';
