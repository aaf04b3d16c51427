-- What goes from the front of a stream, and what time it is there. The search path is that of the tables.

-- Brings moments that lie in the future down to now, at most limit_rows of them, from the first one on, so that they still
-- never go back: a clock that was ahead must not keep messages for as long as it was ahead. A minute is no matter. True: there
-- are more. The caller has locked the stream.
CREATE FUNCTION outbox_stream_mend(stream bigint, now_ms bigint, limit_rows bigint)
RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  low bigint;
  high bigint;
  middle bigint;
BEGIN
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1;
  IF s.last_ms <= $2 + 60000 THEN
    RETURN false;
  END IF;
  low := s.first_seq;
  high := s.last_seq + 1;
  WHILE low < high LOOP
    middle := low + (high - low) / 2;
    IF (SELECT at_ms > $2 FROM outbox_stream_message WHERE stream = $1 AND seq = middle) THEN
      high := middle;
    ELSE
      low := middle + 1;
    END IF;
  END LOOP;
  UPDATE outbox_stream_message SET at_ms = $2 WHERE (stream, seq) >= ($1, low) AND (stream, seq) < ($1, low + $3);
  IF low + $3 <= s.last_seq THEN
    RETURN true;
  END IF;
  UPDATE outbox_stream SET last_ms = $2 WHERE id = $1;
  RETURN false;
END $$;

-- As before; now_ms is what the clock says, and not the last moment of the stream, which it mends first.
CREATE OR REPLACE FUNCTION outbox_stream_trim(stream bigint, now_ms bigint, limit_rows bigint)
RETURNS boolean LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  is_ahead boolean;
  taken bigint;
  taken_bytes bigint;
BEGIN
  is_ahead := outbox_stream_mend($1, $2, $3);
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1;
  IF s.age_max_ms IS NULL AND s.last_seq - s.first_seq < coalesce(s.count_max, 9223372036854775807)
     AND s.bytes <= coalesce(s.bytes_max, 9223372036854775807) THEN
    RETURN is_ahead;
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
  RETURN is_ahead OR taken = $3;
END $$;

-- Takes away at most limit_rows messages below this number, whatever the stream keeps, and says how many. The caller has locked
-- the stream.
CREATE FUNCTION outbox_stream_cut(stream bigint, below bigint, limit_rows bigint)
RETURNS bigint LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  upto bigint;
  taken_bytes bigint;
BEGIN
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1;
  upto := least($2, s.last_seq + 1, s.first_seq + $3);
  IF upto <= s.first_seq THEN
    RETURN 0;
  END IF;
  SELECT coalesce(sum(weight), 0) INTO taken_bytes FROM outbox_stream_message
   WHERE (stream, seq) >= ($1, s.first_seq) AND (stream, seq) < ($1, upto);
  DELETE FROM outbox_stream_message WHERE (stream, seq) >= ($1, s.first_seq) AND (stream, seq) < ($1, upto);
  UPDATE outbox_stream SET first_seq = upto, bytes = bytes - taken_bytes WHERE id = $1;
  RETURN upto - s.first_seq;
END $$;

-- As before, but ages are counted by the clock. Appends what is no duplicate, in this order, and lets retention follow: an
-- answer for each message. What is twice in one call is a duplicate. Until the commit others who append to the stream wait, so call it as late as possible.
CREATE OR REPLACE FUNCTION outbox_stream_append(
  stream bigint, ids uuid[], topics text[], keys text[], headers text[], payloads bytea[], clock_ms bigint DEFAULT NULL
)
RETURNS TABLE (appended_seq bigint, is_duplicate boolean)
LANGUAGE plpgsql SET search_path FROM CURRENT SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE
  s outbox_stream;
  clock bigint := coalesce($7, outbox_clock_ms());
  now_ms bigint;
  added bigint;
BEGIN
  -- A statement of its own: those behind it see what the one who had the lock before has committed.
  SELECT * INTO STRICT s FROM outbox_stream WHERE id = $1 FOR NO KEY UPDATE;
  IF s.last_ms > clock + 60000 AND NOT outbox_stream_mend($1, clock, cardinality($2) * 2 + 16) THEN
    s.last_ms := clock;
  END IF;
  now_ms := greatest(s.last_ms, clock);
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
    PERFORM outbox_stream_trim($1, clock, added * 2 + 16);
  END IF;
END $$;
