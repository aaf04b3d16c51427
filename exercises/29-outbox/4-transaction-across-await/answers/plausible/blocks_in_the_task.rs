//! A task must not call `block_on`.
//~ fails with: Cannot start a runtime from within a runtime
    tokio::spawn(async move {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = tokio::runtime::Handle::current().block_on(carrier.postage(grams))?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
