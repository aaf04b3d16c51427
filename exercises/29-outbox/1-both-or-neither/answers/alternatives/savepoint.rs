//! A savepoint outside a transaction begins one.

        let event = order.placed();
        let tx = self.db.savepoint()?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        tx.commit()?;
        Ok(())
