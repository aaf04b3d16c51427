//! Begins and ends the transaction itself, with no await in between, and rolls back unless it commits.
    tokio::spawn(async move {
        loop {
            let grams = weight(&db, order)?;
            let cents = carrier.postage(grams).await?;
            db.execute_batch("BEGIN IMMEDIATE")?;
            let shipping = (|| {
                if weight(&db, order)? != grams {
                    return Ok::<_, Failure>(false);
                }
                db.execute("UPDATE orders SET shipped = 1 WHERE id = ?1", [order])?;
                insert_event(&db, order, grams, cents)?;
                db.execute_batch("COMMIT")?;
                Ok(true)
            })();
            if !db.is_autocommit() {
                db.execute_batch("ROLLBACK")?;
            }
            if shipping? {
                return Ok(());
            }
        }
    })
