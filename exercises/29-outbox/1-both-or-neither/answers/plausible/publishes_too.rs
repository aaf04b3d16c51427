//! The event is safe in the outbox, and is published here as well.
//~ fails with: publishing is the relay's work

        let event = order.placed();
        let tx = self.db.transaction()?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        tx.commit()?;
        self.broker.publish(&order.placed()).await?;
        Ok(())
