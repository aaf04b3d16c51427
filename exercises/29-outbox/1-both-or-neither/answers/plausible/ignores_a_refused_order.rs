//! The order is refused, silently, and its event is written.
//~ fails with: place returned Ok for order 41, although there is an order 41

        let event = order.placed();
        let tx = self.db.transaction()?;
        tx.execute("INSERT OR IGNORE INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT OR IGNORE INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        tx.commit()?;
        Ok(())
