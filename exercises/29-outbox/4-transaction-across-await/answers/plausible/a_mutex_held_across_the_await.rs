//! With Tokio's `Mutex` the guard may be held across an await. The transaction may still not.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        let db = tokio::sync::Mutex::new(db);
        let mut db = db.lock().await;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = carrier.postage(grams).await?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
