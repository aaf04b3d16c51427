-- Who owns the tables, as `capstone migrate` made them, gives the others what they need, and no more. In a schema other than
-- public: GRANT USAGE ON SCHEMA … TO each of them, too. Everybody may call the functions.

-- The application: it enqueues, in any language. outbox_meta only if it has a PostgresStore, to tell relays of its commits.
GRANT INSERT (id, topic, key, headers, payload), SELECT (id, seq) ON outbox TO application;
GRANT SELECT (id) ON outbox_dead TO application;
GRANT SELECT ON outbox_meta TO application;
-- And as a consumer, with an Inbox.
GRANT SELECT, INSERT, DELETE ON outbox_inbox TO application;

-- The relay.
GRANT SELECT, UPDATE, DELETE ON outbox TO relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_dead, outbox_lane, outbox_relay, outbox_started, outbox_trouble TO relay;
GRANT SELECT, UPDATE, DELETE ON outbox_command TO relay;
GRANT SELECT ON outbox_meta, outbox_pause, outbox_seq_seq TO relay;
-- The program's relay also forgets what is old: of streams and of the inbox.
GRANT SELECT, DELETE ON outbox_inbox TO relay;
-- With the sink stream, and whoever publishes to streams, reads them and consumes from them.
GRANT SELECT, INSERT, UPDATE, DELETE ON
  outbox_stream, outbox_stream_consumer, outbox_stream_dead, outbox_stream_message, outbox_stream_pending TO relay;

-- An operator: status, dead letters, keys in trouble, pause and resume.
GRANT SELECT ON
  outbox, outbox_command, outbox_dead, outbox_lane, outbox_meta, outbox_pause, outbox_relay, outbox_started, outbox_trouble TO operator;
GRANT INSERT ON outbox TO operator;
GRANT UPDATE, DELETE ON outbox_dead TO operator;
GRANT INSERT, DELETE ON outbox_command, outbox_pause TO operator;

-- Monitoring: status and doctor. With pg_read_all_stats the doctor sees what others' sessions do.
GRANT SELECT ON
  outbox, outbox_command, outbox_dead, outbox_lane, outbox_meta, outbox_pause, outbox_relay, outbox_started, outbox_stream,
  outbox_stream_dead, outbox_trouble, outbox_seq_seq TO monitoring;
GRANT pg_read_all_stats TO monitoring;
