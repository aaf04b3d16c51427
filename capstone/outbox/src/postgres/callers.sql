-- What others call: outbox_enqueue takes what its caller has, and no function depends on its caller's search_path.

-- The row's seq, or NULL: a message with this id is pending, held or dead already.
CREATE OR REPLACE FUNCTION outbox_enqueue(topic text, key text, payload bytea, headers json DEFAULT '{}', id uuid DEFAULT gen_random_uuid())
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
  IF EXISTS (SELECT FROM outbox_dead AS dead WHERE dead.id = $5) THEN
    RETURN NULL;
  END IF;
  INSERT INTO outbox (id, topic, key, headers, payload) VALUES ($5, $1, $2, $4, $3)
  ON CONFLICT DO NOTHING RETURNING seq INTO enqueued;
  IF enqueued IS NULL AND NOT EXISTS (SELECT FROM outbox AS pending WHERE pending.id = $5) THEN
    -- Not the id was there already, but the number. To go on to the next one might put it before earlier ones of its key.
    RAISE unique_violation USING CONSTRAINT = 'outbox_pkey',
      MESSAGE = 'the number for this message is in use: the sequence outbox_seq_seq is behind the rows',
      HINT = 'SELECT setval(''outbox_seq_seq'', (SELECT max(seq) FROM outbox))';
  END IF;
  RETURN enqueued;
END $$;

-- Text as its bytes, which an implicit cast to bytea would read as an escape. RETURN binds the names now, and is inlined. A
-- literal and a parameter without a type count as text.
DO $do$
DECLARE
  payload text;
  headers text;
BEGIN
  FOREACH payload IN ARRAY ARRAY['bytea', 'text', 'json', 'jsonb'] LOOP
    FOREACH headers IN ARRAY ARRAY['json', 'text', 'jsonb'] LOOP
      CONTINUE WHEN payload = 'bytea' AND headers = 'json';
      EXECUTE format(
        'CREATE FUNCTION outbox_enqueue(topic text, key text, payload %s, headers %s%s, id uuid DEFAULT gen_random_uuid())
         RETURNS bigint LANGUAGE sql RETURN outbox_enqueue($1, $2, %s, $4::json, $5)',
        payload, headers, CASE WHEN headers = 'json' THEN ' DEFAULT ''{}''' END,
        CASE WHEN payload = 'bytea' THEN '$3' ELSE 'convert_to($3::text, ''UTF8'')' END);
    END LOOP;
  END LOOP;
END $do$;

-- For a bulk load: locks all these lanes until the commit. Whoever keeps one of them is waited for with no other lane in hand, so that
-- his transaction holds up nobody else. Among many short ones it gets on by waiting a little longer each time before it gives back
-- what it has; still less than deadlock_timeout.
CREATE FUNCTION outbox_lock_lanes(lanes integer[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  callers_timeout text := current_setting('lock_timeout');
  patience_ms integer := 10;
  slow integer;
  is_alone boolean;
  lane integer;
BEGIN
  LOOP
    -- A subtransaction: what it has locked and set is given back with it.
    BEGIN
      is_alone := true;
      IF slow IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(4711, slow);
      END IF;
      is_alone := false;
      PERFORM set_config('lock_timeout', patience_ms::text, true);
      FOREACH lane IN ARRAY lanes LOOP
        slow := lane;
        PERFORM pg_advisory_xact_lock(4711, lane);
      END LOOP;
      PERFORM set_config('lock_timeout', callers_timeout, true);
      RETURN cardinality(lanes);
    EXCEPTION WHEN lock_not_available THEN
      IF is_alone THEN
        RAISE;
      END IF;
      patience_ms := least(patience_ms * 2, 500);
    END;
  END LOOP;
END $$;

-- Last: whoever calls them, with whatever search_path, they find the tables beside them.
DO $do$
DECLARE
  function regprocedure;
BEGIN
  FOR function IN
    SELECT oid FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
       AND proname IN ('outbox_enqueue', 'outbox_stream_append', 'outbox_stream_trim')
       AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'plpgsql')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', function, current_schema());
  END LOOP;
END $do$;
