//! In one transaction the order of the two makes no difference.

        let event = order.placed();
        let tx = self.db.transaction()?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.commit()?;
        Ok(())
