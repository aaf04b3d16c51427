//! A deferred transaction takes no lock to write yet. But it has read, so no other connection can commit.
//~ fails with: a transaction is open while the carrier is asked: another connection cannot write
    tokio::spawn(async move {
        db.execute_batch("BEGIN")?;
        let grams = weight(&db, order)?;
        let cents = carrier.postage(grams).await?;
        db.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&db, order, grams, cents)?;
        db.execute_batch("COMMIT")?;
        Ok(())
    })
