-- Version 1. Times are the database's clock; clock_timestamp() and not now(), which is the start of the transaction.

CREATE TABLE outbox (
  -- CACHE 1: a session that kept numbers in store would give out old ones behind newer ones of the same key.
  seq        bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME outbox_seq_seq CACHE 1) PRIMARY KEY,
  id         uuid NOT NULL,
  -- Generated, so that no client can compute it wrongly: the relay that owns a key's lane is its only reader.
  lane       smallint NOT NULL GENERATED ALWAYS AS ((coalesce(hashtextextended(key, 0), hashint8extended(seq, 0)) & 63)::smallint) STORED,
  topic      text NOT NULL,
  key        text CHECK (octet_length(key) BETWEEN 1 AND 512),
  headers    json NOT NULL DEFAULT '{}' CHECK (json_typeof(headers) = 'object'), -- not jsonb, which rewrites the text and takes no \u0000
  payload    bytea NOT NULL,
  state      smallint NOT NULL DEFAULT 0 CHECK (state IN (0, 1)), -- 0 ready, 1 held: behind a failed row of its key
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (
  -- A queue is written and emptied all the time, so its dead rows are cleared by their number and not by their share.
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
  autovacuum_vacuum_cost_delay = 0,
  toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 2000, toast.autovacuum_vacuum_cost_delay = 0
);
CREATE UNIQUE INDEX outbox_id ON outbox (id);
-- Statements must spell these conditions out, or PostgreSQL does not see that the index serves them.
CREATE INDEX outbox_ready ON outbox (lane, seq) WHERE state = 0;
CREATE INDEX outbox_held ON outbox (key, seq) WHERE state = 1;

-- Only what is in trouble has a row here: a key or, for a message without one, its row.
CREATE TABLE outbox_trouble (
  kind     smallint NOT NULL CHECK (kind IN (0, 1)), -- 0 key, 1 row
  name     text NOT NULL,                            -- the key, or the row's seq
  lane     smallint NOT NULL,
  head_seq bigint NOT NULL,
  attempts integer NOT NULL,
  retry_at timestamptz,                              -- NULL: parked, waits for an operator
  error    text NOT NULL,
  since    timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (kind, name)
);

CREATE TABLE outbox_dead (
  seq        bigint PRIMARY KEY,
  id         uuid NOT NULL UNIQUE,
  topic      text NOT NULL,
  key        text,
  headers    json NOT NULL,
  payload    bytea NOT NULL,
  created_at timestamptz NOT NULL,
  attempts   integer NOT NULL,
  error      text NOT NULL,
  dead_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Relays, and until when their leases last. Room on each page for a row's next version: renewals touch no index.
CREATE TABLE outbox_relay (
  owner      text PRIMARY KEY,
  expires_at timestamptz NOT NULL,
  locked     boolean NOT NULL -- it holds its advisory lock, so whoever gets that knows it is dead
) WITH (fillfactor = 50);

CREATE TABLE outbox_lane (
  lane  smallint PRIMARY KEY,
  owner text,                     -- NULL: free
  epoch bigint NOT NULL DEFAULT 0 -- grows whenever the lane is taken or given back
) WITH (fillfactor = 50);
INSERT INTO outbox_lane (lane) SELECT generate_series(0, 63);

-- For every language: SELECT outbox_enqueue('orders.created', 'order-1', '{"cents":1250}') in the transaction that it belongs
-- to, as late in it as possible. The row's seq, or NULL: a message with this id is pending, held or dead already.
CREATE FUNCTION outbox_enqueue(topic text, key text, payload bytea, headers json DEFAULT '{}', id uuid DEFAULT gen_random_uuid())
RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  enqueued bigint;
BEGIN
  -- Until the commit nobody else gets a number for this key: so within a key, numbers grow in commit order.
  IF $2 IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(4711, (hashtextextended($2, 0) & 63)::integer);
    PERFORM pg_advisory_xact_lock(hashtextextended($2, 4711));
  END IF;
  INSERT INTO outbox (id, topic, key, headers, payload)
  SELECT $5, $1, $2, $4, $3 WHERE NOT EXISTS (SELECT FROM outbox_dead AS dead WHERE dead.id = $5)
  ON CONFLICT DO NOTHING RETURNING seq INTO enqueued;
  RETURN enqueued;
END $$;

CREATE TABLE outbox_meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO outbox_meta VALUES ('schema_version', '1');
