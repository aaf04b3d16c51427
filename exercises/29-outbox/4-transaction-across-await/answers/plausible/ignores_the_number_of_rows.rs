//! The condition protects the order. The event is written even if no order was changed.
//~ fails with: another connection changed order 41 to 1210 g while the carrier was asked about 730 g
    tokio::spawn(async move {
        let grams = weight(&db, order)?;
        let cents = carrier.postage(grams).await?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1 AND grams = ?2", (order, grams))?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
