//! The transaction runs where blocking is allowed, and nobody looks at what became of it.
//~ fails with: commit 1 failed, ship returned Ok(()), and the event is not there
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            if weight(&db, order)? == grams {
                tokio::task::spawn_blocking(move || -> Result<(), Failure> {
                    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                    tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                    insert_event(&tx, order, grams, cents)?;
                    Ok(tx.commit()?)
                });
                return Ok(());
            }
        }
    })
