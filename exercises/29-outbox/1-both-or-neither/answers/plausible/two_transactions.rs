//! Each statement outside a transaction is one of its own.
//~ fails with: the process ended before commit 2: the orders of ["order-41-placed"] are committed, and the outbox has []

        let event = order.placed();
        self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        self.db.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        Ok(())
