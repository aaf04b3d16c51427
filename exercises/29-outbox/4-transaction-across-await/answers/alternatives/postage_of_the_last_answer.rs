//! Begins with the transaction, and leaves it to ask when it has no postage for the weight that it finds.
    tokio::spawn(async move {
        let mut answer = None;
        loop {
            let grams = {
                let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let now = weight(&tx, order)?;
                if let Some((grams, cents)) = answer
                    && grams == now
                {
                    tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                    insert_event(&tx, order, grams, cents)?;
                    tx.commit()?;
                    return Ok(());
                }
                now
            };
            answer = Some((grams, carrier.postage(grams).await?));
        }
    })
