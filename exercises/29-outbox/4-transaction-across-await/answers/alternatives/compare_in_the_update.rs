//! The first statement of the transaction compares and writes.
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            let tx = db.transaction()?;
            let update = "UPDATE orders SET shipped = 1 WHERE id = ?1 AND grams = ?2 AND shipped = 0";
            if tx.execute(update, (order, grams))? == 1 {
                insert_event(&tx, order, grams, cents)?;
                return Ok(tx.commit()?);
            }
        }
    })
