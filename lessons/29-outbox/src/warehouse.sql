-- ANCHOR: warehouse
CREATE TABLE IF NOT EXISTS shelf (item TEXT PRIMARY KEY, count INTEGER NOT NULL CHECK (count >= 0)) STRICT;
CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY) STRICT; -- the ids of the messages that were handled
-- ANCHOR_END: warehouse
INSERT INTO shelf (item, count) VALUES ('lamp', 5) ON CONFLICT DO NOTHING;
