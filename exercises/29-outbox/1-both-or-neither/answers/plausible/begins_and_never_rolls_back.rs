//! When a statement fails, the transaction stays open.
//~ fails with: after a refused order, place returned Err("cannot start a transaction within a transaction") for a new one

        let event = order.placed();
        self.db.execute_batch("BEGIN")?;
        self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        self.db.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        self.db.execute_batch("COMMIT")?;
        Ok(())
