//! A transaction that is dropped is rolled back.
//~ fails with: place returned Ok for order 41, but it is not committed

        let event = order.placed();
        let tx = self.db.transaction()?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        Ok(())
