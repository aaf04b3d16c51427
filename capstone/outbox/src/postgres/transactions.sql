-- Which transaction wrote a row. Between two sweeps the relay takes only what had been committed before the first of them.

-- Not xmin: that is the subtransaction's, which no snapshot knows. Rows that are there already get this transaction's.
ALTER TABLE outbox ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id();
