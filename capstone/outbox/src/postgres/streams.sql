-- Version 2: streams and their consumers; inbox.sql belongs to it. Times are milliseconds since 1970, so that tests can
-- give them, and a time that was published is found again.

-- What it holds lies in first_seq ..= last_seq without a hole: retention takes from the front only.
CREATE TABLE outbox_stream (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL UNIQUE,
  first_seq   bigint NOT NULL DEFAULT 1,
  last_seq    bigint NOT NULL DEFAULT 0,   -- locked by whoever appends, until the commit: no number commits before an earlier one
  last_ms     bigint NOT NULL DEFAULT 0,   -- never goes back, so that a time can be searched for
  bytes       bigint NOT NULL DEFAULT 0,
  age_max_ms  bigint,                      -- NULL: no bound
  count_max   bigint,
  bytes_max   bigint,
  dedup_ms    bigint NOT NULL,
  dedup_count bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE outbox_stream_message (
  stream  bigint NOT NULL,
  seq     bigint NOT NULL,
  id      uuid NOT NULL,
  at_ms   bigint NOT NULL,
  weight  integer NOT NULL GENERATED ALWAYS AS
            (octet_length(payload) + octet_length(topic) + octet_length(headers::text) + coalesce(octet_length(key), 0)) STORED,
  topic   text NOT NULL,
  key     text,
  headers json NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (stream, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX outbox_stream_message_id ON outbox_stream_message (stream, id, seq);

CREATE TABLE outbox_stream_consumer (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- never used again: an answer must not reach a successor
  stream         bigint NOT NULL,
  name           text NOT NULL,
  filter         text,                       -- NULL: everything
  next_seq       bigint NOT NULL,            -- the first that was never delivered
  missed         bigint NOT NULL DEFAULT 0,  -- taken by retention before they were delivered or answered
  ack_wait_ms    bigint NOT NULL,
  deliveries_max bigint NOT NULL,
  backoff_ms     bigint[] NOT NULL,
  pending_max    bigint NOT NULL,
  expires_ms     bigint,                     -- NULL: durable
  UNIQUE (stream, name)
) WITH (fillfactor = 50);

-- Delivered and not answered. All below the lowest of a consumer, or below its next_seq, is done with: its floor.
CREATE TABLE outbox_stream_pending (
  consumer   bigint NOT NULL,
  seq        bigint NOT NULL,
  deliveries bigint NOT NULL,
  due_ms     bigint NOT NULL,               -- delivered again from then on
  member     uuid,                          -- who has it; NULL: nobody
  PRIMARY KEY (consumer, seq)
) WITH (
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);

CREATE TABLE outbox_stream_dead (
  number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream     bigint NOT NULL,
  consumer   text NOT NULL,
  seq        bigint NOT NULL,
  id         uuid NOT NULL,
  at_ms      bigint NOT NULL,
  topic      text NOT NULL,
  key        text,
  headers    json NOT NULL,
  payload    bytea NOT NULL,
  deliveries bigint NOT NULL,
  reason     text NOT NULL,
  dead_ms    bigint NOT NULL
);
CREATE INDEX outbox_stream_dead_stream ON outbox_stream_dead (stream, number);

CREATE FUNCTION outbox_clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;

-- Takes away at most limit_rows messages that are too old or too many. True: it stopped at the limit. The caller has locked the stream.
CREATE FUNCTION outbox_stream_trim(stream bigint, now_ms bigint, limit_rows bigint)
RETURNS boolean LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  taken bigint;
  taken_bytes bigint;
BEGIN
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1;
  IF s.age_max_ms IS NULL AND s.last_seq - s.first_seq < coalesce(s.count_max, 9223372036854775807)
     AND s.bytes <= coalesce(s.bytes_max, 9223372036854775807) THEN
    RETURN false;
  END IF;
  -- Each bound takes from the front, so what is over one of them has no gap.
  SELECT count(*), coalesce(sum(weight), 0) INTO taken, taken_bytes
    FROM (SELECT *, s.bytes - sum(weight) OVER (ORDER BY seq) + weight AS bytes_left
            FROM (SELECT seq, at_ms, weight FROM outbox_stream_message
                   WHERE (stream, seq) >= ($1, s.first_seq) AND (stream, seq) <= ($1, s.last_seq)
                   ORDER BY stream, seq LIMIT $3) AS front) AS weighed
   WHERE s.last_seq - seq >= s.count_max OR at_ms <= $2 - s.age_max_ms OR (bytes_left > s.bytes_max AND seq < s.last_seq);
  IF taken > 0 THEN
    DELETE FROM outbox_stream_message
     WHERE (stream, seq) >= ($1, s.first_seq) AND (stream, seq) < ($1, s.first_seq + taken);
    UPDATE outbox_stream SET first_seq = s.first_seq + taken, bytes = bytes - taken_bytes WHERE id = $1;
  END IF;
  RETURN taken = $3;
END $$;

-- Appends what is no duplicate, in this order, and lets retention follow: an answer for each message. What is twice in one
-- call is a duplicate. Until the commit others who append to the stream wait, so call it as late as possible.
CREATE FUNCTION outbox_stream_append(
  stream bigint, ids uuid[], topics text[], keys text[], headers text[], payloads bytea[], clock_ms bigint DEFAULT NULL
)
RETURNS TABLE (appended_seq bigint, is_duplicate boolean) LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  now_ms bigint;
  added bigint;
BEGIN
  -- A statement of its own: those behind it see what the one who had the lock before has committed.
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1 FOR NO KEY UPDATE;
  now_ms := greatest(s.last_ms, coalesce($7, outbox_clock_ms()));
  RETURN QUERY
  WITH given AS MATERIALIZED (
    SELECT given.*, row_number() OVER (PARTITION BY given.id ORDER BY given.place) > 1 AND s.dedup_ms > 0 AND s.dedup_count > 0 AS is_repeated,
           -- `+ 0`: or the planner might look through all of the window by the primary key, from its end.
           (SELECT max(m.seq + 0) FROM outbox_stream_message AS m
             WHERE m.stream = $1 AND m.id = given.id AND m.seq + 0 > s.last_seq - s.dedup_count AND m.at_ms > now_ms - s.dedup_ms) AS known
      FROM unnest($2, $3, $4, $5, $6) WITH ORDINALITY AS given (id, topic, key, headers, payload, place)
  ), numbered AS MATERIALIZED (
    SELECT *, known IS NULL AND NOT is_repeated AS is_new,
           s.last_seq + count(*) FILTER (WHERE known IS NULL AND NOT is_repeated) OVER (ORDER BY place) AS seq
      FROM given
  ), appended AS (
    INSERT INTO outbox_stream_message (stream, seq, id, at_ms, topic, key, headers, payload)
    SELECT $1, seq, id, now_ms, topic, key, headers::json, payload FROM numbered WHERE is_new ORDER BY seq
    RETURNING seq, weight
  ), moved AS (
    UPDATE outbox_stream SET last_seq = total.last, last_ms = now_ms, bytes = bytes + total.weight
      FROM (SELECT max(seq) AS last, sum(weight) AS weight FROM appended) AS total WHERE id = $1 AND total.last IS NOT NULL
  )
  SELECT CASE WHEN is_new THEN seq ELSE coalesce(known, first_value(seq) OVER (PARTITION BY id ORDER BY place)) END, NOT is_new
    FROM numbered ORDER BY place;
  SELECT last_seq - s.last_seq INTO added FROM outbox_stream WHERE id = $1;
  IF added > 0 THEN
    PERFORM outbox_stream_trim($1, now_ms, added * 2 + 16);
  END IF;
END $$;
