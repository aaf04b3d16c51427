-- Version 1. Times are milliseconds since 1970 by the database's clock. julianday() rather than
-- unixepoch('subsec'), which is NULL on SQLite before 3.42: applications may insert through an older one.

CREATE TABLE outbox (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT, -- without AUTOINCREMENT numbers are used again once the table is empty
  id         BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  lane       INTEGER NOT NULL DEFAULT 0 CHECK (lane = 0),
  topic      TEXT NOT NULL,
  key        TEXT,
  headers    TEXT NOT NULL DEFAULT '{}' CHECK (json_type(headers) = 'object'),
  payload    BLOB NOT NULL,
  state      INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)), -- 0 ready, 1 held: behind a failed row of its key
  created_ms INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER))
) STRICT;
CREATE INDEX outbox_ready ON outbox (lane, seq) WHERE state = 0;
CREATE INDEX outbox_held ON outbox (key, seq) WHERE state = 1;

-- Only what is in trouble has a row here: a key or, for a message without one, its row.
CREATE TABLE outbox_trouble (
  kind     INTEGER NOT NULL CHECK (kind IN (0, 1)), -- 0 key, 1 row
  name     TEXT NOT NULL,                           -- the key, or the row's seq
  head_seq INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  retry_ms INTEGER,                                 -- NULL: parked, waits for an operator
  error    TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox_dead (
  seq        INTEGER PRIMARY KEY,
  id         BLOB NOT NULL UNIQUE,
  topic      TEXT NOT NULL,
  key        TEXT,
  headers    TEXT NOT NULL,
  payload    BLOB NOT NULL,
  created_ms INTEGER NOT NULL,
  attempts   INTEGER NOT NULL,
  error      TEXT NOT NULL,
  dead_ms    INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox_lane (
  lane       INTEGER PRIMARY KEY,
  owner      TEXT,                        -- NULL: free
  epoch      INTEGER NOT NULL DEFAULT 0,
  expires_ms INTEGER NOT NULL DEFAULT 0,
  locked     INTEGER NOT NULL DEFAULT 0   -- 1: the owner holds the file lock, so whoever gets it knows that the owner is dead
) STRICT;
INSERT INTO outbox_lane (lane) VALUES (0);

CREATE TABLE outbox_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO outbox_meta VALUES ('schema_version', '1');
