-- A relay says of its lane whether it reads it.

ALTER TABLE outbox_lane ADD COLUMN unread INTEGER NOT NULL DEFAULT 0; -- 1: its owner has not looked at it for half a minute, though it had room
