//! `commit` consumes the transaction. The compiler goes by the block in which `tx` was declared.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        tx.commit()?;
        let cents = carrier.postage(grams).await?;
        insert_event(&db, order, grams, cents)?;
        Ok(())
    })
