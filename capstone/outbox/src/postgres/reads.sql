-- A relay says of its lanes which it does not read.

ALTER TABLE outbox_relay ADD COLUMN unread smallint[] NOT NULL DEFAULT '{}'; -- that it has not looked at for half a minute, though it had room
