//! Begins and ends the transaction itself, and rolls back when a statement fails.

        let event = order.placed();
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let both = (|| {
            self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
            self.db.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
            self.db.execute_batch("COMMIT")
        })();
        if both.is_err() && !self.db.is_autocommit() {
            self.db.execute_batch("ROLLBACK")?;
        }
        Ok(both?)
