//! Between the check and `BEGIN` another process can still write.
//~ fails with: another connection changed order 41 to 1210 g just before the transaction began
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            if weight(&db, order)? == grams {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&tx, order, grams, cents)?;
                return Ok(tx.commit()?);
            }
        }
    })
