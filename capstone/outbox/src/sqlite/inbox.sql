-- What a consumer has seen. A table of its own, because the consumer's database may be another one.
CREATE TABLE IF NOT EXISTS outbox_inbox (
  consumer TEXT NOT NULL,
  id       BLOB NOT NULL CHECK (length(id) = 16),
  seen_ms  INTEGER NOT NULL,
  PRIMARY KEY (consumer, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS outbox_inbox_seen ON outbox_inbox (seen_ms);
