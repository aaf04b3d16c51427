//! Takes the lock of the only writer at once, as the chapter does.

        let event = order.placed();
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        tx.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        tx.execute("INSERT INTO outbox (id, body) VALUES (?1, ?2)", (event.id, event.body))?;
        Ok(tx.commit()?)
