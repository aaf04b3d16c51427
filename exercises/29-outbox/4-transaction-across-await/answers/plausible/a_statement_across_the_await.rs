//! A prepared statement borrows the connection too.
//~ does not compile: future cannot be sent between threads safely
    tokio::spawn(async move {
        let mut select = db.prepare("SELECT grams FROM orders WHERE id = ?1 AND shipped = 0")?;
        let grams = select.query_row([order], |row| row.get(0))?;
        let cents = carrier.postage(grams).await?;
        drop(select);
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
