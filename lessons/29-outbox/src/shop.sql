-- ANCHOR: shop
CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS outbox (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which rows are published
  id   TEXT NOT NULL UNIQUE,              -- the id of the message, the same each time it is published
  body TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0         -- the mark: 1 when the broker has confirmed it
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox (seq) WHERE sent = 0;
-- ANCHOR_END: shop
