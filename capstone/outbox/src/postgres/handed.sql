-- Version 6: a consumer is charged for what it was handed, not for what it has fetched.

-- deliveries: how often it was handed out. What an older program has fetched, it has counted.
ALTER TABLE outbox_stream_pending ADD COLUMN handed boolean NOT NULL DEFAULT true; -- its member has handed it out
