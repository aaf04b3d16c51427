//! The same in the other order: an event without an order.
//~ fails with: the process ended before commit 2: the orders of [] are committed, and the outbox has ["order-41-placed"]

        let event = order.placed();
        self.db.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        Ok(())
