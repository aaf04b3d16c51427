//! Each transaction is one closure, on a thread that may be blocked. The connection goes there and comes back.
    tokio::spawn(async move {
        let mut grams = weight(&db, order)?;
        loop {
            let cents = carrier.postage(grams).await?;
            let transaction = tokio::task::spawn_blocking(move || -> Result<_, Failure> {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let now = weight(&tx, order)?;
                if now == grams {
                    tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                    insert_event(&tx, order, grams, cents)?;
                }
                tx.commit()?;
                Ok((db, now))
            });
            let (returned, now) = transaction.await??;
            if now == grams {
                return Ok(());
            }
            (db, grams) = (returned, now);
        }
    })
