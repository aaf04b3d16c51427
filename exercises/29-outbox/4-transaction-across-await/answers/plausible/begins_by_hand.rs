//! Without a value that borrows the connection, it compiles. The transaction is open across the await all the same.
//~ fails with: a transaction is open while the carrier is asked: another connection cannot write
    tokio::spawn(async move {
        db.execute_batch("BEGIN IMMEDIATE")?;
        let grams = weight(&db, order)?;
        db.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        let cents = carrier.postage(grams).await?;
        insert_event(&db, order, grams, cents)?;
        db.execute_batch("COMMIT")?;
        Ok(())
    })
