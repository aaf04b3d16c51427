//! `spawn_local` does not ask for `Send`. It needs a `LocalSet`, and with one the transaction would be open all the same.
//~ fails with: called from outside of a `task::LocalSet`
    tokio::task::spawn_local(async move {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = carrier.postage(grams).await?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
