//! Blocks instead of awaiting. The transaction is open until the carrier has answered.
//~ fails with: a transaction is open while the carrier is asked: another connection cannot write
    tokio::task::spawn_blocking(move || {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = tokio::runtime::Handle::current().block_on(carrier.postage(grams))?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
