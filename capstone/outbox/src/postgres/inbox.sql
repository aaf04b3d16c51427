-- What a consumer has seen. A table of its own, because the consumer's database may be another one.
CREATE TABLE IF NOT EXISTS outbox_inbox (
  consumer text NOT NULL,
  id       uuid NOT NULL,
  seen_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, id)
);
CREATE INDEX IF NOT EXISTS outbox_inbox_seen ON outbox_inbox (seen_at);
