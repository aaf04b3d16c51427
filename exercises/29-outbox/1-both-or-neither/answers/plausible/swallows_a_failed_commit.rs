//! Reports an order that is not there.
//~ fails with: commit 1 failed, place returned Ok(()), and the order is not there

        let event = order.placed();
        let tx = self.db.transaction()?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        tx.commit().ok();
        Ok(())
