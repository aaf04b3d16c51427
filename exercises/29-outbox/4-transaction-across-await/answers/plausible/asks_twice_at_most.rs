//! The weight may change again while the carrier is asked for the second time.
//~ fails with: another connection changed order 41 to 880 g while the carrier was asked about 1210 g
    tokio::spawn(async move {
        let mut grams = weight(&db, order)?;
        let mut cents = carrier.postage(grams).await?;
        let now = weight(&db, order)?;
        if now != grams {
            grams = now;
            cents = carrier.postage(grams).await?;
        }
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(())
    })
