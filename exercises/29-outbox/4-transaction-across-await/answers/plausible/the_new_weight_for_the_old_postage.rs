//! Reads the weight again, and writes it with the postage for another one.
//~ fails with: another connection changed order 41 to 1210 g while the carrier was asked about 730 g
    tokio::spawn(async move {
        let cents = carrier.postage(weight(&db, order)?).await?;
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let grams = weight(&tx, order)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
