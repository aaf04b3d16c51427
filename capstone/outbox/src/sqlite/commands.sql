-- What operators want.

-- A command for the relay that holds the lane. One that is not answered waits.
CREATE TABLE outbox_command (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     INTEGER NOT NULL CHECK (kind IN (0, 1)), -- as in outbox_trouble
  name     TEXT NOT NULL,
  verb     TEXT NOT NULL CHECK (verb IN ('retry', 'skip', 'discard', 'clear')),
  head_seq INTEGER NOT NULL,
  upto_seq INTEGER NOT NULL,
  error    TEXT NOT NULL,                           -- the sink's last words by then
  asked_by TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  done_ms  INTEGER,                                 -- NULL: waits
  refusal  TEXT                                     -- NULL: it was done
) STRICT;
-- What waits is found without looking at what is answered, and a key has one at a time.
CREATE UNIQUE INDEX outbox_command_waiting ON outbox_command (kind, name) WHERE done_ms IS NULL;

-- While it has its row, nothing is published.
CREATE TABLE outbox_pause (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  paused_by TEXT NOT NULL,
  since_ms  INTEGER NOT NULL
) STRICT;
