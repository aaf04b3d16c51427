//! The chapter's wrong version: the event of an order that may never exist.
//~ fails with: the broker is down, and place returned Err("the broker is down"): it must not need the broker

        self.broker.publish(&order.placed()).await?;
        self.db.execute("INSERT INTO orders (id, cents) VALUES (?1, ?2)", (order.id, order.cents))?;
        Ok(())
