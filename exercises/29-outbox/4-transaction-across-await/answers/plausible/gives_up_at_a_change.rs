//! Notices the change, and leaves it to the caller.
//~ fails with: another connection changed order 41 to 1210 g while the carrier was asked about 730 g
    tokio::spawn(async move {
        let grams = weight(&db, order)?;
        let cents = carrier.postage(grams).await?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if weight(&tx, order)? != grams {
            return Err("the weight has changed".into());
        }
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
