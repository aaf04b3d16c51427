//! What borrows the connection is in a function that is not async, so it cannot be open at an await.
    fn try_to_ship(db: &mut Connection, order: i64, grams: i64, cents: i64) -> Result<bool, Failure> {
        let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if weight(&tx, order)? != grams {
            return Ok(false);
        }
        tx.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
        insert_event(&tx, order, grams, cents)?;
        tx.commit()?;
        Ok(true)
    }
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            if try_to_ship(&mut db, order, grams, cents)? {
                return Ok(());
            }
        }
    })
