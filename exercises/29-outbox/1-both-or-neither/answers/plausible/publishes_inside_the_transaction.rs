//! Looks like one transaction, but the broker does not take part in it.
//~ fails with: the future of place was dropped after 41 ms: the orders of ["order-41-placed"] are committed, and the outbox has []

        let tx = self.db.transaction()?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        self.broker.publish(&order.placed()).await?;
        tx.commit()?;
        Ok(())
