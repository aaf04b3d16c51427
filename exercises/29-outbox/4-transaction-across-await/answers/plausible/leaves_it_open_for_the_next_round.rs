//! Begins by hand and forgets to end the transaction when the weight has changed: it is open while the carrier is asked again.
//~ fails with: a transaction is open while the carrier is asked: another connection cannot write
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            db.execute_batch("BEGIN IMMEDIATE")?;
            if weight(&db, order)? == grams {
                db.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&db, order, grams, cents)?;
                db.execute_batch("COMMIT")?;
                return Ok(());
            }
        }
    })
