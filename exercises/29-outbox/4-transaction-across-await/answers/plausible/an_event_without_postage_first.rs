//! Commits both, and adds the postage later. By then the relay may have published the event.
//~ fails with: while the carrier is asked about order 41, the order is marked as shipped and the event is written
    tokio::spawn(async move {
        let grams = {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let grams = weight(&tx, order)?;
            tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
            insert_event(&tx, order, grams, 0)?;
            tx.commit()?;
            grams
        };
        let cents = carrier.postage(grams).await?;
        let (id, body) = (format!("order-{order}-shipped"), format!("{grams} g for {cents} cents"));
        db.execute("UPDATE outbox SET body = ?2 WHERE id = ?1", (id, body))?;
        Ok(())
    })
