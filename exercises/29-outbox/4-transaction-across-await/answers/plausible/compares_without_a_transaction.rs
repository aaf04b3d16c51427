//! The check is part of the update, so it is not stale. But each statement is a transaction of its own.
//~ fails with: the process ended before commit 2, order 41 is shipped and has no event
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            let update = "UPDATE orders SET shipped = 1 WHERE id = ?1 AND grams = ?2 AND shipped = 0";
            if db.execute(update, (order, grams))? == 1 {
                insert_event(&db, order, grams, cents)?;
                return Ok(());
            }
        }
    })
