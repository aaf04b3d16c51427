//! What is half done is committed before the await: if the carrier fails or the task ends, the order has no event.
//~ fails with: while the carrier is asked about order 41, the order is marked as shipped
    tokio::spawn(async move {
        let grams = {
            let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let grams = weight(&tx, order)?;
            tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
            tx.commit()?;
            grams
        };
        let cents = carrier.postage(grams).await?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
