-- Rows are named by number and message: a number may come a second time. And what is due is found by its time.

ALTER TABLE outbox_trouble ADD COLUMN head_id BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
UPDATE outbox_trouble SET head_id = coalesce((SELECT id FROM outbox WHERE seq = head_seq), head_id);
CREATE INDEX outbox_trouble_due ON outbox_trouble (retry_ms) WHERE retry_ms IS NOT NULL;

ALTER TABLE outbox_started ADD COLUMN id BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
UPDATE outbox_started SET id = coalesce((SELECT id FROM outbox WHERE outbox.seq = outbox_started.seq), id);
