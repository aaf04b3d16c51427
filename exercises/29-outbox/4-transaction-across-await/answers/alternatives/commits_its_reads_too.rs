//! Reads the weight in a transaction of its own, which ends before the await.
    tokio::spawn(async move {
        loop {
            let grams = {
                let tx = db.transaction()?;
                let grams = weight(&tx, order)?;
                tx.commit()?;
                grams
            };
            let cents = carrier.postage(grams).await?;
            let tx = db.transaction()?;
            let unchanged = weight(&tx, order)? == grams;
            if unchanged {
                tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&tx, order, grams, cents)?;
            }
            tx.commit()?;
            if unchanged {
                return Ok(());
            }
        }
    })
