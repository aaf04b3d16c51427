-- What operators want.

-- A command for the relay that holds the lane. One that is not answered waits.
CREATE TABLE outbox_command (
  id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lane     smallint NOT NULL,
  kind     smallint NOT NULL CHECK (kind IN (0, 1)), -- as in outbox_trouble
  name     text NOT NULL,
  verb     text NOT NULL CHECK (verb IN ('retry', 'skip', 'discard', 'clear')),
  head_seq bigint NOT NULL,
  upto_seq bigint NOT NULL,
  error    text NOT NULL,                            -- the sink's last words by then
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  done_at  timestamptz,                              -- NULL: waits
  refusal  text                                      -- NULL: it was done
);
-- What waits is found without looking at what is answered, and a key has one at a time.
CREATE UNIQUE INDEX outbox_command_waiting ON outbox_command (kind, name) WHERE done_at IS NULL;

-- While it has its row, nothing is published.
CREATE TABLE outbox_pause (
  one       smallint PRIMARY KEY CHECK (one = 1),
  paused_by text NOT NULL,
  since     timestamptz NOT NULL DEFAULT clock_timestamp()
);
