//! An `Arc` is `Send` only if what is in it is `Sync`, and a connection is not.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        let db = std::sync::Arc::new(db);
        let tx = db.unchecked_transaction()?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = carrier.postage(grams).await?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
